"""The last commit that changed a file, a folder or a Python symbol; uncommitted work does not count."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.lookup_defined import binding, is_named, python_facts
from swarmctl.edges.exact.operands import parts, pattern, unquoted, wanted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.pyfacts import facts
from swarmctl.edges.exact.tree import Tree, clipped, command, found, shown

NAME = "last-change"
HINT = re.compile(r"\b(?:last|latest|recent\w*|when|who)\b", re.IGNORECASE)
_CHANGED = r"(?:changed?|modified|modify|touched?|edited|edit|updated?|committed)"
_LAST = r"(?:last|most recently)"
_WORDINGS = (
    rf"when (?:was|were|is) THING {_LAST} {_CHANGED}",
    rf"when did THING {_LAST} {_CHANGED}",
    rf"when did THING {_CHANGED} {_LAST}",
    rf"when (?:was|were) THING {_CHANGED} {_LAST}",
    rf"when did (?:we|anybody|anyone|somebody|someone) {_LAST} {_CHANGED} THING",
    r"when was the last (?:change|edit|update|commit) (?:to|of|on|in) THING",
    rf"who (?:{_LAST} )?{_CHANGED} THING {_LAST}",
    rf"who (?:was )?(?:the )?{_LAST} (?:to )?{_CHANGED} THING",
    r"who was the last (?:person |one )?to (?:change|modify|touch|edit|update) THING",
    r"(?:the )?(?:last|latest|most recent) (?:change|commit|edit|update) (?:to|of|on|in) THING",
    r"(?:the )?(?:last|latest|most recent) commit that (?:changed|touched) THING",
    rf"(?:which|what) commit {_LAST} {_CHANGED} THING",
    r"(?:which|what) (?:was|is) the (?:last|latest) (?:commit|change) (?:to|of|on|that changed|that touched) THING",
    r"(?:date of (?:the )?)?last (?:change|commit|edit|update) (?:to|of|on) THING",
    rf"when (?:was|were) THING {_LAST} {_CHANGED},? and by (?:whom|who)",
    rf"who {_LAST} {_CHANGED} THING,? and when",
    r"who made the (?:last|latest) (?:change|commit|edit) (?:to|in|of) THING",
    r"who(?:'s| is) (?:the )?author of the last (?:change|commit) (?:to|of|in) THING",
    r"(?:the )?author of the last (?:change|commit) (?:to|of|in) THING",
)
_THING = r"(?:(?P<kind>(?:the )?(?:function|method|class|constant)) )?PATH"
_ASKED = pattern(*(each.replace("THING", _THING) for each in _WORDINGS))
_FORMAT = "--format=%H%x00%aI%x00%an%x00%ae%x00%s"
_FLAGS = ("-1", "--no-patch", "--no-show-signature", "--no-color", "--no-ext-diff", "--no-textconv", _FORMAT)


def answer(asked: Asked, tree: Tree) -> Found | None:
    matched = _ASKED.fullmatch(bare(asked.text))
    if not matched:
        return None
    said = parts(matched)
    raw = said["path"]
    named = unquoted(raw)
    path = None if "kind" in said else tree.file(named) or tree.folder(named)
    if path:
        return _of_path(path, tree)
    if _missing(tree, named):
        return None
    name = wanted(raw)
    return _of_symbol(name, tree) if name else None


def _missing(tree: Tree, named: str) -> bool:
    """It looks like a path, and is none that is tracked."""
    return tree.files is None or "/" in named or "@" in named


def _of_path(path: str, tree: Tree) -> Found | None:
    told = _commit(tree.git("--literal-pathspecs", "log", *_FLAGS, "HEAD", "--", path), tree)
    if told is None:
        return None
    proof = command("git", "log", "-1", "--date=iso", "--", path)
    return found(f"{shown(path)} was last changed by {told}", proof, [path] if path in (tree.files or ()) else [])


def _of_symbol(name: str, tree: Tree) -> Found | None:
    """Its lines as they are committed."""
    last = name.rpartition(".")[2]
    hits = tree.mentions(last)
    if not hits or any(tree.is_other_code(hit.path) for hit in hits):
        return None
    known = python_facts(hits, tree, binding(last))
    rows = [
        (path, each.qualified)
        for path, made in known or ()
        for each in made.definitions
        if is_named(name, path, each.qualified)
    ]
    if len(rows) != 1:
        return None
    path, qualified = rows[0]
    content = tree.git("cat-file", "blob", f"HEAD:{path}")
    made = facts(content) if content else None
    spans = {(each.line, each.end) for each in (made.definitions if made else ()) if each.qualified == qualified}
    if len(spans) != 1:
        return None
    first, end = spans.pop()
    told = _commit(tree.git("log", f"-L{first},{end}:{path}", *_FLAGS, "HEAD"), tree)
    if told is None:
        return None
    proof = command("git", "log", "-1", "-s", f"-L{first},{end}:{path}", "HEAD")
    return found(f"{shown(qualified)} ({shown(path)}) was last changed by {told}", proof, [path])


def _commit(raw: bytes | None, tree: Tree) -> str | None:
    """None where history ends before it says so."""
    fields = (raw or b"").decode("utf-8", "backslashreplace").strip("\n").split("\0")
    if len(fields) != 5 or _cut(tree):
        return None
    commit, when, name, mail, subject = fields
    return (
        f"{commit[:12]} on {when[:10]} {when[11:16]} {when[19:]} by {shown(name)} <{shown(mail)}>: {clipped(subject)}"
    )


def _cut(tree: Tree) -> bool:
    """A shallow clone says of its oldest commit that it changed everything."""
    said = tree.git("rev-parse", "--is-shallow-repository")
    return said is None or said.strip() != b"false"
