"""One control-mode client: commands in, replies out, no fork and no output of any pane.

The client is started by its own reader thread and dies with it; a channel that stalls or lies is killed, never trusted.
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from swarmctl.edges.tmux.framing import Broken, Framing, Reply
from swarmctl.edges.tmux.quoting import control_line

CHUNK = 1 << 16


class Unanswered(Exception):
    """The channel is gone, stalled or broken; the command may or may not have been carried out."""


class Waiter:
    """The replies to one batch of commands."""

    def __init__(self, count: int) -> None:
        self.missing = count
        self.replies: list[Reply] = []
        self.done = threading.Event()

    def take(self, reply: Reply) -> None:
        self.replies.append(reply)
        self.missing -= 1
        if self.missing == 0:
            self.done.set()


class ControlClient:
    def __init__(self, argv: Sequence[str], env: Mapping[str, str], on_end: Callable[[ControlClient], None]) -> None:
        self._argv = list(argv)
        self._env = dict(env)
        self._on_end = on_end
        self._lock = threading.Lock()
        self._waiters: deque[Waiter] = deque()
        self._client: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._read, name="tmux-control", daemon=True).start()
        self._started.wait()

    @property
    def alive(self) -> bool:
        return not self._ended.is_set()

    @property
    def pid(self) -> int:
        return self._client.pid if self._client else 0

    def ask(self, *commands: tuple[str, ...], timeout_s: float) -> list[Reply]:
        """One reply for each command, in order. Raises `Unanswered`, after which this client is of no more use."""
        waiter = Waiter(len(commands))
        with self._lock:
            if self._ended.is_set():
                raise Unanswered("the control client has ended")
            self._waiters.extend([waiter] * len(commands))
            sent = self._write(b"".join(map(control_line, commands)), time.monotonic() + timeout_s)
        if not sent or not waiter.done.wait(timeout_s) or waiter.missing:
            self.kill()
            raise Unanswered("the control client does not answer")
        return waiter.replies

    def kill(self) -> None:
        if self._client:
            self._client.kill()

    def close(self) -> None:
        self.kill()
        self._ended.wait()

    def _write(self, data: bytes, end: float) -> bool:
        """Never waits for long: a stopped client does not empty its pipe."""
        assert self._client and self._client.stdin
        while data and time.monotonic() < end:
            try:
                data = data[os.write(self._client.stdin.fileno(), data) :]
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                return False
        return not data

    def _read(self) -> None:
        pipe = subprocess.PIPE
        try:
            with subprocess.Popen(
                self._argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=self._env
            ) as client:
                assert client.stdin and client.stdout
                os.set_blocking(client.stdin.fileno(), False)
                self._client = client
                self._started.set()
                self._follow(client.stdout.fileno(), client.pid)
                client.kill()
        except OSError:
            pass
        finally:
            self._finish()

    def _follow(self, fd: int, pid: int) -> None:
        """Until the client's end, which its output does not always show: the server holds that open as well."""
        framing = Framing()
        death = os.pidfd_open(pid)
        poll = select.poll()
        for each in (fd, death):
            poll.register(each, select.POLLIN)
        try:
            while fd in dict(poll.poll()) and (data := os.read(fd, CHUNK)):
                for reply in framing.feed(data):
                    self._waiters.popleft().take(reply)
        except (Broken, IndexError):
            return
        finally:
            os.close(death)

    def _finish(self) -> None:
        with self._lock:
            self._ended.set()
            for waiter in self._waiters:
                waiter.done.set()
        self._started.set()
        self._on_end(self)
