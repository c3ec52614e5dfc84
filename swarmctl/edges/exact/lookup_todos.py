"""The lines with TODO or FIXME, as words in capitals, of the tracked text files, of one folder or of one file."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import parts, pattern, unquoted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Tree, clipped, command, count, found, listed, shown

NAME = "todos"
HINT = re.compile(r"\b(?:to-?dos?|fixmes?)\b", re.IGNORECASE)
_MARK = (
    r"(?P<mark>(?:TODOs?|FIXMEs?)(?:(?:,| and| or|/|,? and/or)\s?(?:TODOs?|FIXMEs?))?)"
    r"(?: (?:comments?|lines?|notes?|markers?))?"
)
_OPEN = r"(?:open |remaining |outstanding )?"
_THERE = r"(?: are there| are open| are| exist| remain| are left)?"
_IN = (
    r"(?: (?:in|of|under|inside|within|for) (?:(?P<all>(?:this|the|our)(?: whole)? "
    r"(?:repo|repository|project|codebase|code|tree))|(?:(?:the )?(?:file|folder|directory) )?PATH))?"
)
_ASKED = pattern(
    rf"(?:list )?(?:all )?(?:the )?{_OPEN}{_MARK}{_IN}",
    rf"(?:which|what) {_OPEN}{_MARK}{_THERE}{_IN}",
    rf"how many {_OPEN}{_MARK}{_THERE}{_IN}(?: are there)?",
    rf"(?:are|is) there (?:any |an? )?{_OPEN}{_MARK}(?: left)?{_IN}",
    rf"(?:any|every) {_OPEN}{_MARK}(?: left)?{_IN}",
    rf"where are (?:all )?(?:the )?{_OPEN}{_MARK}{_IN}",
    rf"(?:do|does) (?:we|i) (?:still )?have (?:any )?{_OPEN}{_MARK}(?: left)?{_IN}",
    rf"does PATH (?:have|contain) (?:any )?{_OPEN}{_MARK}",
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    matched = _ASKED.fullmatch(bare(asked.text))
    if not matched:
        return None
    said = parts(matched)
    where = _where(said, tree)
    if where is None or matched[0].lower() in ("todo", "fixme"):
        return None
    marks = [mark for mark in ("TODO", "FIXME") if mark.lower() in said["mark"].lower()]
    flags = ["-I", "-w", "-F", *(part for mark in marks for part in ("-e", mark)), "--", *([where] if where else [])]
    raw = tree.git(
        "--literal-pathspecs", "grep", "-n", "-z", "--no-color", "--no-column", "--no-recurse-submodules", *flags
    )
    if raw is None:
        return None
    hits = tree.hits(raw)
    what, place = " or ".join(marks), f" in {shown(where)}" if where else ""
    proof = command("git", "grep", "-n", *flags)
    if not hits:
        return found(f"no line with {what}{place}", proof, [where] if where in (tree.files or ()) else [])
    head = f"{count(len(hits), 'line')} with {what}{place}"
    lines = (f"{shown(hit.path)}:{hit.line} {clipped(hit.text)}" for hit in hits)
    return found(listed(head, lines), proof, (hit.path for hit in hits))


def _where(said: dict[str, str], tree: Tree) -> str | None:
    """Empty for everywhere."""
    if "path" not in said:
        return ""
    named = unquoted(said["path"])
    return tree.folder(named) or tree.file(named)
