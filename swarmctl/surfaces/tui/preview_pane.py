"""What the selected session's terminal shows: colours and text, whatever else its agent printed."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from swarmctl.surfaces.tui.scrolled import Scrolled
from swarmctl.surfaces.words.plain import one_line

FOUND = Style(reverse=True)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_CONSOLE = Console(color_system="truecolor", width=10_000, soft_wrap=True)
"""Only the measure of its lines is used; it prints nothing."""


class PreviewPane(Scrolled, can_focus=True):
    COMPONENT_CLASSES = {"preview--note"}
    BINDINGS = [
        ("up,k", "scroll_up", "up"),
        ("down,j", "scroll_down", "down"),
        ("pageup", "page_up", "page up"),
        ("pagedown", "page_down", "page down"),
        ("home", "scroll_home", "first"),
        ("end", "scroll_end", "last"),
    ]

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: tuple[str, ...] = ()
        self._note = ""
        self._name = ""
        self._ground = Style.null()
        self.wanted = ""
        """What is searched for."""
        self._found = -1
        """The line with it that was gone to last."""

    def show(self, name: str, lines: tuple[str, ...], note: str = "") -> None:
        """It follows the newest line unless somebody scrolled away from it."""
        if (name, lines, note) == (self._name, self._lines, self._note):
            return
        follows = name != self._name or self.scroll_offset.y >= self.max_scroll_y - 1
        self._name, self._lines, self._note = name, lines, note
        width = max((cell_len(plain(line)) for line in lines), default=0)
        self.virtual_size = Size(width, len(lines))
        if follows:
            self.scroll_to(0, self.virtual_size.height, animate=False, force=True)
        self.refresh()

    def search(self, wanted: str) -> int:
        """How many lines have it; the view goes to the last."""
        self.wanted = wanted.casefold()
        found = self._hits()
        if found:
            self._go_to(found[-1])
        self.refresh()
        return len(found)

    def seek(self, by: int) -> None:
        """The next line with it after, or before, the last one, else the middle of what is seen; round at the ends."""
        found = self._hits()
        if not found:
            return
        top, height = int(self.scroll_offset.y), self.size.height
        here = self._found if top <= self._found < top + height else top + height // 2
        after = [line for line in found if (line > here if by > 0 else line < here)]
        self._go_to((after or found)[0 if by > 0 else -1])

    def _hits(self) -> list[int]:
        if not self.wanted:
            return []
        return [number for number, line in enumerate(self._lines) if self.wanted in plain(line).casefold()]

    def _go_to(self, line: int) -> None:
        self._found = line
        self.scroll_to(0, max(0, line - self.size.height // 2), animate=False, force=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The ground is looked up once for all of them."""
        self._ground = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        left, top = int(self.scroll_offset.x), int(self.scroll_offset.y)
        width, base = self.size.width, self._ground
        if not self._lines:
            note = self._note if y == 0 else ""
            style = self.get_component_rich_style("preview--note")
            return Strip([Segment(note, style)]).adjust_cell_length(width, base)
        if top + y >= len(self._lines):
            return Strip.blank(width, base)
        strip = painted(self._lines[top + y], self.wanted)
        return strip.crop(left, left + width).adjust_cell_length(width).apply_style(base)


@lru_cache(maxsize=4096)
def painted(line: str, wanted: str) -> Strip:
    text = AnsiDecoder().decode_line(line.expandtabs(8))
    text.end = ""
    if wanted:
        plain_text, start = text.plain.casefold(), 0
        while (start := plain_text.find(wanted, start)) >= 0:
            text.stylize(FOUND, start, start + len(wanted))
            start += len(wanted)
    parts = [part for part in text.render(_CONSOLE) if not part.control]
    return Strip([Segment(one_line(part.text), _ours(part.style)) for part in parts])


@lru_cache(maxsize=4096)
def _ours(style: Style | None) -> Style | None:
    """The default colours of a terminal are those of the pane here."""
    if style is None or not (style.color or style.bgcolor):
        return style
    kept = style.without_color
    color = None if style.color is None or style.color.is_default else style.color
    ground = None if style.bgcolor is None or style.bgcolor.is_default else style.bgcolor
    return kept + Style(color=color, bgcolor=ground)


def plain(line: str) -> str:
    """Nearly always there are colours in it and no other escape; then nothing needs to be understood."""
    bare = _COLOUR.sub("", line) if "\x1b" in line else line
    return AnsiDecoder().decode_line(bare).plain if "\x1b" in bare else bare
