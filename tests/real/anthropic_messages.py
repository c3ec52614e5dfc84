"""The Anthropic Messages format."""

from __future__ import annotations

from collections.abc import Iterator

from tests.real.dialects import HOLD, Answered, Facts, Frame, Json, new_id, pieces, sse, texts_of

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class AnthropicMessages:
    """POST /v1/messages."""

    name = "anthropic"

    def read(self, path: str, body: Json) -> Facts:
        users = [message for message in body.get("messages", []) if message["role"] == "user"]
        return Facts(
            model=body.get("model", ""),
            stream=bool(body.get("stream")),
            system="\n".join(texts_of(body.get("system"))),
            user_texts=tuple(text for message in users for text in texts_of(message["content"])),
            tools={tool["name"]: "function" for tool in body.get("tools") or []},
        )

    def whole(self, facts: Facts, answer: Answered) -> Json:
        content: list[Json] = [{"type": "text", "text": answer.words}] if answer.words else []
        if answer.call:
            content.append(_tool_use(answer) | {"input": answer.call.arguments})
        return _message(facts, answer) | {
            "content": content,
            "stop_reason": _stop_reason(answer),
            "usage": _usage(answer, answer.usage.output),
        }

    def stream(self, facts: Facts, answer: Answered) -> Iterator[Frame]:
        yield _event("message_start", message=_message(facts, answer))
        yield _event("ping")
        index = 0
        if answer.words:
            yield _event("content_block_start", index=index, content_block={"type": "text", "text": ""})
            yield from (_delta(index, {"type": "text_delta", "text": piece}) for piece in pieces(answer.first))
            yield HOLD
            yield from (_delta(index, {"type": "text_delta", "text": piece}) for piece in pieces(answer.text))
            yield _event("content_block_stop", index=index)
            index += 1
        else:
            yield HOLD
        if answer.call:
            yield _event("content_block_start", index=index, content_block=_tool_use(answer) | {"input": {}})
            for piece in pieces(answer.call.as_text(), 400):
                yield _delta(index, {"type": "input_json_delta", "partial_json": piece})
            yield _event("content_block_stop", index=index)
        stop = {"stop_reason": _stop_reason(answer), "stop_sequence": None}
        yield _event("message_delta", delta=stop, usage={"output_tokens": answer.usage.output})
        yield _event("message_stop")

    def error(self, status: int, message: str) -> Json:
        kind = KINDS.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": new_id("req_")}


def _event(kind: str, **data: object) -> bytes:
    return sse({"type": kind, **data}, kind)


def _delta(index: int, delta: Json) -> bytes:
    return _event("content_block_delta", index=index, delta=delta)


def _message(facts: Facts, answer: Answered) -> Json:
    return {
        "id": new_id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": facts.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(answer, 1),
    }


def _usage(answer: Answered, output: int) -> Json:
    return {
        "input_tokens": answer.usage.input,
        "cache_creation_input_tokens": answer.usage.cache_write,
        "cache_read_input_tokens": answer.usage.cache_read,
        "output_tokens": output,
    }


def _tool_use(answer: Answered) -> Json:
    assert answer.call is not None
    return {"type": "tool_use", "id": new_id("toolu_"), "name": answer.call.tool}


def _stop_reason(answer: Answered) -> str:
    return "tool_use" if answer.call else "end_turn"
