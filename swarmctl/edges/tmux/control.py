"""One control-mode client: commands in, replies out, no fork and no output of any pane.

The client is started by a thread of its own and dies with it; a channel that stalls or lies is killed, never trusted.
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from swarmctl.edges.tmux.framing import Broken, Framing, Reply
from swarmctl.edges.tmux.quoting import control_line

CHUNK = 1 << 16


class Unanswered(Exception):
    """The channel is gone, stalled or broken; the command may or may not have been carried out."""


class ControlClient:
    def __init__(self, argv: Sequence[str], env: Mapping[str, str], on_end: Callable[[ControlClient], None]) -> None:
        self._argv = list(argv)
        self._env = dict(env)
        self._on_end = on_end
        self._turn = threading.Lock()
        """Of the one who asks: whoever asks reads the answer, so that no other thread wakes up for it."""
        self._open = False
        self._client: subprocess.Popen[bytes] | None = None
        self._words = select.poll()
        """The client's output, and its death: its output may not end, for the server holds that open as well."""
        self._framing = Framing()
        self._started = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._keep, name="tmux-control", daemon=True).start()
        self._started.wait()

    @property
    def alive(self) -> bool:
        return not self._ended.is_set()

    @property
    def pid(self) -> int:
        return self._client.pid if self._client else 0

    def ask(self, *commands: tuple[str, ...], timeout_s: float) -> list[Reply]:
        """One reply for each command, in order. Raises `Unanswered`, after which this client is of no more use."""
        data = b"".join(map(control_line, commands))
        end = time.monotonic() + timeout_s
        replies: list[Reply] = []
        if self._turn.acquire(timeout=timeout_s):
            try:
                replies = self._exchange(data, len(commands), end)
            finally:
                self._turn.release()
        if len(replies) != len(commands):
            self.kill()
            raise Unanswered("the control client does not answer")
        return replies

    def kill(self) -> None:
        if self._client:
            self._client.kill()

    def close(self) -> None:
        self.kill()
        self._ended.wait()

    def _exchange(self, data: bytes, count: int, end: float) -> list[Reply]:
        """Fewer replies, or more, when the client stalls, ends or lies."""
        replies: list[Reply] = []
        try:
            if not self._open or self._heard(0.0) or not self._write(data, end):
                return []
            while len(replies) < count and (left := end - time.monotonic()) > 0:
                replies += self._heard(left)
        except (Broken, EOFError):
            return []
        return replies

    def _heard(self, patience_s: float) -> list[Reply]:
        """The replies in what it says next, if it says anything so soon. Raises `EOFError` after its end."""
        assert self._client and self._client.stdout
        output = self._client.stdout.fileno()
        ready = dict(self._words.poll(patience_s * 1000))
        if output not in ready:
            if ready:
                raise EOFError
            return []
        if not (said := os.read(output, CHUNK)):
            raise EOFError
        return self._framing.feed(said)

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

    def _keep(self) -> None:
        """From the client's start to its end."""
        pipe = subprocess.PIPE
        try:
            with subprocess.Popen(
                self._argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=self._env
            ) as client:
                assert client.stdin and client.stdout
                os.set_blocking(client.stdin.fileno(), False)
                self._client = client
                death = os.pidfd_open(client.pid)
                self._words.register(client.stdout, select.POLLIN)
                self._words.register(death, select.POLLIN)
                self._open = True
                self._started.set()
                _await(death)
                with self._turn:
                    self._open = False
                    os.close(death)
        except OSError:
            pass
        finally:
            self._ended.set()
            self._started.set()
            self._on_end(self)


def _await(death: int) -> None:
    poll = select.poll()
    poll.register(death, select.POLLIN)
    poll.poll()
