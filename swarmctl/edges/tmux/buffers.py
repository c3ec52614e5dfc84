"""The paste buffer of the tmux around a person, which takes no clipboard from the programs in it."""

from __future__ import annotations

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.tmux.server import fork


def keep(server: str, text: str) -> None:
    """As if the person had copied it there; tmux hands it on to the clipboard where it may."""
    reply = fork(server, ("load-buffer", "-w", "-"), stdin=text.encode(errors="replace"))
    if not reply.ok:
        words = b" ".join(reply.lines).decode(errors="replace")
        raise EnvironmentFault(f"tmux did not take it: {words}", hint="write it into a file instead")
