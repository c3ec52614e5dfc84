"""Emptying the trash: by the supervisor, or by `gc` itself where the disk is too full for one to start."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Any

from swarmctl.app.here import Here
from swarmctl.app.inbox import Tell
from swarmctl.app.lock import take_lock
from swarmctl.core.config import TrashSettings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import WorktreeDeleted
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.edges.files.paths import FOLDERS, StatePaths, shortage
from swarmctl.edges.files.trash import discard, expired, forgotten, size_of


def empty_trash(facts: Facts, paths: StatePaths, limits: TrashSettings, now: float) -> Iterator[WorktreeDeleted]:
    """A folder that went without its event counts as expired, so that the event follows."""
    trashed = {s.id: paths.trash / s.id for s in list(facts.live.values()) if s.place == "trashed"}
    gone = expired(trashed, limits, now)
    for session in gone:
        discard(trashed[session])
        if facts.sessions[session].place == "trashed":
            yield WorktreeDeleted(session)
    for folder in (*forgotten(paths.trash / "aside", limits, now), *_of_nobody(facts, paths, gone)):
        shutil.rmtree(folder, ignore_errors=True)


def _of_nobody(facts: Facts, paths: StatePaths, gone: Collection[SessionId]) -> Iterator[Path]:
    """Agents' files, kept as long as the session can be brought back as it was."""
    for folder in (*(paths.root / "agent").glob("*"), *(paths.root / "answers").glob("*")):
        session = facts.sessions.get(SessionId(folder.name))
        if session and (session.id in gone or (session.place in ("deleted", "returned") and not session.active)):
            yield folder


def disk_use(paths: StatePaths) -> dict[str, int]:
    return {name: size_of(paths.root / name) for name in (*FOLDERS, "swarm.db")}


def collect(place: Here, tell: Tell, now: float) -> dict[str, Any]:
    client = place.client(tell)
    if shortage(place.paths) is None or client.running() is not None:
        return client.ask("gc", {})
    with _alone(place.paths), place.glance() as board:
        gone = [event.session for event in empty_trash(board.facts, place.paths, place.settings().trash, now)]
    return {"deleted": gone, "disk": disk_use(place.paths)}


def _alone(paths: StatePaths) -> IO[bytes]:
    lock = take_lock(paths)
    if lock is None:
        raise EnvironmentFault("the supervisor is about to start or to end", hint="try again")
    return lock
