"""Checkpoints: a commit of everything not ignored in a worktree, under a ref; index and work tree stay as they are.

A checkpoint has HEAD as its first parent and every commit that nothing else would keep (an earlier checkpoint, what a
reset dropped) as a further one, so that whatever was once in the worktree can be reached from its ref.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.git.command import Git, Output, decode
from swarmctl.edges.git.commits import Author, Commit, independent, read_commit, stamp, write_commit
from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.registry import Entry
from swarmctl.edges.git.repository import FALLBACK_IDENTITY, NO_COMMIT, Identity, Repository
from swarmctl.edges.git.snapshot import PrivateIndex, empty_tree, nested_git, private_index, whole_tree

SWARMCTL = Identity(*FALLBACK_IDENTITY)
TRIES = 3
OLDEST_STEPS = 200
ONLY_LOCAL = [
    *((f"protocol.{name}.allow", "never") for name in ("ext", "ssh", "git", "http", "https")),
    ("protocol.allow", "never"),
    ("protocol.file.allow", "always"),
]


def checkpoint(repository: Repository, entry: Entry, ref: str, message: str, locks: Path) -> str:
    with held(locks / lock_name(entry.path)) as lock:
        return checkpoint_locked(repository, entry, ref, message, lock)


def checkpoint_locked(repository: Repository, entry: Entry, ref: str, message: str, lock: int) -> str:
    git = repository.guarded(entry.git).holding(lock)
    head = head_of(repository, entry)
    if entry.path.is_dir():
        tree, missing = _steady_tree(repository, git, ref, head)
    else:
        tree, missing = _tree_without_files(repository, head), ""
    before = repository.commit_of(ref)
    dropped = independent(repository.git, [oid for oid in (before, head, *_steps(repository, entry)) if oid])
    if before and _says_the_same(repository, before, tree, head, dropped):
        return before
    parents = ([head] if head else []) + [oid for oid in dropped if oid != head]
    now = stamp(time.time())
    commit = Commit(
        tree,
        tuple(parents),
        Author(SWARMCTL, now),
        now,
        f"{message}\n\n{missing}".strip().encode("utf-8", "replace") + b"\n",
    )
    new = write_commit(repository.git, commit, SWARMCTL)
    if not repository.swap(ref, new, before or NO_COMMIT, message.partition("\n")[0]):
        raise EnvironmentFault(f"{ref} moved while a checkpoint was made", hint="try again")
    return new


def uphold(repository: Repository, refs: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What somebody deleted: put back, and gone for good because the commit was pruned."""
    found = repository.resolve(*refs) if refs else []
    missing = [ref for ref, now in zip(refs, found, strict=True) if not now]
    there = dict(zip(missing, repository.resolve(*(refs[ref] for ref in missing)) if missing else [], strict=True))
    back = [ref for ref in missing if there[ref] and repository.swap(ref, refs[ref], NO_COMMIT, "swarmctl: put back")]
    return tuple(back), tuple(ref for ref in missing if not there[ref])


def _says_the_same(repository: Repository, before: str, tree: str, head: str, dropped: list[str]) -> bool:
    old = read_commit(repository, before)
    return old.tree == tree and old.parents[:1] == ((head,) if head else old.parents[:1]) and dropped == [before]


def _tree_without_files(repository: Repository, head: str) -> str:
    """The directory is gone, but what was committed there is not."""
    return repository.tree_of(head) if head else empty_tree(repository.git)


def _steady_tree(repository: Repository, git: Git, ref: str, head: str) -> tuple[str, str]:
    """The tree, and what could not be kept, in words. Files may change while an agent works: then look again."""
    for tries in range(TRIES):
        with private_index(git, head) as index:
            try:
                missing = _keep_nested_history(repository, index, ref)
                return whole_tree(index), missing
            except EnvironmentFault:
                if tries == TRIES - 1:
                    raise
    raise AssertionError("unreachable")


def _keep_nested_history(repository: Repository, index: PrivateIndex, ref: str) -> str:
    """Commits of repositories inside the worktree would go with their directory: bring them over."""
    words = []
    for number, path in enumerate(index.scan().nested):
        inner = nested_git(index, path)
        if inner is not None and inner.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").rc == 0:
            output = _fetch_nested(repository, index.path.parent, inner, f"{ref}-nested/{number}")
            if output.rc != 0:
                words.append(f"the history of {decode(path)} is not in here: {output.complaint}\n")
    return "".join(words)


def _fetch_nested(repository: Repository, folder: Path, inner: Git, kept: str) -> Output:
    """By an address nobody could foresee, mapped to itself, so that no planted `insteadOf` leads elsewhere."""
    link = folder / f"swarmctl-nested-{secrets.token_hex(8)}"
    link.symlink_to(inner.git_dir)
    try:
        git = repository.git.having([*ONLY_LOCAL, (f"url.{link}.insteadOf", str(link))])
        flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]
        return git.ask("fetch", *flags, "--", link, f"+HEAD:{kept}/HEAD", f"+refs/heads/*:{kept}/heads/*")
    finally:
        link.unlink()


def head_of(repository: Repository, entry: Entry) -> str:
    """The commit of HEAD; where its branch is gone, the last one in HEAD's log; empty when there never was one."""
    found = repository.commit_of("HEAD", Git(entry.admin))
    if found:
        return found
    return next((oid for oid in reversed(_logged(entry)) if repository.commit_of(oid) == oid), "")


def _steps(repository: Repository, entry: Entry) -> list[str]:
    """Commits that HEAD has been at in this worktree."""
    distinct = list(dict.fromkeys(reversed(_logged(entry))))[:OLDEST_STEPS]
    if not distinct:
        return []
    asked = "".join(f"{oid}\n" for oid in distinct).encode()
    answers = repository.git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).text
    return [line.split()[0] for line in answers.splitlines() if line.endswith(" commit")]


def _logged(entry: Entry) -> list[str]:
    try:
        lines = (entry.admin / "logs" / "HEAD").read_bytes().splitlines()
    except OSError:
        return []
    found = (re.match(rb"[0-9a-f]{40,64} ([0-9a-f]{40,64}) ", line) for line in lines)
    return [match[1].decode() for match in found if match and match[1].strip(b"0")]


def read_back(repository: Repository, entry: Entry, commit: str, lock: int) -> None:
    """Raises unless every object of the checkpoint can be read, and its tree is what the worktree holds right now."""
    repository.git.run("rev-list", "--objects", "--quiet", f"{commit}^{{tree}}")
    if not entry.path.is_dir():
        return
    git = repository.guarded(entry.git).holding(lock)
    with private_index(git, commit) as index:
        if whole_tree(index) != repository.tree_of(commit):
            raise EnvironmentFault(
                f"{entry.path} changed while it was kept", hint="try again when nothing writes there"
            )
