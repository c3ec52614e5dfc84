"""Limits of providers: which account a session uses, what is known of the account's limit, and who may go when.

What one session hears holds for all that use the same account. After a limit one goes first; the others follow one by
one once that works. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Literal, Protocol
from urllib.parse import urlsplit

from swarmctl.core.ids import SessionId
from swarmctl.core.screen import doc
from swarmctl.core.values import dataclass

LimitKind = Literal["rate", "usage", "overloaded"]
"""Too many calls in a while; the plan's share is used up; the provider itself cannot serve."""
FIRST_S: Mapping[str, float] = {"rate": 60.0, "usage": 600.0, "overloaded": 30.0}
"""How long to wait when nobody says until when; twice as long each time that it was too short."""
LEAST_S = 1.0
"""The same for a time that was said and turned out too short."""
LONGEST_S = 1800.0
SURE_S = 20.0
"""The first that goes after a limit works when nothing limited it for so long."""
STUCK_S = 120.0
"""It is not waited for any longer."""
FOLLOW_S = 5.0
"""Between one that follows and the next."""
CALM_S = 300.0
"""So long after it worked again there are no turns any more."""
ANYWAY = "!"
"""In place of the account that a task waits for: a person let it go."""


@dataclass(frozen=True, slots=True)
class LimitRule:
    """Words by which an agent says that its provider takes no more; they end a turn that failed. The first counts."""

    match: str = field(metadata=doc("A regular expression; its group `until` is when the limit ends, in any form."))
    kind: LimitKind = field(default="rate", metadata=doc("Too many calls, a used-up plan, or a provider in trouble."))


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """Whose models the agent uses. The first that fits counts."""

    name: str = field(
        default="", metadata=doc("The provider, as people call it; none: what the model's name has before its slash.")
    )
    models: tuple[str, ...] = field(default=(), metadata=doc("Globs of model names for which it holds; none: for all."))
    when: tuple[str, ...] = field(default=(), metadata=doc("Variables of which one must be set."))
    url: tuple[str, ...] = field(
        default=(), metadata=doc("Variables with the base URL; its host is the provider when one is set.")
    )
    account: tuple[str, ...] = field(
        default=(), metadata=doc("Variables that tell accounts apart; the first that is set counts.")
    )


class Asks(Protocol):
    """What a definition says of providers."""

    @property
    def name(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def providers(self) -> Sequence[ProviderRule]: ...


def account_of(agent: Asks, model: str, environ: Mapping[str, str]) -> str:
    """`anthropic`, or `anthropic#1f2e3d` for an account of its own: whoever has the same shares its limit."""
    for rule in agent.providers:
        fits = not rule.models or any(fnmatchcase(model, each) for each in rule.models)
        if fits and (not rule.when or any(environ.get(name) for name in rule.when)):
            url = next((environ[name] for name in rule.url if environ.get(name)), "")
            named = next((environ[name] for name in rule.account if environ.get(name)), "")
            return _account(_host(url) or rule.name or model.partition("/")[0], named)
    return agent.provider or agent.name


def _host(url: str) -> str:
    """With its port; empty for what is no URL."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _account(provider: str, named: str) -> str:
    return f"{provider}#{hashlib.sha256(named.encode(errors='surrogateescape')).hexdigest()[:6]}" if named else provider


def provider_in(account: str) -> str:
    return account.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Limit:
    """The newest that is known of an account's limit."""

    account: str
    kind: str
    until: float
    said: bool
    """Its agent said until when; else it is a guess."""
    words: str
    session: SessionId
    """Whose word it is."""
    since: float
    strikes: int = 0
    """How often it was met again when it was thought to be over."""
    tried: SessionId | None = None
    """Who went last since then."""
    tried_at: float | None = None
    eased_at: float | None = None
    """When it worked again."""

    def is_over(self, now: float) -> bool:
        return now >= self.until

    def is_past(self, now: float) -> bool:
        """There are no turns any more."""
        return self.eased_at is not None and now >= self.eased_at + CALM_S


def met(before: Limit | None, new: Limit, until: float | None) -> Limit:
    """What is known after `new` was heard, which ends at `until`, if its agent said so."""
    at = new.since
    if before is not None and not before.is_over(at):
        return _of_both(before, new, until)
    again = before is not None and before.eased_at is None and at < before.until + LONGEST_S
    strikes = before.strikes + 1 if before is not None and again else 0
    least = LEAST_S if until is not None else FIRST_S.get(new.kind, FIRST_S["rate"])
    least = at + min(least * 2.0 ** min(strikes, 20), max(LONGEST_S, least))
    return Limit(
        account=new.account,
        kind=new.kind,
        until=max(least, until or 0.0),
        said=until is not None,
        words=new.words,
        session=new.session,
        since=at,
        strikes=strikes,
    )


def _of_both(before: Limit, new: Limit, until: float | None) -> Limit:
    """Another session met the same limit: a time that was said counts more than a guess, the later one more."""
    if until is None or (before.said and until <= before.until):
        return before
    last = max(until, new.since + LEAST_S)
    return Limit(new.account, new.kind, last, True, new.words, new.session, before.since, before.strikes)
