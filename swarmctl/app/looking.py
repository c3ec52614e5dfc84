"""When to look at which agent's terminal, in a thread of its own: after it printed, and again to be sure of a change.

A reading is told once two looks agree on it, so a picture that is half painted changes nothing; quiet panes cost none.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.screen import Manifest, Reading, ScreenReader, read_title

AGAIN_S = 1.0
"""After a look that failed."""


class Look(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def viewers(self) -> int: ...


class Panes(Protocol):
    """What shows terminals; `PaneLooks` of edges/tmux."""

    def fileno(self) -> int: ...

    def printed(self) -> set[str]: ...

    def look(self, panes: Sequence[tuple[str, SessionId]]) -> Mapping[str, Look]: ...

    def forget(self, pane: str) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Pace:
    settle_s: float
    """From its word to the look, so that it can paint to the end."""
    gap_s: float
    """From one look to the next at least, however much it prints."""
    agree_s: float
    """From the look that shows a change to the one that has to agree."""


ROUND_S = 0.024
"""Panes that print so close together are looked at together: waking up costs more than a look."""
PROMPT = Pace(settle_s=0.0, gap_s=0.0, agree_s=0.010)
"""For an agent of which the screen tells everything."""
CALM = Pace(settle_s=0.150, gap_s=4.0, agree_s=0.5)
"""For an agent with hooks: its screen only tells what they leave out."""
WITNESSED = Pace(settle_s=0.02, gap_s=0.1, agree_s=0.05)
"""While a person looks at it: no hook tells of the Esc that they may press."""


@dataclass(frozen=True, slots=True)
class Watched:
    session: SessionId
    pane: str
    manifest: Manifest
    pace: Pace


@dataclass(frozen=True, slots=True)
class Seen:
    """What a terminal says, since `at` by the wall's clock."""

    session: SessionId
    pane: str
    at: float
    title: Reading | None
    screen: Reading | None
    viewed: bool
    first: bool
    """Nobody knows since when it says so."""
    after: float | None = None
    """When it was looked at before that, and did not say so yet; 0 at the first look."""


@dataclass(slots=True)
class _Watch:
    of: Watched
    due: float | None
    looked: float = 0.0
    told: tuple[object, ...] | None = None
    shown: tuple[object, ...] | None = None
    """What the last look read, and since when."""
    since: float = 0.0
    after: float = 0.0
    last: float = 0.0
    """When it was looked at last, by the wall's clock."""
    viewed: bool = False
    reader: ScreenReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = ScreenReader(self.of.manifest)

    @property
    def pace(self) -> Pace:
        return WITNESSED if self.viewed and self.of.pace.gap_s > WITNESSED.gap_s else self.of.pace


class Looking:
    def __init__(self, panes: Panes, tell: Callable[[Seen], None], now: Callable[[], float] = time.time) -> None:
        self._panes = panes
        self._tell = tell
        self._now = now
        self._lock = threading.Lock()
        self._wanted: dict[str, Watched] = {}
        self._watches: dict[str, _Watch] = {}
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)
        self._thread.start()

    def follow(self, wanted: Sequence[Watched]) -> None:
        """These and no others; from any thread."""
        found = {each.pane: each for each in wanted}
        with self._lock:
            if found == self._wanted:
                return
            self._wanted = found
        os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        self._closing = True
        os.eventfd_write(self._bell, 1)
        self._thread.join()
        self._panes.close()
        os.close(self._bell)

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._panes.fileno(), select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        round_at: float | None = None
        """When those are looked at that print together; until then nobody listens for more."""
        while not self._closing:
            ready = {fd for fd, _ in poll.poll(self._patience(round_at))}
            if self._bell in ready:
                os.eventfd_read(self._bell)
                self._take_over()
            if ready - {self._bell}:
                round_at = time.monotonic() + ROUND_S
                poll.modify(self._panes.fileno(), 0)
            if round_at is not None and round_at <= time.monotonic():
                round_at = None
                poll.modify(self._panes.fileno(), select.POLLIN)
                self._printed(self._panes.printed())
            self._look_at_what_is_due()

    def _patience(self, round_at: float | None) -> float | None:
        """In milliseconds."""
        due = [watch.due for watch in self._watches.values() if watch.due is not None]
        if round_at is not None:
            due.append(round_at)
        return max(0.0, min(due) - time.monotonic()) * 1000 if due else None

    def _take_over(self) -> None:
        with self._lock:
            wanted = dict(self._wanted)
        for pane in self._watches.keys() - wanted.keys():
            del self._watches[pane]
            self._panes.forget(pane)
        for pane, watched in wanted.items():
            known = self._watches.get(pane)
            if known is None or known.of != watched:
                self._watches[pane] = _Watch(watched, due=time.monotonic())

    def _printed(self, panes: set[str]) -> None:
        now = time.monotonic()
        for pane in panes:
            watch = self._watches.get(pane)
            if watch is not None and watch.due is None:
                watch.due = max(now + watch.pace.settle_s, watch.looked + watch.pace.gap_s)

    def _look_at_what_is_due(self) -> None:
        now = time.monotonic()
        due = [watch for watch in self._watches.values() if watch.due is not None and watch.due <= now]
        if not due:
            return
        looks: Mapping[str, Look] = {}
        again: float | None = now + AGAIN_S
        with suppress(SwarmError):
            looks = self._panes.look([(watch.of.pane, watch.of.session) for watch in due])
            again = None
        for watch in due:
            watch.due, watch.looked = again, now
            look = looks.get(watch.of.pane)
            if look is not None:
                self._judge(watch, look, now)

    def _judge(self, watch: _Watch, look: Look, now: float) -> None:
        watch.viewed = look.viewers > 0
        title, screen = read_title(watch.of.manifest, look.title), watch.reader.read(look.text)
        shown = (_opinion(title), _opinion(screen), look.viewers > 0)
        before, watch.last = watch.last, self._now()
        if shown == watch.told:
            watch.shown = shown
            return
        if shown != watch.shown:
            watch.shown, watch.since, watch.after = shown, watch.last, before
            watch.due = now + watch.pace.agree_s
            return
        first, watch.told = watch.told is None, shown
        of = watch.of
        self._tell(Seen(of.session, of.pane, watch.since, title, screen, look.viewers > 0, first, watch.after))


def _opinion(reading: Reading | None) -> tuple[object, ...] | None:
    return None if reading is None else (reading.state, reading.kind)
