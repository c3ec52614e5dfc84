"""Commits written straight into the object store: the same arguments give the same commit."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swarmctl.core.bringing import Sides
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.repository import Identity, Repository


@dataclass(frozen=True)
class Author:
    who: Identity
    when: str
    """Seconds since the epoch and a zone, such as `1700000000 +0100`."""


@dataclass(frozen=True)
class Commit:
    """What a commit object says."""

    tree: str
    parents: tuple[str, ...]
    author: Author
    committed: str
    message: bytes


def read_commit(repository: Repository, oid: str) -> Commit:
    return parse_commit(repository.commit(oid))


def parse_commit(raw: bytes) -> Commit:
    head, _, message = raw.partition(b"\n\n")
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key, []).append(value)
    return Commit(
        tree=fields[b"tree"][0].decode(),
        parents=tuple(parent.decode() for parent in fields.get(b"parent", [])),
        author=_person(fields[b"author"][0]),
        committed=_person(fields[b"committer"][0]).when,
        message=message,
    )


def _person(raw: bytes) -> Author:
    words = raw.decode("utf-8", "replace")
    name, _, rest = words.rpartition(" <")
    email, _, when = rest.rpartition("> ")
    return Author(Identity(name.strip(), email), when)


def write_commit(git: Git, commit: Commit, committer: Identity) -> str:
    parents = [word for parent in commit.parents for word in ("-p", parent)]
    env = people(commit.author, committer, commit.committed)
    return git.told(env).text("commit-tree", commit.tree, *parents, "-F", "-", stdin=commit.message)


def write_merge(repository: Repository, tree: str, into: str, sides: Sides, branch: str) -> str:
    """By whoever made what it is merged into: a landing takes its author from the head."""
    author, now = read_commit(repository, into).author.who, stamp(time.time())
    message = f"Merge {sides.name} into {branch}\n".encode("utf-8", "replace")
    merged = Commit(tree, (into, sides.theirs), Author(author, now), now, message)
    return write_commit(repository.git, merged, repository.identity())


def people(author: Author, committer: Identity, when: str) -> Mapping[str, str]:
    return {
        "GIT_AUTHOR_NAME": author.who.name or author.who.email or "unknown",
        "GIT_AUTHOR_EMAIL": author.who.email,
        "GIT_AUTHOR_DATE": f"@{author.when}",
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
        "GIT_COMMITTER_DATE": f"@{when}",
    }


def stamp(at: float) -> str:
    return f"{int(at)} +0000"


def independent(git: Git, oids: Sequence[str]) -> list[str]:
    """The fewest of them from which all the others can be reached, in the order given."""
    distinct = list(dict.fromkeys(oids))
    if len(distinct) < 2:
        return distinct
    kept = set(git.run("merge-base", "--independent", *distinct).text.split())
    return [oid for oid in distinct if oid in kept]
