"""Commands that start, stop and resume: what each does to the log, and what it refuses."""

from __future__ import annotations

import pytest

from swarmctl.app.commands import Context, let_go
from swarmctl.app.restart import forgotten_waits
from swarmctl.core import events as e
from swarmctl.core.config import MergeSettings, Settings
from swarmctl.core.errors import Refused, UsageFault
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import Answer, ask, at, refused
from tests.fakes.desk import CLEAN, PLACES, World

ENV = {"PATH": "/bin"}


def wanted(*prompts: str, **more: object) -> list[Answer]:
    return [
        {"key": f"task-{n}", "prompt": prompt, "agent": "fake", **more} for n, prompt in enumerate(prompts, start=1)
    ]


def run(world: World, *prompts: str, **args: object) -> Answer:
    given = {"run": "r", "tasks": wanted(*prompts), "env": ENV, "waits": True, "lands": "waited", **args}
    return ask(world, "run", **given)


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


def test_a_run_is_submitted_once() -> None:
    world = World()
    run(world, "one")
    with pytest.raises(UsageFault, match="already"):
        run(world, "two")
    assert len(world.facts.tasks) == 1


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
    assert ask(world, "join", run=run_id, env={"NEW": "1"})["run"] == run_id
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
    if stage not in (Stage.LIMITED, Stage.KEPT, Stage.EMPTY):
        assert isinstance(refused(world, "resume", id=name, env=ENV), Refused)
        return
    answer = ask(world, "resume", id=name, env=ENV, waits=True)
    assert answer["session"] == name
    world.go()
    session = world.session(name)
    assert (session.stage, session.attempt, session.outcome) == (Stage.RUNNING, 2, None)
    assert world.bench(name).files["README"] == (b"work\n" if stage is Stage.KEPT else b"hello\n")


def test_who_resumes_one_session_does_not_land_another_that_stopped_at_ready() -> None:
    world = World()
    first, second = world.submit("one", "two", waits=False)
    world.go()
    for task, done in ((first, CLEAN), (second, Exit(1))):
        world.works(world.current(task), {"made": b"work\n"}, done)
    world.go()
    ask(world, "resume", id=world.current(second), env={}, waits=True)
    world.go()
    assert (world.session(world.current(first)).stage, world.tip()) == (
        Stage.READY,
        world.session(world.current(first)).base,
    )
    assert world.facts.tasks[first].outcome is Outcome.READY


def two_of_a_run(world: World) -> tuple[TaskId, TaskId]:
    """One works, the other was stopped; nobody waits for them."""
    first, second = world.submit("one", "two", waits=False)
    world.go()
    world.works(world.current(second), {"two": b"work\n"}, Exit(1))
    world.go()
    return first, second


def works(world: World, *tasks: TaskId) -> None:
    for task in tasks:
        world.works(world.current(task), {task: b"work\n"})
    world.go()


@pytest.mark.parametrize(("waits", "outcome"), [(True, Outcome.LANDED), (False, Outcome.READY)])
def test_who_resumes_one_session_lands_it_and_no_sibling_that_still_runs(waits: bool, outcome: Outcome) -> None:
    world = World()
    first, second = two_of_a_run(world)
    ask(world, "resume", id=world.current(second), env=ENV, waits=waits)
    world.go()
    works(world, first, second)
    assert world.outcomes() == [Outcome.READY, outcome]


def test_who_resumes_in_a_run_that_does_not_land_lands_nothing() -> None:
    world = World()
    (task,) = world.submit("one", lands="no")
    world.go()
    world.works(world.current(task), {"a": b"work\n"}, Exit(1))
    world.go()
    ask(world, "resume", id=world.current(task), env=ENV, waits=True)
    world.go()
    works(world, task)
    assert world.outcomes() == [Outcome.READY]


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_resumed_session_whose_supervisor_died_lands_for_who_comes_back(comes_back: bool) -> None:
    world = World()
    first, second = two_of_a_run(world)
    answer = ask(world, "resume", id=world.current(second), env=ENV, waits=True)
    world.go()
    world.restart()
    world.log.append(*forgotten_waits(world.facts))
    if comes_back:
        ask(world, "join", run=answer["run"], task=second, env=ENV, waits=True)
    works(world, first, second)
    assert world.outcomes() == [Outcome.READY, Outcome.LANDED if comes_back else Outcome.READY]


def test_a_resumed_session_does_not_land_once_its_caller_is_gone() -> None:
    world = World()
    _, second = two_of_a_run(world)
    ask(world, "resume", id=world.current(second), env=ENV, waits=True)
    world.go()
    world.log.append(*let_go(second, Context(world.facts, world.shop)))
    works(world, second)
    assert world.facts.tasks[second].outcome is Outcome.READY


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


def stubborn(world: World) -> SessionId:
    """Kept because its processes do not end."""
    name = world.running()
    world.machine.of(name).stubborn = True
    ask(world, "stop", id=name)
    world.go()
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.UNKNOWN)
    return name


def test_a_session_whose_processes_do_not_end_is_not_resumed_beside_them() -> None:
    world = World()
    name = stubborn(world)
    refusal = refused(world, "resume", id=name, env=ENV, waits=True)
    assert "still alive" in refusal.message and PLACES.marker(name) in refusal.hint
    assert world.go() == []


def test_what_is_left_of_the_last_attempt_ends_before_the_next_one_begins() -> None:
    world = World()
    name = stubborn(world)
    world.machine.of(name).stubborn = False
    ask(world, "resume", id=name, env=ENV)
    world.go()
    assert world.session(name).stage is Stage.RUNNING
    assert [agent.alive for agent in world.machine.agents.values()] == [False, True]


def test_a_session_whose_agent_has_no_definition_any_more_is_not_resumed() -> None:
    world = World()
    name = at(world, Stage.KEPT)
    world.agents.known = ()
    assert "no agent" in refused(world, "resume", id=name, env=ENV).message


def test_a_task_that_never_started_is_resumed_by_its_own_name() -> None:
    world = World()
    (task,) = world.submit("one")
    world.restart()
    world.go()
    assert ask(world, "resume", id=task, env=ENV, waits=True)["task"] == task
    world.go()
    assert world.session(world.current(task)).stage is Stage.RUNNING
    works(world, task)
    assert world.outcomes() == [Outcome.LANDED], "whoever resumed it waits"


def test_a_task_that_has_not_started_is_stopped_by_its_own_name() -> None:
    world = World(max_running=1)
    _, second = world.submit("one", "two")
    world.go()
    assert ask(world, "stop", id=second, why="interrupted") == {"stopped": [second]}
    assert world.facts.tasks[second].outcome is Outcome.INTERRUPTED


def test_taking_an_entry_out_of_the_queue_ends_the_gate_that_runs_for_it() -> None:
    world = World()
    name = at(world, Stage.GATING)
    ask(world, "stop", id=name)
    assert world.cancelled == [PLACES.integration("main")]
    assert world.session(name).stage is Stage.KEPT
