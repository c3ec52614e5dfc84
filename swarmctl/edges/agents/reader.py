"""One agent definition from YAML text; whatever is wrong is said with file, line and nearest key."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from typing import Any

import yaml

from swarmctl.core.errors import UsageFault
from swarmctl.edges.agents.spec import AgentSpec, problem_with

HINT = "docs/agents.md lists every key of an agent definition"
LONGEST = 64 * 1024
NAMES = {str: "a string", bool: "true or false", int: "a whole number"}
Entry = tuple[Any, int]
"""A value and the line it stands on."""


def read_agent(text: str, source: str) -> AgentSpec:
    entries = _entries(text, source)
    hints = typing.get_type_hints(AgentSpec)
    for key, (_, line) in entries.items():
        if key not in hints:
            raise _fault(source, line, f"{key!r} is an unknown key{_nearest(key, list(hints))}")
    values: dict[str, Any] = {}
    for field in dataclasses.fields(AgentSpec):
        if field.name in entries:
            value, line = entries[field.name]
            values[field.name] = _read(hints[field.name], value, f"{source}:{line}: {field.name}")
        elif field.default is dataclasses.MISSING:
            raise _fault(source, 1, f"needs the key {field.name!r}")
    spec = AgentSpec(**values)
    key, words = problem_with(spec)
    if key:
        raise _fault(source, entries[key][1] if key in entries else 1, f"{key} {words}")
    return spec


def _entries(text: str, source: str) -> dict[str, Entry]:
    """The top mapping: each key's value and line."""
    if len(text) > LONGEST:
        raise _fault(source, 1, "is longer than 64 kB")
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _fault(source, 1, "must be a mapping of keys to values")
        entries: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = str(key_node.value)
            if key in entries:
                raise _fault(source, line, f"{key!r} is given twice")
            entries[key] = (loader.construct_object(value_node, deep=True), line)
        return entries
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _fault(source, line, str(error.problem)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _fault(source, 1, f"is no YAML: {str(error).splitlines()[0]}") from error
    finally:
        loader.dispose()


def _read(hint: Any, value: Any, place: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        options = typing.get_args(hint)
        if value not in options:
            near = _nearest(str(value), list(options))
            raise UsageFault(f"{place} must be one of {', '.join(options)}, not {value!r}{near}", hint=HINT)
        return value
    if origin is tuple:
        if not isinstance(value, list) or not all(isinstance(each, str) and "\0" not in each for each in value):
            raise UsageFault(f"{place} must be a list of strings (put numbers in quotes)", hint=HINT)
        return tuple(value)
    assert not isinstance(hint, types.UnionType)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise UsageFault(f"{place} must be {NAMES[hint]}, not {value!r}", hint=HINT)
    return value


def _fault(source: str, line: int, words: str) -> UsageFault:
    return UsageFault(f"{source}:{line}: {words}", hint=HINT)


def _nearest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
