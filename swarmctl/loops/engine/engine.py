"""The tick: read the facts, start what `advance` says, append what the steps yield.

Every event is durable before its step goes on, and all appends pass one lock: the log has one writer.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.events import (
    Batch,
    CapNeared,
    Checkpointed,
    Enqueued,
    Event,
    MergeAsked,
    Noticed,
    RehearsalAsked,
    RehearsalLeft,
    SessionKept,
    SessionResumed,
    Stamped,
    StateChanged,
    StopRequested,
    TaskFinished,
    TaskReopened,
    Used,
    WordsRead,
)
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.machine import Facts, ImpossibleEvent
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Log
from swarmctl.core.session import Session, Stage
from swarmctl.flow.session.syncing import back_out
from swarmctl.loops.engine.advance import Around, Kind, Step, advance
from swarmctl.loops.engine.defects import Defects
from swarmctl.loops.engine.steps import Workshop, take

MAX_FAILURES = 3
BACKOFF_S = 0.5
PATIENCE_S = 5.0
"""How often a step is tried again that must not be given up."""
WORKERS = 32

Lanes = frozenset[tuple[str, str]]
Stream = Callable[[], Iterator[Event | Batch]]
OnError = Callable[[Exception], None]
QUEUE = ("queue", "")
QUIET = (StateChanged, WordsRead, Noticed, Checkpointed, Used, CapNeared)
"""Nothing follows from them: no step is taken because of what an agent is believed to do."""


@dataclass(slots=True)
class Failure:
    count: int
    not_before: float


class Engine:
    def __init__(self, log: Log, shop: Workshop, bell: Callable[[], None]) -> None:
        """`bell` is rung after every append and when a step ends; it must not block."""
        self._log = log
        self._shop = shop
        self._bell = bell
        self._writing = threading.RLock()
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="step")
        self._busy: set[tuple[str, str]] = set()
        self._failures: dict[tuple[str, str, int], Failure] = {}
        self._closing = False
        self._defects: set[tuple[SessionId, str]] = set()
        """What was told already of sessions whose evidence cannot be read."""
        self.refused: EnvironmentFault | None = None
        """Why the log took nothing when it was last asked to."""
        self._stirred = True
        self.defects = Defects(shop.desk.places.state)

    @property
    def facts(self) -> Facts:
        return self._log.facts

    @property
    def is_idle(self) -> bool:
        return not self._busy

    @property
    def is_retrying(self) -> bool:
        return any(failure.not_before < float("inf") for failure in list(self._failures.values()))

    def stirred(self) -> bool:
        """Whether something happened since this was asked last that a tick may act upon."""
        if not self._stirred:
            return False
        self._stirred = False
        return True

    def append(self, *events: Event) -> list[Stamped]:
        with self._writing:
            try:
                stamped = self._log.append(*events)
            except EnvironmentFault as fault:
                self.refused = fault
                raise
            self.refused = None
        for event in events:
            if isinstance(event, SessionResumed | MergeAsked | Enqueued | RehearsalAsked):
                self._forgive(event.session)
            elif isinstance(event, TaskReopened):
                self._forgive(event.task)
        if not all(isinstance(event, QUIET) for event in events):
            self._stirred = True
        self._bell()
        return stamped

    def append_from(self, decide: Callable[[], list[Event]]) -> None:
        """Append what `decide` concludes from the facts; nothing is written between its look and its word."""
        with self._writing:
            events = decide()
            if events:
                self.append(*events)

    @contextmanager
    def apart(self, session: SessionId) -> Iterator[None]:
        """Whatever goes wrong while one session's evidence is read ends here, and is told once; the rest goes on.

        That the log takes nothing is no matter of one session.
        """
        try:
            yield
        except Exception as error:
            if isinstance(error, EnvironmentFault) and self.refused is not None:
                raise
            kind = type(error).__name__
            if (session, kind) not in self._defects:
                traceback.print_exception(error)
                words = f"what it shows cannot be read: {kind}: {error}; supervisor.log has the traceback"
                self.append(Noticed(session, words))
                self._defects.add((session, kind))

    def _forgive(self, subject: SessionId | TaskId) -> None:
        """Somebody asked again: what failed before may be tried anew."""
        for key in list(self._failures):
            if key[1] == subject:
                self._failures.pop(key, None)

    def tick(self, around: Around) -> None:
        """Start every step that may be taken now; returns at once.

        A lane that was taken before the facts were read is left alone even if it is free by now: what its step did
        is not in those facts, and the same step would be taken twice. Its end rings the bell for another tick.
        """
        now = self._shop.desk.clock.monotonic()
        taken = frozenset(self._busy)
        with self._writing:
            steps = self.defects.sift(advance(self.facts, around, self.defects.apart))
            self.append_from(lambda: self.defects.news(self.facts))
            self.defects.told()
        for step in steps:
            failure = self._failures.get(step.key)
            if (failure is not None and now < failure.not_before) or taken & _lanes(step):
                continue
            self._start(_lanes(step), lambda step=step: take(step, self.facts, self._shop), step)  # type: ignore[misc]

    def next_retry(self) -> float:
        """When a failed step may be tried again, on the monotonic clock."""
        now = self._shop.desk.clock.monotonic()
        later = (failure.not_before for failure in list(self._failures.values()) if failure.not_before > now)
        return min(later, default=float("inf"))

    def work(self, lane: tuple[str, str], stream: Stream, on_error: OnError | None = None) -> bool:
        """Drive a stream of events in a thread; at most one at a time in a lane. False when the lane is taken."""
        return self._start(frozenset({lane}), stream, None, on_error)

    def _start(self, lanes: Lanes, stream: Stream, step: Step | None, on_error: OnError | None = None) -> bool:
        if self._busy & lanes:
            return False
        self._busy |= lanes
        self._pool.submit(self._drive, lanes, stream, step, on_error)
        return True

    def _drive(self, lanes: Lanes, stream: Stream, step: Step | None, on_error: OnError | None) -> None:
        try:
            for event in stream():
                if self._closing:
                    return
                self.append(*event) if isinstance(event, tuple) else self.append(event)
            if step is not None:
                self._failures.pop(step.key, None)
        except Exception as error:
            if on_error is not None:
                on_error(error)
            elif isinstance(error, ImpossibleEvent):
                self._wait(step)
            else:
                self._failed(step, error)
            if not isinstance(error, SwarmError | ImpossibleEvent | OSError):
                raise
        finally:
            self._busy -= lanes
            self._stirred = True
            self._bell()

    def _wait(self, step: Step | None) -> None:
        """The facts moved on under the step; what they ask for now is looked at again, in a while."""
        if step is not None:
            self._failures[step.key] = Failure(0, self._shop.desk.clock.monotonic() + BACKOFF_S)

    def _failed(self, step: Step | None, error: Exception) -> None:
        """Try again a few times, then say so and leave the session to a person; unsaid, it is tried again."""
        if step is None:
            self.append(Noticed(None, f"{type(error).__name__}: {error}"))
            return
        count = self._failures[step.key].count + 1 if step.key in self._failures else 1
        now = self._shop.desk.clock.monotonic()
        if count < MAX_FAILURES:
            self._failures[step.key] = Failure(count, now + BACKOFF_S * 2**count)
            return
        unknown = self._may_live(step) and isinstance(error, EnvironmentFault | OSError)
        self._failures[step.key] = Failure(count, now + PATIENCE_S if unknown else float("inf"))
        words = f"{step.kind.value}: {error}"
        try:
            if not unknown:
                self._give_up(step, words)
            elif count == MAX_FAILURES:
                self.append(Noticed(SessionId(step.subject), f"{words}; tried again until it works"))
        except Exception:
            self._failures[step.key] = Failure(MAX_FAILURES - 1, now + BACKOFF_S * 2**MAX_FAILURES)
            raise

    def _may_live(self, step: Step) -> bool:
        """Its agent may run: a world that cannot be looked at proves no end, so there is nothing to give up yet."""
        session = self.facts.sessions.get(SessionId(step.subject))
        return session is not None and session.stage in (Stage.LAUNCHING, Stage.RUNNING)

    def _give_up(self, step: Step, why: str) -> None:
        session = self.facts.sessions.get(SessionId(step.subject))
        if session is None:
            self.append(TaskFinished(TaskId(step.subject), Outcome.FAILED, why))
        elif step.kind is Kind.REHEARSE:
            self.append(RehearsalLeft(session.id, why))
        elif session.stage in _FALLS_TO_KEPT:
            outcome = Outcome.FAILED if session.stage is Stage.PLANNED else Outcome.UNKNOWN
            for event in back_out(session, self.facts, self._shop.desk) if step.kind is Kind.SYNC else ():
                self.append(event)
            self.append(SessionKept(session.id, outcome, why))
        else:
            self.append(Noticed(session.id, why))

    def stop(self, session: Session, why: str) -> None:
        if not session.stop and session.active:
            self.append(StopRequested(session.id, why))

    def quiesce(self) -> None:
        """From here on no step gets further than its next event."""
        self._closing = True

    def rest(self) -> None:
        """Let steps under way come to their next event; what they say then is not written any more."""
        self.quiesce()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def close(self, *last: Event) -> None:
        """Write the last words once nothing is under way, and close the log."""
        self.rest()
        with self._writing:
            self._log.append(*last)
            self._log.close()


_FALLS_TO_KEPT = frozenset(
    {
        Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING, Stage.RUNNING, Stage.ENDED, Stage.QUEUED, Stage.GATING,
        Stage.LANDING,
    }
)  # fmt: skip


def _lanes(step: Step) -> Lanes:
    """A session takes one step at a time; so does the merge queue, and an account lets one in at a time.

    What follows a landing waits for its end. The entries of a contest begin one after the other, at the same base.
    """
    if step.kind in (Kind.INTEGRATE, Kind.RECOVER, Kind.REHEARSE):
        return frozenset({QUEUE})
    lanes = {("subject", step.subject)}
    if step.kind is Kind.LAND:
        lanes.add(QUEUE)
    if step.account and step.kind is not Kind.HOLD:
        lanes.add(("account", step.account))
    if step.contest:
        lanes.add(("contest", step.contest))
    return frozenset(lanes)
