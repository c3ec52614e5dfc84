"""Contests as commands and as they are shown: who stands where and why, what is gated when asked, what pick does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.app.contests import Ranking, contest_of, uneven
from swarmctl.core import events as e
from swarmctl.core.config import GateSpec, MergeSettings
from swarmctl.core.errors import UsageFault
from swarmctl.core.gate import Staged
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import ask, refused
from tests.fakes.desk import PLACES, World
from tests.fakes.gating import Bench, world_with
from tests.fakes.git import Files
from tests.fakes.processes import PASSED

ENV = {"PATH": "/bin"}
RED = replace(PASSED, rc=1, tail="1 failed\n")


def gated() -> tuple[World, Bench]:
    world, bench = world_with(GateSpec("tests", "run-tests"))
    bench.does["run-tests"] = lambda files: RED if "bad" in files else PASSED
    return world, bench


def asked(world: World, count: int, **args: object) -> list[SessionId]:
    """A contest of so many, all at work."""
    tasks = [{"key": f"a/{n}", "prompt": "do it", "agent": "fake", "contest": "a"} for n in range(count)]
    given = {"run": "r", "tasks": tasks, "env": ENV, "waits": True, "lands": "waited", **args}
    answer = ask(world, "run", **given)
    assert {task["contest"] for task in answer["tasks"]} == set(world.facts.contests)
    world.max_running = count
    world.go()
    return [world.current(task["id"]) for task in answer["tasks"]]


def done(world: World, *work: Files | None) -> list[SessionId]:
    """None: its agent fails."""
    names = asked(world, len(work))
    for name, files in zip(names, work, strict=True):
        world.works(name, files or {}, Exit(0) if files is not None else Exit(3))
    world.go()
    return names


def shown(found: Ranking) -> list[tuple[str, int, str]]:
    return [(entry.name, entry.rank, entry.reason) for entry in found.entries]


def test_entries_stand_by_their_evidence_and_those_without_come_last_with_a_reason() -> None:
    world, _ = gated()
    large, bad, small, idle, broken = done(world, {"a": b"1\n2\n"}, {"bad": b"x\n"}, {"a": b"1\n"}, {}, None)

    found = contest_of(world.facts)

    assert shown(found) == [
        (small, 1, ""),
        (large, 2, ""),
        (bad, 3, "tests: exit code 1: 1 failed"),
        (idle, 4, "no_work: the agent ended and changed nothing"),
        (broken, 4, "failed: the agent ended with code 3; its work is kept"),
    ]
    assert found.best is not None
    assert (found.best.name, found.base, found.target, found.title) == (small, world.tip(), "main", "do it")
    assert not any(entry.tied for entry in found.entries)


def test_what_is_under_way_says_how_far_it_is() -> None:
    world, _ = gated()
    one, two = asked(world, 2)
    world.works(one, {"a": b"1\n"})
    world.go(Kind.REHEARSE)

    found = contest_of(world.facts, now=world.clock.time + 5)

    assert {(entry.name, entry.reason) for entry in found.entries} == {(one, "waits for its gates"), (two, "running")}
    assert found.best is None
    world.log.append(e.RehearsalBegun(one, staged(world, one)))
    assert {entry.reason for entry in contest_of(world.facts).entries} == {"is being gated", "running"}


def staged(world: World, name: SessionId) -> Staged:
    result = world.integration.stage(world.tip(), world.session(name).head, "squash", "x\n", 1.0)
    assert isinstance(result, Staged)
    return result


def test_a_name_of_any_entry_leads_to_all_of_them_and_several_names_need_one_base() -> None:
    world, _ = gated()
    one, two = done(world, {"a": b"1\n"}, {"a": b"2\n"})
    alone = world.ready("alone", {"o": b"o\n"})
    contest = next(iter(world.facts.contests))
    for name in (one, two, contest, world.session(two).task, world.session(one).branch):
        assert contest_of(world.facts, [name]).id == contest
    with pytest.raises(UsageFault, match="not one of several attempts"):
        contest_of(world.facts, [alone])

    named = contest_of(world.facts, [alone, one])
    assert (named.id, {entry.name for entry in named.entries}) == ("", {alone, one})
    world.push({"new": b"n\n"})
    later = world.ready("later", {"l": b"l\n"})
    with pytest.raises(UsageFault, match="do not begin at one commit"):
        contest_of(world.facts, [later, one])


def test_without_a_contest_there_is_nothing_to_compare() -> None:
    with pytest.raises(UsageFault, match="no contest yet"):
        contest_of(World().facts)


def test_paths_that_all_change_are_not_told() -> None:
    one, two, three = SessionId("1"), SessionId("2"), SessionId("3")

    assert uneven({one: ("a", "b"), two: ("a",), three: ("a", "b", "c")}) == {"b": (one, three), "c": (three,)}


# --- the gates, when asked --------------------------------------------------------------------------------------------


def test_only_what_the_gates_did_not_say_of_this_target_is_asked_again() -> None:
    world, _ = gated()
    one, two, _ = done(world, {"a": b"1\n"}, {"bad": b"x\n"}, None)
    assert ask(world, "rehearse", ids=[one])["asked"] == []

    world.push({"new": b"by the user\n"})
    assert set(ask(world, "rehearse", ids=[one])["asked"]) == {one, two}
    world.go()
    assert contest_of(world.facts).bases == {world.tip()}
    assert ask(world, "rehearse", ids=[])["asked"] == []


def test_work_that_waits_for_approval_is_gated_once_somebody_approved_it() -> None:
    world, bench = world_with(GateSpec("tests", "run-tests", protects=("guarded",)), files={"guarded": b"g"})
    (one, _) = done(world, {"guarded": b"mine\n"}, {"a": b"a\n"})
    assert world.session(one).outcome is Outcome.BLOCKED

    ask(world, "approve", id=one)
    assert ask(world, "rehearse", ids=[one])["asked"] == [one]
    world.go()
    assert world.facts.rehearsals[one].is_green
    assert contest_of(world.facts).entries[1].name == one
    assert bench.commands == ["run-tests", "run-tests"]


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_a_stop_ends_the_gates_of_one_entry_and_its_task_ends_ready() -> None:
    world, _ = gated()
    one, two = asked(world, 2)
    world.works(one, {"a": b"1\n"})
    world.go(Kind.REHEARSE)
    world.log.append(e.RehearsalBegun(one, staged(world, one)))

    assert ask(world, "stop", id=one)["stopped"] == [one]
    assert world.cancelled == [PLACES.integration("main")]
    world.go()
    assert world.task_of(one).outcome is Outcome.READY
    assert {entry.reason for entry in contest_of(world.facts).entries} == {"not gated: stopped", "running"}
    assert world.session(two).stage is Stage.RUNNING


def test_whoever_leaves_ends_the_gates_as_well() -> None:
    world, _ = gated()
    (one, _) = asked(world, 2)
    world.works(one, {"a": b"1\n"})
    world.go(Kind.REHEARSE)

    ask(world, "leave", run="r")

    assert world.facts.rehearsals[one].stage == "left"
    assert world.cancelled == [], "none of them ran yet"


# --- pick -------------------------------------------------------------------------------------------------------------


def test_a_pick_is_a_landing_that_knows_its_contest() -> None:
    world, _ = gated()
    one, two = done(world, {"a": b"1\n"}, {"a": b"2\n3\n"})

    answer = ask(world, "pick", id=two)
    world.go()

    assert answer["session"] == two
    contest = world.facts.contests[answer["contest"]]
    assert (contest.picked, contest.aside) == (two, (one,))
    found = contest_of(world.facts)
    assert found.decided
    assert found.best is None
    assert {entry.name: entry.reason for entry in found.entries} == {
        one: f"{two} was picked",
        two: f"landed as {world.session(two).landed[:10]}",
    }
    again, other = (refused(world, "pick", id=name) for name in (two, one))
    assert again.message == other.message == f"{two} was picked already, and landed"
    assert other.hint == f"swarmctl merge {one} lands this one as well"


def test_while_one_is_about_to_land_no_other_is_picked() -> None:
    world, _ = gated()
    one, two = done(world, {"a": b"1\n"}, {"a": b"2\n3\n"})
    ask(world, "pick", id=one)

    fault = refused(world, "pick", id=two)

    assert (fault.message, fault.hint) == (f"{one} was picked already, and is about to land", f"swarmctl stop {one}")
    world.go()
    assert (world.session(one).stage, world.session(two).place) == (Stage.LANDED, "trashed")


def test_only_an_entry_can_be_picked() -> None:
    world, _ = gated()
    alone = world.ready("alone", {"o": b"o\n"})

    fault = refused(world, "pick", id=alone)

    assert (fault.message, fault.hint) == (
        f"{alone} is not one of several attempts at a task",
        f"swarmctl merge {alone} lands it",
    )


def test_a_merge_leaves_the_others_alone_until_somebody_picks() -> None:
    world, _ = gated()
    one, two = done(world, {"a": b"1\n"}, {"b": b"2\n"})
    ask(world, "merge", id=one)
    world.go()
    assert (world.session(one).stage, world.session(two).stage) == (Stage.LANDED, Stage.READY)

    ask(world, "pick", id=one)
    world.go()
    assert world.session(two).place == "trashed"


@pytest.mark.parametrize("lands", ["waited", "if_auto"])
def test_no_waiting_lets_an_entry_land(lands: str) -> None:
    world, _ = gated()
    world.settings = replace(world.settings, merge=MergeSettings(auto=lands == "if_auto"))
    one, two = asked(world, 2, lands=lands)
    task = world.session(one).task
    ask(world, "join", run="r", task=task, env=ENV, waits=True)
    world.works(one, {"a": b"1\n"})
    world.works(two, {}, Exit(3))
    world.go()
    ask(world, "resume", id=two, env=ENV, waits=True)
    world.go()
    world.works(two, {"b": b"1\n"})
    world.go()

    assert [world.session(name).stage for name in (one, two)] == [Stage.READY, Stage.READY]
    assert not world.facts.landings


def test_whoever_comes_back_to_a_contest_finds_its_outcomes_as_they_were() -> None:
    world, _ = gated()
    done(world, {"a": b"1\n"}, {"b": b"2\n"})

    ask(world, "join", run="r", env=ENV, waits=True)

    assert world.outcomes() == [Outcome.READY, Outcome.READY]
