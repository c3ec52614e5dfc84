"""How soon a key is answered. To be said before the screens are loaded."""

from __future__ import annotations

import os
import sys

from textual import constants

SWITCH_S = 0.001
"""The thread that reads keeps the one that paints waiting for no longer."""
PICTURES = 120
"""A second at most; none where nothing changed. A key that comes just after one waits for the next."""


def answer_soon() -> None:
    sys.setswitchinterval(SWITCH_S)
    if "TEXTUAL_FPS" not in os.environ:
        constants.MAX_FPS = PICTURES  # type: ignore[misc]
