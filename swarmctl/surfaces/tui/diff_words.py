"""What the diff screen says around the lines: whose work it is, against what, and where the cursor stands."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from swarmctl.app.diffs import Comparison
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.diff_deeds import Ground
from swarmctl.surfaces.tui.diff_model import Opened
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import age, one_line

NAME = 30
"""Columns that whose work it is has at least."""


def top_words(ground: Ground, title: str) -> Text:
    known = ground.comparison
    right = [f"✎ {len(ground.comments)} to send"] if ground.comments else []
    if known is not None:
        added = sum(change.added or 0 for change in known.changes)
        removed = sum(change.removed or 0 for change in known.changes)
        right.append(f"{_files(len(known.changes))} +{added} −{removed}")
        right += _against(known, one_line(ground.session.base_name))
    while len(right) > 1 and cell_len("  ·  ".join(right)) > ground.width - NAME:
        right.pop()
    tail = "  ·  ".join(right)
    name = fit(f"{ground.session.id}  {title}", max(10, ground.width - 4 - cell_len(tail)))
    text = Text(name, style="bold", no_wrap=True, overflow="ellipsis")
    return text.append(f"  {tail}", "not bold")


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _against(known: Comparison, base: str) -> Iterator[str]:
    ago = age(max(0.0, time.time() - known.looked.at))
    if known.since:
        yield f"since you looked {ago} ago"
        return
    yield f"from {base}"
    if known.looked.tree and not known.lost:
        yield f"{_moved(known)} since you looked {ago} ago"


def _moved(known: Comparison) -> str:
    """What was rejected altogether is among the changes no more."""
    fresh = sum(bool({change.old, change.new} & known.fresh) for change in known.changes)
    gone = len(known.fresh.difference(*({change.old, change.new} for change in known.changes)))
    words = [f"• {fresh} changed"] if fresh else []
    return ", ".join([*words, f"{gone} taken back"] if gone else words) or "none changed"


def path_words(opened: Opened | None, hunk: tuple[int, int], found: str = "") -> Text:
    """`found`: what is searched for, and how much of it there is."""
    if opened is None:
        return Text("")
    text = Text(one_line(opened.change.new), style="bold", no_wrap=True, overflow="ellipsis")
    if found:
        text.append(f"   {found}", "not bold")
    at, count = hunk
    if count:
        text.append(f"   change {max(at, 1)} of {count}", "not bold dim")
    if opened.note:
        text.append(f"   {opened.note}", "not bold dim")
    return text


def nothing_words(session: Session, found: Comparison, looked: str) -> str:
    """`looked`: the key that shows all."""
    if not found.after:
        return f"{session.id} has no work yet."
    if found.since:
        return f"Nothing changed since you looked; {looked} shows all of it."
    return "Nothing differs from its base."


def found_words(wanted: str, hit: tuple[int, int]) -> str:
    at, count = hit
    return (
        f"/{one_line(wanted)} {at}/{count}" if wanted and count else f"/{one_line(wanted)} not here" if wanted else ""
    )
