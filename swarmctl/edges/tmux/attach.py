"""How a person gets to see a session, as argv: from a bare terminal, from their own tmux, from inside ours."""

from __future__ import annotations

from collections.abc import Mapping

HUB = "swarm"
"""The one session whose windows are the agents'."""


def attach_argv(env: Mapping[str, str], socket: str, pane: str) -> tuple[str, ...]:
    """A view of its own, so that two people look at two agents; inside a foreign tmux the view opens in a popup."""
    theirs = env.get("TMUX", "").split(",")[0]
    if not theirs:
        return view(socket, pane, separator=";")
    if theirs == socket:
        return ("tmux", "-S", socket, "switch-client", "-t", pane)
    popup = ("tmux", "-S", theirs, "display-popup", "-E", "-w", "95%", "-h", "95%")
    return (*popup, "env", "-u", "TMUX", "-u", "TMUX_PANE", *view(socket, pane, separator="\\;"))


def view(socket: str, pane: str, separator: str) -> tuple[str, ...]:
    """The window takes the size of the terminal that looks at it, and the view goes when it is left."""
    steps = (
        ("new-session", "-t", f"={HUB}"),
        ("set-option", "destroy-unattached", "on"),
        ("select-window", "-t", pane),
    )
    chained = [word for step in steps for word in (separator, *step)]
    return ("tmux", "-S", socket, *chained[1:])
