"""What a session changed, for a face that shows it file by file. Each answer is a few git processes; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.app.here import Here
from swarmctl.app.looked import Looked, looked_at
from swarmctl.core.patch import Change, Line, lines_of
from swarmctl.core.session import Session
from swarmctl.edges.git.patches import changed_paths, changes, patch, sizes

READ = 262_144
"""Bytes of a file up to which it is read whole, to be shown in colours."""


@dataclass(frozen=True, slots=True)
class Comparison:
    before: str
    after: str
    """A tree or a commit; empty when there is no work yet."""
    since: bool
    """From what was looked at last, not from the base."""
    changes: tuple[Change, ...]
    fresh: frozenset[str]
    """Paths that changed since somebody looked."""
    looked: Looked
    lost: bool = False
    """What was looked at last is not in the repository any more."""


def compare(place: Here, session: Session, *, since: bool) -> Comparison:
    """The session's work as it is now, against its base or against what was looked at last."""
    repository, looked = place.repository, looked_at(place.paths, session)
    newest = place.newest(session)
    if not newest:
        return Comparison(session.base, "", False, (), frozenset(), looked)
    after = repository.tree_of(newest)
    known = bool(looked.tree) and bool(repository.resolve(looked.tree)[0])
    fresh = changed_paths(repository, looked.tree, after) if known else frozenset()
    since = since and known
    before = looked.tree if since else session.base
    found = tuple(changes(repository, before, after))
    return Comparison(before, after, since, found, fresh, looked, bool(looked.tree) and not known)


def patch_of(place: Here, comparison: Comparison, change: Change) -> list[Line]:
    return lines_of(patch(place.repository, comparison.before, comparison.after, change))


def sizes_of(place: Here, change: Change) -> tuple[int, int]:
    before, after = sizes(place.repository, change.before, change.after)
    return before, after


def whole_texts(place: Here, change: Change) -> tuple[str, str]:
    """Both sides of a file, as far as they are there and not large."""
    if change.binary or max(sizes_of(place, change)) > READ:
        return "", ""
    found = place.repository.objects(change.before, change.after)
    before, after = (each.content.decode("utf-8", "replace") if each and each.kind == "blob" else "" for each in found)
    return before, after
