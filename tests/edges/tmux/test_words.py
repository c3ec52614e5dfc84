"""Quoting, framing and the ways to attach, by table."""

from __future__ import annotations

import subprocess
import sys

import pytest

from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.attach import attach_argv
from swarmctl.edges.tmux.framing import Broken, Framing, Reply
from swarmctl.edges.tmux.quoting import arguments, checked, control_line, literal, shell_word


@pytest.mark.parametrize("word", ["a\nkill-server", "a\rb", "\x1b[2J", "tab\there", "nul\0", "\x7f"])
def test_control_characters_never_reach_the_channel(word: str) -> None:
    with pytest.raises(UsageFault):
        control_line(("display-message", word))
    with pytest.raises(UsageFault):
        arguments(("display-message", word))
    with pytest.raises(UsageFault):
        literal(word)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("a", "b c"), b"'a' 'b c'\n"),
        (("it's",), b"'it'\\''s'\n"),
        (("", ";", "#(id)"), b"'' ';' '#(id)'\n"),
        (("é",), b"'\xc3\xa9'\n"),
        (("\udcff",), b"'\xff'\n"),
    ],
)
def test_every_word_is_quoted(words: tuple[str, ...], line: bytes) -> None:
    assert control_line(words) == line


def test_a_closing_semicolon_is_no_separator_for_a_forked_tmux() -> None:
    assert arguments(("a;", ";", "a;b", "x")) == ["a\\;", "\\;", "a;b", "x"]


def test_formats_are_disarmed() -> None:
    assert literal("#(id) #{pane_id} %H") == "##(id) ##{pane_id} %%H"
    assert shell_word("/a b/#(id)'") == "'/a b/##(id)'\"'\"''"
    assert checked("plain; 'text'") == "plain; 'text'"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_replies_are_matched_by_their_numbers_however_they_are_cut(size: int) -> None:
    stream = (
        b"%begin 5 1 0\nattach\n%end 5 1 0\n%session-changed $0 swarm\n"
        b"%begin 5 2 1\n%0\n%end 5 1 1\n%begin 9 9 1\n\n%end 5 2 1\n%window-add @3\n"
        b"%begin 6 3 1\nno such pane\n%error 6 3 1\n"
        b"%begin 6 4 1\n%end 6 4 1\n%begin 6 5 1\n\n%end 6 5 1\n"
    )
    framing = Framing()
    found = [reply for at in range(0, len(stream), size) for reply in framing.feed(stream[at : at + size])]
    assert found == [
        Reply(True, b"%0\n%end 5 1 1\n%begin 9 9 1\n"),
        Reply(False, b"no such pane"),
        Reply(True, None),
        Reply(True, b""),
    ]
    assert [reply.lines for reply in found] == [
        (b"%0", b"%end 5 1 1", b"%begin 9 9 1", b""),
        (b"no such pane",),
        (),
        (b"",),
    ]


@pytest.mark.parametrize("line", [b"data outside of a block\n", b"%end 5 2 1\n", b"%error 5 2 1\n", b"\n"])
def test_what_the_framing_does_not_allow_breaks_the_channel(line: bytes) -> None:
    with pytest.raises(Broken):
        Framing().feed(line)


LINE = " abcde   F12: back, it goes on   Ctrl-b [: scroll, q: back "
VIEW = (
    *("new-session", "true", ";", "set-option", "status-format[0]", LINE, ";", "set-option", "status", "on", ";"),
    *("bind-key", "-T", "swarm-back-F12", "F12", "detach-client", ";"),
    *("set-option", "key-table", "swarm-back-F12", ";"),
    *("link-window", "-k", "-s", "%3", "-t", ":0", ";", "set-option", "destroy-unattached", "on"),
)
POPUP = ("display-popup", "-E", "-w", "95%", "-h", "95%", "env", "-u", "TMUX", "-u", "TMUX_PANE")


@pytest.mark.parametrize(
    ("env", "argv"),
    [
        ({}, ("tmux", "-u", "-S", "/s", *VIEW)),
        ({"TMUX": ""}, ("tmux", "-u", "-S", "/s", *VIEW)),
        (
            {"TMUX": "/their,1,0"},
            ("tmux", "-S", "/their", *POPUP, "tmux", "-u", "-S", "/s", *(w.replace(";", "\\;") for w in VIEW)),
        ),
    ],
    ids=["bare terminal", "empty variable", "inside theirs"],
)
def test_attaching_fits_the_terminal_it_is_done_from(env: dict[str, str], argv: tuple[str, ...]) -> None:
    assert attach_argv(env, "/s", "%3", SessionId("abcde")) == argv


@pytest.mark.parametrize(
    ("back", "bound", "said"), [("f9", "F9", "F9"), ("ctrl+g", "C-g", "Ctrl-g"), ("alt+q", "M-q", "Alt-q")]
)
def test_the_key_that_leaves_is_the_one_that_was_chosen_and_is_shown(back: str, bound: str, said: str) -> None:
    words = attach_argv({}, "/s", "%3", SessionId("abcde"), back)
    table = f"swarm-back-{bound}"
    assert ("bind-key", "-T", table, bound, "detach-client") == words[words.index("bind-key") :][:5]
    assert ("set-option", "key-table", table) == words[words.index("key-table") - 1 :][:3]
    assert LINE.replace("F12", said) in words


SAID = """
import sys
from swarmctl.edges.tmux.attach import attach_argv
print(*attach_argv({"TERM": sys.argv[1]}, "/s", "%3", "abcde", sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("term", "back", "said"),
    [
        ("vt100", "f12", "Ctrl-b d: back"),
        ("vt100", "ctrl+g", "Ctrl-g: back"),
        ("xterm-256color", "f12", "F12: back"),
        ("nosuch", "f12", "F12: back"),
    ],
)
def test_a_key_that_the_terminal_lacks_is_not_promised(term: str, back: str, said: str) -> None:
    """Each in a process of its own, as there is one terminal for each."""
    argv = [sys.executable, "-c", SAID, term, back]
    assert said in subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_attaching_from_inside_our_own_tmux_is_refused() -> None:
    with pytest.raises(UsageFault, match="inside the sessions' own tmux"):
        attach_argv({"TMUX": "/s,123,0"}, "/s", "%3", SessionId("abcde"))
