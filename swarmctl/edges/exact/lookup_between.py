"""What differs between two commits, branches or tags, in files and lines; in no more words than git's own numbers."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import parts, pattern
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Tree, command, count, found, listed, shown

NAME = "what-changed"
HINT = re.compile(r"\b(?:between|since|from|diff\w*|compared?|commits?|ahead|behind)\b", re.IGNORECASE)
_A = r"`?[A-Za-z0-9_][\w./~^+-]*`?"
_FROM, _TO = rf"(?P<one>{_A})", rf"(?P<two>{_A})"
_FILES = pattern(
    rf"(?:what|which files?) (?:has |have )?(?:changed|differs?|differ) between {_FROM} and {_TO}",
    rf"(?:what|which files?) (?:has |have )?changed from {_FROM} to {_TO}",
    rf"(?:(?:the )?(?:changes|differences?|diff|diffstat)) between {_FROM} and {_TO}",
    rf"(?:(?:the )?(?:changes|diff|diffstat)) from {_FROM} to {_TO}",
    rf"how (?:do|does|did) {_FROM} and {_TO} differ",
    rf"how does {_FROM} differ from {_TO}",
    rf"(?:(?:what|which files?) (?:is|are) )?different between {_FROM} and {_TO}",
    rf"(?:what|which files?) (?:has |have )?changed since {_FROM}",
    rf"how many files (?:have |has )?(?:changed|differ) between {_FROM} and {_TO}",
    rf"diff {_FROM} (?:and |to |with )?{_TO}",
    r"diff (?P<one>[\w/~^-]+(?:\.[\w/~^-]+)*)\.\.(?P<two>[\w/~^-]+(?:\.[\w/~^-]+)*)",
)
_COMMITS = pattern(
    rf"how many commits (?:are (?:there )?)?between {_FROM} and {_TO}",
    rf"how many commits (?:are (?:there )?|have there been )?since {_FROM}",
    rf"how many commits is (?P<two>{_A}) ahead of (?P<one>{_A})",
    rf"how many commits is (?P<one>{_A}) behind (?P<two>{_A})",
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    files = _FILES.fullmatch(text)
    matched = files or _COMMITS.fullmatch(text)
    if not matched:
        return None
    said = parts(matched)
    names = said["one"].strip("`"), said.get("two", "HEAD").strip("`")
    ends = [_commit(name, tree) for name in names]
    if not all(ends):
        return None
    return _files(names, ends, tree) if files else _commits(names, ends, tree)


def _commit(name: str, tree: Tree) -> str:
    """Empty when git knows no such commit, or knows two, of which it warns."""
    if len(name) < 7 and re.fullmatch(r"[0-9a-f]+", name) and not _is_ref(name, tree):
        return ""
    raw = tree.git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    return (raw or b"").decode("ascii", "replace").strip()


def _is_ref(name: str, tree: Tree) -> bool:
    return bool(tree.git("for-each-ref", f"refs/heads/{name}", f"refs/tags/{name}"))


def _files(names: tuple[str, str], ends: list[str], tree: Tree) -> Found | None:
    flags = (
        "--numstat",
        "-z",
        "--no-renames",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=none",
    )
    raw = tree.git("diff", *flags, ends[0], ends[1], "--")
    if raw is None:
        return None
    rows = [row.decode("utf-8", "surrogateescape").split("\t", 2) for row in raw.split(b"\0") if row]
    proof = command("git", "diff", "--stat", "--no-renames", names[0], names[1])
    between = f"between {names[0]} ({ends[0][:12]}) and {names[1]} ({ends[1][:12]})"
    if not rows:
        return found(f"nothing differs {between}", proof, ())
    added, gone = (sum(int(row[at]) for row in rows if row[at].isdigit()) for at in (0, 1))
    head = f"{count(len(rows), 'file')} {'differs' if len(rows) == 1 else 'differ'} {between}, +{added} -{gone}"
    lines = [f"{shown(row[2])} {'binary' if row[0] == '-' else f'+{row[0]} -{row[1]}'}" for row in rows]
    return found(listed(head, lines), proof, ())


def _commits(names: tuple[str, str], ends: list[str], tree: Tree) -> Found | None:
    ahead, behind = (_count(one, two, tree) for one, two in ((ends[0], ends[1]), (ends[1], ends[0])))
    shallow = tree.git("rev-parse", "--is-shallow-repository")
    if ahead is None or behind is None or shallow is None or shallow.strip() != b"false":
        return None
    words = f"{count(ahead, 'commit')} of {names[1]} {'is' if ahead == 1 else 'are'} not in {names[0]}"
    if behind:
        words += f", and {count(behind, 'commit')} of {names[0]} {'is' if behind == 1 else 'are'} not in {names[1]}"
    return found(words, command("git", "rev-list", "--count", "--left-right", f"{names[0]}...{names[1]}"), ())


def _count(one: str, two: str, tree: Tree) -> int | None:
    raw = tree.git("rev-list", "--count", two, f"^{one}", "--")
    return int(raw) if raw and raw.strip().isdigit() else None
