"""The only code that moves a branch: by compare-and-swap, or as a fast-forward inside the checkout that has it.

A checkout that cannot follow keeps every byte; the landing ref `refs/heads/swarm/land/<target>` goes on instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.core.gate import Proof
from swarmctl.core.ports import LostRace, Moved, ParkedAt, Tip
from swarmctl.edges.git.command import Git, Output, decode
from swarmctl.edges.git.registry import entries, under_way
from swarmctl.edges.git.repository import NO_COMMIT, Repository, branch_ref

LandingRef = Literal["none", "followed", "ahead", "diverged"]
Landed = Moved | ParkedAt | LostRace


@dataclass(frozen=True)
class Checkout:
    """A work tree that has the target checked out."""

    path: Path
    git_dir: Path


@dataclass(frozen=True)
class Target:
    """One branch that work lands on, with its landing ref."""

    repository: Repository
    name: str

    @property
    def ref(self) -> str:
        return branch_ref(self.name)

    @property
    def landing_ref(self) -> str:
        return f"refs/heads/swarm/land/{self.name}"

    @property
    def commit(self) -> str:
        found = self.repository.commit_of(self.ref)
        if not found:
            raise UsageFault(f"there is no branch {self.name} to land on", hint="git branch --list")
        return found

    @property
    def landing(self) -> str:
        return self.repository.commit_of(self.landing_ref)

    def state(self) -> LandingRef:
        """Where the landing ref stands, seen from the target."""
        landing = self.landing
        if not landing:
            return "none"
        if self.repository.contains(self.commit, landing):
            return "followed"
        return "ahead" if self.repository.contains(landing, self.commit) else "diverged"

    def tip(self) -> Tip:
        if self.state() == "ahead":
            return Tip(self.landing, parked=True)
        return Tip(self.commit, parked=False)

    def holds(self, commit: str) -> Literal["target", "landing", ""]:
        if self.repository.contains(self.commit, commit):
            return "target"
        landing = self.landing
        return "landing" if landing and self.repository.contains(landing, commit) else ""


def land(target: Target, proof: Proof) -> Landed:
    repository = target.repository
    if repository.tree_of(proof.commit) != proof.tree or not repository.contains(proof.commit, proof.base):
        raise EnvironmentFault(f"{proof.commit[:10]} is not what was proven: nothing landed", hint="swarmctl doctor")
    where = target.holds(proof.commit)
    if where == "target":
        return Moved(proof.commit)
    if where == "landing" and target.state() == "ahead":
        return _after(unpark(target), proof.commit)
    tip = target.tip()
    if tip.commit != proof.base:
        return LostRace(tip.commit)
    if tip.parked:
        if not repository.swap(target.landing_ref, proof.commit, proof.base, "swarmctl: landed while parked"):
            return LostRace(target.tip().commit)
        return _after(unpark(target), proof.commit)
    return _advance(target, proof)


def _after(result: Landed | None, commit: str) -> Landed:
    """What an attempt to follow says of one commit on the landing ref."""
    if isinstance(result, ParkedAt):
        return ParkedAt(commit, result.blocking)
    return Moved(commit) if result is None or isinstance(result, Moved) else result


def _advance(target: Target, proof: Proof) -> Landed:
    blocking = _move(target, proof.base, proof.commit)
    now = target.commit
    if target.repository.contains(now, proof.commit):
        return Moved(proof.commit)
    if now != proof.base or not blocking:
        return LostRace(now)
    return _park(target, proof, blocking)


def _park(target: Target, proof: Proof, blocking: str) -> Landed:
    stale = target.landing
    if stale and not target.repository.contains(proof.commit, stale):
        target.repository.git.run("update-ref", f"refs/swarm/land/{target.name}/{stale}", stale)
    if not target.repository.swap(target.landing_ref, proof.commit, stale or NO_COMMIT, "swarmctl: parked"):
        return LostRace(target.tip().commit)
    return ParkedAt(proof.commit, blocking)


def unpark(target: Target) -> Landed | None:
    """Bring the target to its landing ref, and let go of the ref once it followed."""
    state, landing = target.state(), target.landing
    if state == "none":
        return None
    if state == "diverged":
        return LostRace(target.commit)
    if state == "ahead":
        old = target.commit
        blocking = _move(target, old, landing)
        if not target.repository.contains(target.commit, landing):
            return ParkedAt(landing, blocking) if blocking and target.commit == old else LostRace(target.commit)
    target.repository.drop(target.landing_ref, landing)
    return Moved(landing)


def _move(target: Target, old: str, new: str) -> str:
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
    return _follow(target, checkouts[0], new)


def _follow(target: Target, checkout: Checkout, new: str) -> str:
    doing = under_way(checkout.git_dir)
    if doing:
        return f"{checkout.path} is in the middle of a {doing}"
    if (checkout.git_dir / "index.lock").exists():
        return f"another git command holds {checkout.git_dir / 'index.lock'}"
    git = target.repository.guarded(Git(checkout.git_dir, checkout.path))
    git = git.told({"GIT_REFLOG_ACTION": "swarmctl: landed"})
    flags = ["--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-verify-signatures", "--no-stat", "--quiet"]
    output = git.ask("merge", *flags, new)
    return "" if output.rc == 0 else _blocking(output)


def _blocking(output: Output) -> str:
    """The paths that git lists, else its complaint; one line."""
    paths = [line.strip() for line in output.err.splitlines() if line.startswith("\t")]
    if not paths:
        return output.complaint
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(paths[:5]) + more


def _checkouts(target: Target) -> list[Checkout]:
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
