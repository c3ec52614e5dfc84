"""Dialogs in which something is written: what was begun stays until it was taken, a refusal leaves it in the editor.

The draft is in memory and in a private file; escape leaves it for the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Label, Static

from swarmctl.app.drafts import draft, drop_draft, keep_draft
from swarmctl.app.offers import tracked
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.prompt_area import FileList, Files, PromptArea
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

KEEP_S = 1.0
LOW, NARROW = 20, 50
"""Fewer rows are for the words first, the rest is scrolled to; in fewer columns the choices stand in one."""
KEYS = "^s send   @ file   tab next   esc leave, the draft stays"


class Writing(ModalScreen[None]):
    CSS_PATH = "writing.tcss"
    BINDINGS = [("escape", "leave", "leave"), ("ctrl+s,ctrl+j,ctrl+enter", "give", "send")]

    def __init__(self, title: str, name: str, note: str = "") -> None:
        super().__init__()
        self._title, self._draft, self._note = one_line(title), name, one_line(note)
        self._kept: dict[str, str] = {}
        self._latest: dict[str, str] = {}
        self._is_busy = self._is_over = False
        self._is_known = False
        """What was written before was looked up."""
        self._said_that_unkept = False
        self._files_by_letters: Files | None = None

    @property
    def station(self) -> Station:
        return cast(Station, self.app)

    def compose(self) -> ComposeResult:
        files = FileList(id="files", compact=True)
        with Vertical(classes="box"):
            yield Label(Text(self._title), classes="title")
            yield Static(id="reason")
            yield PromptArea("", files, id="text")
            yield from self.choices()
            if self._note:
                yield Label(Text(self._note), classes="note")
            yield Label(Text(KEYS), classes="note", id="keys")
        yield files

    def choices(self) -> tuple[Widget, ...]:
        """What is chosen beside the words."""
        return ()

    def fields(self) -> dict[str, str]:
        return {"prompt": self.editor.text}

    def fill(self, fields: dict[str, str]) -> None:
        if not self.editor.text:
            self.editor.begin_with(fields.get("prompt", ""))

    def send(self, fields: dict[str, str]) -> Callable[[], object]:
        """In a thread; what it returns is called on the screen when it was taken."""
        raise NotImplementedError

    @property
    def editor(self) -> PromptArea:
        return self.query_one(PromptArea)

    def on_mount(self) -> None:
        place, name = self.station.place, self._draft
        self._files_by_letters = Files(lambda: tracked(place))
        self.editor.focus()
        if name in self.station.drafts:
            self._begin(self.station.drafts[name])
        else:
            self.station.in_background(lambda: draft(place, name), self._begin)
        self.set_interval(KEEP_S, self._keep)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < LOW, "low")
        self.set_class(event.size.width < NARROW, "narrow")

    def _begin(self, fields: dict[str, str]) -> None:
        if self.is_attached:
            self.fill(fields)
            self._kept = self.fields()
            self._is_known = True

    def _keep(self) -> None:
        """What changed since it was last kept; an empty one is none."""
        fields = self.fields()
        if fields == self._kept or not self._is_known or self._is_busy:
            return
        self._kept = fields
        station, place, name = self.station, self.station.place, self._draft
        if fields["prompt"].strip():
            station.drafts[name] = fields
            station.in_background(lambda: keep_draft(place, name, fields), _nothing, self._unkept)
        else:
            self._drop()

    def _unkept(self, error: SwarmError) -> None:
        if not self._said_that_unkept and self.is_attached:
            self._said_that_unkept = True
            self.tell_reason(f"The draft is kept only while swarmctl is open: {error.message}", error.hint)

    def _drop(self) -> None:
        station, place, name = self.station, self.station.place, self._draft
        station.drafts.pop(name, None)
        station.in_background(lambda: drop_draft(place, name), _nothing)

    def on_text_area_changed(self) -> None:
        self._latest = self.fields()

    def on_unmount(self) -> None:
        """The whole application is left: what was written since it was last kept is kept before that."""
        unkept = self._is_known and self._latest and self._latest["prompt"] != self._kept["prompt"]
        if unkept and not self._is_over:
            with suppress(SwarmError):
                keep_draft(self.station.place, self._draft, self._latest)

    def on_prompt_area_wants(self, message: PromptArea.Wants) -> None:
        finder, words = self._files_by_letters, message.words
        if finder is not None:
            self.run_worker(lambda: self._find(finder, words), thread=True, exclusive=True, group="files")

    def _find(self, finder: Files, words: str) -> None:
        try:
            found = finder.find(words)
        except SwarmError:
            found = []
        self.app.call_from_thread(self.editor.show_files, words, found)

    def action_give(self) -> None:
        if self._is_busy:
            return
        fields = self.fields()
        if not fields["prompt"].strip():
            self.tell_reason("Nothing is written yet.")
            return
        self._keep()
        self._be_busy(True)
        self.tell_reason("")
        self.station.in_background(lambda: self.send(fields), self._taken, self._refused)

    def _taken(self, after: Callable[[], object]) -> None:
        self._drop()
        after()
        if self.is_attached:
            self._is_over = True
            self.dismiss(None)

    def _refused(self, error: SwarmError) -> None:
        """It stands above the words as long as they are looked at."""
        if not self.is_attached:
            self.station.complain(error)
            return
        self._be_busy(False)
        self.tell_reason(error.message, error.hint)
        self.editor.focus()

    def tell_reason(self, words: str, hint: str = "") -> None:
        reason = self.query_one("#reason", Static)
        reason.set_class(bool(words), "shown")
        text = Text(one_line(words), style="bold")
        if hint:
            text.append(f"\n{one_line(hint)}", "not bold")
        reason.update(text)

    def _be_busy(self, busy: bool) -> None:
        self._is_busy = busy
        self.editor.read_only = busy
        self.query_one("#keys", Label).update(Text("asking the supervisor …" if busy else KEYS))

    def action_leave(self) -> None:
        self._keep()
        self._is_over = True
        self.dismiss(None)


class Tell(Writing):
    """Something for one session's agent."""

    def __init__(self, title: str, name: str, note: str, send: Callable[[str], Callable[[], Any]]) -> None:
        super().__init__(title, name, note)
        self._send = send

    def send(self, fields: dict[str, str]) -> Callable[[], object]:
        return self._send(fields["prompt"])


def _nothing(_: object) -> None:
    pass
