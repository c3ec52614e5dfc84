"""How a person gets to see a session, as argv: from a bare terminal, and from their own tmux in a popup."""

from __future__ import annotations

import curses
import re
from collections.abc import Mapping

from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.quoting import literal

BACK = "f12"
"""Leaves a view, whatever the agent does with its keys; `ALWAYS` does too."""
ALWAYS = "Ctrl-b d"
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
        raise UsageFault("this terminal is inside the sessions' own tmux", hint=f"leave it first: {ALWAYS}")
    words = (socket, pane, session, back, _leaves(env.get("TERM", ""), back))
    if not theirs:
        return view(*words, separator=";")
    popup = ("tmux", "-S", theirs, "display-popup", "-E", "-w", "95%", "-h", "95%")
    return (*popup, "env", "-u", "TMUX", "-u", "TMUX_PANE", *view(*words, separator="\\;"))


def view(socket: str, pane: str, session: SessionId, back: str, leaves: str, separator: str) -> tuple[str, ...]:
    """A tmux session with this window and no other: it ends with the agent's window, and goes when it is left.

    The window takes the size of the terminal that was used last. Keys belong to the whole server, tables of them to a
    session: what leaves this view is any other key in the next one. `leaves`: what is said of it.
    """
    key = _for_tmux(back)
    steps = (
        ("new-session", "true"),
        (
            "set-option",
            "status-format[0]",
            literal(f" {session}   {leaves}: back, it goes on   Ctrl-b [: scroll, q: back "),
        ),
        ("set-option", "status", "on"),
        ("bind-key", "-T", f"{TABLE}{key}", key, "detach-client"),
        ("set-option", "key-table", f"{TABLE}{key}"),
        ("link-window", "-k", "-s", pane, "-t", ":0"),
        ("set-option", "destroy-unattached", "on"),
    )
    chained = [word for step in steps for word in (separator, *step)]
    return ("tmux", "-u", "-S", socket, *chained[1:])


def _leaves(term: str, back: str) -> str:
    """Some terminals have no key of that name: there tmux never hears of it."""
    if term and re.fullmatch(r"f\d+", back):
        try:
            curses.setupterm(term, 1)
        except curses.error:
            return spoken(back)
        if not curses.tigetstr(f"k{back}"):
            return ALWAYS
    return spoken(back)


def spoken(key: str) -> str:
    modifier, _, last = key.rpartition("+")
    return f"{MODIFIERS[modifier][1]}-{_last(last)}" if modifier else _last(last)


def _for_tmux(key: str) -> str:
    modifier, _, last = key.rpartition("+")
    return f"{MODIFIERS[modifier][0]}-{_last(last)}" if modifier else _last(last)


def _last(key: str) -> str:
    return key.upper() if len(key) > 1 else key
