"""What a session took from others comes back at its end; what a person had deleted before stays away."""

from __future__ import annotations

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import SandboxSettings, Settings
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session
from swarmctl.flow.session.settle import checkpoint_ref
from tests.fakes.desk import World


@pytest.fixture
def world() -> World:
    return World()


def delete(world: World, *refs: str, prune: bool = False) -> None:
    for ref in refs:
        commit = world.repository.refs.pop(ref)
        if prune:
            world.repository.commits.pop(commit, None)


def branch(session: Session) -> str:
    return f"refs/heads/{session.branch}"


def ends(world: World, name: SessionId) -> list[str]:
    """What is told at the end of a session that did nothing else."""
    world.works(name, {})
    world.go()
    return [event.text for event in world.events if isinstance(event, e.Noticed) and event.session == name]


def test_what_went_while_it_ran_is_there_again(world: World) -> None:
    other = world.session(world.ready("one"))
    name = world.running("two", waits=False)
    delete(world, branch(other), checkpoint_ref(other))

    told = ends(world, name)

    assert world.repository.refs[branch(other)] == other.head
    assert world.repository.refs[checkpoint_ref(other)] == other.checkpoint
    assert [other.id in words and "while it ran" in words for words in told] == [True, True]


def test_what_came_and_went_while_it_ran_is_there_again(world: World) -> None:
    name = world.running("two", waits=False)
    other = world.session(world.ready("one"))
    delete(world, checkpoint_ref(other))

    assert len(ends(world, name)) == 1
    assert world.repository.refs[checkpoint_ref(other)] == other.checkpoint


@pytest.mark.parametrize("prune", [False, True])
def test_what_was_deleted_before_it_began_stays_away(world: World, prune: bool) -> None:
    other = world.session(world.ready("one"))
    delete(world, branch(other), checkpoint_ref(other), prune=prune)
    name = world.running("two", waits=False)

    assert ends(world, name) == []
    assert {branch(other), checkpoint_ref(other)} & world.repository.refs.keys() == set()
    assert world.session(other.id) == other


def test_a_branch_whose_worktree_is_gone_as_well_stays_away(world: World) -> None:
    other = world.session(world.ready("one"))
    name = world.running("two", waits=False)
    del world.repository.worktrees[other.worktree]
    delete(world, branch(other))

    assert ends(world, name) == []
    assert branch(other) not in world.repository.refs


def test_one_inside_of_a_fence_took_nothing(world: World) -> None:
    other = world.session(world.ready("one"))
    world.settings = Settings(sandbox=SandboxSettings(mode="on"))
    name = world.running("two", waits=False)
    delete(world, checkpoint_ref(other))

    assert ends(world, name) == []
    assert checkpoint_ref(other) not in world.repository.refs


def test_work_whose_commits_were_pruned_is_committed_again_and_known_by_its_new_head(world: World) -> None:
    other = world.session(world.ready("one", {"f": b"work\n"}))
    name = world.running("two", waits=False)
    delete(world, branch(other), checkpoint_ref(other), prune=True)
    world.bench(other.id).head = other.base
    world.bench(other.id).files["later"] = b"by hand\n"

    told = ends(world, name)

    after = world.session(other.id)
    assert after.head != other.head
    assert world.repository.refs[branch(other)] == after.head
    assert world.repository.files(after.head)["f"] == b"work\n"
    assert world.repository.refs[checkpoint_ref(other)] == after.checkpoint != other.checkpoint
    assert [words.partition(":")[0] for words in told] == [
        "branches were deleted with their commits while it ran, and begin at their base again",
        "checkpoints were deleted while it ran",
    ]
