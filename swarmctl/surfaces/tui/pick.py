"""One of a few values in one line; what is wished for before it is known whether it can be had is not forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.widgets import Select

from swarmctl.surfaces.words.plain import one_line

Options = Sequence[tuple[str, str]]
"""What is read, and what it stands for."""


class Pick(Select[str]):
    def __init__(self, id: str, options: Options, *, is_known: bool = True) -> None:
        """`is_known`: these are the options that there are, as far as anybody knows."""
        super().__init__(_texts(options), id=id, value=options[0][1], allow_blank=False, compact=True)
        self._wish: str | None = None
        self._is_known = is_known

    @property
    def said(self) -> str:
        return str(self.value) if self._wish is None or self._is_known else self._wish

    @property
    def offered(self) -> list[tuple[str, str]]:
        return [(str(words), str(value)) for words, value in self._options]

    @property
    def values(self) -> list[str]:
        return [str(value) for _, value in self._options]

    def wish(self, value: str) -> None:
        self._wish = value
        self._grant()

    def offer(self, options: Options) -> None:
        """Other options; what was chosen stays, or comes back when it can be chosen again."""
        wish = str(self.value) if self._wish is None else self._wish
        self._is_known = True
        with self.prevent(Select.Changed):
            self.set_options(_texts(options))
            self._wish = wish
            self._grant()
            self.mutate_reactive(Pick.value)  # type: ignore[misc]

    def _grant(self) -> None:
        if self._wish is not None and self._wish in self.values:
            self.value, self._wish = self._wish, None

    def on_select_changed(self) -> None:
        self._wish = None


def _texts(options: Iterable[tuple[str, str]]) -> list[tuple[Text, str]]:
    return [(Text(one_line(words), no_wrap=True, overflow="ellipsis"), value) for words, value in options]
