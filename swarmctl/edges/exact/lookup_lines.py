"""What stands in a line, or a few, of a tracked text file, and how many lines it has."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import parts, pattern, unquoted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import LISTED, WIDEST, Tree, command, count, found, shown

NAME = "lines"
HINT = re.compile(r"\blines?\b|:\d+|\bL\d+\b", re.IGNORECASE)
_N = r"(?P<first>\d{1,7})"
_TO = r"\s*(?:-|\u2013|to|through|\.\.)\s*(?P<last>\d{1,7})"
_FRAME = r"(?:what (?:does|do) )?(?:what(?:'s| is| are|s) )?(?:(?:print|read|show|display|contents? of|text of) )?"
_ASKED = pattern(
    rf"{_FRAME}(?:there )?(?:on |in |at )?(?:the )?lines? {_N} (?:of|in) PATH(?: say| contain| look like)?",
    rf"{_FRAME}(?:there )?(?:on |in |at |between )?(?:the )?lines? {_N}"
    rf"(?:{_TO}| and (?P<last>\d{{1,7}})) (?:of|in) PATH"
    r"(?: say| contain)?",
    rf"{_FRAME}(?:on |in |at )?PATH:{_N}(?: say| contain)?",
    rf"{_FRAME}(?:on |in |at )?PATH:{_N}-(?P<last>\d{{1,7}})",
    rf"{_FRAME}(?:in |at )?PATH,? (?:on |at )?lines? {_N}",
    rf"what does PATH (?:say|have|contain) (?:on|in|at) line {_N}",
    rf"{_FRAME}(?:in |at )?PATH,? (?:on |at )?lines? {_N}{_TO}",
    rf"{_FRAME}(?:on |in )?(?:the )?(?P<which>first|last) line (?:of|in) PATH(?: say| contain)?",
)
_LENGTH = pattern(
    r"how many lines (?:are (?:there )?in|does|has|is|of) PATH(?: have| contain| long)?",
    r"how many lines PATH (?:has|have|contains)",
    r"how long is PATH in lines",
    r"(?:number|count) of lines (?:in|of) PATH",
    r"line count (?:of|for) PATH",
    r"(?:how many lines|line count) (?:there )?(?:are )?in PATH",
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    if matched := _LENGTH.fullmatch(text):
        return _length(parts(matched)["path"], tree)
    matched = _ASKED.fullmatch(text)
    if not matched:
        return None
    said = parts(matched)
    read = _read(said["path"], tree)
    if read is None:
        return None
    path, lines = read
    first, last = _span(said, len(lines))
    if not 1 <= first <= last or last - first >= LISTED:
        return None
    proof = command("sed", "-n", f"{first}p" if first == last else f"{first},{last}p", path)
    if last > len(lines):
        return found(f"{shown(path)} has only {count(len(lines), 'line')}", command("wc", "-l", path), (path,))
    wanted = lines[first - 1 : last]
    if any(len(line) > 4 * WIDEST for line in wanted):
        return None
    return found(
        "\n".join(f"{shown(path)}:{at} {shown(line)}".rstrip() for at, line in enumerate(wanted, first)), proof, (path,)
    )


def _span(said: dict[str, str], lines: int) -> tuple[int, int]:
    if "which" in said:
        at = 1 if said["which"].lower() == "first" else lines
        return at, at
    first = int(said["first"])
    return first, int(said.get("last", first))


def _read(raw: str, tree: Tree) -> tuple[str, list[str]] | None:
    """Lines as `sed` counts them; what is not UTF-8 shows as escapes."""
    path = tree.file(unquoted(raw))
    content = tree.read(path) if path is not None else None
    if path is None or content is None or b"\0" in content:
        return None
    lines = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    if not lines[-1]:
        lines.pop()
    return path, [line.decode("utf-8", "backslashreplace") for line in lines]


def _length(raw: str, tree: Tree) -> Found | None:
    read = _read(raw, tree)
    if read is None:
        return None
    path, lines = read
    return found(f"{shown(path)} has {count(len(lines), 'line')}", command("grep", "-c", "", path), (path,))
