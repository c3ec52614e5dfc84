"""A task that is sent while the supervisor stands still or dies: it begins once, and its words are never lost."""

from __future__ import annotations

import os
import signal

from swarmctl.core import events as e
from tests.e2e.terminal import Terminal
from tests.e2e.world import World, until

FAKE = '[agent]\ndefault = "fake"\n'


def sent_to_one_that_stands_still(world: World, terminal: Terminal) -> int:
    world.settings(FAKE)
    world.swarmctl("up", rc=0)
    supervisor = world.supervisor()
    assert supervisor is not None
    terminal.open("one", 120, 40)
    terminal.type("one")
    terminal.shows("one", "Nothing runs here yet.")
    os.kill(supervisor, signal.SIGSTOP)
    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.write("one", "write made.txt hello")
    terminal.press("one", "C-s")
    terminal.shows("one", "asking the supervisor …", "esc leave")
    return supervisor


def test_a_supervisor_that_dies_while_a_task_is_sent_has_a_successor_that_begins_it_once(
    world: World, terminal: Terminal
) -> None:
    supervisor = sent_to_one_that_stands_still(world, terminal)
    terminal.press("one", "Escape")
    terminal.lacks("one", "New task")
    os.kill(supervisor, signal.SIGKILL)
    terminal.shows("one", "◆ 1 ready", "write made.txt hello")
    assert len(world.events(e.TaskAdded)) == 1
    terminal.press("one", "n")
    terminal.shows("one", "New task", "^s send")
    terminal.press("one", "Escape")


def test_who_quits_then_comes_back_to_what_was_written(world: World, terminal: Terminal) -> None:
    supervisor = sent_to_one_that_stands_still(world, terminal)
    terminal.press("one", "C-q")
    until(lambda: terminal.screen("one").rstrip().endswith("\n$"), "the shell")
    os.kill(supervisor, signal.SIGCONT)
    terminal.type("one")
    terminal.shows("one", "swarmctl · repo")
    terminal.press("one", "n")
    terminal.shows("one", "New task", "write made.txt hello", "look whether it arrived")
