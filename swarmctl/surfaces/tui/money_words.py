"""The figures of the money screen as lines: what is left of each cap, and what days, agents and models used. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from swarmctl.app.costs import Left, Line
from swarmctl.app.spending import Spending
from swarmctl.core.money import STOP_AT, WARN_AT, dollars, scope_words, thousands
from swarmctl.surfaces.tui.line_list import Item
from swarmctl.surfaces.words.money import cost_words
from swarmctl.surfaces.words.plain import one_line

HEADS = ("starts", "input", "cache wr", "read", "output", "cost")
WIDTHS = (6, 7, 8, 7, 7, 16)
CAP_HEADS = ("cap", "used", "reserved", "left")
CAP_WIDTHS = (9, 9, 9, 9)
NARROW = 70
"""Columns below which only what it cost stands beside a name."""


def caps_of(found: Spending) -> list[Item]:
    return list(_caps(found))


def is_nothing(found: Spending) -> bool:
    """There is no cost and no token that a plot could show."""
    return not found.total.micros and not found.total.tokens.total


def figures_of(found: Spending, width: int) -> list[Item]:
    if is_nothing(found) and not found.total.starts:
        words = f"Nothing was spent in the last {len(found.days)} days; what agents cost will be plotted here."
        return [Item("nothing", ((words, "dim"),), can=False)]
    return [*_section("by day", found.days[::-1], width), *_section("by agent", found.agents, width),
            *_section("by model", found.models, width), *_notes(found)]  # fmt: skip


def _caps(found: Spending) -> Iterator[Item]:
    yield Item("caps", (("what is left", "head"),), _columns(CAP_HEADS, CAP_WIDTHS), can=False)
    for each in found.left:
        if each.cap is None and not each.used and not each.reserved and each.scope.partition(":")[0] in ("run", "task"):
            continue
        rest = "-" if each.left is None else dollars(each.left)
        cap = "no cap" if each.cap is None else dollars(each.cap)
        cells = (cap, dollars(each.used), dollars(each.reserved), rest)
        yield Item(f"cap {each.scope}", tuple(_scope(each)), _columns(cells, CAP_WIDTHS))
    yield Item("after caps", (), can=False)


def _scope(each: Left) -> Iterator[tuple[str, str]]:
    title = one_line(each.title)
    yield title, "strong" if each.scope.startswith("day:") else ""
    if title != scope_words(each.scope) and each.scope.startswith("task:"):
        yield f"  {each.scope.partition(':')[2]}", "dim"
    if each.cap:
        percent = 100 * (each.used + each.reserved) // each.cap
        tone = "bad" if percent >= STOP_AT else "warn" if percent >= WARN_AT else "dim"
        yield f"  {percent} %{' !' if percent >= WARN_AT else ''}", tone


def _section(title: str, lines: Sequence[Line], width: int) -> Iterator[Item]:
    if not lines:
        return
    yield Item(title, ((title, "head"),), _fitting(HEADS, width), can=False)
    for line in lines:
        is_nothing = not line.starts
        cells = ("", "", "", "", "", "-") if is_nothing else _cells(line)
        name = one_line(line.name) if line.name.strip() else "model not said"
        yield Item(f"{title} {line.name}", ((name, "dim" if is_nothing else ""),), _fitting(cells, width))
    yield Item(f"after {title}", (), can=False)


def _cells(line: Line) -> tuple[str, ...]:
    tokens = line.tokens
    counts = (tokens.input, tokens.cache_write, tokens.cache_read, tokens.output)
    return (str(line.starts), *map(thousands, counts), cost_words(line))


def _fitting(cells: Sequence[str], width: int) -> str:
    if width < NARROW:
        return _columns(cells[-1:], WIDTHS[-1:])
    return _columns(cells, WIDTHS)


def _columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(" " * (size - cell_len(cell)) + cell for cell, size in zip(cells, widths, strict=True))


def _notes(found: Spending) -> Iterator[Item]:
    for number, words in enumerate(notes_of(found)):
        yield Item(f"note {number}", ((words, "dim"),), can=False)


def notes_of(found: Spending) -> Iterator[str]:
    total = found.total
    if total.plan.total:
        yield f"plan: {thousands(total.plan.total)} tokens that a subscription pays"
    if total.is_unknown:
        starts = f"{total.unsaid} start{'' if total.unsaid == 1 else 's'}"
        silent = f"; {starts} of which nobody said anything" if total.unsaid else ""
        yield f"?: {thousands(total.unknown.total)} tokens without a known price{silent}; in no sum"
    if found.sources:
        yield one_line(f"prices: {'; '.join(found.sources)}")


def top_words(found: Spending) -> str:
    today = found.left[0]
    spent = (
        f"{dollars(today.used)} today" if today.cap is None else f"{dollars(today.used)} of {dollars(today.cap)} today"
    )
    total = cost_words(found.total) if found.total.starts else "nothing"
    return f"{spent}  ·  {total} in {len(found.days)} days"


def unit_of(found: Spending) -> str:
    """What the plots count: money as far as there is any, else tokens."""
    return "$" if found.total.micros or not found.total.tokens.total else "tokens"


def amount(line: Line, unit: str) -> float:
    return line.micros / 1_000_000 if unit == "$" else float(line.tokens.total)


def mark(line: Line) -> str:
    """What its bar does not say."""
    return "?" if line.is_unknown else ""
