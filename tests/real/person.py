"""A person at a session's terminal: attached the way `swarmctl attach` does it, looking, typing and pressing Esc."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from contextlib import suppress
from types import TracebackType

from tests.e2e.world import World, until


class Person:
    """A context manager: inside of it they have the session before them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> Person:
        self._outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        argv = [*self._world.program, "attach", self._world.session().id]
        env = {**self._world.env, "TERM": "xterm-256color"}
        self._process = subprocess.Popen(argv, cwd=self._world.repo, env=env, stdin=inner, stdout=inner, stderr=inner)
        os.close(inner)
        threading.Thread(target=self._drain, daemon=True).start()
        until(lambda: self.tmux("display-message", "-p", "#{window_active_clients}").strip() == "1", "them to look")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(30)
        os.close(self._outer)

    def sees(self) -> list[str]:
        """The title, then the lines of the screen."""
        return self.tmux("display-message", "-p", "#{pane_title}", ";", "capture-pane", "-p").split("\n")

    def interrupts(self, again: str = "") -> None:
        """By Esc; twice where the screen asks for it in these words."""
        self.tmux("send-keys", "Escape")
        if again:
            until(lambda: again in "\n".join(self.sees()), "it to ask for another Esc")
            self.tmux("send-keys", "Escape")

    def types(self, words: str) -> None:
        """Into an empty composer: an agent that had said nothing yet gives the last prompt back."""
        self.tmux("send-keys", "C-u")
        self.tmux("send-keys", "-l", words)
        until(lambda: words in "\n".join(self.sees()), "it to be typed")
        self.tmux("send-keys", "Enter")

    def tmux(self, *words: str) -> str:
        socket = next(path for path in self._world.runtime.rglob("swarm-*") if path.is_socket())
        at = ("-t", self._world.session().pane)
        parts, rest = [*words], []
        if ";" in parts:
            cut = parts.index(";")
            parts, rest = parts[:cut], [";", parts[cut + 1], *at, *parts[cut + 2 :]]
        argv = ["tmux", "-S", str(socket), parts[0], *at, *parts[1:], *rest]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def _drain(self) -> None:
        with suppress(OSError):
            while os.read(self._outer, 65536):
                pass
