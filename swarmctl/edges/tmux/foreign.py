"""Panes of a tmux server that is a person's own: read, and nothing else."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.values import dataclass
from swarmctl.edges.tmux.server import MARK, fork

LISTING = (
    "#{pane_id} #{pane_pid} #{pane_dead} #{window_index} #{pane_index} "
    f"[#{{{MARK}}}] #{{session_name}}:#{{window_name}}"
)
"""A session's name holds no colon, and no other word before it a blank."""


@dataclass(frozen=True, slots=True)
class ForeignPane:
    server: str
    """Its socket."""
    pane: str
    pid: int
    """What runs in it from the beginning: most often a shell."""


def socket_of(name: str, path: str, environ: Mapping[str, str]) -> str:
    """The server called `name` (`tmux -L`), or with the socket `path` (`-S`), or the one around the caller."""
    if path:
        return str(Path(path).absolute())
    if not name and environ.get("TMUX"):
        return environ["TMUX"].split(",")[0]
    folder = environ.get("TMUX_TMPDIR") or "/tmp"
    return f"{folder}/tmux-{os.getuid()}/{name or 'default'}"


def pane_of(server: str, name: str) -> ForeignPane:
    """`name` is a pane's id (`%12`) or `session:window.pane`; a window with one pane needs no `.pane`."""
    _require_own(server)
    reply = fork(server, ("list-panes", "-a", "-F", LISTING))
    if not reply.ok:
        words = b" ".join(reply.lines).decode(errors="replace")
        raise EnvironmentFault(f"tmux at {server}: {words}", hint="another server: -L NAME or -S SOCKET")
    rows = [line.decode(errors="surrogateescape").split(" ", 6) for line in reply.lines if line]
    found = [row for row in rows if name in _names(row, rows)]
    if not found:
        hint = f"tmux -S {server} list-panes -a names them; another server: -L NAME or -S SOCKET"
        raise UsageFault(f"there is no pane {name} in the tmux at {server}", hint=hint)
    if len({row[0] for row in found}) > 1:
        words = f"{name} names several panes: {', '.join(sorted({row[0] for row in found}))}"
        raise UsageFault(words, hint=f"swarmctl adopt {found[0][0]}, or another of them")
    pane, pid, dead, *_, marked, _names_of = found[0]
    mark = marked.strip("[]")
    if mark:
        raise Refused(f"{name} is the pane of session {mark} already", hint=f"swarmctl attach {mark}")
    if dead == "1":
        raise Refused(f"nothing runs in pane {name} any more", hint="adopt its worktree by its path")
    return ForeignPane(server, pane, int(pid))


def _names(row: list[str], rows: list[list[str]]) -> set[str]:
    pane, _, _, index, number, _, names = row
    session, _, window = names.partition(":")
    alone = sum((other[3], other[6].partition(":")[0]) == (index, session) for other in rows) == 1
    ends = (f".{number}", "") if alone else (f".{number}",)
    return {pane, *(f"{session}:{which}{end}" for which in (index, window) for end in ends)}


def _require_own(server: str) -> None:
    try:
        found = os.stat(server)  # noqa: PTH116
    except OSError:
        words = f"no tmux server listens at {server}"
        raise UsageFault(words, hint="name yours: -L NAME or -S SOCKET; or adopt the worktree by its path") from None
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        raise Refused(f"{server} is not a tmux server of yours", hint="adopt the worktree by its path")


def view_argv(environ: Mapping[str, str], server: str, pane: str) -> tuple[str, ...]:
    """How a person gets to a pane of their own: within the same server by switching, else by attaching."""
    theirs = environ.get("TMUX", "").split(",")[0]
    if theirs and os.path.realpath(theirs) == os.path.realpath(server):
        return ("tmux", "-S", server, "switch-client", "-t", pane)
    attach = ("tmux", "-u", "-S", server, "attach-session", "-t", pane)
    if not theirs:
        return attach
    popup = ("tmux", "-S", theirs, "display-popup", "-E", "-w", "95%", "-h", "95%")
    return (*popup, "env", "-u", "TMUX", "-u", "TMUX_PANE", *attach)


def require_client(env: Mapping[str, str], hint: str) -> None:
    """Somebody looks at the tmux around the caller, as a popup in it needs."""
    theirs = env.get("TMUX", "").split(",")[0]
    if not theirs:
        return
    reply = fork(theirs, ("list-clients",))
    if reply.ok and not any(reply.lines):
        raise UsageFault("no terminal is attached to the tmux around here, so nothing can be opened in it", hint=hint)
