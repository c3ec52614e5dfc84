"""Which branch and which commit the work tree is on; nothing of remotes, and nothing of what is not committed."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import pattern
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Tree, clipped, found, shown

NAME = "head"
HINT = re.compile(r"\b(?:branch|commit|head|checked|sha|revision|hash)\b", re.IGNORECASE)
_NOW = r"(?: now| right now| currently| at the moment)?"
_ON = r"(?:i|we) (?:currently |now )?on"
_BRANCH = pattern(
    rf"(?:which|what) branch (?:am|are) {_ON}{_NOW}",
    rf"(?:on )?(?:which|what) branch (?:am i|are we|is this)(?: on)?{_NOW}",
    r"(?:my|our|my current|our current|current) (?:git )?branch(?: name)?",
    rf"(?:the )?(?:name of (?:the )?)?(?:current|checked out|checked-out) (?:git )?branch(?: name)?{_NOW}",
    rf"(?:which|what) branch (?:is|do we have) (?:currently |now )?checked out{_NOW}",
    r"(?:which|what) (?:is )?(?:the |my |our )?current (?:git )?branch",
    rf"branch (?:am i|are we|i am|we are|i'm|we're) (?:currently )?on{_NOW}",
)
_COMMIT = pattern(
    rf"(?:which|what) (?:commit|revision) (?:am|are) {_ON}{_NOW}",
    rf"(?:on |at )?(?:which|what) (?:commit|revision) (?:am i|are we|is this)(?: on| at)?{_NOW}",
    r"(?:current|latest checked out) (?:git )?(?:commit|revision|sha|commit hash|commit id|commit sha)",
    r"(?:the )?(?:commit|sha|hash|commit hash|commit id|revision) (?:of|at) HEAD",
    r"(?:which|what) (?:is )?(?:the )?current (?:commit|revision|sha)",
    r"(?:which|what) commit is (?:HEAD(?: at)?|checked out)",
    r"HEAD commit",
    r"(?:which|what) commit does HEAD point (?:to|at)",
    rf"commit (?:am i|are we|i am|we are|i'm|we're) (?:currently )?(?:on|at){_NOW}",
    r"(?:what does )?HEAD(?: points? (?:to|at))",
)
_BOTH = pattern(
    rf"(?:which|what) (?:branch and commit|branch/commit|commit and branch|branch or commit) (?:am|are) {_ON}{_NOW}",
    rf"(?:which|what) branch (?:am|are) {_ON} and (?:which|what|on which|at which) commit",
    r"(?:the )?current (?:branch and commit|branch/commit|commit and branch)",
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    both = _BOTH.fullmatch(text)
    if both or _BRANCH.fullmatch(text):
        return _branch(tree, with_commit=both is not None)
    return _commit(tree) if _COMMIT.fullmatch(text) else None


def _branch(tree: Tree, *, with_commit: bool) -> Found | None:
    raw, head = tree.git("symbolic-ref", "--quiet", "HEAD"), _head(tree)
    if raw is None or head is None:
        return None
    branch = shown(raw.decode("utf-8", "surrogateescape").strip().removeprefix("refs/heads/"))
    if not branch:
        return found(f"no branch: HEAD is detached at {head}", "git status", ()) if head else None
    if not head:
        return found(f"{branch}, which has no commit yet", "git status", ())
    if with_commit:
        return found(f"{branch}, at {head}", "git log -1", ())
    return found(branch, "git symbolic-ref --short HEAD", ())


def _commit(tree: Tree) -> Found | None:
    head = _head(tree)
    return found(head, "git log -1 --format='%H %s'", ()) if head else None


def _head(tree: Tree) -> str | None:
    """Empty without a commit, None when it cannot be known."""
    commit = tree.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not commit:
        return None if commit is None else ""
    raw = tree.git("log", "-1", "--no-patch", "--no-show-signature", "--no-color", "--format=%H%x00%s", "HEAD", "--")
    oid, between, subject = (raw or b"").decode("utf-8", "backslashreplace").strip("\n").partition("\0")
    return f"{oid} {clipped(subject)}".strip() if between else None
