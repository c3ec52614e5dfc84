"""The one writer: a detached process per repository that owns the log, the sessions' processes and the merge queue.

Whoever holds the lock of the state directory is the supervisor. It may be killed at any instant: what it acknowledged
is in the log, and the next one goes on from there. While nothing happens it starts no process.
"""

from __future__ import annotations

import os
import resource
import selectors
import signal

import swarmctl
from swarmctl.app.budget import Counting
from swarmctl.app.ears import Ears
from swarmctl.app.eyes import Eyes
from swarmctl.app.holding import Holding
from swarmctl.app.notify import Notifier
from swarmctl.app.reception import Reception
from swarmctl.app.restart import forgotten_waits, half_typed, went_down
from swarmctl.app.stillness import Stillness
from swarmctl.app.tails import Tails
from swarmctl.app.upkeep import Upkeep
from swarmctl.app.watch import Deaths
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.flow.session.deliver import may_go_on
from swarmctl.loops.engine.advance import Around
from swarmctl.loops.engine.engine import Engine

SETTLE_IN_S = 2.0
"""How long waiting clients have to come back after a restart before their work is put aside."""
TICK_S = 5.0
TOGETHER_S = 0.02
"""Agents' words that come so close together are taken in together."""
IDLE_EXIT_S = 600.0
OPEN_FILES = 8192
"""Every running session and every client holds one."""


class Supervisor:
    def __init__(self, wired: Wired) -> None:
        self._wired = wired
        self._selector = selectors.DefaultSelector()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(self._bell, selectors.EVENT_READ, self._rung)
        self._selector.register(wired.spool, selectors.EVENT_READ, self._heard)
        self._engine = Engine(wired.log, wired.shop, self._ring)
        self._deaths = Deaths(self._selector, wired.watch)
        self._counting = Counting(wired.shop.till, self._engine, wired.desk.clock.monotonic)
        self._ears = Ears(wired, self._engine)
        self._eyes = Eyes(wired, self._engine, self._ears.senses, self._selector)
        self._stillness = Stillness(wired, self._engine, self._ears.senses)
        self._tails = Tails(wired, self._engine, self._ears, self._selector)
        self._upkeep = Upkeep(wired, self._engine)
        self._holding = Holding(wired.desk, wired.shop.envs, self._engine)
        self._notifier = Notifier(wired, self._engine)
        self._clock = wired.desk.clock
        self._began = self._last_busy = self._clock.monotonic()
        self._stopping = ""
        self._unheard: set[str] = set()
        self._listen_at = self._due = 0.0
        self._stirred = True
        self._reception = Reception(wired, self._engine, self._selector, self._stop)

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _frame: self._stop(signal.Signals(number).name))
        self._greet()
        while not self._stopping:
            self._tick()
            for key, mask in self._selector.select(self._patience()):
                key.data(mask)
                self._stirred = self._stirred or key.data not in (self._rung, self._heard, self._tails.woken)
            self._reception.answer()
        self._farewell()

    # --- beginning and end --------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        """Say who is here. Whoever waited has to come back; what was asked to land has to be asked again."""
        started = e.SupervisorStarted(os.getpid(), self._wired.boot, swarmctl.__version__, self._wired.ended_uncleanly)
        facts = self._engine.facts
        cut = went_down(facts, self._wired.boot, self._wired.desk)
        self._engine.append(started, *forgotten_waits(facts), *half_typed(facts), *cut)

    def _farewell(self) -> None:
        self._reception.door.close()
        self._engine.quiesce()
        self._wired.listeners.end()
        self._eyes.close()
        self._tails.close()
        self._wired.cancel_commands()
        self._engine.rest()
        self._engine.close(*half_typed(self._engine.facts), e.SupervisorStopped(self._stopping))
        self._wired.close()

    def _stop(self, why: str) -> None:
        self._stopping = self._stopping or why
        self._ring()

    # --- the loop -----------------------------------------------------------------------------------------------------

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    def _rung(self, _mask: int) -> None:
        os.eventfd_read(self._bell)
        self._reception.door.ring(self._engine.facts.seq)

    def _heard(self, _mask: int) -> None:
        self._unheard |= self._wired.spool.changed()

    def _tick(self) -> None:
        """What cannot be written now is written before anything else is done, whenever that may be."""
        try:
            self._take_down()
            self._tails.look()
            self._notifier.look()
            if not self._is_due():
                return
            self._go_on()
        except EnvironmentFault:
            if self._engine.refused is None:
                raise
            self._listen_at = self._clock.monotonic() + TICK_S
        self._due = self._next_due()
        self._tell_trouble()

    def _take_down(self) -> None:
        """Who left, and what the agents' hooks said: the first at once, what comes close upon it together."""
        self._reception.write_down_who_left()
        now = self._clock.monotonic()
        if not self._unheard or (now < self._listen_at and not self._stirred):
            return  # Words of one who died, or to one who asks, are taken in before anything is decided.
        self._listen_at = now + TOGETHER_S
        while self._unheard:
            session = next(iter(self._unheard))
            self._ears.hear({session})
            self._unheard.discard(session)

    def _is_due(self) -> bool:
        """Something happened that a step may follow from, or it is time to look; a word of an agent is neither."""
        stirred, self._stirred = self._engine.stirred() or self._stirred, False
        return stirred or self._reception.trouble is not None or self._clock.monotonic() >= self._due

    def _go_on(self) -> None:
        self._deaths.follow(self._engine.facts)
        self._ears.catch_up()
        self._eyes.look()
        self._tails.follow()
        self._stillness.look()
        self._upkeep.look()
        self._counting.look()
        settled_in = self._clock.monotonic() - self._began >= SETTLE_IN_S
        self._holding.look(settled_in)
        self._engine.tick(
            Around(
                now=self._holding.now(),
                account_of=self._holding.account_of,
                max_running=self._wired.desk.settings().agent.max_running,
                has_env=lambda run: run in self._wired.shop.envs,
                asked_in=self._wired.shop.asked_in,
                is_alive=self._deaths.is_alive,
                is_attended=self._eyes.is_attended,
                goes_on=lambda session: may_go_on(session, self._clock.now()),
                settled_in=settled_in,
                draining=bool(self._reception.draining),
                has_room=lambda agents: self._wired.shortage(agents) is None,
                has_money=self._counting.has_money,
            )
        )
        self._reception.let_down()
        self._drain()
        self._grow_bored()

    def _tell_trouble(self) -> None:
        """Whoever waits hears at once why nothing happens; the log cannot tell them."""
        stuck = self._reception.left or self._unheard or self._engine.is_retrying
        self._reception.tell((self._engine.refused if stuck else None) or self._cramped())

    def _cramped(self) -> SwarmError | None:
        waits = [t.agent for t in list(self._engine.facts.unfinished.values()) if t.session is None]
        return self._wired.shortage(waits[:1]) if waits else None

    def _patience(self) -> float:
        due = min(self._due, self._listen_at) if self._unheard else self._due
        return max(0.0, min(due, self._notifier.next_due()) - self._clock.monotonic())

    def _next_due(self) -> float:
        now = self._clock.monotonic()
        due = [now + TICK_S, self._upkeep.next_due(), self._eyes.next_due(), self._engine.next_retry()]
        due.append(self._holding.next_due())
        if now - self._began < SETTLE_IN_S:
            due.append(self._began + SETTLE_IN_S)
        return min(due)

    def _grow_bored(self) -> None:
        now = self._clock.monotonic()
        busy = self._reception.door.clients or not self._engine.is_idle or self._holding.waits
        if busy or any(session.active for session in list(self._engine.facts.live.values())):
            self._last_busy = now
        elif now - self._last_busy > IDLE_EXIT_S:
            self._wired.shutdown_host()
            self._stop("idle")

    def _drain(self) -> None:
        """After `down`: answer and end once nothing runs any more. What nobody can end because of a defect lives on."""
        if self._reception.draining and self._engine.is_idle:
            left = [s.id for s in list(self._engine.facts.live.values()) if s.active and not s.driven]
            if not all(map(self._engine.defects.holds, left)):
                return
            if not left:
                self._wired.shutdown_host()
            self._reception.say_it_is_down()
            self._stop("down")


def main(root: str) -> int:
    from swarmctl.app.wire import wire

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, OPEN_FILES)), hard))
    wired = wire(root)
    if wired is None:
        return 0
    Supervisor(wired).run()
    return 0


if __name__ == "__main__":
    import sys

    try:
        sys.exit(main(sys.argv[1]))
    except SwarmError as error:
        sys.stderr.write(f"{error.message}\nhint: {error.hint}\n")
        sys.exit(error.exit_code)
