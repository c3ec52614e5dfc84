"""The line in which words are typed that are searched for in the lines above; they are shown while one types."""

from __future__ import annotations

from textual.widgets import Input

from swarmctl.surfaces.tui.diff_view import DiffView


class Find(Input):
    def __init__(self, view: DiffView) -> None:
        super().__init__(id="find", placeholder="words to find in this file; a capital counts once you type one")
        self._view, self._from = view, 0

    def begin(self) -> None:
        self._from = self._view.cursor
        self.add_class("shown")
        self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("shown"):
            self._view.search(self.value, self._from)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close()

    def give_up(self) -> bool:
        """Whether there was a search; one that is still being typed leaves the cursor where it began."""
        typing = self.has_class("shown")
        if not typing and not self._view.wanted:
            return False
        with self.prevent(Input.Changed):
            self.value = ""
        self._view.search("", self._from if typing else self._view.cursor)
        self._close()
        return True

    def _close(self) -> None:
        if self.has_class("shown"):
            self.remove_class("shown")
            self._view.focus()
