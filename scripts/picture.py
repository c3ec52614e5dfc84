"""Runs `swarmctl demo` in a tmux window of its own and writes what the terminal showed as an SVG."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH, HEIGHT = 118, 62
SOCKET = "swarmctl-picture"
DONE = "picture-is-complete"


def tmux(*words: str) -> str:
    return subprocess.run(["tmux", "-L", SOCKET, *words], check=True, capture_output=True, text=True).stdout


def shown() -> str:
    """The terminal's text with its colours, once the demo ended."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(
            f"clear\nprintf '$ scripts/demo\\n'\nswarmctl demo\ntmux -L {SOCKET} wait-for -S {DONE}\nsleep 60\n"
        )
        script.flush()
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        tmux("-f", "/dev/null", "new-session", "-d", "-s", "demo", *size, "sh", script.name)
        try:
            subprocess.run(["tmux", "-L", SOCKET, "wait-for", DONE], check=True, timeout=60)
            return tmux("capture-pane", "-p", "-e", "-t", "=demo:")
        finally:
            tmux("kill-server")


def picture(text: str) -> str:
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi(re.sub(r"/tmp/swarmctl-demo-\w+", "/tmp/demo", text.rstrip())), soft_wrap=True)
    drawn = console.export_svg(title="swarmctl", theme=MONOKAI, unique_id="swarmctl")
    return re.sub(r"\s*@font-face \{[^}]*\}", "", drawn)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(shown()))
    sys.stdout.write(f"{sys.argv[1]}\n")
