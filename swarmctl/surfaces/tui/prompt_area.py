"""An editor for what an agent is told: files are completed after `@`; ctrl+j and ctrl+enter send where they arrive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from threading import Lock

from rich.text import Text
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from swarmctl.surfaces.tui.finder import Finder
from swarmctl.surfaces.words.plain import one_line

SPOKEN = re.compile(r"(?:^|(?<=[\s(\"'`]))@(\"[^\"]*|[^\s\"]*)$")
"""A name in quotes may have spaces."""
LONGEST = 300
"""Characters of a name that is looked for."""
SEEN = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) != "\t"},
    0x7F: "\u2421",
    **dict.fromkeys((*range(0x80, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)), " "),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}
"""What would act on a terminal, as it can be seen."""


class FileList(OptionList, can_focus=False):
    """Stands under the cursor; the editor moves it."""

    def offer(self, paths: Iterable[str], at: Offset) -> None:
        self.clear_options()
        self.add_options(Option(Text(one_line(path), no_wrap=True, overflow="ellipsis"), id=path) for path in paths)
        self.highlighted = 0 if self.option_count else None
        self.absolute_offset = at
        self.set_class(bool(self.option_count), "shown")

    @property
    def is_open(self) -> bool:
        return self.has_class("shown")

    @property
    def chosen(self) -> str:
        option = self.highlighted_option
        return str(option.id) if option is not None else ""


class PromptArea(TextArea):
    BINDINGS = [("ctrl+s,ctrl+j,ctrl+enter", "screen.give", "send")]

    class Wants(Message):
        """Somebody writes the name of a file."""

        def __init__(self, words: str) -> None:
            self.words = words
            super().__init__()

    def __init__(self, text: str, files: FileList, id: str) -> None:
        super().__init__(text, id=id, soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False)
        self._files = files
        self._spoken: str | None = None

    def begin_with(self, text: str) -> None:
        """Nobody writes the name of a file by that. What was typed before it came stands behind it."""
        with self.prevent(TextArea.Changed, TextArea.SelectionChanged):
            if self.text:
                self.insert(text, (0, 0))
            else:
                self.text = text
                self.move_cursor(self.document.end)
        self._spoken = self.spoken

    def get_line(self, line_index: int) -> Text:
        line = self.document[line_index]
        return Text(line if line.isprintable() else line.translate(SEEN), end="", no_wrap=True)

    @property
    def spoken(self) -> str | None:
        """What stands between an `@` and the cursor."""
        row, column = self.cursor_location
        found = SPOKEN.search(self.document[row][:column], max(0, column - LONGEST))
        return found[1] if found else None

    def on_text_area_changed(self) -> None:
        self._look()

    def on_text_area_selection_changed(self) -> None:
        self._look()

    def _look(self) -> None:
        spoken = self.spoken if self.has_focus else None
        if spoken != self._spoken:
            self._spoken = spoken
            if spoken is None:
                self.shut()
            else:
                self.post_message(self.Wants(spoken))

    def on_blur(self) -> None:
        self._look()

    def show_files(self, words: str, paths: Iterable[str]) -> None:
        """Unless somebody wrote on since."""
        if words == self._spoken and self.is_attached:
            self._files.offer(paths, self.cursor_screen_offset + Offset(-len(words) - 1, 1))

    def shut(self) -> None:
        self._files.offer((), Offset(0, 0))

    async def _on_key(self, event: events.Key) -> None:
        acts: dict[str, Callable[[], object]] = {
            "up": self._files.action_cursor_up,
            "down": self._files.action_cursor_down,
            "tab": self.take,
            "enter": self.take,
            "escape": self.shut,
        }
        if self._files.is_open and event.key in acts:
            event.stop()
            event.prevent_default()
            acts[event.key]()
        else:
            await super()._on_key(event)

    def take(self) -> None:
        """The chosen path stands for what was written of it."""
        path, spoken = self._files.chosen, self._spoken
        if path and spoken is not None:
            row, column = self.cursor_location
            name = f'"{path}"' if " " in path else path
            self.replace(f"{name} ", (row, column - len(spoken)), (row, column))
        self.shut()


class Files:
    """The repository's files, listed when they are first asked for. In a thread."""

    def __init__(self, listing: Callable[[], tuple[str, ...]]) -> None:
        self._listing = listing
        self._finder: Finder | None = None
        self._newest = ""
        self._looks = Lock()

    def find(self, words: str) -> list[str]:
        """One at a time; nothing is looked for that nobody wants any more."""
        self._newest = words
        with self._looks:
            if self._finder is None:
                self._finder = Finder(self._listing())
            return self._finder.find(words.removeprefix('"')) if words == self._newest else []
