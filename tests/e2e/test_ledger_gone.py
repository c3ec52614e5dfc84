"""Somebody moves the ledger away while work runs: nothing more is taken in, everybody says so, and it goes on later."""

from __future__ import annotations

from pathlib import Path

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.test_cockpit import FAKE, open_cockpit
from tests.e2e.world import World


def moved_away(world: World) -> dict[Path, Path]:
    found = sorted(world.state.glob("swarm.db*"))
    return {path: path.rename(world.home / path.name) for path in found}


def test_a_ledger_that_was_moved_away_is_missed_by_who_writes_and_by_who_reads(
    world: World, terminal: Terminal
) -> None:
    world.settings(FAKE)
    go = world.home / "go"
    world.swarmctl("run", f"wait {go}\nwrite a.txt a", "--agent", "fake", "--detach", rc=0)
    world.await_stage(Stage.RUNNING)
    supervisor = world.supervisor()
    open_cockpit(terminal)
    terminal.shows("one", "● 1 working")

    away = moved_away(world)
    for words in (("ps",), ("queue",), ("run", "write b.txt b", "--agent", "fake", "--detach"), ("down",)):
        said = world.swarmctl(*words, rc=3)
        assert "gone" in said.err and "bring it back" in said.err and f"kill {supervisor}" in said.err
        assert "nothing ran here" not in said.out + said.err
    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.write("one", "write c.txt c")
    terminal.press("one", "C-s")
    terminal.shows("one", "is gone", "write c.txt c")

    for path, there in away.items():
        there.rename(path)
    go.touch()
    terminal.press("one", "C-s")
    facts = world.idle()
    assert {task.prompt.splitlines()[-1] for task in facts.tasks.values()} == {"write a.txt a", "write c.txt c"}
