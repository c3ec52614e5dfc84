"""A log that goes on: its end is followed; who scrolled back reads in peace, and what came meanwhile is at the end."""

from __future__ import annotations

from swarmctl.surfaces.tui.preview_pane import PreviewPane


class LogPane(PreviewPane):
    _later: tuple[str, tuple[str, ...], str] | None = None

    @property
    def is_behind(self) -> bool:
        """More came than is shown."""
        return self._later is not None

    @property
    def is_at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y - 1

    def show(self, name: str, lines: tuple[str, ...], note: str = "") -> None:
        if name == self._name and self._lines and not self.is_at_end:
            self._later = None if (lines, note) == (self._lines, self._note) else (name, lines, note)
            return
        self._later = None
        super().show(name, lines, note)

    def count(self) -> int:
        """Lines that have what is searched for."""
        return len(self._hits())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._later is not None and self.is_at_end:
            self.show(*self._later)
