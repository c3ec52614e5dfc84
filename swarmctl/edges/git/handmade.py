"""Worktrees that a person made with `git worktree add`: looked at, held while they are a session's, and given back.

A held one is locked with our reason, so that neither git nor anybody prunes it; its files stay as they are.
"""

from __future__ import annotations

import os
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.handmade import Handmade
from swarmctl.core.ports import Base
from swarmctl.edges.git.bases import trunks
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.lock import held
from swarmctl.edges.git.making import Workshop
from swarmctl.edges.git.registry import KEPT_OUT, LOCK_REASON, MADE, Entry, entries, entry_at, head_of, under_way
from swarmctl.edges.git.repository import Repository, linked_git_dir

HEADS = "refs/heads/"
ADOPTED = "adopted"


def look_at(repository: Repository, name: str, base: Base) -> Handmade:
    """`name` is the branch that it has checked out, or a path in it. Changes nothing; refusals say what is amiss."""
    by_path = os.path.lexists(name) and not _with_branch(repository, name)
    entry = _entry_in(repository, Path(name)) if by_path else _entry_of(repository, name)
    _refuse_taken(entry)
    branch = _branch(entry)
    if branch in (base.target, *trunks(repository)):
        words = f"{entry.path} has {branch} checked out, a branch that work lands on"
        raise Refused(words, hint=f"git -C {entry.path} switch -c NAME")
    doing = under_way(entry.admin)
    if doing:
        raise Refused(f"a {doing} is under way in {entry.path}", hint="finish or abort it there, then try again")
    head = repository.commit_of(HEADS + branch)
    if not head:
        raise Refused(f"{branch} in {entry.path} has no commit yet", hint="commit something there, then try again")
    fork = repository.git.ask("merge-base", head, base.commit).text
    if not fork:
        raise Refused(f"{branch} has no commit in common with {base.target}", hint="--target BRANCH names another one")
    subject = repository.git.text("log", "-1", "--no-show-signature", "--format=%s", head) if head != fork else ""
    return Handmade(str(entry.path.resolve()), branch, head, fork, subject, _uncommitted(repository, entry))


def _entry_in(repository: Repository, place: Path) -> Entry:
    """The worktree around a path, which has to be a linked one of this repository."""
    here = place.resolve()
    top = next((each for each in (here, *here.parents) if os.path.lexists(each / ".git")), None)
    if top is None:
        raise UsageFault(f"{place} is not in a git worktree", hint="git worktree list")
    if top == repository.root:
        words = f"{top} is your main checkout, which stays yours; a worktree of its own can be taken over"
        copies = "git diff --binary HEAD | git -C DIR apply --allow-empty"
        raise Refused(words, hint=f"git worktree add -b NAME DIR; {copies}; swarmctl adopt DIR")
    entry = entry_at(repository, top)
    if entry is None or linked_git_dir(top).resolve() != entry.admin.resolve():
        raise Refused(f"{top} is no worktree of {repository.root}", hint=f"cd {top}, and say it there")
    return entry


def _entry_of(repository: Repository, branch: str) -> Entry:
    found = _with_branch(repository, branch)
    if len(found) == 1 and found[0].path.is_dir():
        return found[0]
    if found:
        raise Refused(f"the worktree of {branch} is not there any more: {found[0].path}", hint="git worktree list")
    if head_of(repository.common) == f"ref: {HEADS}{branch}":
        words = f"{branch} is checked out in your main checkout, which stays yours"
        raise Refused(words, hint=f"git worktree add -b NAME {repository.root}-NAME, and adopt that")
    if repository.commit_of(HEADS + branch):
        raise Refused(f"{branch} is checked out nowhere", hint=f"git worktree add ../{branch} {branch}, and adopt that")
    raise UsageFault(f"{branch} is neither a worktree, nor a branch, nor a pane", hint="git worktree list")


def _with_branch(repository: Repository, branch: str) -> list[Entry]:
    return [entry for entry in entries(repository) if head_of(entry.admin) == f"ref: {HEADS}{branch}"]


def _refuse_taken(entry: Entry) -> None:
    """One that was adopted before is whose the ledger says; a kill may have left it without a session."""
    if entry.finished and entry.origin == ADOPTED:
        return
    if entry.ours:
        raise Refused(f"{entry.path} is swarmctl's already", hint="swarmctl ps")
    locked = entry.admin / "locked"
    if locked.exists():
        why = " ".join(locked.read_text(errors="replace").split())
        raise Refused(f"{entry.path} is locked{f': {why}' if why else ''}", hint=f"git worktree unlock {entry.path}")


def _branch(entry: Entry) -> str:
    head = head_of(entry.admin)
    if not head.startswith(f"ref: {HEADS}"):
        raise Refused(f"HEAD is detached in {entry.path}", hint=f"git -C {entry.path} switch -c NAME")
    return head.removeprefix(f"ref: {HEADS}")


def _uncommitted(repository: Repository, entry: Entry) -> tuple[str, ...]:
    git = repository.guarded(Git(entry.admin, entry.path))
    options = ("--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty")
    return tuple(decode(each[3:]) for each in git.run("--no-optional-locks", "status", *options).fields)


def hold(shop: Workshop, path: Path, branch: str) -> None:
    """Lock it, and mark it as finished; doing so again is fine."""
    with held(shop.lock_of(path)):
        entry = entry_at(shop.repository, path)
        if entry is None or not path.is_dir():
            raise EnvironmentFault(f"{path} is not a worktree any more", hint="git worktree list")
        if not entry.ours:
            _refuse_taken(entry)
            if _branch(entry) != branch:
                raise Refused(f"{path} went on to another branch: {_branch(entry)}", hint=f"swarmctl adopt {path}")
            with held(shop.records_lock):
                (entry.admin / "locked").write_text(f"{LOCK_REASON}\n")
        if not entry.finished:
            entry.finish(ADOPTED)


def give_back(shop: Workshop, path: Path) -> None:
    """As it was before: neither locked nor marked. Its files and its branch are left alone."""
    with held(shop.lock_of(path)):
        entry = entry_at(shop.repository, path)
        if entry is not None and entry.ours:
            for name in (MADE, KEPT_OUT, "locked"):
                (entry.admin / name).unlink(missing_ok=True)
