"""Merges built in the object store, by three-way merges only: no checkout, no index, nobody disturbed."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from swarmctl.core.config import Strategy
from swarmctl.core.gate import Staged
from swarmctl.core.ports import Conflict, ConflictedPath
from swarmctl.edges.git.command import Git, Output, decode, fault
from swarmctl.edges.git.commits import Author, Commit, read_commit, stamp, write_commit
from swarmctl.edges.git.repository import Identity, Repository

SYNTHETIC = Identity("swarmctl", "swarmctl@localhost")
SYNTHETIC_WHEN = "0 +0000"


@dataclass(frozen=True)
class Bench:
    """Where merges are built: a repository, and a folder for the attributes that hold during one."""

    repository: Repository
    folder: Path

    def git_for(self, tip: str) -> Git:
        """A git for one merge: `union` and `binary` hold as the tip's own root file has them, not a checkout's."""
        found = self.repository.objects(f"{tip}:.gitattributes")[0]
        content = found.content if found and found.kind == "blob" else b""
        place = self.folder / hashlib.sha256(content).hexdigest()[:16]
        if not (place / ".gitattributes").exists():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place, delete=False) as part:
                part.write(content)
            Path(part.name).replace(place / ".gitattributes")
        return self.repository.guarded(Git(self.repository.common, place))


def stage(bench: Bench, sides: tuple[str, str], strategy: Strategy, message: str, at: float) -> Staged | Conflict:
    """`sides` are the tip and the head. Nothing new is still a `Staged`: its tree is the tip's.

    squash: one commit on the tip, by the author of the head. merge: a commit with both as parents.
    rebase: the branch's first-parent line replayed one by one with its authors and messages; a merge on that line
    becomes one plain commit of what it brought in, and a commit whose change the tip has already falls away.
    """
    tip, head = sides
    if strategy == "rebase":
        return _replay_all(bench, tip, head, message, at)
    tree = merge(bench.git_for(tip), tip, head)
    if isinstance(tree, Conflict):
        return tree
    parents = (tip,) if strategy == "squash" else (tip, head)
    author = read_commit(bench.repository, head).author
    commit = _write(bench.repository, Commit(tree, parents, author, stamp(at), _ended(message)))
    return Staged(base=tip, head=head, commit=commit, tree=tree, strategy=strategy)


def revert(bench: Bench, landed: tuple[str, str], tip: str, message: str, at: float) -> Staged | Conflict:
    """The change from the first of `landed` to the second, taken back on `tip`."""
    before, after = landed
    repository = bench.repository
    tree = _three_way(bench, tip, read_commit(repository, after).tree, read_commit(repository, before).tree)
    if isinstance(tree, Conflict):
        return replace(tree, base=tip, head=after)
    author = Author(repository.identity(), stamp(at))
    new = _write(repository, Commit(tree, (tip,), author, stamp(at), _ended(message)))
    return Staged(base=tip, head=after, commit=new, tree=tree, strategy="squash")


def _replay_all(bench: Bench, tip: str, head: str, message: str, at: float) -> Staged | Conflict:
    """What conflicts, and was resolved when the target was merged into the branch, is taken as it is there."""
    git = bench.repository.git
    line = [
        read_commit(bench.repository, oid)
        for oid in git.text("rev-list", "--reverse", "--first-parent", f"{tip}..{head}").split()
    ]
    steps = [(_tree_before(bench, picked), picked) for picked in line]
    done = _replay(bench, tip, steps, at)
    met = [number for number, picked in enumerate(line) if _brings_in(bench, picked, tip)]
    if isinstance(done, Conflict) and met:
        merge = line[met[-1]]
        whole = replace(merge, message=_ended(message))
        steps = [(read_commit(bench.repository, merge.parents[1]).tree, whole), *steps[met[-1] + 1 :]]
        done = _replay(bench, tip, steps, at)
    if isinstance(done, Conflict):
        return replace(done, base=tip, head=head)
    return Staged(base=tip, head=head, commit=done, tree=bench.repository.tree_of(done), strategy="rebase")


def _tree_before(bench: Bench, picked: Commit) -> str:
    return (
        read_commit(bench.repository, picked.parents[0]).tree if picked.parents else _empty_tree(bench.repository.git)
    )


def _brings_in(bench: Bench, picked: Commit, tip: str) -> bool:
    """It merged what the tip holds as well."""
    return len(picked.parents) == 2 and bench.repository.contains(tip, picked.parents[1])


def _replay(bench: Bench, tip: str, steps: list[tuple[str, Commit]], at: float) -> str | Conflict:
    """Each step is a tree before and the commit that made another of it."""
    top, top_tree = tip, bench.repository.tree_of(tip)
    for before, picked in steps:
        tree = _three_way(bench, top, before, picked.tree)
        if isinstance(tree, Conflict):
            return tree
        if tree != top_tree:
            top = _write(bench.repository, Commit(tree, (top,), picked.author, stamp(at), picked.message))
            top_tree = tree
    return top


def _three_way(bench: Bench, onto: str, before: str, after: str) -> str | Conflict:
    """The tree of `onto` with the change from tree `before` to tree `after`.

    Stand-in commits give git exactly this merge base, which `merge-tree` cannot be told before 2.40.
    """
    base = _stand_in(bench.repository.git, before)
    ours = _stand_in(bench.repository.git, bench.repository.tree_of(onto), base)
    theirs = _stand_in(bench.repository.git, after, base)
    return merge(bench.git_for(onto), ours, theirs)


def _stand_in(git: Git, tree: str, *parents: str) -> str:
    author = Author(SYNTHETIC, SYNTHETIC_WHEN)
    return write_commit(git, Commit(tree, parents, author, SYNTHETIC_WHEN, b"stand-in\n"), SYNTHETIC)


def merge(git: Git, ours: str, theirs: str) -> str | Conflict:
    """The merged tree."""
    output = git.ask("merge-tree", "--write-tree", "-z", "--name-only", "--messages", ours, theirs)
    if output.rc == 0:
        return output.out.split(b"\0")[0].decode()
    if output.rc == 1:
        return Conflict(base=ours, head=theirs, paths=conflicts_in(output))
    if "unrelated histories" in output.err:
        return Conflict(base=ours, head=theirs, paths=(ConflictedPath("", "CONFLICT (unrelated histories)"),))
    raise fault(["merge-tree"], output)


def conflicts_in(output: Output) -> tuple[ConflictedPath, ...]:
    """`tree NUL path NUL … NUL NUL`, then `count NUL paths NUL type NUL message NUL` again and again."""
    listed, _, told = output.out.partition(b"\0\0")
    kinds = {path: "CONFLICT" for path in listed.split(b"\0")[1:]}
    fields = iter(told.split(b"\0"))
    for count in fields:
        if not count.isdigit():
            break
        paths = [next(fields) for _ in range(int(count))]
        kind = next(fields).decode()
        next(fields)
        if kind.startswith("CONFLICT"):
            kinds |= {path: kind for path in paths if kinds.get(path, "CONFLICT") == "CONFLICT"}
    return tuple(ConflictedPath(decode(path), kind) for path, kind in kinds.items())


def seal(repository: Repository, staged: Staged, trailers: dict[str, str], at: float) -> Staged:
    """The same tree and parents, with `trailers` at the end of the message."""
    top = read_commit(repository, staged.commit)
    lines = [f"{key}: {' '.join(value.split())}".rstrip() for key, value in trailers.items()]
    sealed = replace(top, committed=stamp(at), message=_with_trailers(top.message, lines))
    return replace(staged, commit=_write(repository, sealed))


def _with_trailers(message: bytes, lines: list[str]) -> bytes:
    body = message.rstrip()
    last = body.split(b"\n\n")[-1].splitlines() if b"\n\n" in body else []
    joined = all(_is_trailer(line) for line in last) and last
    gap = b"\n" if joined else b"\n\n"
    return body + gap + "\n".join(lines).encode("utf-8", "replace") + b"\n"


def _is_trailer(line: bytes) -> bool:
    key, colon, _ = line.partition(b": ")
    return bool(colon) and key.replace(b"-", b"").isalnum()


def _ended(message: str) -> bytes:
    return message.rstrip().encode("utf-8", "replace") + b"\n"


def _write(repository: Repository, commit: Commit) -> str:
    return write_commit(repository.git, commit, repository.identity())


def _empty_tree(git: Git) -> str:
    return git.text("hash-object", "-t", "tree", "-w", "--stdin")
