"""The deeds of every screen, by the name that stands before theirs in `[tui] keys`; the list needs none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from swarmctl.surfaces.tui.compare_deeds import COMPARE_DEEDS
from swarmctl.surfaces.tui.deed import Deed
from swarmctl.surfaces.tui.deeds import DEEDS
from swarmctl.surfaces.tui.diff_deeds import DIFF_DEEDS
from swarmctl.surfaces.tui.screen_deeds import LOG_DEEDS, MONEY_DEEDS, QUEUE_DEEDS, TIMELINE_DEEDS, WHY_DEEDS

TABLES: Mapping[str, Sequence[Deed[Any]]] = {
    "": DEEDS,
    "diff": DIFF_DEEDS,
    "compare": COMPARE_DEEDS,
    "queue": QUEUE_DEEDS,
    "log": LOG_DEEDS,
    "money": MONEY_DEEDS,
    "timeline": TIMELINE_DEEDS,
    "why": WHY_DEEDS,
}
