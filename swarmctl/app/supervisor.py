"""The one writer: a detached process per repository that owns the log, the sessions' processes and the merge queue.

Whoever holds the lock of the state directory is the supervisor. It may be killed at any instant: what it acknowledged
is in the log, and the next one goes on from there. While nothing happens it starts no process.
"""

from __future__ import annotations

import os
import resource
import selectors
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

import swarmctl
from swarmctl.app import commands
from swarmctl.app.budget import Counting
from swarmctl.app.client import is_run_over
from swarmctl.app.collect import disk_use
from swarmctl.app.door import Client, Door
from swarmctl.app.ears import Ears
from swarmctl.app.eyes import Eyes
from swarmctl.app.line import fault_to_plain
from swarmctl.app.notify import Notifier
from swarmctl.app.once import HANDLERS, carry_out
from swarmctl.app.upkeep import Upkeep
from swarmctl.app.watch import Deaths
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault, Refused, SwarmError, UsageFault
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.machine import Facts, ImpossibleEvent
from swarmctl.core.ports import Desk
from swarmctl.core.session import Stage
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
RESTARTED = "the supervisor restarted"
RESTARTED_MACHINE = "the machine was restarted; its work is kept"

Message = dict[str, Any]


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
        self._upkeep = Upkeep(wired, self._engine)
        self._notifier = Notifier(wired, self._engine)
        self._replies: SimpleQueue[tuple[Client, str, Message]] = SimpleQueue()
        self._repeated: list[tuple[Client, Message]] = []
        """Commands that were submitted again while they were carried out; looked at when something ended."""
        self._awaited: set[str] = set()
        self._clock = wired.desk.clock
        self._began = self._last_busy = self._clock.monotonic()
        self._draining: list[tuple[Client, str]] = []
        self._stopping = ""
        self._left: set[RunId] = set()
        """Runs that nobody waits for any more, until the log knows it."""
        self._unheard: set[str] = set()
        self._listen_at = self._due = 0.0
        self._stirred = True
        self._trouble: SwarmError | None = None
        self._door = Door(wired.paths.socket, self._selector, self._request, self._gone)

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _frame: self._stop(signal.Signals(number).name))
        self._greet()
        while not self._stopping:
            self._tick()
            for key, mask in self._selector.select(self._patience()):
                key.data(mask)
                self._stirred = self._stirred or key.data not in (self._rung, self._heard)
            self._answer()
            self._ask_again()
            self._let_go()
        self._farewell()

    # --- beginning and end --------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        """Say who is here. Whoever waited has to come back; what was asked to land has to be asked again."""
        started = e.SupervisorStarted(os.getpid(), self._wired.boot, swarmctl.__version__, self._wired.ended_uncleanly)
        facts = self._engine.facts
        self._engine.append(started, *forgotten_waits(facts), *cut_short(facts, self._wired.boot, self._wired.desk))

    def _farewell(self) -> None:
        self._door.close()
        self._engine.quiesce()
        self._eyes.close()
        self._wired.cancel_commands()
        self._engine.close(e.SupervisorStopped(self._stopping))
        self._wired.close()

    def _stop(self, why: str) -> None:
        self._stopping = self._stopping or why
        self._ring()

    # --- the loop -----------------------------------------------------------------------------------------------------

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    def _rung(self, _mask: int) -> None:
        os.eventfd_read(self._bell)
        self._door.ring(self._engine.facts.seq)

    def _heard(self, _mask: int) -> None:
        self._unheard |= self._wired.spool.changed()

    def _tick(self) -> None:
        """What cannot be written now is written before anything else is done, whenever that may be."""
        try:
            self._take_down()
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
        while self._left:
            left = next(iter(self._left))
            run = self._engine.facts.runs.get(left)
            stays = any(client.waits_for == left for client in self._door.clients)
            if run is not None and run.waits and not stays and not is_run_over(self._engine.facts, left):
                self._engine.append(e.RunLeft(left, "the caller is gone"))
            self._left.discard(left)
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
        return stirred or self._trouble is not None or self._clock.monotonic() >= self._due

    def _go_on(self) -> None:
        self._deaths.follow(self._engine.facts)
        self._ears.catch_up()
        self._eyes.look()
        self._upkeep.look()
        self._counting.look()
        self._engine.tick(
            Around(
                max_running=self._wired.desk.settings().agent.max_running,
                has_env=lambda run: run in self._wired.shop.envs,
                asked_in=self._wired.shop.asked_in,
                is_alive=self._deaths.is_alive,
                is_attended=self._eyes.is_attended,
                settled_in=self._clock.monotonic() - self._began >= SETTLE_IN_S,
                draining=bool(self._draining),
                has_room=lambda agents: self._wired.shortage(agents) is None,
                has_money=self._counting.has_money,
            )
        )
        self._drain()
        self._grow_bored()

    def _tell_trouble(self) -> None:
        """Whoever waits hears at once why nothing happens; the log cannot tell them."""
        stuck = self._left or self._unheard or self._engine.is_retrying
        found = (self._engine.refused if stuck else None) or self._cramped()
        if str(found or "") != str(self._trouble or ""):
            self._trouble = found
            for client in list(self._door.clients):
                self._complain(client)

    def _cramped(self) -> SwarmError | None:
        waits = [t.agent for t in list(self._engine.facts.unfinished.values()) if t.session is None]
        return self._wired.shortage(waits[:1]) if waits else None

    def _complain(self, client: Client) -> None:
        fault = self._trouble
        self._door.say(client, {"trouble": fault.message if fault else "", "hint": fault.hint if fault else ""})

    def _patience(self) -> float:
        due = min(self._due, self._listen_at) if self._unheard else self._due
        return max(0.0, min(due, self._notifier.next_due()) - self._clock.monotonic())

    def _next_due(self) -> float:
        now = self._clock.monotonic()
        due = [now + TICK_S, self._upkeep.next_due(), self._eyes.next_due(), self._engine.next_retry()]
        if now - self._began < SETTLE_IN_S:
            due.append(self._began + SETTLE_IN_S)
        return min(due)

    def _grow_bored(self) -> None:
        now = self._clock.monotonic()
        busy = self._door.clients or not self._engine.is_idle
        if busy or any(session.active for session in list(self._engine.facts.live.values())):
            self._last_busy = now
        elif now - self._last_busy > IDLE_EXIT_S:
            self._wired.shutdown_host()
            self._stop("idle")

    def _drain(self) -> None:
        """After `down`: answer and end once nothing runs any more."""
        if self._draining and self._engine.is_idle:
            if any(session.active for session in list(self._engine.facts.live.values())):
                return
            self._wired.shutdown_host()
            for client, command in self._draining:
                self._door.say(client, {"id": command, "answer": {"stopped": True}})
            self._stop("down")

    # --- clients ------------------------------------------------------------------------------------------------------

    def _request(self, client: Client, request: Message) -> None:
        if not self._wired.repository.common.is_dir():
            self._stop("the repository moved")
            self._door.drop(client)
            return
        command, kind, args = str(request.get("id", "")), request.get("kind"), request.get("args")

        def failed(error: Exception) -> None:
            self._failed(client, command, error)

        def stays(error: Exception) -> None:
            self._draining = [each for each in self._draining if each[1] != command]
            failed(error)

        if not command or not isinstance(args, dict):
            self._door.say(client, {"id": command, "error": fault_to_plain(UsageFault("not a request"))})
        elif kind == "hello":
            self._welcome(client, command, args)
        elif kind == "down":
            self._draining.append((client, command))
            self._engine.work(("command", command), lambda: iter(self._stop_everything()), stays)
        elif kind == "capture":
            self._engine.work(("command", command), lambda: self._capture(client, command, args), failed)
        elif kind == "gc":
            self._engine.work(("command", command), lambda: self._collect(client, command), failed)
        elif kind in HANDLERS:
            if args.get("waits") and "run" in args:
                client.waits_for, client.listens = str(args.get("task") or args["run"]), True
            begun = self._engine.work(
                ("command", command), lambda: self._carry_out(client, command, str(kind), args), failed
            )
            if not begun:
                self._repeated.append((client, request))
        else:
            self._door.say(client, {"id": command, "error": fault_to_plain(UsageFault(f"no command `{kind}`"))})

    def _welcome(self, client: Client, command: str, args: Message) -> None:
        client.listens = bool(args.get("listen"))
        client.waits_for = str(args.get("waits_for", ""))
        answer = {"pid": os.getpid(), "version": swarmctl.__version__, "host": self._wired.desk.host.name}
        self._door.say(client, {"id": command, "answer": answer})
        if self._trouble:
            self._complain(client)

    def _stop_everything(self) -> Iterator[e.Event | e.Batch]:
        """Agents end at a safe point, the queue is emptied unharmed, and nobody's waiting starts anything again."""
        yield commands.stop_all(self._engine.facts, "swarmctl down", None)[1]
        for run in list(self._engine.facts.awaited.values()):
            yield e.RunLeft(run.id, "swarmctl down")
        for session in list(self._engine.facts.live.values()):
            if session.stage in (Stage.QUEUED, Stage.GATING):
                yield e.Dequeued(session.id, "swarmctl down")
        self._wired.cancel_commands()

    def _capture(self, client: Client, command: str, args: Message) -> Iterator[e.Event]:
        """A look at a running session's terminal: reads, and is no command."""
        session = self._engine.facts.sessions.get(SessionId(str(args.get("session"))))
        try:
            shown = self._wired.desk.host.capture(session.pane, session.id) if session else ""
            reply: Message = {"answer": {"text": self._wired.archive.shown(session.id, shown) if session else ""}}
        except SwarmError as error:
            reply = {"error": fault_to_plain(error)}
        self._replies.put((client, "", {"id": command, **reply}))
        yield from ()

    def _collect(self, client: Client, command: str) -> Iterator[e.Event]:
        deleted = []
        for event in self._wired.empty_trash(self._engine.facts):
            yield event
            deleted.append(event.session)
        answer = {"deleted": deleted, "disk": disk_use(self._wired.paths)}
        self._replies.put((client, "", {"id": command, "answer": answer}))

    def _carry_out(
        self, client: Client, command: str, kind: str, args: Message
    ) -> Generator[e.Event | e.Batch, None, None]:
        context = commands.Context(self._engine.facts, self._wired.shop)
        reply = yield from carry_out(command, kind, args, context)
        answer = reply.get("answer", {})
        what = str(answer.get("task") or answer.get("run", "")) if args.get("waits") else ""
        self._replies.put((client, what, {"id": command, **reply}))

    def _failed(self, client: Client, command: str, error: Exception) -> None:
        """A caller is always answered, also when the facts moved on under his command or a defect shows."""
        words = f"{'too late' if isinstance(error, ImpossibleEvent) else type(error).__name__}: {error}"
        fault = (
            Refused(words, hint="look at swarmctl ps, then try again") if not isinstance(error, SwarmError) else error
        )
        self._replies.put((client, "", {"id": command, "error": fault_to_plain(fault)}))

    def _answer(self) -> None:
        """Replies of finished commands; a caller who left while his command ran does not wait for its run."""
        while not self._replies.empty():
            client, what, message = self._replies.get()
            client.waits_for = client.waits_for or what
            if client.waits_for:
                self._awaited.add(client.waits_for)
            self._door.say(client, message)
            if client not in self._door.clients:
                self._gone(client)

    def _let_go(self) -> None:
        """Of tasks that nobody waits for any more; whoever waits for a whole run is another matter."""
        context = commands.Context(self._engine.facts, self._wired.shop)
        here = {client.waits_for for client in self._door.clients}
        with suppress(EnvironmentFault):
            for name in self._awaited - here:
                self._engine.append(*commands.let_go(name, context))
                self._awaited.discard(name)

    def _ask_again(self) -> None:
        repeated, self._repeated = self._repeated, []
        for client, request in repeated:
            if client in self._door.clients:
                self._request(client, request)

    def _gone(self, client: Client) -> None:
        self._left.add(RunId(client.waits_for))


def forgotten_waits(facts: Facts) -> list[e.Event]:
    """What a restart takes back: every wait, for runs and for single landings, also where one is under way."""
    left: list[e.Event] = [e.RunLeft(run.id, RESTARTED) for run in facts.awaited.values()]
    for session in facts.live.values():
        if session.asked_to_land:
            queued = session.stage in (Stage.QUEUED, Stage.GATING)
            why = f"{RESTARTED} while it stood in the queue"
            left.append(e.Dequeued(session.id, why) if queued else e.MergeLeft(session.id, RESTARTED))
    return left


def cut_short(facts: Facts, boot: str, desk: Desk) -> list[e.Event]:
    """Agents that went down with the machine before they came to an end."""
    return [
        e.StopRequested(session.id, RESTARTED_MACHINE)
        for session in facts.live.values()
        if session.stage is Stage.RUNNING and not session.stop and session.process and session.process.boot != boot
        if desk.processes.exit_of(desk.places.run_dir(session.id, session.attempt)) is None
    ]


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
