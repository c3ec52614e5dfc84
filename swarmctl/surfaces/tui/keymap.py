"""The keys as a person has them: what `[tui] keys` says over the tables of deeds, or why it cannot be so.

The tables of screens that are not open yet are loaded for somebody with keys of their own only.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from textual.keys import Keys, _character_to_key

from swarmctl.app.own import Own
from swarmctl.core.errors import UsageFault
from swarmctl.surfaces.tui.deed import Deed

NAMED = frozenset(
    (
        *(str(key.value) for key in Keys if "<" not in str(key.value)),
        *map(_character_to_key, string.punctuation),
        "space",
    )
)
MODIFIED = re.compile(r"(ctrl|alt|shift|super|meta|hyper)\+(.+)")
MOVING = ("up", "down", "left", "right", "j", "k", "pageup", "pagedown", "home", "end")
TAKEN = {
    **dict.fromkeys((*MOVING, "ctrl+u", "ctrl+d", "ctrl+pageup", "ctrl+pagedown"), "moves in lists and lines"),
    "tab": "goes to the other pane",
    "shift+tab": "goes to the other pane",
    "escape": "leaves and clears",
    "ctrl+c": "quits",
    "ctrl+q": "quits",
    "ctrl+p": "opens the palette",
    "ctrl+z": "goes to the shell",
    "ctrl+i": "is Tab to a terminal",
    "ctrl+m": "is Enter to a terminal",
    "ctrl+h": "is Backspace to a terminal",
}
"""Keys that are no deed's."""
EDGES = {"g": "goes to the first line", "G": "goes to the last line"}
TAKEN_AT = {"diff": {**EDGES, "enter": "opens the file"}, "compare": EDGES}
"""The same, of one screen; its own deed may have it out of the box."""
HINT = "docs/tui.md lists the deeds with their keys"


D = TypeVar("D", bound=Deed[Any])


def keys_of(own: Own) -> dict[str, str]:
    """Textual's name of each key that is another one, by deed: `merge` in the list, `diff.next` in another."""
    if not own.tui.keys:
        return {}
    from swarmctl.surfaces.tui.tables import TABLES

    known = {_full(screen, deed): deed for screen, deeds in TABLES.items() for deed in deeds}
    found = {}
    for name, key in own.tui.keys.items():
        if name not in known:
            raise _fault(own, name, f"is an unknown deed{_called(name, known) or _nearest(name, known)}")
        found[name] = _textual(own, name, key)
        _refuse_taken(own, name, known[name], found[name])
    for screen, deeds in TABLES.items():
        _refuse_twice(own, screen, deeds, found)
    return found


def keyed(remapped: Mapping[str, str], deeds: Iterable[D], screen: str = "") -> dict[str, D]:
    """Each deed by its key, as the person has it."""
    return {remapped.get(_full(screen, deed), deed.key): deed for deed in deeds}


def _full(screen: str, deed: Deed[Any]) -> str:
    return f"{screen}.{deed.name}" if screen else deed.name


def _refuse_twice(own: Own, screen: str, deeds: Iterable[Deed[Any]], found: Mapping[str, str]) -> None:
    by_key: dict[str, str] = {}
    for deed in sorted(deeds, key=lambda deed: _full(screen, deed) in found):
        name = _full(screen, deed)
        key = found.get(name, deed.key)
        if key in by_key:
            raise _fault(own, name, f"is on {own.tui.keys[name]!r}, where {by_key[key]} is")
        by_key[key] = name


def _textual(own: Own, name: str, key: str) -> str:
    """`M`, `/`, `ctrl+t`, `F5`."""
    found = _known(key)
    if not found:
        raise _fault(own, name, f"has an unknown key {key!r}{_nearest(key.lower(), NAMED.difference(TAKEN))}")
    return found


def _refuse_taken(own: Own, name: str, deed: Deed[Any], key: str) -> None:
    taken = {**TAKEN, **TAKEN_AT.get(name.rpartition(".")[0], {})}
    if key in taken and key != deed.key:
        raise _fault(own, name, f"cannot have {own.tui.keys[name]!r}, which {taken[key]}")


def _known(key: str) -> str:
    if len(key) == 1:
        return _character_to_key(key) if key.isprintable() else ""
    small = key.lower()
    if small in NAMED:
        return small
    match = MODIFIED.fullmatch(small)
    inner = _known(match[2]) if match else ""
    if match and match[1] == "shift" and inner.isalpha() and len(inner) == 1:
        return inner.upper()
    return f"{match[1]}+{inner}" if match and inner else ""


def _fault(own: Own, name: str, words: str) -> UsageFault:
    where = own.where(f"keys.{name}")
    return UsageFault(f"{f'{where}: ' if where else ''}[tui.keys] {name} {words}", hint=HINT)


def _called(name: str, known: Mapping[str, Deed[Any]]) -> str:
    """As the line of keys has it."""
    screen, _, label = name.rpartition(".")
    found = [full for full, deed in known.items() if deed.label == label and full.rpartition(".")[0] == screen]
    return f"; did you mean {found[0]}?" if found else ""


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
