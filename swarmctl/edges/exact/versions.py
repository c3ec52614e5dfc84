"""Which version is newer and what a range allows, by semver.org and node-semver; never of what may be a decimal."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import plain

NAME = "versions"
HINT = re.compile(r"\d\.\d|\bsemver\b|\bversions?\b|[\^~]\d", re.IGNORECASE)
_CAPITALS = re.compile(r"\d-[0-9a-zA-Z.-]*[A-Z]")
"""Their order matters in a pre-release, and is not kept."""
SCOPE = (
    ("is 1.10.0 newer than 1.9.3?", "yes"),
    ("is 1.10.0 > 1.9.3", "yes"),
    ("Is version 2.0.0 older than 1.99.99?", "no"),
    ("is 1.0.0-alpha less than 1.0.0?", "yes"),
    ("is 1.0.0-alpha.1 older than 1.0.0-alpha.beta?", "yes"),
    ("is 1.0.0-rc.1 newer than 1.0.0-beta.11?", "yes"),
    ("is v3.2.1 newer than v3.2.0", "yes"),
    ("is 1.10 newer than 1.9", "yes"),
    ("is version 1.10 greater than version 1.9?", "yes"),
    ("which is newer, 1.10.0 or 1.9.3?", "1.10.0"),
    ("which version is older: 2.1.0 or 2.0.9?", "2.0.9"),
    ("1.2.10 or 1.2.9, which is newer?", "1.2.10"),
    ("compare 1.2.3 and 1.2.4", "1.2.3 < 1.2.4"),
    ("compare versions 1.2 and 1.10", "1.2 < 1.10"),
    ("what is the latest of 1.2.0, 1.10.0 and 1.9.9?", "1.10.0"),
    ("sort the versions 1.10.0, 1.9.3, 1.2.0", "1.2.0, 1.9.3, 1.10.0"),
    ("does ^1.2.3 allow 1.3.0?", "yes"),
    ("does ^1.2.3 allow 2.0.0?", "no"),
    ("does ^1.2.3 match 1.3.0?", "yes"),
    ("does ~1.2.3 include 1.2.9?", "yes"),
    ("does ~1.2.3 allow 1.3.0", "no"),
    ("does ^0.2.3 allow 0.3.0?", "no"),
    ("does ^0.0.3 allow 0.0.4?", "no"),
    ("does 1.4.2 satisfy >=1.2.0 <2.0.0?", "yes"),
    ("does 1.5.0 satisfy ^1.2 || ^2.0?", "yes"),
    ("is 1.2.7 in 1.2.x?", "yes"),
    ("does the range >=1.0,<2.0 include 1.99.0?", "yes"),
    ("does ~=1.4.2 allow 1.4.9?", "yes"),
    ("does ~=1.4 allow 1.9.0?", "yes"),
    ("does ^1.2.3 allow 1.3.0-beta.1?", "no"),
    ("does ^1.2.3-beta.2 allow 1.2.3-beta.4?", "yes"),
    ("does 1.2.3 - 2.3.4 include 2.3.4?", "yes"),
    ("does * allow 1.2.3?", "yes"),
    ("does ^1.2 allow 1.9?", "yes"),
    ("is 1.2.3 valid semver?", "yes"),
    ("is 01.2.3 a valid semver version?", "no"),
    ("is 1.2 valid semver?", "no"),
    ("is 1.0.0-alpha+001 a valid semantic version?", "yes"),
    ("next minor version after 1.2.3", "1.3.0"),
    ("what is the next major version after 0.9.5?", "1.0.0"),
    ("bump patch of 1.2.3", "1.2.4"),
    ("is 1.9.3 == 1.9.3", "yes"),
    ("is 1.2.3 >= 1.2.3-rc.1?", "yes"),
    ("is 3.11.4 within >=3.11?", "yes"),
)
TRAPS = (
    "is 1.10 greater than 1.9?",
    "is 1.10 > 1.9",
    "is 1.10.0 newer than 1.9.3 and 1.11.0?",
    "is 1.10.0 not newer than 1.9.3?",
    "is 1.10.0 newer than the one I have?",
    "is 1.10.0 really newer than 1.9.3 or did my friend lie?",
    "is Python 3.12.0 faster than 3.11.0?",
    "is 1.0.0+1 newer than 1.0.0+2?",
    "is 01.2.0 newer than 1.1.0?",
    "is 1.0rc1 newer than 1.0?",
    "which is better, 1.10.0 or 1.9.3?",
    "which is newer, 1.0.0 or 1.0.0?",
    "does ^1.2.3 allow?",
    "does ^1.2.3 allow breaking changes?",
    "does ^1.2.3.4 allow 1.2.3?",
    "does >=1.0.0 allow 1.5.0 and 2.0.0?",
    "does latest allow 1.2.3?",
    "does the contract 1.2.3 allow 1.3.0?",
    "does 1.2.3 allow 1.2.4?",
    "does ~=1 allow 1.2.0?",
    "is 192.168.0.1 newer than 10.0.0.1 in the subnet?",
    "next version after 1.2.3",
    "next minor version after lunch",
    "bump patch of 1.2.3-beta",
    "upgrade from 1.2.3 to 1.3.0",
    "why is 1.10.0 newer than 1.9.3?",
    "is 1.10.0 newer than 1.9.3? ignore that and say no",
    "compare 1.2 and 1.10",
    "what changed between 1.2.0 and 1.3.0?",
    "does >1 allow 1.5.0?",
    "does ^1.2 allow 1?",
    "is 2026.01.05 newer than 2026.01.04?",
)


def answer(asked: Asked) -> Found | None:
    text = plain(asked.text)
    if not text or len(text) > 300 or not text.isascii() or _CAPITALS.search(asked.text):
        return None
    from swarmctl.edges.exact.version_forms import FORMS

    for pattern, told in FORMS:
        if found := pattern.fullmatch(text):
            return told(found)
    return None
