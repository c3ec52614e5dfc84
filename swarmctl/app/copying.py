"""What a person copies, for the tmux that they are in."""

from __future__ import annotations

from collections.abc import Mapping

from swarmctl.edges.tmux.buffers import keep


def kept_by_tmux(text: str, environ: Mapping[str, str]) -> bool:
    """False where there is none around."""
    server = environ.get("TMUX", "").split(",")[0]
    if server:
        keep(server, text)
    return bool(server)
