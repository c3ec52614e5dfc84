"""A person's terminal for a story: what is typed into it, and what it shows."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.e2e.world import World, until

PATIENCE_S = 30.0


@dataclass
class Terminal:
    """A person's terminal: a pane of a tmux that swarmctl knows nothing of."""

    world: World
    socket: str
    opened: list[str] = field(default_factory=list)

    def tmux(self, *words: str) -> str:
        argv = ["tmux", "-u", "-S", self.socket, "-f", "/dev/null", *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False, env=self.env, timeout=60).stdout

    @property
    def env(self) -> dict[str, str]:
        return {**self.world.env, "PS1": "$ ", "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHON": sys.executable}

    def open(self, name: str, columns: int, rows: int, *, bare: bool = True) -> None:
        """With `bare` the shell in it knows of no tmux around it."""
        shell = ["env", "-u", "TMUX", "-u", "TMUX_PANE", "sh"] if bare else ["sh"]
        size = ("-x", str(columns), "-y", str(rows))
        self.tmux("new-session", "-d", "-s", name, *size, "-c", str(self.world.repo), *shell)
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("resize-window", "-t", f"={name}:", *size)
        self.opened.append(name)

    def open_inside(self, outer: str, inner: str, columns: int, rows: int) -> None:
        """Two: in the second a shell that knows of a tmux around it, which somebody looks at in the first."""
        self.open(outer, columns + 10, rows + 4)
        self.open(inner, columns, rows, bare=False)
        self.write(outer, f"exec env -u TMUX tmux -u -S {shlex.quote(self.socket)} attach-session -t ={inner}")
        self.press(outer, "Enter")
        until(lambda: self.tmux("list-clients"), "a client")

    def resize(self, name: str, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-t", f"={name}:", "-x", str(columns), "-y", str(rows))

    def write(self, name: str, *lines: str) -> None:
        for number, line in enumerate(lines):
            if number:
                self.press(name, "Enter")
            self.tmux("send-keys", "-t", f"={name}:", "-l", line)

    def command(self, *words: str) -> str:
        """`swarmctl WORDS` as a line for a shell."""
        ours = [f"{key}={value}" for key, value in self.world.env.items() if key.startswith(("XDG_", "SWARMCTL_"))]
        return shlex.join(["env", *ours, *self.world.program, *words])

    def run(self, name: str, command: str) -> None:
        """In its shell."""
        self.write(name, command)
        self.press(name, "Enter")

    def type(self, name: str, *words: str) -> None:
        self.run(name, self.command(*words))

    def press(self, name: str, *keys: str) -> None:
        self.tmux("send-keys", "-t", f"={name}:", *keys)

    def screen(self, name: str) -> str:
        return self.tmux("capture-pane", "-p", "-t", f"={name}:")

    def shows(self, name: str, *words: str) -> str:
        """What is on the screen once all these words are."""
        return self._awaits(name, lambda screen: all(each in screen for each in words), f"{words} on the screen")

    def lacks(self, name: str, words: str) -> str:
        return self._awaits(name, lambda screen: words not in screen, f"{words!r} to leave the screen")

    def _awaits(self, name: str, ready: Callable[[str], bool], what: str) -> str:
        end = time.monotonic() + PATIENCE_S
        while not ready(screen := self.screen(name)):
            size = "#{pane_width}x#{pane_height}"
            assert time.monotonic() < end, (
                f"waited {PATIENCE_S:g} s for {what}; "
                f"{self.tmux('display-message', '-p', '-t', f'={name}:', size).strip()} show\n{screen}"
            )
            time.sleep(0.05)
        return screen
