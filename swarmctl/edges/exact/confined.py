"""A child process that may compute and nothing else: no network and no files where bubblewrap is, limits everywhere.

One child per kind of work is started when it is first asked and asked again after that; what takes longer than its
deadline is killed, and the next question starts a new one.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from swarmctl.edges.exact.serving import PATIENCE

PACKAGE = Path(__file__).resolve().parents[2]
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); import importlib; importlib.import_module(sys.argv[2]).main()"
START_S = 20.0
GRACE_S = 1.0
LONGEST_REPLY = 1 << 18
MOST_KNOWN = 256


class Confined:
    """Questions to `main()` of one module, which speaks lines of JSON (see `serving`)."""

    def __init__(self, module: str, *, libraries: bool) -> None:
        self._module = module
        self._flags = ("-I", "-X", "utf8") if libraries else ("-I", "-S", "-X", "utf8")
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._known: dict[bytes, object] = {}

    def ask(self, request: dict[str, object], seconds: float) -> object:
        """What the child answers, or did to the same before; None when it has no answer or dies of a limit."""
        line = json.dumps({"seconds": seconds, "request": request}).encode() + b"\n"
        with self._lock:
            if (known := self._known.get(line)) is not None:
                return known
            child = self._child()
            if child is None or child.stdin is None:
                return None
            try:
                child.stdin.write(line)
                child.stdin.flush()
            except OSError:
                self._end()
                return None
            reply = _line(child, seconds * PATIENCE + GRACE_S)
            if not reply:
                self._end()
                return None
            return self._kept(line, _value(reply))

    def _kept(self, line: bytes, value: object) -> object:
        if value is not None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[line] = value
        return value

    def close(self) -> None:
        with self._lock:
            self._end()

    def _child(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        for argv in self._ways():
            self._process = _started(argv)
            if self._process is None:
                continue
            if _line(self._process, START_S):
                atexit.register(self.close)
                return self._process
            self._end()
        return None

    def _ways(self) -> Iterator[tuple[str, ...]]:
        inner = (sys.executable, *self._flags, "-c", BOOT, str(PACKAGE.parent), self._module)
        if bwrap := shutil.which("bwrap"):
            yield (bwrap, *_walls(), "--", *inner)
        yield inner

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.close)
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
        process.wait()


def _walls() -> tuple[str, ...]:
    """Only the interpreter, its libraries and this package can be seen, and only read."""
    words = ["--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--clearenv", "--dir", "/tmp"]
    for name in ("/usr", "/bin", "/lib", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
    roots = [Path(sys.base_prefix), Path(sys.prefix), PACKAGE, Path(sys.executable).resolve().parents[1]]
    for root in dict.fromkeys(map(str, roots)):
        if not root.startswith("/usr/"):
            words += ["--ro-bind-try", root, root]
    return (*words, "--chdir", "/")


def _started(argv: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        return None


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """One whole line of its output; empty when it ended, talks too much, or is too late."""
    if process.stdout is None:
        return b""
    until = time.monotonic() + seconds
    said = b""
    while not said.endswith(b"\n") and len(said) < LONGEST_REPLY:
        ready, _, _ = select.select([process.stdout], [], [], max(until - time.monotonic(), 0))
        more = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
        if not more:
            return b""
        said += more
    return said


def _value(reply: bytes) -> object:
    try:
        value: object = json.loads(reply)["value"]
    except (ValueError, KeyError, TypeError):
        return None
    return value
