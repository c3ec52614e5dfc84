"""Several questions in one text, taken apart only where each part begins as a question does."""

from __future__ import annotations

import re

MOST = 8
LONGEST = 2048

_OPENER = (
    r"(?:(?:also|then|please|and|tell me|can you tell me)[\s,]+)*"
    r"(?:what|what's|what\u2019s|whats|how|is|are|does|do|did|which|when|where|who|who's|will|was|were|has|have|"
    r"convert|compute|calculate|calc|solve|factor|simplify|evaluate|expand|decode|encode|add|sum|name|list)\b"
)
_BOUNDARY = re.compile(
    rf"\?+\s+(?:(?:and|also|then)[\s,]+)*(?={_OPENER})|\s*;\s*(?={_OPENER})|\s*\n+\s*(?={_OPENER})"
    rf"|\.\s+(?={_OPENER})|,?\s+(?:and(?:\s+also|\s+then)?|also|then)\s+(?={_OPENER})",
    re.IGNORECASE,
)
_BEGINS = re.compile(_OPENER, re.IGNORECASE)


def parts(text: str) -> tuple[str, ...]:
    """Two questions or more, in order; nothing when it is not clearly that."""
    if len(text) > LONGEST:
        return ()
    found = [each.strip() for each in _BOUNDARY.split(text.strip())]
    whole = 2 <= len(found) <= MOST and all(found) and all(map(_BEGINS.match, found))
    return tuple(found) if whole else ()
