"""One pane of a private tmux server, in which a real CLI runs and is looked at the way a person would look."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.real.homes import Home

WAIT_S = 180.0
LOOK_S = 0.1
CALM_S = 1.0
MOMENT_S = 0.5
LEAVE_S = 10.0


@dataclass(frozen=True)
class Look:
    """What is in the pane at one moment. `dead` is the exit status once the program has ended."""

    text: str
    title: str
    size: str
    cursor: str
    command: str
    dead: str


class Pane:
    """A context manager; leaving it ends this tmux server and the group of processes that it started."""

    def __init__(self, home: Home, arguments: Sequence[str], width: int = 100, height: int = 30) -> None:
        self._socket = f"real-{uuid.uuid4().hex[:8]}"
        variables = [f"{name}={value}" for name, value in home.env.items()]
        program = ["env", "-i", *variables, *home.argv(*arguments)]
        size = ["-x", str(width), "-y", str(height)]
        stay = [";", "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "status", "off"]
        self._tmux("start-server", *stay, ";", "new-session", "-d", *size, "-c", str(home.repo), "--", *program)

    def __enter__(self) -> Pane:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        leader, socket = self._tmux("display-message", "-p", "#{pane_pid} #{socket_path}").split()
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)
        Path(socket).unlink(missing_ok=True)
        _end_group(int(leader))

    @property
    def server(self) -> str:
        """Its name, as `tmux -L` takes it."""
        return self._socket

    def look(self) -> Look:
        form = "#{pane_title}\n#{pane_width}x#{pane_height}\n#{cursor_x},#{cursor_y} #{cursor_flag}"
        form += "\n#{pane_current_command}\n#{?pane_dead,#{pane_dead_status}#{pane_dead_signal},}"
        title, size, cursor, command, dead = self._tmux("display-message", "-p", form).removesuffix("\n").split("\n")
        return Look(self._tmux("capture-pane", "-p"), title, size, cursor, command, dead)

    def keys(self, *names: str) -> None:
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """Paste the text as one piece, wait until it is in the composer, give it a moment, and press Enter."""
        self._tmux("set-buffer", "-b", "typed", "--", text)
        self._tmux("paste-buffer", "-p", "-d", "-b", "typed")
        self.wait(lambda look: text.strip().split("\n")[-1][:30] in look.text)
        time.sleep(MOMENT_S)
        self.keys("Enter")

    def wait(self, holds: Callable[[Look], bool] | str, timeout: float = WAIT_S) -> Look:
        """The first look at which `holds`, which may be a pattern to find on the screen."""
        pattern = re.compile(holds) if isinstance(holds, str) else None
        until = time.monotonic() + timeout
        while True:
            look = self.look()
            if pattern.search(look.text) if pattern else callable(holds) and holds(look):
                return look
            if time.monotonic() > until:
                raise TimeoutError(f"not so after {timeout:g} s: {holds}\ntitle: {look.title}\n{look.text}")
            time.sleep(LOOK_S)

    def calm(self, quiet: float = CALM_S, timeout: float = WAIT_S) -> Look:
        """The look once nothing has changed for a while."""
        until = time.monotonic() + timeout
        look, since = self.look(), time.monotonic()
        while time.monotonic() - since < quiet:
            time.sleep(LOOK_S)
            again = self.look()
            if again != look:
                look, since = again, time.monotonic()
            if time.monotonic() > until:
                raise TimeoutError(f"still changing after {timeout:g} s\n{look.text}")
        return look

    def _tmux(self, *arguments: str) -> str:
        argv = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def _end_group(leader: int) -> None:
    """Some CLIs outlive their terminal: they have a while to go, then they are killed."""
    until = time.monotonic() + LEAVE_S
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(leader, 0)
            time.sleep(LOOK_S)
        os.killpg(leader, signal.SIGKILL)
