"""A throwaway repository of a given size, with swarmctl driven through the client code that the command line uses."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swarmctl.app.board import Board
from swarmctl.app.client import Client, caller_env
from swarmctl.app.here import Here, here
from swarmctl.app.inbox import SupervisorGone, new_command_id
from swarmctl.app.lock import take_lock
from swarmctl.core.events import Event
from swarmctl.core.machine import Facts
from swarmctl.core.session import Session
from swarmctl.edges.git.pool import parked
from swarmctl.edges.git.worktrees import GitWorktrees

PATIENCE_S = 180.0
PER_FOLDER = 100


def until(ready: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """The first truthy answer; looks every 10 ms, so nothing that is measured to the millisecond is read off here."""
    end = time.monotonic() + patience_s
    while True:
        found = ready()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience_s:g} s in vain for {what}")
        time.sleep(0.01)


def git(repo: Path, *words: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", "-C", str(repo), *words], input=stdin, capture_output=True, check=True)
    return done.stdout.decode().strip()


def make_repository(path: Path, files: int) -> None:
    """`files` files of about 500 bytes in folders of 100, one commit on `main`, checked out."""
    path.mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    git(path, "fast-import", "--quiet", stdin=b"".join(_stream(files)))
    git(path, "reset", "-q", "--hard", "main")
    git(path, "update-index", "-q", "--refresh")
    git(path, "gc", "-q")


def _stream(files: int) -> Iterator[bytes]:
    yield b"commit refs/heads/main\ncommitter Bench <bench@example.org> 1700000000 +0000\ndata 5\nFirst\n"
    for number in range(files):
        text = f"file {number}\n".encode() * 40
        name = f"folder-{number // PER_FOLDER}/file-{number}.txt"
        yield f"M 100644 inline {name}\ndata {len(text)}\n".encode() + text + b"\n"


@dataclass
class Place:
    repo: Path
    client: Client = field(init=False)
    here: Here = field(init=False)
    first: Path = field(init=False)
    """The FIFO that agents write their first byte to."""

    def __post_init__(self) -> None:
        self.here = here(self.repo)
        self.client = self.here.client()
        self.first = self.repo.parent / f"{self.repo.name}.first"
        os.mkfifo(self.first)
        self._fifo = os.open(self.first, os.O_RDWR)

    # --- asking -------------------------------------------------------------------------------------------------------

    def order(self, *commands: str, lands: str = "no", waits: bool = False) -> dict[str, Any]:
        """What `swarmctl run --exec` sends."""
        tasks = [
            {"key": f"t{number}", "prompt": "bench", "title": "bench", "agent": "shell", "command": command}
            for number, command in enumerate(commands)
        ]
        run = new_command_id()
        return {"run": run, "waits": waits, "lands": lands, "target": "main", "env": caller_env(), "tasks": tasks}

    def first_byte(self) -> float:
        """When the next agent's first byte came, on the wall clock."""
        ready, _, _ = select.select([self._fifo], [], [], PATIENCE_S)
        at = time.time()
        if not ready:
            raise TimeoutError("no agent wrote a byte")
        os.read(self._fifo, 64)
        return at

    # --- looking ------------------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        with self.board() as board:
            return board.facts

    def board(self) -> Board:
        return Board(self.here.paths.database)

    def sessions(self, ready: Callable[[Session], bool]) -> list[Session]:
        return [session for session in self.facts().sessions.values() if ready(session)]

    def times(self, kind: type[Event]) -> dict[str, float]:
        """When the last event of a kind was appended, by session or run."""
        with self.board() as board:
            history = list(board.history())
        return {
            str(getattr(stamped.event, "session", getattr(stamped.event, "run", ""))): stamped.at
            for stamped in history
            if isinstance(stamped.event, kind)
        }

    def settled(self) -> None:
        """Every task has its outcome and no finished worktree waits for the trash."""

        def ready() -> bool:
            facts = self.facts()
            idle = all(task.outcome for task in facts.tasks.values())
            done = ("empty", "landed")
            return idle and not any(s.place == "present" and s.stage in done for s in facts.sessions.values())

        until(ready, "the work to settle")

    def make_room(self) -> None:
        """Nothing of a bench is worth keeping, and fifty worktrees of 50,000 files fill a disk."""
        self.settled()
        for path in self.here.paths.trash.iterdir():
            shutil.rmtree(path, ignore_errors=True)

    def pool_is_full(self, size: int) -> None:
        head = git(self.repo, "rev-parse", "main")
        worktrees = GitWorktrees(self.here.repository, self.here.paths.root)

        def ready() -> bool:
            found = [entry for entry in parked(worktrees.shop) if entry.finished]
            return sum((entry.admin / "HEAD").read_text().strip() == head for entry in found) >= size

        until(ready, "a full pool")

    @property
    def supervisor(self) -> int:
        answer = self.client.greet()
        return int(answer["pid"])

    def end(self) -> None:
        """Nothing runs any more: no agent, no tmux server, no supervisor."""
        self.client.hang_up()
        try:
            self.client.down()
        except SupervisorGone:
            pass
        until(self._is_free, "the supervisor to end")

    def _is_free(self) -> bool:
        lock = take_lock(self.here.paths)
        if lock is not None:
            lock.close()
        return lock is not None

    def leave(self) -> None:
        self.end()
        os.close(self._fifo)


@contextmanager
def place(folder: Path, name: str, files: int) -> Iterator[Place]:
    repo = folder / name
    make_repository(repo, files)
    made = Place(repo)
    try:
        yield made
    finally:
        made.leave()


@contextmanager
def told(**variables: str) -> Iterator[None]:
    """Settings for the supervisors that start inside, as environment variables."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def kill(pid: int) -> float:
    """SIGKILL; when, on the wall clock."""
    at = time.time()
    os.kill(pid, signal.SIGKILL)
    return at
