"""What a wrapper is told: a NUL-separated blob in a memfd of the one who launches, never on disk or a command line.

Both ends live here so that they cannot drift apart. Imported by the wrapper: built-in modules only.
"""

# ruff: noqa: PTH115
import os

MAGIC = b"swarm-launch-1"
NAME = "swarm-launch"

TTY = "tty"
"""The wrapper already has a terminal, a pane's."""
PTY = "pty"
"""It makes one, detaches, and keeps what the agent prints."""
PIPE = "pipe"
"""A command that must not outlive its caller, its output in a log."""

PID = "pid"
EXIT = "exit"
LOST = "launch lost"
"""The exit of an agent that never ran, because what it was to run went with the supervisor."""


class Offer:
    __slots__ = ("argv", "cwd", "env", "head", "log", "mode", "run_dir", "tail")

    def __init__(self, mode: str, run_dir: str, cwd: str, argv: list[bytes], env: dict[bytes, bytes]) -> None:
        self.mode = mode
        self.run_dir = run_dir
        self.cwd = cwd
        self.argv = argv
        self.env = env
        self.log = ""
        self.head = 0
        self.tail = 0

    def logged(self, log: str, head: int, tail: int) -> "Offer":
        self.log, self.head, self.tail = log, head, tail
        return self

    def encode(self) -> bytes:
        head = [self.mode, self.run_dir, self.cwd, self.log, str(self.head), str(self.tail), str(len(self.argv))]
        pairs = [name + b"=" + value for name, value in self.env.items()]
        parts = [MAGIC, *(os.fsencode(part) for part in head), *self.argv, *pairs]
        if any(b"\0" in part for part in parts):
            raise ValueError("a NUL byte in a path, an argument or a variable")
        return b"\0".join(parts)


def decode(blob: bytes) -> Offer | None:
    parts = blob.split(b"\0")
    if len(parts) < 9 or parts[0] != MAGIC:
        return None
    mode, run_dir, cwd, log, head, tail, count = (os.fsdecode(part) for part in parts[1:8])
    split = 8 + int(count)
    env = dict(pair.split(b"=", 1) for pair in parts[split:])
    return Offer(mode, run_dir, cwd, parts[8:split], env).logged(log, int(head), int(tail))


def read_offer(source: str, run_dir: str) -> Offer | None:
    """None when the one who offered is gone, or the place now holds something else."""
    try:
        if not os.readlink(source).startswith(f"/memfd:{NAME}"):
            return None
        fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        blob = os.pread(fd, os.fstat(fd).st_size, 0)
        os.close(fd)
    except OSError:
        return None
    offer = decode(blob)
    if offer is None or offer.run_dir != run_dir:
        return None
    if offer.mode == TTY and b"TERM" in os.environb:
        offer.env[b"TERM"] = os.environb[b"TERM"]
    return offer
