"""Runs gates, setup commands and user hooks to their end, each under a wrapper that ends its whole tree.

Nothing a command starts outlives it, and no command outlives this process: its wrapper dies with the caller.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core.config import Command, argv_of
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ports import Finished
from swarmctl.core.session import Exit, ProcessId
from swarmctl.edges.shell import procfs
from swarmctl.edges.shell.launches import Launches, write_all
from swarmctl.edges.shell.offer import PIPE, Offer
from swarmctl.edges.shell.process_host import kept_output
from swarmctl.edges.shell.processes import LinuxProcesses

HEAD = 4 << 20
TAIL = 12 << 20
TAIL_SHOWN = 4096
NOT_FOUND = 127
SHELL_KILLED = 128 + signal.SIGKILL
CANCELLED = Exit(None, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Ending:
    exit: Exit
    timed_out: bool
    killed_here: bool


@dataclass(slots=True)
class Running:
    marker: str
    cwd: str
    process: ProcessId
    cancelled: bool = False


class ShellRunner:
    def __init__(
        self,
        processes: LinuxProcesses,
        launches: Launches,
        *,
        grace_s: float = 2.0,
        oom_kills: Callable[[], int | None] = procfs.oom_kills,
    ) -> None:
        self._processes = processes
        self._launches = launches
        self._grace_s = grace_s
        self._oom_kills = oom_kills
        self._lock = threading.Lock()
        self._running: dict[str, Running] = {}
        self._cancelled = False

    def run(
        self, command: Command, *, cwd: str, env: Mapping[str, str], timeout_s: float, log: str, stdin: bytes = b""
    ) -> Finished:
        begun, ooms = time.monotonic(), self._oom_kills()
        with run_folder(log) as run_dir:
            argv = [os.fsencode(word) for word in argv_of(command)]
            marked = {"TMUX_TMPDIR": run_dir, **env, "SWARM_MARKER": run_dir}  # A plain `tmux` is one of its own.
            pairs = {os.fsencode(name): os.fsencode(value) for name, value in marked.items()}
            offer = Offer(PIPE, run_dir, cwd, argv, pairs).logged(log, HEAD, TAIL)
            ending = self._run(offer, timeout_s, stdin)
        digest, tail = settle(Path(log))
        return Finished(
            rc=ending.exit.code,
            signal=ending.exit.signal,
            timed_out=ending.timed_out,
            out_of_memory=not ending.killed_here and self._starved(ending.exit, ooms),
            not_found=ending.exit.code == NOT_FOUND,
            duration_s=time.monotonic() - begun,
            log=log,
            log_sha256=digest,
            tail=tail,
        )

    def cancel_all(self) -> None:
        """End what runs now, and everything asked for later, as if by SIGTERM."""
        with self._lock:
            self._cancelled = True
            running = list(self._running.values())
        self._end(running)

    def cancel(self, cwd: str) -> None:
        """End what runs now in a folder, as if by SIGTERM; what comes later runs."""
        with self._lock:
            running = [each for each in self._running.values() if each.cwd == cwd]
        self._end(running)

    def _end(self, running: list[Running]) -> None:
        for each in running:
            each.cancelled = True
            self._processes.stop(each.process, each.marker, self._grace_s)

    def _run(self, offer: Offer, timeout_s: float, stdin: bytes) -> Ending:
        with self._launches.held(offer) as source, given(stdin) as stdin_fd:
            argv = self._launches.argv(source, offer.run_dir, offer.run_dir)
            wrapper = self._spawn(argv, offer, stdin_fd)
            if wrapper is None:
                return Ending(CANCELLED, timed_out=False, killed_here=True)
            try:
                timed_out = not ended_within(wrapper, timeout_s)
                if timed_out:
                    self._processes.stop(self._running[offer.run_dir].process, offer.run_dir, self._grace_s)
            except BaseException:
                wrapper.terminate()
                raise
            finally:
                wrapper.wait()
                with self._lock:
                    cancelled = self._running.pop(offer.run_dir).cancelled or self._cancelled
        self._processes.sweep(offer.run_dir)
        found = self._processes.exit_of(offer.run_dir)
        if cancelled:
            return Ending(CANCELLED, timed_out=False, killed_here=True)
        return Ending(found or wrapper_exit(wrapper.returncode), timed_out, killed_here=timed_out)

    def _spawn(self, argv: list[str], offer: Offer, stdin_fd: int) -> subprocess.Popen[bytes] | None:
        """None once everything is cancelled; the lock makes sure that a cancel sees every wrapper."""
        null = subprocess.DEVNULL
        env = {"PATH": os.defpath}
        with self._lock:
            if self._cancelled:
                return None
            wrapper = subprocess.Popen(argv, stdin=stdin_fd, stdout=null, stderr=null, env=env, start_new_session=True)
            try:
                process = self._processes.identity(wrapper.pid) or ProcessId(wrapper.pid, 0, "")
            except BaseException:
                wrapper.terminate()
                wrapper.wait()
                raise
            self._running[offer.run_dir] = Running(offer.run_dir, offer.cwd, process)
            return wrapper

    def _starved(self, exit: Exit, before: int | None) -> bool:
        """A best guess: killed by nobody we know, while the kernel's own count of such kills rose or is not known."""
        after = self._oom_kills()
        if before is None or after is None:
            return exit.signal == signal.SIGKILL
        return after > before and (exit.signal == signal.SIGKILL or exit.code == SHELL_KILLED)


@contextmanager
def run_folder(log: str) -> Iterator[str]:
    parent = Path(log).parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=".run-", dir=parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def given(stdin: bytes) -> Iterator[int]:
    if not stdin:
        yield subprocess.DEVNULL
        return
    fd = os.memfd_create("swarm-stdin", os.MFD_CLOEXEC)
    try:
        write_all(fd, stdin)
        os.lseek(fd, 0, os.SEEK_SET)
        yield fd
    finally:
        os.close(fd)


def ended_within(wrapper: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        fd = os.pidfd_open(wrapper.pid)
    except OSError as error:
        raise EnvironmentFault(f"cannot watch process {wrapper.pid}: {error.strerror}", hint="ulimit -n") from error
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(fd)


def wrapper_exit(returncode: int) -> Exit:
    """The wrapper itself was killed before it could keep the exit."""
    return Exit(None, -returncode if returncode < 0 else None)


def settle(log: Path) -> tuple[str, str]:
    """Make the parts of a capped log one file; its SHA-256 and its end."""
    whole = kept_output(log)
    newer = [log.with_name(f"{log.name}.{part}") for part in ("old", "new")]
    if newer[1].exists():
        fresh = log.with_name(f"{log.name}.whole")
        fresh.touch(mode=0o600)
        fresh.write_bytes(whole)
        fresh.replace(log)
        for part in newer:
            part.unlink(missing_ok=True)
    if not log.exists():
        log.touch(mode=0o600)
    return hashlib.sha256(whole).hexdigest(), whole[-TAIL_SHOWN:].decode(errors="replace")
