"""What people ask of a repository: diffs against what a worktree holds right now, without touching its index."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.objections import objection
from swarmctl.edges.git.repository import Repository, linked_git_dir
from swarmctl.edges.git.snapshot import empty_tree, private_index, whole_tree
from swarmctl.edges.git.worktrees import GitWorktrees

LONGEST_LIST = 500_000
"""Bytes of paths that git is told in its arguments."""


def diff(repository: Repository, base: str, newest: str, *, stat: bool, without: Iterable[bytes] = ()) -> str:
    form = ["--stat"] if stat else ["--patch"]
    plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"]
    unwanted = [b":(exclude,top,literal)" + path for path in without]
    if sum(map(len, unwanted)) > LONGEST_LIST:
        return ""
    output = repository.git.run("diff-tree", "-r", *form, *plain, f"{base}^{{tree}}", newest, "--", *unwanted)
    return output.out.decode("utf-8", "replace")


def questionable(repository: Repository, base: str, newest: str) -> dict[bytes, str]:
    """What a diff of the two would show of files that are not committed without a person: their paths, and why."""
    fields = repository.git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", f"{base}^{{tree}}", newest).fields
    sides = []
    for facts, path in zip(fields[::2], fields[1::2], strict=True):
        modes, oids = facts.decode().removeprefix(":").split()[:2], facts.split()[2:4]
        sides += [(path, oid) for mode, oid in zip(modes, oids, strict=True) if mode.startswith("100")]
    asked = b"".join(oid + b"\n" for _, oid in sides)
    sizes = repository.git.run("cat-file", "--batch-check=%(objectsize)", stdin=asked).text.split() if sides else []
    found: dict[bytes, str] = {}
    for (path, oid), size in zip(sides, sizes, strict=True):
        name = os.fsdecode(path).rpartition("/")[2]
        why = objection(name, int(size), partial(_content, repository, oid.decode()))
        if why:
            found.setdefault(path, why)
    return found


def _content(repository: Repository, oid: str) -> bytes:
    (found,) = repository.objects(oid)
    return found.content if found else b""


def apart(repository: Repository, target: str, head: str) -> tuple[int, int]:
    """How many commits `head` has that the target lacks, and the other way round."""
    words = repository.git.text("rev-list", "--left-right", "--count", f"{target}...{head}", "--").split()
    return int(words[1]), int(words[0])


def changed_lines(repository: Repository, base: str, newest: str) -> tuple[int, int, int]:
    """Files, lines added, lines removed; a binary file has no lines."""
    plain = ["--no-ext-diff", "--no-textconv", "--find-renames"]
    told = repository.git.run("diff-tree", "-r", "--numstat", *plain, f"{base}^{{tree}}", newest).out
    counts = [line.split(b"\t", 2)[:2] for line in told.split(b"\n") if line]
    added, removed = (sum(int(count[side]) for count in counts if count[side].isdigit()) for side in (0, 1))
    return len(counts), added, removed


def working_tree(worktrees: GitWorktrees, worktree: str) -> str:
    """The tree of everything in a session's worktree that is not ignored."""
    entry = worktrees.entry(worktree)
    with held(worktrees.shop.locks / lock_name(entry.path)) as lock:
        git = worktrees.repository.guarded(entry.git).holding(lock)
        with private_index(git, worktrees.repository.commit_of("HEAD", entry.git)) as index:
            return whole_tree(index)


def staged_paths(repository: Repository, top: Path) -> list[str]:
    """What the next commit in this work tree would change."""
    here = Git(linked_git_dir(top), top)
    before = repository.commit_of("HEAD", here) or empty_tree(here)
    return [decode(path) for path in here.run("diff-index", "--cached", "-z", "--name-only", before).fields]


def tracked_paths(repository: Repository) -> tuple[str, ...]:
    """Every file in the index of the user's checkout; none in a bare repository."""
    listed = Git(repository.common, repository.root).ask("ls-files", "-z", "--cached")
    return tuple(dict.fromkeys(decode(path) for path in listed.fields)) if listed.rc == 0 else ()


def local_branches(repository: Repository) -> tuple[str, list[str]]:
    """The checkout's branch, empty when it is on none, and all, the newest first."""
    listed = repository.git.run(
        "for-each-ref", "--sort=-committerdate", "--format=%(HEAD)%(refname:short)", "refs/heads"
    ).out
    rows = [decode(row) for row in listed.split(b"\n") if row]
    current = [row.removeprefix("*") for row in rows if row.startswith("*")]
    return (current[0] if current else ""), [row[1:] for row in rows]


def git_version(repository: Repository) -> str:
    return repository.git.text("version").removeprefix("git version ")


def commit_file(repository: Repository, path: str, message: str) -> None:
    """Commit one new file of the user's checkout, and nothing else that is there or staged; for `init --commit`."""
    checkout = Git(repository.common, repository.root)
    who = repository.identity()
    identity = [("user.name", who.name), ("user.email", who.email)]
    checkout.run("add", "--intent-to-add", "--", path)
    checkout.having(identity).run("commit", "--quiet", "--only", "-m", message, "--", path)


def recent(repository: Repository, count: int) -> str:
    """Subjects and our trailers, newest first."""
    trailers = "%(trailers:key=Swarm-Session,key=Swarm-Gates,key=Swarm-Tree,unfold)"
    return repository.git.text("log", f"--max-count={count}", f"--format=%h %s%n{trailers}", "HEAD")
