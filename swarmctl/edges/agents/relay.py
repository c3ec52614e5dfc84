"""Runs an agent that prints JSON lines: people see text, the session's spool gets each line as evidence.

Runs alone under `python -I`: `relay.py FORMAT PROGRAM ARGUMENT…`. It ends as the agent ended, by the same code or
signal, and changes nothing of what the agent reads. What is no JSON is shown as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

LONGEST_LINE = 16 * 1024 * 1024
LONGEST_TEXT = 2000
"""Characters of one string inside a payload; what a tool printed is not needed to know what it is doing."""
LONGEST_PAYLOAD = 64 * 1024
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Line = dict[str, Any]


def main(argv: list[str]) -> int:
    words, program = FORMATS[argv[0]], argv[1:]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as agent:
        for number in PASSED_ON:
            signal.signal(number, lambda number, _frame: _pass_on(agent, number))
        assert agent.stdout is not None
        for raw in _lines(agent.stdout.fileno()):
            _take(raw, words)
    return _end_like(agent.returncode)


def _pass_on(agent: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        agent.send_signal(number)


def _end_like(code: int) -> int:
    if code >= 0:
        return code
    signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), -code)
    return 128 - code


def _lines(file: int) -> Iterator[bytes]:
    rest = b""
    while chunk := os.read(file, 1 << 16):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > LONGEST_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest


def _take(raw: bytes, words: Callable[[Line], str]) -> None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict) or not isinstance(line.get("type"), str):
        _say(raw.decode("utf-8", "replace"))
        return
    _report(line)
    try:
        shown = words(line)
    except (AttributeError, KeyError, TypeError, IndexError):
        shown = ""
    if shown:
        _say(shown)


def _say(text: str) -> None:
    data = (text + "\n").encode("utf-8", "replace")
    while data:
        data = data[os.write(1, data) :]


def _report(line: Line) -> None:
    spool = os.environ.get("SWARM_SPOOL")
    if not spool:
        return
    payload = json.dumps(_short(line))
    claim = {
        "v": 1,
        "token": os.environ.get("SWARM_TOKEN", ""),
        "event": f"stream.{line['type']}"[:64],
        "at": time.time(),
        "text": "",
        "payload": payload if len(payload) <= LONGEST_PAYLOAD else "",
    }
    with contextlib.suppress(OSError):
        file = os.open(spool, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, f"\n{json.dumps(claim)}\n".encode())
        finally:
            os.close(file)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, list):
        return [_short(each) for each in value[:50]]
    if isinstance(value, dict):
        return {str(key): _short(each) for key, each in value.items()}
    return value


# --- what people see --------------------------------------------------------------------------------------------------


def claude(line: Line) -> str:
    match line["type"]:
        case "assistant":
            return "\n".join(filter(None, map(_claude_block, line["message"]["content"])))
        case "user":
            blocks = [block for block in line["message"]["content"] if isinstance(block, dict)]
            return "\n".join(f"  {_first_line(_text_of(block.get('content')))}" for block in blocks)
        case "system" if line.get("subtype") == "api_retry":
            return f"! {line.get('error_status')}: retry {line.get('attempt')} of {line.get('max_retries')}"
        case "result" if line.get("is_error"):
            return f"! {line.get('result') or line.get('subtype')}"
    return ""


def _claude_block(block: Line) -> str:
    if block.get("type") == "text":
        return str(block["text"])
    if block.get("type") == "tool_use":
        return f"* {block['name']} {_first_line(_text_of(next(iter(block['input'].values()), '')))}"
    return ""


def codex(line: Line) -> str:
    if line["type"] == "error":
        return f"! {line.get('message')}"
    if line["type"] == "turn.failed":
        return f"! {line['error'].get('message')}"
    if line["type"] != "item.completed":
        return ""
    item = line["item"]
    match item.get("type"):
        case "agent_message":
            return str(item["text"])
        case "command_execution":
            return f"$ {item['command']}\n  exit {item.get('exit_code')}"
        case "file_change":
            return "\n".join(f"* {change['kind']} {change['path']}" for change in item["changes"])
        case "error":
            return f"! {item.get('message')}"
    return ""


def opencode(line: Line) -> str:
    part = line.get("part", {})
    match line["type"]:
        case "text":
            return str(part["text"])
        case "tool_use":
            return f"* {part['tool']} {_first_line(_text_of(next(iter(part['state'].get('input', {}).values()), '')))}"
        case "error":
            return f"! {_text_of(line.get('error'))}"
    return ""


def gemini(line: Line) -> str:
    match line["type"]:
        case "message" if line.get("role") != "user":
            return str(line.get("content", ""))
        case "tool_use":
            return f"* {line.get('tool_name')} {_first_line(_text_of(line.get('parameters')))}"
        case "error":
            return f"! {line.get('message')}"
    return ""


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(_text_of(each) for each in value)
    if isinstance(value, dict):
        return str(value.get("text") or value.get("message") or json.dumps(value))
    return "" if value is None else str(value)


def _first_line(text: str) -> str:
    first, _, more = text.strip().partition("\n")
    return f"{first[:200]} …" if more or len(first) > 200 else first


FORMATS: dict[str, Callable[[Line], str]] = {"claude": claude, "codex": codex, "opencode": opencode, "gemini": gemini}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
