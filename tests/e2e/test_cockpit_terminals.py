"""The cockpit in terminals of every kind: what they cannot do, how they end, and what is left of them."""

from __future__ import annotations

import os
import re
import signal
from functools import partial

import pytest

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.test_cockpit import HINT, at_rest, becomes, open_cockpit, pid_of
from tests.e2e.world import World, until

FAKE = '[agent]\ndefault = "fake"\n'
MODES = "#{alternate_on}#{cursor_flag}#{mouse_any_flag}#{mouse_sgr_flag}#{keypad_cursor_flag}"
GREYS = 232
SANE = "01000"


def is_sane(terminal: Terminal, name: str) -> None:
    """What a shell needs: the line is edited and echoed, the cursor is seen, nothing is reported."""
    until(
        lambda: terminal.tmux("display-message", "-p", "-t", f"={name}:", MODES).strip() == SANE,
        "a sane terminal",
        20.0,
    )
    terminal.press(name, "C-u")
    terminal.run(name, "clear; stty -a | tr ' ;' '\\n' | grep -xE 'icanon|echo|isig|icrnl' | sort | tr '\\n' ,")
    terminal.shows(name, "echo,icanon,icrnl,isig,")


def gone(world: World, pid: int) -> bool:
    return pid not in world.ours()


def test_what_happened_while_a_terminal_was_lent_is_in_the_list_at_once(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    go = world.home / "go"
    world.swarmctl("run", f"# First\nsay here I am\nwrite one.txt one\nwait {go}", "--agent", "fake", "--detach", rc=0)
    world.await_stage(Stage.RUNNING)
    open_cockpit(terminal)
    terminal.shows("one", "● 1 working", "here I am")
    terminal.press("one", "Enter")
    terminal.shows("one", HINT, "here I am")

    world.swarmctl("run", "# Second\nwrite two.txt two", "--agent", "fake", "--no-merge", rc=0)
    for number in range(8):
        world.swarmctl("run", f"# Stream {number}\nsleep 600", "--agent", "fake", "--detach", rc=0)
    world.await_stage(Stage.RUNNING, 4)
    assert "working" not in terminal.screen("one")
    terminal.press("one", "F12")
    terminal.shows("one", "◆ 1 ready", "● 4 working", "○ 5 waiting", "Stream 7")
    terminal.lacks("one", HINT)

    for _ in range(5):
        terminal.press("one", "Enter")
        terminal.shows("one", HINT)
        terminal.press("one", "F12")
        terminal.shows("one", "● 4 working", "? help")

    terminal.press("one", "/")
    terminal.write("one", "First")
    terminal.press("one", "Enter")
    terminal.lacks("one", "Stream")
    terminal.press("one", "Enter")
    terminal.shows("one", HINT)
    go.touch()
    terminal.shows("one", "? help", "First", "◆ 2 ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("lent", [False, True], ids=["in the list", "terminal lent"])
def test_a_cockpit_that_is_ended_leaves_a_sane_terminal_and_all_at_work(
    world: World, terminal: Terminal, number: signal.Signals, lent: bool
) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "say here I am\nsleep 600", "--agent", "fake", "--detach", rc=0)
    open_cockpit(terminal)
    terminal.shows("one", "● 1 working", "here I am")
    pid = pid_of(world, terminal, "one")
    if lent:
        terminal.press("one", "Enter")
        terminal.shows("one", HINT)
    os.kill(pid, number)
    if lent:
        terminal.press("one", "F12")
    until(partial(gone, world, pid), "the cockpit to end", 20.0)
    is_sane(terminal, "one")
    assert world.session().stage is Stage.RUNNING
    assert len(world.ours()) and "Traceback" not in terminal.tmux("capture-pane", "-p", "-S", "-", "-t", "=one:")


def test_a_terminal_that_is_closed_ends_its_cockpit_and_nothing_else(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "say here I am\nsleep 600", "--agent", "fake", "--detach", rc=0)
    terminal.open("stays", 80, 24)
    for lent in (False, True):
        open_cockpit(terminal, f"closed {lent}")
        terminal.shows(f"closed {lent}", "● 1 working", "here I am")
        pid = pid_of(world, terminal, f"closed {lent}")
        if lent:
            terminal.press(f"closed {lent}", "Enter")
            terminal.shows(f"closed {lent}", HINT)
        terminal.tmux("kill-session", "-t", f"=closed {lent}")
        until(partial(gone, world, pid), "the cockpit to end", 20.0)
    assert world.session().stage is Stage.RUNNING and world.supervisor() is not None


@pytest.mark.parametrize("term", ["xterm-256color", "xterm", "screen", "tmux-256color", "linux", "dumb", "no-such"])
def test_it_opens_and_leaves_in_a_terminal_of_any_name(world: World, terminal: Terminal, term: str) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "say here I am\nsleep 600", "--agent", "fake", "--detach", rc=0)
    terminal.open("one", 100, 30)
    terminal.run("one", f"export TERM={term}")
    terminal.type("one")
    terminal.shows("one", "● 1 working", "here I am", "? help")
    terminal.press("one", "Enter")
    if term in ("dumb", "no-such"):
        terminal.shows("one", f"tmux ended with 1; TERM is {term}")
    else:
        terminal.shows("one", HINT, "here I am")
        terminal.press("one", "F12")
    terminal.shows("one", "● 1 working", "? help")
    terminal.press("one", "q")
    is_sane(terminal, "one")


def test_ctrl_c_in_a_program_that_has_the_terminal_is_that_programs(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    ended, editor = world.home / "ended", world.home / "editor"
    editor.write_text(f"#!/bin/sh\ntrap 'touch {ended}' INT\necho editing\nuntil [ -e {ended} ]; do sleep 0.1; done\n")
    editor.chmod(0o700)
    world.extra_env["VISUAL"] = str(editor)
    world.swarmctl("run", "write a.txt a", "--agent", "fake", "--no-merge", rc=0)
    open_cockpit(terminal)
    terminal.shows("one", "◆ 1 ready")
    terminal.press("one", "d")
    terminal.shows("one", "change 1 of 1")
    terminal.press("one", "e")
    terminal.shows("one", "editing")
    terminal.press("one", "C-c")
    terminal.shows("one", "change 1 of 1")
    terminal.press("one", "q")
    terminal.shows("one", "◆ 1 ready", "? help")


def test_words_are_found_in_a_diff_however_quickly_they_are_typed(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "write a.txt one Needle in it", "--agent", "fake", "--no-merge", rc=0)
    open_cockpit(terminal)
    terminal.shows("one", "◆ 1 ready")
    terminal.press("one", "d")
    terminal.shows("one", "change 1 of 1", "Needle")
    terminal.press("one", "/", *"needle", "Enter", "n", "N")
    terminal.shows("one", "/needle 1/1")
    terminal.press("one", "Escape")
    terminal.lacks("one", "/needle")
    terminal.shows("one", "change 1 of 1")
    terminal.press("one", "Escape")
    terminal.shows("one", "◆ 1 ready", "? help")


def test_without_colours_all_is_grey_and_every_state_has_its_sign(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "write a.txt a", "--agent", "fake", "--no-merge", rc=0)
    world.swarmctl("run", "say here I am\nsleep 600", "--agent", "fake", "--detach", rc=0)
    terminal.open("one", 120, 40)
    terminal.run("one", "export NO_COLOR=1")
    terminal.type("one")
    terminal.shows("one", "● working", "◆ ready", "? help")
    at_rest(terminal, "one")
    drawn = terminal.tmux("capture-pane", "-e", "-p", "-t", "=one:")
    colours = set(re.findall(r"\x1b\[([349]\d(?:;5;\d+)?|10\d)m", drawn)) - {"39", "49"}
    assert colours and all(int(colour.removeprefix("38;5;").removeprefix("48;5;")) >= GREYS for colour in colours), (
        colours
    )


@pytest.mark.parametrize("locale", ["LANG=C", "LC_ALL=C", "LC_ALL=POSIX", "LC_ALL=C.UTF-8"])
def test_signs_are_drawn_whatever_the_locale(world: World, terminal: Terminal, locale: str) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "say hér ist 猫\nsleep 600", "--agent", "fake", "--detach", rc=0)
    terminal.open("one", 100, 30)
    terminal.run("one", f"unset LANG LC_ALL LC_CTYPE; export {locale}")
    terminal.type("one")
    terminal.shows("one", "● 1 working", "hér ist 猫", "⏎ attach")
    terminal.press("one", "n")
    terminal.shows("one", "New task", "your default")
    terminal.write("one", "é 猫")
    terminal.shows("one", "é 猫")


def test_what_is_no_terminal_gets_words_instead(world: World, terminal: Terminal) -> None:
    terminal.open("one", 100, 70)
    for way in ("< /dev/null", "| cat", "> out; cat out"):
        terminal.run("one", f"clear; {terminal.command()} {way}; echo rc=$?")
        terminal.shows("one", "Alone in a terminal it opens the cockpit", "rc=0")


def test_it_opens_in_the_smallest_terminal_and_follows_it_everywhere(world: World, terminal: Terminal) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "# First\nsay here I am\nwrite a.txt a\nsleep 600", "--agent", "fake", "--detach", rc=0)
    world.await_stage(Stage.RUNNING)
    open_cockpit(terminal, size=(20, 5))
    terminal.shows("one", "working")
    terminal.resize("one", 100, 30)
    terminal.shows("one", "+1 −0", "here I am")
    home = at_rest(terminal, "one")
    terminal.resize("one", 20, 5)
    known = {"n": "your default", "d": "change 1 of 1", "t": "fake started", "C-p": "Search"}
    for key in (*known, "g", "$", "w", "?", ",", "/"):
        terminal.press("one", key)
        for size in ((20, 5), (200, 50), (3, 2), (60, 4), (100, 30)):
            terminal.resize("one", *size)
        terminal.shows("one", known.get(key, ""))
        whole = at_rest(terminal, "one", 12)
        terminal.resize("one", 10, 3)
        terminal.resize("one", 100, 30)
        becomes(terminal, whole)
        terminal.press("one", "Escape")
        becomes(terminal, home)
        terminal.resize("one", 20, 5)


def test_inside_ones_own_tmux_it_follows_every_size_in_the_list_and_in_a_terminal(
    world: World, terminal: Terminal
) -> None:
    world.settings(FAKE)
    world.swarmctl("run", "say here I am\nsleep 600", "--agent", "fake", "--detach", rc=0)
    terminal.open_inside("outer", "mine", 100, 30)
    terminal.type("mine")
    terminal.shows("outer", "● 1 working", "here I am")
    whole = at_rest(terminal, "mine")
    for _ in range(2):
        terminal.press("outer", "Enter")
        terminal.shows("outer", HINT)
        terminal.resize("mine", 20, 5)
        terminal.resize("mine", 100, 30)
        terminal.shows("outer", HINT, "here I am")
        terminal.tmux("new-window", "-t", "=mine:")
        terminal.lacks("outer", HINT)
        terminal.tmux("last-window", "-t", "=mine:")
        terminal.shows("outer", HINT, "here I am")
        terminal.press("outer", "F12")
        terminal.lacks("outer", HINT)
        until(lambda: at_rest(terminal, "mine") == whole, "the list to be whole")
