"""Where merging meets the gates: what is gated, how often, on which tree, and the one way that leads to an intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import GateSpec, Settings, WorktreeSettings
from swarmctl.core.gate import Verdict
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Finished, Provisioned
from swarmctl.core.session import Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import PLACES, World
from tests.fakes.gating import world_with
from tests.fakes.git import Files
from tests.fakes.processes import PASSED

BENCH = PLACES.integration("main")
RED = replace(PASSED, rc=1, tail="1 failed\n")
TESTS = GateSpec("tests", "run-tests")
LINT = GateSpec("lint", "run-lint", autofix="mend")


def asked(world: World, files: Files, check: str = "") -> SessionId:
    name = world.ready(files=files, check=check)
    world.log.append(e.TaskReopened(world.session(name).task), e.MergeAsked(name, "merge"))
    world.go(Kind.INTEGRATE)
    return name


def gated(world: World, files: Files, check: str = "") -> SessionId:
    name = asked(world, files, check)
    world.go(Kind.LAND)
    return name


def verdicts(world: World) -> list[tuple[str, Verdict]]:
    return [(event.result.gate, event.result.verdict) for event in world.events if isinstance(event, e.GateFinished)]


def notes(world: World) -> list[str]:
    return [event.text for event in world.events if isinstance(event, e.Noticed)]


def always(finished: Finished) -> Callable[[Files], Finished]:
    return lambda files: finished


def test_green_gates_lead_to_an_intent_with_their_proof() -> None:
    world, bench = world_with(TESTS, GateSpec("commit only", "lint", stage="commit"))
    name = gated(world, {"a": b"work\n"})
    proof = world.facts.landings[name].proof
    assert world.session(name).stage is Stage.LANDING
    assert (proof.kind, proof.promised, [r.verdict for r in proof.results]) == ("gated", ("tests",), [Verdict.PASS])
    assert bench.seen == [("run-tests", {"README": b"hello\n", "a": b"work\n"})]
    assert [event.gate for event in world.events if isinstance(event, e.GateBegun)] == ["tests"]
    assert world.repository.commits[proof.commit].tree == proof.tree
    assert world.main() == world.files, "an intent moves nothing"


def test_without_gates_the_proof_says_so() -> None:
    world, bench = world_with()
    name = gated(world, {"a": b"work\n"})
    assert world.facts.landings[name].proof.kind == "ungated"
    assert bench.seen == []


@pytest.mark.parametrize(
    "finished",
    [
        RED,
        replace(PASSED, rc=127),
        replace(PASSED, rc=None),
        replace(PASSED, rc=None, signal=9),
        replace(PASSED, timed_out=True),
        replace(PASSED, out_of_memory=True),
        replace(PASSED, not_found=True),
    ],
)
def test_only_a_pass_comes_to_an_intent(finished: Finished) -> None:
    world, bench = world_with(TESTS)
    bench.does["run-tests"] = always(finished)
    name = gated(world, {"a": b"work\n"})
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.REFUSED)
    assert world.session(name).reason.startswith("tests: ")
    assert name not in world.facts.landings


def test_gates_after_a_red_one_are_not_run() -> None:
    world, bench = world_with(TESTS, GateSpec("slow", "run-slow"))
    bench.does["run-tests"] = always(RED)
    gated(world, {"a": b"work\n"})
    assert bench.commands == ["run-tests"]


def test_a_gate_for_other_paths_is_skipped_aloud() -> None:
    world, _ = world_with(TESTS, GateSpec("docs", "run-docs", when=("docs/**",)))
    name = gated(world, {"a": b"work\n"})
    assert world.facts.landings[name].proof.promised == ("tests",)
    assert notes(world) == ["docs not run: nothing matches docs/**"]


def test_a_fix_makes_a_commit_of_its_own_and_every_gate_runs_again_on_its_tree() -> None:
    world, bench = world_with(TESTS, LINT)
    bench.does["run-lint"] = lambda files: RED if files["a"] == b"ugly\n" else PASSED
    bench.does["mend"] = lambda files: (files.update(a=b"neat\n"), PASSED)[1]
    name = gated(world, {"a": b"ugly\n"})
    assert bench.commands == ["run-tests", "run-lint", "mend", "run-tests", "run-lint"]
    proof = world.facts.landings[name].proof
    assert [result.tree for result in proof.results] == [proof.tree, proof.tree]
    assert world.repository.files(proof.commit)["a"] == b"neat\n"
    top = world.repository.commits[proof.commit]
    assert top.message.startswith("Fix what lint found\n")
    assert world.repository.files(top.parents[0])["a"] == b"ugly\n"
    assert verdicts(world)[1] == ("lint", Verdict.FAIL), "the log keeps what was red"


def test_a_fix_that_changes_nothing_is_said_and_refused() -> None:
    world, bench = world_with(LINT)
    bench.does["run-lint"] = always(RED)
    name = gated(world, {"a": b"ugly\n"})
    assert bench.commands == ["run-lint", "mend"]
    assert notes(world) == ["autofix of lint changed nothing"]
    assert world.session(name).outcome is Outcome.REFUSED


def test_a_gate_is_mended_once_at_most() -> None:
    world, bench = world_with(LINT)
    bench.does["run-lint"] = always(RED)
    bench.does["mend"] = lambda files: (files.update(a=files["a"] + b"!"), PASSED)[1]
    name = gated(world, {"a": b"ugly\n"})
    assert bench.commands == ["run-lint", "mend", "run-lint"]
    assert world.session(name).outcome is Outcome.REFUSED


def test_two_gates_may_each_mend_once() -> None:
    world, bench = world_with(LINT, GateSpec("format", "run-format", autofix="format"))
    bench.does["run-lint"] = lambda files: PASSED if b"lint" in files["a"] else RED
    bench.does["run-format"] = lambda files: PASSED if b"format" in files["a"] else RED
    bench.does["mend"] = lambda files: (files.update(a=files["a"] + b"lint\n"), PASSED)[1]
    bench.does["format"] = lambda files: (files.update(a=files["a"] + b"format\n"), PASSED)[1]
    name = gated(world, {"a": b"x\n"})
    assert world.repository.files(world.facts.landings[name].commit)["a"] == b"x\nlint\nformat\n"
    assert "lint pass, format pass" in world.repository.commits[world.facts.landings[name].commit].message


def test_a_fix_is_told_what_the_gate_is_told_and_has_a_log_of_its_own() -> None:
    world, bench = world_with(GateSpec("a: b", "check", autofix="mend"))
    bench.does["check"] = always(RED)
    name = gated(world, {"a": b"x\n"})
    assert bench.envs[0] == bench.envs[1]
    assert bench.envs[1]["SWARM_SESSION"] == name and "HOME_SECRET" not in bench.envs[1]
    assert len(set(bench.logs)) == 2 and all(" " not in log and ":" not in log for log in bench.logs)


def test_the_files_that_one_gate_leaves_are_gone_when_the_next_one_starts() -> None:
    world, bench = world_with(TESTS, GateSpec("second", "run-second"))
    bench.does["run-tests"] = lambda files: (files.update(a=b"spoiled\n", junk=b"1"), PASSED)[1]
    gated(world, {"a": b"work\n"})
    assert bench.seen[1] == ("run-second", {"README": b"hello\n", "a": b"work\n"})


def test_the_check_of_a_task_is_a_gate_for_that_task_only() -> None:
    world, _ = world_with(TESTS)
    name = gated(world, {"a": b"work\n"}, check="check-it")
    assert world.facts.landings[name].proof.promised == ("tests", "task check")
    world.go()
    other = gated(world, {"b": b"work\n"})
    assert world.facts.landings[other].proof.promised == ("tests",)


@pytest.mark.parametrize("path", ["swarm.toml", "scripts/check", "ci/rules"])
def test_a_change_of_what_the_gates_rely_on_needs_approval_of_that_very_head(path: str) -> None:
    gate = GateSpec("tests", "sh scripts/check", protects=("ci",))
    world, bench = world_with(gate, files={"README": b"hello\n", "scripts/check": b"old\n"})
    name = gated(world, {path: b"weaker\n"})
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.BLOCKED)
    assert path in world.session(name).reason and bench.seen == []
    world.log.append(e.Approved(name, "0" * 40), e.TaskReopened(world.session(name).task), e.MergeAsked(name, "merge"))
    world.go(Kind.LAND)
    assert world.session(name).stage is Stage.KEPT, "another head was approved"
    world.log.append(
        e.Approved(name, world.session(name).head),
        e.TaskReopened(world.session(name).task),
        e.MergeAsked(name, "merge"),
    )
    world.go(Kind.LAND)
    assert world.session(name).stage is Stage.LANDING


def test_of_many_changes_that_need_approval_it_is_said_how_many_there_are() -> None:
    world, _ = world_with(GateSpec("tests", "true", protects=("ci",)))
    name = gated(world, {f"ci/{number}": b"weaker\n" for number in range(7)})
    assert "changes ci/0, ci/1, ci/2, ci/3, ci/4 and 2 more, which its gates rely on" in world.session(name).reason


def test_a_hook_that_passes_is_a_row_of_the_proof() -> None:
    world, _ = world_with(TESTS)
    world.hooks.registered["pre_merge"] = [lambda facts: ""]
    proof = world.facts.landings[gated(world, {"a": b"work\n"})].proof
    assert proof.promised == ("hook fake 1", "tests")


def test_a_hook_that_vetoes_refuses_the_merge_before_any_gate() -> None:
    world, bench = world_with(TESTS)
    world.hooks.registered["pre_merge"] = [lambda facts: "not on a Friday"]
    name = gated(world, {"a": b"work\n"})
    assert (world.session(name).outcome, world.session(name).reason) == (
        Outcome.REFUSED,
        "hook fake 1: not on a Friday",
    )
    assert bench.seen == []
    assert e.HookRan(name, "pre_merge", "fake 1", 1, "not on a Friday") in world.events


def test_a_veto_without_gates_refuses_as_well() -> None:
    world, _ = world_with()
    world.hooks.registered["pre_merge"] = [lambda facts: "no"]
    name = gated(world, {"a": b"work\n"})
    assert world.session(name).outcome is Outcome.REFUSED


def test_gates_whose_worktree_cannot_be_set_up_are_not_green() -> None:
    world, bench = world_with(TESTS)
    name = asked(world, {"a": b"work\n"})
    world.provisioner.words = "no network"
    world.go(Kind.LAND)
    assert world.session(name).outcome is Outcome.REFUSED
    assert "could not be set up: no network" in world.session(name).reason
    assert bench.seen == [] and verdicts(world) == [("tests", Verdict.ERROR)]


def test_what_the_setup_changed_in_the_tree_is_taken_back_before_the_first_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, bench = world_with(TESTS)
    plain = world.provisioner.provision

    def pins(worktree: str, settings: WorktreeSettings, env: Mapping[str, str], log: str) -> Provisioned:
        if worktree == BENCH:
            world.repository.worktrees[worktree].files["a"] = b"pinned by the setup\n"
        return plain(worktree, settings, env, log)

    monkeypatch.setattr(world.provisioner, "provision", pins)
    gated(world, {"a": b"work\n"})
    assert bench.seen == [("run-tests", {"README": b"hello\n", "a": b"work\n"})]


def test_the_gates_worktree_is_set_up_again_when_a_lockfile_or_the_settings_change() -> None:
    world, _ = world_with(TESTS)

    def setups() -> int:
        return world.provisioner.calls.count(BENCH)

    for number, files in enumerate(({"a": b"1"}, {"b": b"1"})):
        gated(world, files)
        world.go()
        assert setups() == 1, number
    gated(world, {"uv.lock": b"1"})
    world.go()
    assert setups() == 2
    world.settings = replace(world.settings, worktree=WorktreeSettings(setup="make"))
    gated(world, {"c": b"1"})
    assert setups() == 3


def test_who_leaves_while_gates_run_lands_nothing() -> None:
    world, bench = world_with(TESTS, GateSpec("second", "run-second"))
    name = world.running()
    world.works(name, {"a": b"work\n"})

    def leaves(files: Files) -> Finished:
        world.log.append(e.RunLeft(world.session(name).run, "gone"))
        return PASSED

    bench.does["run-tests"] = leaves
    world.go(Kind.LAND)
    assert bench.commands == ["run-tests"]
    assert (world.session(name).stage, world.session(name).reason) == (Stage.READY, "nobody waits for it any more")


def test_gates_of_an_entry_that_left_say_nothing_of_it_when_it_stands_in_the_queue_again() -> None:
    world, bench = world_with(TESTS)
    name = world.running()
    world.works(name, {"a": b"work\n"})

    def leaves_and_comes_back(files: Files) -> Finished:
        session = world.session(name)
        world.clock.time += 1
        world.log.append(e.RunLeft(session.run, "gone"), e.Dequeued(name, "gone"))
        world.log.append(e.MergeAsked(name, "merge"), e.Enqueued(name, session.head))
        return replace(PASSED, rc=1)

    bench.does["run-tests"] = leaves_and_comes_back
    world.go(Kind.LAND, Kind.INTEGRATE)
    stale = next(step for step in world.steps() if step.kind is Kind.INTEGRATE)
    world.take(stale)
    now = world.session(name)
    assert (now.stage, now.asked_to_land) == (Stage.QUEUED, True), "who asked again is not told that nobody waits"


def test_gates_find_their_programs_after_the_callers_environment_is_gone() -> None:
    world, bench = world_with(TESTS)
    name = world.ready(files={"a": b"work\n"})
    world.shop.envs.clear()
    world.shop.environ = {"PATH": "/opt/bin", "HOME": "/home/me", "SECRET": "s"}
    world.log.append(e.TaskReopened(world.session(name).task), e.MergeAsked(name, "merge"))
    world.go()
    assert (bench.envs[0]["PATH"], bench.envs[0]["HOME"]) == ("/opt/bin", "/home/me")
    assert "SECRET" not in bench.envs[0]


def test_leaving_the_queue_ends_the_gate_that_runs() -> None:
    world, _ = world_with(TESTS)
    name = world.running()
    world.works(name, {"a": b"work\n"})
    world.take(next(step for step in world.go(Kind.INTEGRATE) if step.kind is Kind.INTEGRATE), until=1)
    assert world.session(name).stage is Stage.GATING
    world.log.append(e.RunLeft(world.session(name).run, "gone"))
    world.go(Kind.INTEGRATE)
    assert world.cancelled == [world.desk.places.integration("main")]


def test_an_entry_that_only_waited_leaves_without_ending_the_gate_of_another() -> None:
    world, _ = world_with(TESTS)
    first, second = world.running("one"), world.running("two")
    for name in (first, second):
        world.works(name, {name: b"work\n"})
    world.go(Kind.INTEGRATE)
    assert world.session(second).stage is Stage.QUEUED
    world.log.append(e.RunLeft(world.session(second).run, "gone"))
    world.go(Kind.INTEGRATE)
    assert (world.session(second).stage, world.cancelled) == (Stage.READY, [])


def test_a_fix_that_changes_what_the_gates_rely_on_needs_a_person() -> None:
    world, bench = world_with(LINT)
    bench.does["run-lint"] = lambda files: PASSED if "swarm.toml" in files else RED
    bench.does["mend"] = lambda files: (files.update({"swarm.toml": b"# no gates\n"}), PASSED)[1]
    name = gated(world, {"a": b"ugly\n"})
    session = world.session(name)
    assert (session.stage, session.outcome) == (Stage.KEPT, Outcome.BLOCKED)
    assert "autofix of lint changed swarm.toml" in session.reason
    assert bench.commands == ["run-lint", "mend"]


def test_a_target_that_moved_while_gates_ran_is_merged_and_gated_anew() -> None:
    world, bench = world_with(TESTS)
    pushes = iter([b"user\n"])

    def meanwhile(files: Files) -> Finished:
        for data in pushes:
            world.push({"b": data})
        return PASSED

    bench.does["run-tests"] = meanwhile
    name = gated(world, {"a": b"work\n"})
    assert [files.get("b") for _, files in bench.seen] == [None, b"user\n"]
    world.go()
    assert world.session(name).stage is Stage.LANDED
    assert world.main() == {"README": b"hello\n", "a": b"work\n", "b": b"user\n"}


def test_the_gates_are_those_of_the_target_and_not_those_of_the_checkout() -> None:
    world, bench = world_with(TESTS)
    name = asked(world, {"a": b"work\n"})
    world.shop.desk = replace(world.desk, settings=lambda: Settings())
    world.go(Kind.LAND)
    assert world.facts.landings[name].proof.promised == ("tests",)
    assert bench.commands == ["run-tests"]


@pytest.mark.parametrize("until", range(5))
@pytest.mark.parametrize("mid_effect", [True, False])
def test_killed_anywhere_it_is_gated_again_from_the_beginning_and_lands_once(until: int, mid_effect: bool) -> None:
    world, bench = world_with(LINT)
    bench.does["run-lint"] = lambda files: RED if files["a"] == b"ugly\n" else PASSED
    bench.does["mend"] = lambda files: (files.update(a=b"neat\n"), PASSED)[1]
    name = asked(world, {"a": b"ugly\n"})
    world.take(next(step for step in world.steps() if step.kind is Kind.INTEGRATE), until, mid_effect)
    world.restart()
    world.go()
    assert world.session(name).stage is Stage.LANDED
    assert world.main()["a"] == b"neat\n"
    assert len(world.repository.ancestors(world.tip())) == 3
