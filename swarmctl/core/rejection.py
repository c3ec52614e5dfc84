"""What of a session's work a person does not want: a file, or one run of its lines. Lines end with a line feed only."""

from __future__ import annotations

from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Lines that were removed and lines that stand there instead: the number of the first, and how many."""

    old: int
    removed: int
    new: int
    added: int


@dataclass(frozen=True, slots=True)
class Rejection:
    before: str
    """The tree or commit that has it as it should be."""
    after: str
    """The one that has it as it is: what the person saw."""
    old: str
    new: str
    """The paths; the same unless it was renamed."""
    run: Run | None = None
    """None: the whole file."""

    @property
    def lines(self) -> int:
        return self.run.removed + self.run.added if self.run else 0

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.old, self.new))) if self.run is None else (self.new,)

    @property
    def name(self) -> str:
        """The path as text that can be written down anywhere."""
        return self.new.encode("utf-8", "backslashreplace").decode()


def without(before: bytes, after: bytes, run: Run) -> bytes:
    """`after` with this one run as it was in `before`."""
    olds, news = _lines(before), _lines(after)
    back = olds[run.old - 1 : run.old - 1 + run.removed] if run.removed else []
    return b"".join((*news[: run.new - 1], *back, *news[run.new - 1 + run.added :]))


def _lines(content: bytes) -> list[bytes]:
    *ended, rest = content.split(b"\n")
    return [line + b"\n" for line in ended] + ([rest] if rest else [])
