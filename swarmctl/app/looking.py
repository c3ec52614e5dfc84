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
from swarmctl.core.screen import Manifest, Reading, ScreenReader

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

    def attend(self, pane: str) -> None: ...

    def look(self, panes: Sequence[tuple[str, SessionId]]) -> Mapping[str, Look | None]: ...

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


ROUND_S = 0.028
"""Panes that print so close together are looked at together: waking up costs more than many looks."""
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
        self._due: dict[str, float] = {}
        """When which pane is to be looked at; the others are quiet."""
        self._poll = select.poll()
        self._round_at: float | None = None
        """Until then nobody listens for who prints; None while nobody does."""
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
        self._poll.register(self._panes.fileno(), select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)
        while not self._closing:
            ready = {fd for fd, _ in self._poll.poll(self._patience())}
            if self._bell in ready:
                os.eventfd_read(self._bell)
                self._take_over()
            now = time.monotonic()
            if self._round_at is None:
                if ready - {self._bell}:
                    self._round_at = now + ROUND_S
                    self._poll.unregister(self._panes.fileno())
            elif self._round_at <= now or self._is_due(now):
                self._take_round(now)
            self._look_at_what_is_due(now)

    def _patience(self) -> float | None:
        """In milliseconds."""
        due = min(self._due.values(), default=None)
        if self._round_at is not None:
            due = self._round_at if due is None else min(due, self._round_at)
        return None if due is None else max(0.0, due - time.monotonic()) * 1000

    def _is_due(self, now: float) -> bool:
        return any(at <= now for at in self._due.values())

    def _take_round(self, now: float) -> None:
        """While there are some that print, the next round comes without being called for."""
        printed = self._panes.printed()
        for pane in printed:
            watch = self._watches.get(pane)
            if watch is not None and pane not in self._due:
                self._due[pane] = max(now + watch.pace.settle_s, watch.looked + watch.pace.gap_s)
        if printed:
            self._round_at = now + ROUND_S
        elif self._round_at is not None and self._round_at <= now:
            self._round_at = None
            self._poll.register(self._panes.fileno(), select.POLLIN)

    def _take_over(self) -> None:
        with self._lock:
            wanted = dict(self._wanted)
        for pane in self._watches.keys() - wanted.keys():
            del self._watches[pane]
            self._due.pop(pane, None)
            self._panes.forget(pane)
        for pane, watched in wanted.items():
            known = self._watches.get(pane)
            if known is None or known.of != watched:
                self._watches[pane] = _Watch(watched)
                self._due[pane] = time.monotonic()
                if watched.pace.gap_s == 0.0:
                    self._panes.attend(pane)

    def _look_at_what_is_due(self, now: float) -> None:
        due = [self._watches[pane] for pane, at in self._due.items() if at <= now]
        if not due:
            return
        looks: Mapping[str, Look | None] = {}
        failed = True
        with suppress(SwarmError):
            looks = self._panes.look([(watch.of.pane, watch.of.session) for watch in due])
            failed = False
        for watch in due:
            pane, watch.looked = watch.of.pane, now
            del self._due[pane]
            look = looks.get(pane)
            if look is not None:
                self._judge(watch, look, now)
            elif failed or pane in looks:
                self._due[pane] = now + AGAIN_S

    def _judge(self, watch: _Watch, look: Look, now: float) -> None:
        watch.viewed = look.viewers > 0
        title, screen = watch.reader.title(look.title), watch.reader.read(look.text)
        shown = (_opinion(title), _opinion(screen), look.viewers > 0)
        before, watch.last = watch.last, self._now()
        if shown == watch.told:
            watch.shown = shown
            return
        if shown != watch.shown:
            watch.shown, watch.since, watch.after = shown, watch.last, before
            self._due[watch.of.pane] = now + watch.pace.agree_s
            return
        first, watch.told = watch.told is None, shown
        of = watch.of
        self._tell(Seen(of.session, of.pane, watch.since, title, screen, look.viewers > 0, first, watch.after))


def _opinion(reading: Reading | None) -> tuple[object, ...] | None:
    return None if reading is None else (reading.state, reading.kind)
