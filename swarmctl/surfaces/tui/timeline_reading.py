"""Reads events for the timeline in pages, the newest first, in a thread of its own: only a window of them is held."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from swarmctl.app.board import Board
from swarmctl.app.here import Here
from swarmctl.app.ledger import nothing_ran
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Stamped
from swarmctl.core.facts import Facts
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.surfaces.tui.watching import Watching, as_fault
from swarmctl.surfaces.words.chain import record_of
from swarmctl.surfaces.words.narrate_chain import chain_line
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.sought import Sought, sought

LOOK_S = 0.25
PAGE = 1_000
SPAN = 20_000
"""Events among which words are searched for at once; in between somebody may want something else, or write."""
SCREENFUL = 300
"""Events that are looked for at once."""
WINDOW = 3_000
TELL_S = 0.3
"""Between two words about a search that takes its time."""


@dataclass(frozen=True, slots=True)
class Filter:
    words: str = ""
    key: str = ""
    """A session, or a task that has none."""

    def fits(self, event: Event) -> bool:
        """Every word is somewhere in its line."""
        line = f"{event.who} {event.kind} {event.words}".casefold()
        return all(word in line for word in self.words.casefold().split())


@dataclass(frozen=True, slots=True)
class Event:
    stamped: Stamped
    who: str
    kind: str
    words: str
    """Empty for what says nothing to a person."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is held, in order."""

    filter: Filter = Filter()
    events: tuple[Event, ...] = ()
    back: int = 0
    """Before this one it was not looked yet; 1: there is nothing before."""
    ahead: int = 0
    """After this one it was not looked yet."""
    is_newest: bool = True
    """Nothing of what is listed comes after it."""
    total: int = 0
    searches: bool = False


class Reading(Watching):
    def __init__(self, place: Here, seq: Callable[[], int], post: Callable[[Window | SwarmError], object]) -> None:
        """`seq` is how far the ledger is known to be."""
        super().__init__("timeline", LOOK_S)
        self._place, self._seq, self._post = place, seq, post
        self._turn = threading.Lock()
        self._wanted: Filter | None = Filter()
        self._way = ""
        self._known = -1
        self._held = Window()

    def aim(self, wanted: Filter) -> None:
        """Begin anew, from the newest that fit."""
        with self._turn:
            self._wanted = wanted
        self.poke()

    def go(self, way: str) -> None:
        """`older`, `newer` or `newest`, when there are any; who wants the newest waits for nothing else."""
        with self._turn:
            is_there = self._held.back > 1 if way == "older" else not self._held.is_newest
            if way == "newest" and self._way == "older":
                is_there = True
            if not is_there or (self._way and way != "newest"):
                return
            self._way = way
        self.poke()

    def look(self) -> None:
        try:
            if not nothing_ran(self._place.paths):
                self._take()
        except Exception as error:
            self._post(as_fault(error))

    def _take(self) -> None:
        seq = self._seq()
        with self._turn:
            wanted, way = self._wanted, self._way
            if way == "newest":
                wanted, self._way = wanted or self._held.filter, ""
            self._wanted = None
        try:
            self._read(wanted, way, seq != self._known)
        except Exception:
            with self._turn:
                self._wanted = self._wanted or wanted
            raise
        self._known = seq
        with self._turn:
            if self._way != "newest":
                self._way = ""

    def _read(self, wanted: Filter | None, way: str, has_news: bool) -> None:
        if wanted is not None:
            self._begin(wanted)
        elif way == "older":
            self._older()
        elif way == "newer" or (has_news and self._held.is_newest):
            self._newer()

    def _begin(self, wanted: Filter) -> None:
        with self._place.glance() as board:
            last = board.facts.seq
        self._held = Window(wanted, (), last + 1, last, True, last)
        self._older()

    def _older(self) -> None:
        held, told = self._held, time.monotonic()
        found: tuple[Event, ...] = ()
        while held.back > 1 and len(found) < SCREENFUL and not self._is_stale():
            with self._place.glance() as board:
                page, back = Wanted.of(held.filter, board).before(board, held.back)
                found = (*fitting(page, held.filter, board.facts), *found)
            held = replace(held, back=back)
            if time.monotonic() - told > TELL_S:
                told = time.monotonic()
                self._post(replace(held, events=(*found, *held.events), searches=True))
        events = (*found, *held.events)
        newest = held.is_newest and len(events) <= WINDOW
        events = events[:WINDOW]
        ahead = held.ahead if newest else events[-1].stamped.seq
        self._tell(replace(held, events=events, is_newest=newest, ahead=ahead))

    def _newer(self) -> None:
        held = self._held
        found: tuple[Event, ...] = ()
        newest = False
        while len(found) < WINDOW and not newest and not self._is_stale():
            with self._place.glance() as board:
                page, ahead, newest = Wanted.of(held.filter, board).after(board, held.ahead)
                found = (*found, *fitting(page, held.filter, board.facts))
                held = replace(held, ahead=ahead, total=board.facts.seq)
        events = (*held.events, *found)
        cut = events[-WINDOW:]
        back = cut[0].stamped.seq if len(cut) < len(events) else held.back
        self._tell(replace(held, events=cut, back=back, is_newest=newest))

    def _is_stale(self) -> bool:
        return self._over or self._wanted is not None or self._way == "newest"

    def _tell(self, held: Window) -> None:
        before, self._held = self._held, held
        if not self._is_stale() and (held != before or not held.events):
            self._post(held)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter as the ledger is asked for it: what comes may fit, and nothing else can."""

    task: str
    parts: tuple[Sought, ...]
    has_words: bool

    @classmethod
    def of(cls, wanted: Filter, board: Board) -> Wanted:
        has_words = bool(wanted.words.split())
        return cls(task_of(board.facts, wanted), sought(wanted.words, board.names()) if has_words else (), has_words)

    def before(self, board: Board, back: int) -> tuple[list[Stamped], int]:
        """The last of them before an event, in order, and before which it was not looked."""
        if not self.has_words:
            page = board.page(SCREENFUL, before=back, task=self.task)
            return page, page[0].seq if page else 1
        first = max(1, back - SPAN)
        page = board.sift(first, back, self._asked, task=self.task, newest=PAGE)
        return page, page[0].seq if len(page) == PAGE else first

    def after(self, board: Board, ahead: int) -> tuple[list[Stamped], int, bool]:
        """The first of them after an event, after which it was not looked, and whether that is all there is."""
        last = board.facts.seq
        if not self.has_words:
            page = board.page(PAGE, after=ahead, task=self.task)
            ends = len(page) < PAGE
            return page, last if ends else page[-1].seq, ends
        reach = min(last, ahead + SPAN)
        return board.sift(ahead + 1, reach + 1, self._asked, task=self.task), reach, reach == last

    @property
    def _asked(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(part.run, part.kinds) for part in self.parts]


def task_of(facts: Facts, wanted: Filter) -> str:
    session = facts.sessions.get(SessionId(wanted.key)) if wanted.key else None
    return session.task if session else TaskId(wanted.key)


def fitting(page: list[Stamped], wanted: Filter, facts: Facts) -> tuple[Event, ...]:
    return tuple(event for stamped in page if wanted.fits(event := event_of(stamped, facts)))


def event_of(stamped: Stamped, facts: Facts) -> Event:
    event = stamped.event
    who = getattr(event, "session", None) or getattr(event, "task", None) or getattr(event, "run", None) or ""
    return Event(stamped, one_line(str(who)), type(event).__name__, one_line(chain_line(event, facts)))


def records(place: Here, wanted: Filter) -> Iterator[str]:
    """Every event that fits, from the first, as a line of JSON."""
    ahead, ends = 0, False
    while not ends:
        with place.glance() as board:
            page, ahead, ends = Wanted.of(wanted, board).after(board, ahead)
            for event in fitting(page, wanted, board.facts):
                yield json.dumps({"v": 1, **record_of(event.stamped)}, ensure_ascii=False)
