"""A local server that imitates the providers of models, for tests of whatever speaks to one: agents' CLIs and SDKs.

    with Provider() as provider:
        talk = provider.script("tag", Write("a.txt", "hello"), Say("Written."))
        ... point the client at talk.url (Anthropic, Gemini) or talk.url + "/v1" (OpenAI) ...
        assert len(talk.requests) == 2

It listens on 127.0.0.1 at a port of the system's choice and speaks, under `/t/TAG`: Anthropic Messages with
count_tokens, OpenAI Chat Completions and Responses, Gemini generateContent; each plain and streaming. Any key will do.
Each tag has a script of its own (`tests.real.scenario`); calls on the agent's own account, such as titles, are answered
without consuming it. Every request is kept, whole, in `Conversation.asked`.
"""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlsplit

from tests.real.anthropic_messages import AnthropicMessages
from tests.real.dialects import Answered, Dialect, Facts, Hold, Json
from tests.real.gemini_content import GeminiContent
from tests.real.openai_chat import OpenAIChat
from tests.real.openai_responses import OpenAIResponses
from tests.real.recorded import Asked, Conversation
from tests.real.scenario import Fail, Garbage, Gate, HalfOpen, Hang, Turn, Usage
from tests.real.side_calls import side_call
from tests.real.tools import answered

ROUTES: tuple[tuple[re.Pattern[str], Dialect], ...] = (
    (re.compile(r"(/v1)?/messages$"), AnthropicMessages()),
    (re.compile(r"(/v1)?/chat/completions$"), OpenAIChat()),
    (re.compile(r"(/v1)?/responses$"), OpenAIResponses()),
    (re.compile(r"/v1(beta)?/models/[^/]+:(streamGenerateContent|generateContent)$"), GeminiContent()),
)
COUNTS = {
    re.compile(r"(/v1)?/messages/count_tokens$"): "input_tokens",
    re.compile(r"/v1(beta)?/models/[^/]+:countTokens$"): "totalTokens",
}
TAG = re.compile(r"^/t/([^/]+)(/.*)?$")
LOOK_S = 0.05
EMPTY = Facts("", False, "", (), {})


class ClientGone(Exception):
    """The other side closed the connection while it was to wait."""


class Provider:
    """The server; a context manager. Closing it lets every held answer go."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        self._talks: dict[str, Conversation] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def script(self, tag: str, *turns: Turn) -> Conversation:
        """The script of a tag; a second one for the same tag starts afresh."""
        self._talks[tag] = Conversation(tag, self.base, list(turns))
        return self._talks[tag]

    def conversation(self, tag: str) -> Conversation | None:
        return self._talks.get(tag)

    def __enter__(self) -> Provider:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    provider: Provider

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in mid-answer is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in the conversations, not on stderr."""

    def do_HEAD(self) -> None:
        self._body(200, b"", "application/json")

    def do_GET(self) -> None:
        found = TAG.match(urlsplit(self.path).path)
        if found and (found[2] or "").endswith("/models"):
            self._json(200, {"object": "list", "data": [], "models": []})
        else:
            self._json(404, {"error": {"message": f"nothing at {self.path}"}})

    def do_POST(self) -> None:
        body = self._read()
        found = TAG.match(urlsplit(self.path).path)
        talk = self._provider.conversation(found[1]) if found else None
        if found is None or talk is None:
            self._json(404, {"error": {"message": f"no script for {self.path}"}})
            return
        path = found[2] or ""
        for pattern, field in COUNTS.items():
            if pattern.search(path):
                self._count(talk, path, body, field)
                return
        for pattern, dialect in ROUTES:
            if pattern.search(path):
                self._answer(talk, path, body, dialect)
                return
        self._json(404, {"error": {"message": f"nothing at {path}"}})

    @property
    def _provider(self) -> Provider:
        return cast(_Server, self.server).provider

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _count(self, talk: Conversation, path: str, body: bytes, field: str) -> None:
        talk.record(Asked(talk.tag, "count", "", path, EMPTY, body, _headers(self.headers), status=200))
        self._json(200, {field: max(1, len(body) // 4)})

    def _answer(self, talk: Conversation, path: str, body: bytes, dialect: Dialect) -> None:
        try:
            facts = dialect.read(path, json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._json(400, dialect.error(400, f"the request is not understood: {error!r}"))
            return
        side = side_call(facts)
        asked = Asked(
            talk.tag, f"side:{side[0]}" if side else "turn", dialect.name, path, facts, body, _headers(self.headers)
        )
        talk.record(asked)
        try:
            if side:
                self._words(asked, dialect, Answered("", side[1], None, Usage(input=100, output=5)), None)
            else:
                self._turn(asked, dialect)
        except (ClientGone, ConnectionError):
            talk.give_up(asked)
            self.close_connection = True

    def _turn(self, asked: Asked, dialect: Dialect) -> None:
        turn = asked.turn
        if isinstance(turn, Fail):
            asked.status = turn.status
            error = dialect.error(turn.status, turn.message)
            error["error"] |= turn.more
            self._json(turn.status, error, _fail_headers(turn))
        elif isinstance(turn, Hang):
            self._wait(None)
        elif isinstance(turn, Garbage):
            asked.status = 200
            self._body(200, turn.body, turn.content_type)
        elif isinstance(turn, HalfOpen):
            self._half(asked, dialect, turn)
        elif turn is not None:
            self._words(asked, dialect, answered(turn, asked.facts.tools), turn.gate)

    def _words(self, asked: Asked, dialect: Dialect, answer: Answered, gate: Gate | None) -> None:
        asked.status = 200
        if not asked.facts.stream:
            if gate is not None:
                self._wait(gate)
            self._json(200, dialect.whole(asked.facts, answer))
            return
        self._open_stream()
        for frame in dialect.stream(asked.facts, answer):
            if not isinstance(frame, Hold):
                self._chunk(frame)
            elif gate is not None:
                self._wait(gate)
        self._chunk(b"")

    def _half(self, asked: Asked, dialect: Dialect, turn: HalfOpen) -> None:
        asked.status = 200
        self._open_stream()
        for frame in dialect.stream(asked.facts, Answered(turn.text, " ", None, Usage())):
            if isinstance(frame, Hold):
                break
            self._chunk(frame)
        if not turn.cut:
            self._wait(None)
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _wait(self, gate: Gate | None) -> None:
        """Until the gate opens (for ever without one), the server closes, or the client is gone."""
        if gate is not None:
            gate.arrived()
        while not (gate and gate.is_open):
            if self._provider.closing.is_set() or self._client_left():
                raise ClientGone
            self._provider.closing.wait(LOOK_S)

    def _client_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def _open_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _json(self, status: int, data: Json, headers: Mapping[str, str] | None = None) -> None:
        self._body(status, json.dumps(data).encode(), "application/json", headers)

    def _body(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _headers(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _fail_headers(turn: Fail) -> dict[str, str]:
    headers = dict(turn.headers)
    if turn.retry_after is not None:
        headers["retry-after"] = f"{turn.retry_after:g}"
    return headers
