"""Dialogs in which something is written: what was begun stays until it was taken, a refusal leaves it in the editor.

The draft is in memory and in a private file; escape leaves it for the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, cast

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static, TextArea

from swarmctl.app.here import Here
from swarmctl.app.offers import tracked
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.agent_box import AgentBox
from swarmctl.surfaces.tui.prompt_area import FileList, Files, PromptArea
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

KEEP_S = 1.0
LOW, NARROW = 20, 50
"""Fewer rows are for the words first, the rest is scrolled to; in fewer columns the choices stand in one."""
KEYS = "^s {gives}   @ file   tab next   esc leave, the draft stays"
BUSY = "asking the supervisor …   esc leave: it is asked all the same"
ASKED = "asked"
"""Of a draft: it was on its way when it was written down."""
DOUBT = "It was on its way when swarmctl was left: look whether it arrived before you send it again."
FOLLOWED = "Another one is kept as well: it is shown once this one is sent or emptied."
KEPT = "What was written is kept: the same key shows it again."


class Writing(ModalScreen[None]):
    CSS_PATH = "writing.tcss"
    BINDINGS = [("escape", "leave", "leave"), ("ctrl+s,ctrl+j,ctrl+enter", "give", "send")]
    GIVES: ClassVar[str] = "send"
    """What the key of the dialog does with the words."""

    def __init__(self, title: str, name: str, note: str = "") -> None:
        super().__init__()
        self._title, self._draft, self._note = one_line(title), name, one_line(note)
        self.place: Here = self.station.place
        """Where it was opened; another repository may be shown meanwhile."""
        self._files = Files(lambda: tracked(self.place))
        self._drafts = self.station.drafts
        self._kept: dict[str, str] = {}
        self._latest: dict[str, str] = {}
        self._is_busy = self._is_over = False
        self._is_known = False
        """What was written before was looked up."""
        self._said_that_unkept = False

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
            yield Label(Text(KEYS.format(gives=self.GIVES)), classes="note", id="keys")
        yield files

    def choices(self) -> tuple[Widget, ...]:
        """What is chosen beside the words."""
        return ()

    def fields(self) -> dict[str, str]:
        return {"prompt": self.editor.text}

    def is_something(self, fields: dict[str, str]) -> bool:
        """Which may be sent, and is kept until it was."""
        return bool(fields["prompt"].strip())

    def fill(self, fields: dict[str, str]) -> None:
        self.editor.begin_with(fields.get("prompt", ""))

    def send(self, fields: dict[str, str]) -> Callable[[], object]:
        """In a thread; what it returns is called on the screen when it was taken."""
        raise NotImplementedError

    @property
    def editor(self) -> PromptArea:
        return self.query_one(PromptArea)

    def on_mount(self) -> None:
        place, name = self.place, self._draft
        self.editor.focus()
        self._be_busy(self._drafts.is_sent(place, name))
        held = self._drafts.held(place, name)
        if held is not None:
            self._begin(held)
        else:
            self.station.in_background(lambda: self._drafts.find(place, name), self._begin)
        self.set_interval(KEEP_S, self._keep)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < LOW, "low")
        self.set_class(event.size.width < NARROW, "narrow")

    def _begin(self, fields: dict[str, str]) -> None:
        if self.is_attached:
            written = {name: value for name, value in fields.items() if name != ASKED}
            self.fill(written)
            self._latest = self.fields()
            self._kept = written or self._latest
            self._is_known = True
            if self._drafts.is_followed(self.place, self._draft):
                self.tell_reason(FOLLOWED)
            if ASKED in fields and not self._is_busy:
                self.tell_reason(DOUBT)

    def _keep(self) -> None:
        """What changed since it was last kept; an empty one is none."""
        fields = self.fields()
        if fields == self._kept or not self._is_known or self._is_busy:
            return
        self._kept = fields
        self._hold(fields)

    def _hold(self, fields: dict[str, str]) -> None:
        drafts, place, name = self._drafts, self.place, self._draft
        drafts.hold(place, name, fields if self.is_something(fields) else {})
        self.station.in_background(lambda: drafts.write_down(place, name), _nothing, self._unkept)

    def _unkept(self, error: SwarmError) -> None:
        if not self._said_that_unkept and self.is_attached:
            self._said_that_unkept = True
            self.tell_reason(f"The draft is kept only while swarmctl is open: {error.message}", error.hint)

    @on(TextArea.Changed)
    @on(Input.Changed)
    @on(Select.Changed)
    @on(AgentBox.Changed)
    def _note_latest(self) -> None:
        self._latest = self.fields()

    def on_unmount(self) -> None:
        """The whole application is left: what was written since it was last kept is kept before that."""
        drafts, latest = self._drafts, self._latest
        if self._is_known and not self._is_over and not self._is_busy and latest and latest != self._kept:
            drafts.hold(self.place, self._draft, latest if self.is_something(latest) else {})
            with suppress(SwarmError):
                drafts.write_down(self.place, self._draft)

    def on_prompt_area_wants(self, message: PromptArea.Wants) -> None:
        words, editor = message.words, self.editor
        self.station.in_background(
            lambda: self._files.find(words),
            lambda found: editor.show_files(words, found),
            lambda _: editor.show_files(words, ()),
        )

    def action_give(self) -> None:
        if self._is_busy:
            return
        fields = self.fields()
        if not self.is_something(fields):
            self.tell_reason("Nothing is written yet.")
            return
        self._kept = fields
        self._hold({**fields, ASKED: "yes"})
        self._be_busy(True)
        self.tell_reason("")
        self._drafts.send(self.place, self._draft, True)
        self.station.asking(lambda: self._hand_over(fields), self._taken, self._refused)

    def _hand_over(self, fields: dict[str, str]) -> Callable[[], object]:
        """In a thread: no draft of it is left once it was taken, even if nobody looks any more."""
        after = self.send(fields)
        self._drafts.drop(self.place, self._draft)
        return after

    def _taken(self, after: Callable[[], object]) -> None:
        self._answered()
        after()
        for dialog in self._dialogs():
            dialog.leave()

    def _refused(self, error: SwarmError) -> None:
        """It stands above the words as long as they are looked at."""
        self._answered()
        self._hold(self._kept)
        dialogs = self._dialogs()
        for dialog in dialogs:
            dialog.tell_refusal(error)
        if not dialogs:
            hint = f"{error.hint}. {KEPT}" if error.hint else KEPT
            self.station.complain(SwarmError(f"{self._title}: {error.message}", hint=hint))

    def _answered(self) -> None:
        self._drafts.send(self.place, self._draft, False)

    def _dialogs(self) -> list[Writing]:
        """Those that show this draft: this one, or one that was opened since somebody left it."""
        stack = [each for each in self.station.screen_stack if isinstance(each, Writing)]
        return [each for each in stack if each.is_attached and (each.place, each._draft) == (self.place, self._draft)]

    def tell_refusal(self, error: SwarmError) -> None:
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
        self.query_one("#keys", Label).update(Text(BUSY if busy else KEYS.format(gives=self.GIVES)))

    def action_leave(self) -> None:
        self._keep()
        self.leave()

    def leave(self) -> None:
        """Only itself: what was opened over it stays, and it goes once that is left."""
        self._is_over = True
        if self.is_active:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        if self._is_over:
            self.dismiss(None)


class Tell(Writing):
    """Something for one session's agent."""

    def __init__(self, title: str, name: str, note: str, send: Callable[[Here, str], Callable[[], Any]]) -> None:
        super().__init__(title, name, note)
        self._send = send

    def send(self, fields: dict[str, str]) -> Callable[[], object]:
        return self._send(self.place, fields["prompt"])


def _nothing(_: object) -> None:
    pass
