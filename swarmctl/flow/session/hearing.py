"""What an agent's own events and the lines of its transcript say, by the rules of its definition.

Pure; what it cannot read it passes over.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from swarmctl.core.agent import EventRule, Profile, TranscriptRules, Turn
from swarmctl.core.evidence import Evidence, Source
from swarmctl.core.fields import fields_of, look_up
from swarmctl.core.limits import LimitRule
from swarmctl.core.session import State
from swarmctl.core.values import dataclass
from swarmctl.flow.session.limiting import Met, met_by
from swarmctl.flow.session.resets import moment_of

LONGEST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Heard:
    evidence: Evidence | None = None
    turn: Turn = ""
    ask: bool = False
    """The agent waits for an answer."""
    said: str = ""
    conversation: str = ""
    """The agent's own id of the conversation, when the event names it."""
    request: str = ""
    """The name of the question, when the event names it."""
    limit: Met | None = None
    """The turn failed because its provider takes no more for now."""


PLAIN_WORDS = (
    EventRule("working", state=State.WORKING, turn="begins"),
    EventRule("blocked", state=State.BLOCKED),
    EventRule("idle", state=State.IDLE),
    EventRule("rate_limited", state=State.RATE_LIMITED),
    EventRule("done", state=State.IDLE, turn="ends"),
    EventRule("failed", state=State.IDLE, turn="fails"),
    EventRule("limited", state=State.RATE_LIMITED, turn="fails"),
    EventRule("ask", state=State.BLOCKED, kind="permission", ask=True),
)
"""What any agent's hook may say by `swarmctl-hook`, without a rule of its definition."""


def hear(profile: Profile | None, event: str, payload: str, at: float, text: str = "") -> Heard:
    fields = fields_of(payload)
    rules = (*profile.events, *PLAIN_WORDS) if profile else PLAIN_WORDS
    paths = profile.conversation if profile else ()
    conversation = next((found for path in paths if (found := _words(fields, path))), "")
    rule = next((rule for rule in rules if _fits(rule, event, fields)), None)
    if rule is None:
        return Heard(conversation=conversation)
    words = text or _words(fields, rule.said)
    said = one_line(words)
    evidence = _evidence(rule, Source.HOOK, fields, at, said or rule.why or event)
    evidence, limit = _limited(rule, evidence, profile.limits if profile else (), words, at)
    return Heard(evidence, rule.turn, rule.ask, said, conversation, _words(fields, rule.request), limit)


def read(
    rules: TranscriptRules, fields: dict[str, Any], now: float, limits: tuple[LimitRule, ...] = ()
) -> Heard | None:
    """What one line of a transcript says, dated by itself."""
    rule = next((rule for rule in rules.lines if _fits(rule, str(fields.get("type")), fields)), None)
    if rule is None:
        return None
    at = min(now, moment_of(look_up(fields, rules.written), now) or now)
    words = _words(fields, rule.said)
    said = one_line(words)
    evidence = _evidence(rule, Source.TRANSCRIPT, fields, at, said or rule.why or rule.event)
    evidence, limit = _limited(rule, evidence, limits, words, at)
    return Heard(evidence, rule.turn, said=said, limit=limit)


def _limited(
    rule: EventRule, evidence: Evidence | None, limits: tuple[LimitRule, ...], words: str, at: float
) -> tuple[Evidence | None, Met | None]:
    limit = met_by(limits, evidence, words, at) if rule.turn == "fails" else None
    if limit is not None and evidence is not None:
        evidence = replace(evidence, state=State.RATE_LIMITED, kind=limit.kind, until=limit.until)
    return evidence, limit


def _evidence(rule: EventRule, source: Source, fields: dict[str, Any], at: float, why: str) -> Evidence | None:
    if rule.state is None:
        return None
    return Evidence(
        source=source,
        at=at,
        state=rule.state,
        kind=rule.kind,
        until=moment_of(look_up(fields, rule.until), at) if rule.until else None,
        why=why,
        begins=rule.turn == "begins",
        ends=rule.turn in ("ends", "fails"),
    )


def one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"


def _fits(rule: EventRule, event: str, fields: dict[str, Any]) -> bool:
    if rule.event != event:
        return False
    return all(re.search(pattern, _plain(look_up(fields, path))) for path, pattern in rule.when.items())


def _words(fields: dict[str, Any], path: str) -> str:
    value = look_up(fields, path) if path else None
    return "" if value is None else _plain(value)


def _plain(value: Any) -> str:
    """As JSON has it: `true` and `null` too, so that rules can ask for them."""
    return value if isinstance(value, str) else json.dumps(value)
