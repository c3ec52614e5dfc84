"""The OpenAI Responses format, with function calls and with tools of free form ("custom")."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.real.dialects import HOLD, Answered, Facts, Frame, Json, new_id, pieces, sse, texts_of
from tests.real.openai_chat import openai_error


class OpenAIResponses:
    """POST /v1/responses."""

    name = "openai-responses"

    def read(self, path: str, body: Json) -> Facts:
        given = body.get("input") or []
        items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
        tools = list(body.get("tools") or [])
        for item in items:
            tools += item.get("tools") or []
        system = [body.get("instructions") or ""]
        for item in items:
            if item.get("role") in ("system", "developer"):
                system += texts_of(item.get("content"))
        return Facts(
            model=body.get("model", ""),
            stream=bool(body.get("stream")),
            system="\n".join(system),
            user_texts=tuple(t for item in items if item.get("role") == "user" for t in texts_of(item.get("content"))),
            tools=dict(_named(tools)),
        )

    def whole(self, facts: Facts, answer: Answered) -> Json:
        output = ([_message(answer)] if answer.words else []) + ([_call(answer)] if answer.call else [])
        return _response(facts) | {"status": "completed", "output": output, "usage": _usage(answer)}

    def stream(self, facts: Facts, answer: Answered) -> Iterator[Frame]:
        numbered = _Numbered()
        response = _response(facts)
        yield numbered.event("response.created", response=response)
        yield numbered.event("response.in_progress", response=response)
        output: list[Json] = []
        if answer.words:
            message = _message(answer)
            yield from _message_frames(numbered, answer, message)
            output.append(message)
        else:
            yield HOLD
        if answer.call:
            call = _call(answer)
            yield from _call_frames(numbered, answer, call, len(output))
            output.append(call)
        done = response | {"status": "completed", "output": output, "usage": _usage(answer)}
        yield numbered.event("response.completed", response=done)

    def error(self, status: int, message: str) -> Json:
        return openai_error(status, message)


class _Numbered:
    """Gives each frame of one stream its sequence number."""

    def __init__(self) -> None:
        self._next = 0

    def event(self, kind: str, **data: Any) -> bytes:
        frame = sse({"type": kind, "sequence_number": self._next, **data}, kind)
        self._next += 1
        return frame


def _named(tools: list[Json]) -> Iterator[tuple[str, str]]:
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from _named(tool.get("tools") or [])
        elif "name" in tool:
            yield tool["name"], "custom" if tool.get("type") == "custom" else "function"


def _message_frames(numbered: _Numbered, answer: Answered, message: Json) -> Iterator[Frame]:
    at = {"item_id": message["id"], "output_index": 0, "content_index": 0}
    empty = {"type": "output_text", "text": "", "annotations": []}
    opened = message | {"status": "in_progress", "content": []}
    yield numbered.event("response.output_item.added", output_index=0, item=opened)
    yield numbered.event("response.content_part.added", **at, part=empty)
    for piece in pieces(answer.first):
        yield numbered.event("response.output_text.delta", **at, delta=piece)
    yield HOLD
    for piece in pieces(answer.text):
        yield numbered.event("response.output_text.delta", **at, delta=piece)
    yield numbered.event("response.output_text.done", **at, text=answer.words)
    yield numbered.event("response.content_part.done", **at, part=message["content"][0])
    yield numbered.event("response.output_item.done", output_index=0, item=message)


def _call_frames(numbered: _Numbered, answer: Answered, call: Json, index: int) -> Iterator[Frame]:
    assert answer.call is not None
    field, kind = (
        ("input", "custom_tool_call_input") if answer.call.custom else ("arguments", "function_call_arguments")
    )
    at = {"item_id": call["id"], "output_index": index}
    opened = call | {"status": "in_progress", field: ""}
    yield numbered.event("response.output_item.added", output_index=index, item=opened)
    for piece in pieces(call[field], 400):
        yield numbered.event(f"response.{kind}.delta", **at, delta=piece)
    yield numbered.event(f"response.{kind}.done", **at, **{field: call[field]})
    yield numbered.event("response.output_item.done", output_index=index, item=call)


def _response(facts: Facts) -> Json:
    return {
        "id": new_id("resp_"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "model": facts.model,
        "output": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "top_p": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


def _message(answer: Answered) -> Json:
    text = {"type": "output_text", "text": answer.words, "annotations": []}
    return {"id": new_id("msg_"), "type": "message", "status": "completed", "role": "assistant", "content": [text]}


def _call(answer: Answered) -> Json:
    assert answer.call is not None
    base = {"call_id": new_id("call_"), "name": answer.call.tool, "status": "completed"}
    if answer.call.custom:
        return base | {"id": new_id("ctc_"), "type": "custom_tool_call", "input": answer.call.as_text()}
    return base | {"id": new_id("fc_"), "type": "function_call", "arguments": answer.call.as_text()}


def _usage(answer: Answered) -> Json:
    return {
        "input_tokens": answer.usage.prompt,
        "input_tokens_details": {"cached_tokens": answer.usage.cache_read},
        "output_tokens": answer.usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": answer.usage.prompt + answer.usage.output,
    }
