"""The generated parts of docs/agents.md, and the JSON schema of an agent definition."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import json
import sys
import types
import typing
from typing import Any

from swarmctl.core.agent import EventRule, TranscriptRules
from swarmctl.core.keyboard import Composer
from swarmctl.core.limits import LimitRule, ProviderRule
from swarmctl.core.screen import Manifest, Region, Rule, TitleRule
from swarmctl.core.troubles import Trouble
from swarmctl.edges.agents.spec import PLACEHOLDERS, AgentSpec, Conversations, Printed, Versions, Way
from swarmctl.edges.agents.start import BASE_ENV, NEVER_ENV

KINDS = {str: "string", bool: "boolean", int: "integer"}
PARTS: dict[type[Any], str] = {
    Way: "`headless` and `interactive`",
    Printed: "one of `headless.lines`",
    Versions: "`versions`",
    EventRule: "one of `events` and of `transcript.lines`",
    TranscriptRules: "`transcript`",
    Conversations: "`history`",
    Composer: "`composer`",
    ProviderRule: "one of `providers`",
    LimitRule: "one of `limits`",
    Trouble: "one of `troubles`",
    Manifest: "`screen`",
    Region: "one of `screen.regions`",
    Rule: "one of `screen.rules`",
    TitleRule: "one of `screen.titles`",
}
"""What a definition nests, and where."""


def render() -> str:
    rows = _table(AgentSpec)
    for part, where in PARTS.items():
        rows += ["", f"Inside {where}:", "", *_table(part)]
    rows += ["", "| placeholder | stands for |", "|---|---|"]
    rows += [f"| `{name}` | {words} |" for name, words in PLACEHOLDERS.items()]
    rows += ["", "Every agent may see: " + " ".join(f"`{name}`" for name in BASE_ENV) + "."]
    rows += ["", "No agent inherits: " + " ".join(f"`{name}`" for name in NEVER_ENV) + "."]
    return "\n".join(rows) + "\n"


def _table(kind: type[Any]) -> list[str]:
    hints = typing.get_type_hints(kind)
    rows = ["| key | value | default | what it says |", "|---|---|---|---|"]
    for field in dataclasses.fields(kind):
        rows.append(f"| `{field.name}` | {_value(hints[field.name])} | {_default(field)} | {field.metadata['doc']} |")
    return rows


def schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An agent definition of swarmctl",
        **_object(AgentSpec),
    }


def _object(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if _is_required(field)],
        "properties": {
            field.name: {**_schema_of(hints[field.name]), "description": field.metadata["doc"]} for field in fields
        },
    }


def _schema_of(hint: Any) -> dict[str, Any]:
    hint, origin, arguments = _plain(hint)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(arguments[0])}
    if origin is collections.abc.Mapping:
        return {"type": "object", "additionalProperties": _schema_of(arguments[1])}
    if dataclasses.is_dataclass(hint):
        return _object(hint)
    if issubclass(hint, enum.StrEnum):
        return {"enum": [member.value for member in hint]}
    return {"type": KINDS[hint]}


def _value(hint: Any) -> str:
    hint, origin, arguments = _plain(hint)
    if origin is typing.Literal:
        return " ".join(f"`{option}`" for option in arguments if option)
    if origin is tuple:
        return "list of strings" if arguments[0] is str else "list"
    if origin is collections.abc.Mapping:
        return "names to " + _plural(arguments[1])
    if dataclasses.is_dataclass(hint):
        return "mapping, see below"
    return "a state" if issubclass(hint, enum.StrEnum) else KINDS[hint]


def _plural(hint: Any) -> str:
    if typing.get_origin(hint) is tuple:
        return "lists of strings"
    return "mappings" if dataclasses.is_dataclass(hint) else "strings"


def _plain(hint: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """(type, origin, arguments); an optional one is as good as the one it may hold."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(each for each in typing.get_args(hint) if each is not types.NoneType)
    return hint, typing.get_origin(hint), typing.get_args(hint)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _default(field: dataclasses.Field[Any]) -> str:
    if _is_required(field):
        return "required"
    if field.default in ((), None, "") or field.default_factory is not dataclasses.MISSING:
        return "none"
    return f"`{str(field.default).lower()}`"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n" if "--schema" in sys.argv else render())
