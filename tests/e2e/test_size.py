"""How large a terminal is, only the terminal knows."""

from __future__ import annotations

from tests.e2e.terminal import Terminal
from tests.e2e.world import until


def test_a_size_that_a_shell_exported_for_another_terminal_does_not_count(terminal: Terminal) -> None:
    terminal.open("one", 130, 30)
    terminal.tmux("send-keys", "-t", "=one:", "-l", "export COLUMNS=60 LINES=15")
    terminal.press("one", "Enter")
    terminal.type("one")
    terminal.shows("one", "Nothing runs here yet.", "? help")
    until(lambda: len(terminal.screen("one").rstrip("\n").splitlines()) == 30, "all lines of the terminal to be used")
    lines = terminal.screen("one").splitlines()
    assert lines[0].rstrip().endswith("today")
    assert len(lines[0]) > 120
    terminal.press("one", "q")
