"""Commands about finished work: landing it, removing it, taking it back, approving it; what each refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import GateSpec, Settings
from swarmctl.core.errors import Refused, UsageFault
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import ask, at, refused
from tests.fakes.desk import World
from tests.fakes.processes import PASSED

ENV = {"PATH": "/bin"}


# --- merge ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_merge_by_stage(stage: Stage) -> None:
    world = World()
    name = at(world, stage)
    if stage in (Stage.READY, Stage.KEPT, Stage.QUEUED, Stage.GATING, Stage.LANDING):
        answer = ask(world, "merge", id=name)
        assert answer["session"] == name
        world.log.append(e.RunLeft(world.session(name).run, "nobody waits"))
        world.go()
        assert world.session(name).stage is Stage.LANDED
        assert world.main() != world.files
    else:
        assert isinstance(refused(world, "merge", id=name), Refused)


def test_merge_commits_what_somebody_mended_in_the_worktree() -> None:
    world = World()
    name = world.ready()
    world.works(name, {"mended": b"by hand\n"}, None)
    ask(world, "merge", id=name)
    world.go()
    assert world.main()["mended"] == b"by hand\n"


def test_merge_refuses_what_looks_like_a_secret() -> None:
    world = World()
    name = world.ready()
    world.works(name, {".env": b"KEY=1\n"}, None)
    assert ".env" in refused(world, "merge", id=name).message


def test_merge_of_nothing_is_refused() -> None:
    world = World()
    name = world.running()
    world.works(name, {}, Exit(1))
    world.go()
    assert "no work" in refused(world, "merge", id=name).message


def test_a_removed_session_still_lands_from_its_branch() -> None:
    world = World()
    name = world.ready(files={"a": b"work\n"})
    ask(world, "rm", id=name)
    ask(world, "merge", id=name)
    world.go()
    assert world.main()["a"] == b"work\n"


# --- land -------------------------------------------------------------------------------------------------------------


def test_land_is_refused_while_nothing_is_parked_or_the_path_still_blocks() -> None:
    world = World()
    assert "nothing is parked" in refused(world, "land").message
    at(world, Stage.PARKED)
    blocked = refused(world, "land")
    assert "README" in blocked.message and "swarmctl land" in blocked.hint


def test_land_brings_the_target_to_what_was_proven() -> None:
    world = World()
    hooked: list[str] = []
    world.hooks.registered["post_merge"] = [lambda told: hooked.append(told["SWARM_SESSION"]) or ""]  # type: ignore[func-returns-value]
    name = at(world, Stage.PARKED)
    world.repository.dirty = set()
    assert ask(world, "land")["sessions"] == [name]
    world.go()
    assert world.session(name).stage is Stage.LANDED and world.main()["README"] == b"work\n"
    assert hooked == [name]
    assert not [ref for ref in world.repository.refs if ref.startswith("refs/swarm/queue/")]


def test_a_parked_landing_that_no_longer_fits_is_merged_and_gated_anew() -> None:
    world = World()
    name = at(world, Stage.PARKED)
    world.repository.dirty = set()
    world.push({"b": b"user\n"})
    ask(world, "land")
    world.go()
    assert world.session(name).stage is Stage.LANDED
    assert world.main() == {"README": b"work\n", "b": b"user\n"}


def test_a_parked_landing_that_a_later_one_left_behind_is_not_said_to_have_landed() -> None:
    world = World()
    name = at(world, Stage.PARKED)
    world.push({"b": b"user\n"})
    (task,) = world.submit("two")
    world.go()
    world.works(world.current(task), {"c": b"work\n"})
    world.go()
    assert world.facts.tasks[task].outcome is Outcome.LANDED
    assert world.session(name).stage is Stage.PARKED
    world.repository.dirty = set()
    ask(world, "land")
    world.go()
    assert world.session(name).stage is Stage.LANDED
    assert world.main() == {"README": b"work\n", "b": b"user\n", "c": b"work\n"}


# --- rm and undo ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_rm_by_stage(stage: Stage) -> None:
    world = World()
    name = at(world, stage)
    if stage in (Stage.LIMITED, Stage.READY, Stage.KEPT, Stage.PARKED):
        files = dict(world.bench(name).files)
        ask(world, "rm", id=name)
        assert world.session(name).place == "trashed"
        assert ask(world, "undo", id=name)["restored"] == name
        assert world.bench(name).files == files
        assert isinstance(refused(world, "undo", id=name), Refused), "it is there"
    else:
        assert isinstance(refused(world, "rm", id=name), Refused)


def test_the_worktree_of_a_failed_setup_can_be_removed() -> None:
    world = World()
    world.provisioner.words = "no network"
    (task,) = world.submit("one")
    world.go()
    ask(world, "rm", id=world.current(task))
    assert world.session(world.current(task)).place == "trashed"
    assert world.repository.worktrees == {}


def test_the_worktree_of_a_landed_session_comes_back_and_stays() -> None:
    world = World()
    name = at(world, Stage.LANDED)
    assert world.session(name).place == "trashed"
    ask(world, "undo", id=name)
    assert world.go() == []
    assert world.session(name).place == "present"


def test_the_branch_of_landed_work_is_gone_before_anybody_is_told_that_it_can_come_back() -> None:
    world, left = World(), list[str]()

    def told(facts: Mapping[str, str]) -> str:
        left.extend(ref for ref in world.repository.refs if ref == f"refs/heads/{facts['SWARM_BRANCH']}")
        ask(world, "undo", id=facts["SWARM_SESSION"])
        return ""

    world.hooks.registered["worktree_removed"] = [told]
    name = at(world, Stage.LANDED)
    assert left == []
    assert f"refs/heads/{world.session(name).branch}" in world.repository.refs


def test_undo_of_a_session_without_a_worktree_is_refused() -> None:
    world = World()
    assert isinstance(refused(world, "undo", id=at(world, Stage.PLANNED)), Refused)


def test_undo_takes_the_last_landing_back_with_a_new_commit() -> None:
    world = World()
    at(world, Stage.LANDED)
    landed = world.tip()
    answer = ask(world, "undo", waits=True)
    world.go()
    assert answer["undoes"] == landed
    assert world.main() == world.files
    assert world.repository.contains(world.tip(), landed), "history is never rewritten"
    assert world.facts.tasks[TaskId(answer["task"])].outcome is Outcome.LANDED


def test_an_undo_that_was_refused_is_resumed_without_an_agent() -> None:
    world = World(Settings(gates=(GateSpec("tests", "run-tests"),)))
    at(world, Stage.LANDED)
    world.runner.answers["run-tests"] = replace(PASSED, rc=1)
    name = SessionId(ask(world, "undo")["session"])
    world.go()
    assert world.session(name).outcome is Outcome.REFUSED
    world.runner.answers["run-tests"] = PASSED
    answer = ask(world, "resume", id=name, env=ENV, waits=True)
    world.go()
    assert answer["session"] == name
    assert (world.session(name).stage, world.main()) == (Stage.LANDED, world.files)
    assert len(world.machine.agents) == 1


def test_undo_of_an_undo_brings_the_change_back() -> None:
    world = World()
    at(world, Stage.LANDED)
    for _ in range(2):
        world.clock.time += 1
        ask(world, "undo")
        world.go()
    assert world.main() == {"README": b"work\n"}


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.GATING])
def test_who_asks_twice_for_an_undo_waits_for_the_first_one(stage: Stage) -> None:
    world = World()
    at(world, Stage.LANDED)
    first = ask(world, "undo")
    integrate = world.go(Kind.INTEGRATE)
    if stage is Stage.GATING:
        world.take(integrate[0], until=1)
    assert world.session(SessionId(first["session"])).stage is stage
    assert ask(world, "undo") == first
    world.go()
    assert world.main() == world.files
    assert len(world.facts.tasks) == 2


def test_a_landing_after_an_undo_was_asked_for_is_taken_back_by_another_one() -> None:
    world = World()
    at(world, Stage.LANDED)
    name = world.ready(files={"other": b"work\n"})
    ask(world, "merge", id=name)
    first = ask(world, "undo")
    world.clock.time += 1
    while world.session(name).stage is not Stage.LANDED:
        world.take(world.steps()[0])
    assert world.session(SessionId(first["session"])).stage is Stage.QUEUED
    second = ask(world, "undo")
    assert second["session"] != first["session"]
    assert second["undoes"] == world.session(name).landed


def test_undo_without_a_landing_is_refused() -> None:
    assert "nothing has landed" in refused(World(), "undo").message


def test_undo_of_what_changed_since_is_refused() -> None:
    world = World()
    at(world, Stage.LANDED)
    world.push({"README": b"newer\n"})
    assert "changed since" in refused(world, "undo").message


# --- approve and send -------------------------------------------------------------------------------------------------


def test_approval_is_of_one_head() -> None:
    world = World()
    name = world.ready()
    answer = ask(world, "approve", id=name)
    assert answer["digest"] == world.session(name).head in world.facts.approvals


def test_approval_is_of_one_content() -> None:
    world = World()
    assert ask(world, "approve", subject="hook x", digest="d")["digest"] == "d"
    assert world.facts.approvals["d"].subject == "hook x"


def test_work_that_is_not_finished_cannot_be_approved() -> None:
    world = World()
    assert isinstance(refused(world, "approve", id=at(world, Stage.RUNNING)), Refused)


@pytest.mark.parametrize("stage", Stage)
def test_send_by_stage(stage: Stage) -> None:
    world = World()
    name = at(world, stage)
    if stage is Stage.RUNNING:
        ask(world, "send", id=name, text="go on")
        assert world.machine.of(name).sent == ["go on"]
        assert "go on" not in repr(world.events), "what was typed is not kept"
    elif stage is Stage.LIMITED:
        assert ask(world, "send", id=name, text="go on", env=ENV)["how"] == "queued"
    elif stage in (Stage.READY, Stage.KEPT, Stage.EMPTY):
        assert isinstance(refused(world, "send", id=name, text="go on", now=True), Refused)
        assert ask(world, "send", id=name, text="go on", env=ENV)["how"] == "resumed"
        world.go(Kind.SETTLE)
        assert world.agents.orders[-1].prompt.splitlines()[-1] == "go on", "it keeps no conversation"
        assert len(world.agents.orders[-1].prompt.splitlines()) > 1, "and is told its task again"
    else:
        assert isinstance(refused(world, "send", id=name, text="go on", env=ENV), Refused)


@pytest.mark.parametrize("stage", [Stage.READY, Stage.KEPT])
def test_a_command_at_rest_is_told_nothing(stage: Stage) -> None:
    world = World()
    name = at(world, stage)
    world.facts.sessions[name] = replace(world.session(name), agent="shell")
    assert "nobody is there to read" in refused(world, "send", id=name, text="go on", env=ENV).message


@pytest.mark.parametrize("kind", ["stop", "resume", "merge", "rm", "undo", "approve", "send"])
def test_a_session_that_nobody_knows_is_a_usage_error_with_a_hint(kind: str) -> None:
    error = refused(World(), kind, id="nothing", env=ENV, text="x")
    assert isinstance(error, UsageFault) and error.hint
