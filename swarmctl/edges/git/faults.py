"""A full or read-only disk met by our own file operations is told like git's complaints are: one line and a hint."""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from swarmctl.core.errors import EnvironmentFault

P = ParamSpec("P")
R = TypeVar("R")

HINTS = {
    errno.ENOSPC: "free some space, then try again",
    errno.EROFS: "make the disk writable, then try again",
    errno.EACCES: "check who owns it",
    errno.EPERM: "check who owns it",
}


def told(method: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            words = f"{error.filename or 'a file'}: {error.strerror or error}"
            raise EnvironmentFault(words, hint=HINTS.get(error.errno or 0, "swarmctl doctor")) from error

    return call
