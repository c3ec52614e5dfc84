"""How a surface asks for something: connect to the supervisor, starting it when nobody listens, and submit one command.

A command has an id of the caller's choosing; submitting it again, after any crash, does nothing twice.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from swarmctl.app.line import VERSION, Lines, fault_from_plain, pack, unpack
from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.files.paths import unwritable

START_TIMEOUT_S = 15.0
OWN_GIT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
"""Where the user's own git settings are, his name among them."""
HINT = "hint: "
LEAST = 100_000
"""With so few bytes free, a process that says nothing had nowhere to say it."""


Tell = Callable[[str, str], None]
"""Takes words and a hint; no words mean that all is well again."""


def silent(_words: str, _hint: str) -> None:
    pass


class SupervisorGone(EnvironmentFault):
    """The connection ended; whether the last command was carried out is in the log."""


def new_command_id() -> str:
    return os.urandom(8).hex()


class Line:
    """A connection to the supervisor."""

    def __init__(self, connection: socket.socket, tell: Tell = silent) -> None:
        """`tell` hears what keeps the supervisor from going on, when it begins and when it ends."""
        self._socket = connection
        self._tell = tell
        self._lines = Lines()
        self._pending: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def ask(self, kind: str, args: dict[str, Any], command: str = "", timeout_s: float | None = None) -> dict[str, Any]:
        """Submit and wait for the answer; raises the fault that the supervisor answered with."""
        command = command or new_command_id()
        self.tell(kind, args, command)
        for message in self.messages(timeout_s):
            if message.get("id") == command:
                if "error" in message:
                    raise fault_from_plain(message["error"])
                answer = message.get("answer")
                return answer if isinstance(answer, dict) else {}
        raise EnvironmentFault(f"the supervisor did not answer `{kind}` in {timeout_s} s", hint="swarmctl doctor")

    def tell(self, kind: str, args: dict[str, Any], command: str) -> None:
        try:
            self._socket.sendall(pack({"v": VERSION, "id": command, "kind": kind, "args": args}))
        except OSError as error:
            raise SupervisorGone(f"the supervisor is gone: {error}", hint="swarmctl ps") from None

    def messages(self, timeout_s: float | None = None) -> Iterator[dict[str, Any]]:
        """Messages as they come; ends after `timeout_s` of silence, raises `SupervisorGone` at the end of the line.

        Raises the fault because of which what was asked for before does not go on.
        """
        while True:
            while self._pending:
                message = self._pending.pop(0)
                if "over" in message:
                    raise fault_from_plain(message["over"])
                if "trouble" in message:
                    self._tell(str(message["trouble"]), str(message.get("hint", "")))
                else:
                    yield message
            self._socket.settimeout(timeout_s)
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                return
            except OSError:
                data = b""
            if not data:
                raise SupervisorGone("the supervisor is gone", hint="swarmctl ps")
            self._pending += [unpack(line) for line in self._lines.feed(data)]


def connect(socket_path: Path, tell: Tell = silent) -> Line | None:
    """A line to the running supervisor, or None when nobody listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(socket_path))
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    return Line(connection, tell)


def summon(root: Path, socket_path: Path, log: Path, tell: Tell = silent) -> Line:
    """A line to the supervisor, started when it does not run. Two callers at once get the same one.

    A child that ends with 0 found another supervisor; when that one was on its way out, nobody listens yet. A child
    that was killed said nothing against starting another.
    """
    line = connect(socket_path, tell)
    if line is not None:
        return line
    before = log.stat().st_size if log.exists() else 0
    child = _spawn(root, log)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        line = connect(socket_path, tell)
        if line is not None:
            return line
        ended = child.poll()
        if ended is not None and ended <= 0:
            child = _spawn(root, log)
        elif ended is not None:
            break
        time.sleep(0.01)
    words, hint = _last_words(log, before)
    raise EnvironmentFault(f"the supervisor did not start: {words}", hint=hint or f"cat {log}")


def _spawn(root: Path, log: Path) -> subprocess.Popen[bytes]:
    """Detached from this terminal, this session and tmux; in a scope of its own where systemd serves the user."""
    argv = [*_scope(), sys.executable, "-m", "swarmctl.app.supervisor", str(root)]
    outside = ("TMUX", "GIT_", "SWARM_")
    env = {name: value for name, value in os.environ.items() if name in OWN_GIT or not name.startswith(outside)}
    try:
        out = log.open("ab")
        log.chmod(0o600)
    except OSError as error:
        raise unwritable(log.parent, error) from error
    with out:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", env=env, start_new_session=True
        )


def _scope() -> list[str]:
    """Logging out ends what is in the login's scope; the user's manager has one that stays."""
    manager = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "systemd" / "private"
    if not manager.exists() or shutil.which("systemd-run") is None:
        return []
    return ["systemd-run", "--user", "--scope", "--quiet", "--collect", "--description=swarmctl supervisor", "--"]


def _last_words(log: Path, since: int) -> tuple[str, str]:
    """What the supervisor said last, and the hint that came with it; a full disk keeps no words."""
    with contextlib.suppress(OSError):
        said = log.read_bytes()[since:].decode(errors="replace")
        lines = [line for line in said.splitlines() if line.strip()]
        hint = lines.pop().removeprefix(HINT) if lines and lines[-1].startswith(HINT) else ""
        if lines:
            return lines[-1], hint
        if shutil.disk_usage(log.parent).free < LEAST:
            return f"no space left for {log.parent}", "free some disk space, then try again"
        return "it said nothing", hint
    return "it left no log", ""
