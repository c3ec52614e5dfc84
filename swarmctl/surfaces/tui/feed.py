"""Reads the board in a thread of its own, and says what changed: never more often than a screen can show it.

Starts nothing, writes nothing. What it cannot read is said in the frame, and tried again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from swarmctl.app.board import Board
from swarmctl.app.costs import costs_of, day_of
from swarmctl.app.gating import is_served
from swarmctl.app.here import Here
from swarmctl.core import events as e
from swarmctl.core.books import purse
from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.money import micros_of
from swarmctl.surfaces.tui.rows import Detail, Frame, Mark, Row, listed, totals_of
from swarmctl.surfaces.words.money import cost_cell
from swarmctl.surfaces.words.narrate import line_of
from swarmctl.surfaces.words.plain import one_line

FRAME_S = 0.1
UNSEEN_S = 1.0
"""Between frames while nobody looks at the terminal."""
TROUBLED_S = 1.0
LATELY = 20
"""Events of a session in which its last word is looked for."""
SUPERVISOR_S = 2.0

MOVES = (e.SessionPlanned, e.SessionReady, e.SessionKept, e.Rehearsed, e.RehearsalLeft, e.SetAside)
"""What may change where an attempt stands among its rivals."""
IN_QUEUE = (e.Enqueued, e.MergeStaged, e.LandIntended, e.RaceLost)
"""What leads from one place in the queue to another."""

Post = Callable[[Frame], None]


class Feed(threading.Thread):
    def __init__(self, place: Here, post: Post, clock: Callable[[], float] = time.time) -> None:
        super().__init__(name="board", daemon=True)
        self._place = place
        self._post = post
        self._clock = clock
        self._minute = 0
        """When it was shown: days and limits end at one."""
        self._wake = threading.Event()
        self._over = False
        self._seen: tuple[str, ...] = ()
        self._details: dict[str, Detail] = {}
        self._frame = Frame()
        self._asked_at = 0.0
        self._is_supervised = True
        self._every_s = FRAME_S
        self._cap: int | None = None
        self._cap_moved = False

    def look_at(self, keys: Iterable[str]) -> None:
        """The rows that are on the screen: what costs a look is looked up for them."""
        self._seen = tuple(keys)
        self._wake.set()

    def is_looked_at(self, looked: bool) -> None:
        self._every_s = FRAME_S if looked else UNSEEN_S
        self._wake.set()

    def take_cap(self) -> None:
        """From the settings as they are now; in a thread."""
        self._load_cap()
        self._cap_moved = True
        self._wake.set()

    def stop(self) -> None:
        self._over = True
        self._wake.set()

    def run(self) -> None:
        while not self._over:
            try:
                self._read()
            except SwarmError as error:
                self._say(replace(self._frame, trouble=one_line(error.message), hint=one_line(error.hint)))
            except Exception as error:
                what = one_line(f"the ledger cannot be understood: {type(error).__name__}: {error}")
                self._say(replace(self._frame, trouble=what, hint="swarmctl doctor"))
            self._pause(TROUBLED_S)

    def _read(self) -> None:
        """Until the ledger cannot be read any more, or nobody wants to know."""
        database = self._place.paths.database
        opened = file_of(database)
        if opened is None:
            self._say(self._without(database))
            return
        with self._place.board() as board:
            self._details.clear()
            self._show(board)
            with suppress(SwarmError):
                self.take_cap()
            while not self._over and file_of(database) == opened:
                self._pause(self._every_s)
                moved, self._cap_moved = self._cap_moved, False
                if self._take(board) or moved or self._is_stale(board.facts):
                    self._show(board)

    def _is_stale(self, facts: Facts) -> bool:
        """Without any news."""
        missing = any(key not in self._details for key in self._seen)
        turned = self._minute != _minute_of(self._clock())
        return missing or turned or self._frame.supervised != self._supervised(facts)

    def _without(self, database: Path) -> Frame:
        """Nothing ran here yet, or what was there is gone."""
        if not self._frame.seq:
            return Frame()
        hint = "bring it back; what is shown is what it held"
        return replace(self._frame, trouble=one_line(f"the ledger is gone: there is no {database}"), hint=hint)

    def _pause(self, seconds: float) -> None:
        """A screen that looks at other rows need not wait; but no two frames are closer than one."""
        began = time.monotonic()
        if self._wake.wait(seconds):
            self._wake.clear()
            time.sleep(max(0.0, min(FRAME_S / 4, seconds - (time.monotonic() - began))))

    def _take(self, board: Board) -> bool:
        changed = False
        for stamped in board.news():
            changed = True
            self._note(stamped, board.facts)
        return changed

    def _note(self, stamped: e.Stamped, facts: Facts) -> None:
        """What is known of a row that is looked at goes on being true."""
        event = stamped.event
        name = getattr(event, "session", None)
        if isinstance(event, MOVES):
            self._forget_rivals(str(name), facts)
        known = self._details.get(str(name))
        if known is None or name is None:
            return
        last = one_line(line_of(event, facts)) or known.last
        cost = self._cost(facts, str(name)) if isinstance(event, e.Reserved | e.Used | e.Settled) else known.cost
        queued = stamped.at if isinstance(event, IN_QUEUE) else known.queued
        self._details[str(name)] = Detail(last, cost, marked(known.marks, event), known.place, queued)

    def _forget_rivals(self, name: str, facts: Facts) -> None:
        """Where one of several attempts stands anew, so do the others."""
        contest = facts.tasks[facts.sessions[SessionId(name)].task].contest
        for task in facts.tasks.where("contest", contest) if contest else ():
            self._details.pop(str(task.session or task.id), None)

    def _show(self, board: Board) -> None:
        facts, now = board.facts, self._clock()
        self._minute = _minute_of(now)
        rows = listed(facts, now)
        by_key = {row.key: row for row in rows}
        self._details = {key: detail for key, detail in self._details.items() if key in by_key}
        for key in self._seen:
            if key in by_key and key not in self._details:
                self._details[key] = self._detail(board, by_key[key])
        spent = purse(facts, f"day:{day_of(now)}").used
        totals = totals_of(facts, rows, spent, self._cap)
        landed = next(iter(facts.landings.last("landed_at", 1)), None)
        self._say(Frame(rows, dict(self._details), totals, "", "", self._supervised(facts), facts.seq, landed))

    def _say(self, frame: Frame) -> None:
        if frame != self._frame or not frame.seq:
            self._frame = frame
            if not self._over:
                self._post(frame)

    def _detail(self, board: Board, row: Row) -> Detail:
        place = place_of(board.facts, row)
        if row.session is None:
            return Detail(last=one_line(row.task.reason), place=place)
        last, queued = "", 0.0
        marks: tuple[Mark, ...] = ()
        for stamped in board.lately(row.session.id, LATELY):
            marks = marked(marks, stamped.event)
            last = one_line(line_of(stamped.event, board.facts)) or last
            queued = stamped.at if isinstance(stamped.event, IN_QUEUE) else queued
        return Detail(last, self._cost(board.facts, row.key), marks, place, queued)

    def _cost(self, facts: Facts, session: str) -> str:
        return cost_cell(costs_of(facts, SessionId(session)).total)

    def _supervised(self, facts: Facts) -> bool:
        now = time.monotonic()
        if now - self._asked_at >= SUPERVISOR_S:
            self._asked_at = now
            self._is_supervised = self._answers(facts)
        return self._is_supervised

    def _answers(self, facts: Facts) -> bool:
        if not any(session.active for session in list(facts.live.values())) and not facts.unfinished:
            return True
        return is_served(self._place.paths)

    def _load_cap(self) -> None:
        cap = self._place.settings().budget_agents.day_usd
        self._cap = None if cap is None else micros_of(cap)


def _minute_of(at: float) -> int:
    return int(at // 60)


def file_of(path: Path) -> tuple[int, int] | None:
    """Another file may stand in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def place_of(facts: Facts, row: Row) -> str:
    """Its rank among several attempts, looked up only where there are some."""
    if not row.task.contest:
        return ""
    from swarmctl.app.contests import contest_of
    from swarmctl.surfaces.words.ranking import place_words

    return place_words(contest_of(facts, (row.task.contest,)), row.task.id)


def marked(marks: tuple[Mark, ...], event: e.Event) -> tuple[Mark, ...]:
    """A new merge is gated anew."""
    if isinstance(event, e.MergeStaged):
        return ()
    if isinstance(event, e.GateFinished):
        mark = Mark(one_line(event.result.gate), event.result.verdict)
        return (*(each for each in marks if each.gate != mark.gate), mark)
    return marks
