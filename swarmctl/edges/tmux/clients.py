"""Terminals in which a person looks at a session, and a bell in them. What is written moves nothing on the screen."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.tmux.server import TmuxServer

LISTING = "#{client_control_mode} #{client_tty} #{client_termname}"
OSC_777 = ("rxvt", "foot")
"""Terminals that know the notification of rxvt; the others get the one of iTerm, and none gets both."""


def ring(server: TmuxServer, title: str, text: str) -> int:
    """How many terminals were told; none when nobody looks."""
    return sum(_written(tty, bell(kind, title, text)) for tty, kind in terminals(server))


def terminals(server: TmuxServer) -> list[tuple[str, str]]:
    """(terminal, its kind) of everybody who looks at a session."""
    if server.process() is None:
        return []
    with suppress(EnvironmentFault):
        reply = server.ask(("list-clients", "-F", LISTING))[0]
        lines = [line.decode(errors="replace").split(" ", 2) for line in reply.lines if line] if reply.ok else []
        return [(words[1], words[2]) for words in lines if len(words) == 3 and words[0] == "0" and words[1]]
    return []


def bell(kind: str, title: str, text: str) -> bytes:
    title, text = (_plain(words) for words in (title, text))
    if kind.startswith(OSC_777):
        return f"\a\x1b]777;notify;{title.replace(';', ',')};{text}\a".encode()
    return f"\a\x1b]9;{title}: {text}\a".encode()


def _plain(words: str) -> str:
    return "".join(char if char.isprintable() else " " for char in words)[:200]


def _written(tty: str, words: bytes) -> bool:
    """In one write, so that it never stands inside of what tmux draws; a terminal that takes nothing is left alone."""
    try:
        fd = os.open(tty, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        found = os.fstat(fd)
        ours = stat.S_ISCHR(found.st_mode) and found.st_uid == os.getuid() and os.isatty(fd)
        return ours and os.write(fd, words) == len(words)
    except OSError:
        return False
    finally:
        os.close(fd)
