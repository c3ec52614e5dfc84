"""A machine inside this one, for what may not happen to the real one: processes, mounts and a boot id of its own.

Switching it off kills everything in it at once, like a power cut; switched on again it counts pids from one and has
another boot id. Made of namespaces, as root or, where users may have them, as anybody.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.e2e.world import PROGRAM, World, until

PROBE = ["mount", "--bind", "/dev/null", "/proc/sys/kernel/random/boot_id"]
INIT = """\
import os, signal, subprocess, sys, tempfile
with tempfile.NamedTemporaryFile("w") as file:
    print(sys.argv[1], file=file, flush=True)
    subprocess.run(["mount", "--bind", file.name, "/proc/sys/kernel/random/boot_id"], check=True)
for spec in sys.argv[2:]:
    options, _, place = spec.partition(":")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
print("on", flush=True)
while True:
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        signal.sigtimedwait([signal.SIGCHLD], 0.05)
"""
STRANGER = """\
import os, signal, sys
heard, pid = sys.argv[1], int(sys.argv[2])
with open("/proc/sys/kernel/ns_last_pid", "w") as last:
    last.write(str(pid - 1))
if os.fork() == 0:
    os.setsid()
    assert os.getpid() == pid, (os.getpid(), pid)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    open(heard, "w").close()
    while True:
        number = signal.sigwait(signal.valid_signals())
        with open(heard, "a") as file:
            print(number, file=file)
"""


class Machine:
    def __init__(self, *disks: str) -> None:
        """`disks` are mounted as tmpfs: `size=80m:/place`."""
        owner = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        apart = ["unshare", *owner, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        probe = subprocess.run([*apart, *PROBE], capture_output=True, text=True, check=False)
        if probe.returncode:
            pytest.skip(f"this machine gives nobody namespaces: {probe.stderr.strip()}")
        argv = [*apart, sys.executable, "-c", INIT, str(uuid.uuid4()), *disks]
        self._outer = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert self._outer.stdout and self._outer.stdout.readline() == "on\n"
        self._init = int(Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()[0])

    def inside(self, cwd: Path, *argv: str) -> tuple[str, ...]:
        """What runs a program in there."""
        owner = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        enter = ["nsenter", "--target", str(self._init), *owner, "--mount", "--pid", "--"]
        return (*enter, "sh", "-c", 'cd "$0" && exec "$@"', str(cwd), *argv)

    def serve(self, world: World) -> None:
        """From now on `swarmctl` of this world runs in there."""
        world.program = self.inside(world.repo, *PROGRAM)

    def seen(self, path: Path) -> Path:
        """A file of the machine's, from outside."""
        return Path(f"/proc/{self._init}/root{path}")

    def pids(self) -> set[int]:
        return {int(entry.name) for entry in self.seen(Path("/proc")).iterdir() if entry.name.isdigit()}

    def stranger(self, pid: int, heard: Path) -> None:
        """A process of nobody's under this number, which notes every signal that it gets."""
        subprocess.run(self.inside(Path("/"), sys.executable, "-c", STRANGER, str(heard), str(pid)), check=True)
        until(heard.exists, "the stranger")

    def off(self) -> None:
        self._outer.kill()
        self._outer.communicate()
        until(lambda: not Path(f"/proc/{self._init}").exists(), "the machine to be off")
