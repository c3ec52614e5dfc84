"""The Gemini generateContent format. Its streams hold no comment lines: the vendor's own parser hangs on them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.real.dialects import HOLD, Answered, Facts, Frame, Json, new_id, pieces, sse

PATH = re.compile(r"/models/([^/:]+):(\w+)")
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class GeminiContent:
    """POST /v1beta/models/MODEL:generateContent and :streamGenerateContent."""

    name = "gemini"

    def read(self, path: str, body: Json) -> Facts:
        found = PATH.search(path)
        system = (body.get("systemInstruction") or {}).get("parts") or []
        users = [c for c in body.get("contents") or [] if c.get("role", "user") == "user"]
        declared = [f for tool in body.get("tools") or [] for f in tool.get("functionDeclarations") or []]
        return Facts(
            model=found[1] if found else "",
            stream=bool(found and found[2] == "streamGenerateContent"),
            system="\n".join(part["text"] for part in system if "text" in part),
            user_texts=tuple(part["text"] for content in users for part in content["parts"] if "text" in part),
            tools={function["name"]: "function" for function in declared},
        )

    def whole(self, facts: Facts, answer: Answered) -> Json:
        parts: list[Json] = [{"text": answer.words}] if answer.words else []
        return _chunk(facts, parts + _calls(answer), answer)

    def stream(self, facts: Facts, answer: Answered) -> Iterator[Frame]:
        for piece in pieces(answer.first):
            yield sse(_chunk(facts, [{"text": piece}]))
        yield HOLD
        for piece in pieces(answer.text):
            yield sse(_chunk(facts, [{"text": piece}]))
        yield sse(_chunk(facts, _calls(answer) or [{"text": ""}], answer))

    def error(self, status: int, message: str) -> Json:
        return {"error": {"code": status, "message": message, "status": STATUSES.get(status, "INTERNAL")}}


def _calls(answer: Answered) -> list[Json]:
    if answer.call is None:
        return []
    return [{"functionCall": {"id": new_id("fc_"), "name": answer.call.tool, "args": answer.call.arguments}}]


def _chunk(facts: Facts, parts: list[Json], last: Answered | None = None) -> Json:
    candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
    chunk: Json = {"candidates": [candidate], "modelVersion": facts.model, "responseId": new_id("r")}
    if last is not None:
        candidate["finishReason"] = "STOP"
        chunk["usageMetadata"] = {
            "promptTokenCount": last.usage.prompt,
            "cachedContentTokenCount": last.usage.cache_read,
            "candidatesTokenCount": last.usage.output,
            "totalTokenCount": last.usage.prompt + last.usage.output,
        }
    return chunk
