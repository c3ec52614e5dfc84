"""`Outskirts` over files: how the things were that no session has to change, and which of them are others now.

A fingerprint says that something changed while the session ran, not who did it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from swarmctl.core.containment import Bystander
from swarmctl.core.errors import SwarmError

NOTE = "outside.json"
REFS = "refs.json"
OUR_REFS = "refs/heads/swarm/"
IN_GIT = ("config", "config.worktree", "info/attributes", "info/exclude", "objects/info/alternates")
NOISE = frozenset(
    (
        ".bash_history", ".zsh_history", ".python_history", ".node_repl_history", ".psql_history", ".lesshst",
        ".viminfo", ".wget-hsts", ".Xauthority", ".ICEauthority", ".xsession-errors", ".sudo_as_admin_successful",
    )
)  # fmt: skip
"""Files of the home folder that change because somebody is at work there."""
CHECKOUT, HEAD, SESSION = "checkout ", "checkout's HEAD", "worktree of "
Prints = dict[str, str]


class FileOutskirts:
    def __init__(
        self,
        root: Path,
        common: Path,
        own: Sequence[Path],
        uncommitted: Callable[[], Sequence[str]],
        lately: Callable[[], Sequence[str]] | None = None,
        resolve: Callable[..., Sequence[str]] = lambda *names: names,
    ) -> None:
        """`own`: files and folders of swarmctl's; `uncommitted`: paths in the user's checkout that no commit holds.

        `lately`: which they were a moment before a session begins. `resolve`: what names stand for, empty for nothing.
        """
        self._root = root
        self._common = common
        self._own = tuple(own)
        self._uncommitted = uncommitted
        self._lately = lately or uncommitted
        self._resolve = resolve

    def note(self, run_dir: str, home: str, bystanders: Sequence[Bystander], own: Sequence[str] = ()) -> None:
        prints = self._prints(Path(home), bystanders, self._lately)
        _write(Path(run_dir, NOTE), {"home": home, "own": list(own), "prints": prints})

    def changed(self, run_dir: str, bystanders: Sequence[Bystander], landed: Collection[str]) -> tuple[str, ...]:
        try:
            noted = json.loads(Path(run_dir, NOTE).read_text())
            before: Prints = noted["prints"]
            own = tuple(noted["own"])
        except (OSError, ValueError, KeyError):
            return ()
        home = Path(noted["home"])
        after = self._prints(home, bystanders, self._uncommitted)
        both = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        both = {name for name in both if not _belongs(name, home, own)}
        return tuple(sorted(name for name in both if not _explained(name, before, after, bystanders, landed)))

    def note_refs(self, run_dir: str, refs: Mapping[str, str]) -> None:
        found = zip(refs, self._resolve(*refs), strict=True)
        _write(Path(run_dir, REFS), {ref: refs[ref] for ref, oid in found if not oid})

    def lacked(self, run_dir: str) -> Mapping[str, str] | None:
        try:
            found = json.loads(Path(run_dir, REFS).read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _prints(self, home: Path, bystanders: Sequence[Bystander], uncommitted: Callable[[], Sequence[str]]) -> Prints:
        found = {f"~/{path.name}": _stamp(path) for path in _dotfiles(home)}
        found |= {f"~/.ssh/{path.name}": _stamp(path) for path in _files(home / ".ssh")}
        found |= {f".git/{name}": _digest(self._common / name) for name in IN_GIT}
        found |= {f".git/hooks/{path.name}": _stamp(path) for path in _files(self._common / "hooks")}
        found |= {f"ref {name}": oid for name, oid in _refs(self._common)}
        found |= {f"swarmctl's {path.name}": _digest(path) for own in self._own for path in (_files(own) or [own])}
        for each in bystanders:
            found[f"{SESSION}{each.name}"] = _stamp(Path(each.worktree))
        return {name: print_ for name, print_ in (found | self._checkout(uncommitted)).items() if print_}

    def _checkout(self, uncommitted: Callable[[], Sequence[str]]) -> Prints:
        try:
            paths = uncommitted()
        except SwarmError:
            return {}
        prints = {f"{CHECKOUT}{path}": _stamp(self._root / path) or "gone" for path in paths}
        return prints | {HEAD: _head(self._common)}


def _write(path: Path, noted: Mapping[str, object]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    part.write_text(json.dumps(noted))
    part.replace(path)


def _explained(
    name: str, before: Prints, after: Prints, bystanders: Sequence[Bystander], landed: Collection[str]
) -> bool:
    """By what swarmctl did itself meanwhile, or by a commit of the user's."""
    if name == HEAD:
        return True
    if name.startswith(SESSION):
        return name not in before or name.removeprefix(SESSION) not in {each.name for each in bystanders}
    if name.startswith(CHECKOUT) and name not in after:
        return before.get(HEAD) != after.get(HEAD)
    return after.get(name, "") in landed


def _belongs(name: str, home: Path, own: Sequence[str]) -> bool:
    """To the agent itself: what it said to write, what lies in there, and what it writes beside before it renames."""
    path = str(home / name.removeprefix("~/")) if name.startswith("~/") else ""
    return any(path == place or path.startswith((f"{place}/", f"{place}.")) for place in map(_bare, own))


def _bare(path: str) -> str:
    return path.rstrip("/")


def _dotfiles(home: Path) -> list[Path]:
    return [path for path in _files(home) if path.name.startswith(".") and path.name not in NOISE]


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry) for entry in os.scandir(folder) if not entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _stamp(path: Path) -> str:
    """Empty for what is not there."""
    try:
        found = path.lstat()
    except OSError:
        return ""
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_mode}"


def _digest(path: Path) -> str:
    try:
        return hashlib.blake2s(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _refs(common: Path) -> Iterator[tuple[str, str]]:
    """Branches and tags that are not ours, the packed ones first: a loose one counts."""
    packed = _text(common / "packed-refs").splitlines()
    rows = [line.split(" ", 1) for line in packed if line and line[0] not in "#^" and " " in line]
    yield from (
        (name, oid) for oid, name in rows if name.startswith(("refs/heads/", "refs/tags/")) and not _is_ours(name)
    )
    for kind in ("refs/heads", "refs/tags"):
        for folder, _, files in os.walk(common / kind):
            for file in files:
                name = (Path(folder) / file).relative_to(common).as_posix()
                if not _is_ours(name) and not file.endswith(".lock") and not file.startswith("."):
                    yield name, _text(common / name).strip()


def _is_ours(name: str) -> bool:
    return name.startswith(OUR_REFS)


def _head(common: Path) -> str:
    """What the user's checkout stands on."""
    head = _text(common / "HEAD").strip()
    name = head.removeprefix("ref: ")
    return head if name == head else f"{head} {dict(_refs(common)).get(name, '')}"


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
