"""Which version of a package the manifests at the top require and lock; never what is installed."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact import manifests
from swarmctl.edges.exact.manifests import Line
from swarmctl.edges.exact.operands import parts, pattern
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Tree, command, found, shown

NAME = "package-version"
HINT = re.compile(r"\b(?:versions?|requires?|required|locked|pinned|need(?:ed|s)?|depend\w*|release)\b", re.IGNORECASE)
_NAME = r"`?(?P<package>@?[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*)`?"
_WE = r"(?:we|i|this (?:repo|repository|project|package)|the (?:repo|repository|project)|our (?:project|repo))"
_FILE = r"(?P<file>pyproject\.toml|uv\.lock|package\.json|package-lock\.json|Cargo\.toml|Cargo\.lock|go\.mod)"
_WHERE = rf"(?: (?:in|by) {_FILE})?"
_REQUIRED = pattern(
    rf"(?:which|what) versions? of {_NAME} (?:do|does) {_WE} (?:need|require|depend on|want|ask for)",
    rf"(?:which|what) versions? of {_NAME} (?:is|are) (?:required|needed|wanted|asked for|specified){_WHERE}",
    rf"(?:which|what) {_NAME} version (?:do|does) {_WE} (?:need|require|depend on|want)",
    rf"(?:which|what) {_NAME} version is (?:required|needed){_WHERE}",
    rf"(?:the )?required version of {_NAME}{_WHERE}",
    rf"(?:the )?required {_NAME} version{_WHERE}",
    rf"(?:the )?(?:version requirement|version constraint|requirement|constraint) (?:of|for|on) {_NAME}{_WHERE}",
)
_LOCKED = pattern(
    rf"(?:which|what) versions? of {_NAME} (?:is|are) (?:locked|pinned|resolved){_WHERE}",
    rf"(?:which|what) {_NAME} version is (?:locked|pinned){_WHERE}",
    rf"(?:which|what) {_NAME} version do we have locked",
    rf"(?:the )?(?:locked|pinned) version of {_NAME}{_WHERE}",
    rf"(?:the )?(?:locked|pinned) {_NAME} version{_WHERE}",
    rf"(?:to )?(?:which|what) version is {_NAME} (?:locked|pinned)(?: to| at)?{_WHERE}",
)
_EITHER = pattern(
    rf"(?:which|what) versions? of {_NAME} (?:do|does) {_WE} use",
    rf"(?:which|what) versions? of {_NAME} (?:is|are) (?:we|i) (?:using|on)",
    rf"(?:which|what) versions? of {_NAME} are we (?:using|on)",
    rf"(?:which|what) versions? of {_NAME} is (?:used{_WHERE}|in {_FILE})",
    rf"(?:which|what) versions? of {_NAME} (?:is|are) (?:required or locked|required and locked)",
    rf"(?:which|what) {_NAME} version (?:do|does) {_WE} use",
    rf"version of {_NAME} (?:that )?{_WE} (?:use|uses|need|needs|require|requires)",
    rf"version of {_NAME} in {_FILE}",
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    for wanted, kinds in ((_REQUIRED, ("required",)), (_LOCKED, ("locked",)), (_EITHER, ("required", "locked"))):
        if matched := wanted.fullmatch(text):
            said = parts(matched)
            return _answered(said["package"], kinds, said.get("file", ""), tree)
    return None


def _answered(package: str, kinds: tuple[str, ...], only: str, tree: Tree) -> Found | None:
    if tree.files is None:
        return None
    lines: list[Line] = []
    files = [name for name in manifests.READERS if name in tree.files]
    for name in files:
        content = tree.read(name)
        read = manifests.lines(name, content, package) if content is not None else None
        if read is None:
            return None
        lines += read
    if only:
        lines = [line for line in lines if line.file.lower() == only.lower()]
        kinds = ("required", "locked")
    shows = [line for line in lines if line.kind in kinds]
    if not shows or (not only and any(path in manifests.UNREAD for path in tree.files)):
        return None
    if kinds == ("required",):
        shows = lines
    told = "; ".join(
        f"{line.kind} {shown(line.version)} ({line.file}{f':{line.line}' if line.line else ''})" for line in shows
    )
    used = sorted({line.file for line in shows})
    name = (
        re.escape(package).replace(r"\-", "[-_.]").replace("_", "[-_.]") if "/" not in package else re.escape(package)
    )
    return found(f"{shown(package)}: {told}", command("grep", "-n", "-i", "-A1", name, *used), used)
