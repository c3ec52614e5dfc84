"""The only code that moves a branch: by compare-and-swap, or as a fast-forward inside the checkout that has it.

A checkout that cannot follow keeps every byte; the landing ref `refs/heads/swarm/land/<target>` goes on instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.core.gate import Proof
from swarmctl.core.ports import LostRace, Moved, ParkedAt, Tip
from swarmctl.edges.git.command import decode
from swarmctl.edges.git.commits import read_commit
from swarmctl.edges.git.following import Checkout, follow, heal
from swarmctl.edges.git.lock import held
from swarmctl.edges.git.registry import entries
from swarmctl.edges.git.repository import NO_COMMIT, Repository, branch_ref

OTHER_HEAD = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|ref: refs/heads/(?!\.invalid$).+")
LandingRef = Literal["none", "followed", "ahead", "diverged"]
Landed = Moved | ParkedAt | LostRace


@dataclass(frozen=True)
class Seen:
    """A target and its landing ref at one moment."""

    commit: str
    landing: str
    state: LandingRef

    @property
    def tip(self) -> Tip:
        """What the next merge builds on: a landing ref counts only while it is ahead of the target."""
        return Tip(self.landing, parked=True) if self.state == "ahead" else Tip(self.commit, parked=False)


@dataclass(frozen=True)
class Target:
    """One branch that work lands on, with its landing ref."""

    repository: Repository
    name: str
    state_dir: Path

    @property
    def note(self) -> Path:
        """What a fast-forward in a checkout is about to do, while it does it."""
        return self.state_dir / "landing"

    @contextmanager
    def turn(self) -> Iterator[int]:
        """One landing at a time; first whatever a kill cut short is brought to its end."""
        with held(self.state_dir / "locks" / "landing") as lock:
            if self.note.exists():
                heal(self.repository, self.note)
            yield lock

    @property
    def ref(self) -> str:
        return branch_ref(self.name)

    @property
    def landing_ref(self) -> str:
        return f"refs/heads/swarm/land/{self.name}"

    def look(self) -> Seen:
        commit, landing = self.repository.resolve(f"{self.ref}^{{commit}}", f"{self.landing_ref}^{{commit}}")
        if not commit:
            raise UsageFault(f"there is no branch {self.name} to land on", hint="git branch --list")
        return Seen(commit, landing, self._state(commit, landing))

    def _state(self, commit: str, landing: str) -> LandingRef:
        if not landing:
            return "none"
        if self.repository.contains(commit, landing):
            return "followed"
        return "ahead" if self.repository.contains(landing, commit) else "diverged"

    def holds(self, commit: str) -> Literal["target", "landing", ""]:
        seen = self.look()
        if self.repository.contains(seen.commit, commit):
            return "target"
        return "landing" if seen.landing and self.repository.contains(seen.landing, commit) else ""


def land(target: Target, proof: Proof) -> Landed:
    with target.turn() as lock:
        return _land(target, proof, lock)


def unpark(target: Target) -> Landed | None:
    """Bring the target to its landing ref, and let go of the ref once it followed."""
    with target.turn() as lock:
        return _unpark(target, lock)


def _land(target: Target, proof: Proof, lock: int) -> Landed:
    repository = target.repository
    commit = read_commit(repository, proof.commit)
    follows = proof.base in commit.parents or repository.contains(proof.commit, proof.base)
    if commit.tree != proof.tree or not follows:
        raise EnvironmentFault(f"{proof.commit[:10]} is not what was proven: nothing landed", hint="swarmctl doctor")
    seen = target.look()
    if seen.tip.commit != proof.base:
        return _landed_before(target, proof, seen, lock)
    if not seen.tip.parked:
        return _advance(target, proof, seen, lock)
    if not repository.swap(target.landing_ref, proof.commit, proof.base, "swarmctl: landed while parked"):
        return LostRace(target.look().tip.commit)
    return _followed(target, proof, lock)


def _landed_before(target: Target, proof: Proof, seen: Seen, lock: int) -> Landed:
    """The tip is not the proof's base: because the commit is in it already, or because somebody was faster."""
    if target.repository.contains(seen.commit, proof.commit):
        return Moved(proof.commit)
    if seen.state == "ahead" and target.repository.contains(seen.landing, proof.commit):
        return _followed(target, proof, lock)
    return LostRace(seen.tip.commit)


def _followed(target: Target, proof: Proof, lock: int) -> Landed:
    """The commit is on the landing ref; what an attempt to follow says of it."""
    result = _unpark(target, lock)
    if isinstance(result, ParkedAt):
        return ParkedAt(proof.commit, result.blocking)
    return Moved(proof.commit) if result is None or isinstance(result, Moved) else result


def _advance(target: Target, proof: Proof, seen: Seen, lock: int) -> Landed:
    blocking = _move(target, proof.base, proof.commit, lock)
    now = target.look()
    if now.commit == proof.commit or target.repository.contains(now.commit, proof.commit):
        return Moved(proof.commit)
    if now.commit != proof.base or not blocking:
        return LostRace(now.tip.commit)
    return _park(target, proof, seen.landing, blocking)


def _park(target: Target, proof: Proof, stale: str, blocking: str) -> Landed:
    """A landing ref that the target went away from is kept under another name first."""
    if stale and not target.repository.contains(proof.commit, stale):
        target.repository.git.run("update-ref", f"refs/swarm/land/{target.name}/{stale}", stale)
    if not target.repository.swap(target.landing_ref, proof.commit, stale or NO_COMMIT, "swarmctl: parked"):
        return LostRace(target.look().tip.commit)
    return ParkedAt(proof.commit, blocking)


def _unpark(target: Target, lock: int) -> Landed | None:
    seen = target.look()
    if seen.state == "none":
        return None
    if seen.state == "diverged":
        return LostRace(seen.commit)
    if seen.state == "ahead":
        blocking = _move(target, seen.commit, seen.landing, lock)
        now = target.look()
        if now.state == "ahead" and blocking and now.commit == seen.commit:
            return ParkedAt(seen.landing, blocking)
        if not target.repository.contains(now.commit, seen.landing):
            return LostRace(now.commit)
    target.repository.drop(target.landing_ref, seen.landing)
    return Moved(seen.landing)


def _move(target: Target, old: str, new: str, lock: int) -> str:
    """Try to move the target; empty words, or what is in the way. The caller looks where the target is afterwards."""
    busy = _being_rewritten(target)
    if busy:
        return busy
    checkouts = _checkouts(target)
    if not checkouts:
        target.repository.swap(target.ref, new, old, "swarmctl: landed")
        return ""
    if len(checkouts) > 1:
        return f"{target.name} is checked out in {' and '.join(str(one.path) for one in checkouts)}"
    return follow(target.repository, checkouts[0], target.ref, new, (target.note, lock))


def _checkouts(target: Target) -> list[Checkout]:
    if not _maybe_checked_out(target):
        return []
    git_dirs = {entry.path: entry.admin for entry in entries(target.repository)}
    listing = target.repository.git.run("worktree", "list", "--porcelain", "-z").out
    found = []
    for number, block in enumerate(listing.split(b"\0\0")):
        facts = dict(line.partition(b" ")[::2] for line in block.split(b"\0") if line)
        if facts.get(b"branch") != target.ref.encode():
            continue
        path = target.repository.root if number == 0 else Path(decode(facts[b"worktree"]))
        git_dir = target.repository.common if number == 0 else git_dirs.get(path)
        if git_dir is not None and path.is_dir():
            found.append(Checkout(path, git_dir))
    return found


def _maybe_checked_out(target: Target) -> bool:
    """False when every HEAD plainly says something else; a link, or a HEAD kept elsewhere, is for git to read."""
    git_dirs = [target.repository.common, *(entry.admin for entry in entries(target.repository))]
    for head in (git_dir / "HEAD" for git_dir in git_dirs):
        says = _words(head)
        if says == f"ref: {target.ref}" or head.is_symlink() or not OTHER_HEAD.fullmatch(says):
            return True
    return False


def _being_rewritten(target: Target) -> str:
    """A rebase or a bisect keeps HEAD detached, yet comes back to the branch in the end."""
    places = [(target.repository.root, target.repository.common)]
    places += [(entry.path, entry.admin) for entry in entries(target.repository)]
    for path, git_dir in places:
        for name in ("rebase-merge/head-name", "rebase-apply/head-name"):
            if _words(git_dir / name) == target.ref:
                return f"{target.name} is being rebased in {path}"
        if _words(git_dir / "BISECT_START") == target.name:
            return f"{target.name} is being bisected in {path}"
    return ""


def _words(path: Path) -> str:
    try:
        return decode(path.read_bytes()).strip()
    except OSError:
        return ""
