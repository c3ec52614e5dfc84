"""How several attempts at one task stand, as a table: the best first, with what speaks for each and against it."""

from __future__ import annotations

import sys

from swarmctl.app.contests import Ranking
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.words.money import cost_words
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.ranking import HEADS, cells, notes, time_words


def show_ranking(ranking: Ranking) -> None:
    """On stdout, because it is what was asked for."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    where = f"{ranking.base_name} at {ranking.base:.10}" if ranking.base else ranking.target
    out.text(one_line(f"{ranking.title}: {len(ranking.entries)} attempts from {where}"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (*_shown(ranking, HEADS), "cost", "time", "reason"):
        table.add_column(name, overflow="fold")
    for entry in ranking.entries:
        tail = (cost_words(entry.cost) if entry.cost.starts else "-", time_words(entry), entry.reason or "ready")
        style = "green" if entry.is_ready else ""
        table.add_row(*(Text(one_line(cell), style) for cell in (*_shown(ranking, cells(entry)), *tail)))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)
    with console.capture() as printed:
        console.print(table)
    out.text("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))
    for words in notes(ranking):
        out.text(one_line(words))


def _shown(ranking: Ranking, row: tuple[str, ...]) -> tuple[str, ...]:
    """Warnings are the last of a row, and left out where nobody counted them."""
    counted = any(entry.evidence is not None and entry.evidence.warnings is not None for entry in ranking.entries)
    return row if counted else row[:-1]
