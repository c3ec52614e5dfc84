"""The OpenAI Chat Completions format."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.real.dialects import HOLD, Answered, Facts, Frame, Json, new_id, pieces, sse, texts_of

KINDS = {400: "invalid_request_error", 401: "invalid_request_error", 429: "rate_limit_exceeded"}


class OpenAIChat:
    """POST /v1/chat/completions."""

    name = "openai-chat"

    def read(self, path: str, body: Json) -> Facts:
        messages = body.get("messages", [])
        system = [m for m in messages if m["role"] in ("system", "developer")]
        users = [m for m in messages if m["role"] == "user"]
        return Facts(
            model=body.get("model", ""),
            stream=bool(body.get("stream")),
            system="\n".join(text for message in system for text in texts_of(message["content"])),
            user_texts=tuple(text for message in users for text in texts_of(message["content"])),
            tools={tool["function"]["name"]: "function" for tool in body.get("tools") or []},
            include_usage=bool((body.get("stream_options") or {}).get("include_usage")),
        )

    def whole(self, facts: Facts, answer: Answered) -> Json:
        message: Json = {"role": "assistant", "content": answer.words or None}
        if answer.call:
            message["tool_calls"] = [_tool_call(answer, answer.call.as_text())]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
        return _head(facts, "chat.completion") | {"choices": [choice], "usage": usage_of(answer)}

    def stream(self, facts: Facts, answer: Answered) -> Iterator[Frame]:
        head = _head(facts, "chat.completion.chunk")

        def chunk(delta: Json, finish: str | None = None) -> bytes:
            return sse(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        yield chunk({"role": "assistant", "content": ""})
        yield from (chunk({"content": piece}) for piece in pieces(answer.first))
        yield HOLD
        yield from (chunk({"content": piece}) for piece in pieces(answer.text))
        if answer.call:
            yield chunk({"tool_calls": [_tool_call(answer, "") | {"index": 0}]})
            for piece in pieces(answer.call.as_text(), 400):
                yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        yield chunk({}, _finish(answer))
        if facts.include_usage:
            yield sse(head | {"choices": [], "usage": usage_of(answer)})
        yield b"data: [DONE]\n\n"

    def error(self, status: int, message: str) -> Json:
        return openai_error(status, message)


def openai_error(status: int, message: str) -> Json:
    kind = KINDS.get(status, "server_error")
    code = {401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(status)
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def usage_of(answer: Answered) -> Json:
    return {
        "prompt_tokens": answer.usage.prompt,
        "completion_tokens": answer.usage.output,
        "total_tokens": answer.usage.prompt + answer.usage.output,
        "prompt_tokens_details": {"cached_tokens": answer.usage.cache_read},
    }


def _head(facts: Facts, kind: str) -> Json:
    return {"id": new_id("chatcmpl-"), "object": kind, "created": int(time.time()), "model": facts.model}


def _tool_call(answer: Answered, arguments: str) -> Json:
    assert answer.call is not None
    function = {"name": answer.call.tool, "arguments": arguments}
    return {"id": new_id("call_"), "type": "function", "function": function}


def _finish(answer: Answered) -> str:
    return "tool_calls" if answer.call else "stop"
