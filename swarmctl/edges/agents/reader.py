"""One agent definition from YAML text; whatever is wrong is said with file, line and nearest key."""

from __future__ import annotations

import collections.abc
import dataclasses
import difflib
import enum
import types
import typing
from typing import Any

import yaml

from swarmctl.core.errors import UsageFault
from swarmctl.edges.agents.spec import AgentSpec, problem_with

HINT = "docs/agents.md lists every key of an agent definition"
LONGEST = 64 * 1024
NAMES = {str: "a string", bool: "true or false", int: "a whole number"}


def read_agent(text: str, source: str) -> AgentSpec:
    if len(text) > LONGEST:
        raise _fault(source, 1, "is longer than 64 kB")
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _fault(source, 1, "must be a mapping of keys to values")
        spec: AgentSpec = _Reader(loader, source).build(AgentSpec, node, "")
        key, words = problem_with(spec)
        if key:
            raise _fault(source, _line_of(node, key), f"{key} {words}")
        return spec
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _fault(source, line, str(error.problem)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _fault(source, 1, f"is no YAML: {str(error).splitlines()[0]}") from error
    finally:
        loader.dispose()


class _Reader:
    """Builds what the annotations of the dataclasses ask for."""

    def __init__(self, loader: yaml.SafeLoader, source: str) -> None:
        self._loader = loader
        self._source = source

    def build(self, kind: type[Any], node: yaml.MappingNode, place: str) -> Any:
        hints = typing.get_type_hints(kind)
        entries = self._entries(node)
        for key, (key_line, _) in entries.items():
            if key not in hints:
                near = _nearest(key, list(hints))
                raise _fault(self._source, key_line, f"{place}{key!r} is an unknown key{near}")
        values: dict[str, Any] = {}
        for field in dataclasses.fields(kind):
            if field.name in entries:
                values[field.name] = self._read(hints[field.name], entries[field.name][1], f"{place}{field.name}")
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise _fault(self._source, _line(node) if place else 1, f"{place}needs the key {field.name!r}")
        return kind(**values)

    def _entries(self, node: yaml.MappingNode) -> dict[str, tuple[int, yaml.Node]]:
        """Each key's line and value."""
        entries: dict[str, tuple[int, yaml.Node]] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in entries:
                raise _fault(self._source, _line(key_node), f"{key!r} is given twice")
            entries[key] = (_line(key_node), value_node)
        return entries

    def _read(self, hint: Any, node: yaml.Node, place: str) -> Any:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            return self._read(next(each for each in arguments if each is not types.NoneType), node, place)
        if origin is tuple:
            return self._list(arguments[0], node, place)
        if origin is collections.abc.Mapping:
            return self._mapping(arguments[1], node, place)
        if origin is typing.Literal:
            return self._option(list(arguments), node, place)
        if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
            return hint(self._option([member.value for member in hint], node, place))
        if dataclasses.is_dataclass(hint):
            if not isinstance(node, yaml.MappingNode):
                raise self._wrong(node, place, "a mapping of keys to values")
            return self.build(typing.cast(type[Any], hint), node, f"{place}.")
        return self._scalar(hint, node, place)

    def _list(self, hint: Any, node: yaml.Node, place: str) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(node, place, "a list of strings" if hint is str else "a list")
        if hint is str:
            values = [self._value(each) for each in node.value]
            if not all(isinstance(each, str) and "\0" not in each for each in values):
                raise self._wrong(node, place, "a list of strings (put numbers in quotes)")
            return tuple(values)
        return tuple(self._read(hint, each, f"{place}[{number}]") for number, each in enumerate(node.value, start=1))

    def _mapping(self, hint: Any, node: yaml.Node, place: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, place, "a mapping of names to values")
        return {key: self._read(hint, value, f"{place}.{key}") for key, (_, value) in self._entries(node).items()}

    def _option(self, options: list[str], node: yaml.Node, place: str) -> str:
        value = self._value(node)
        if value not in options:
            near = _nearest(str(value), options)
            names = ", ".join(option or "''" for option in options)
            raise _fault(self._source, _line(node), f"{place} must be one of {names}, not {value!r}{near}")
        return str(value)

    def _scalar(self, hint: Any, node: yaml.Node, place: str) -> Any:
        value = self._value(node)
        if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
            raise _fault(self._source, _line(node), f"{place} must be {NAMES[hint]}, not {value!r}")
        return value

    def _value(self, node: yaml.Node) -> Any:
        return self._loader.construct_object(node, deep=True)

    def _wrong(self, node: yaml.Node, place: str, wanted: str) -> UsageFault:
        return _fault(self._source, _line(node), f"{place} must be {wanted}")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _line_of(node: yaml.MappingNode, key: str) -> int:
    return next((_line(each) for each, _ in node.value if each.value == key), 1)


def _fault(source: str, line: int, words: str) -> UsageFault:
    return UsageFault(f"{source}:{line}: {words}", hint=HINT)


def _nearest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
