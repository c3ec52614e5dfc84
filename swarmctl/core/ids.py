"""Names for things: short random ids that are safe in branch names, paths and tmux targets, and slugs for people."""

from __future__ import annotations

import re
import unicodedata
from typing import NewType

RunId = NewType("RunId", str)
TaskId = NewType("TaskId", str)
SessionId = NewType("SessionId", str)

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ID_LENGTH = 5
SLUG_LENGTH = 40


def id_from(entropy: bytes) -> str:
    """An id of ID_LENGTH characters from random bytes; starts with a letter so that no tool reads it as a number."""
    letters = [ALPHABET[byte % len(ALPHABET)] for byte in entropy[:ID_LENGTH]]
    letters[0] = ALPHABET[entropy[0] % 23]
    return "".join(letters)


def slugify(title: str) -> str:
    """`[a-z0-9-]{1,40}`, never empty, never with a dash at either end, whatever the title holds."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words[:SLUG_LENGTH].strip("-") or "task"


def branch_for(title: str, session: SessionId) -> str:
    """The session's branch, without `refs/heads/`; the id makes it unique and the slug makes it readable."""
    return f"swarm/{slugify(title)}-{session}"
