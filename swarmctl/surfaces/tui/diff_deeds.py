"""What a person can do at a diff: a key each, and why it cannot be done now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from swarmctl.app.diffs import Comparison
from swarmctl.app.looked import Comment
from swarmctl.core.patch import Change, Line
from swarmctl.core.session import Session

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


@dataclass(frozen=True, slots=True)
class DiffDeed:
    name: str
    key: str
    label: str
    help: str
    why_not: Callable[[Ground], str]
    shown: bool = True


def _always(ground: Ground) -> str:
    return ""


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
        return "no file is open"
    if ground.line is None or ground.line.kind not in "-+ ":
        return "the cursor is on no line of the file"
    return ""


def _remark(ground: Ground) -> str:
    return "" if ground.remark else "there is no comment at the cursor"


def _comments(ground: Ground) -> str:
    return "" if ground.comments else "no comment is written yet: c writes one"


def _editable(ground: Ground) -> str:
    if ground.change is None:
        return "no file is open"
    if ground.session.place != "present":
        return f"the worktree of {ground.session.id} is not there"
    return "the session deleted this file" if ground.change.status == "D" else ""


DIFF_DEEDS = (
    DiffDeed("comment", "c", "comment", "Comment on the line under the cursor, or change the comment there.", _line),
    DiffDeed("send", "S", "send", "Send all comments to the agent as one message.", _comments),
    DiffDeed("looked", "l", "since last look", "Only what changed since you last looked, and back.", _looked),
    DiffDeed("sides", "v", "sides", "Old and new beside each other, and back.", _wide),
    DiffDeed("edit", "e", "edit", "Open the file in your editor at the line under the cursor.", _editable),
    DiffDeed("next", "n", "next", "The next change, in the next file after the last one.", _files),
    DiffDeed("previous", "p", "previous", "The change before.", _files, shown=False),
    DiffDeed("next_file", "J", "next file", "The next file.", _files, shown=False),
    DiffDeed("previous_file", "K", "previous file", "The file before.", _files, shown=False),
    DiffDeed("drop", "delete", "drop", "Drop the comment at the cursor.", _remark, shown=False),
    DiffDeed("again", "r", "refresh", "Look at the worktree again.", _always),
    DiffDeed("help", "question_mark", "help", "All keys, and why some cannot be used now.", _always),
    DiffDeed("leave", "q", "back", "Back to the list; what you saw is remembered.", _always),
)
