"""Plots of what agents cost: bars by day, by agent, by model, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.cells import cell_len
from textual.color import Color
from textual_plotext import PlotextPlot

from swarmctl.app.costs import Line
from swarmctl.core.money import thousands
from swarmctl.surfaces.tui.money_words import amount, mark
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line

NAME = 16
MOST = 6
"""Names in a plot; the list has all."""
STEPS = 3
"""Of the scale beside days."""
LYING, FULL = 0.5, 0.6
"""How much of its place a bar fills."""
BEFORE = 0.4
"""The left edge; the first bar stands at 1."""
FRAME = 2
"""Columns of a plot's own lines."""


class Bars(PlotextPlot):
    def __init__(self, id: str, title: str) -> None:
        super().__init__(id=id)
        self.border_title = title
        self._shown: tuple[tuple[str, ...], tuple[float, ...], bool] = ((), (), False)

    def show_days(self, lines: Sequence[Line], unit: str) -> None:
        self._show(tuple(f"{line.name[-2:]}{mark(line)}" for line in lines), lines, unit, lies=False)

    def show_names(self, lines: Sequence[Line], unit: str) -> None:
        few = sorted(lines, key=lambda line: amount(line, unit), reverse=True)[:MOST][::-1]
        names = tuple(f"{narrow(line.name) or '?'}{mark(line)}" for line in few)
        self._show(names, few, unit, lies=True)

    def _show(self, names: tuple[str, ...], lines: Sequence[Line], unit: str, *, lies: bool) -> None:
        self._shown = names, tuple(amount(line, unit) for line in lines), lies
        self.border_subtitle = "dollars" if unit == "$" else unit
        self._draw()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda theme: self._draw())

    def _draw(self) -> None:
        names, values, lies = self._shown
        plot = self.plt
        plot.clear_data()
        plot.clear_figure()
        if any(values):
            colour = Color.parse(self.app.theme_variables["primary"]).rgb
            way: Literal["horizontal", "vertical"] = "horizontal" if lies else "vertical"
            width = LYING if lies else self._even(len(names), max(values))
            plot.bar(list(names), list(values), orientation=way, width=width, color=colour)
        self.refresh()

    def on_resize(self) -> None:
        self._draw()

    def _even(self, count: int, most: float) -> float:
        """A scale that begins at nothing, and the same number of columns for each bar, whose width it gives."""
        ticks = [most * part / STEPS for part in range(STEPS + 1)]
        labels = [thousands(round(tick)) if most >= 1000 else f"{tick:.2f}" for tick in ticks]
        self.plt.yticks(ticks, labels)
        room = max(count, self.size.width - max(map(len, labels)) - FRAME)
        columns = room // count
        self.plt.xlim(BEFORE, BEFORE + (room - 1) / columns)
        return max(0.0, FULL - 1 / columns)


def narrow(name: str) -> str:
    """A name whose characters are as wide as a plot takes them to be."""
    return fit("".join(char if cell_len(char) == 1 else "?" for char in one_line(name)), NAME).rstrip()
