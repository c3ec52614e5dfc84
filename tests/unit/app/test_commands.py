"""What each command does to the log, what it refuses, and that it says what to type instead."""

from __future__ import annotations

from typing import Any

import pytest

from swarmctl.app.commands import HANDLERS, Context
from swarmctl.core import events as e
from swarmctl.core.config import MergeSettings, Settings
from swarmctl.core.errors import Refused, SwarmError, UsageFault
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import CLEAN, PLACES, World

ENV = {"PATH": "/bin"}
Answer = dict[str, Any]


def ask(world: World, kind: str, **args: object) -> Answer:
    """Carry a command out to its end."""
    stream = HANDLERS[kind](args, Context(world.facts, world.shop))
    while True:
        try:
            event = next(stream)
        except StopIteration as stopped:
            return dict(stopped.value)
        world.log.append(*event) if isinstance(event, tuple) else world.log.append(event)


def refused(world: World, kind: str, **args: object) -> SwarmError:
    """It is refused, and the log is as it was."""
    before = world.facts.seq
    with pytest.raises(SwarmError) as caught:
        ask(world, kind, **args)
    assert world.facts.seq == before
    assert "\n" not in caught.value.message
    return caught.value


def wanted(*prompts: str, **more: object) -> list[Answer]:
    return [
        {"key": f"task-{n}", "prompt": prompt, "agent": "fake", **more} for n, prompt in enumerate(prompts, start=1)
    ]


def run(world: World, *prompts: str, **args: object) -> Answer:
    given = {"run": "r", "tasks": wanted(*prompts), "env": ENV, "waits": True, "lands": "waited", **args}
    return ask(world, "run", **given)


def at(world: World, stage: Stage) -> SessionId:
    """A session that came to a stage in the way that sessions do."""
    if stage in (Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING, Stage.RUNNING, Stage.ENDED):
        kinds = {
            Stage.PLANNED: Kind.PROVISION,
            Stage.PROVISIONED: Kind.LAUNCH,
            Stage.ENDED: Kind.SETTLE,
        }
        (task,) = world.submit("one")
        if stage is Stage.LAUNCHING:
            world.go(Kind.LAUNCH)
            world.take(world.steps()[0], until=1, mid_effect=False)
            return world.current(task)
        world.go(kinds.get(stage, Kind.SETTLE))
        if stage is Stage.ENDED:
            world.machine.end(world.current(task), CLEAN)
            world.go(Kind.SETTLE)
        return world.current(task)
    if stage is Stage.READY:
        return world.ready()
    world.repository.dirty = {"README"} if stage is Stage.PARKED else set()
    name = world.running()
    ended = Exit(1) if stage is Stage.KEPT else CLEAN
    world.works(name, {} if stage is Stage.EMPTY else {"README": b"work\n"}, ended)
    before = {Stage.QUEUED: Kind.INTEGRATE, Stage.GATING: Kind.INTEGRATE, Stage.LANDING: Kind.LAND}
    left = world.go(*([before[stage]] if stage in before else []))
    if stage is Stage.GATING:
        world.take(left[0], until=1)
    return name


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_can_be_come_to(stage: Stage) -> None:
    world = World()
    assert world.session(at(world, stage)).stage is stage


# --- run --------------------------------------------------------------------------------------------------------------


def test_a_run_is_one_batch_of_its_tasks() -> None:
    world = World()
    world.repository.dirty = {"mine"}
    answer = run(world, "one", "two")
    assert [type(event) for event in world.events] == [e.RunSubmitted, e.TaskAdded, e.TaskAdded]
    assert [task["title"] for task in answer["tasks"]] == ["one", "two"]
    assert (answer["target"], answer["uncommitted"]) == ("main", ["mine"])
    assert world.shop.envs[RunId("r")] == ENV


def test_a_run_that_was_submitted_already_is_not_submitted_again() -> None:
    world = World()
    first = run(world, "one")
    again = run(world, "one")
    assert again == first
    assert len(world.facts.tasks) == 1


def test_a_run_whose_submission_lived_through_a_crash_is_waited_for_again() -> None:
    world = World()
    run(world, "one")
    world.restart()
    world.log.append(e.RunLeft(RunId("r"), "the supervisor restarted"))
    run(world, "one")
    assert world.facts.runs[RunId("r")].waits
    world.go()
    assert [session.stage for session in world.facts.sessions.values()] == [Stage.RUNNING]


def test_tasks_come_after_each_other_by_their_keys() -> None:
    world = World()
    tasks = [*wanted("one"), {"key": "b", "prompt": "two", "agent": "fake", "after": ["task-1"]}]
    run(world, tasks=tasks)
    first, second = world.facts.tasks.values()
    assert second.after == (first.id,)


def test_a_command_alone_is_a_task_with_a_title() -> None:
    world = World()
    run(world, tasks=[{"key": "a", "prompt": "", "agent": "shell", "command": "make all"}])
    (task,) = world.facts.tasks.values()
    assert (task.title, task.prompt, task.command) == ("make all", "make all", "make all")


def test_a_title_is_one_line_whatever_was_asked() -> None:
    world = World()
    run(world, tasks=wanted("one", title="Fix\n\nSwarm-Gates: forged\x1b[0m"))
    assert [task.title for task in world.facts.tasks.values()] == ["Fix"]


@pytest.mark.parametrize(
    ("asked", "auto", "lands"),
    [("no", True, "no"), ("no", False, "no"), ("waited", False, "waited"), ("waited", True, "auto"),
     ("if_auto", False, "no"), ("if_auto", True, "auto")],
)  # fmt: skip
def test_whether_a_run_lands(asked: str, auto: bool, lands: str) -> None:
    world = World(Settings(merge=MergeSettings(auto=auto)))
    run(world, "one", lands=asked)
    assert world.facts.runs[RunId("r")].lands == lands


@pytest.mark.parametrize(
    "args",
    [
        {"tasks": wanted("")},
        {"tasks": [*wanted("one"), *wanted("two")]},
        {"tasks": wanted("one", agent="nobody")},
        {"tasks": wanted("one", after=["x"])},
        {"target": "gone"},
    ],
)
def test_a_run_that_cannot_be_is_refused_before_anything_starts(args: Answer) -> None:
    world = World()
    before = world.facts.seq
    with pytest.raises(UsageFault):
        run(world, **{"tasks": wanted("one"), **args})
    assert world.facts.seq == before and world.shop.envs == {}


# --- join and leave ---------------------------------------------------------------------------------------------------


def test_who_leaves_stops_what_runs_and_what_waits_and_lands_nothing_more() -> None:
    world = World(max_running=1)
    first, second = world.submit("one", "two")
    other = world.submit("three")[0]
    world.go()
    name = world.current(first)
    answer = ask(world, "leave", run=world.facts.tasks[first].run, why="interrupted")
    assert answer["stopped"] == [name]
    world.go()
    assert [world.facts.tasks[task].outcome for task in (first, second)] == [Outcome.INTERRUPTED] * 2
    assert world.facts.tasks[other].outcome is None, "another run goes on"


def test_who_comes_back_goes_on_where_he_left() -> None:
    world = World()
    name = world.running()
    world.works(name, {"a": b"work\n"})
    run_id = world.session(name).run
    world.log.append(e.RunLeft(run_id, "gone"))
    world.go()
    assert world.outcomes() == [Outcome.READY] and "a" not in world.main()
    assert ask(world, "join", run=run_id, env={"NEW": "1"}) == {"run": run_id}
    world.go()
    assert world.outcomes() == [Outcome.LANDED] and world.shop.envs[run_id] == {"NEW": "1"}


def test_a_task_that_lost_its_start_gets_it_when_somebody_comes_back() -> None:
    world = World()
    (task,) = world.submit("one")
    world.restart()
    world.go()
    assert world.outcomes() == [Outcome.INTERRUPTED]
    ask(world, "join", run=world.facts.tasks[task].run, env=ENV)
    world.go()
    assert world.session(world.current(task)).stage is Stage.RUNNING


@pytest.mark.parametrize("kind", ["join", "leave"])
def test_a_run_that_nobody_knows_is_refused(kind: str) -> None:
    assert isinstance(refused(World(), kind, run="x", env=ENV), UsageFault)


# --- stop -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_stop_by_stage(stage: Stage) -> None:
    world = World()
    name = at(world, stage)
    if stage in (Stage.READY, Stage.LANDING, Stage.LANDED, Stage.PARKED, Stage.KEPT, Stage.EMPTY):
        assert isinstance(refused(world, "stop", id=name), Refused)
        return
    assert ask(world, "stop", id=name)["stopped"] == [name]
    world.go()
    queued = stage in (Stage.QUEUED, Stage.GATING)
    assert world.session(name).outcome is (Outcome.READY if queued else Outcome.INTERRUPTED)
    assert world.main() == world.files


def test_stopping_twice_asks_once() -> None:
    world = World()
    name = world.running()
    for _ in range(2):
        ask(world, "stop", id=name)
    assert len([event for event in world.events if isinstance(event, e.StopRequested)]) == 1


def test_what_is_taken_out_of_the_queue_stays_out_and_leaves_its_run_alone() -> None:
    world = World(Settings(merge=MergeSettings(auto=True)))
    one, two = world.submit("one", "two", lands="auto")
    world.go()
    for task in (one, two):
        world.works(world.current(task), {task: b"work\n"})
    world.go(Kind.INTEGRATE)
    ask(world, "stop", id=world.current(one))
    world.go()
    assert world.outcomes() == [Outcome.READY, Outcome.LANDED]
    ask(world, "merge", id=world.current(one))
    world.go()
    assert world.outcomes() == [Outcome.LANDED, Outcome.LANDED]


def test_stop_all_stops_everything_that_runs_or_waits() -> None:
    world = World(max_running=1)
    world.submit("one", "two")
    world.submit("three")
    world.go()
    ask(world, "stop", all=True)
    world.go()
    assert set(world.outcomes()) == {Outcome.INTERRUPTED}


# --- resume -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_resume_by_stage(stage: Stage) -> None:
    world = World()
    name = at(world, stage)
    if stage not in (Stage.KEPT, Stage.EMPTY):
        assert isinstance(refused(world, "resume", id=name, env=ENV), Refused)
        return
    answer = ask(world, "resume", id=name, env=ENV, waits=True)
    assert answer["session"] == name
    world.go()
    session = world.session(name)
    assert (session.stage, session.attempt, session.outcome) == (Stage.RUNNING, 2, None)
    assert world.bench(name).files["README"] == (b"work\n" if stage is Stage.KEPT else b"hello\n")


@pytest.mark.parametrize("deleted", [True, False])
def test_a_removed_session_is_resumed_with_everything_it_had(deleted: bool) -> None:
    world = World()
    name = at(world, Stage.KEPT)
    ask(world, "rm", id=name)
    if deleted:
        del world.repository.trash[PLACES.trash(name)]
        world.log.append(e.WorktreeDeleted(name))
    ask(world, "resume", id=name, env=ENV)
    world.go()
    assert world.session(name).stage is Stage.RUNNING
    assert world.bench(name).files["README"] == b"work\n"


def test_a_task_that_never_started_is_resumed_by_its_own_name() -> None:
    world = World()
    (task,) = world.submit("one")
    world.restart()
    world.go()
    assert ask(world, "resume", id=task, env=ENV, waits=True)["task"] == task
    world.go()
    assert world.session(world.current(task)).stage is Stage.RUNNING


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
    name = at(world, Stage.PARKED)
    world.repository.dirty = set()
    assert ask(world, "land")["sessions"] == [name]
    world.go()
    assert world.session(name).stage is Stage.LANDED and world.main()["README"] == b"work\n"
    assert [event for event, _ in world.hooks.fired].count("post_merge") == 1
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
    if stage in (Stage.READY, Stage.KEPT, Stage.PARKED):
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


def test_undo_of_an_undo_brings_the_change_back() -> None:
    world = World()
    at(world, Stage.LANDED)
    for _ in range(2):
        world.clock.time += 1
        ask(world, "undo")
        world.go()
    assert world.main() == {"README": b"work\n"}


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
    else:
        assert isinstance(refused(world, "send", id=name, text="go on"), Refused)


@pytest.mark.parametrize("kind", ["stop", "resume", "merge", "rm", "undo", "approve", "send"])
def test_a_session_that_nobody_knows_is_a_usage_error_with_a_hint(kind: str) -> None:
    error = refused(World(), kind, id="nothing", env=ENV, text="x")
    assert isinstance(error, UsageFault) and error.hint
