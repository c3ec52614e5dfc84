"""The child that tries a regular expression on a text; one that runs away is ended by its alarm."""

from __future__ import annotations

import re
import warnings
from typing import Any

from swarmctl.edges.exact.serving import serve

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "u": re.UNICODE, "g": re.NOFLAG}


def main() -> None:
    serve(tried)


def tried(request: dict[str, Any]) -> dict[str, Any] | None:
    flags = re.NOFLAG
    for letter in request["flags"]:
        flags |= FLAGS[letter]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = re.compile(request["pattern"], flags)
    except (re.error, RecursionError, OverflowError, Warning):
        return None
    found = pattern.search(request["text"])
    return {"span": list(found.span()) if found else None, "whole": pattern.fullmatch(request["text"]) is not None}
