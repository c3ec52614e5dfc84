"""What is typed arrives as typed: in a real terminal, and all of it at once."""

from __future__ import annotations

from tests.e2e.terminal import Terminal

EMPTY = "Nothing runs here yet."
WORDS = "n o n e BSpace BSpace BSpace a b c d BSpace BSpace x y z Home Z"


def test_a_byte_that_is_no_utf8_ends_nothing(terminal: Terminal) -> None:
    terminal.open("one", 120, 40)
    terminal.type("one")
    terminal.shows("one", EMPTY)
    for byte in ("9b", "e9"):
        terminal.press("one", "-H", byte)
    terminal.press("one", "n")
    terminal.shows("one", "New task")
    terminal.press("one", "-H", "66", "e9", "67", "ff")
    terminal.write("one", "still here")
    terminal.shows("one", "still here")


def test_editing_keys_overtake_no_letters(terminal: Terminal) -> None:
    terminal.open("one", 120, 40)
    terminal.type("one")
    terminal.shows("one", EMPTY)
    terminal.press("one", *WORDS.split())
    terminal.shows("one", "New task", "Zabxyz")


def test_what_is_pasted_is_words_at_the_cursor(terminal: Terminal) -> None:
    terminal.open("one", 120, 40)
    terminal.type("one")
    terminal.shows("one", EMPTY)
    terminal.press("one", "n", "a", "b", "Left")
    terminal.shows("one", "New task", "ab")
    terminal.tmux("set-buffer", "-b", "words", "ls: \x1b[1mfoo \x1b[m bar\x07\x1b]0;owned\x07\n\tnext")
    terminal.tmux("paste-buffer", "-p", "-b", "words", "-t", "=one:")
    shown = terminal.shows("one", "als: foo  bar", "nextb")
    assert "[1m" not in shown and "owned" not in shown
    edges = {len(line) for line in shown.splitlines() if line.strip().startswith("│")}
    assert len(edges) == 1
