"""Merging in memory: three-way merges file by file, landings by compare-and-swap, and the gates' own worktree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from swarmctl.core.config import Strategy
from swarmctl.core.contest import Size
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.gate import Proof, Staged
from swarmctl.core.ports import Conflict, ConflictedPath, LostRace, Moved, ParkedAt, Tip
from tests.fakes.git import FakeRepository, FakeWorktree


class FakeIntegration:
    def __init__(self, repository: FakeRepository) -> None:
        self.repository = repository

    def tip(self, target: str) -> Tip:
        commit = self.repository.refs[f"refs/heads/{target}"]
        landing = self.repository.refs.get(_landing(target))
        if landing and landing != commit and self.repository.contains(landing, commit):
            return Tip(landing, parked=True)
        return Tip(commit, parked=False)

    def pin(self, ref: str, commit: str) -> None:
        self.repository.refs[ref] = commit

    def unpin(self, ref: str) -> None:
        self.repository.refs.pop(ref, None)

    def stage(self, tip: str, head: str, strategy: Strategy, message: str, at: float) -> Staged | Conflict:
        repository = self.repository
        base = repository.files(repository.merge_base(tip, head))
        merged, conflicts = repository.three_way(base, repository.files(tip), repository.files(head))
        if conflicts:
            return _conflict(tip, head, conflicts)
        if strategy == "rebase":
            commit = self._replay(tip, head, at)
        else:
            parents = (tip,) if strategy == "squash" else (tip, head)
            commit = repository.commit(merged, parents, message, at)
        return Staged(tip, head, commit, repository.commits[commit].tree, strategy)

    def _replay(self, tip: str, head: str, at: float) -> str:
        repository, top = self.repository, tip
        behind = set(repository.ancestors(tip))
        for oid in reversed([oid for oid in repository.ancestors(head) if oid not in behind]):
            picked = repository.commits[oid]
            before = repository.files(picked.parents[0])
            merged, _ = repository.three_way(before, repository.files(top), repository.files(oid))
            if merged != repository.files(top):
                top = repository.commit(merged, (top,), picked.message, at)
        return top

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        old, new = self.repository.files(before), self.repository.files(after)
        return tuple(path for path in sorted({*old, *new}) if old.get(path) != new.get(path))

    def size(self, before: str, after: str) -> Size:
        """A line that is elsewhere counts as removed here and added there."""
        old, new, paths = self.repository.files(before), self.repository.files(after), self.changed(before, after)
        sides = [(Counter(old.get(path, b"").splitlines()), Counter(new.get(path, b"").splitlines())) for path in paths]
        added = sum((after - before).total() for before, after in sides)
        return Size(len(paths), added, sum((before - after).total() for before, after in sides))

    def read(self, commit: str, path: str) -> bytes | None:
        return self.repository.files(commit).get(path)

    def check_out(self, worktree: str, commit: str) -> bool:
        files = dict(self.repository.files(commit))
        before = self.repository.worktrees.get(worktree)
        kept = {path: before.files[path] for path in before.excluded if path in before.files} if before else {}
        excluded = before.excluded if before else ()
        self.repository.worktrees[worktree] = FakeWorktree("", commit, {**kept, **files}, excluded)
        return before is None

    def exclude(self, worktree: str, paths: tuple[str, ...]) -> None:
        self.repository.worktrees[worktree].excluded = paths

    def commit_fix(self, worktree: str, staged: Staged, message: str) -> Staged:
        repository = self.repository
        files = repository.worktrees[worktree].work
        if repository.keep_tree(files) == staged.tree:
            return staged
        commit = repository.commit(files, (staged.commit,), message, repository.commits[staged.commit].at)
        return replace(staged, commit=commit, tree=repository.commits[commit].tree)

    def seal(self, staged: Staged, trailers: Mapping[str, str], at: float) -> Staged:
        top = self.repository.commits[staged.commit]
        lines = "".join(f"{key}: {value}\n" for key, value in trailers.items())
        files = self.repository.files(staged.commit)
        return replace(staged, commit=self.repository.commit(files, top.parents, f"{top.message}\n{lines}", at))

    def holds(self, target: str, commit: str) -> Literal["target", "landing", ""]:
        if self.repository.contains(self.repository.refs[f"refs/heads/{target}"], commit):
            return "target"
        landing = self.repository.refs.get(_landing(target))
        return "landing" if landing and self.repository.contains(landing, commit) else ""

    def land(self, proof: Proof, target: str) -> Moved | ParkedAt | LostRace:
        if self.repository.commits[proof.commit].tree != proof.tree:
            raise EnvironmentFault(f"{proof.commit[:10]} is not what was proven", hint="swarmctl doctor")
        where, tip = self.holds(target, proof.commit), self.tip(target)
        if where == "target":
            return Moved(proof.commit)
        if where == "" and tip.commit != proof.base:
            return LostRace(tip.commit)
        if where == "":
            self.repository.refs[_landing(target)] = proof.commit
        result = self.unpark(target)
        return ParkedAt(proof.commit, result.blocking) if isinstance(result, ParkedAt) else Moved(proof.commit)

    def unpark(self, target: str) -> Moved | ParkedAt | LostRace | None:
        repository, ref = self.repository, f"refs/heads/{target}"
        landing = repository.refs.get(_landing(target))
        if landing is None:
            return None
        if not repository.contains(landing, repository.refs[ref]):
            return LostRace(repository.refs[ref])
        blocking = repository.dirty & set(self.changed(repository.refs[ref], landing))
        if target == repository.checked_out and blocking:
            return ParkedAt(landing, ", ".join(sorted(blocking)))
        repository.refs[ref] = landing
        del repository.refs[_landing(target)]
        return Moved(landing)

    def revert(self, before: str, after: str, tip: str, message: str, at: float) -> Staged | Conflict:
        repository = self.repository
        old, landed = repository.files(before), repository.files(after)
        merged, conflicts = repository.three_way(landed, repository.files(tip), old)
        if conflicts:
            return _conflict(tip, after, conflicts)
        new = repository.commit(merged, (tip,), message, at)
        return Staged(tip, after, new, repository.commits[new].tree, "squash")


def _conflict(base: str, head: str, paths: list[str]) -> Conflict:
    return Conflict(base, head, tuple(ConflictedPath(path, "CONFLICT (contents)") for path in paths))


def _landing(target: str) -> str:
    return f"refs/heads/swarm/land/{target}"
