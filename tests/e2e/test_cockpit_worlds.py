"""The world changes while the cockpit is open: it says so in the list, and goes on with what there is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.test_cockpit import FAKE, open_cockpit
from tests.e2e.world import World


def test_what_is_typed_elsewhere_is_seen_in_every_cockpit_that_is_open(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    go = world.home / "go"
    open_cockpit(terminal, "one")
    open_cockpit(terminal, "two", (80, 24))
    for name in ("one", "two"):
        terminal.shows(name, "Nothing runs here yet.")

    def both_show(*words: str) -> None:
        for name in ("one", "two"):
            terminal.shows(name, *words)

    world.swarmctl("run", f"append half.txt so far\nwait {go}", "--agent", "fake", "--no-merge", "--detach", rc=0)
    both_show("● 1 working", "append half.txt")
    session = world.await_stage(Stage.RUNNING)[0]
    world.await_file(Path(session.worktree) / "half.txt")
    world.swarmctl("stop", session.id, rc=0)
    both_show("● 0 working", "interrupted")
    world.swarmctl("rm", session.id, rc=0)
    both_show("in the trash")
    world.swarmctl("undo", session.id, rc=0)
    both_show("● 0 working", "interrupted")
    go.touch()
    world.swarmctl("resume", session.id, rc=0)
    both_show("◆ 1 ready")
    terminal.press("one", "m")
    both_show("◆ 0 ready", "landed")


def test_a_tmux_server_that_is_gone_ends_what_ran_there_and_r_goes_on(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    go = world.home / "go"
    world.swarmctl("run", f"append half.txt so far\nwait {go}", "--agent", "fake", "--no-merge", "--detach", rc=0)
    session = world.await_stage(Stage.RUNNING)[0]
    world.await_file(Path(session.worktree) / "half.txt")
    open_cockpit(terminal)
    terminal.shows("one", "● 1 working")

    server = world.tmux_server()
    assert server is not None
    os.kill(server, signal.SIGKILL)
    terminal.shows("one", "● 0 working", "▲ 1 need")
    terminal.press("one", "Enter")
    terminal.shows("one", "r goes on with it")
    go.touch()
    terminal.press("one", "r")
    terminal.shows("one", "◆ 1 ready")
