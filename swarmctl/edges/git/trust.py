"""Which settings may run programs: those from before the first agent, the user's own global ones, and approved ones.

What a repository's config said at first sight is noted in the state folder, out of the reach of a checkout. Without the
note an agent would only have to wait until the repository is opened again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.settings import Config

NOTE = "trusted.json"
LASTING = re.compile(
    r"filter\..*|merge\..*\.driver|core\.(sshcommand|gitproxy|askpass|alternaterefscommand)|credential\..*"
    r"|remote\..*\.(uploadpack|vcs)|ssh\..*"
)
"""Other settings, such as a remote's address, count again as soon as the repository is opened anew."""

Approved = Callable[[str, bytes], bool]


def remembering(repository: Repository, state: Path, approved: Approved) -> Repository:
    """The same repository, trusting what was there at first sight and nothing that came since."""
    note = state / NOTE
    try:
        first: Config = {key: tuple(values) for key, values in json.loads(note.read_text()).items()}
    except (OSError, ValueError):
        _write(note, dict(repository.trusted))
        return replace(repository, approved=approved)
    changed = {key for key, values in repository.trusted.items() if LASTING.fullmatch(key) and first.get(key) != values}
    own = _users_own(repository) if changed else {}
    trusted = {key: v for key, v in repository.trusted.items() if key not in changed or own.get(key) == v}
    return replace(repository, trusted=trusted, approved=approved)


def wanted(repository: Repository) -> list[tuple[str, bytes]]:
    """(subject, content) of every setting that would run a program and does not."""
    config = repository.config()
    return [
        (f"git setting {key}", "\0".join(config[key]).encode())
        for key in repository.planted()
        if LASTING.fullmatch(key)
    ]


def _users_own(repository: Repository) -> Config:
    """What the user's and the system's files say, which no repository brings."""
    own: Config = {}
    for scope in ("--system", "--global"):
        for entry in Git(repository.common).ask("config", scope, "--list", "-z").fields:
            key, _, value = decode(entry).partition("\n")
            own[key] = (*own.get(key, ()), value)
    return own


def _write(note: Path, config: Config) -> None:
    """Nothing where nothing can be written: then nothing runs either."""
    part = note.with_name(f".{note.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(config))
        part.chmod(0o600)
        part.replace(note)
    except OSError:
        return
