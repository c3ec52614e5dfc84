"""Entries of a contest: one base, gates without a landing, a pick that lands as ever, and the others put away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import GateSpec
from swarmctl.core.contest import Size
from swarmctl.core.gate import Verdict
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import World
from tests.fakes.gating import Bench, world_with
from tests.fakes.git import Files
from tests.fakes.processes import PASSED

RED = replace(PASSED, rc=1, tail="1 failed\n")
TESTS = GateSpec("tests", "run-tests")
LINT = GateSpec("lint", "run-lint")
WORK: tuple[Files, ...] = ({"a": b"one\n"}, {"a": b"two\nlines\n"}, {"bad": b"x\n"})


def contest(world: World, *work: Files, lands: str = "waited") -> list[SessionId]:
    """Entries whose agents did this, up to the rehearsals."""
    tasks = world.submit(*[f"t{n}" for n in range(len(work))], lands=lands, contest="c")  # type: ignore[arg-type]
    world.max_running = len(work)
    world.go(Kind.REHEARSE)
    names = [world.current(task) for task in tasks]
    for name, files in zip(names, work, strict=True):
        world.works(name, files)
    world.go(Kind.REHEARSE)
    return names


def gated() -> tuple[World, Bench]:
    world, bench = world_with(TESTS, LINT)
    bench.does["run-tests"] = lambda files: RED if "bad" in files else PASSED
    return world, bench


def pick(world: World, name: SessionId) -> None:
    world.log.append(e.TaskReopened(world.session(name).task), e.MergeAsked(name, "pick"), e.Picked(name))


def test_entries_begin_at_one_base_although_the_target_moves_between_them() -> None:
    world, _ = gated()
    world.max_running = 1
    first, second = world.submit("one", "two", contest="c")
    world.go(Kind.PROVISION)
    base = world.session(world.current(first)).base
    world.push({"new": b"by the user\n"})
    world.max_running = 2
    world.go(Kind.PROVISION)

    assert world.session(world.current(second)).base == base != world.tip()
    assert (world.facts.contests["c"].base, world.facts.contests["c"].base_name) == (base, "main")


def test_entries_of_a_contest_are_planned_one_after_the_other() -> None:
    world, _ = gated()
    world.submit("one", "two", contest="c")

    assert {step.contest for step in world.steps() if step.kind is Kind.PLAN} == {"c"}


@pytest.mark.parametrize("lands", ["waited", "auto", "no"])
def test_no_entry_lands_by_itself_and_each_is_gated_on_the_merged_tree(lands: str) -> None:
    world, bench = gated()
    before = world.tip()
    names = contest(world, *WORK, lands=lands)

    world.go()

    assert world.tip() == before
    assert not world.facts.landings
    assert [world.session(name).stage for name in names] == [Stage.READY, Stage.READY, Stage.KEPT]
    assert world.outcomes() == [Outcome.READY, Outcome.READY, Outcome.REFUSED]
    known = [world.facts.rehearsals[name] for name in names]
    assert [each.stage for each in known] == ["done"] * 3
    assert [each.size for each in known] == [Size(1, 1, 0), Size(1, 2, 0), Size(1, 1, 0)]
    assert [each.red for each in known] == [(), (), ("tests",)]
    assert [len(each.results) for each in known] == [2, 2, 2], "a red gate does not spare the others"
    assert [each.base for each in known] == [before] * 3
    assert bench.commands.count("run-lint") == 3
    assert not [ref for ref in world.repository.refs if "rehearsal" in ref]


def test_the_tasks_wait_for_the_gates_before_they_have_an_outcome() -> None:
    world, _ = gated()
    contest(world, *WORK)

    assert world.outcomes() == [None, None, None]
    assert [step.kind for step in world.steps()] == [Kind.REHEARSE]


def test_a_conflict_and_a_change_of_the_gates_are_told_without_running_a_gate() -> None:
    world, bench = world_with(
        GateSpec("tests", "run-tests", protects=("guarded",)), files={"a": b"0\n", "guarded": b"g"}
    )
    names = contest(world, {"a": b"mine\n"}, {"guarded": b"mine\n"})
    world.push({"a": b"by the user\n"})

    world.go()

    assert world.outcomes() == [Outcome.CONFLICT, Outcome.BLOCKED]
    assert bench.commands == []
    assert not any(world.facts.rehearsals[name].was_gated for name in names)
    assert f"approve {names[1]}" in world.facts.rehearsals[names[1]].reason


def test_the_pick_lands_through_the_queue_and_the_others_are_put_away_with_their_heads() -> None:
    world, bench = gated()
    one, two, three = contest(world, *WORK)
    world.go()
    ran = bench.commands.count("run-tests")
    heads = {name: world.session(name).head for name in (two, three)}

    pick(world, one)
    world.go()

    assert world.main()["a"] == b"one\n"
    assert world.facts.landings[one].proof.kind == "gated"
    assert bench.commands.count("run-tests") == ran + 1, "it is gated again on the tree that lands"
    assert world.facts.contests["c"].aside == (two, three)
    assert world.outcomes() == [Outcome.LANDED, Outcome.READY, Outcome.REFUSED]
    for name in (two, three):
        session = world.session(name)
        assert (session.stage, session.place) == (Stage.KEPT, "trashed")
        assert world.task_of(name).reason.startswith(f"{one} was picked")
        assert world.repository.refs[f"refs/swarm/kept/{name}"] == heads[name]
        assert f"refs/heads/{session.branch}" not in world.repository.refs


def test_a_pick_that_its_gates_refuse_changes_nothing_for_the_others() -> None:
    world, _ = gated()
    one, two, three = contest(world, *WORK)
    world.go()
    others = [world.session(name) for name in (one, two)]

    pick(world, three)
    world.go()

    assert world.session(three).outcome is Outcome.REFUSED
    assert [world.session(name) for name in (one, two)] == others
    assert world.facts.contests["c"].picked is None
    pick(world, two)
    world.go()
    assert world.facts.contests["c"].aside == (one, three)


def test_what_still_works_when_another_landed_is_stopped_and_what_waits_never_starts() -> None:
    world, _ = gated()
    first, second, third = world.submit("one", "two", "three", contest="c")
    world.max_running = 2
    world.go(Kind.REHEARSE)
    one, two = world.current(first), world.current(second)
    world.max_running = 1
    world.works(one, {"a": b"one\n"})
    world.go()

    pick(world, one)
    world.go()

    assert (world.session(two).stage, world.session(two).outcome) == (Stage.KEPT, Outcome.INTERRUPTED)
    assert world.session(two).place == "trashed"
    assert (world.facts.tasks[third].session, world.facts.tasks[third].outcome) == (None, Outcome.INTERRUPTED)
    assert world.facts.tasks[third].reason == f"{one} was picked"


def test_what_was_put_away_once_and_came_back_is_left_alone() -> None:
    world, _ = gated()
    one, two, _ = contest(world, *WORK)
    world.go()
    pick(world, one)
    world.go()
    session = world.session(two)
    world.worktrees.restore(session.worktree, "", session.branch, session.head, session.checkpoint)
    world.log.append(e.WorktreeRestored(two, session.worktree))

    assert world.go() == []
    assert world.session(two).place == "present"


def test_a_landing_goes_before_every_rehearsal() -> None:
    world, _ = gated()
    other = world.ready("other", {"o": b"o\n"})
    contest(world, *WORK)
    world.log.append(e.TaskReopened(world.session(other).task), e.MergeAsked(other, "merge"))
    world.go(Kind.REHEARSE, Kind.INTEGRATE)

    assert [step.kind for step in world.steps()] == [Kind.INTEGRATE]


def test_a_rehearsal_that_was_given_up_lets_the_task_end_and_is_begun_again_when_asked() -> None:
    world, bench = gated()
    (one,) = contest(world, WORK[0])
    world.log.append(e.RehearsalLeft(one, "stopped"))
    world.go()
    assert (world.outcomes(), bench.commands) == ([Outcome.READY], [])

    world.log.append(e.RehearsalAsked(one))
    world.go()
    assert world.facts.rehearsals[one].is_green


@pytest.mark.parametrize(
    "event", [lambda name: e.RehearsalLeft(name, "stopped"), lambda name: e.MergeAsked(name, "merge")]
)
def test_nobody_hears_of_a_rehearsal_that_is_not_wanted_any_more(event: Callable[[SessionId], e.Event]) -> None:
    world, bench = gated()
    (one,) = contest(world, WORK[0])
    bench.does["run-tests"] = lambda files: (world.log.append(event(one)), PASSED)[1]

    world.take(world.steps()[0])

    assert world.facts.rehearsals[one].stage != "done"
    assert bench.commands == ["run-tests"]


def test_red_work_goes_back_to_an_agent_that_can_go_on_and_is_rehearsed_anew() -> None:
    world, _ = gated()
    world.agents.resumable = ("headless",)
    (one,) = contest(world, WORK[2])
    assert world.session(one).talk.conversation

    world.go()
    assert (world.session(one).attempt, world.session(one).stage) == (2, Stage.RUNNING)
    del world.bench(one).files["bad"]
    world.works(one, {"a": b"mended\n"})
    world.go()

    assert world.facts.rehearsals[one].is_green
    assert world.outcomes() == [Outcome.READY]


def test_an_agent_that_mends_nothing_leaves_its_entry_red() -> None:
    world, bench = gated()
    world.agents.resumable = ("headless",)
    (one,) = contest(world, WORK[2])
    world.go()
    world.works(one, {})
    world.go()
    for _ in range(2):
        if world.session(one).stage is Stage.RUNNING:
            world.works(one, {})
            world.go()

    assert world.outcomes() == [Outcome.REFUSED]
    assert bench.commands.count("run-tests") == 3, "two rounds of repair"


def test_other_work_may_be_rehearsed_and_stays_what_it_is() -> None:
    world, bench = gated()
    name = world.ready("bad", {"bad": b"x\n"})
    before = world.session(name)

    world.log.append(e.RehearsalAsked(name))
    world.go()

    assert world.facts.rehearsals[name].red == ("tests",)
    assert world.session(name) == before
    assert [result.verdict for result in world.facts.rehearsals[name].results] == [Verdict.FAIL, Verdict.PASS]
    assert bench.commands == ["run-tests", "run-lint"]


@pytest.mark.parametrize("mid_effect", [True, False])
@pytest.mark.parametrize("red", [False, True])
def test_a_kill_beside_any_event_of_a_rehearsal_or_of_a_pick_changes_nothing_in_the_end(
    red: bool, mid_effect: bool
) -> None:
    def story(kill_at: int) -> tuple[object, ...] | None:
        world, _ = gated()
        one, two, three = contest(world, *(WORK if red else (*WORK[:2], {"c": b"c\n"})))
        count, picked = 0, False
        for _ in range(200):
            steps = world.steps()
            if not steps and picked:
                break
            if not steps:
                pick(world, one)
                picked = True
                continue
            before = len(world.events)
            world.take(steps[0], kill_at - count if count <= kill_at else None, mid_effect)
            count += len(world.events) - before
            if count >= kill_at >= 0:
                kill_at = -1
                world.restart()
                world.shop.envs = {run: {"PATH": "/bin"} for run in world.facts.runs}
        assert kill_at < 0, "no kill"
        aside = sorted(world.facts.contests["c"].aside)
        refs = sorted(ref for ref in world.repository.refs if "checkpoint" not in ref)
        return world.outcomes(), aside, refs, world.main(), [world.session(n).place for n in (one, two, three)]

    outcomes = [story(kill) for kill in range(16)]
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_red_hook_before_merging_counts_as_a_gate_and_the_gates_run_all_the_same() -> None:
    world, bench = gated()
    world.hooks.registered["pre_merge"] = [lambda facts: "not so"]
    (one,) = contest(world, WORK[0])

    world.go()

    assert world.facts.rehearsals[one].red == ("hook fake 1",)
    assert bench.commands == ["run-tests", "run-lint"]
    assert world.outcomes() == [Outcome.REFUSED]


def test_what_a_fix_mends_is_green_as_it_would_be_for_a_landing() -> None:
    world, bench = world_with(GateSpec("lint", "run-lint", autofix="mend"))
    bench.does["run-lint"] = lambda files: RED if files["a"] == b"ugly\n" else PASSED
    bench.does["mend"] = lambda files: (files.update(a=b"neat\n"), PASSED)[1]
    (one,) = contest(world, {"a": b"ugly\n"})

    world.go()

    assert world.facts.rehearsals[one].is_green
    pick(world, one)
    world.go()
    assert world.main()["a"] == b"neat\n"


def test_gates_that_cannot_be_set_up_are_red_and_not_tried_one_by_one() -> None:
    world, bench = gated()
    (one,) = contest(world, WORK[0])
    world.provisioner.words = "no network"
    before = len(world.provisioner.calls)

    world.go()

    assert world.facts.rehearsals[one].red == ("tests",)
    assert "could not be set up: no network" in world.facts.rehearsals[one].reason
    assert len(world.provisioner.calls) == before + 1
    assert bench.commands == []
