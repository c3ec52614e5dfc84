"""The cockpit as a person has it: in a real terminal, with agents that run; each story lives through several scenes."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.world import World, until

HINT = "F12: back, it goes on"
FAKE = '[agent]\ndefault = "fake"\n'
SPANS = re.compile(r"\b\d+[smhd] *")
TALK = "# Talk\nescape\ntitle owned\nsay here I am\nsleep 600"


def open_cockpit(terminal: Terminal, name: str = "one", size: tuple[int, int] = (120, 40)) -> None:
    terminal.open(name, *size)
    terminal.type(name)


def at_rest(terminal: Terminal, name: str, looks: int = 8) -> str:
    """What several looks in a row agree on."""
    seen: list[str] = []

    def agreed() -> bool:
        seen.append(still(terminal.screen(name)))
        return seen[-looks:] == [seen[-1]] * looks

    until(agreed, "a screen that rests", 30.0)
    return seen[-1]


def becomes(terminal: Terminal, whole: str) -> None:
    until(lambda: still(terminal.screen("one")) == whole, f"the screen to be as it was:\n{whole}", 30.0)


def still(screen: str) -> str:
    """Without the ages, which go on."""
    return SPANS.sub("", screen)


def pid_of(world: World, terminal: Terminal, name: str) -> int:
    """The cockpit's in that pane."""
    tty = terminal.tmux("display-message", "-p", "-t", f"={name}:", "#{pane_tty}").strip()

    def only() -> list[int]:
        """What it starts has its words until it becomes a program of its own."""
        named = (pid for pid, words in world.ours().items() if words.rstrip().endswith("surfaces.cli.entry"))
        found = [pid for pid in named if _stdin(pid) == tty]
        return found if len(found) == 1 else []

    (found,) = until(only, f"one cockpit on {tty}", 30.0)
    return int(found)


def _stdin(pid: int) -> str:
    """Of one that ended meanwhile, none."""
    with suppress(OSError):
        return str(Path(f"/proc/{pid}/fd/0").readlink())
    return ""


def test_a_first_task_from_an_empty_list_to_its_landing(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    go = world.home / "go"
    open_cockpit(terminal)
    terminal.shows("one", "Nothing runs here yet.", "give an agent a task")

    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.write("one", "# Make it", "say here I am", "write made.txt hello", f"wait {go}")
    terminal.press("one", "C-s")
    terminal.shows("one", "● 1 working", "here I am")

    name = world.await_stage(Stage.RUNNING)[0].id
    terminal.press("one", "Enter")
    terminal.shows("one", "here I am", HINT)
    terminal.press("one", "F12")
    terminal.lacks("one", HINT)
    terminal.shows("one", "● 1 working", " Make it", "here I am", "? help")

    go.touch()
    terminal.shows("one", "◆ 1 ready")
    terminal.press("one", "m")
    terminal.shows("one", "landed", "◆ 0 ready")
    assert world.text("made.txt") == "hello"
    assert world.session(name).stage is Stage.LANDED


def test_what_is_stopped_goes_on_and_what_is_removed_comes_back(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    go = world.home / "go"
    world.swarmctl("run", f"append half.txt so far\nwait {go}", "--agent", "fake", "--no-merge", "--detach", rc=0)
    session = world.await_stage(Stage.RUNNING)[0]
    world.await_file(Path(session.worktree) / "half.txt")
    open_cockpit(terminal)
    terminal.shows("one", "● 1 working")

    terminal.press("one", "Delete")
    terminal.shows("one", "x stops it first")
    terminal.press("one", "x")
    terminal.shows("one", "interrupted")
    terminal.press("one", "r")
    terminal.shows("one", "● 1 working")
    terminal.press("one", "x")
    terminal.shows("one", "interrupted")
    terminal.press("one", "Delete")
    until(lambda: not Path(session.worktree).exists(), "its worktree to be in the trash")
    terminal.shows("one", "is in the trash")
    terminal.press("one", "u")
    until(lambda: (Path(session.worktree) / "half.txt").exists(), "its work to be back")

    terminal.press("one", "q")
    terminal.shows("one", "$ ")
    assert world.supervisor() is not None


def test_two_cockpits_see_the_same_and_what_is_killed_takes_nothing_along(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    open_cockpit(terminal, "one")
    open_cockpit(terminal, "two", (80, 24))
    terminal.shows("one", "Nothing runs here yet.")
    terminal.shows("two", "Nothing runs here yet.")

    world.swarmctl("run", TALK, "--agent", "fake", "--detach", rc=0)
    for name in ("one", "two"):
        terminal.shows(name, "● 1 working", "here I am")

    session = world.session()
    terminal.press("one", "Enter")
    terminal.shows("one", HINT)
    os.kill(pid_of(world, terminal, "one"), signal.SIGKILL)
    assert world.session().stage is Stage.RUNNING
    terminal.shows("two", "● 1 working", "here I am")

    os.kill(pid_of(world, terminal, "two"), signal.SIGKILL)
    open_cockpit(terminal, "three")
    terminal.shows("three", "● 1 working", "here I am")
    supervisor = world.supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    terminal.shows("three", "No supervisor runs", "U starts it")
    terminal.press("three", "U")
    terminal.lacks("three", "No supervisor runs")
    terminal.press("three", "q")
    terminal.shows("three", "$ ")
    assert world.session().id == session.id


def test_a_terminal_that_changes_its_size_or_is_left_for_a_while_is_whole_again(
    world: World, terminal: Terminal
) -> None:
    world.settings(FAKE)
    world.swarmctl("run", TALK, "--agent", "fake", "--detach", rc=0)
    open_cockpit(terminal, size=(200, 50))
    terminal.shows("one", "● 1 working", "here I am", "+0 −0")
    whole = at_rest(terminal, "one")
    assert "owned" not in terminal.tmux("display-message", "-p", "-t", "=one:", "#{pane_title}")
    assert whole.startswith(" swarmctl · repo") and "? help" in whole.rstrip().splitlines()[-1]

    terminal.resize("one", 20, 5)
    terminal.lacks("one", "here I am")
    small = terminal.screen("one").splitlines()
    assert len(small) <= 5 and max(map(len, small)) <= 20
    terminal.resize("one", 200, 50)
    becomes(terminal, whole)
    terminal.resize("one", 20, 5)
    terminal.resize("one", 200, 50)
    becomes(terminal, whole)

    terminal.press("one", "C-z")
    terminal.shows("one", "$ ")
    terminal.lacks("one", "● 1 working")
    terminal.write("one", "fg")
    terminal.press("one", "Enter")
    becomes(terminal, whole)
    terminal.press("one", "?")
    terminal.shows("one", "Give an agent a task.")


def test_inside_ones_own_tmux_the_terminal_of_an_agent_takes_the_place_of_the_list(
    world: World, terminal: Terminal
) -> None:
    world.settings(FAKE)
    world.swarmctl("run", TALK, "--agent", "fake", "--detach", rc=0)
    terminal.open_inside("outer", "mine", 100, 30)
    terminal.type("mine")
    terminal.shows("outer", "● 1 working", "here I am")

    terminal.press("outer", "Enter")
    terminal.shows("outer", HINT, "here I am")
    terminal.press("outer", "F12")
    terminal.lacks("outer", HINT)
    terminal.shows("outer", "● 1 working", "here I am")
    assert world.session().stage is Stage.RUNNING
