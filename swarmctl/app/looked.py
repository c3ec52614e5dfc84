"""What a person has looked at of each session, and what they noted there and did not send yet; a small file each.

Nothing of it is the ledger's: it says what this person saw, not what happened.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from swarmctl.core.session import Session
from swarmctl.edges.files.paths import StatePaths, private_dir, unwritable, write_atomically

FOLDER = "looked"
UNKNOWN = (ValueError, TypeError, KeyError)
"""What reading raises where the text is not ours: of a newer version, or damaged."""
QUOTED = 200
"""Characters of a line that a comment quotes."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person says of one line."""

    path: str
    line: int
    """Its number, on the side that it is on."""
    removed: bool
    """It is a line of the base that the session took away."""
    quote: str
    words: str


@dataclass(frozen=True, slots=True)
class Looked:
    tree: str = ""
    """What the session's work was when its diff was last on a screen; empty before that."""
    at: float = 0.0
    comments: tuple[Comment, ...] = ()


def looked_at(paths: StatePaths, session: Session) -> Looked:
    """A file that cannot be read is as none."""
    try:
        return _read(_file(paths, session))
    except (OSError, *UNKNOWN):
        return Looked()


def note_look(paths: StatePaths, session: Session, tree: str, at: float) -> None:
    with _alone(paths):
        _write(paths, session, replace(_former(paths, session), tree=tree, at=at))


def note_comments(
    paths: StatePaths, session: Session, *, put: Iterable[Comment] = (), drop: Iterable[Comment] = ()
) -> tuple[Comment, ...]:
    """All that there are afterwards, with those that were written elsewhere meanwhile."""
    gone = set(drop)
    with _alone(paths):
        looked = _former(paths, session)
        comments = (*(each for each in looked.comments if each not in gone), *put)
        _write(paths, session, replace(looked, comments=comments))
    return comments


@contextmanager
def _alone(paths: StatePaths) -> Iterator[None]:
    folder = paths.root / FOLDER
    private_dir(folder)
    try:
        with (folder / ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise unwritable(folder, error) from error


def _former(paths: StatePaths, session: Session) -> Looked:
    """What is written over; a file that is not understood is put beside instead."""
    file = _file(paths, session)
    try:
        return _read(file)
    except FileNotFoundError:
        return Looked()
    except UNKNOWN:
        file.rename(f"{file}.{file.stat().st_mtime_ns}")
        return Looked()


def _read(file: Path) -> Looked:
    plain = json.loads(file.read_bytes())
    comments = tuple(Comment(**each) for each in plain["comments"])
    return Looked(str(plain["tree"]), float(plain["at"]), comments)


def _write(paths: StatePaths, session: Session, looked: Looked) -> None:
    write_atomically(_file(paths, session), json.dumps({"v": 1, **asdict(looked)}))


def _file(paths: StatePaths, session: Session) -> Path:
    return paths.root / FOLDER / f"{session.id}.json"


def as_message(comments: tuple[Comment, ...]) -> str:
    """All of them as one message to the agent, in the order of the files."""
    parts = ["Comments on your changes, line by line:"]
    for each in sorted(comments, key=lambda comment: (comment.path, comment.line)):
        place = f"{shown(each.path)}:{each.line}" + (" (a line that you removed)" if each.removed else "")
        parts.append(f"{place}\n> {each.quote}\n{each.words}")
    return "\n\n".join(parts)


def shown(path: str) -> str:
    """A path for people and agents: what is not text in it is a question mark."""
    return "".join(char if char.isprintable() else "?" for char in path)
