"""What a pane shows, in its colours, for a face that looks at it: read by a client of its own, without a supervisor."""

from __future__ import annotations

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.server import MARK, PANE_ID, fork


def screen_of(server: str, pane: str, session: SessionId, history: int) -> str:
    """With so many lines that scrolled away. One message, so that what is captured is the session's."""
    free = f"#{{==:#{{{MARK}}},{session}}}"
    capture = f"capture-pane -p -e -S -{history} -t {pane}"
    if PANE_ID.fullmatch(pane):
        reply = fork(server, ("if-shell", "-F", "-t", pane, free, capture))
        if reply.ok:
            return b"\n".join(reply.lines).decode(errors="replace")
    raise EnvironmentFault(f"session {session} has no terminal any more", hint=f"swarmctl show {session}")
