"""The local provider speaks each format as its clients read it, and keeps account of every request."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import (
    INVALID_JSON,
    INVALID_STREAM,
    Ask,
    Call,
    Fail,
    Gate,
    HalfOpen,
    Hang,
    Run,
    Say,
    Turn,
    Usage,
    Write,
)

Json = dict[str, Any]
MESSAGES, CHAT, RESPONSES = "/v1/messages", "/v1/chat/completions", "/v1/responses"
GENERATE, STREAM = "/v1beta/models/g:generateContent", "/v1beta/models/g:streamGenerateContent?alt=sse"
USAGE = Usage(input=7, cache_write=5, cache_read=3, output=11)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


@contextmanager
def opened(talk: Conversation, path: str, body: Json) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(urlsplit(talk.base).netloc, timeout=60)
    connection.request("POST", f"/t/{talk.tag}{path}", json.dumps(body), {"Content-Type": "application/json"})
    with closing(connection), connection.getresponse() as response:
        yield response


def post(talk: Conversation, path: str, body: Json) -> Reply:
    with opened(talk, path, body) as response:
        return Reply(response.status, dict(response.headers), response.read())


def answer(talk: Conversation, path: str, body: Json) -> Json:
    response = post(talk, path, body)
    assert response.status == 200
    return dict(json.loads(response.body))


def frames(talk: Conversation, path: str, body: Json) -> list[Json]:
    text = post(talk, path, body).body.decode()
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def anthropic(prompt: str = "hi", *tools: str, stream: bool = False) -> Json:
    offered = [{"name": tool, "input_schema": {}} for tool in tools]
    return {"model": "m", "stream": stream, "messages": [{"role": "user", "content": prompt}], "tools": offered}


def chat(*tools: str, stream: bool = False) -> Json:
    offered = [{"type": "function", "function": {"name": tool}} for tool in tools]
    more: Json = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": offered} | more


def responses(*tools: Json, stream: bool = False) -> Json:
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    return {"model": "m", "stream": stream, "instructions": "be brief", "input": [said], "tools": list(tools)}


def gemini(*tools: str) -> Json:
    declared = {"functionDeclarations": [{"name": tool} for tool in tools]}
    return {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "tools": [declared]}


def test_messages_come_whole_with_all_four_counters(provider: Provider) -> None:
    talk = provider.script("a", Say("hello", USAGE))
    got = answer(talk, MESSAGES, anthropic())
    assert got["content"] == [{"type": "text", "text": "hello"}]
    assert got["stop_reason"] == "end_turn"
    assert got["usage"] == {
        "input_tokens": 7,
        "cache_creation_input_tokens": 5,
        "cache_read_input_tokens": 3,
        "output_tokens": 11,
    }


def test_messages_stream_words_then_a_tool_call(provider: Provider) -> None:
    talk = provider.script("a", Write("/x/a.txt", "body", say="I write."))
    got = frames(talk, MESSAGES, anthropic("hi", "Write", stream=True))
    assert [f["type"] for f in got if "delta" not in f["type"]] == [
        "message_start",
        "ping",
        *["content_block_start", "content_block_stop"] * 2,
        "message_stop",
    ]
    said = "".join(f["delta"].get("text", "") for f in got if f["type"] == "content_block_delta")
    given = "".join(f["delta"].get("partial_json", "") for f in got if f["type"] == "content_block_delta")
    assert said == "I write."
    assert json.loads(given) == {"file_path": "/x/a.txt", "content": "body"}
    assert [f["delta"]["stop_reason"] for f in got if f["type"] == "message_delta"] == ["tool_use"]


def test_chat_streams_a_tool_call_and_ends_with_usage(provider: Provider) -> None:
    talk = provider.script("a", Call("bash", {"command": "ls"}, usage=USAGE))
    got = frames(talk, CHAT, chat("bash", stream=True))
    calls = [c for f in got for choice in f["choices"] for c in choice["delta"].get("tool_calls", [])]
    assert calls[0]["function"]["name"] == "bash"
    assert json.loads("".join(c["function"]["arguments"] for c in calls)) == {"command": "ls"}
    assert [c["finish_reason"] for f in got for c in f["choices"] if c["finish_reason"]] == ["tool_calls"]
    assert got[-1]["usage"]["prompt_tokens"] == 15
    assert got[-1]["usage"]["prompt_tokens_details"] == {"cached_tokens": 3}


def test_chat_comes_whole(provider: Provider) -> None:
    talk = provider.script("a", Say("hello", USAGE))
    got = answer(talk, CHAT, chat())
    assert got["choices"][0]["message"] == {"role": "assistant", "content": "hello"}
    assert got["usage"]["total_tokens"] == 26


def test_responses_stream_a_function_call_in_numbered_events(provider: Provider) -> None:
    talk = provider.script("a", Run("ls", say="I look."))
    got = frames(talk, RESPONSES, responses({"type": "function", "name": "exec_command"}, stream=True))
    assert [f["sequence_number"] for f in got] == list(range(len(got)))
    assert got[0]["type"] == "response.created"
    message, call = got[-1]["response"]["output"]
    assert message["content"][0]["text"] == "I look."
    assert (call["type"], call["name"], call["arguments"]) == ("function_call", "exec_command", '{"cmd": "ls"}')
    assert got[-1]["type"] == "response.completed"


def test_responses_stream_a_call_of_free_form(provider: Provider) -> None:
    talk = provider.script("a", Write("a.txt", "one\n"))
    got = frames(talk, RESPONSES, responses({"type": "custom", "name": "apply_patch"}, stream=True))
    call = got[-1]["response"]["output"][0]
    assert call["type"] == "custom_tool_call"
    assert call["input"] == "*** Begin Patch\n*** Add File: a.txt\n+one\n*** End Patch\n"
    assert "".join(f["delta"] for f in got if f["type"].endswith("input.delta")) == call["input"]


def test_responses_come_whole_and_take_a_plain_string(provider: Provider) -> None:
    talk = provider.script("a", Say("hello", USAGE))
    got = answer(talk, RESPONSES, {"model": "m", "input": "hi"})
    assert got["status"] == "completed"
    assert got["output"][0]["content"][0]["text"] == "hello"
    assert got["usage"]["input_tokens"] == 15
    assert talk.requests[0].last_user == "hi"


def test_gemini_streams_without_comment_lines(provider: Provider) -> None:
    talk = provider.script("a", Run("ls", say="I look.", usage=USAGE))
    text = post(talk, STREAM, gemini("run_shell_command")).body.decode()
    lines = [line for line in text.splitlines() if line]
    assert all(line.startswith("data: ") for line in lines)
    last = json.loads(lines[-1].removeprefix("data: "))
    assert last["candidates"][0]["content"]["parts"][0]["functionCall"]["args"]["command"] == "ls"
    assert last["candidates"][0]["finishReason"] == "STOP"
    assert last["usageMetadata"]["promptTokenCount"] == 15


def test_gemini_comes_whole(provider: Provider) -> None:
    talk = provider.script("a", Say("hello"))
    assert answer(talk, GENERATE, gemini())["candidates"][0]["content"]["parts"] == [{"text": "hello"}]
    assert talk.requests[0].model == "g"


def test_tokens_are_counted_and_a_head_is_answered_without_using_the_script(provider: Provider) -> None:
    talk = provider.script("a", Say("hello"))
    assert answer(talk, "/v1/messages/count_tokens", anthropic())["input_tokens"] > 0
    assert answer(talk, "/v1beta/models/g:countTokens", gemini())["totalTokens"] > 0
    with closing(http.client.HTTPConnection(urlsplit(talk.base).netloc, timeout=60)) as connection:
        connection.request("HEAD", "/t/a")
        assert connection.getresponse().status == 200
    assert talk.requests == []
    assert talk.unused == [Say("hello")]


@pytest.mark.parametrize("status", [401, 429, 500, 529])
@pytest.mark.parametrize("path", [MESSAGES, CHAT, RESPONSES, GENERATE])
def test_an_error_has_the_form_of_its_provider(provider: Provider, path: str, status: int) -> None:
    limits = {"anthropic-ratelimit-requests-remaining": "0"}
    talk = provider.script("a", Fail(status, "no more", retry_after=2, headers=limits))
    response = post(talk, path, {"model": "m"})
    assert response.status == status
    assert response.headers.get("retry-after") == "2"
    assert response.headers.get("anthropic-ratelimit-requests-remaining") == "0"
    assert json.loads(response.body)["error"]["message"] == "no more"


def test_an_error_lasts_as_often_as_it_says(provider: Provider) -> None:
    talk = provider.script("a", Fail(529, times=2), Say("hello"), Fail(401, times=None))
    assert [post(talk, MESSAGES, anthropic()).status for _ in range(5)] == [529, 529, 200, 401, 401]


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_waits_for_its_gate(provider: Provider, stream: bool) -> None:
    gate = Gate()
    talk = provider.script("a", Say("later", gate=gate, first="sooner, "))
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(post(talk, MESSAGES, anthropic(stream=stream)).body))
    reader.start()
    gate.wait_until_held()
    assert got == []
    gate.open()
    reader.join()
    assert b"sooner, " in got[0]
    assert b"later" in got[0]


def test_a_held_stream_has_said_its_first_words(provider: Provider) -> None:
    talk = provider.script("a", Say("later", gate=Gate(), first="sooner"))
    seen = b""
    with opened(talk, MESSAGES, anthropic(stream=True)) as response:
        while b"sooner" not in seen:
            seen += response.readline()
    assert b"later" not in seen


@pytest.mark.parametrize("turn", [Hang(), HalfOpen(), Say("never", gate=Gate())])
def test_a_client_that_leaves_is_noticed(provider: Provider, turn: Turn) -> None:
    talk = provider.script("a", turn)
    with closing(http.client.HTTPConnection(urlsplit(talk.base).netloc, timeout=60)) as connection:
        connection.request("POST", f"/t/a{MESSAGES}", json.dumps(anthropic(stream=True)))
        talk.wait_for(lambda asked: len(asked) == 1)
        assert not talk.requests[0].aborted
    talk.wait_for(lambda asked: asked[0].aborted)


def test_a_cut_stream_ends_in_mid_sentence(provider: Provider) -> None:
    talk = provider.script("a", HalfOpen("Let me", cut=True))
    with pytest.raises(http.client.IncompleteRead) as cut:
        post(talk, MESSAGES, anthropic(stream=True))
    assert b"Let me" in cut.value.partial
    assert b"message_stop" not in cut.value.partial


def test_what_was_promised_to_be_json_is_not(provider: Provider) -> None:
    talk = provider.script("a", INVALID_JSON, INVALID_STREAM)
    with pytest.raises(ValueError):
        answer(talk, MESSAGES, anthropic())
    with pytest.raises(ValueError):
        frames(talk, MESSAGES, anthropic(stream=True))


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("Generate a concise, single-line task title for this", "side:title"),
        ("You are a Task Routing AI", "side:route"),
    ],
)
def test_calls_on_the_agents_own_account_leave_the_script_alone(provider: Provider, prompt: str, kind: str) -> None:
    talk = provider.script("a", Say("hello"))
    answer(talk, MESSAGES, anthropic(prompt))
    assert [asked.kind for asked in talk.asked] == [kind]
    assert talk.unused == [Say("hello")]
    assert answer(talk, MESSAGES, anthropic())["content"][0]["text"] == "hello"


def test_every_request_is_kept_with_its_prompt_to_the_byte(provider: Provider) -> None:
    prompt = "-x `ünï` \u2028 two\n\tlines \x07 \n"
    talk = provider.script("a")
    body = anthropic(prompt, "Bash", "Write") | {"system": [{"type": "text", "text": "be brief"}]}
    answer(talk, MESSAGES, body)
    (asked,) = talk.requests
    assert (asked.model, asked.tools, asked.system_bytes, asked.status) == ("m", ("Bash", "Write"), 8, 200)
    assert asked.bytes == len(json.dumps(body))
    assert asked.last_user == prompt
    assert (asked.count(prompt), asked.count(prompt.strip())) == (1, 0)


def test_a_wish_without_a_fitting_tool_is_said_in_words(provider: Provider) -> None:
    talk = provider.script("a", Write("a", "b"), Ask("Which one?"))
    assert "no tool" in answer(talk, MESSAGES, anthropic("hi", "Read"))["content"][0]["text"]
    assert answer(talk, MESSAGES, anthropic("hi", "AskUserQuestion"))["content"][0]["name"] == "AskUserQuestion"


def test_tags_have_scripts_of_their_own_and_an_unknown_one_is_refused(provider: Provider) -> None:
    one, two = provider.script("one", Say("1")), provider.script("two", Say("2"))
    assert answer(two, MESSAGES, anthropic())["content"][0]["text"] == "2"
    assert one.requests == []
    assert one.unused == [Say("1")]
    nobody = Conversation("nobody", provider.base, [])
    assert post(nobody, MESSAGES, anthropic()).status == 404
