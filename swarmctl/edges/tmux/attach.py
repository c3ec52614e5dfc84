"""How a person gets to see a session, as argv: from a bare terminal, and from their own tmux in a popup."""

from __future__ import annotations

from collections.abc import Mapping

from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.quoting import literal

BACK = "f12"
"""Leaves a view, whatever the agent does with its keys; Ctrl-b d does too."""
MODIFIERS = {"ctrl": ("C", "Ctrl"), "alt": ("M", "Alt")}
"""As tmux has them, and as people do."""
TABLE = "swarm-back-"
HUB = "swarm"
"""The one session whose windows are the agents'."""


def attach_argv(
    env: Mapping[str, str], socket: str, pane: str, session: SessionId, back: str = BACK
) -> tuple[str, ...]:
    """`back` is written like `f12`, `ctrl+g` or `alt+q`."""
    theirs = env.get("TMUX", "").split(",")[0]
    if theirs == socket:
        raise UsageFault("this terminal is inside the sessions' own tmux", hint="leave it first: Ctrl-b d")
    if not theirs:
        return view(socket, pane, session, back, separator=";")
    popup = ("tmux", "-S", theirs, "display-popup", "-E", "-w", "95%", "-h", "95%")
    return (*popup, "env", "-u", "TMUX", "-u", "TMUX_PANE", *view(socket, pane, session, back, separator="\\;"))


def view(socket: str, pane: str, session: SessionId, back: str, separator: str) -> tuple[str, ...]:
    """A tmux session with this window and no other: it ends with the agent's window, and goes when it is left.

    The window takes the size of the terminal that was used last. Keys belong to the whole server, tables of them to a
    session: what leaves this view is any other key in the next one.
    """
    key = _for_tmux(back)
    steps = (
        ("new-session", "true"),
        (
            "set-option",
            "status-format[0]",
            literal(f" {session}   {spoken(back)}: back, it goes on   Ctrl-b [: scroll, q: back "),
        ),
        ("set-option", "status", "on"),
        ("bind-key", "-T", f"{TABLE}{key}", key, "detach-client"),
        ("set-option", "key-table", f"{TABLE}{key}"),
        ("link-window", "-k", "-s", pane, "-t", ":0"),
        ("set-option", "destroy-unattached", "on"),
    )
    chained = [word for step in steps for word in (separator, *step)]
    return ("tmux", "-u", "-S", socket, *chained[1:])


def spoken(key: str) -> str:
    modifier, _, last = key.rpartition("+")
    return f"{MODIFIERS[modifier][1]}-{_last(last)}" if modifier else _last(last)


def _for_tmux(key: str) -> str:
    modifier, _, last = key.rpartition("+")
    return f"{MODIFIERS[modifier][0]}-{_last(last)}" if modifier else _last(last)


def _last(key: str) -> str:
    return key.upper() if len(key) > 1 else key
