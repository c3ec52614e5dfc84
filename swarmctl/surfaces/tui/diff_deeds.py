"""What a person can do at a diff: a key each, and why it cannot be done now."""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.app.diffs import Comparison
from swarmctl.app.looked import Comment
from swarmctl.core.patch import Change, Line
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.surfaces.tui.deed import HELP, Deed, always

BOTH_SIDES = 120
"""Columns from which on two sides have room beside each other."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the diff screen stands on at one moment."""

    session: Session
    width: int = 0
    comparison: Comparison | None = None
    change: Change | None = None
    line: Line | None = None
    comments: tuple[Comment, ...] = ()
    remark: Comment | None = None
    wanted: str = ""
    """What is searched for."""


def _files(ground: Ground) -> str:
    if ground.comparison is None:
        return "the diff is being read"
    return "" if ground.comparison.changes else "nothing differs"


def _wide(ground: Ground) -> str:
    return (
        "" if ground.width >= BOTH_SIDES else f"two sides need {BOTH_SIDES} columns, this terminal has {ground.width}"
    )


def _looked(ground: Ground) -> str:
    if ground.comparison is None:
        return "the diff is being read"
    if ground.comparison.lost:
        return "git has thrown away what you looked at last"
    return "" if ground.comparison.looked.tree else "you look at it for the first time"


def _line(ground: Ground) -> str:
    if ground.change is None:
        return "no file is selected"
    if ground.line is None or ground.line.kind not in "-+ ":
        return "the cursor is on no line of the file"
    return ""


def _line_there(ground: Ground) -> str:
    if ground.change is None:
        return "no file is selected"
    return "" if ground.line is not None else "there are no lines"


def _remark(ground: Ground) -> str:
    return "" if ground.remark else "there is no comment at the cursor"


def _comments(ground: Ground) -> str:
    return "" if ground.comments else "no comment is written yet: {comment} writes one"


def _rejectable(ground: Ground) -> str:
    session = ground.session
    if ground.change is None or ground.comparison is None:
        return "no file is selected"
    if session.active:
        return f"{session.id} is {session.stage.value}: its files are its agent's; comment on it instead"
    if session.stage in IN_QUEUE or session.asked_to_land:
        return f"{session.id} is on its way to {session.target}: {{stop}} in the list takes it out of the queue"
    if session.stage not in (Stage.READY, Stage.KEPT):
        return f"{session.id} is {session.stage.value}: only finished work is rejected"
    return ""


def _rejectable_lines(ground: Ground) -> str:
    why = _rejectable(ground)
    if why or (ground.line is not None and ground.line.kind in "-+"):
        return why
    return "the cursor is on no change" if ground.line is not None else "there are no lines: {reject} rejects the file"


def _wanted(ground: Ground) -> str:
    return "" if ground.wanted else "nothing is searched for: {find} begins"


def _editable(ground: Ground) -> str:
    if ground.change is None:
        return "no file is selected"
    if ground.session.place != "present":
        return f"the worktree of {ground.session.id} is not there"
    return "the session deleted this file" if ground.change.status == "D" else ""


DIFF_DEEDS: tuple[Deed[Ground], ...] = (
    Deed("comment", "c", "comment", "Comment on the line under the cursor, or change the comment there.", _line),
    Deed("send", "S", "send", "Send all comments to the agent as one message.", _comments),
    Deed("looked", "l", "unseen", "Only what changed since you last looked, and back.", _looked),
    Deed("find", "slash", "search", "Search in the lines of the file; Esc ends it.", _line_there),
    Deed("next", "n", "next", "The next change, also in the next file; while you search, the next line found.", _files),
    Deed("sides", "v", "sides", "Old and new beside each other, and back.", _wide),
    Deed("edit", "e", "edit", "Open the file in your editor at the line under the cursor.", _editable),
    Deed("reject", "x", "reject", "Reject the file: a new commit on its branch takes it back.", _rejectable),
    Deed("reject_lines", "X", "lines", "Reject the change under the cursor alone.", _rejectable_lines),
    Deed("found_before", "N", "found before", "While you search, the line found before.", _wanted, shown=False),
    Deed("previous", "p", "previous", "The change before.", _files, shown=False),
    Deed("next_file", "J", "next file", "The next file.", _files, shown=False),
    Deed("previous_file", "K", "previous file", "The file before.", _files, shown=False),
    Deed("drop", "delete", "drop", "Drop the comment at the cursor.", _remark, shown=False),
    Deed("again", "r", "refresh", "Look at the worktree again.", always, shown=False),
    HELP,
    Deed("leave", "q", "back", "Back to the list; what you saw is remembered.", always),
)
