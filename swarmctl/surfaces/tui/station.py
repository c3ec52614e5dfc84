"""What every screen stands on: the repository, who reads it, and how something is asked of its supervisor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import SuspendNotSupported
from textual.events import Resize
from textual.message import Message
from textual.notifications import Notification, Notify

from swarmctl.app.drafts import Drafts
from swarmctl.app.here import Here
from swarmctl.app.own import Own
from swarmctl.app.verbs import lend_terminal, without_tmux
from swarmctl.core.config import TuiSettings
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.feed import Feed
from swarmctl.surfaces.tui.keymap import keys_of
from swarmctl.surfaces.tui.rows import Frame
from swarmctl.surfaces.tui.typed_order import TypedInOrder
from swarmctl.surfaces.tui.watching import Previewing, Sizing
from swarmctl.surfaces.words.plain import one_line

if TYPE_CHECKING:
    from swarmctl.app.preview import Shown
    from swarmctl.app.sizes import Size

T = TypeVar("T")
LEAVE_S = 5.0
LEAST_ROWS = 10
"""In fewer, a dialog has no frame and no notes."""
OUT_OF_THE_BOX = Own(TuiSettings())
Answer = dict[str, Any]


class Came(Message):
    """What a thread read in one repository; the newest of a kind is enough."""

    def __init__(self, place: Here) -> None:
        self.place = place
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, type(self)) and message.place is self.place


class FrameCame(Came):
    def __init__(self, place: Here, frame: Frame) -> None:
        self.frame = frame
        super().__init__(place)


class PreviewCame(Came):
    def __init__(self, place: Here, session: str, shown: Shown) -> None:
        self.session, self.shown = session, shown
        super().__init__(place)


class SizesCame(Came):
    def __init__(self, place: Here, sizes: Mapping[str, Size]) -> None:
        self.sizes = sizes
        super().__init__(place)


@dataclass
class Newest(Notification):
    """It takes the place of the one before of its kind: nobody reads a heap of them."""

    kind: str = ""


class Station(TypedInOrder):
    def __init__(self, place: Here, own: Own = OUT_OF_THE_BOX) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (LEAST_ROWS, "-high")]
        self.place = place
        self.own = own
        self.keys = keys_of(own)
        """Other keys than those of the tables, by deed."""
        self.frame = Frame()
        self._asking: list[Thread] = []
        self._is_left = False
        self.is_picture = False
        """Nobody sees what it shows: it is drawn into a file."""
        self._lent = False
        self._missed: dict[type[Message], Message] = {}
        """The newest of each kind that came while the terminal was somebody else's."""
        self.drafts = Drafts()
        """What somebody began to write here."""

    @property
    def selected(self) -> str:
        """What the first screen points at: a session, or a task that has none yet."""
        return ""

    @property
    def words(self) -> Mapping[str, str]:
        """The key of each deed, on the screen that is seen or else in the list, as on a keyboard."""
        raise NotImplementedError

    def attach_selected(self) -> None:
        """Open its terminal, or say why not."""
        raise NotImplementedError

    def seq(self) -> int:
        """How far the ledger is known. Threads may ask."""
        return self.frame.seq

    def begin(self) -> None:
        place = self.place
        self.feed = Feed(place, lambda frame: self._tell(FrameCame(place, frame)))
        self.previewing = Previewing(place, lambda name, shown: self._tell(PreviewCame(place, name, shown)))
        self.sizing = Sizing(place, lambda sizes: self._tell(SizesCame(place, sizes)))
        for watcher in (self.feed, self.previewing, self.sizing):
            watcher.start()

    def end(self) -> None:
        for watcher in (self.feed, self.previewing, self.sizing):
            watcher.stop()

    def on_resize(self, event: Resize) -> None:
        """As large as before: it was smaller meanwhile, and a terminal may have lost what it showed."""
        if event.size == self.size and self.is_attached:
            self.screen.refresh()

    def on_app_blur(self) -> None:
        self._is_looked_at(False)

    def on_app_focus(self) -> None:
        self._is_looked_at(True)

    def _is_looked_at(self, looked: bool) -> None:
        for watcher in (self.feed, self.previewing, self.sizing):
            watcher.is_looked_at(looked)

    def _tell(self, message: Message) -> None:
        if self._lent:
            self._missed[type(message)] = message
        elif self.is_running:
            self.post_message(message)

    def lend(self, argv: tuple[str, ...]) -> None:
        """The whole terminal, until that program ends. Nothing is read meanwhile, and nothing piles up."""
        self._lent = True
        self._is_looked_at(False)
        try:
            with self.suspend():
                code = lend_terminal(argv)
            if code:
                self.say(f"{argv[0]} ended with {code}; TERM is {os.environ.get('TERM') or 'not set'}")
        except SuspendNotSupported:
            self.say("there is no terminal here to lend; open the cockpit in one for that")
        finally:
            self._lent = False
            missed, self._missed = self._missed, {}
            for message in missed.values():
                self.post_message(message)
            self._is_looked_at(True)

    def action_suspend_process(self) -> None:
        if self.is_web:
            self.say("a page has no shell to go back to; close it when you like, nothing stops")
        else:
            super().action_suspend_process()

    def in_background(
        self,
        act: Callable[[], T],
        then: Callable[[T], object],
        otherwise: Callable[[SwarmError], object] | None = None,
    ) -> None:
        """`act` in a thread of its own, `then` on the screen; `otherwise`, or else a notice, says what went wrong."""
        self.run_worker(partial(self._work, act, then, otherwise), thread=True, exit_on_error=False)

    def asking(
        self,
        act: Callable[[], T],
        then: Callable[[T], object],
        otherwise: Callable[[SwarmError], object] | None = None,
    ) -> None:
        """The same for what may never be answered: who quits waits for it no longer than `LEAVE_S`."""
        work = partial(copy_context().run, self._work, act, then, otherwise)
        thread = Thread(target=work, name="asking", daemon=True)
        self._asking = [each for each in self._asking if each.is_alive()] + [thread]
        thread.start()

    def _work(
        self, act: Callable[[], T], then: Callable[[T], object], otherwise: Callable[[SwarmError], object] | None
    ) -> None:
        try:
            done = act()
        except SwarmError as error:
            self._on_screen(otherwise or self.complain, error)
        except Exception as error:
            fault = EnvironmentFault(f"{type(error).__name__}: {error}", hint="swarmctl doctor")
            self._on_screen(otherwise or self.complain, fault)
        else:
            self._on_screen(then, done)

    def _on_screen(self, say: Callable[[T], object], what: T) -> None:
        if not self._is_left:
            self.call_from_thread(say, what)

    async def on_unmount(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + LEAVE_S
        while any(thread.is_alive() for thread in self._asking) and loop.time() < end:
            await asyncio.sleep(0.02)
        self._is_left = True

    def ask(
        self,
        kind: str,
        args: Answer,
        then: Callable[[Answer], object],
        otherwise: Callable[[SwarmError], object] | None = None,
    ) -> None:
        """Submit a command; the supervisor is started when it does not run. Who went elsewhere hears faults alone."""
        place = self.place

        def submit() -> Answer:
            client = place.client()
            try:
                return client.ask(kind, args)
            finally:
                client.hang_up()

        self.in_background(submit, lambda answer: then(answer) if self.place is place else None, otherwise)

    def complain(self, error: SwarmError) -> None:
        hint = f"\nhint: {one_line(error.hint)}" if error.hint else ""
        words = f"{one_line(error.message)}{hint}"
        self.post_message(Notify(Newest(words, severity="error", timeout=8, kind=words)))

    def copy(self, text: str, what: str) -> None:
        """To the terminal's clipboard, of which no terminal says whether it took it; in tmux also to its buffer."""
        self.copy_to_clipboard(text)

        def keep() -> bool:
            from swarmctl.app.copying import kept_by_tmux

            return not self.is_web and kept_by_tmux(text, os.environ)

        def said(kept: bool) -> None:
            where = (
                "is in tmux's buffer: prefix ] pastes it" if kept else "is in the clipboard, if the terminal allows it"
            )
            self.say(f"{what} {where}")

        self.in_background(keep, said)

    def say(self, words: str) -> None:
        self.post_message(Notify(Newest(one_line(words), timeout=4, kind="said")))

    def refuse(self, why: str) -> None:
        """What a key does not do now."""
        self.post_message(Notify(Newest(one_line(why), severity="warning", timeout=4, kind="refused")))

    def on_notify(self, event: Notify) -> None:
        new = event.notification
        for former in list(self._notifications):
            if isinstance(new, Newest) and isinstance(former, Newest) and former.kind == new.kind:
                del self._notifications[former]


def view_of(place: Here, session: Session) -> tuple[str, ...]:
    """Here, even inside of somebody's tmux: the whole terminal is ours to lend."""
    place.attach_argv(session, os.environ)
    return place.attach_argv(session, without_tmux(os.environ))
