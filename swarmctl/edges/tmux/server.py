"""Our own tmux server: private socket, own settings, outside of the terminal's cgroup, asked through one client.

Commands go through the control client; when it is wedged they are forked, and a new client is made for the next one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import ProcessId
from swarmctl.edges.tmux.attach import HUB
from swarmctl.edges.tmux.control import ControlClient, Unanswered
from swarmctl.edges.tmux.framing import Reply
from swarmctl.edges.tmux.quoting import arguments
from swarmctl.edges.tmux.strays import Kernel, strays

SETTINGS = """\
set -s exit-empty off
set -s set-clipboard off
set -s escape-time 10
set -g default-shell /bin/sh
set -g default-terminal screen-256color
set -g update-environment ""
set -g destroy-unattached off
set -g default-size 200x50
set -g window-size latest
set -g history-limit 20000
set -g base-index 0
set -g status off
set -g status-left ""
set -g status-right ""
set -g set-titles off
set -g remain-on-exit on
set -gq remain-on-exit-format ""
set -g allow-rename off
set -g automatic-rename off
set -gq allow-passthrough off
"""
UNVIEWED = """\
set-hook -g window-unlinked { if-shell -F "#{m:* #{hook_window} *,#{S:#{W: #{window_id} }}}" {
  run-shell -C "resize-window -x 200 -y 50 -t #{hook_window} ; set-option -w -u -t #{hook_window} window-size"
} }
"""
"""A window that somebody looked at gets its own size again; one that is gone is not asked for, or the asker fails."""

KEPT = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "USER", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
MARK = "@swarm_session"
PANE_ID = re.compile(r"%[0-9]+")
TETHERED = str(Path(__file__).with_name("tethered.py"))
ANSWER_S = 5.0
START_S = 10.0
GONE_S = 5.0


class TmuxServer:
    def __init__(self, name: str, runtime_dir: Path, kernel: Kernel, on_lost: Callable[[], None]) -> None:
        self.socket = str(socket_path(name, runtime_dir))
        self.folder = Path(self.socket).parent
        self._settings = self.folder / f"{name}.conf"
        self._kernel = kernel
        self._on_lost = on_lost
        self._lock = threading.RLock()
        self._control: ControlClient | None = None
        self._process: ProcessId | None = None
        self.answer_s = ANSWER_S

    def ask(self, *commands: tuple[str, ...]) -> list[Reply]:
        """Starts nothing; raises `EnvironmentFault` when there is no server or it does not answer."""
        with self._lock:
            control = self._control
            if control is None or not control.alive:
                control = self._connect()
        if control is None:
            raise EnvironmentFault("the tmux server of this repository is not running", hint="swarmctl up")
        try:
            return control.ask(*commands, timeout_s=self.answer_s)
        except Unanswered:
            return [self.fork(*command) for command in commands]

    def fork(self, *command: str, stdin: bytes = b"") -> Reply:
        return fork(self.socket, command, stdin=stdin, timeout_s=self.answer_s)

    def process(self) -> ProcessId | None:
        """The server, told by the kernel for its socket, even when it is deaf."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
            end.settimeout(1.0)
            try:
                end.connect(self.socket)
                peer = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            except OSError:
                return None
        return self._kernel.identity(struct.unpack("3i", peer)[0])

    def ensure(self) -> None:
        """A server that answers, started when there is none."""
        with self._lock:
            if self._control and self._control.alive:
                return
            private_folder(self.folder)
            self._end_strays()
            if not self._connect():
                self._start()

    def shutdown(self) -> None:
        """End our server and prove it gone; its agents are hung up on and end by their wrappers."""
        with self._lock:
            self.disconnect()
            self._end_strays()
            process = self.process()
            if process:
                self._end(process)
                Path(self.socket).unlink(missing_ok=True)
            with suppress(OSError):
                self._settings.unlink()

    def disconnect(self) -> None:
        """Leave the server and its agents as they are."""
        with self._lock:
            control, self._control = self._control, None
        if control:
            control.close()

    def _end(self, process: ProcessId) -> None:
        try:
            self.fork("kill-server")
        except EnvironmentFault:
            pass
        if not self._kernel.wait([process], GONE_S):
            self._kernel.signal([process], signal.SIGKILL)
        if not self._kernel.wait([process], GONE_S):
            raise EnvironmentFault(f"the tmux server (process {process.pid}) does not end", hint="swarmctl doctor")

    def _end_strays(self) -> None:
        found = list(strays(self.socket, self._kernel))
        self._kernel.signal(found, signal.SIGKILL)
        self._kernel.wait(found, 1.0)

    def _start(self) -> None:
        self._settings.write_text(SETTINGS + UNVIEWED)
        deadline = time.monotonic() + START_S
        words = "it does not start"
        while time.monotonic() < deadline:
            words = launch([tmux(), "-S", self.socket, "-f", str(self._settings), "-u", *first_session()])
            if self._connect():
                return
            time.sleep(0.05)
        raise EnvironmentFault(f"tmux: {words}", hint="swarmctl doctor")

    def _connect(self) -> ControlClient | None:
        """Its first answer proves the channel; a client without one is killed."""
        process = self.process()
        if process is None:
            return None
        me = self._kernel.identity(os.getpid())
        tether = f"{os.getpid()}:{me.started if me else 0}"
        client = (
            tmux(),
            "-S",
            self.socket,
            "-u",
            "-C",
            "attach-session",
            "-t",
            f"={HUB}",
            "-f",
            "no-output,ignore-size",
        )
        control = ControlClient([sys.executable, "-I", "-S", TETHERED, tether, *client], environment(), self._left)
        try:
            control.ask(("display-message", "-p", "ready"), timeout_s=self.answer_s)
        except Unanswered:
            control.close()
            return None
        self._control, self._process = control, process
        return control

    def _left(self, control: ControlClient) -> None:
        """In the reader's thread: was it the client or the server that went?"""
        process = self._process
        if self._control is control and process and self._kernel.wait([process], 2.0) and self._control is control:
            self._on_lost()


def fork(server: str, *commands: tuple[str, ...], stdin: bytes = b"", timeout_s: float = ANSWER_S) -> Reply:
    """The commands as one message: the server does nothing else between them. Needs no client of ours."""
    chained = [word for command in commands for word in (";", *arguments(command))]
    argv = [tmux(), "-S", server, "-u", *chained[1:]]
    try:
        done = subprocess.run(argv, input=stdin, capture_output=True, env=environment(), timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise EnvironmentFault("the tmux server does not answer", hint="swarmctl down && swarmctl up") from None
    return Reply(done.returncode == 0, (done.stdout or done.stderr).rstrip(b"\n"))


def marked(server: str, pane: str, session: str) -> bool:
    """The pane is there and it is the session's: a server that was started anew counts its panes anew."""
    if not PANE_ID.fullmatch(pane):
        return False
    reply = fork(server, ("display-message", "-p", "-t", pane, f"#{{{MARK}}}"))
    return reply.ok and reply.lines == (session.encode(),)


def socket_path(name: str, runtime_dir: Path) -> Path:
    """Where `tmux -L NAME` has its socket when `runtime_dir` is its TMUX_TMPDIR."""
    return runtime_dir / f"tmux-{os.getuid()}" / name


def tmux() -> str:
    found = shutil.which("tmux")
    if not found:
        raise EnvironmentFault(
            "tmux is not installed", hint="sudo apt-get install tmux, or export SWARMCTL__AGENT__HOST=process"
        )
    return found


def first_session() -> tuple[str, ...]:
    """A window whose command ends at once: it keeps the session, and costs no process."""
    return ("new-session", "-d", "-s", HUB, "-n", "hub", "-x", "200", "-y", "50", "true")


def environment() -> dict[str, str]:
    """For tmux itself: any client can read a server's environment, so nothing of the caller's goes there."""
    return {"TERM": "xterm-256color", **{name: os.environ[name] for name in KEPT if name in os.environ}}


def launch(argv: list[str]) -> str:
    """In a scope of the user's manager, where logging out does not reach; else directly. What went wrong, in a line."""
    scope = ["systemd-run", "--user", "--scope", "--quiet", "--collect", "--description=swarmctl tmux server", "--"]
    tries = [[*scope, *argv], argv] if shutil.which("systemd-run") else [argv]
    words = ""
    for attempt in tries:
        try:
            done = subprocess.run(
                attempt, stdin=subprocess.DEVNULL, capture_output=True, env=environment(), timeout=START_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            words = str(error)
            continue
        if done.returncode == 0:
            return ""
        words = done.stderr.decode(errors="replace").strip()
    return words


def private_folder(folder: Path) -> None:
    """Ours alone, and not a link to somewhere else."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise EnvironmentFault(f"{folder} is not a private folder of yours", hint=f"ls -ld {folder}")
