"""The files of a diff by their folders. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from swarmctl.core.patch import Change
from swarmctl.surfaces.words.plain import one_line


@dataclass(slots=True)
class Folder:
    path: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A line of the tree: a folder, or the file of this number."""

    depth: int
    name: str
    path: str
    number: int = -1
    folded: bool = False


def tree_of(changes: Iterable[Change]) -> Folder:
    root = Folder("")
    for number, change in enumerate(changes):
        folder = root
        for part in change.new.split("/")[:-1]:
            if part not in folder.folders:
                folder.folders[part] = Folder(f"{folder.path}{part}/")
            folder = folder.folders[part]
        folder.files.append(number)
    return root


def leaves(root: Folder, changes: tuple[Change, ...], folded: frozenset[str]) -> list[Leaf]:
    """From the top to the bottom; folders that hold but one folder share its line."""
    found: list[Leaf] = []
    waiting: list[tuple[int, str, Folder | int]] = _inside(root, 0)
    while waiting:
        depth, name, each = waiting.pop()
        if isinstance(each, int):
            found.append(Leaf(depth, name_of(changes[each]), changes[each].new, each))
            continue
        while len(each.folders) == 1 and not each.files:
            part, each = next(iter(each.folders.items()))
            name = f"{name}/{part}"
        found.append(Leaf(depth, one_line(name), each.path, -1, each.path in folded))
        if each.path not in folded:
            waiting += _inside(each, depth + 1)
    return found


def _inside(folder: Folder, depth: int) -> list[tuple[int, str, Folder | int]]:
    """The last is the first to be taken."""
    files: list[tuple[int, str, Folder | int]] = [(depth, "", number) for number in reversed(folder.files)]
    return files + [(depth, name, each) for name, each in reversed(folder.folders.items())]


def name_of(change: Change) -> str:
    name = change.new.rpartition("/")[2]
    if change.old == change.new:
        return one_line(name)
    old_folder, _, old_name = change.old.rpartition("/")
    same = old_folder == change.new.rpartition("/")[0]
    return one_line(f"{name} ← {old_name if same else change.old}")
