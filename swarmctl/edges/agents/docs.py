"""The generated parts of docs/agents.md, and the JSON schema of an agent definition."""

from __future__ import annotations

import dataclasses
import json
import sys
import typing
from typing import Any

from swarmctl.edges.agents.spec import BASE_ENV, NEVER_ENV, PLACEHOLDERS, AgentSpec

KINDS = {str: "string", bool: "boolean", int: "integer"}


def render() -> str:
    hints = typing.get_type_hints(AgentSpec)
    rows = ["| key | value | default | what it says |", "|---|---|---|---|"]
    for field in dataclasses.fields(AgentSpec):
        rows.append(f"| `{field.name}` | {_value(hints[field.name])} | {_default(field)} | {field.metadata['doc']} |")
    rows += ["", "| placeholder | stands for |", "|---|---|"]
    rows += [f"| `{name}` | {words} |" for name, words in PLACEHOLDERS.items()]
    rows += ["", "Every agent may see: " + " ".join(f"`{name}`" for name in BASE_ENV) + "."]
    rows += ["", "No agent inherits: " + " ".join(f"`{name}`" for name in NEVER_ENV) + "."]
    return "\n".join(rows) + "\n"


def schema() -> dict[str, Any]:
    hints = typing.get_type_hints(AgentSpec)
    fields = dataclasses.fields(AgentSpec)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An agent definition of swarmctl",
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.default is dataclasses.MISSING],
        "properties": {
            field.name: {**_schema_of(hints[field.name]), "description": field.metadata["doc"]} for field in fields
        },
    }


def _schema_of(hint: Any) -> dict[str, Any]:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return {"enum": list(typing.get_args(hint))}
    if origin is tuple:
        return {"type": "array", "items": {"type": "string"}}
    return {"type": KINDS[hint]}


def _value(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return " ".join(f"`{option}`" for option in typing.get_args(hint))
    return "list of strings" if typing.get_origin(hint) is tuple else KINDS[hint]


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING:
        return "required"
    if field.default == ():
        return "none"
    return f"`{str(field.default).lower()}`"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n" if "--schema" in sys.argv else render())
