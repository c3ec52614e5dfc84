"""How large a terminal is, only the terminal knows."""

from __future__ import annotations

from tests.e2e.terminal import Terminal


def test_a_size_that_a_shell_exported_for_another_terminal_does_not_count(terminal: Terminal) -> None:
    terminal.open("one", 130, 30)
    terminal.tmux("send-keys", "-t", "=one:", "-l", "export COLUMNS=60 LINES=15")
    terminal.press("one", "Enter")
    terminal.type("one")
    screen = terminal.shows("one", "Nothing runs here yet.", "? help")
    lines = screen.rstrip("\n").splitlines()
    assert len(lines) == 30 and lines[0].endswith("today")
    assert len(lines[0]) > 120
    terminal.press("one", "q")
