"""Where swarmctl keeps things: one private state folder per repository, and a private folder for sockets.

A moved repository keeps its folder, a copied one gets its own; nothing here is readable by another user.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shlex
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, overload

import swarmctl
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import id_from
from swarmctl.core.values import dataclass
from swarmctl.edges.files import fastpaths

FOLDERS = ("spool", "logs", "trash", "worktrees", "pool", "integration", "run", "hooks", "agent", "answers")
ROOM = 50_000_000
"""Bytes that must be free before another session is started: its worktree, its log, and the ledger that tells of it."""


@dataclass(frozen=True, slots=True)
class StatePaths:
    """Everything swarmctl keeps about one repository."""

    root: Path
    """The state folder, `<repo>-<id>`."""
    repository: Path
    """The top of the user's work tree."""
    common_dir: Path
    runtime: Path

    @property
    def id(self) -> str:
        return self.root.name.rpartition("-")[2]

    @property
    def tmux_name(self) -> str:
        """Of our server, as `tmux -L` takes it."""
        return f"swarm-{self.id}"

    @property
    def database(self) -> Path:
        return self.root / "swarm.db"

    @property
    def lock(self) -> Path:
        """Whoever holds an flock on it is the supervisor."""
        return self.root / "supervisor.lock"

    @property
    def spool_key(self) -> Path:
        """Made right after the first ledger, and never removed."""
        return self.root / "spool.key"

    @property
    def socket(self) -> Path:
        return self.runtime / f"{self.id}.sock"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def trash(self) -> Path:
        return self.root / "trash"

    @property
    def worktrees(self) -> Path:
        return self.root / "worktrees"

    @property
    def pool(self) -> Path:
        return self.root / "pool"

    @property
    def integration(self) -> Path:
        return self.root / "integration"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def hooks(self) -> Path:
        """Git hooks for sessions' worktrees."""
        return self.root / "hooks"


@overload
def locate(
    common_dir: Path, root: Path, *, create: Literal[True], environ: Mapping[str, str] = os.environ
) -> StatePaths: ...
@overload
def locate(
    common_dir: Path, root: Path, *, create: bool, environ: Mapping[str, str] = os.environ
) -> StatePaths | None: ...
def locate(common_dir: Path, root: Path, *, create: bool, environ: Mapping[str, str] = os.environ) -> StatePaths | None:
    """The repository's state paths; None when it has none and none may be made. `root` is the main work tree."""
    common = common_dir.resolve()
    home = Path(fastpaths.state_home(environ))
    folder = _known(common, home)
    if create:
        private_dir(home)
        folder = _settle(common, root.name, home)
        for name in ("", *FOLDERS):
            private_dir(home / folder / name)
    if not folder:
        return None
    runtime = _runtime(home / folder, environ, create)
    return StatePaths(root=home / folder, repository=root, common_dir=common, runtime=runtime)


def every_repository(environ: Mapping[str, str] = os.environ) -> list[tuple[Path, Path]]:
    """(state folder, git common dir) of every repository that has state and still exists."""
    found = []
    for owner in sorted(Path(fastpaths.state_home(environ)).glob(f"*/{fastpaths.OWNER}")):
        record = fastpaths.read_record(str(owner))
        if record and Path(record[2]).is_dir():
            found.append((owner.parent, Path(record[2])))
    return found


def packaged(what: str) -> Path:
    """A folder that comes with swarmctl: inside the wheel, or beside the package in a checkout."""
    package = Path(swarmctl.__file__).parent
    inside = package / "packaged" / what
    return inside if inside.is_dir() else package.parent / what


def user_config_dir(environ: Mapping[str, str] = os.environ) -> Path:
    base = environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = str(Path(environ.get("HOME") or Path.home()) / ".config")
    return Path(base) / "swarmctl"


def shortage(paths: StatePaths) -> EnvironmentFault | None:
    """Why another session could not be kept: no room, or nothing can be written; None when it could."""
    for place in (paths.root, paths.common_dir):
        try:
            free = shutil.disk_usage(place).free
            mounted_so = os.statvfs(place).f_flag & os.ST_RDONLY
        except OSError:
            continue
        if not os.access(place, os.W_OK):
            number = errno.EROFS if mounted_so else errno.EACCES
            return unwritable(place, OSError(number, os.strerror(number)))
        if free < ROOM:
            words = f"only {free / 1e6:.1f} MB are free for {place}; a session needs {ROOM / 1e6:.0f} MB"
            return EnvironmentFault(words, hint="free some disk space, or swarmctl gc")
    return None


def unwritable(place: Path, error: OSError) -> EnvironmentFault:
    """What to type depends on why."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentFault(f"no space left for {place}", hint="free some disk space, then try again")
    if error.errno == errno.EROFS:
        message = f"{place} is on a read-only file system"
        return EnvironmentFault(message, hint=f"see how it is mounted: findmnt -T {shlex.quote(str(place))}")
    message = f"cannot write in {place}: {error.strerror}"
    return EnvironmentFault(message, hint=f"make it writable: chmod u+w {shlex.quote(str(place))}")


def private_dir(path: Path) -> None:
    """Make `path` a folder that is ours and only ours; a symlink or a stranger's folder is refused."""
    hint = "set XDG_STATE_HOME and XDG_RUNTIME_DIR to folders of your own, then try again"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or not stat.S_ISDIR(status.st_mode):
            raise EnvironmentFault(f"{path} must be a folder of your own, not a link", hint=hint)
        if status.st_uid != os.geteuid():
            raise EnvironmentFault(f"{path} belongs to another user", hint=hint)
        if status.st_mode & 0o077:
            path.chmod(0o700)
    except FileExistsError as error:
        raise EnvironmentFault(f"{path} is not a folder", hint=hint) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise unwritable(path, error) from error
        raise EnvironmentFault(f"cannot keep state in {path}: {error.strerror}", hint=hint) from error


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Readers see the old content or the new one, also after a crash."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(file, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _known(common: Path, home: Path) -> str:
    record = fastpaths.read_record(str(common / fastpaths.RECORD))
    if record is None:
        return ""
    owner = fastpaths.read_record(str(home / record[0] / fastpaths.OWNER)) or record
    return record[0] if fastpaths.belongs(owner, str(common)) else ""


def _settle(common: Path, name: str, home: Path) -> str:
    """The folder that is this repository's from now on; both records say so when it returns, or neither."""
    try:
        with _only_one(common):
            known = _known(common, home)
            folder = known or f"{_plain(name)}-{id_from(secrets.token_bytes(5))}"
            private_dir(home / folder)
            try:
                _write_records(common, home / folder)
            except EnvironmentFault:
                if not known:
                    _take_back(home / folder)
                raise
            return folder
    except OSError as error:
        raise unwritable(common, error) from error


def _write_records(common: Path, folder: Path) -> None:
    text = f"{folder.name}\n{fastpaths.inode_of(str(common))}\n{common}\n"
    for path in (folder / fastpaths.OWNER, common / fastpaths.RECORD):
        if fastpaths.read_record(str(path)) == fastpaths.parse_record(text):
            continue
        try:
            write_atomically(path, text)
        except OSError as error:
            raise unwritable(path.parent, error) from error


def _take_back(folder: Path) -> None:
    """A folder that nothing points to yet."""
    with suppress(OSError):
        (folder / fastpaths.OWNER).unlink(missing_ok=True)
        folder.rmdir()


def _runtime(state: Path, environ: Mapping[str, str], create: bool) -> Path:
    """The folder noted when it was first chosen: sockets do not move with the caller's variables."""
    note = state / "runtime"
    noted = Path(note.read_text().strip()) if note.is_file() else None
    if noted is not None and noted.is_dir():
        return noted
    runtime = Path(fastpaths.runtime_dir(environ))
    if create:
        private_dir(runtime)
        try:
            write_atomically(note, f"{runtime}\n")
        except OSError as error:
            raise unwritable(state, error) from error
    return runtime


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:40] or "repository"


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
