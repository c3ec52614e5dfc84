"""A file of a session's worktree in the editor that a person uses, at a line."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault, Refused
from swarmctl.core.session import Session

WITH_COLON = {
    "code": ("--wait", "--goto"),
    "codium": ("--wait", "--goto"),
    "subl": ("--wait",),
    "zed": ("--wait",),
    "hx": (),
}
"""Editors that take FILE:LINE, with what makes them wait; all others take +LINE before the file."""


def editor_argv(session: Session, path: str, line: int, environ: Mapping[str, str]) -> tuple[str, ...]:
    """By $VISUAL, $EDITOR, or vi; what cannot be opened is refused with the reason."""
    file = Path(session.worktree) / path
    if session.place != "present":
        raise Refused(f"the worktree of {session.id} is not there", hint=f"swarmctl undo {session.id}")
    if not file.is_file():
        raise Refused(f"{session.id} has no such file any more", hint="r looks again")
    words = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "vi")
    if not words or shutil.which(words[0], path=environ.get("PATH")) is None:
        raise EnvironmentFault(f"no editor {words[0] if words else ''}".rstrip(), hint="export EDITOR=vi")
    options = WITH_COLON.get(Path(words[0]).name)
    if options is not None:
        return (*words, *options, f"{file}:{line}")
    return (*words, f"+{line}", str(file))
