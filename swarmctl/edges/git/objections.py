"""Files that are not committed without a person: what looks like a secret, by name or content, and what is large."""

from __future__ import annotations

import fnmatch
import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from swarmctl.edges.git.command import decode

TOO_LARGE = 5 * 1000 * 1000
ENV_SAMPLES = ("*.example", "*.sample", "*.template", "*.dist")
KEY_NAMES = ("*.pem", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "*.p12", "*.pfx", ".netrc", ".npmrc.secret")
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
TOKENS = re.compile(
    rb"(?<![A-Za-z0-9])(?:"
    rb"AKIA[0-9A-Z]{16}"
    rb"|gh[pousr]_[A-Za-z0-9]{36,}"
    rb"|github_pat_[A-Za-z0-9_]{60,}"
    rb"|sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}"
    rb"|xox[abprs]-[A-Za-z0-9-]{10,}"
    rb"|AIza[0-9A-Za-z_-]{35}"
    rb"|glpat-[A-Za-z0-9_-]{20,}"
    rb")"
)


def objections(root: Path, paths: Iterable[bytes]) -> list[str]:
    """One for each file that may not be committed as it is: its path and why."""
    found = ((path, _objection(Path(root, _text(path)), _text(path).rpartition("/")[2])) for path in paths)
    return [f"{decode(path)} ({why})" for path, why in found if why]


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _objection(file: Path, name: str) -> str:
    try:
        facts = file.lstat()
    except OSError:
        return ""
    return objection(name, facts.st_size, file.read_bytes) if stat.S_ISREG(facts.st_mode) else ""


def objection(name: str, size: int, read: Callable[[], bytes]) -> str:
    """Why a file of that name may not be committed; empty when it may."""
    if (name == ".env" or name.startswith(".env.")) and not _matches(name, ENV_SAMPLES):
        return "looks like an environment with secrets"
    if _matches(name, KEY_NAMES):
        return "looks like a private key"
    if size > TOO_LARGE:
        return f"{size / 1e6:.1f} MB"
    content = read()
    if PRIVATE_KEY.search(content):
        return "holds a private key"
    if TOKENS.search(content):
        return "holds what looks like an access token"
    return ""


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
