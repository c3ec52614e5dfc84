"""What a session's terminal shows now, in its colours, for whoever watches: nothing in it acts on a terminal any more.

Starts nothing. Nothing is shown of a living agent before what must be masked in it is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from swarmctl.app.archive import Archive
from swarmctl.app.follow import secrets_in
from swarmctl.core.places import Places
from swarmctl.core.session import Session, Stage
from swarmctl.core.values import dataclass
from swarmctl.edges.files.paths import StatePaths
from swarmctl.edges.files.secrets import clean_terminal, mask
from swarmctl.edges.files.transcript import as_lines
from swarmctl.edges.shell.launches import OUTPUT
from swarmctl.edges.shell.process_host import kept_output
from swarmctl.edges.tmux.screen import screen_of
from swarmctl.edges.tmux.server import socket_path

LINES = 300
KEPT_LINES = 2_000
KEPT_BYTES = 512 * 1024
MOST_CODES = 16
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")

Source = Literal["live", "kept", "none"]


@dataclass(frozen=True, slots=True)
class Shown:
    lines: tuple[str, ...]
    """With colours, and no other escape."""
    source: Source


class Preview:
    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._archive = Archive(paths)
        self._places = Places(str(paths.root), str(paths.worktrees))
        self._known: dict[tuple[str, int], frozenset[str]] = {}
        self._kept: tuple[object, Shown] | None = None
        """The last that was read of an archive, and of what."""

    def look(self, session: Session) -> Shown:
        if session.driven:
            return Shown(("It runs in a terminal of your own, of which nothing is kept.",), "none")
        if session.stage is Stage.RUNNING:
            return self._live(session)
        over = session.exit is not None and not session.active
        key = (session.id, over, self._archive.version(session.id))
        if self._kept is None or self._kept[0] != key:
            self._kept = key, self._at_rest(session, over)
        return self._kept[1]

    def _at_rest(self, session: Session, over: bool) -> Shown:
        kept = self._archive.end(session.id, KEPT_BYTES).splitlines()[-KEPT_LINES:]
        if kept:
            return Shown(tuple(kept), "kept")
        return Shown(("Its agent ended and printed nothing.",) if over else (), "none")

    def _live(self, session: Session) -> Shown:
        known = self._secrets(session)
        if known is None:
            return Shown((), "none")
        if session.host == "tmux":
            socket = str(socket_path(self._paths.tmux_name, self._paths.runtime))
            raw = screen_of(socket, session.pane, session.id, LINES)
        else:
            raw = self._printed(session)
        lines = [masked(line, known) for line in each_alone(clean_terminal(raw).split("\n"))]
        while lines and not _COLOUR.sub("", lines[-1]).strip():
            lines.pop()
        return Shown(tuple(lines), "live")

    def _printed(self, session: Session) -> str:
        run_dir = Path(self._places.run_dir(session.id, session.attempt))
        printed = as_lines(kept_output(run_dir / OUTPUT).decode(errors="replace"))
        return "\n".join(printed.splitlines()[-LINES:])

    def _secrets(self, session: Session) -> frozenset[str] | None:
        key = (session.id, session.attempt)
        if key not in self._known:
            found = secrets_in(self._places.marker(session.id))
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]


def each_alone(lines: Iterable[str]) -> Iterator[str]:
    """Each line begins with the colours that the line before it ended with: a terminal goes on with them."""
    held: list[str] = []
    for line in lines:
        yield "".join(held) + line
        for code in _COLOUR.findall(line):
            held = [code] if code[2:3] in "0m" else [*held, code][-MOST_CODES:]


def masked(line: str, known: frozenset[str]) -> str:
    """A secret may be painted in parts: then its line loses its colours rather than keep it."""
    plain = _COLOUR.sub("", line)
    safe = mask(plain, known)
    return line if safe == plain else safe
