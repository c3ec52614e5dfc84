"""What a person should be told, read off the facts as they stand: no two facts ever have the same key. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from swarmctl.core.attention import need_in
from swarmctl.core.config import Fact
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.listing import shortened
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session, Stage, State
from swarmctl.core.task import Task
from swarmctl.core.values import dataclass

FACT_OF: dict[str, Fact] = {"blocked": "blocked", "parked": "blocked", "ready": "ready", "budget": "budget"}
"""Of a need of `core.attention`; every other one is a bad end."""
LIMITED = "limited"
SHOWN = 5
"""Lines of one notification."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact; `about` and `key` together say whether it was told before."""

    about: str
    key: str
    fact: Fact
    words: str
    title: str
    why: str
    hint: str
    session: SessionId | None = None
    task: TaskId | None = None


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    text: str
    told: tuple[Told, ...]

    def plain(self, repository: str) -> dict[str, Any]:
        facts = [
            {"fact": t.fact, "session": t.session, "task": t.task, "title": t.title, "why": t.why, "hint": t.hint}
            for t in self.told
        ]
        plain = {"repository": repository, "title": self.title, "text": self.text, "facts": facts}
        return {"v": 1, "kind": "notification", **plain}

    def variables(self, repository: str) -> dict[str, str]:
        first = self.told[0]
        return {
            "SWARM_NEED": first.fact,
            "SWARM_SESSION": first.session or "",
            "SWARM_TITLE": self.title,
            "SWARM_TEXT": self.text,
            "SWARM_COUNT": str(len(self.told)),
            "SWARM_REPOSITORY": repository,
        }


def standing(facts: Facts, awaited: Collection[TaskId]) -> Iterator[Told]:
    """`awaited`: tasks that somebody waits for, without waiting for their run."""
    live = list(facts.live.values())
    for session in live:
        told = _of_session(session, facts, awaited)
        if told is not None:
            yield told
    active = [session for session in live if session.active]
    active += [session for session in live if session.stage is Stage.LIMITED]
    limited = [session for session in active if session.state is State.RATE_LIMITED]
    if limited and all(session.state in (State.RATE_LIMITED, State.BLOCKED) for session in active):
        since = min(session.state_since for session in limited)
        why = f"{len(limited)} of {len(active)} sessions wait for it, and nothing else works"
        yield Told(LIMITED, f"{since:.3f}", "limited", "rate limited", "the swarm", why, "swarmctl ps")


def _of_session(session: Session, facts: Facts, awaited: Collection[TaskId]) -> Told | None:
    task = facts.tasks[session.task]
    need = need_in(session, task)
    unseen = not facts.runs[session.run].waits and task.id not in awaited
    if need and (need != "ready" or (unseen and not session.asked_to_land)):
        hint = f"swarmctl {'answer' if session.talk.asked else 'show'} {session.id}"
        why = session.state_why if session.stage is Stage.RUNNING else session.reason or task.reason
        kind = f" ({session.state_kind})" if need == "blocked" and session.state_kind else ""
        return _told(session, task, FACT_OF.get(need, "failed"), f"{need}{kind}", (why, hint))
    if task.session != session.id or not unseen:
        return None
    if session.stage is Stage.LANDED and task.outcome is Outcome.LANDED:
        return _told(session, task, "landed", f"landed on {session.target}", ("", f"swarmctl show {session.id}"))
    if session.stage is Stage.EMPTY and task.outcome is Outcome.NO_WORK:
        return _told(session, task, "failed", "no work", (session.reason, f"swarmctl logs {session.id}"))
    return None


def _told(session: Session, task: Task, fact: Fact, words: str, why_and_hint: tuple[str, str]) -> Told:
    since = session.state_since if session.stage is Stage.RUNNING else task.finished_at or session.state_since
    key = f"{fact} {session.attempt} {since:.3f}"
    why, hint = why_and_hint
    return Told(session.id, key, fact, words, task.title, why, hint, session.id, task.id)


def message_of(told: Sequence[Told], shown: Callable[[Told, str], str]) -> Message:
    """One for all of them; `shown` makes words fit to be seen."""
    fit = tuple(
        Told(t.about, t.key, t.fact, t.words, shown(t, t.title), shown(t, t.why), t.hint, t.session, t.task)
        for t in told
    )
    if len(fit) == 1:
        one = fit[0]
        text = "\n".join(line for line in (one.why, one.hint) if line)
        return Message(f"{one.words}: {one.title}", text, fit)
    lines = shortened([f"{each.words}: {each.title}" for each in fit], SHOWN)
    kinds = {each.fact for each in fit}
    what = f"{len(fit)} sessions landed" if kinds == {"landed"} else f"{len(fit)} things need you"
    return Message(what, "\n".join([*lines, "swarmctl next"]), fit)
