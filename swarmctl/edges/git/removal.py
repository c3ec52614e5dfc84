"""Worktrees leave: into a checkpoint that was read back, then whole into the trash, and from there back again.

In the trash a worktree keeps its records as its `.git`, so that git works there and nothing of its state is lost.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault, Refused
from swarmctl.core.ports import Removed
from swarmctl.edges.git.checkpoint import checkpoint_locked, read_back
from swarmctl.edges.git.lock import held
from swarmctl.edges.git.making import Workshop, clear_the_way, filling, make
from swarmctl.edges.git.moving import finish_move, move, move_or_copy
from swarmctl.edges.git.registry import KEPT_OUT, MADE, Entry, checked_out, entry_at, forget
from swarmctl.edges.git.repository import NO_COMMIT, Repository, branch_ref

FOREIGN_GIT = ".git.found-there"
RECORDS = "swarmctl-trashed"
"""Marks the records of a worktree that is in the trash, or on its way out of it."""


def remove(shop: Workshop, path: Path, trash: Path, ref: str, message: str) -> Removed:
    """Callers have proven the session's processes gone."""
    with held(shop.lock_of(path)) as lock:
        finish_move(path, trash)
        entry = entry_at(shop.repository, path)
        if entry is None or not entry.ours:
            return _gone_already(shop, path, trash, ref)
        _refuse_the_living(path)
        if not path.is_dir() and trash.exists():
            _take_records_along(shop, entry, trash)
            return Removed(shop.repository.commit_of(ref), str(trash))
        commit = checkpoint_locked(shop.repository, entry, ref, message, lock)
        read_back(shop.repository, entry, commit, lock)
        if not path.is_dir():
            trash.mkdir(mode=0o700, parents=True)
            _take_records_along(shop, entry, trash)
            return Removed(commit, "")
        _to_trash(path, trash)
        _take_records_along(shop, entry, trash)
        return Removed(commit, str(trash))


def _gone_already(shop: Workshop, path: Path, trash: Path, ref: str) -> Removed:
    commit = shop.repository.commit_of(ref)
    if os.path.lexists(path) or not commit:
        raise Refused(f"{path} is not a worktree of swarmctl's: left alone", hint="git worktree list")
    return Removed(commit, str(trash) if trash.exists() else "")


def _refuse_the_living(path: Path) -> None:
    inside = os.path.realpath(os.fsencode(path))
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            cwd = os.fsencode((process / "cwd").readlink())
        except OSError:
            continue
        if cwd == inside or cwd.startswith(inside + b"/"):
            raise Refused(f"process {process.name} works in {path}", hint=f"kill {process.name}, then try again")


def _to_trash(path: Path, trash: Path) -> None:
    if os.path.lexists(trash):
        raise EnvironmentFault(f"{trash} exists already", hint=f"move {trash} elsewhere, then try again")
    trash.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        move(path, trash)
    except OSError as error:
        words = f"{path} could not be moved to the trash: {error.strerror}"
        raise EnvironmentFault(words, hint="swarmctl doctor") from error


def _take_records_along(shop: Workshop, entry: Entry, trash: Path) -> None:
    """From here on git knows no worktree there; its index, HEAD and logs are the `.git` in the trash."""
    dot_git = trash / ".git"
    if dot_git.is_dir() and not (dot_git / RECORDS).exists():
        dot_git.rename(trash / FOREIGN_GIT)
    if not dot_git.is_dir():
        dot_git.unlink(missing_ok=True)
        (entry.admin / RECORDS).touch()
        (entry.admin / MADE).unlink(missing_ok=True)
        (entry.admin / "commondir").write_bytes(os.fsencode(shop.repository.common) + b"\n")
        with held(shop.records_lock):
            move_or_copy(entry.admin, dot_git, trash / f"{RECORDS}.part")
    with held(shop.records_lock):
        forget(entry)


# --- and back ---------------------------------------------------------------------------------------------------------


def restore(shop: Workshop, path: Path, trash: Path, branch: str, commits: tuple[str, str]) -> None:
    """`commits` are the branch's head and the checkpoint."""
    head, checkpoint = commits
    with held(shop.lock_of(path)) as lock:
        finish_move(trash, path)
        entry = entry_at(shop.repository, path)
        if entry is not None and entry.finished:
            return
        _refuse_a_second(shop.repository, path, branch)
        _branch_at(shop.repository, branch, head or shop.repository.commit_of(f"{checkpoint}^1"))
        if entry is not None and (entry.admin / RECORDS).exists() and path.is_dir():
            _attach(entry)
        elif (trash / ".git" / RECORDS).exists() or (path / ".git" / RECORDS).exists():
            _from_trash(shop, path, trash)
        else:
            clear_the_way(shop, path, lock)
            tip = shop.repository.commit_of(branch_ref(branch))
            newest = checkpoint if checkpoint and shop.repository.contains(checkpoint, tip) else tip
            _from_checkpoint(shop, path, branch, newest, lock)


def _refuse_a_second(repository: Repository, path: Path, branch: str) -> None:
    """Two checkouts of one branch would undo each other's work."""
    others = [each for each in checked_out(repository, branch) if each.resolve() != path.resolve()]
    if others:
        hint = f"git -C {others[0]} switch to another branch, then try again"
        raise Refused(f"{branch} is checked out in {others[0]} by now", hint=hint)


def _branch_at(repository: Repository, branch: str, head: str) -> None:
    ref = branch_ref(branch)
    now = repository.commit_of(ref)
    if now and repository.contains(now, head):
        return
    if now and not repository.contains(head, now):
        raise EnvironmentFault(f"{branch} holds other commits by now", hint=f"git log {head[:10]}...{branch}")
    if not repository.swap(ref, head, now or NO_COMMIT, "swarmctl: restored"):
        raise EnvironmentFault(f"{branch} moved while it was restored", hint="try again")


def _from_trash(shop: Workshop, path: Path, trash: Path) -> None:
    """The directory first, then its records; whatever a kill leaves half done is found and finished."""
    if not (path / ".git" / RECORDS).exists():
        if os.path.lexists(path):
            raise EnvironmentFault(f"{path} is in the way", hint=f"move {path} elsewhere, then try again")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        move(trash, path)
    records = path / ".git"
    with held(shop.records_lock):
        admin = _free_name(shop.repository.common / "worktrees", path.name)
        (records / "commondir").write_text("../..\n")
        (records / "gitdir").write_bytes(os.fsencode(path / ".git") + b"\n")
        admin.parent.mkdir(exist_ok=True)
        move_or_copy(records, admin, shop.repository.common / f"{RECORDS}-{admin.name}")
    _attach(Entry(path, admin))


def _attach(entry: Entry) -> None:
    """Records that were copied from another disk are still where the `.git` file belongs."""
    dot_git = entry.path / ".git"
    if dot_git.is_dir() and not dot_git.is_symlink():
        shutil.rmtree(dot_git)
    dot_git.write_bytes(b"gitdir: " + os.fsencode(entry.admin) + b"\n")
    if (entry.path / FOREIGN_GIT).exists():
        with (entry.admin / KEPT_OUT).open("a") as patterns:
            patterns.write(f"/{FOREIGN_GIT}/\n")
    entry.finish("trash")
    (entry.admin / RECORDS).unlink(missing_ok=True)


def _free_name(folder: Path, name: str) -> Path:
    number = 0
    while (folder / f"{name}{number or ''}").exists():
        number += 1
    return folder / f"{name}{number or ''}"


def _from_checkpoint(shop: Workshop, path: Path, branch: str, checkpoint: str, lock: int) -> None:
    """Files as the checkpoint has them, the index as the branch has it: what was uncommitted is so again."""
    entry = make(shop, path, [branch], lock)
    git = filling(shop.repository, entry.git).holding(lock)
    git.run("read-tree", "--reset", "-u", f"{checkpoint}^{{tree}}")
    git.run("read-tree", "HEAD")
    git.ask("update-index", "-q", "--refresh")
    entry.finish("checkpoint")
