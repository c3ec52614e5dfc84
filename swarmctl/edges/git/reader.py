"""One `git cat-file` that stays: names and objects of a repository at the price of a pipe instead of a process.

It answers like a new one would: refs are read from disk each time, and where packs or settings changed, or it died, a
new one takes its place. It ends when its pipe does, so it never outlives who asks.
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
import weakref
from collections.abc import Callable

from swarmctl.core.values import dataclass
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.settings import Signature, signature

PATIENCE_S = 300.0
CHANGING = ("objects/pack", "objects/info/alternates", "config")
"""What a `cat-file` that runs would not see change under it."""
NOTHING = (b" missing", b" ambiguous")


@dataclass(frozen=True, slots=True)
class Found:
    oid: str
    kind: str
    content: bytes = b""


class Broken(Exception):
    """No answer: the process died or is stuck."""


class Reader:
    """Safe for threads; a fork of this process starts its own."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._owner = os.getpid()
        self._talk: _Talk | None = None

    def info(self, git: Git, name: str) -> Found | None:
        """What the name stands for, without its content."""
        return self._ask(git, lambda talk: talk.info(name.encode("utf-8", "surrogateescape")))

    def contents(self, git: Git, name: str) -> Found | None:
        return self._ask(git, lambda talk: talk.contents(name.encode("utf-8", "surrogateescape")))

    def _ask(self, git: Git, question: Callable[[_Talk], Found | None]) -> Found | None:
        if self._owner != os.getpid():
            self._turn, self._owner, self._talk = threading.Lock(), os.getpid(), None
        with self._turn:
            seen = tuple(signature(git.git_dir / name) for name in CHANGING)
            if self._talk is not None and self._talk.seen == seen:
                try:
                    return question(self._talk)
                except Broken:
                    pass
            if self._talk is not None:
                self._talk.end()
            self._talk = _Talk(git, seen)
            try:
                return question(self._talk)
            except Broken:
                self._talk.end()
                self._talk = None
                raise


class _Talk:
    """One process; a question is one line, and so is an answer, before the content."""

    def __init__(self, git: Git, seen: tuple[Signature, ...]) -> None:
        self.seen = seen
        child = git.start("-c", "core.deltaBaseCacheLimit=8m", "cat-file", "--batch-command")
        assert child.stdin is not None and child.stdout is not None
        self._out, self._in = child.stdout.fileno(), child.stdin.fileno()
        self._rest = b""
        self.end = weakref.finalize(self, _end, child, os.getpid())

    def info(self, name: bytes) -> Found | None:
        head = self._head(b"info " + name)
        return Found(head[0].decode(), head[1].decode()) if head else None

    def contents(self, name: bytes) -> Found | None:
        head = self._head(b"contents " + name)
        if head is None:
            return None
        size = int(head[2])
        while len(self._rest) <= size:
            self._more()
        content, self._rest = self._rest[:size], self._rest[size + 1 :]
        return Found(head[0].decode(), head[1].decode(), content)

    def _head(self, question: bytes) -> list[bytes] | None:
        try:
            os.write(self._in, question + b"\n")
        except OSError as error:
            raise Broken from error
        while b"\n" not in self._rest:
            self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        return None if line.endswith(NOTHING) else line.split(b" ")

    def _more(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while not select.select([self._out], [], [], max(0.0, end - time.monotonic()))[0]:
            if time.monotonic() >= end:
                raise Broken
        got = os.read(self._out, 1 << 16)
        if not got:
            raise Broken
        self._rest += got


def _end(child: subprocess.Popen[bytes], owner: int) -> None:
    """Only who started it waits for it; a fork merely lets go of its ends of the pipes."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                pass
    if owner != os.getpid():
        child.returncode = 0
        return
    try:
        child.wait(2.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
