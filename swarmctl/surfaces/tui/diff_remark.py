"""What a person writes about one line of a diff: kept as a draft until it stands at its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from swarmctl.surfaces.tui.writing import Tell

NOTE = "It stands at its line until {send} sends all of them."


class OnLine(Tell):
    GIVES = "keep"

    def __init__(
        self, title: str, about: str, send: str, keep: Callable[[str], Callable[[], object]], words: str = ""
    ) -> None:
        """`send`: the key that sends all of them."""
        digest = hashlib.sha256(about.encode("utf-8", "backslashreplace")).hexdigest()[:16]
        super().__init__(title, f"line-{digest}", NOTE.format(send=send), lambda _, said: keep(said))
        self._words = words

    def fill(self, fields: dict[str, str]) -> None:
        """What was written here before and never given comes first."""
        super().fill(fields if fields.get("prompt") else {"prompt": self._words})
