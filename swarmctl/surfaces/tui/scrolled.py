"""Lines of which only those on the screen are made, with a bar beside them that stands where they are."""

from __future__ import annotations

from textual.scroll_view import ScrollView


class Scrolled(ScrollView):
    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """What was scrolled before there was a bar moved none."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y
