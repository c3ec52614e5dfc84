"""Git in memory: commits, refs and worktrees as dictionaries, with three-way merges file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from swarmctl.core.bringing import Brought, Sides, TakenBack
from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.handmade import Handmade
from swarmctl.core.ports import Base, Removed, Work
from swarmctl.core.rejection import Rejection, without

Files = dict[str, bytes]


@dataclass(frozen=True)
class FakeCommit:
    tree: str
    parents: tuple[str, ...]
    message: str
    at: float


@dataclass
class FakeWorktree:
    branch: str
    """Empty: detached."""
    head: str
    files: Files
    excluded: tuple[str, ...] = ()
    held: bool = True
    """False: a person made it, and it is no session's."""
    lent: bool = False
    """A person made it, and it is held for a session."""
    merging: str = ""

    @property
    def work(self) -> Files:
        return {path: data for path, data in self.files.items() if path not in self.excluded}


@dataclass
class FakeRepository:
    """One repository with `main` checked out by the user."""

    commits: dict[str, FakeCommit] = field(default_factory=dict)
    trees: dict[str, Files] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    worktrees: dict[str, FakeWorktree] = field(default_factory=dict)
    trash: dict[str, FakeWorktree] = field(default_factory=dict)
    pool: int = 0
    checked_out: str = "main"
    dirty: set[str] = field(default_factory=set)
    """Paths with changes of the user's own in the checkout."""

    @classmethod
    def of(cls, files: Files) -> FakeRepository:
        repository = cls()
        repository.refs["refs/heads/main"] = repository.commit(files, (), "First")
        return repository

    def commit(self, files: Files, parents: tuple[str, ...], message: str, at: float = 0.0) -> str:
        made = FakeCommit(self.keep_tree(files), parents, message, at)
        oid = _digest(repr(made))
        self.commits[oid] = made
        return oid

    def keep_tree(self, files: Files) -> str:
        tree = _digest(repr(sorted(files.items())))
        self.trees[tree] = dict(files)
        return tree

    def files(self, name: str) -> Files:
        """Of a commit or a tree."""
        return self.trees[self.commits[name].tree if name in self.commits else name]

    def contains(self, whole: str, part: str) -> bool:
        return part in self.ancestors(whole)

    def ancestors(self, commit: str) -> list[str]:
        """The commit and everything before it, nearest first."""
        seen: dict[str, None] = {}
        waiting = [commit]
        while waiting:
            oid = waiting.pop(0)
            if oid not in seen:
                seen[oid] = None
                waiting += self.commits[oid].parents
        return list(seen)

    def merge_base(self, one: str, other: str) -> str:
        theirs = set(self.ancestors(other))
        return next(oid for oid in self.ancestors(one) if oid in theirs)

    def three_way(self, base: Files, ours: Files, theirs: Files) -> tuple[Files, list[str]]:
        merged, conflicts = {}, []
        for path in sorted({*base, *ours, *theirs}):
            old, mine, yours = base.get(path), ours.get(path), theirs.get(path)
            result = yours if mine == old else mine
            if mine not in (old, yours) and yours != old:
                conflicts.append(path)
            if result is not None:
                merged[path] = result
        return merged, conflicts


class FakeWorktrees:
    def __init__(self, repository: FakeRepository) -> None:
        self.repository = repository

    def base(self, target: str, *, fetch: bool) -> Base:
        branch = target or self.repository.checked_out
        commit = self.repository.refs.get(f"refs/heads/{branch}")
        if commit is None:
            raise UsageFault(f"there is no branch {branch}", hint="git branch --list")
        return Base(commit, branch, branch)

    def uncommitted(self) -> tuple[str, ...]:
        return tuple(sorted(self.repository.dirty))

    def add(self, path: str, branch: str, base: str) -> bool:
        if path in self.repository.worktrees:
            return False
        head = self.repository.refs.setdefault(f"refs/heads/{branch}", base)
        self.repository.worktrees[path] = FakeWorktree(branch, head, dict(self.repository.files(head)))
        warm = self.repository.pool > 0
        self.repository.pool -= int(warm)
        return warm

    def fill_pool(self, base: str, size: int) -> int:
        made = max(0, size - self.repository.pool)
        self.repository.pool = max(size, self.repository.pool)
        return made

    def exclude(self, worktree: str, paths: Sequence[str]) -> None:
        self._at(worktree).excluded = tuple(paths)

    def alias(self, worktree: str, name: str, among: Sequence[str]) -> tuple[str, ...]:
        place, made = self._at(worktree), []
        for folder in sorted({path.rpartition("/")[0] for path in self.repository.files(place.head)}):
            beside = {each: f"{folder}/{each}" if folder else each for each in (name, *among)}
            source = next((beside[each] for each in among if beside[each] in place.files), "")
            if source and beside[name] not in place.files:
                place.files[beside[name]] = place.files[source]
                made.append(beside[name])
        place.excluded = (*place.excluded, *made)
        return tuple(made)

    def checkpoint(self, worktree: str, ref: str, message: str) -> str:
        place, repository = self._at(worktree), self.repository
        before = repository.refs.get(ref)
        if before and (repository.files(before), repository.commits[before].parents[0]) == (place.work, place.head):
            return before
        parents = (place.head, before) if before and before != place.head else (place.head,)
        repository.refs[ref] = repository.commit(place.work, parents, message)
        return repository.refs[ref]

    def commit_work(self, worktree: str, branch: str, base: str, message: str, sides: Sides | None = None) -> Work:
        place, repository = self._at(worktree), self.repository
        merging = sides is not None and place.merging == sides.theirs
        if merging and (left := sorted(path for path, data in place.files.items() if b"<<<<<<<" in data)):
            return Work(place.head, True, (), f"{sides.name if sides else ''} is not merged: {', '.join(left)}")
        before = repository.files(place.head)
        paths = tuple(sorted(path for path in {*before, *place.work} if before.get(path) != place.work.get(path)))
        secret = [path for path in paths if path.rpartition("/")[2] == ".env" and path in place.files]
        if secret:
            return Work(place.head, place.head != base, (), f"not committed without you: {', '.join(secret)}")
        if paths or merging:
            parents = (place.head, place.merging) if merging else (place.head,)
            place.head, place.merging = repository.commit(place.work, parents, message), ""
            repository.refs[f"refs/heads/{branch}"] = place.head
        merged = sides is not None and repository.contains(place.head, sides.theirs)
        since = sides.theirs if merged and sides is not None else base
        return Work(place.head, not repository.contains(since, place.head), paths, "", merged)

    def bring(self, worktree: str, branch: str, sides: Sides, *, leave: bool) -> Brought:
        place, repository = self._at(worktree), self.repository
        if repository.contains(place.head, sides.theirs):
            return Brought(place.head, repository.files(place.head) != repository.files(sides.theirs))
        ours, theirs = repository.files(sides.ours), repository.files(sides.theirs)
        base = repository.files(repository.merge_base(sides.ours, sides.theirs))
        merged, conflicts = repository.three_way(base, ours, theirs)
        if not conflicts:
            parents = (sides.ours, sides.theirs)
            place.head = repository.commit(merged, parents, f"Merge {sides.name} into {branch}\n")
            repository.refs[f"refs/heads/{branch}"] = place.head
        elif leave:
            place.merging = sides.theirs
            for path in conflicts:
                merged[path] = b"<<<<<<<\n" + ours.get(path, b"") + b"=======\n" + theirs.get(path, b"") + b">>>>>>>\n"
        else:
            merged = ours
        place.files = {**{path: place.files[path] for path in place.excluded if path in place.files}, **merged}
        log = "\n".join(repository.commits[oid].message for oid in repository.ancestors(sides.theirs)[:1])
        return Brought(place.head, merged != theirs, tuple(f"{path} (contents)" for path in conflicts), log)

    def take_back(self, worktree: str, branch: str, sides: Sides) -> TakenBack:
        place = self._at(worktree)
        if self.repository.contains(place.head, sides.theirs):
            return TakenBack(whole=place.head)
        if place.head != sides.ours:
            return TakenBack(left=f"HEAD of {worktree} is at {place.head[:10]}, not at {sides.ours[:10]}")
        place.files, place.merging = dict(self.repository.files(sides.ours)), ""
        return TakenBack()

    def reject(self, worktree: str, what: Rejection) -> str:
        place, repository = self._at(worktree), self.repository
        was, seen, now = (repository.files(name) for name in (what.before, what.after, place.head))
        goal = {path: was.get(path) for path in what.paths}
        if what.run is not None:
            goal = {what.new: without(was[what.old], seen[what.new], what.run)}
        if any(now.get(path) not in (seen.get(path), goal[path]) for path in goal):
            return "it changed since you looked"
        if {path: data for path, data in now.items() if path not in goal} != {
            path: data for path, data in seen.items() if path not in goal
        }:
            return "it changed since you looked"
        for path, data in goal.items():
            if data is None:
                place.files.pop(path, None)
            else:
                place.files[path] = data
        return ""

    def remove(self, worktree: str, trash: str, ref: str, message: str) -> Removed:
        if worktree not in self.repository.worktrees and ref not in self.repository.refs:
            raise Refused(f"{worktree} is not a worktree of swarmctl's: left alone", hint="git worktree list")
        if worktree in self.repository.worktrees:
            self.checkpoint(worktree, ref, message)
            self.repository.trash[trash] = self.repository.worktrees.pop(worktree)
        return Removed(self.repository.refs[ref], trash if trash in self.repository.trash else "")

    def delete_branch(self, branch: str, oid: str) -> bool:
        if self.repository.refs.get(f"refs/heads/{branch}") != oid:
            return False
        del self.repository.refs[f"refs/heads/{branch}"]
        return True

    def uphold(self, refs: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        missing = [ref for ref in refs if ref not in self.repository.refs]
        back = [ref for ref in missing if refs[ref] in self.repository.commits]
        self.repository.refs |= {ref: refs[ref] for ref in back}
        return tuple(back), tuple(ref for ref in missing if ref not in back)

    def stands(self, worktree: str) -> bool:
        place = self.repository.worktrees.get(worktree)
        return place is not None and place.held

    def restore(self, worktree: str, trash: str, branch: str, head: str, checkpoint: str) -> None:
        repository = self.repository
        if worktree in repository.worktrees:
            return
        head = head or repository.commits[checkpoint].parents[0]
        repository.refs.setdefault(f"refs/heads/{branch}", head)
        kept = repository.trash.pop(trash, None)
        repository.worktrees[worktree] = kept or FakeWorktree(branch, head, dict(repository.files(checkpoint)))

    def look_at(self, name: str, target: str) -> Handmade:
        found = {name: self.repository.worktrees[name]} if name in self.repository.worktrees else {}
        found = found or {path: each for path, each in self.repository.worktrees.items() if each.branch == name}
        base = self.base(target, fetch=False)
        for path, place in found.items():
            if place.held and not place.lent:
                raise Refused(f"{path} is swarmctl's already", hint="swarmctl ps")
            if place.branch in ("", base.target):
                raise Refused(f"{path} has no branch of its own", hint=f"git -C {path} switch -c NAME")
            head, before = place.head, self.repository.files(place.head)
            loose = {file for file in {*before, *place.work} if before.get(file) != place.work.get(file)}
            fork = self.repository.merge_base(head, base.commit)
            subject = self.repository.commits[head].message if head != fork else ""
            return Handmade(path, place.branch, head, fork, subject, tuple(sorted(loose)))
        raise UsageFault(f"{name} is neither a worktree, nor a branch, nor a pane", hint="git worktree list")

    def hold(self, worktree: str, branch: str) -> None:
        place = self.repository.worktrees.get(worktree)
        if place is None:
            raise EnvironmentFault(f"{worktree} is not a worktree any more", hint="git worktree list")
        if place.branch != branch:
            raise Refused(f"{worktree} went on to another branch: {place.branch}", hint="swarmctl adopt")
        place.held = place.lent = True

    def give_back(self, worktree: str) -> None:
        if worktree in self.repository.worktrees:
            place = self.repository.worktrees[worktree]
            place.held = place.lent = False

    def _at(self, worktree: str) -> FakeWorktree:
        if worktree not in self.repository.worktrees or not self.repository.worktrees[worktree].held:
            raise EnvironmentFault(f"{worktree} is not a worktree of swarmctl's", hint="git worktree list")
        return self.repository.worktrees[worktree]


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
