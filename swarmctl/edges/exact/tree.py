"""The tracked files of one repository as they are in its work tree: read only, bounded, no link followed.

What cannot be seen whole is None. Names and contents are untrusted: what is shown of them goes through `shown`.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from swarmctl.core.council import Found
from swarmctl.edges.exact.operands import CODE_FILES

Git = Callable[..., bytes | None]
"""git's words for its arguments in the work tree; exit code 1 is an answer, None is none."""
LARGEST = 4 * 1024 * 1024
LISTED = 40
WIDEST = 160
_HIT = re.compile(rb"([^\0]+)\0(\d+)[\0:]([^\n]*)\n?")
GREP = ("grep", "-n", "-z", "--no-color", "--no-column", "--no-recurse-submodules")


@dataclass(frozen=True)
class Hit:
    path: str
    line: int
    text: str


class Tree:
    """One look at one repository; made anew for each question."""

    def __init__(self, git_of: Callable[[str], Git], root: str) -> None:
        self._git_of = git_of
        self._root = os.path.realpath(root)
        self._programs: dict[str, str] = {}

    @cached_property
    def git(self) -> Git:
        """Opened by the first look: most questions are another's."""
        return self._git_of(self._root)

    @cached_property
    def files(self) -> tuple[str, ...] | None:
        """Every tracked regular file; links and submodules are none."""
        raw = self.git("ls-files", "-z", "--stage")
        if raw is None:
            return None
        rows = (row.partition(b"\t") for row in raw.split(b"\0") if row)
        paths = {name.decode("utf-8", "surrogateescape") for mode, _, name in rows if mode.startswith(b"100")}
        return tuple(sorted(paths))

    @cached_property
    def folders(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self.files or ():
            at = path.rfind("/")
            while at > 0 and path[:at] not in found:
                found.add(path[:at])
                at = path.rfind("/", 0, at)
        return frozenset(found)

    def file(self, named: str) -> str | None:
        """The one tracked file that is called so: its whole path, or what ends it if no other ends so."""
        if named.startswith("./"):
            named = named[2:]
        if not named or self.files is None:
            return None
        if named in self.files:
            return named
        ends = [path for path in self.files if path.endswith("/" + named)]
        return ends[0] if len(ends) == 1 else None

    def folder(self, named: str) -> str | None:
        """A folder with tracked files below it; its path from the top, without a slash at the end."""
        bare = named.removeprefix("./").rstrip("/")
        return bare if bare in self.folders else None

    def read(self, path: str) -> bytes | None:
        """A regular file inside the tree, whole."""
        folder, _, name = f"{self._root}/{path}".rpartition("/")
        where = f"{folder}/{name}"
        try:
            if os.path.realpath(folder) != folder:
                return None
            handle = os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            data = file.read(LARGEST + 1)
        return data if len(data) <= LARGEST else None

    def is_python(self, path: str) -> bool:
        """By the end of its name, or, where it has none, by its first line."""
        return path.endswith((".py", ".pyi", ".pyw")) or "python" in self._program(path)

    def is_other_code(self, path: str) -> bool:
        end = path.rpartition("/")[2].rpartition(".")[2].lower()
        return end in CODE_FILES or end == "makefile" or self._program(path) not in ("", "python")

    def _program(self, path: str) -> str:
        """What a script without an ending says that it is run by; of Python only that it is Python."""
        if "." in path.rpartition("/")[2]:
            return ""
        if path not in self._programs:
            first = (self.read(path) or b"")[:200].split(b"\n")[0]
            named = first.decode("utf-8", "replace") if first.startswith(b"#!") else ""
            self._programs[path] = "python" if "python" in named else named
        return self._programs[path]

    def mentions(self, word: str) -> list[Hit] | None:
        """Each line of a tracked file with this word in it, binary or not."""
        return self.grep("-a", "-w", "-F", "-e", word, "--")

    def grep(self, *args: str) -> list[Hit] | None:
        raw = self.git(*GREP, *args)
        return None if raw is None else self.hits(raw)

    @staticmethod
    def hits(raw: bytes) -> list[Hit]:
        """What `grep -n -z` says."""
        return [_hit(found) for found in _HIT.finditer(raw)]


def _hit(found: re.Match[bytes]) -> Hit:
    path = found[1].decode("utf-8", "surrogateescape")
    return Hit(path, int(found[2]), found[3][: 4 * WIDEST].decode("utf-8", "backslashreplace"))


def shown(text: str) -> str:
    """Nothing that a terminal would obey, or that hides what is there."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(char: str) -> str:
    if char == "\t":
        return " "
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def clipped(text: str) -> str:
    line = shown(text.strip())
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"


def command(*argv: str) -> str:
    """A line to type, with which anybody sees the same."""
    return shown(shlex.join(argv))


def listed(head: str, rows: Iterable[str]) -> str:
    """All of them, or the first and how many there are."""
    lines = list(rows)
    if len(lines) <= LISTED:
        return "\n".join([f"{head}:", *lines])
    return "\n".join([f"{head} ({LISTED} of {len(lines)} shown):", *lines[:LISTED]])


def found(answer: str, proof: str, reads: Iterable[str]) -> Found:
    return Found(answer, proof, tuple(sorted(set(reads))))


def count(number: int, what: str, many: str = "") -> str:
    return f"{number} {what if number == 1 else many or what + 's'}"
