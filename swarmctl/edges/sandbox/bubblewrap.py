"""`Sandbox` over bubblewrap: the machine read-only, writes in the worktree and what was declared, secrets out of sight.

Inside there are processes of the session only. Signals for the agent pass the two helpers by: they neither die of them
nor hand on that they ignore them, and the kernel ends whatever is left once the agent has ended.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from swarmctl.core.containment import Fence
from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.sandbox import hidden
from swarmctl.edges.sandbox.gitdirs import GitDirs, git_dirs

SIGNALS = "HUP,INT,QUIT,TERM,USR1,USR2"
NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--cap-drop", "ALL")
BASE = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
NOTHING = str(Path(__file__).with_name("nothing"))
KERNEL = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus")
"""What the kernel lets root write without asking for a capability."""
PROBE_S = 20.0


class Bubblewrap:
    def __init__(
        self,
        repository: Path,
        common: Path,
        hide: Sequence[Path] = (),
        show: Sequence[Path] = (),
        path: str | None = None,
    ) -> None:
        """`hide`: places of swarmctl's own, of which a session sees `show` and its part only. `path`: of programs."""
        self._repository = repository
        self._common = common
        self._hide = tuple(hide)
        self._show = tuple(map(str, show))
        self._path = path

    @cached_property
    def _programs(self) -> tuple[str, str]:
        return shutil.which("bwrap", path=self._path) or "", shutil.which("env", path=self._path) or ""

    def trouble(self) -> str:
        return self._trouble

    @cached_property
    def _trouble(self) -> str:
        bwrap, env = self._programs
        if not bwrap:
            return "bubblewrap is not installed (sudo apt-get install bubblewrap)"
        if not env:
            return "there is no program `env`"
        argv = self._wrapped((*NAMESPACES, "--unshare-net", *BASE, "--tmpfs", "/tmp"), ("true",))
        try:
            done = subprocess.run(argv, capture_output=True, timeout=PROBE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bubblewrap does not run: {error}"
        words = done.stderr.decode(errors="replace").strip().splitlines()
        return f"bubblewrap does not work here: {words[-1] if words else done.returncode}" if done.returncode else ""

    def confine(self, argv: Sequence[str], fence: Fence) -> tuple[str, ...]:
        if trouble := self.trouble():
            raise EnvironmentFault(f"there is no sandbox: {trouble}", hint="swarmctl doctor")
        return self._wrapped((*NAMESPACES, *self._words(fence)), argv)

    def _wrapped(self, words: Iterable[str], argv: Sequence[str]) -> tuple[str, ...]:
        bwrap, env = self._programs
        ignoring = (env, f"--ignore-signal={SIGNALS}", bwrap)
        return (*ignoring, *words, "--", env, f"--default-signal={SIGNALS}", "--", *argv)

    def _words(self, fence: Fence) -> Iterator[str]:
        """Later words lie over earlier ones: first what is hidden, then what is shown again, then what is writable."""
        if not fence.network:
            yield "--unshare-net"
        yield from BASE
        for path in KERNEL:
            yield from ("--ro-bind-try", path, path)
        home = Path(fence.home)
        private = [place for place in map(Path, hidden.PRIVATE) if place.is_dir() and not place.is_symlink()]
        for place in private:
            yield from ("--tmpfs", str(place))
        for shown in (*map(Path, hidden.NEEDED_IN_RUN), *self._needed(home)):
            if _lies_in(shown, private):
                yield from ("--ro-bind-try", str(shown), str(shown))
        yield from _lobbies(home, fence)
        secrets = [*_secrets(home, fence)]
        yield from self._covers(home, fence, secrets)
        for path in (*self._show, *fence.read):
            yield from ("--ro-bind-try", _made(path), _made(path))
        yield from self._writable(fence)
        for secret in filter(Path.is_dir, secrets):
            yield from ("--remount-ro", str(secret))
        yield from ("--chdir", fence.worktree)

    def _needed(self, home: Path) -> Iterator[Path]:
        yield from (home, self._repository, self._common)
        yield from {Path(sys.prefix), Path(sys.base_prefix), Path(__file__).resolve().parents[3]}

    def _covers(self, home: Path, fence: Fence, secrets: Iterable[Path]) -> Iterator[str]:
        (home / hidden.CACHE).mkdir(mode=0o700, exist_ok=True)
        for place in (*self._hide, home / hidden.CACHE):
            if place.is_dir():
                yield from ("--tmpfs", str(place.resolve()))
        for path in secrets:
            yield from ("--tmpfs", str(path)) if path.is_dir() else ("--ro-bind", NOTHING, str(path))

    def _writable(self, fence: Fence) -> Iterator[str]:
        for path in (fence.worktree, *fence.write):
            if os.path.exists(_made(path)):  # noqa: PTH110
                yield from ("--bind", _real(path), _real(path))
        for path in fence.keep:
            yield from ("--ro-bind-try", _made(path), _made(path))
        if fence.spool:
            Path(fence.spool).touch(mode=0o600)
            yield from ("--bind", fence.spool, fence.spool)
        found = git_dirs(self._common, Path(fence.worktree))
        if found is not None:
            yield from _git(found)


def _lobbies(home: Path, fence: Fence) -> Iterator[str]:
    """Around single files to write: programs lock beside such a file, write beside it, and then take its place.

    What is made in there is gone with the session; the file itself can be written over, and the rest only be read.
    """
    files = [Path(_real(path)) for path in fence.write if not path.endswith("/") and Path(path).is_file()]
    for folder in sorted({file.parent for file in files if home.resolve() in file.parent.parents}):
        yield from ("--tmpfs", str(folder))
        for entry in sorted(folder.iterdir()):
            yield from ("--ro-bind-try", str(entry), str(entry))


def _git(dirs: GitDirs) -> Iterator[str]:
    for path in dirs.write:
        yield from ("--bind", str(path), str(path))
    for path in dirs.read:
        yield from ("--ro-bind", str(path), str(path))


def _secrets(home: Path, fence: Fence) -> Iterator[Path]:
    """What is there to hide, each path once and none below another one; what the session may reach stays in sight."""
    allowed = [Path(_real(path)) for path in (fence.worktree, *fence.write, *fence.read)]
    named = (*(home / name for name in (*hidden.CREDENTIALS, *hidden.PERSONAL)), *map(Path, fence.hide))
    found: list[Path] = []
    for path in sorted({named.resolve() for named in named if named.exists()}):
        if path not in allowed and not _lies_in(path, [*found, *allowed]):
            found.append(path)
    yield from found


def _lies_in(path: Path, places: Iterable[Path]) -> bool:
    return any(place in (path, *path.parents) for place in places)


def _made(path: str) -> str:
    """With a slash at the end, a folder that is there afterwards."""
    if path.endswith("/"):
        Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
    return _real(path)


def _real(path: str) -> str:
    return str(Path(path).resolve())
