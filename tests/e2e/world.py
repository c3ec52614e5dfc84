"""A throwaway world for a story: a repository, hermetic folders, `swarmctl` as a person types it, and no trace left.

Waiting is polling the ledger against a deadline; nothing here sleeps to be on time.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from swarmctl.app.board import Board
from swarmctl.app.inbox import connect
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, Stamped
from swarmctl.core.machine import Facts
from swarmctl.core.session import Session, Stage

PATIENCE_S = 180.0
GONE_S = 60.0
PROGRAM = (sys.executable, "-m", "swarmctl.surfaces.cli.entry")


def until(ready: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """The first truthy answer. A look that takes long comes less often: it takes its time from those it waits for."""
    end = time.monotonic() + patience_s
    while True:
        began = time.monotonic()
        found = ready()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience_s:g} s in vain for: {what}")
        time.sleep(min(0.1, max(0.01, 3 * (time.monotonic() - began))))


@dataclass(frozen=True)
class Said:
    """What one command of `swarmctl` answered."""

    rc: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.last["tasks"]
        return found

    @property
    def task(self) -> dict[str, Any]:
        (only,) = self.tasks
        return only

    @property
    def session(self) -> str:
        return str(self.task["session"])

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") == kind]


@dataclass
class Typed:
    """A command that still runs."""

    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def answer(self, patience_s: float = PATIENCE_S) -> Said:
        out, err = self.process.communicate(timeout=patience_s)
        return Said(self.process.returncode, out, err)


@dataclass
class World:
    home: Path
    """Everything of this world is below it, and every process of it names it."""
    runtime: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="sw-")))
    """Short, because sockets are in it."""
    host: str = "tmux"
    extra_env: dict[str, str] = field(default_factory=dict)
    running: list[Typed] = field(default_factory=list)
    program: tuple[str, ...] = PROGRAM

    @property
    def repo(self) -> Path:
        return self.home / "repo"

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "SWARMCTL__AGENT__HOST": self.host,
            "SWARMCTL__WORKTREE__POOL": "0",
            **self.extra_env,
        }

    # --- the repository -----------------------------------------------------------------------------------------------

    def found(self, files: Mapping[str, str] | None = None) -> None:
        """A repository with one commit on `main`."""
        self.repo.mkdir()
        self.git("init", "-q", "-b", "main")
        for name, text in (files or {"README.md": "# a project\n", "shared.txt": "one\ntwo\nthree\n"}).items():
            self.put(name, text)
        self.commit("First")

    def put(self, name: str, text: str) -> Path:
        path = self.repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.head()

    def settings(self, text: str) -> None:
        """`swarm.toml`, committed: gates come from the target branch."""
        self.put("swarm.toml", text)
        self.commit("Say what is gated")

    def git(self, *words: str, cwd: Path | None = None) -> str:
        """Plain git, the independent witness."""
        argv = ["git", "-C", str(cwd or self.repo), *words]
        done = subprocess.run(argv, capture_output=True, text=True, errors="surrogateescape", check=False)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout.strip()

    def head(self, ref: str = "refs/heads/main") -> str:
        return self.git("rev-parse", ref)

    def tree(self, commit: str) -> str:
        return self.git("rev-parse", f"{commit}^{{tree}}")

    def files(self, commit: str = "refs/heads/main") -> set[str]:
        return set(self.git("ls-tree", "-r", "--name-only", commit).splitlines())

    def text(self, name: str, commit: str = "refs/heads/main") -> str:
        return self.git("cat-file", "-p", f"{commit}:{name}")

    def subjects(self, ref: str = "refs/heads/main") -> list[str]:
        """The newest first, along the first parents."""
        return self.git("log", "--first-parent", "--format=%s", ref).splitlines()

    def trailers(self, commit: str) -> dict[str, str]:
        text = self.git("log", "-1", "--format=%(trailers:only,unfold)", commit)
        return dict(line.split(": ", 1) for line in text.splitlines() if line)

    def status(self) -> bytes:
        argv = ["git", "-C", str(self.repo), "status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z"]
        return subprocess.run(argv, capture_output=True, check=True).stdout

    # --- swarmctl -----------------------------------------------------------------------------------------------------

    def start(self, *words: str, cwd: Path | None = None, stdin: str | None = None) -> Typed:
        process = subprocess.Popen(
            [*self.program, *words],
            cwd=cwd or self.repo,
            env=self.env,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        typed = Typed(process)
        self.running.append(typed)
        return typed

    def swarmctl(self, *words: str, cwd: Path | None = None, rc: int | None = None) -> Said:
        said = self.start(*words, cwd=cwd).answer()
        if rc is not None:
            assert said.rc == rc, f"swarmctl {' '.join(words)} ended with {said.rc}\n{said.out}\n{said.err}"
        return said

    def run(self, *scripts: str, rc: int | None = None, more: tuple[str, ...] = ()) -> Said:
        """Tasks for the scriptable agent, waited for."""
        return self.swarmctl("run", *scripts, "--agent", "fake", "--json", *more, rc=rc)

    def begin(self, *scripts: str, more: tuple[str, ...] = ()) -> Typed:
        """The same without waiting."""
        return self.start("run", *scripts, "--agent", "fake", "--json", *more)

    # --- the ledger ---------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Path:
        (found,) = (self.home / "state" / "swarmctl").iterdir()
        return found

    @property
    def socket(self) -> Path:
        """Where the supervisor listens."""
        (found,) = self.runtime.rglob("*.sock*")
        return found

    @property
    def database(self) -> Path | None:
        found = list((self.home / "state").glob("swarmctl/*/swarm.db"))
        return found[0] if found else None

    def facts(self) -> Facts:
        if self.database is None:
            return Facts()
        try:
            with Board(self.database) as board:
                list(board.news())
                return board.facts
        except SwarmError:
            return Facts()

    def history(self) -> list[Stamped]:
        if self.database is None:
            return []
        with Board(self.database) as board:
            return list(board.history())

    def events(self, kind: type[Event]) -> list[Any]:
        return [stamped.event for stamped in self.history() if isinstance(stamped.event, kind)]

    def session(self, name: str = "") -> Session:
        """The only session, or the one with this id or of the task with this title."""
        facts = self.facts()
        found = [s for s in facts.sessions.values() if name in ("", s.id, facts.tasks[s.task].title)]
        assert len(found) == 1, f"{len(found)} sessions are `{name}`"
        return found[0]

    def await_facts(self, ready: Callable[[Facts], Any], what: str) -> Facts:
        def look() -> Facts | None:
            facts = self.facts()
            return facts if ready(facts) else None

        found: Facts = until(look, what)
        return found

    def await_stage(self, stage: Stage, count: int = 1) -> list[Session]:
        facts = self.await_facts(
            lambda facts: sum(s.stage is stage for s in facts.sessions.values()) >= count,
            f"{count} sessions {stage.value}",
        )
        return [s for s in facts.sessions.values() if s.stage is stage]

    def await_file(self, path: Path) -> None:
        until(path.exists, f"{path} to appear")

    def await_words(self, path: Path) -> None:
        """A whole line is in the file: it is there before anything is."""
        until(lambda: path.exists() and path.read_text().endswith("\n"), f"a line in {path}")

    def idle(self) -> Facts:
        """Every task has an outcome and nothing is under way."""
        return self.await_facts(
            lambda facts: (
                facts.tasks
                and all(task.outcome for task in facts.tasks.values())
                and not any(session.active for session in facts.sessions.values())
            ),
            "every task to have an outcome",
        )

    # --- processes ----------------------------------------------------------------------------------------------------

    def ours(self) -> dict[int, str]:
        """Living processes that this world started: they carry one of its folders in their environment or words."""
        marks = (os.fsencode(self.home), os.fsencode(self.runtime))
        return {pid: words for pid, words in _processes(marks) if pid != os.getpid()}

    def supervisor(self) -> int | None:
        return self._first("app.supervisor", SUPER)

    def tmux_server(self) -> int | None:
        return self._first(" new-session -d -s swarm ")

    def _first(self, *marks: str) -> int | None:
        """The parent among those with such words: a child has its parent's until it becomes a program of its own."""
        found = {pid for pid, words in self.ours().items() if any(mark in words for mark in marks)}
        return next((pid for pid in found if _parent(pid) not in found), None)

    def leave(self) -> None:
        """Down, and proof that nothing of this world runs any more."""
        for typed in self.running:
            if typed.process.poll() is None:
                typed.process.kill()
            typed.process.communicate()
        down = self._down()
        try:
            until(lambda: not self.ours(), "every process of the story to be gone", GONE_S)
        except AssertionError:
            left = self.ours()
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"left running: {left}; down said: {down}") from None

    def _down(self) -> object:
        """Who listens is asked directly: the command takes longer to start than this, and has stories of its own."""
        with suppress(SwarmError):
            said = [_put_down(path) for path in self.runtime.rglob("*.sock*")]
            if any(said):
                return said
        return self.swarmctl("down") if self.database is not None and self.ours() else None


def _put_down(socket: Path) -> dict[str, Any]:
    """Nothing where nobody listens."""
    line = connect(socket)
    if line is None:
        return {}
    with line:
        return line.ask("down", {})


W = TypeVar("W", bound=World)


@contextmanager
def living(world: W) -> Iterator[W]:
    """Whatever the story starts is stopped, and nothing may be left running."""
    try:
        yield world
    finally:
        try:
            world.leave()
        finally:
            shutil.rmtree(world.runtime, ignore_errors=True)


SUPER = "killing_supervisor"


def _parent(pid: int) -> int:
    """Zero for a process that is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _processes(marks: tuple[bytes, ...]) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words, environ = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if words and any(mark in words or mark in environ for mark in marks):
            yield int(entry.name), words.replace(b"\0", b" ").decode(errors="replace")
