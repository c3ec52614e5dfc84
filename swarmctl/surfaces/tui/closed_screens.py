"""A screen that was closed is let go.

The library keeps two styles for two colours, and with them, by mistake, the widget's lines for which it asked: those of
a thousand widgets that are gone.
"""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


@lru_cache(maxsize=1024)
def inner_outer(below: Color, ground: Color) -> tuple[Style, Style]:
    return Style(background=below + ground), Style(background=below)


def let_go_of_closed_screens() -> None:
    StylesCache.get_inner_outer = staticmethod(inner_outer)  # type: ignore[method-assign, assignment]
