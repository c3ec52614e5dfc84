"""A scriptable agent for tests and the demo: runs alone under `python -I`, and does what its prompt says, line by line.

An instruction that it does not know ends it with 2 and the line, so that a test never passes on a typing error.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

PIECE = 7
PASTE_BEGIN, PASTE_END = b"\x1b[200~", b"\x1b[201~"
HOSTILE = (
    "\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b]8;;http://example.invalid\x1b\\link\x1b]8;;\x1b\\"
    "\x1b[21t\x1b[2J\x1b[5;5H\x1b[?1049h\x1bP+q544e\x1b\\\x9b31m\x1b[31mred\x1b[0m\u202e"
)


class Composer:
    """The input line of an interactive agent: bracketed paste, Enter, and Enters that get lost."""

    def __init__(self) -> None:
        self.swallow = 0
        self._pending = b""

    def read(self) -> bytes | None:
        """What was submitted; None at the end of input."""
        terminal = os.isatty(0)
        before = termios.tcgetattr(0) if terminal else None
        if terminal:
            tty.setcbreak(0)
        say("\x1b[?2004h> ", end="")
        try:
            return self._compose()
        finally:
            if before is not None:
                termios.tcsetattr(0, termios.TCSADRAIN, before)
            say("\x1b[?2004l")

    def _compose(self) -> bytes | None:
        text, pasting = b"", False
        while True:
            piece = self._next()
            if not piece:
                return text or None
            if piece in (PASTE_BEGIN, PASTE_END):
                pasting = piece == PASTE_BEGIN
            elif piece in (b"\r", b"\n") and not pasting:
                if self.swallow > 0:
                    self.swallow -= 1
                else:
                    return text
            else:
                text += b"\n" if piece == b"\r" else piece

    def _next(self) -> bytes:
        """One byte, or one whole paste mark."""
        while not self._pending or (len(self._pending) < len(PASTE_END) and self._pending.startswith(b"\x1b")):
            if self._pending and not select.select([0], [], [], 0.2)[0]:
                break
            more = os.read(0, 65536)
            if not more:
                break
            self._pending += more
        size = len(PASTE_END) if self._pending.startswith((PASTE_BEGIN, PASTE_END)) else 1
        piece, self._pending = self._pending[:size], self._pending[size:]
        return piece


composer = Composer()


def say(text: str, end: str = "\n") -> None:
    os.write(1, (text + end).encode("utf-8", "surrogateescape"))


def split_path(rest: str) -> tuple[Path, str]:
    """`PATH TEXT`, the path in double quotes when it holds spaces; `\\n` in the text is a line end."""
    found = re.fullmatch(r'(?:"([^"]+)"|(\S+))(?: (.*))?', rest)
    if not found:
        raise ValueError("needs a path")
    return Path(found[1] or found[2]), (found[3] or "").replace("\\n", "\n")


def write(rest: str) -> None:
    path, text = split_path(rest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def append(rest: str) -> None:
    path, text = split_path(rest)
    with path.open("a") as file:
        file.write(text + "\n")


def partial(rest: str) -> None:
    path, size = split_path(rest)
    with path.open("wb", buffering=0) as file:
        for start in range(0, int(size), PIECE):
            file.write(b"x" * min(PIECE, int(size) - start))
            time.sleep(0.001)


def delete(rest: str) -> None:
    split_path(rest)[0].unlink()


def commit(message: str) -> None:
    who = ("-c", "user.name=Fake Agent", "-c", "user.email=fake@example.invalid", "-c", "commit.gpgSign=false")
    subprocess.run(["git", "add", "-A"], check=True)
    subprocess.run(["git", *who, "commit", "-q", "--no-edit", "-m", message or "Work"], check=True)


def wait(rest: str) -> None:
    path = split_path(rest)[0]
    while not path.exists():
        time.sleep(0.01)


def ask(text: str) -> None:
    say(text)
    answer = sys.stdin.readline()
    say(f"answer: {answer.rstrip()}")


def type_ready(_: str) -> None:
    received = composer.read()
    if received is not None:
        report(received)


def report(received: bytes) -> None:
    say(f"received {len(received)} bytes sha256 {hashlib.sha256(received).hexdigest()}")
    say(received.decode("utf-8", "replace"))


def swallow_enter(count: str) -> None:
    composer.swallow = int(count)


def crash(name: str) -> None:
    number = int(name) if name.isdigit() else signal.Signals["SIG" + name.upper().removeprefix("SIG")]
    signal.signal(number, signal.SIG_DFL) if number not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), number)


def leave(code: str) -> None:
    raise SystemExit(int(code or 0))


def hang(_: str) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    say("hanging")
    while True:
        signal.pause()


def spawn(seconds: str) -> None:
    """A child that left our session and our group; only the marker in its environment is left."""
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        return
    os.setsid()
    child = os.fork()
    if child:
        say(f"spawned {child}")
        os._exit(0)
    with Path(os.devnull).open("r+b", buffering=0) as null:
        for number in (0, 1, 2):
            os.dup2(null.fileno(), number)
    os.execv(sys.executable, [sys.executable, "-I", "-c", f"import time; time.sleep({float(seconds or 600)})"])


def event(rest: str) -> None:
    """A line in the spool, as `swarmctl-hook` writes it."""
    name, _, text = rest.partition(" ")
    line = {"v": 1, "token": os.environ.get("SWARM_TOKEN", ""), "event": name, "at": time.time(), "text": text}
    spool = os.environ.get("SWARM_SPOOL")
    if spool:
        file = os.open(spool, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, f"\n{json.dumps({**line, 'payload': ''})}\n".encode())
        os.close(file)


def flood(size: str) -> None:
    line = b"flood " * 13 + b"\n"
    left = int(size)
    while left > 0:
        left -= os.write(1, line[:left])


def paint(text: str) -> None:
    """A whole screen at once, as agents with an interface of their own draw it."""
    say("\x1b[H\x1b[2J" + text.replace("\\n", "\r\n"), end="")


def title(text: str) -> None:
    say(f"\x1b]2;{text}\x07", end="")


def key(_: str) -> None:
    """One key, such as Esc; nothing of it is shown."""
    before = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSADRAIN)
    try:
        os.read(0, 1)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


INSTRUCTIONS: dict[str, Callable[[str], None]] = {
    "write": write,
    "append": append,
    "partial": partial,
    "delete": delete,
    "commit": commit,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "wait": wait,
    "say": lambda text: say(text),
    "ask": ask,
    "type-ready": type_ready,
    "swallow-enter": swallow_enter,
    "crash": crash,
    "exit": leave,
    "hang": hang,
    "spawn": spawn,
    "event": event,
    "flood": flood,
    "paint": paint,
    "title": title,
    "key": key,
    "escape": lambda _: say(HOSTILE),
}


def run(script: str) -> None:
    for number, line in enumerate(script.splitlines(), start=1):
        name, _, rest = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        if name not in INSTRUCTIONS:
            sys.stderr.write(f"fake agent: line {number}: unknown instruction: {line}\n")
            raise SystemExit(2)
        try:
            INSTRUCTIONS[name](rest.strip())
        except (ValueError, KeyError) as error:
            sys.stderr.write(f"fake agent: line {number}: {line}: {error}\n")
            raise SystemExit(2) from error


def converse() -> None:
    """Each submission is printed, then run as a script, until input ends."""
    while (received := composer.read()) is not None:
        report(received)
        run(received.decode("utf-8", "replace"))


class Interface:
    """Its own screen: what it heard, a composer between two rules, and a line that says what it does.

    Quirks, a line each: `slow-start S`, `deaf S`, `ask S`, `busy S`, `echo-delay S`, `swallow-enter N`,
    `collapse LINES`, and `keep FILE`, which gets each submission as a line of JSON instead of running it.
    """

    def __init__(self, quirks: str) -> None:
        self.quirks = {name: rest for name, _, rest in (line.partition(" ") for line in quirks.splitlines())}
        self.swallow = int(self._number("swallow-enter"))
        self.heard: list[str] = []
        self.queue: list[bytes] = []
        self.text = self.shown = self.raw = b""
        self.pasting = False
        self.draw_at = self.asks_until = self.busy_until = 0.0

    def _number(self, quirk: str) -> float:
        return float(self.quirks.get(quirk, 0))

    def run(self) -> None:
        time.sleep(self._number("slow-start"))
        tty.setcbreak(0)
        say("\x1b[?2004h", end="")
        self.asks_until = time.monotonic() + self._number("ask")
        self.draw()
        time.sleep(self._number("deaf"))
        while self.turn():
            pass

    def turn(self) -> bool:
        """What was typed, what is due; False at the end of input."""
        now = time.monotonic()
        dues = [due for due in (self.draw_at, self.asks_until, self.busy_until) if due > now]
        if select.select([0], [], [], max(0.0, min(dues) - now) if dues else 10.0)[0]:
            data = os.read(0, 65536)
            if not data:
                return False
            self.raw += data
            self.feed()
            self.draw_at = time.monotonic() + self._number("echo-delay")
        now = time.monotonic()
        if now >= self.busy_until:
            queue, self.queue = self.queue, []
            for text in queue:
                self.take(text)
        if now >= self.draw_at:
            self.shown = self.text
            self.draw()
        return True

    def feed(self) -> None:
        while self.raw:
            if self.raw.startswith((PASTE_BEGIN, PASTE_END)):
                self.pasting, self.raw = self.raw.startswith(PASTE_BEGIN), self.raw[len(PASTE_END) :]
                continue
            if self.raw.startswith(b"\x1b") and len(self.raw) < len(PASTE_END):
                return
            if self.raw.startswith(b"\n") and not self.pasting:
                self.raw = self.raw[1:]
                self.enter()
                continue
            size = re.match(rb"." if not self.pasting else rb"(?s).[^\x1b]*", self.raw)
            piece, self.raw = self.raw[: size.end() if size else 1], self.raw[size.end() if size else 1 :]
            if time.monotonic() >= self.asks_until:
                self.text += piece

    def enter(self) -> None:
        if time.monotonic() < self.asks_until:
            self.heard.append("allowed")
        elif self.swallow > 0:
            self.swallow -= 1
        elif self.text:
            submitted, self.text = self.text, b""
            self.queue.append(submitted)
            if time.monotonic() >= self.busy_until:
                self.busy_until = 0.0

    def take(self, submitted: bytes) -> None:
        self.heard.append(f"{len(submitted)} bytes")
        self.busy_until = time.monotonic() + self._number("busy")
        if "keep" in self.quirks:
            line = {"bytes": len(submitted), "sha256": hashlib.sha256(submitted).hexdigest()}
            with Path(self.quirks["keep"]).open("a") as file:
                file.write(json.dumps(line) + "\n")
        else:
            run(submitted.decode("utf-8", "replace"))

    def draw(self) -> None:
        text, most = self.shown.decode("utf-8", "replace"), int(self._number("collapse"))
        lines = [part[at : at + 90] for part in text.split("\n") for at in range(0, len(part) or 1, 90)]
        if most and len(lines) > most:
            lines = [f"[Pasted text #1 +{len(lines)} lines]"]
        asks, works = time.monotonic() < self.asks_until, time.monotonic() < self.busy_until
        says = "Allow it? (y/n)" if asks else "esc to interrupt" if works else "? for help"
        rule = "─" * 60
        box = [] if asks else [rule, *(f"{'  ' if at else '> '}{line}" for at, line in enumerate(lines[-12:])), rule]
        say("\x1b[H\x1b[2J" + "\r\n".join([*self.heard[-20:], *box, f"  {says}"]), end="")


def main(argv: list[str]) -> None:
    if argv == ["--interactive"]:
        converse()
    elif argv[:1] == ["--composer"] and len(argv) <= 2:
        Interface("".join(argv[1:])).run()
    elif len(argv) == 1:
        run(argv[0])
    else:
        sys.stderr.write("usage: fake_agent.py SCRIPT | --interactive | --composer [QUIRKS]\n")
        raise SystemExit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
