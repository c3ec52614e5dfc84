"""Our colours: blue against orange, which people tell apart whatever their eyes; a glyph stands beside each."""

from __future__ import annotations

from textual.theme import Theme

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
    boost="#232c38",
    dark=True,
)
LIGHT = Theme(
    name="swarm-light",
    primary="#1f6fb2",
    secondary="#4a6fa5",
    accent="#005f99",
    warning="#b35900",
    error="#b3261e",
    success="#00695c",
    foreground="#1b2430",
    background="#f7f8fa",
    surface="#eef1f5",
    panel="#dfe5ec",
    boost="#d3dbe5",
    dark=False,
)
THEMES = (DARK, LIGHT)
