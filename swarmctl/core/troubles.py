"""Why an agent ended in failure, as far as its own last words say it: what is wrong, and what to do about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field

from swarmctl.core.screen import doc
from swarmctl.core.values import dataclass

LAST = 4000
"""Characters at the end of what its terminal showed."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Words by which an agent says why it cannot work. The first that fits counts."""

    match: str = field(
        metadata=doc("A regular expression on its last words, or on the end of what its terminal showed.")
    )
    why: str = field(metadata=doc("Words for people: what is wrong."))
    hint: str = field(metadata=doc("What to do about it."))


def ended_badly(how: str, troubles: Iterable[Trouble], said: str, shown: str) -> str:
    """A reason for people; only the words that were expected are quoted of what it showed, which may hold secrets."""
    for trouble in troubles:
        found = re.search(trouble.match, said) or re.search(trouble.match, shown[-LAST:])
        if found is not None:
            words = said or " ".join(found[0].split())
            return f"{how}: {trouble.why} ({words}); {trouble.hint}; its work is kept"
    return f"{how}{f'; it said: {said}' if said else ''}; its work is kept"
