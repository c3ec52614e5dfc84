"""Money in the engine: reserved before a start, settled after it, and what follows when there is none left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.agent import Profile
from swarmctl.core.config import AgentBudget, Settings
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.money import Entry, Tokens, Use, entry_id
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.core.usage import UsageRules
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import FakeAgents, World


class Paid(FakeAgents):
    """Agents whose calls cost money."""

    def profile(self, name: str) -> Profile:
        return replace(super().profile(name), usage=UsageRules())


def world(**usd: float) -> World:
    made = World(settings=Settings(budget_agents=AgentBudget(**usd)))
    made.agents = Paid()
    made.restart()
    return made


def says(world: World, name: SessionId, micros: int | None) -> None:
    world.said[entry_id(name, world.session(name).attempt)] = (Use("m", Tokens(7), micros),)


def entries(world: World) -> list[Entry]:
    return list(world.facts.entries.values())


def test_a_start_is_reserved_before_it_is_intended_and_settled_before_it_is_judged() -> None:
    money = world()
    name = money.running()
    says(money, name, 5)
    money.works(name, {"a": b"a\n"})
    money.go()
    kinds = [type(event) for event in money.events]
    order = (e.Reserved, e.LaunchIntended, e.SessionStarted, e.SessionEnded, e.Used, e.Settled, e.SessionReady)
    assert [kind for kind in kinds if kind in order] == list(order)
    assert [(entry.how, entry.charge) for entry in entries(money)] == [("actual", 5)]
    assert money.outcomes() == [Outcome.LANDED]


def test_a_session_that_reaches_its_cap_is_kept_with_its_work_and_may_be_landed() -> None:
    money = world(task_usd=1)
    name = money.running()
    says(money, name, 1_200_000)
    money.works(name, {"a": b"a\n"})
    money.go()
    session = money.session(name)
    assert (session.stage, session.outcome) == (Stage.KEPT, Outcome.BUDGET)
    assert "used $1.20 of $1.00" in session.reason
    assert money.outcomes() == [Outcome.BUDGET]
    assert [event.percent for event in money.events if isinstance(event, e.CapNeared)] == [100]
    assert session.head


def test_starts_that_do_not_fit_together_wait_for_one_another_and_all_come_to_an_end() -> None:
    money = world(day_usd=1.5)
    money.submit("one", "two", "three")
    money.go()
    assert len(money.machine.agents) == 1
    while running := [s.id for s in money.facts.sessions.values() if s.stage is Stage.RUNNING]:
        says(money, running[0], 100_000)
        money.works(running[0], {str(running[0]): b"work\n"})
        money.go()
    assert money.outcomes() == [Outcome.LANDED] * 3
    assert money.facts.purses["day:2026-11-21"].spent == 300_000


def test_what_can_never_be_paid_for_is_refused_and_nothing_starts() -> None:
    money = world(run_usd=0)
    (task,) = money.submit("one")
    money.go()
    assert money.machine.agents == {}
    assert money.outcomes() == [Outcome.BUDGET]
    assert "swarmctl budget" in money.facts.tasks[task].reason


@pytest.mark.parametrize("events", range(1, 5))
@pytest.mark.parametrize("mid_effect", [True, False])
def test_a_kill_at_any_event_of_a_start_reserves_once(events: int, mid_effect: bool) -> None:
    money = world(task_usd=1)
    (task,) = money.submit("one")
    (step,) = money.go(Kind.LAUNCH)
    money.take(step, until=events, mid_effect=mid_effect)
    envs = money.shop.envs
    money.restart()
    money.shop.envs.update(envs)
    money.go()
    assert [entry.how for entry in entries(money)] == ["open"]
    assert money.facts.purses[f"task:{task}"].held == 1_000_000
    assert len(money.machine.agents) == 1


@pytest.mark.parametrize("events", range(1, 6))
@pytest.mark.parametrize("mid_effect", [True, False])
def test_a_kill_at_any_event_of_a_settlement_counts_once(events: int, mid_effect: bool) -> None:
    money = world(task_usd=1)
    name = money.running()
    says(money, name, 900_000)
    money.works(name, {"a": b"a\n"})
    (step,) = money.go(Kind.SETTLE)
    money.take(step, until=events, mid_effect=mid_effect)
    envs = money.shop.envs
    money.restart()
    money.shop.envs.update(envs)
    money.go()
    assert [(entry.how, entry.charge) for entry in entries(money)] == [("actual", 900_000)]
    assert money.facts.purses["project"].spent == 900_000
    assert [event.percent for event in money.events if isinstance(event, e.CapNeared)] == [80]


def test_a_start_that_was_abandoned_gives_its_money_back() -> None:
    money = world(task_usd=1)
    (task,) = money.submit("one")
    (step,) = money.go(Kind.LAUNCH)
    money.take(step, until=1, mid_effect=False)
    money.restart()
    money.go()
    assert money.facts.tasks[TaskId(task)].outcome is Outcome.INTERRUPTED
    money.drive(money.till.look_around(money.facts))
    assert money.facts.purses["project"].charged == 0
