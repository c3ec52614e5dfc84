"""Who owns a file: what CODEOWNERS says, else whose most lines are, said as such; it asks no forge."""

from __future__ import annotations

import re
from collections import Counter

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import parts, pattern, unquoted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Tree, command, count, found, shown

NAME = "owner"
HINT = re.compile(
    r"\b(?:own\w*|wrote|authors?|maintain\w*|code ?owners?|responsible|belongs?|whose|most lines)\b", re.IGNORECASE
)
_OWNER = pattern(
    r"who owns PATH",
    r"(?:who is )?(?:the )?(?:code\s?)?owners? of PATH",
    r"who(?:'s| is| are|s) (?:the )?(?:code\s?)?owners? (?:of|for) PATH",
    r"who(?:'s| is|s) responsible for PATH",
    r"who does PATH belong to",
    r"to whom does PATH belong",
    r"whose (?:file )?is PATH",
    r"(?:which|what) (?:team|person) owns PATH",
    r"PATH(?:'s)? (?:code\s?)?owners?",
    r"who maintains PATH",
    r"who(?:'s| is|s) (?:the )?maintainer of PATH",
    r"code\s?owners? (?:of|for) PATH",
)
_WROTE = pattern(
    r"who wrote (?:most of |most lines of |the most lines of |most lines in )PATH",
    r"who has (?:the )?most lines in PATH",
    r"main author of PATH",
    r"who(?:'s| is|s) (?:the )?main author of PATH",
)
_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_HANDLE = re.compile(r"@[\w./-]+|[^\s@]+@[^\s@]+")
LARGEST = 1024 * 1024


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    matched = _OWNER.fullmatch(text) or _WROTE.fullmatch(text)
    if not matched:
        return None
    path = tree.file(unquoted(parts(matched)["path"]))
    if path is None:
        return None
    if _WROTE.fullmatch(text):
        return _by_lines(path, tree, "")
    places = [place for place in _PLACES if place in (tree.files or ())]
    if not places:
        return _by_lines(path, tree, "there is no CODEOWNERS; ")
    if len(places) > 1:
        return None
    place = places[0]
    content = tree.read(place)
    return _by_rule(path, place, content.decode("utf-8", "replace")) if content is not None else None


def _by_rule(path: str, place: str, content: str) -> Found | None:
    """The last rule that fits counts; a file with what forges read differently says nothing."""
    said: tuple[int, list[str]] | None = None
    for number, line in enumerate(content.splitlines(), 1):
        words = re.sub(r"(?:^|\s)#.*", "", line).split()
        if not words:
            continue
        rule, owners = words[0], words[1:]
        if rule.startswith(("!", "[", "^")) or set(rule) & set("[]\\?") or not all(map(_HANDLE.fullmatch, owners)):
            return None
        if _fits(rule, path):
            said = number, owners
    proof = command("grep", "-n", "", place)
    if said is None:
        return found(f"nobody: no rule of {place} fits {shown(path)}", proof, (path, place))
    number, owners = said
    proof = command("sed", "-n", f"{number}p", place)
    if not owners:
        return found(f"nobody: {place}:{number} leaves {shown(path)} without an owner", proof, (path, place))
    return found(f"{shown(' '.join(owners))} ({place}:{number})", proof, (path, place))


def _fits(rule: str, path: str) -> bool:
    """As forges read it: `docs/*` means files right in `docs`, a folder's name all that is below it."""
    anchored = rule.startswith("/") or "/" in rule.rstrip("/")
    body = rule.strip("/")
    if not body:
        return False
    made = "" if anchored else "(?:.*/)?"
    for part in re.split(r"(/\*\*/|\*\*/|/\*\*|\*\*|\*)", body):
        made += {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*"}.get(
            part, re.escape(part)
        )
    direct = body.endswith("/*") or (body == "*" and anchored)
    below = "" if direct else "/.+" if rule.endswith("/") else "(?:/.*)?"
    return re.fullmatch(made + below, path) is not None


def _by_lines(path: str, tree: Tree, why: str) -> Found | None:
    """By the last commit; whose the lines are that nobody committed, nobody knows."""
    size = tree.git("cat-file", "-s", f"HEAD:{path}")
    if not size or not size.strip().isdigit() or int(size) > LARGEST:
        return None
    shallow = tree.git("rev-parse", "--is-shallow-repository")
    raw = tree.git("--literal-pathspecs", "blame", "--line-porcelain", "--no-textconv", "HEAD", "--", path)
    if not raw or shallow is None or shallow.strip() != b"false":
        return None
    text = raw.decode("utf-8", "backslashreplace")
    lines = Counter(
        zip(*(re.findall(rf"^{key} (.*)$", text, re.MULTILINE) for key in ("author", "author-mail")), strict=True)
    )
    best = max(lines.values())
    names = sorted(f"{name} {mail}" for (name, mail), number in lines.items() if number == best)
    whole = count(sum(lines.values()), "line")
    words = f"{shown(' and '.join(names))}: {'each ' if len(names) > 1 else ''}{best} of {whole} by blame"
    proof = command("git", "blame", "HEAD", "--", path)
    return found(
        f"{why}most lines are of {words}" if why else f"most lines of {shown(path)} are of {words}", proof, (path,)
    )
