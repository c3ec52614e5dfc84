"""`Integration` over the git binary: merges beside everyone, gates' own checkout, landings with a proof."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from swarmctl.core.config import Strategy
from swarmctl.core.contest import Size
from swarmctl.core.errors import UsageFault
from swarmctl.core.gate import Proof, Staged
from swarmctl.core.ports import Conflict, LostRace, Moved, ParkedAt, Tip
from swarmctl.edges.git import landing, staging
from swarmctl.edges.git.command import decode
from swarmctl.edges.git.commits import Author, Commit, read_commit, write_commit
from swarmctl.edges.git.faults import told
from swarmctl.edges.git.gate_checkout import Benches, check_out, exclude, fix_tree
from swarmctl.edges.git.making import Workshop
from swarmctl.edges.git.reading import changed_lines
from swarmctl.edges.git.repository import Repository

OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
REMEMBERED = 16


class GitIntegration:
    def __init__(self, repository: Repository, state: Path) -> None:
        self.repository = repository
        self.shop = Workshop(repository, state.resolve())
        self._bench = staging.Bench(repository, self.shop.state / "attributes")
        self._benches = Benches(self.shop)
        self._changed: dict[tuple[str, str], tuple[str, ...]] = {}

    @told
    def tip(self, target: str) -> Tip:
        return self._target(target).look().tip

    def landing_ref_state(self, target: str) -> landing.LandingRef:
        return self._target(target).look().state

    @told
    def holds(self, target: str, commit: str) -> Literal["target", "landing", ""]:
        place = self._target(target)
        with place.turn():
            return place.holds(commit)

    @told
    def pin(self, ref: str, commit: str) -> None:
        self.repository.git.run("update-ref", _ours(ref), commit)

    @told
    def unpin(self, ref: str) -> None:
        self.repository.git.run("update-ref", "-d", _ours(ref))

    @told
    def stage(self, tip: str, head: str, strategy: Strategy, message: str, at: float) -> Staged | Conflict:
        return staging.stage(self._bench, (tip, head), strategy, message, at)

    @told
    def seal(self, staged: Staged, trailers: Mapping[str, str], at: float) -> Staged:
        return staging.seal(self.repository, staged, dict(trailers), at)

    @told
    def revert(self, before: str, after: str, tip: str, message: str, at: float) -> Staged | Conflict:
        return staging.revert(self._bench, (before, after), tip, message, at)

    @told
    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """Two objects never differ otherwise than they did; the last pairs asked for are remembered."""
        known = self._changed.get((before, after))
        if known is None:
            known = self._list_changed(before, after)
            if OID.fullmatch(before) and OID.fullmatch(after):
                self._changed = dict([*self._changed.items(), ((before, after), known)][-REMEMBERED:])
        return known

    def _list_changed(self, before: str, after: str) -> tuple[str, ...]:
        trees = [f"{before}^{{tree}}", f"{after}^{{tree}}"]
        listed = self.repository.git.run(
            "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", *trees
        )
        return tuple(decode(path) for path in listed.fields)

    @told
    def read(self, commit: str, path: str) -> bytes | None:
        """The file's bytes; None when there is none, or something that is not a file."""
        plain = posixpath.normpath(path)
        found = None if plain.startswith(("/", "../")) else self.repository.objects(f"{commit}:{plain}")[0]
        return found.content if found and found.kind == "blob" else None

    @told
    def size(self, before: str, after: str) -> Size:
        return Size(*changed_lines(self.repository, before, after))

    @told
    def check_out(self, worktree: str, commit: str) -> bool:
        return check_out(self._benches, Path(worktree), commit)

    @told
    def exclude(self, worktree: str, paths: tuple[str, ...]) -> None:
        """Cleaning and fixes leave these alone: what provisioning made there, relative to the worktree."""
        exclude(self.shop, Path(worktree), paths)

    @told
    def commit_fix(self, worktree: str, staged: Staged, message: str) -> Staged:
        tree = fix_tree(self._benches, Path(worktree), staged.commit)
        if tree == staged.tree:
            return staged
        who = self.repository.identity()
        when = read_commit(self.repository, staged.commit).committed
        commit = Commit(tree, (staged.commit,), Author(who, when), when, message.encode("utf-8", "replace"))
        return replace(staged, commit=write_commit(self.repository.git, commit, who), tree=tree)

    @told
    def land(self, proof: Proof, target: str) -> Moved | ParkedAt | LostRace:
        return landing.land(self._target(target), proof)

    @told
    def unpark(self, target: str) -> Moved | ParkedAt | LostRace | None:
        return landing.unpark(self._target(target))

    def _target(self, name: str) -> landing.Target:
        return landing.Target(self.repository, name, self.shop.state)


def _ours(ref: str) -> str:
    if not ref.startswith("refs/swarm/") or ".." in ref:
        raise UsageFault(f"{ref} is not one of swarmctl's refs", hint="names begin with refs/swarm/")
    return ref
