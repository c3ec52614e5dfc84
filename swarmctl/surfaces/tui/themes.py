"""Our colours: blue against orange, which people tell apart whatever their eyes; a glyph stands beside each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

from swarmctl.app.own import Own
from swarmctl.core.errors import UsageFault

DARK = Theme(
    name="swarm-dark",
    primary="#5aa9e6",
    secondary="#8fb8de",
    accent="#7fdbff",
    warning="#ffb000",
    error="#ff6f59",
    success="#5ec4a8",
    foreground="#d7dde5",
    background="#10141a",
    surface="#151a22",
    panel="#1f2630",
    variables={"boost": "#232c38"},
    dark=True,
)
LIGHT = Theme(
    name="swarm-light",
    primary="#1f6fb2",
    secondary="#4a6fa5",
    accent="#005f99",
    warning="#8a4500",
    error="#b3261e",
    success="#00695c",
    foreground="#1b2430",
    background="#f7f8fa",
    surface="#eef1f5",
    panel="#dfe5ec",
    variables={"boost": "#d3dbe5"},
    dark=False,
)
THEMES = (DARK, LIGHT)
AUTO = "auto"
LIGHT_GROUNDS = ("7", "15")


def theme_of(own: Own, environ: Mapping[str, str]) -> str:
    """`auto`: light where the terminal says that its ground is (`COLORFGBG`), else dark."""
    wanted = own.tui.theme
    if wanted == AUTO:
        return LIGHT.name if environ.get("COLORFGBG", "").rpartition(";")[2] in LIGHT_GROUNDS else DARK.name
    known = [*(theme.name for theme in THEMES), *BUILTIN_THEMES]
    if wanted in known:
        return wanted
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    near = f"; did you mean {close[0]}?" if close else ""
    where = own.where("theme")
    hint = f"choose one: {', '.join((AUTO, *known))}"
    raise UsageFault(f"{f'{where}: ' if where else ''}[tui] theme {wanted!r} is unknown{near}", hint=hint)
