"""A file or folder of ours below a folder that an agent may write: no link that it left there leads us elsewhere."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import ExitStack, suppress
from pathlib import Path, PurePath

from swarmctl.core.errors import EnvironmentFault

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def plant(folder: Path, name: str, content: bytes) -> None:
    """For its user alone, and whole at any instant; what stood there under that name is replaced, never written."""
    place = PurePath(name)
    part = f".{secrets.token_hex(8)}.part"
    with ExitStack() as opened:
        parent = _opened(opened, folder, place.parent)
        try:
            with os.fdopen(os.open(part, NEW, 0o600, dir_fd=parent), "wb") as stream:
                stream.write(content)
            os.replace(part, place.name, src_dir_fd=parent, dst_dir_fd=parent)
        except BaseException as error:
            with suppress(OSError):
                os.unlink(part, dir_fd=parent)
            if isinstance(error, IsADirectoryError):
                raise _strange(folder / name, "is no file any more") from error
            raise


def make_folder(folder: Path, name: str = "") -> None:
    with ExitStack() as opened:
        _opened(opened, folder, PurePath(name))


def _opened(opened: ExitStack, folder: Path, below: PurePath) -> int:
    """The folder below, every step of the way made when missing and refused when it is a link."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    here, place = None, folder
    for step in (str(folder), *below.parts):
        place = place if here is None else place / step
        with suppress(FileExistsError):
            os.mkdir(step, 0o700, dir_fd=here)
        try:
            here = os.open(step, FOLDER, dir_fd=here)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            raise _strange(place, "is no folder of swarmctl's any more") from error
        opened.callback(os.close, here)
    assert here is not None
    return here


def _strange(place: Path, what: str) -> EnvironmentFault:
    return EnvironmentFault(f"{place} {what}: an agent replaced it", hint=f"look at it, then move it away: {place}")
