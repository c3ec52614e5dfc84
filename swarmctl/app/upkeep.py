"""What time brings: limits, checkpoints of running work, the warm pool, and the end of old trash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session, Stage
from swarmctl.flow.session.settle import checkpoint
from swarmctl.loops.engine.engine import Engine

TOGETHER_S = 5.0
"""A checkpoint that is due so soon is made along with one that is due now, so that many sessions wake it seldom."""
POOL_QUIET_S = 2.0
TRASH_EVERY_S = 3600.0


class Upkeep:
    def __init__(self, wired: Wired, engine: Engine) -> None:
        self._wired = wired
        self._engine = engine
        self._clock = wired.desk.clock
        self._running_since: dict[tuple[SessionId, int], float] = {}
        self._kept_at: dict[tuple[SessionId, int], float] = {}
        self._ran: dict[tuple[SessionId, int], object] = {}
        """What had run at the last checkpoint: an agent that did not run since then wrote nothing."""
        self._quiet_since = self._looked_at = self._clock.monotonic()
        self._pool_for = (-1, -1)
        self._pool_trouble = ""
        self._trash_at = 0.0

    def look(self) -> None:
        """Once a tick; starts work in the engine's threads and returns at once."""
        now = self._looked_at = self._clock.monotonic()
        running = [s for s in list(self._engine.facts.live.values()) if s.stage is Stage.RUNNING]
        settings = self._wired.desk.settings().agent
        for session in running:
            if not session.by_hand:
                self._limit(session, settings.time_limit_s, now)
            self._keep(session, settings.checkpoint_every_s, now)
        current = {(session.id, session.attempt) for session in running}
        self._running_since = {key: at for key, at in self._running_since.items() if key in current}
        self._kept_at = {key: at for key, at in self._kept_at.items() if key in current}
        self._ran = {key: ran for key, ran in list(self._ran.items()) if key in current}
        self._refill(now)
        self._empty_trash(now)

    def next_due(self) -> float:
        """When the next limit or checkpoint is due, on the monotonic clock."""
        settings = self._wired.desk.settings().agent
        due = [at + settings.time_limit_s for at in self._running_since.values()]
        due += [at + settings.checkpoint_every_s for at in self._kept_at.values()]
        if self._pool_for != self._uses():
            due.append(self._quiet_since + POOL_QUIET_S)
        return min((at for at in due if at > self._looked_at), default=float("inf"))

    def _limit(self, session: Session, limit: float, now: float) -> None:
        since = self._running_since.setdefault((session.id, session.attempt), now)
        if now - since >= limit:
            self._engine.stop(session, f"time limit of {limit:g} s")

    def _keep(self, session: Session, every: float, now: float) -> None:
        key = (session.id, session.attempt)
        if now - self._kept_at.setdefault(key, now) >= every - min(TOGETHER_S, every / 10):
            self._kept_at[key] = now
            ran = self._wired.ran(session.process) if session.process else None
            if ran is None or ran != self._ran.get(key):
                self._engine.work(("checkpoint", session.id), lambda: self._checkpoint(session, ran))

    def _checkpoint(self, session: Session, ran: object) -> Iterator[e.Event]:
        desk = self._wired.desk
        with suppress(SwarmError):
            desk.keep_log(session.id, desk.host.capture(session.pane, session.id))
        yield from checkpoint(session, desk, "while it works")
        self._ran[(session.id, session.attempt)] = ran

    def _refill(self, now: float) -> None:
        """Park worktrees while nothing else happens, once after each use; a quiet supervisor starts no process."""
        if not self._engine.is_idle:
            self._quiet_since = now
            return
        uses = self._uses()
        if self._pool_for != uses and now - self._quiet_since >= POOL_QUIET_S:
            self._pool_for = uses
            self._engine.work(("pool", ""), self._wired.fill_pool, on_error=self._no_pool)

    def _uses(self) -> tuple[int, int]:
        """Changes with what takes worktrees from the pool or moves the base that they are parked at."""
        return len(self._engine.facts.sessions), len(self._engine.facts.landings)

    def _no_pool(self, error: Exception) -> None:
        """Said once: each word in the log would be a reason to try again."""
        if str(error) != self._pool_trouble:
            self._pool_trouble = str(error)
            self._engine.append(e.Noticed(None, f"no worktrees are kept ready: {error}"))

    def _empty_trash(self, now: float) -> None:
        if now - self._trash_at > TRASH_EVERY_S:
            self._trash_at = now
            self._engine.work(("trash", ""), lambda: self._wired.empty_trash(self._engine.facts))
