"""Which files the attempts changed, and which of the attempts did: those that not all changed stand out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from swarmctl.app.contests import Entry, Ranking
from swarmctl.core.ids import TaskId
from swarmctl.core.patch import Change
from swarmctl.surfaces.tui.line_list import Item
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line

CHANGED = {True: "●", False: "·"}
MOST = 1_000
"""Files that are listed; more than that nobody compares line by line."""


def files_of(ranking: Ranking, selected: Entry, changes: Mapping[str, Change], width: int) -> list[Item]:
    """A line each: its name, a mark for each attempt in their order, and how much the selected one changed."""
    who = {entry.task.id: frozenset(entry.paths) for entry in ranking.entries}
    who[selected.task.id] = who[selected.task.id].union(changes)
    paths = sorted(frozenset().union(*who.values()))
    items = [_item(path, ranking, selected, who, changes.get(path), width) for path in paths[:MOST]]
    if len(paths) > MOST:
        items.insert(0, Item("", ((f"the first {MOST:,} of {len(paths):,} files", "dim"),), can=False))
    return items


def _item(
    path: str,
    ranking: Ranking,
    selected: Entry,
    who: Mapping[TaskId, frozenset[str]],
    change: Change | None,
    width: int,
) -> Item:
    marks = [path in who[entry.task.id] for entry in ranking.entries]
    mine, some = path in who[selected.task.id], path in ranking.uneven
    counts: tuple[tuple[str, str], ...] = ((f" {'−' if not mine else '':>10}", "dim"),)
    if change is not None and change.binary:
        counts = ((f" {'binary':>10}", "dim"),)
    elif change is not None:
        added, removed = f"+{change.added}", f"−{change.removed}"
        room = max(0, 10 - len(added) - len(removed) - 1)
        counts = ((f" {' ' * room}{added}", "good"), (f" {removed}", "bad"))
    signs = tuple(
        (CHANGED[mark], ("accent" if entry is selected else "warn" if some else "dim") if mark else "dim")
        for mark, entry in zip(marks, ranking.entries, strict=True)
    )
    used = 3 + len(signs) + sum(cell_len(words) for words, _ in counts)
    name = fit(one_line(path), max(8, width - used))
    return Item(path, ((f"{name} ", "" if mine else "dim"), *signs, *counts))
