"""Words that a person writes in the cockpit: what is refused, or left, or cut off, is there again."""

from __future__ import annotations

import os
import signal

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.test_cockpit import open_cockpit, pid_of
from tests.e2e.world import World, until

FAKE = '[agent]\ndefault = "fake"\n'


def test_a_task_that_is_refused_is_sent_again_as_it_was_written(world: World, terminal: Terminal) -> None:
    world.settings(f'{FAKE}[merge]\ntarget = "nosuch"\n')
    open_cockpit(terminal)
    terminal.shows("one", "Nothing runs here yet.")
    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.write("one", "# Make it", "write made.txt hello", "sleep 600")
    terminal.press("one", "C-s")
    terminal.shows("one", "there is no branch nosuch", "# Make it", "write made.txt hello")
    assert not world.facts().tasks

    world.settings(FAKE)
    terminal.press("one", "C-s")
    terminal.shows("one", "● 1 working")
    (session,) = world.await_stage(Stage.RUNNING)
    assert world.facts().tasks[session.task].prompt == "# Make it\nwrite made.txt hello\nsleep 600"
    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.lacks("one", "write made.txt")


def test_what_was_begun_outlives_the_cockpit(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    open_cockpit(terminal)
    terminal.shows("one", "Nothing runs here yet.")
    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.write("one", "# Half a", "thought")
    drafts = world.state / "drafts" / "new.json"
    until(lambda: drafts.exists() and "thought" in drafts.read_text(), "the draft in its file")
    os.kill(pid_of(world, terminal, "one"), signal.SIGKILL)
    open_cockpit(terminal, "two")
    terminal.shows("two", "Nothing runs here yet.")
    terminal.press("two", "n")
    terminal.shows("two", "# Half a", "thought")
