"""What is gated without a landing is said to be so wherever its state stands."""

from __future__ import annotations

from swarmctl.app.glance import tasks_at
from swarmctl.core import events as e
from swarmctl.core.gate import Staged
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Exit
from swarmctl.surfaces.cli.fast_ps import table
from tests.surfaces.tui.rivals import attempt, rehearsed
from tests.surfaces.tui.stage import BASE, COMMIT, TREE, Scene, Stage, play
from tests.surfaces.tui.work import known, worktrees


def states(stage: Stage) -> dict[str, str]:
    """As `ps` has them."""
    found = tasks_at(str(stage.place.paths.database))
    assert found is not None
    return {line.split()[0]: line.split()[1] for line in table(found[0], 0.0).splitlines()[1:]}


def ended(stage: Stage, name: str) -> None:
    """Its work is committed; whether it is good is for its gates to say."""
    session = known(stage, name)
    work = worktrees(stage).commit_work(session.worktree, session.branch, session.base, f"Work of {name}\n")
    stage.tell(
        e.SessionEnded(session.id, Exit(0), "exit file"),
        e.WorkCommitted(session.id, work.head, len(work.committed)),
        e.SessionReady(session.id, work.head),
    )


def test_an_attempt_is_said_to_be_gated_while_its_gates_run(stage: Stage) -> None:
    for name in ("first", "other"):
        attempt(stage, name, {"a.txt": f"{name}\n"})
        ended(stage, name)
    head = known(stage, "first").head
    stage.tell(e.RehearsalBegun(SessionId("first"), Staged(BASE, head, COMMIT, TREE, "squash")))

    async def act(scene: Scene) -> None:
        text = await scene.shows("● gating", "● waits for gates")
        assert "● ready" not in text
        assert states(stage) == {"first": "gating", "other": "ready"}
        rehearsed(stage, "first")
        await scene.lacks("● gating")
        assert states(stage)["first"] == "ready"

    play(stage, act)
