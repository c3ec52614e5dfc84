"""The keyboard of a pane: what its terminal shows and holds, a paste from a buffer of its own, and Enter.

Each act is one message to the server, which looks and acts at once: the pane is the session's, alive and in no mode.
"""

from __future__ import annotations

import fcntl
import os
import termios
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.keyboard import Sight, typable
from swarmctl.edges.tmux.framing import Reply
from swarmctl.edges.tmux.server import MARK, PANE_ID, TmuxServer, fork

FACTS = f"#{{{MARK}}} #{{pane_dead}} #{{cursor_y}} #{{pane_tty}}"
REFUSED = b"refused"


class PaneKeyboard:
    def __init__(self, server: TmuxServer) -> None:
        self._server = server
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @contextmanager
    def hold(self, session: SessionId) -> Iterator[None]:
        with self._locks[session]:
            yield

    def look(self, pane: str, session: SessionId) -> Sight:
        """What is shown may imitate an answer, so an unguessable question behind it proves where it ended."""
        if not PANE_ID.fullmatch(pane):
            return Sight(alive=False)
        nonce = uuid4().hex
        facts, shown, proof = self._server.ask(
            ("display-message", "-p", "-t", pane, FACTS),
            ("capture-pane", "-p", "-t", pane),
            ("display-message", "-p", nonce),
        )
        if proof.lines != (nonce.encode(),):
            self._server.disconnect()
            raise EnvironmentFault("tmux gave no answer that can be trusted", hint=f"swarmctl show {session}")
        words = facts.lines[0].decode(errors="replace").split(" ", 3) if facts.ok and facts.lines else []
        if len(words) < 4 or words[:2] != [session, "0"] or not shown.ok:
            return Sight(alive=False)
        lines = b"\n".join(shown.lines).decode(errors="replace").split("\n")
        row, terminal = int(words[2]), words[3]
        unread, edits = _terminal(terminal)
        return Sight(text="\n".join(lines), line=lines[row] if row < len(lines) else "", unread=unread, edits=edits)

    def paste(self, pane: str, session: SessionId, text: str) -> bool:
        """A buffer is gone once it was pasted, so no message that is sent again pastes it again."""
        data = typable(text).encode()
        self._require_alive(pane, session)
        if not data:
            return True
        buffer = f"swarm-{uuid4().hex}"
        _checked(self._server.fork("load-buffer", "-b", buffer, "-", stdin=data))
        try:
            return self._act(pane, session, f"paste-buffer -p -d -b {buffer} -t {pane}")
        finally:
            self._server.fork("delete-buffer", "-b", buffer)

    def enter(self, pane: str, session: SessionId) -> None:
        self._require_alive(pane, session)
        self._act(pane, session, f"send-keys -t {pane} Enter")

    def _require_alive(self, pane: str, session: SessionId) -> None:
        if not self.look(pane, session).alive:
            raise EnvironmentFault(f"session {session} has no running agent", hint=f"swarmctl show {session}")

    def _act(self, pane: str, session: SessionId, command: str) -> bool:
        """Out of the mode that somebody left the pane in, and then only if it is still what it was taken for."""
        left = ("if-shell", "-F", "-t", pane, "#{pane_in_mode}", f"send-keys -X -t {pane} cancel")
        free = "#{?pane_in_mode,0,#{?pane_dead,0,#{==:#{" + MARK + "}," + session + "}}}"
        acts = ("if-shell", "-F", "-t", pane, free, command, f"display-message -p {REFUSED.decode()}")
        return REFUSED not in _checked(fork(self._server.socket, left, acts, timeout_s=self._server.answer_s)).lines


def _checked(reply: Reply) -> Reply:
    if not reply.ok:
        words = b" ".join(reply.lines).decode(errors="replace")
        raise EnvironmentFault(f"tmux: {words}", hint="swarmctl doctor")
    return reply


def _terminal(path: str) -> tuple[bool, bool]:
    """Whether it holds words that nobody read, and whether it edits lines for its program."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False, False
    try:
        waiting = fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4) != b"\0" * 4
        return waiting, bool(termios.tcgetattr(fd)[3] & termios.ICANON)
    except (OSError, termios.error):
        return False, False
    finally:
        os.close(fd)
