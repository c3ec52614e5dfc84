"""Diffs for people who look at one file at a time: which files differ, and the patch of one. Writes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from swarmctl.core.patch import Change
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.repository import Repository

PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "-l1000")
HUGE = "32m"
"""From here on git takes a file for binary."""
NO_LINES = b"-"
SPECIAL = re.compile(rb"[\\*?[]")
"""In a pattern. A folder that is excluded by its plain name would take a repository of that name along."""


def changes(repository: Repository, before: str, after: str) -> list[Change]:
    """Between two trees or commits, in the order of their paths."""
    output = _git(repository).run("diff-tree", "-r", "-z", "--raw", "--numstat", *PLAIN, *_trees(before, after))
    fields = output.fields
    raws = list(_raws(fields))
    start = sum(3 if len(paths) == 2 else 2 for _, paths in raws)
    counted = list(_counts(fields[start:]))
    return [_change(facts, paths, counts) for (facts, paths), counts in zip(raws, counted, strict=True)]


def _raws(fields: list[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """`:modes oids status`, then a path, or two when it was renamed."""
    at = 0
    while at < len(fields) and fields[at].startswith(b":"):
        renamed = fields[at].rpartition(b" ")[2][:1] in b"RC"
        paths = fields[at + 1 : at + (3 if renamed else 2)]
        yield fields[at], paths
        at += 1 + len(paths)


def _counts(fields: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """`added TAB removed TAB path`; the paths of a rename follow instead."""
    at = 0
    while at < len(fields):
        added, removed, path = fields[at].split(b"\t", 2)
        yield added, removed
        at += 1 if path else 3


def _change(facts: bytes, paths: list[bytes], counts: tuple[bytes, bytes]) -> Change:
    was, now, before, after, status = facts.decode().removeprefix(":").split(" ")
    added, removed = (None if count == NO_LINES else int(count) for count in counts)
    old, new = os.fsdecode(paths[0]), os.fsdecode(paths[-1])
    return Change(status[:1], old, new, added, removed, before, after, (was, now))


def patch(repository: Repository, before: str, after: str, change: Change) -> str:
    """Of this file alone; what is not UTF-8 in it is replaced."""
    names = [os.fsencode(name) for name in dict.fromkeys((change.old, change.new))]
    wanted = [b":(top,literal)" + name for name in names]
    inside = [b":(exclude,top,glob)" + SPECIAL.sub(rb"\\\g<0>", name) + b"/**" for name in names]
    words = ("diff-tree", "-r", "--patch", "--unified=3", *PLAIN, *_trees(before, after))
    return _git(repository).run(*words, "--", *wanted, *inside).out.decode("utf-8", "replace")


def changed_paths(repository: Repository, before: str, after: str) -> frozenset[str]:
    """Names on either side of what differs."""
    output = repository.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", *_trees(before, after))
    return frozenset(os.fsdecode(path) for path in output.fields)


def sizes(repository: Repository, *oids: str) -> list[int]:
    """Bytes of each blob; 0 for one that is not there, as one that never was."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    told = repository.git.run("cat-file", "--batch-check=%(objectsize)", stdin=asked).text.splitlines()
    return [int(words) if words.isdecimal() else 0 for words in told]


def _trees(before: str, after: str) -> tuple[str, str]:
    return f"{before}^{{tree}}", f"{after}^{{tree}}"


def _git(repository: Repository) -> Git:
    return repository.git.having([("core.bigFileThreshold", HUGE)])
