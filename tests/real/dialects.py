"""What the four wire formats have in common: facts read from a request, and an answer made of words and tool calls.

A dialect turns an `Answered` into one JSON body or into a stream of frames; `HOLD` marks the place of the gate.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from tests.real.scenario import Usage

Json = dict[str, Any]


class Hold(Enum):
    """The place in a stream where the answer waits for its gate."""

    HERE = "hold"


HOLD = Hold.HERE


@dataclass(frozen=True)
class Facts:
    """What a request says, whatever its format. `tools` maps each name that was offered to `function` or `custom`."""

    model: str
    stream: bool
    system: str
    user_texts: tuple[str, ...]
    tools: Mapping[str, str]
    include_usage: bool = True


@dataclass(frozen=True)
class ToolUse:
    """One call of a tool; `arguments` is text when the tool is of free form."""

    tool: str
    arguments: Mapping[str, Any] | str

    @property
    def custom(self) -> bool:
        return isinstance(self.arguments, str)

    def as_text(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


@dataclass(frozen=True)
class Answered:
    """One whole answer: words before the gate, words after it, then at most one tool call."""

    first: str
    text: str
    call: ToolUse | None
    usage: Usage

    @property
    def words(self) -> str:
        return self.first + self.text


Frame = bytes | Hold


class Dialect(Protocol):
    """One provider's format of requests, answers, streams and errors."""

    name: str

    def read(self, path: str, body: Json) -> Facts: ...

    def whole(self, facts: Facts, answer: Answered) -> Json: ...

    def stream(self, facts: Facts, answer: Answered) -> Iterator[Frame]: ...

    def error(self, status: int, message: str) -> Json: ...


def new_id(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:24]


def sse(data: Json, event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def pieces(text: str, size: int = 40) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def texts_of(content: Any, kinds: tuple[str, ...] = ("text", "input_text")) -> list[str]:
    """The text blocks of a message whose content is a string or a list of typed blocks."""
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content or [] if isinstance(block, dict) and block.get("type") in kinds]
