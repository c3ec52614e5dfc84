"""Reports: every start once, money by name, and what nobody knows apart from the sum."""

from __future__ import annotations

import pytest

from swarmctl.app.costs import By, Costs, costs, costs_of, left, since_of
from swarmctl.core import events as e
from swarmctl.core.config import AgentBudget
from swarmctl.core.errors import UsageFault
from swarmctl.core.facts import Facts
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.money import Hold, Tokens, Use
from tests.fakes.store import MemoryLog

NOW = 1_795_266_400.0
RUN, TASK = RunId("r"), TaskId("t")


def told() -> Facts:
    """Two starts of claude on two models, one of codex without a price, one on a plan, one silent, one open."""
    log = MemoryLog(lambda: NOW)
    log.append(
        e.RunSubmitted(RUN, waits=True, lands="no", target="main"), e.TaskAdded(TASK, RUN, 1, "T", "p", "claude")
    )
    sonnet, haiku = (
        Use("sonnet", Tokens(10, 1, 2, 3), 500, priced="claude"),
        Use("haiku", Tokens(5), 50, priced="claude"),
    )
    starts: list[tuple[str, tuple[Use, ...], str]] = [
        ("claude", (sonnet, haiku), "actual"),
        ("claude", (sonnet,), "actual"),
        ("codex", (Use("scripted", Tokens(7)),), "actual"),
        ("gemini", (Use("flash", Tokens(9), plan=True),), "actual"),
        ("claude", (), "unknown"),
        ("claude", (), "unused"),
        ("claude", (Use("sonnet", Tokens(1), 100, priced="claude"),), "open"),
    ]
    for number, (agent, uses, how) in enumerate(starts):
        session, name = SessionId("s"), f"s.{number}"
        holds = (Hold("day:2026-11-21"), Hold("project"), Hold("task:t"), Hold("run:r"))
        log.append(e.Reserved(session, name, TASK, RUN, number, agent, "", "2026-11-21", 1000, False, holds, NOW))
        log.append(e.Used(session, name, uses))
        if how != "open":
            log.append(e.Settled(session, name, how))  # type: ignore[arg-type]
    return log.facts


@pytest.mark.parametrize("by", ["agent", "model", "task", "day"])
def test_every_way_to_add_up_has_the_same_total(by: By) -> None:
    found = costs(told(), by)
    total = found.total
    assert (total.starts, total.micros, total.unsaid, total.reserved) == (6, 1150, 1, 900)
    assert (total.plan, total.unknown) == (Tokens(9), Tokens(7))
    assert total.tokens == Tokens(42, 2, 4, 6)
    assert sum(line.micros for line in found.lines) == total.micros
    assert found.sources == ("claude",)


def names(found: Costs) -> dict[str, int]:
    return {line.name: line.micros for line in found.lines}


def test_lines_are_by_name_with_the_dearest_first() -> None:
    assert names(costs(told(), "agent")) == {"claude": 1150, "codex": 0, "gemini": 0}
    assert next(iter(names(costs(told(), "model")))) == "sonnet"
    assert "?" in names(costs(told(), "model"))
    assert names(costs(told(), "task")) == {"t": 1150}
    assert names(costs(told(), "day")) == {"2026-11-21": 1150}
    assert costs_of(told(), SessionId("s")).total.starts == 6


def test_since_leaves_out_what_began_before() -> None:
    assert costs(told(), "agent", NOW).total.starts == 6
    assert costs(told(), "agent", NOW + 1).lines == ()
    assert since_of("7d", NOW) == NOW - 7 * 86400
    assert since_of("", NOW) == 0.0
    assert NOW - 86400 <= since_of("today", NOW) <= NOW
    for wrong in ("yesterday-ish", "999999999d", "d", "2026-13-01"):
        with pytest.raises(UsageFault, match="is no time"):
            since_of(wrong, NOW)


def test_what_is_left_counts_the_unknown_as_reserved() -> None:
    found = {each.scope: each for each in left(told(), AgentBudget(run_usd=0.01), NOW)}
    run = found["run:r"]
    assert (run.used, run.reserved, run.cap, run.left) == (500 + 50 + 500 + 1000 + 1000 + 100, 900, 10_000, 5_950)
    assert found["project"].left is None
    assert "task:t" in found
