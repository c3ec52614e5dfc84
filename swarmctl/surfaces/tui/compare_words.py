"""What the compare screen says around the attempts: of which task they are, how far it is decided, who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from swarmctl.app.contests import Ranking
from swarmctl.core.listing import in_short
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line

NAME = 24
"""Columns that the task has at least."""


def top_words(ranking: Ranking, width: int, keys: Mapping[str, str]) -> Text:
    where = f"from {one_line(ranking.base_name)} at {ranking.base[:8]}" if ranking.base else f"for {ranking.target}"
    parts = [*filter(None, (standing(ranking, keys),)), f"{len(ranking.entries)} attempts {where}"]
    while len(parts) > 1 and cell_len("  ·  ".join(parts)) > width - NAME:
        parts.pop()
    tail = "  ·  ".join(parts)
    title = one_line(ranking.title)
    name = fit(title, max(10, min(cell_len(title), width - 2 - cell_len(tail))))
    text = Text(name, style="bold", no_wrap=True, overflow="ellipsis")
    return text.append(f"  {tail}", "not bold")


def standing(ranking: Ranking, keys: Mapping[str, str]) -> str:
    """How far it is decided, or what keeps somebody from deciding."""
    if ranking.decided:
        return f"{ranking.picked} was picked and landed"
    if ranking.picked:
        return f"{ranking.picked} was picked and stands in the queue"
    if len(ranking.bases) > 1:
        return f"gated on different states of {ranking.target}: {keys['gate']} gates again"
    known = sum(entry.rehearsal is not None for entry in ranking.entries)
    if known < len(ranking.entries) and any(each.session and each.session.active for each in ranking.entries):
        return f"{known} of {len(ranking.entries)} gated"
    best = ranking.best
    if best is None:
        return "none can land as it is"
    equal = [entry.name for entry in ranking.entries if entry.rank == best.rank]
    return f"a tie: {in_short(equal, 3)}" if best.tied else f"{keys['pick']} lands {best.name}"


def path_note(ranking: Ranking, path: str) -> str:
    """Who changed it, where not all did."""
    who = ranking.uneven.get(path)
    if who is None:
        return ""
    if len(who) == 1:
        return f"only {who[0]} changes it"
    return f"{in_short(who, 3)} change it, not the others"


def asked_words(answer: Mapping[str, Any], target: str) -> str:
    asked = len(answer.get("asked", []))
    if not asked:
        return f"all that can be gated was gated on {target} as it is"
    return f"{asked} attempt{' is' if asked == 1 else 's are'} gated; nothing lands"
