"""Who waits for which provider, and until when, in words. Imports nothing of weight: `ps` asks here too."""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swarmctl.core.limits import Limit
    from swarmctl.core.machine import Facts
    from swarmctl.core.session import Session
    from swarmctl.core.task import Task

SOON_S = 600.0
FAR_S = 72000.0
LATEST = 1e11


def waits_words(account: str, until: float, said: bool, by: str, now: float) -> str:
    provider = account.partition("#")[0]
    if until <= now:
        return f"waits for its turn with {provider}"
    source = f"said by {by}" if said else f"a guess: {by} did not hear until when"
    return f"waits for {provider} until {clock(until, now)} ({source})"


def clock(until: float, now: float) -> str:
    if not 0 < until < LATEST:
        return "no time that a clock shows"
    left = until - now
    form = "%H:%M:%S" if left < SOON_S else "%H:%M" if left < FAR_S else "%b %d %H:%M"
    return time.strftime(form, time.localtime(until))


def waits_of_row(row: "dict[str, str | int | float | None]", now: float) -> str:
    """Of a row of `swarm_tasks`; empty when it waits for no provider."""
    account, until = row.get("waits_for"), row.get("waits_until")
    if not account or until is None or row["outcome"] is not None:
        return ""
    return waits_words(str(account), float(until), bool(row["waits_said"]), str(row["waits_by"]), now)


def waits_of(facts: "Facts", task: "Task", session: "Session | None") -> str:
    """The same from the facts."""
    from swarmctl.core.limits import ANYWAY

    limited = session is not None and session.stage.value == "limited"
    account = session.talk.account if session is not None and limited else task.waits_for if session is None else ""
    if account in ("", ANYWAY) or task.outcome is not None:
        return ""
    tries = next((s.id for s in list(facts.live.values()) if s.retries and s.talk.account == account), "")
    if tries:
        return f"waits for {account.partition('#')[0]}, which {tries} tries again by itself"
    limit: Limit | None = facts.limits.get(account)
    return words_of(limit, time.time()) if limit else f"waits for {account.partition('#')[0]}"


def words_of(limit: "Limit", now: float) -> str:
    return waits_words(limit.account, limit.until, limit.said, limit.session, now)
