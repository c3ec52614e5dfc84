"""Give a fresh worktree what git does not: copied and linked files, and what the setup command makes.

Nothing is read from outside the repository or written outside the worktree, no file of the checkout is overwritten,
and doing it twice does no harm.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath

from swarmctl.core.config import WorktreeSettings
from swarmctl.core.ports import Finished, Provisioned, Runner
from swarmctl.core.values import dataclass

INCLUDE_FILE = ".worktreeinclude"
SCRUBBED = ("GIT_", "SWARM", "TMUX")
SETUP_SUBJECT = "[worktree] setup"


class _Refused(Exception):
    """A path that provisioning does not touch, in words."""


@dataclass(frozen=True, slots=True)
class FileProvisioner:
    """Implements the port `Provisioner`."""

    root: Path
    """The user's checkout, where copies and links come from."""
    runner: Runner
    approved: Callable[[str, bytes], bool]
    ignored_files: Callable[[], Iterable[str]]
    """Git-ignored files of the checkout, relative; a folder that is ignored as a whole may end in a slash."""
    own_setup: Callable[[], bool]
    """The setup command is the user's own, not the repository's."""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    """What the setup command sees besides what the session's variables say."""

    def provision(self, worktree: str, settings: WorktreeSettings, env: Mapping[str, str], log: str) -> Provisioned:
        place = Path(worktree)
        made: list[str] = []
        try:
            _check_patterns((*settings.copy, *settings.link))
            for path in self._to_copy(settings, place):
                self._copy(path, place)
                made.append(path)
            for path in self._matches(settings.link, place):
                self._link(path, place)
                made.append(path)
        except _Refused as refusal:
            return Provisioned(False, str(refusal), tuple(made))
        except OSError as error:
            return Provisioned(False, f"{error.filename or worktree}: {error.strerror}", tuple(made))
        words = self._set_up(place, settings, env, log)
        return Provisioned(not words, words, tuple(dict.fromkeys(made)))

    def wanted(self, settings: WorktreeSettings) -> list[tuple[str, bytes]]:
        """(subject, content) of what needs approval: the repository's setup command, links that lead outside."""
        links = [self.root / path for path in self._matches((*settings.copy, *settings.link), None)]
        wanted = [_outside_request(self.root, link) for link in links if self._leads_outside(link)]
        if settings.setup is not None and not self.own_setup():
            wanted.append((SETUP_SUBJECT, _text_of(settings)))
        return wanted

    def _to_copy(self, settings: WorktreeSettings, place: Path) -> Iterator[str]:
        yield from self._matches(settings.copy, place)
        yield from self._included()

    def _matches(self, patterns: tuple[str, ...], place: Path | None) -> Iterator[str]:
        """Paths of the checkout that match, without `.git` and without other worktrees inside it."""
        for pattern in filter(_is_inside, patterns):
            for found in sorted(self.root.glob(pattern)):
                path = found.relative_to(self.root)
                if path.parts and path.parts[0] != ".git" and not self._is_elsewhere(found, place):
                    yield path.as_posix()

    def _is_elsewhere(self, found: Path, place: Path | None) -> bool:
        """Inside the folder that holds the worktrees, when that is in the checkout."""
        if place is None or not place.is_relative_to(self.root):
            return False
        return found.is_relative_to(place if place.parent == self.root else place.parent)

    def _included(self) -> Iterator[str]:
        """Git-ignored files that `.worktreeinclude` names, in the syntax of `.gitignore`."""
        try:
            lines = (self.root / INCLUDE_FILE).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except FileNotFoundError:
            return
        from pathspec import GitIgnoreSpec

        spec = GitIgnoreSpec.from_lines(lines)
        for path in self._ignored():
            if spec.match_file(path):
                yield path

    def _ignored(self) -> Iterator[str]:
        for path in self.ignored_files():
            if not path.endswith("/"):
                yield path
                continue
            for folder, _, names in os.walk(self.root / path):
                inner = Path(folder).relative_to(self.root).as_posix()
                yield from (f"{inner}/{name}" for name in sorted(names))

    def _copy(self, path: str, place: Path) -> None:
        source, goal = self.root / path, place / path
        self._check_source(source)
        if source.is_dir() and not source.is_symlink():
            for inner in sorted(source.iterdir()):
                self._copy(f"{path}/{inner.name}", place)
        elif not os.path.lexists(goal):
            _make_room(goal, place)
            if source.is_symlink():
                goal.symlink_to(source.readlink())
            elif source.is_file():
                _copy_file(source, goal)

    def _link(self, path: str, place: Path) -> None:
        source, goal = self.root / path, place / path
        self._check_source(source)
        if not os.path.lexists(goal):
            _make_room(goal, place)
            goal.symlink_to(source.absolute())

    def _check_source(self, source: Path) -> None:
        if self._leads_outside(source) and not self.approved(*_outside_request(self.root, source)):
            path = source.relative_to(self.root)
            raise _Refused(f"{path} leads outside the repository, to {source.resolve()} (swarmctl approve allows it)")

    def _leads_outside(self, source: Path) -> bool:
        return not source.resolve().is_relative_to(self.root.resolve())

    def _set_up(self, place: Path, settings: WorktreeSettings, env: Mapping[str, str], log: str) -> str:
        if settings.setup is None:
            return ""
        if not self.own_setup() and not self.approved(SETUP_SUBJECT, _text_of(settings)):
            return "[worktree] setup comes with the repository and nobody approved it yet (swarmctl approve)"
        limit = settings.setup_timeout_s
        seen = {name: value for name, value in self.environ.items() if not name.startswith(SCRUBBED)} | dict(env)
        finished = self.runner.run(settings.setup, cwd=str(place), env=seen, timeout_s=limit, log=log)
        return _why_not(finished, limit)


def _is_inside(pattern: str) -> bool:
    """A pattern that cannot name anything outside, and that `glob` understands."""
    parts = PurePosixPath(pattern).parts
    globstars = all(part == "**" for part in parts if "**" in part)
    return bool(parts) and not pattern.startswith(("/", "~")) and ".." not in parts and globstars


def _check_patterns(patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        if not _is_inside(pattern):
            raise _Refused(f"[worktree] {pattern!r} must be a path inside the repository (`**` stands alone between /)")


def _outside_request(root: Path, source: Path) -> tuple[str, bytes]:
    return f"link {source.relative_to(root).as_posix()}", os.fsencode(source.resolve())


def _text_of(settings: WorktreeSettings) -> bytes:
    setup = settings.setup
    return (setup if isinstance(setup, str) else "\0".join(setup or ())).encode()


def _make_room(goal: Path, place: Path) -> None:
    """The folder for `goal`, provided that no link of the checkout leads out of the worktree."""
    parent = goal.parent
    if not parent.resolve().is_relative_to(place.resolve()):
        raise _Refused(f"{goal.relative_to(place)} would be written outside the worktree, through a link")
    parent.mkdir(parents=True, exist_ok=True)


def _copy_file(source: Path, goal: Path) -> None:
    """Whole or not at all, and never readable by more people than the original, not even for a moment."""
    part = goal.with_name(f".{goal.name}.swarm-part")
    part.unlink(missing_ok=True)
    with source.open("rb") as reader:
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            os.fchmod(writer.fileno(), stat.S_IMODE(os.fstat(reader.fileno()).st_mode) & 0o777)
    part.rename(goal)


def _why_not(finished: Finished, limit: float) -> str:
    """Empty when the setup went well."""
    if finished.rc == 0 and not finished.timed_out:
        return ""
    if finished.not_found:
        how = "command not found"
    elif finished.timed_out:
        how = f"ran longer than {limit:g} s"
    elif finished.out_of_memory:
        how = "ran out of memory"
    elif finished.rc is not None:
        how = f"ended with {finished.rc}"
    else:
        how = f"was killed by signal {finished.signal}"
    last = finished.tail.strip().splitlines()[-1:]
    return ": ".join([f"setup {how}", *(line[:200] for line in last)]) + f" (log: {finished.log})"
