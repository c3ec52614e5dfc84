"""The verdict of a parser on a text: empty when it is whole, else where it is not; None when parsers disagree."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml

DEEPEST = 60


class _Doubtful(Exception):
    """Grammatical, and read differently by different parsers."""


def verdict(kind: str, text: str) -> str | None:
    if not text.strip() or text.startswith("\ufeff") or _deep(text):
        return None
    try:
        return {"json": _json, "toml": _toml, "yaml": _yaml}[kind](text)
    except (_Doubtful, RecursionError, UnicodeError, OverflowError):
        return None


def _deep(text: str) -> bool:
    return max(text.count("["), text.count("{")) > DEEPEST


def _json(text: str) -> str:
    def unique(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) != len(pairs):
            raise _Doubtful("a key stands there twice")

    def refused(name: str) -> None:
        raise ValueError(name)

    if re.search(r"\\u[dD][89a-fA-F]", text):
        raise _Doubtful("half a character")
    try:
        json.loads(text, object_pairs_hook=unique, parse_constant=refused)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and re.search(r"[A-Za-z]{2}", text[error.pos :]):
            raise _Doubtful("words after a whole value") from None
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    except ValueError as error:
        return f"{error} is not a value of JSON"
    return ""


def _toml(text: str) -> str:
    try:
        tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        return _line(str(error))
    except ValueError as error:
        return _line(str(error))
    return ""


def _yaml(text: str) -> str:
    try:
        for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
            for each in _nodes(node, {}):
                _unique_keys(each)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return _line(f"{place}{error.problem or error.context or 'not readable'}")
    except yaml.YAMLError as error:
        return _line(str(error))
    return ""


def _nodes(node: yaml.Node | None, seen: dict[int, bool], depth: int = 0) -> Iterator[yaml.Node]:
    """Each once, however many aliases it has; `seen` says whether one is still open."""
    if depth > DEEPEST or (node is not None and seen.get(id(node))):
        raise _Doubtful("too deep, or without an end")
    if node is None or id(node) in seen:
        return
    seen[id(node)] = True
    yield node
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _nodes(each, seen, depth + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(key, seen, depth + 1)
            yield from _nodes(value, seen, depth + 1)
    seen[id(node)] = False


def _unique_keys(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) != len(keys):
            raise _Doubtful("a key stands there twice")


def _line(words: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in words)
