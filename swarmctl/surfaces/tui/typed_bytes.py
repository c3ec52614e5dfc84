"""What a terminal sends is taken as UTF-8; a byte that is none becomes a sign for that, and nothing ends by it."""

from __future__ import annotations

import codecs
from functools import partial

from textual.drivers import linux_driver

LENIENT = partial(codecs.getincrementaldecoder("utf-8"), errors="replace")


def take_any_bytes() -> None:
    """The library's reading thread makes its decoder by this name, and dies of the first byte that it does not know."""
    linux_driver.getincrementaldecoder = lambda _encoding: LENIENT  # type: ignore[attr-defined]
