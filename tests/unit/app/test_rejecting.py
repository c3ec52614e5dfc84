"""What a person does not want of a session's work is taken out by the supervisor, and never under a running agent."""

from __future__ import annotations

import pytest

from swarmctl.core import events as e
from swarmctl.core.codec import to_plain
from swarmctl.core.rejection import Rejection
from swarmctl.core.session import Stage
from tests.fakes.asking import ask, at, refused
from tests.fakes.desk import World

FILES = {"README": b"other\n", "new": b"one\n"}


def test_a_rejected_file_is_gone_from_the_branch_and_kept_in_a_checkpoint() -> None:
    world = World()
    name = world.ready(files=FILES)
    before = world.session(name)
    world.repository.worktrees[before.worktree].files["late"] = b"not committed\n"
    world.repository.refs.copy()
    after = world.desk.worktrees.checkpoint(before.worktree, "refs/swarm/look", "as a person saw it")
    answer = ask(world, "reject", id=name, what=to_plain(Rejection(before.base, after, "new", "new")))
    session = world.session(name)
    assert session.head == answer["head"] != before.head and session.stage is Stage.READY
    assert world.repository.files(session.head) == {"README": b"other\n", "late": b"not committed\n"}
    assert world.repository.files(session.checkpoint)["new"] == b"one\n"
    kinds = [type(event) for event in world.events]
    assert kinds.index(e.RejectionIntended) < kinds.index(e.WorkRejected)
    ask(world, "merge", id=name)
    world.go()
    assert "new" not in world.main() and world.main()["README"] == b"other\n"


def test_what_changed_since_a_person_looked_is_not_rejected() -> None:
    world = World()
    name = world.ready(files=FILES)
    seen = world.session(name)
    world.repository.worktrees[seen.worktree].files["new"] = b"two\n"
    with pytest.raises(Exception, match="it changed since you looked"):
        ask(world, "reject", id=name, what=to_plain(Rejection(seen.base, seen.head, "new", "new")))
    assert world.repository.worktrees[seen.worktree].files["new"] == b"two\n"
    assert world.repository.files(world.session(name).head)["new"] == b"two\n"


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.RUNNING, "its files are its agent's"),
        (Stage.PLANNED, "its files are its agent's"),
        (Stage.QUEUED, "on its way to main"),
        (Stage.GATING, "on its way to main"),
        (Stage.LANDED, "is landed"),
        (Stage.EMPTY, "is empty"),
        (Stage.LIMITED, "is limited"),
    ],
)
def test_nothing_changes_under_an_agent_or_on_the_way_to_the_target(stage: Stage, words: str) -> None:
    world = World()
    name = at(world, stage)
    session = world.session(name)
    what = Rejection(session.base, session.head or session.base, "README", "README")
    assert words in refused(world, "reject", id=name, what=to_plain(what)).message
