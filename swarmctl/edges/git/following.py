"""A checkout follows its branch: one fast-forward, while the user's own git waits at the index lock.

`git merge` alone reads HEAD, writes files and moves the ref in three moments; a commit or switch of the user's between
them would leave a mixture. The note in the state directory lets the next call finish what a kill cut short.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core.listing import in_short
from swarmctl.edges.git.command import Git, Output
from swarmctl.edges.git.registry import under_way
from swarmctl.edges.git.repository import Repository

OURS = b"swarmctl\n"
PRIVATE_INDEX = "swarmctl-landing-index"
DRAFT = "swarmctl-index.lock"
FLAGS = ("--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-verify-signatures", "--no-stat", "--quiet")


@dataclass(frozen=True)
class Checkout:
    """A work tree that has the target checked out."""

    path: Path
    git_dir: Path

    @property
    def index(self) -> Path:
        return self.git_dir / "index"

    @property
    def lock(self) -> Path:
        return self.git_dir / "index.lock"

    @property
    def private(self) -> Path:
        return self.git_dir / PRIVATE_INDEX


def follow(repository: Repository, checkout: Checkout, ref: str, new: str, guard: tuple[Path, int]) -> str:
    """Empty words, or what is in the way. `guard` is the note's path and the descriptor of the landing lock."""
    note, descriptor = guard
    doing = under_way(checkout.git_dir)
    if doing:
        return f"{checkout.path} is in the middle of a {doing}"
    held = _held(repository, checkout, ref)
    if held:
        return f"another git command holds {held}"
    note.write_text(json.dumps({"git_dir": str(checkout.git_dir), "ref": ref, "new": new}))
    if not _take_lock(checkout):
        note.unlink()
        return f"another git command holds {checkout.lock}"
    try:
        git = repository.guarded(Git(checkout.git_dir, checkout.path)).holding(descriptor)
        if git.ask("symbolic-ref", "--quiet", "HEAD").text != ref:
            return ""
        if checkout.index.exists():
            shutil.copy2(checkout.index, checkout.private)
        told = {"GIT_INDEX_FILE": str(checkout.private), "GIT_REFLOG_ACTION": "swarmctl: landed"}
        with _same_orig_head(checkout):
            output = git.told(told).ask("merge", *FLAGS, new)
        if output.rc:
            _take_back(git, checkout, new)
        return "" if output.rc == 0 else _blocking(output)
    finally:
        heal(repository, note)


def _held(repository: Repository, checkout: Checkout, ref: str) -> Path | None:
    """A lock of the branch or of HEAD: `git merge` would see it only when it has written the files."""
    locks = (repository.common / f"{ref}.lock", checkout.git_dir / "HEAD.lock")
    return next((lock for lock in locks if lock.exists()), None)


def _take_back(git: Git, checkout: Checkout, new: str) -> None:
    """Files that were written for a branch that could not be moved; what the user changed meanwhile stays."""
    indexes = [git.told({"GIT_INDEX_FILE": str(index)}) for index in (checkout.index, checkout.private)]
    was, now = (each.ask("ls-files", "--stage", "-z").out for each in indexes)
    if was != now:
        indexes[1].ask("read-tree", "-m", "-u", new, "HEAD")


@contextmanager
def _same_orig_head(checkout: Checkout) -> Iterator[None]:
    """ORIG_HEAD is where the user's own last reset or merge came from; `git merge` writes it even when it refuses."""
    file = checkout.git_dir / "ORIG_HEAD"
    before = file.read_bytes() if file.exists() else None
    yield
    if before is None:
        file.unlink(missing_ok=True)
    elif file.read_bytes() != before:
        file.write_bytes(before)


def heal(repository: Repository, note: Path) -> None:
    """Give the index back: the new one when the branch moved, else the old one. Only under the landing lock."""
    try:
        plan = json.loads(note.read_text())
    except (OSError, ValueError):
        note.unlink(missing_ok=True)
        return
    checkout = Checkout(note.parent, Path(plan["git_dir"]))
    if _lock_is_ours(checkout):
        if checkout.private.exists() and repository.commit_of(plan["ref"]) == plan["new"]:
            checkout.private.replace(checkout.index)
        checkout.private.unlink(missing_ok=True)
        checkout.private.with_name(f"{PRIVATE_INDEX}.lock").unlink(missing_ok=True)
        checkout.lock.unlink(missing_ok=True)
    checkout.lock.with_name(DRAFT).unlink(missing_ok=True)
    note.unlink()


def _take_lock(checkout: Checkout) -> bool:
    """The index lock appears with our words in it or not at all, so that nobody's lock is mistaken for ours."""
    draft = checkout.lock.with_name(DRAFT)
    draft.write_bytes(OURS)
    try:
        checkout.lock.hardlink_to(draft)
        return True
    except FileExistsError:
        return False
    finally:
        draft.unlink()


def _lock_is_ours(checkout: Checkout) -> bool:
    try:
        return checkout.lock.read_bytes() == OURS
    except OSError:
        return False


def _blocking(output: Output) -> str:
    """The paths that git lists, else its complaint; one line."""
    paths = [line.strip() for line in output.err.splitlines() if line.startswith("\t")]
    if not paths:
        return output.complaint
    return in_short(paths)
