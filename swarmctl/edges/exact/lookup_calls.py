"""Who calls a function of this repository's Python, by how calls are spelled; whose method it is only the name says."""

from __future__ import annotations

import re
from io import FileIO, StringIO

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.lookup_defined import is_named, python_facts
from swarmctl.edges.exact.lookup_imports import absolute
from swarmctl.edges.exact.operands import module_of, parts, pattern, wanted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.pyfacts import Call, Facts
from swarmctl.edges.exact.tree import Tree, command, count, found, listed, shown

NAME = "who-calls"
HINT = re.compile(r"\b(?:calls?|callers?|called|invok\w+|instantiat\w+)\b", re.IGNORECASE)
_HERE = r"(?: in (?:this|the|our) (?:repo|repository|project|codebase|code))?"
_ASKED = pattern(
    rf"(?:who|what|which (?:functions?|methods?|code|places?)) (?:calls?|invokes?|instantiates?) SYMBOL{_HERE}",
    rf"where(?:'s| is|s) SYMBOL (?:being )?(?:called|invoked|instantiated)(?: from)?{_HERE}",
    rf"(?:what|who) is SYMBOL (?:called|invoked) (?:by|from){_HERE}",
    rf"where (?:do|does) (?:we|anybody|anyone) (?:call|invoke|instantiate) SYMBOL{_HERE}",
    rf"(?:all )?(?:the )?(?:callers|calls) (?:of|to) SYMBOL{_HERE}",
    rf"who are the callers of SYMBOL{_HERE}",
    rf"(?:by )?(?:whom|who|what) (?:is|are) SYMBOL (?:called|invoked)(?: by)?{_HERE}",
    rf"list (?:all )?(?:the )?(?:callers|calls) (?:of|to) SYMBOL{_HERE}",
    rf"how many times is SYMBOL (?:called|invoked){_HERE}",
    rf"how many (?:calls|callers) (?:of|to) SYMBOL are there{_HERE}",
    rf"is SYMBOL (?:ever |still )?called(?: anywhere| at all)?{_HERE}",
    rf"(?:does|do) (?:anybody|anyone|anything|something|we) (?:ever |still )?call SYMBOL{_HERE}",
)

_EVERYWHERE = frozenset(
    name for kind in (str, bytes, bytearray, list, dict, set, int, float, FileIO, StringIO) for name in dir(kind)
)
"""Methods that things have which are defined elsewhere: whose such a call reaches, no name says."""


def answer(asked: Asked, tree: Tree) -> Found | None:
    matched = _ASKED.fullmatch(bare(asked.text))
    if not matched:
        return None
    said = parts(matched)
    name = wanted(said["symbol"])
    if not name:
        return None
    last = name.rpartition(".")[2]
    hits = tree.mentions(last)
    if not hits or any(re.search(rf"\b{last}\b\s*\(", hit.text) and tree.is_other_code(hit.path) for hit in hits):
        return None
    known = python_facts(hits, tree, re.compile(rf"\b{last}\s*(?:\(|as\b|\\?$|#)|\b(?:def|class)\s+{last}\b"))
    if known is None or any(_renamed(last, made) for _, made in known):
        return None
    named = {
        (path, each.qualified)
        for path, made in known
        for each in made.definitions
        if each.kind != "name" and each.qualified.rpartition(".")[2] == last
    }
    if not any(is_named(name, path, qualified) for path, qualified in named):
        return None
    if "." in name and (len(named) > 1 or last in _EVERYWHERE):
        return None
    homes = {path for path, _ in named}
    calls, sure = [], len(named) == 1 and not any("." in qualified for _, qualified in named)
    for path, made in known:
        mine = [call for call in made.calls if call.spelled.rpartition(".")[2] == last]
        calls += [(path, call) for call in mine]
        sure = sure and all(_is_sure(call, path, made, homes) for call in mine)
    return _told(name, calls, [path for path, _ in known], lines=len(hits), sure=sure)


def _renamed(last: str, made: Facts) -> bool:
    """Imported under another name, by which it may be called."""
    return any(each.name == last and each.alias not in ("", last) for each in made.imports)


def _is_sure(call: Call, path: str, made: Facts, homes: set[str]) -> bool:
    """It can only mean what is defined at home: called there, or imported from there by its own name."""
    receiver, _, last = call.spelled.rpartition(".")
    first = receiver.partition(".")[0] or last
    if first in made.bound or (receiver and not first):
        return False
    if receiver:
        sources = {f"{absolute(each.module, path)}.{each.name}" for each in made.imports if each.name == receiver}
        sources |= {each.module for each in made.imports if not each.name and each.module == receiver}
    else:
        sources = {absolute(each.module, path) for each in made.imports if each.name == last}
    if path in homes and not receiver:
        return not sources
    homely = {module_of(home) for home in homes}
    return bool(sources) and all(any(f".{home}".endswith(f".{each}") for home in homely) for each in sources)


def _told(name: str, calls: list[tuple[str, Call]], paths: list[str], *, lines: int, sure: bool) -> Found:
    last = name.rpartition(".")[2]
    proof = command("git", "grep", "-n", "-w", "-F", "-e", last, "--", "*.py")
    if not calls:
        words = f"no call of {name}: no tracked Python file calls anything by the name {last}"
        return found(f"{words}, which {count(lines, 'line')} mention{'s' if lines == 1 else ''}", proof, paths)
    rows = [f"{shown(path)}:{call.line} in {shown(call.within) or 'the module itself'}" for path, call in calls]
    what = name if sure else f"{last} by that name, whatever it is called on"
    return found(listed(f"{count(len(calls), 'call')} of {what}", rows), proof, paths)
