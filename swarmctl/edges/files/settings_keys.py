"""Which keys there are and what a value must be, read off the dataclasses of `core/config.py`.

A key that counts seconds (`timeout_s`) can also be given as a duration (`timeout = "10m"`).
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from swarmctl.core.config import (
    AgentBudget,
    AgentSettings,
    GateSpec,
    HookSpec,
    MergeSettings,
    NotifySettings,
    SandboxSettings,
    TrashSettings,
    TuiSettings,
    WorktreeSettings,
)

SECTIONS: dict[str, type] = {
    "merge": MergeSettings,
    "worktree": WorktreeSettings,
    "agent": AgentSettings,
    "trash": TrashSettings,
    "budget.agents": AgentBudget,
    "notify": NotifySettings,
    "sandbox": SandboxSettings,
    "tui": TuiSettings,
}
GATE, HOOKS = "gate", "hooks"
BUDGET = "budget"
TOP = (*dict.fromkeys(name.partition(".")[0] for name in SECTIONS), GATE, HOOKS)
PERSONAL = {
    "notify": "no repository decides where you are told",
    "tui": "no repository decides which keys you have",
}
"""Sections that a repository cannot set: whoever it is about decides."""
LATER = ("council", "consult", "budget.consult")
"""Sections of the design that this version does not have yet."""
HOOK_EVENTS = (
    "session_created",
    "session_started",
    "session_finished",
    "pre_merge",
    "post_merge",
    "task_finished",
    "worktree_removed",
)
ADDRESSES = ("webhook", "ntfy")
AT_LEAST_ONE = ("max_running", "min_tests")
BACK = re.compile(r"f([1-9]|1[0-2])|(ctrl|alt)\+[a-z\\\]^_]|ctrl\+f([1-9]|1[0-2])")
"""Keys that nobody needs to write anything."""
TYPED = ("ctrl+b", "ctrl+c", "ctrl+d", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m")
"""These write or end something in a terminal, or are tmux's own."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class BadValue(Exception):
    """A value or key that cannot be; `at` leads to it from where reading began."""

    def __init__(self, words: str, *at: str | int) -> None:
        super().__init__(words)
        self.words = words
        self.at = at


def hints_of(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def keys_of(kind: type) -> dict[str, str]:
    """Every key that may be written, with the field it sets."""
    keys = {name: name for name in hints_of(kind)}
    durations = {name.removesuffix("_s"): name for name in keys if name.endswith("_s")}
    return keys | durations


def read_table(kind: type, table: Any) -> dict[str, Any]:
    """The fields that a TOML table sets, checked."""
    if not isinstance(table, dict):
        raise BadValue(f"must be a table, not {word_for(table)}")
    keys, hints = keys_of(kind), hints_of(kind)
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in keys:
            raise BadValue(unknown(key, keys), key)
        field = keys[key]
        if field in found:
            raise BadValue(f"is given twice, as {key} and as {field if key != field else field[:-2]}", key)
        try:
            found[field] = read_value(hints[field], value, key, duration=key != field)
        except BadValue as bad:
            raise BadValue(bad.words, key, *bad.at) from None
    return found


def read_value(hint: Any, value: Any, key: str, *, duration: bool = False) -> Any:
    if duration:
        return read_duration(value)
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _read_union(options, value, key)
    if origin is typing.Literal:
        if value not in options:
            raise BadValue(f"must be one of {', '.join(options)}, not {word_for(value)}{nearest(value, options)}")
        return value
    if origin is tuple and typing.get_origin(options[0]) is typing.Literal:
        return tuple(read_value(options[0], each, key) for each in _read_strings(value))
    if origin is tuple:
        return _read_strings(value)
    if origin is Mapping:
        return _read_texts(value)
    if hint in (int, float):
        return _read_number(hint, value, key)
    if not isinstance(value, hint):
        raise BadValue(f"must be {NAMES[hint]}, not {word_for(value)}")
    return _read_text(value, key) if hint is str else value


def _read_text(value: str, key: str) -> str:
    if key in ADDRESSES and value:
        _check_address(value)
    if key == "back":
        return _read_back(value)
    if "\0" in value:
        raise BadValue("must not hold a NUL character")
    return value


def _read_back(value: str) -> str:
    key = value.lower()
    if not BACK.fullmatch(key) or key in TYPED:
        raise BadValue(f'must be a key that writes nothing, such as "f12", "ctrl+g" or "alt+q", not {word_for(value)}')
    return key


def _check_address(value: str) -> None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not value.isprintable() or " " in value:
        raise BadValue("must be an address such as https://host/path")


def read_duration(value: Any) -> float:
    if isinstance(value, str) and re.fullmatch(r"(\d+(\.\d+)?[smhd])+", value):
        seconds = sum(float(number) * UNITS[unit] for number, _, unit in re.findall(r"(\d+(\.\d+)?)([smhd])", value))
        if seconds > 0:
            return seconds
    raise BadValue(f'must be a duration such as "90s", "10m" or "1h30m", not {word_for(value)}')


def read_hooks(table: Any) -> dict[str, tuple[HookSpec, ...]]:
    """`event = "command" | ["argv", …] | [{ run = …, timeout_s = … }, …]`, by event."""
    if not isinstance(table, dict):
        raise BadValue(f"must be a table, not {word_for(table)}")
    found: dict[str, tuple[HookSpec, ...]] = {}
    for event, value in table.items():
        if event not in HOOK_EVENTS:
            raise BadValue(unknown(event, HOOK_EVENTS, "event"), event)
        entries = value if isinstance(value, list) and value and isinstance(value[0], dict) else [{"run": value}]
        found[event] = tuple(_read_hook(event, number, entry) for number, entry in enumerate(entries))
    return found


def read_gates(value: Any) -> tuple[GateSpec, ...]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadValue("must be written as [[gate]]")
    gates: list[GateSpec] = []
    for number, table in enumerate(value):
        try:
            gates.append(_read_gate(table, {gate.name for gate in gates}))
        except BadValue as bad:
            raise BadValue(bad.words, number, *bad.at) from None
    return tuple(gates)


def _read_hook(event: str, number: int, entry: Any) -> HookSpec:
    try:
        fields = read_table(HookSpec, entry)
        if "event" in fields:
            raise BadValue(unknown("event", ("run", "timeout", "timeout_s")), "event")
        if not fields.get("run"):
            raise BadValue("needs a command")
    except BadValue as bad:
        raise BadValue(bad.words, event, number, *bad.at) from None
    return HookSpec(event=event, **fields)


def _read_gate(table: dict[str, Any], names: set[str]) -> GateSpec:
    fields = read_table(GateSpec, table)
    for key in ("name", "run"):
        if not fields.get(key):
            raise BadValue(f"needs `{key}`")
    gate = GateSpec(**fields)
    if not re.fullmatch(r"[\w.:+ -]{1,60}", gate.name):
        raise BadValue("must be 1 to 60 letters, digits, spaces or .:+-_", "name")
    if gate.name in names:
        raise BadValue(f"there is a gate {gate.name!r} already", "name")
    _check_count(gate)
    return gate


def _check_count(gate: GateSpec) -> None:
    if gate.count and gate.count not in ("pytest", "tap") and not gate.count.startswith("junit:"):
        try:
            groups = re.compile(gate.count).groups
        except re.error as error:
            raise BadValue(f"is no regular expression: {error}", "count") from None
        if groups != 1:
            raise BadValue('must be "pytest", "tap", "junit:PATH" or a pattern with one group', "count")
    if gate.min_tests is not None and not gate.count and not runs_pytest(gate.run):
        raise BadValue('needs a way to count: set count = "pytest", "tap", "junit:PATH" or a pattern', "min_tests")


def runs_pytest(command: str | tuple[str, ...]) -> bool:
    words = command.split() if isinstance(command, str) else command
    return any(word.rsplit("/", 1)[-1] in ("pytest", "py.test") for word in words)


def _read_union(options: tuple[Any, ...], value: Any, key: str) -> Any:
    if str in options:
        if isinstance(value, str):
            if not value.strip() or "\0" in value:
                raise BadValue("must not be empty or hold a NUL character")
            return value
        argv = _read_strings(value, 'a command: "text for sh -c" or ["argv", …]')
        if not argv or not argv[0]:
            raise BadValue("must name a program")
        return argv
    inner = next(option for option in options if option is not type(None))
    return read_value(inner, value, key)


def _read_strings(value: Any, what: str = "a list of strings") -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadValue(f"must be {what}, not {word_for(value)}")
    for number, each in enumerate(value):
        if not isinstance(each, str) or "\0" in each:
            raise BadValue(f"must be {what}; entry {number + 1} is {word_for(each)}", number)
    return tuple(value)


def _read_texts(value: Any) -> dict[str, str]:
    """`a.b = "text"` is known as `a.b`."""
    if not isinstance(value, dict):
        raise BadValue(f"must be a table, not {word_for(value)}")
    found: dict[str, str] = {}
    for name, each in value.items():
        try:
            if isinstance(each, dict):
                found |= {f"{name}.{inner}": text for inner, text in _read_texts(each).items()}
            elif isinstance(each, str) and each and "\0" not in each:
                found[name] = each
            else:
                raise BadValue(f"must be a string, not {word_for(each)}")
        except BadValue as bad:
            raise BadValue(bad.words, name, *bad.at) from None
    return found


def _read_number(hint: type, value: Any, key: str) -> int | float:
    allowed = (int, float) if hint is float else (int,)
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise BadValue(f"must be {NAMES[hint]}, not {word_for(value)}")
    least = 1 if key in AT_LEAST_ONE else 0
    if not least <= value < 1e9 or (key.endswith("_s") and value == 0):
        raise BadValue(f"must be {'at least 1' if least else 'more than 0' if key.endswith('_s') else '0 or more'}")
    return float(value) if hint is float else typing.cast(int, value)


NAMES: Mapping[Any, str] = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}


def word_for(value: Any) -> str:
    if isinstance(value, str | bool | int | float):
        return repr(value).lower() if isinstance(value, bool) else repr(value)
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else "a date"


def unknown(key: str, known: Iterable[str], what: str = "key") -> str:
    return f"is an unknown {what}{nearest(key, known)}"


def nearest(word: Any, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
