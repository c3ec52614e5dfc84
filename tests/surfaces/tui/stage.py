"""A cockpit on a stage: a real repository whose ledger holds just what a scene needs, and what its screen shows.

Nobody runs behind it: the sessions are words in the ledger. A scene may go on writing while the cockpit looks.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot
from textual.widget import Widget

from swarmctl.app.here import Here, here
from swarmctl.app.own import Own
from swarmctl.core import events as e
from swarmctl.core.gate import GateResult, Proof, Staged, Verdict
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.money import Hold, Tokens, Use
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId, State
from swarmctl.edges.store.log import SqliteLog
from swarmctl.surfaces.tui.cockpit import Cockpit
from swarmctl.surfaces.tui.station import OUT_OF_THE_BOX

BASE, HEAD, TREE, COMMIT = ("0" * 40, "a" * 40, "b" * 40, "c" * 40)
PATIENCE_S = 20.0

Act = Callable[["Scene"], Awaitable[None]]


class Stage:
    """Writes sessions into the ledger; `name` becomes the id of each."""

    def __init__(self, repo: Path) -> None:
        self.place: Here = here(repo)
        self.log = SqliteLog(self.place.paths.database)

    def close(self) -> None:
        self.log.close()

    def tell(self, *events: e.Event) -> None:
        self.log.append(*events)

    def waiting(self, name: str, title: str = "", agent: str = "claude") -> None:
        run, task = RunId(f"r{name}"), TaskId(f"t{name}")
        self.tell(
            e.RunSubmitted(run, False, "no", "main"),
            e.TaskAdded(task, run, 1, title or f"Task {name}", title or f"Task {name}", agent),
        )

    def planned(self, name: str, title: str = "", agent: str = "claude") -> None:
        self.waiting(name, title, agent)
        self.begin(name, agent)

    def begin(self, name: str, agent: str = "claude") -> None:
        session = SessionId(name)
        worktree = str(self.place.paths.worktrees / f"swarm-{name}")
        branch = f"swarm/{name}"
        task, run = TaskId(f"t{name}"), RunId(f"r{name}")
        self.tell(
            e.SessionPlanned(session, task, run, agent, branch, "main", BASE, "main", worktree, 0),
            e.WorktreeReady(session, True),
        )

    def working(self, name: str, title: str = "", agent: str = "claude") -> None:
        self.planned(name, title, agent)
        session = SessionId(name)
        own = ProcessId(os.getpid(), 1, "boot")
        self.tell(
            e.LaunchIntended(session, "tmux", 1),
            e.SessionStarted(session, own, "%1"),
            e.StateChanged(session, State.WORKING, "hook", "it uses a tool"),
        )

    def asks(self, name: str, words: str = "rm -rf build") -> None:
        self.working(name)
        session = SessionId(name)
        self.tell(
            e.PermissionAsked(session, "q1", words),
            e.StateChanged(session, State.BLOCKED, "hook", f"asks: {words}", "permission"),
        )

    def ready(self, name: str, title: str = "") -> None:
        self._worked(name, title)
        self._ready(name)

    def _ready(self, name: str) -> None:
        self.tell(e.SessionReady(SessionId(name), HEAD), e.TaskFinished(TaskId(f"t{name}"), Outcome.READY, "ready"))

    def failed(self, name: str, title: str = "", reason: str = "the agent ended with code 2") -> None:
        self._worked(name, title)
        self.tell(
            e.SessionKept(SessionId(name), Outcome.FAILED, reason),
            e.TaskFinished(TaskId(f"t{name}"), Outcome.FAILED, reason),
        )

    def queued(self, name: str, title: str = "") -> None:
        self.ready(name, title)
        self._enqueue(name)

    def _enqueue(self, name: str) -> None:
        session = SessionId(name)
        self.tell(e.TaskReopened(TaskId(f"t{name}")), e.MergeAsked(session, "merge"), e.Enqueued(session, HEAD))

    def parked(self, name: str, target: str, blocking: str) -> None:
        self.queued(name)
        session, passed = SessionId(name), self._result("tests", Verdict.PASS)
        proof = Proof(BASE, HEAD, COMMIT, TREE, ("tests",), "0" * 64, (passed,))
        self.tell(
            e.MergeStaged(session, Staged(BASE, HEAD, COMMIT, TREE, "squash")),
            e.GateFinished(session, passed),
            e.LandIntended(session, proof, target, BASE),
            e.Parked(session, target, COMMIT, blocking),
        )

    def gated(self, name: str, verdict: Verdict = Verdict.FAIL, title: str = "") -> None:
        """Refused by its last gate, or landed past it."""
        self.queued(name, title)
        self._gate(name, verdict)

    def lands(self, name: str) -> None:
        """One that works ends, and lands."""
        self._end(name)
        self._ready(name)
        self._enqueue(name)
        self._gate(name, Verdict.PASS)

    def _gate(self, name: str, verdict: Verdict) -> None:
        session = SessionId(name)
        style, tests = self._result("style", Verdict.PASS), self._result("tests", verdict)
        self.tell(
            e.MergeStaged(session, Staged(BASE, HEAD, COMMIT, TREE, "squash")),
            e.GateFinished(session, style),
            e.GateFinished(session, tests),
        )
        if verdict is Verdict.PASS:
            proof = Proof(BASE, HEAD, COMMIT, TREE, ("style", "tests"), "0" * 64, (style, tests))
            self.tell(
                e.LandIntended(session, proof, "main", BASE),
                e.Landed(session, "main", COMMIT),
                e.TaskFinished(TaskId(f"t{name}"), Outcome.LANDED, ""),
            )
        else:
            reason = "gate tests: fail, 1 failed"
            self.tell(
                e.SessionKept(session, Outcome.REFUSED, reason),
                e.TaskFinished(TaskId(f"t{name}"), Outcome.REFUSED, reason),
            )

    def costs(self, name: str, micros: int, model: str = "opus") -> None:
        session, entry = SessionId(name), f"{name}.1"
        task, run = TaskId(f"t{name}"), RunId(f"r{name}")
        day = time.strftime("%Y-%m-%d")
        holds = (Hold(f"day:{day}"), Hold("project"), Hold(f"task:{task}"))
        use = Use(model, Tokens(1200, 0, 0, 340), micros, False, "a price list of today")
        self.tell(
            e.Reserved(session, entry, task, run, 1, "claude", model, day, micros, False, holds, 0.0),
            e.Used(session, entry, (use,)),
            e.Settled(session, entry, "actual"),
        )

    def _worked(self, name: str, title: str) -> None:
        self.working(name, title)
        self._end(name)

    def _end(self, name: str) -> None:
        session = SessionId(name)
        self.tell(
            e.SessionEnded(session, Exit(0), "exit file"),
            e.Checkpointed(session, HEAD, "end of session"),
        )

    def _result(self, gate: str, verdict: Verdict) -> GateResult:
        words = "12 tests" if verdict is Verdict.PASS else "1 failed"
        return GateResult(gate, TREE, verdict, words, int(verdict is not Verdict.PASS), 12, 3.5, "", BASE)


@dataclass
class Scene:
    app: Cockpit
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def shows(self, *words: str) -> str:
        """What is on the screen once all these words are."""
        return await self.until(lambda: self.text if all(word in self.text for word in words) else "", str(words))

    async def lacks(self, *words: str) -> None:
        await self.until(lambda: not any(word in self.text for word in words), f"no {words}")

    async def until(self, ready: Callable[[], object], what: str) -> str:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while loop.time() < end:
            found = ready()
            if found:
                return str(found)
            await self.pilot.pause(0.02)
        raise AssertionError(f"waited {PATIENCE_S} s for {what}; the screen shows\n{self.text}")


def play(stage: Stage, act: Act, size: tuple[int, int] = (120, 40), own: Own = OUT_OF_THE_BOX) -> None:
    """The cockpit over that ledger, for as long as the scene lasts."""

    async def run() -> None:
        app = Cockpit(stage.place, own)
        async with app.run_test(size=size, notifications=True) as pilot:
            scene = Scene(app, pilot)
            await scene.until(lambda: isinstance(app.screen.focused, Widget), "the first screen")
            await act(scene)

    asyncio.run(run())


def screen_text(app: Cockpit) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
