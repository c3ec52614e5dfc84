"""Processes as the kernel knows them. A process is only ever signalled through a pidfd whose identity was checked."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import Exit, ProcessId
from swarmctl.edges.shell import procfs
from swarmctl.edges.shell.census import Census
from swarmctl.edges.shell.offer import EXIT, PID

LOOK_EVERY_S = 0.05
GIVE_UP_S = 10.0
"""How long killing goes on before it is reported as not proven."""
WRAPPER_GRACE_S = 2.0
"""What a wrapper gets to write the exit after its tree was killed."""


class LinuxProcesses:
    """Whom it cannot look at it does not call dead: then every answer is an `EnvironmentFault`."""

    def __init__(self) -> None:
        self._census = Census()

    def found(self, run_dir: str) -> ProcessId | None:
        return procfs.read_identity(f"{run_dir}/{PID}")

    def alive(self, process: ProcessId) -> bool:
        return process.boot == procfs.boot_id() and procfs.identity(process.pid) == process

    def exit_of(self, run_dir: str) -> Exit | None:
        """Neither code nor signal when the agent never ran."""
        words = procfs.read(f"{run_dir}/{EXIT}").decode(errors="replace").strip()
        if not words:
            return None
        kind, _, number = words.partition(" ")
        if kind == "code":
            return Exit(int(number))
        return Exit(None, int(number)) if kind == "signal" else Exit(None)

    def boot_id(self) -> str:
        return procfs.boot_id()

    def identity(self, pid: int) -> ProcessId | None:
        """Who lives under this number, as far as this user may see."""
        return procfs.identity_in(pid, procfs.stat_fields(procfs.visible(f"/proc/{pid}/stat")))

    def watch(self, process: ProcessId) -> int:
        """A pidfd that becomes readable at the process's death; -1 when it is dead already. The caller closes it."""
        try:
            fd = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return -1
        except OSError as error:
            raise EnvironmentFault(f"cannot watch process {process.pid}: {error.strerror}", hint="ulimit -n") from error
        lives = False
        try:
            lives = self.alive(process)
        finally:
            if not lives:
                os.close(fd)
        return fd if lives else -1

    def ran(self, process: ProcessId) -> object:
        """Two equal answers mean that nothing of the tree ran between them; None when that cannot be said."""
        try:
            return procfs.ran(process.pid) or None
        except EnvironmentFault:
            return None

    def reads(self, process: ProcessId, within_s: float) -> bool:
        """Looks a moment after the words were typed: on their way they are nowhere to be seen."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            time.sleep(LOOK_EVERY_S)
            if not any(map(procfs.waiting_in, procfs.terminals(process.pid))):
                return True
        return False

    def holders(self, marker: str) -> set[ProcessId]:
        """Whoever carries the marker in its environment, and wrappers that were started for it."""
        return self._census.take().carriers(marker)

    def stop(self, process: ProcessId | None, marker: str, grace_s: float) -> bool:
        """End the tree and everything whose environment carries `marker`; True when proven gone."""
        asked = [process] if process and self.alive(process) else sorted(self.holders(marker), key=started)
        if not asked:
            return True
        self.signal(asked, signal.SIGTERM)
        self.signal(asked, signal.SIGCONT)
        self.wait(asked, grace_s)
        return self.kill(process, marker)

    def ask(self, process: ProcessId, grace_s: float) -> tuple[ProcessId, ...]:
        """As Ctrl-C does, then in other words; whatever does not listen lives on."""
        tree: set[ProcessId] = set()
        for number in (signal.SIGINT, signal.SIGTERM):
            tree |= self._tree(process)
            self.signal(tree, number)
            if self.wait(tree, grace_s):
                break
        return tuple(sorted(filter(self.alive, tree | self._tree(process)), key=started))

    def _tree(self, root: ProcessId) -> set[ProcessId]:
        """The process and its descendants, as long as it lives."""
        return {root, *self._census.take().descendants({root})} if self.alive(root) else set()

    def sweep(self, marker: str) -> bool:
        """End at once whatever carries the marker; True when nothing does any more."""
        return self.kill(None, marker)

    def kill(self, process: ProcessId | None, marker: str) -> bool:
        """Agents first, so that their wrappers see the end and keep it; then the wrappers, until nothing is left."""
        end = time.monotonic() + GIVE_UP_S
        patience = time.monotonic() + WRAPPER_GRACE_S
        while time.monotonic() < end:
            wrappers, agents = self.remaining(process, marker)
            if not wrappers and not agents:
                return True
            self.signal(agents, signal.SIGKILL)
            if time.monotonic() > patience:
                self.signal(wrappers, signal.SIGKILL)
            else:
                self.signal(wrappers, signal.SIGTERM)
                self.signal(wrappers, signal.SIGCONT)
            self.wait(agents or wrappers, 0.1)
        return not any(self.remaining(process, marker))

    def remaining(self, process: ProcessId | None, marker: str) -> tuple[set[ProcessId], set[ProcessId]]:
        """Wrappers, and everybody else of theirs."""
        people = self._census.take()
        wrappers = people.wrappers(marker)
        if process and self.alive(process):
            wrappers.add(process)
        return wrappers, (people.carriers(marker) | people.descendants(wrappers)) - wrappers

    def signal(self, processes: Iterable[ProcessId], number: int) -> None:
        for process in processes:
            fd = self.watch(process)
            if fd < 0:
                continue
            try:
                signal.pidfd_send_signal(fd, number)
            except OSError:
                continue
            finally:
                os.close(fd)

    def wait(self, processes: Iterable[ProcessId], seconds: float) -> bool:
        """True when all of them died in time."""
        fds = {fd for fd in map(self.watch, processes) if fd >= 0}
        end = time.monotonic() + seconds
        try:
            return wait_all(set(fds), end)
        finally:
            for fd in fds:
                os.close(fd)


def wait_all(fds: set[int], end: float) -> bool:
    while fds:
        poll = select.poll()
        for fd in fds:
            poll.register(fd, select.POLLIN)
        ready = poll.poll(max(0.0, end - time.monotonic()) * 1000)
        fds -= {fd for fd, _ in ready}
        if not ready:
            return False
    return True


def started(process: ProcessId) -> int:
    return process.started
