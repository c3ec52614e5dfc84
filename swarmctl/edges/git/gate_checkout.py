"""The private worktree that gates run in: it holds exactly one commit, checked file by file, or it is made anew."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.lock import held
from swarmctl.edges.git.making import Workshop, clear_the_way, filling, make
from swarmctl.edges.git.registry import UNDER_WAY, Entry, entry_at, keep_out, kept_out
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.snapshot import PrivateIndex, private_index, whole_tree, words


def check_out(shop: Workshop, path: Path, commit: str) -> bool:
    """True when the worktree had to be made."""
    path = Path(os.path.realpath(path))
    with held(shop.lock_of(path)) as lock:
        entry = entry_at(shop.repository, path)
        if entry is not None and entry.finished and _turn_to(shop, entry, commit, lock):
            return False
        clear_the_way(shop, path, lock)
        entry = make(shop, path, ["--detach", commit], lock)
        wrong = _differences(shop.repository, entry, commit, lock)
        if wrong:
            raise EnvironmentFault(f"{path} does not hold {commit[:10]}: {wrong}", hint="swarmctl doctor")
        entry.finish("gates")
        return True


def _turn_to(shop: Workshop, entry: Entry, commit: str, lock: int) -> bool:
    """Whatever a gate left there goes, ignored or not; what provisioning made stays."""
    (entry.admin / "index.lock").unlink(missing_ok=True)
    git = filling(shop.repository, entry.git).holding(lock)
    if any((entry.admin / name).exists() for name in UNDER_WAY) or not _unflagged(git):
        return False
    if git.ask("checkout", "--quiet", "--force", "--detach", commit).rc != 0:
        return False
    kept = [f"--exclude={line}" for line in kept_out(entry)]
    cleaned = git.ask("clean", "-f", "-f", "-d", "-x", "-q", *kept).rc == 0
    return cleaned and not _differences(shop.repository, entry, commit, lock)


def _unflagged(git: Git) -> bool:
    """No entry of the index is hidden from git by a flag."""
    listed = git.ask("ls-files", "-z", "-v")
    return listed.rc == 0 and all(field[:1] in (b"H", b"M") for field in listed.fields)


def _differences(repository: Repository, entry: Entry, commit: str, lock: int) -> str:
    """What on disk is not as the commit has it, in words; empty when nothing. No flag in the index hides anything."""
    git = repository.guarded(entry.git).holding(lock)
    if repository.commit_of("HEAD", git) != commit or git.text("write-tree") != repository.tree_of(commit):
        return "HEAD or the index is elsewhere"
    index = PrivateIndex(git, entry.admin / "index")
    scan = index.scan()
    wrong = [path for path in scan.changed if not _as_committed(index, entry, path)]
    return words([*wrong, *(path for path in scan.nested if path not in scan.tracked_nested)])


def _as_committed(index: PrivateIndex, entry: Entry, path: bytes) -> bool:
    """Files whose line endings were never normalised look modified, though a checkout writes exactly these bytes."""
    expected = index.git.ask("cat-file", "--filters", b":" + path)
    file = entry.path / os.fsdecode(path)
    return expected.rc == 0 and file.is_file() and not file.is_symlink() and file.read_bytes() == expected.out


def fix_tree(shop: Workshop, path: Path, commit: str) -> str:
    """The tree of what stands in the gates' worktree now."""
    entry = _entry(shop, path)
    with held(shop.lock_of(entry.path)) as lock:
        git = shop.repository.guarded(entry.git).holding(lock)
        with private_index(git, commit) as index:
            scan = index.scan()
            if not any(not _as_committed(index, entry, each) for each in scan.changed) and not scan.nested:
                return shop.repository.tree_of(commit)
            return whole_tree(index)


def exclude(shop: Workshop, path: Path, paths: Iterable[str]) -> None:
    """The paths named, and what git ignores there now: the caches and environments that the setup made."""
    entry = _entry(shop, path)
    git = shop.repository.guarded(entry.git)
    ignored = git.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory").fields
    keep_out(entry, dict.fromkeys([*paths, *(decode(each).rstrip("/") for each in ignored)]))


def _entry(shop: Workshop, path: Path) -> Entry:
    entry = entry_at(shop.repository, path)
    if entry is None or not entry.ours:
        raise EnvironmentFault(f"{path} is not a worktree of swarmctl's", hint="git worktree list")
    return entry
