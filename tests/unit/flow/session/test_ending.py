"""From a dead process to a stated outcome, and from a worktree to the trash: what is kept, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage, State
from swarmctl.flow.session.settle import checkpoint, checkpoint_ref, end, remove, settle, trash_ref
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import CLEAN, PLACES, World

WORK: Mapping[str, bytes] = {"a": b"work\n"}
SECRET: Mapping[str, bytes] = {"a": b"work\n", ".env": b"KEY=1\n"}
NOTHING: Mapping[str, bytes] = {}


def ended(world: World, files: Mapping[str, bytes], exit: Exit | None, stop: str = "") -> SessionId:
    """A session whose end is known and not yet judged; without an exit its wrapper vanished."""
    name = world.running(waits=False)
    world.works(name, files, exit)
    if exit is None:
        world.machine.vanish(name)
    if stop:
        world.log.append(e.StopRequested(name, stop))
    world.go(Kind.SETTLE)
    assert world.session(name).stage is Stage.ENDED
    return name


def test_a_start_is_put_away_when_its_session_is_judged() -> None:
    world = World()
    name = ended(world, NOTHING, CLEAN)
    assert world.agents.put_away == []
    world.go()
    assert world.agents.put_away == [PLACES.agent_files(name)]


# --- end --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit", "state"),
    [(CLEAN, State.EXITED), (Exit(3), State.EXITED), (Exit(None, 9), State.EXITED), (None, State.LOST)],
)
def test_the_end_says_how_it_ended_as_far_as_anyone_saw(exit: Exit | None, state: State) -> None:
    world = World()
    name = ended(world, NOTHING, exit)
    assert (world.session(name).exit, world.session(name).state) == (exit or Exit(None), state)
    assert world.processes.stops == [PLACES.marker(name)], "what carries its marker is ended as well"


def test_a_session_whose_processes_cannot_be_ended_is_not_said_to_have_ended() -> None:
    world = World()
    name = world.running()
    world.machine.of(name).stubborn = True
    world.drive(end(world.session(name), world.desk))
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.UNKNOWN)


# --- settle -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit", "stop", "files", "stage", "outcome"),
    [
        (CLEAN, "", WORK, Stage.READY, Outcome.READY),
        (CLEAN, "", NOTHING, Stage.EMPTY, Outcome.NO_WORK),
        (CLEAN, "", SECRET, Stage.KEPT, Outcome.BLOCKED),
        *(
            (exit, "", files, Stage.KEPT, outcome)
            for files in (WORK, NOTHING, SECRET)
            for exit, outcome in (
                (Exit(1), Outcome.FAILED),
                (Exit(137), Outcome.FAILED),
                (Exit(None, 9), Outcome.FAILED),
                (Exit(None, 15), Outcome.FAILED),
                (Exit(None, 1), Outcome.INTERRUPTED),
                (None, Outcome.UNKNOWN),
            )
        ),
        *(
            (exit, "time limit of 1 s", files, Stage.KEPT, Outcome.INTERRUPTED)
            for files in (WORK, NOTHING, SECRET)
            for exit in (CLEAN, Exit(1), Exit(None, 15), None)
        ),
    ],
)
def test_what_an_end_is_called(
    exit: Exit | None, stop: str, files: Mapping[str, bytes], stage: Stage, outcome: Outcome
) -> None:
    world = World()
    name = ended(world, files, exit, stop)
    world.drive(settle(world.session(name), world.facts, world.desk))
    session = world.session(name)
    assert (session.stage, session.outcome) == (stage, outcome)
    kept = world.repository.files(session.checkpoint)
    assert kept.items() >= files.items(), "everything is kept before anything is judged"
    assert world.main() == world.files, "nothing lands by ending"
    if stop:
        assert session.reason == stop


def test_only_a_clean_end_is_committed_on_the_branch() -> None:
    world = World()
    name = ended(world, WORK, Exit(1))
    before = world.repository.refs[f"refs/heads/{world.session(name).branch}"]
    world.go()
    assert world.repository.refs[f"refs/heads/{world.session(name).branch}"] == before


def test_the_commit_for_the_agent_has_the_tasks_words() -> None:
    world = World()
    name = ended(world, WORK, CLEAN)
    world.go()
    assert world.repository.commits[world.session(name).head].message == "one\n\ndo one\n"
    assert [event.files for event in world.events if isinstance(event, e.WorkCommitted)] == [1]


@pytest.mark.parametrize("until", range(5))
@pytest.mark.parametrize("mid_effect", [True, False])
def test_settling_that_was_killed_anywhere_comes_to_the_same(until: int, mid_effect: bool) -> None:
    world = World()
    name = ended(world, WORK, CLEAN)
    world.drive(settle(world.session(name), world.facts, world.desk), until, mid_effect)
    world.restart()
    world.go()
    session = world.session(name)
    assert (session.stage, session.outcome) == (Stage.READY, Outcome.READY)
    assert world.repository.files(session.head)["a"] == b"work\n"


def test_its_terminal_is_kept_and_its_pane_forgotten() -> None:
    world = World()
    name = ended(world, WORK, CLEAN)
    world.machine.of(name).screen = ["a", "b"]
    world.go()
    assert world.terminals[name] == "a\nb\n"
    assert world.host.closed == [name]


def test_a_terminal_that_is_gone_does_not_keep_the_work_from_being_settled() -> None:
    world = World()
    name = ended(world, WORK, CLEAN)

    def gone(pane: str, session: SessionId) -> str:
        raise EnvironmentFault("no server")

    world.host.capture = gone  # type: ignore[method-assign]
    world.go()
    assert world.session(name).stage is Stage.READY


def test_hooks_hear_the_outcome() -> None:
    world = World()
    ended(world, WORK, Exit(1))
    world.go()
    assert [facts["SWARM_OUTCOME"] for event, facts in world.hooks.fired if event == "session_finished"] == ["failed"]


# --- checkpoint -------------------------------------------------------------------------------------------------------


def test_a_checkpoint_without_a_change_is_the_one_before() -> None:
    world = World()
    name = world.running()
    world.works(name, WORK, None)
    for _ in range(2):
        world.drive(checkpoint(world.session(name), world.desk, "while it works"))
    assert len([event for event in world.events if isinstance(event, e.Checkpointed)]) == 1


def test_each_checkpoint_holds_the_one_before() -> None:
    world = World()
    name = world.running()
    seen = []
    for number in range(3):
        world.works(name, {"a": b"%d\n" % number}, None)
        world.drive(checkpoint(world.session(name), world.desk, "while it works"))
        seen.append(world.session(name).checkpoint)
    newest = world.repository.refs[checkpoint_ref(world.session(name))]
    assert newest == seen[-1] and set(seen) <= set(world.repository.ancestors(newest))


# --- remove -----------------------------------------------------------------------------------------------------------


def test_nothing_is_removed_while_a_process_is_alive() -> None:
    world = World()
    name = world.ready()
    agent = world.machine.of(name)
    agent.alive = agent.stubborn = True
    before = dict(world.repository.worktrees)
    with pytest.raises(SwarmError, match="still alive") as caught:
        list(remove(world.session(name), world.facts, world.desk, "asked for"))
    assert name in caught.value.hint
    assert world.repository.worktrees == before and world.repository.trash == {}


def test_removal_is_a_checkpoint_and_a_move_into_the_trash() -> None:
    world = World()
    name = world.ready()
    world.works(name, {"late": b"uncommitted\n"}, None)
    world.drive(remove(world.session(name), world.facts, world.desk, "asked for"))
    session = world.session(name)
    assert session.place == "trashed"
    assert world.repository.files(session.checkpoint)["late"] == b"uncommitted\n"
    assert world.repository.refs[trash_ref(session)] == session.checkpoint
    assert world.repository.trash[PLACES.trash(name)].files["late"] == b"uncommitted\n"
    assert world.hooks.fired[-1][0] == "worktree_removed"


def test_removal_that_was_killed_before_its_event_is_done_again() -> None:
    world = World()
    name = world.ready()
    world.drive(remove(world.session(name), world.facts, world.desk, "asked for"), until=0)
    assert world.session(name).place == "present"
    world.drive(remove(world.session(name), world.facts, world.desk, "asked for"))
    assert world.session(name).place == "trashed" and PLACES.trash(name) in world.repository.trash
