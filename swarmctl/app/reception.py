"""Who comes to the supervisor: takes requests in, answers each exactly once, and knows who waits for what and who left.

A request is carried out beside the loop; what it replies is said by the loop, so a client is written to by one thread.
"""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

import swarmctl
from swarmctl.app import commands
from swarmctl.app.client import is_run_over
from swarmctl.app.collect import disk_use
from swarmctl.app.door import Client, Door
from swarmctl.app.line import fault_to_plain
from swarmctl.app.once import HANDLERS, carry_out
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault, Refused, SwarmError, UsageFault
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.machine import ImpossibleEvent
from swarmctl.core.session import Stage
from swarmctl.loops.engine.engine import Engine

Message = dict[str, Any]


class Reception:
    def __init__(
        self, wired: Wired, engine: Engine, selector: selectors.BaseSelector, stop: Callable[[str], None]
    ) -> None:
        self._wired = wired
        self._engine = engine
        self._stop = stop
        self._replies: SimpleQueue[tuple[Client, str, Message]] = SimpleQueue()
        self._repeated: list[tuple[Client, Message]] = []
        """Commands that were submitted again while they were carried out; looked at when something ended."""
        self._awaited: set[str] = set()
        self.draining: list[tuple[Client, str]] = []
        """Who asked for the end, and waits for it."""
        self.left: set[RunId] = set()
        """Runs that nobody waits for any more, until the log knows it."""
        self.trouble: SwarmError | None = None
        self.door = Door(wired.paths.socket, selector, self._request, self._gone)

    def answer(self) -> None:
        """What became of the requests since, and of those that wait for it."""
        self._reply()
        self._ask_again()
        self._let_go()

    def write_down_who_left(self) -> None:
        while self.left:
            left = next(iter(self.left))
            run = self._engine.facts.runs.get(left)
            stays = any(client.waits_for == left for client in self.door.clients)
            if run is not None and run.waits and not stays and not is_run_over(self._engine.facts, left):
                self._engine.append(e.RunLeft(left, "the caller is gone"))
            self.left.discard(left)

    def tell(self, found: SwarmError | None) -> None:
        """Everyone here of the trouble, when it is another than before."""
        if str(found or "") != str(self.trouble or ""):
            self.trouble = found
            for client in list(self.door.clients):
                self._complain(client)

    def let_down(self) -> None:
        """Whoever follows what cannot go on because of a defect is told so once, and follows it no more."""
        for client in list(self.door.clients):
            for name in {client.waits_for, *client.told} - {""}:
                fault = self._engine.defects.of(name, self._engine.facts)
                if fault is not None:
                    self._gone(client)
                    client.waits_for, client.told = "", frozenset()
                    self.door.say(client, {"over": fault_to_plain(fault)})
                    break

    def say_it_is_down(self) -> None:
        for client, command in self.draining:
            self.door.say(client, {"id": command, "answer": {"stopped": True}})

    def _complain(self, client: Client) -> None:
        fault = self.trouble
        self.door.say(client, {"trouble": fault.message if fault else "", "hint": fault.hint if fault else ""})

    def _request(self, client: Client, request: Message) -> None:
        if not self._wired.repository.common.is_dir():
            self._stop("the repository moved")
            self.door.drop(client)
            return
        command, kind, args = str(request.get("id", "")), request.get("kind"), request.get("args")

        def failed(error: Exception) -> None:
            self._failed(client, command, error)

        def stays(error: Exception) -> None:
            self.draining = [each for each in self.draining if each[1] != command]
            failed(error)

        if not command or not isinstance(args, dict):
            self.door.say(client, {"id": command, "error": fault_to_plain(UsageFault("not a request"))})
        elif kind == "hello":
            self._welcome(client, command, args)
        elif kind == "down":
            self.draining.append((client, command))
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
            self.door.say(client, {"id": command, "error": fault_to_plain(UsageFault(f"no command `{kind}`"))})

    def _welcome(self, client: Client, command: str, args: Message) -> None:
        client.listens = bool(args.get("listen"))
        client.waits_for = str(args.get("waits_for", ""))
        answer = {"pid": os.getpid(), "version": swarmctl.__version__, "host": self._wired.desk.host.name}
        self.door.say(client, {"id": command, "answer": answer})
        if self.trouble:
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
        what = str(answer.get("task") or answer.get("run", ""))
        client.told = frozenset([what, *args.get("runs", ()), *(each["task"] for each in answer.get("resumed", ()))])
        self._replies.put((client, what if args.get("waits") else "", {"id": command, **reply}))

    def _failed(self, client: Client, command: str, error: Exception) -> None:
        """A caller is always answered, also when the facts moved on under his command or a defect shows."""
        words = f"{'too late' if isinstance(error, ImpossibleEvent) else type(error).__name__}: {error}"
        fault = (
            Refused(words, hint="look at swarmctl ps, then try again") if not isinstance(error, SwarmError) else error
        )
        self._replies.put((client, "", {"id": command, "error": fault_to_plain(fault)}))

    def _reply(self) -> None:
        """Replies of finished commands; a caller who left while his command ran does not wait for its run."""
        while not self._replies.empty():
            client, what, message = self._replies.get()
            client.waits_for = client.waits_for or what
            if client.waits_for:
                self._awaited.add(client.waits_for)
            self.door.say(client, message)
            if client not in self.door.clients:
                self._gone(client)

    def _let_go(self) -> None:
        """Of tasks that nobody waits for any more; whoever waits for a whole run is another matter."""
        context = commands.Context(self._engine.facts, self._wired.shop)
        here = {client.waits_for for client in self.door.clients}
        with suppress(EnvironmentFault):
            for name in self._awaited - here:
                self._engine.append(*commands.let_go(name, context))
                self._awaited.discard(name)

    def _ask_again(self) -> None:
        repeated, self._repeated = self._repeated, []
        for client, request in repeated:
            if client in self.door.clients:
                self._request(client, request)

    def _gone(self, client: Client) -> None:
        self.left.add(RunId(client.waits_for))
