"""Writes what somebody asked for into a file of theirs: a new one, private, complete or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from swarmctl.core.errors import UsageFault
from swarmctl.edges.files.paths import unwritable


def write_new(path: Path, lines: Iterable[str]) -> int:
    """How many lines it has; whatever is there already stays."""
    count = 0
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UsageFault(f"{path} is there already", hint="choose another name") from error
    except FileNotFoundError as error:
        raise UsageFault(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}") from error
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            for line in lines:
                stream.write(f"{line}\n")
                count += 1
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise
    return count
