"""What sessions' terminals showed, kept in capped 0600 files, secrets masked before anything is written or shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from swarmctl.core.ids import SessionId
from swarmctl.edges.files.paths import StatePaths, private_dir, write_atomically
from swarmctl.edges.files.secrets import clean_terminal, mask
from swarmctl.edges.files.transcript import as_lines

CAP = 4 * 1024 * 1024
TAIL = 16 * 1024
CUT = "\n… the middle is left out …\n"


class Archive:
    def __init__(self, paths: StatePaths, secrets_of: Callable[[SessionId], Iterable[str]] = lambda _: ()) -> None:
        """`secrets_of` gives the values in a session's environment that must never show."""
        self._logs = paths.logs
        self._secrets_of = secrets_of

    def keep(self, session: SessionId, text: str) -> None:
        private_dir(self._folder(session))
        write_atomically(self._folder(session) / "terminal.log", capped(self.shown(session, text)))

    def shown(self, session: SessionId, text: str) -> str:
        """What a terminal got, as a person saw it."""
        return self.masked(session, as_lines(text))

    def masked(self, session: SessionId, text: str) -> str:
        return mask(clean_terminal(text), self._secrets_of(session))

    def read(self, session: SessionId) -> str:
        try:
            return self.shown(session, (self._folder(session) / "terminal.log").read_text(errors="replace"))
        except FileNotFoundError:
            return ""

    def end(self, session: SessionId, size: int) -> str:
        """The last lines of it, so many bytes at most; of one that is longer, its last words."""
        try:
            with (self._folder(session) / "terminal.log").open("rb") as file:
                begin = max(0, file.seek(0, 2) - size)
                file.seek(begin)
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        if begin:
            text = text.partition("\n")[2] or text.partition(" ")[2]
        return self.shown(session, text)

    def version(self, session: SessionId) -> tuple[int, int, int] | None:
        """Another one whenever something else is kept."""
        try:
            found = (self._folder(session) / "terminal.log").stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def gate_logs(self, session: SessionId) -> list[tuple[str, str]]:
        """Name and text of each gate's log, oldest first."""
        found = sorted((self._folder(session) / "gates").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return [(path.name, self.masked(session, path.read_text(errors="replace"))) for path in found]

    def tail(self, session: SessionId, log: str) -> str:
        """What a gate printed last, for an agent to read."""
        try:
            with Path(log).open("rb") as file:
                file.seek(max(0, file.seek(0, 2) - TAIL))
                return self.shown(session, file.read().decode(errors="replace"))
        except OSError:
            return ""

    def _folder(self, session: SessionId) -> Path:
        return self._logs / session


def capped(text: str) -> str:
    """The beginning and the end of a text that is too long, cut between lines: half a secret looks like none."""
    if len(text) <= CAP:
        return text
    begin, end = text[: CAP // 4], text[-(CAP * 3 // 4) :]
    return (begin.rpartition("\n")[0] or begin) + CUT + (end.partition("\n")[2] or end)
