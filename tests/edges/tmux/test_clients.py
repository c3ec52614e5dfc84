"""A bell in the terminals that show a session: heard there, drawn nowhere, and no fault where nobody looks."""

from __future__ import annotations

import os
import pty
import signal

import pytest

from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.clients import bell, ring, terminals
from tests.e2e.world import until
from tests.edges.tmux.conftest import Place

BARE = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def looking(place: Place, term: str) -> tuple[int, int]:
    """A person who looks at a session in a terminal of that kind."""
    started = place.start("one", "exec sleep 600")
    argv = place.host.attach(started.pane, SessionId("one"))
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], list(argv), {**BARE, "TERM": term})
    os.set_blocking(terminal, False)
    return pid, terminal


def heard(terminal: int, wanted: bytes) -> bytes:
    seen = b""

    def look() -> bool:
        nonlocal seen
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            pass
        return wanted in seen

    until(look, f"{wanted!r} in the terminal")
    return seen


def test_who_looks_at_a_session_hears_the_bell(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    pid, terminal = looking(place, "xterm-256color")
    try:
        until(lambda: terminals(place.host.server), "a person who looks")
        assert [kind for _, kind in terminals(place.host.server)] == ["xterm-256color"]
        assert ring(place.host.server, "failed: x\x1b[2J", "why\nnot") == 1
        seen = heard(terminal, b"\x1b]9;failed: x [2J: why not\a")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    assert b"\a\x1b]9;" in seen


def test_where_nobody_looks_nobody_is_told(place: Place) -> None:
    assert ring(place.host.server, "title", "text") == 0
    place.start("one", "exec sleep 600")
    assert terminals(place.host.server) == []
    assert ring(place.host.server, "title", "text") == 0


def test_each_kind_of_terminal_gets_the_one_notification_that_it_knows() -> None:
    assert bell("xterm-kitty", "a;b", "c") == b"\a\x1b]9;a;b: c\a"
    assert bell("foot", "a;b", "c\x07d") == b"\a\x1b]777;notify;a,b;c d\a"
    assert bell("rxvt-unicode", "a", "b") == b"\a\x1b]777;notify;a;b\a"
