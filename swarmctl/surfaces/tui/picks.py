"""What was picked among several attempts: what that will do, and what came of it once the ledger says so. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from swarmctl.core.outcome import Outcome
from swarmctl.surfaces.tui.rows import Frame
from swarmctl.surfaces.words.plain import one_line

PICK = "pick"


@dataclass(frozen=True, slots=True)
class Result:
    words: str
    landed: bool


OPTIONS = [(PICK, "Pick it"), ("leave", "Leave everything as it is")]


def what_follows(others: int, undo: str) -> str:
    rest = "the other attempt is" if others == 1 else f"the {others} other attempts are"
    return (
        f"It lands once its gates pass again. Then {rest} stopped and put away: heads stay as refs, worktrees "
        f"go to the trash, and {undo} brings one back. If it is refused, nothing happens to the others."
    )


class Picks:
    """What was picked here and has no result yet."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def begin(self, session: str, seq: int) -> None:
        """`seq`: of a ledger that has the pick; what it said before is no result."""
        self._since[session] = seq

    def forget(self) -> None:
        self._since.clear()

    def results(self, frame: Frame, undo: str) -> Iterator[Result]:
        """`undo`: the key that brings one back."""
        if not self._since:
            return
        for row in frame.rows:
            since = self._since.get(row.key)
            if since is None or frame.seq < since or row.task.outcome is None:
                continue
            del self._since[row.key]
            if row.task.outcome is Outcome.LANDED:
                yield Result(f"{row.key} landed; the other attempts are put away, {undo} brings one back", True)
            else:
                reason = one_line((row.session.reason if row.session else "") or row.task.reason)
                outcome = row.task.outcome.value.replace("_", " ")
                yield Result(f"{row.key} did not land: {outcome}: {reason}. Nothing happened to the others.", False)
