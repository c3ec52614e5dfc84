"""How a surface waits for work: submit once, follow the log, and come back when the supervisor was killed meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from swarmctl.app.board import Board
from swarmctl.app.inbox import Line, SupervisorGone, Tell, connect, new_command_id, silent, summon
from swarmctl.app.ledger import nothing_ran
from swarmctl.app.lock import await_lock
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault, Refused
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.edges.files.paths import StatePaths

MAX_COMEBACKS = 20
SILENCE_S = 2.0

Answer = dict[str, Any]
Command = tuple[str, Answer]
"""Its kind and its arguments."""


class Client:
    """One surface's connection to the supervisor of one repository."""

    def __init__(self, paths: StatePaths, tell: Tell = silent) -> None:
        self._paths = paths
        self._tell = tell
        self._line: Line | None = None

    def ask(self, kind: str, args: Answer, timeout_s: float | None = None) -> Answer:
        """Carried out exactly once, however often the supervisor dies on the way."""
        command = new_command_id()
        for _ in range(MAX_COMEBACKS):
            try:
                return self.line().ask(kind, args, command, timeout_s)
            except SupervisorGone:
                self.hang_up()
        raise EnvironmentFault("the supervisor keeps dying", hint=f"cat {self._paths.root}/supervisor.log")

    def line(self) -> Line:
        if self._line is None:
            paths = self._paths
            self._line = summon(paths.repository, paths.socket, paths.root / "supervisor.log", self._tell)
            self._line.ask("hello", {"listen": True}, timeout_s=10.0)
        return self._line

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def running(self) -> Answer | None:
        """What the supervisor says of itself; None when there is none. Starts nothing."""
        line = connect(self._paths.socket)
        if line is None:
            return None
        with line:
            return line.ask("hello", {}, timeout_s=5.0)

    def down(self) -> bool:
        """Stop every agent at a safe point, then the supervisor, and see it gone; False when there was none.

        A socket that nobody listens on was left by one that was killed: another one stops what it had started.
        """
        if not self._paths.socket.exists():
            return False
        line = connect(self._paths.socket)
        if line is not None:
            line.close()
        self.ask("down", {})
        self.hang_up()
        await_lock(self._paths).close()
        return line is not None

    def greet(self) -> Answer:
        """What the supervisor says of itself, started when it does not run."""
        return self.ask("hello", {"listen": True}, timeout_s=10.0)

    def board(self) -> Board:
        nothing_ran(self._paths)
        return Board(self._paths.database)

    def follow(self, board: Board, rejoin: Command | None, is_over: Callable[[Facts], bool]) -> Iterator[e.Stamped]:
        """Events as they are appended, until `is_over`. `rejoin` is asked for after a comeback; refused, it is over."""
        comebacks = 0
        while True:
            yield from board.news()
            if is_over(board.facts):
                return
            try:
                next(self.line().messages(SILENCE_S), None)
            except SupervisorGone:
                self.hang_up()
                comebacks += 1
                if comebacks > MAX_COMEBACKS:
                    raise
                if rejoin is not None:
                    with suppress(Refused):
                        self.ask(*rejoin)


def caller_env() -> dict[str, str]:
    """The environment as it is; each agent's allow-list decides what of it an agent sees."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TMUX")}


def concerns(event: e.Event, facts: Facts, run: RunId) -> bool:
    """The event is about the run, one of its tasks, or one of their sessions."""
    if getattr(event, "run", None) == run:
        return True
    task = facts.tasks.get(TaskId(str(getattr(event, "task", ""))))
    session = facts.sessions.get(SessionId(str(getattr(event, "session", ""))))
    return (task is not None and task.run == run) or (session is not None and session.run == run)


def is_run_over(facts: Facts, run: RunId) -> bool:
    tasks = facts.tasks.where("run", run)
    return bool(tasks) and all(task.outcome is not None for task in tasks)
