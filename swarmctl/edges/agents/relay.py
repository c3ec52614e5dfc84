"""Runs an agent that prints JSON lines: people see text, the session's spool gets each line as evidence.

Runs alone under `python -I`: `relay.py FORMAT PROGRAM ARGUMENT…`. It ends as the agent ended, by the same code or
signal, and changes nothing of what the agent reads. What is no JSON is shown as it is. `relay.py text RULES PROGRAM…`
is for an agent that prints text: all of it is shown as it comes, and the lines that a rule knows are evidence.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

LONGEST_LINE = 16 * 1024 * 1024
LONGEST_TEXT = 2000
"""Characters of one string inside a payload; what a tool printed is not needed to know what it is doing."""
LONGEST_PAYLOAD = 64 * 1024
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Line = dict[str, Any]


def main(argv: list[str]) -> int:
    if argv[0] == "text":
        return _run_text([Rule(name, re.compile(match), to) for name, match, to in json.loads(argv[1])], argv[2:])
    words = FORMATS[argv[0]]
    with _started(argv[1:]) as agent:
        assert agent.stdout is not None
        for raw in _lines(agent.stdout.fileno()):
            _take(raw, words)
    return _end_like(agent.returncode)


def _started(program: list[str], stderr: int | None = None) -> subprocess.Popen[bytes]:
    agent = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=stderr)
    for number in PASSED_ON:
        signal.signal(number, lambda number, _frame: _pass_on(agent, number))
    return agent


def _run_text(rules: list[Rule], program: list[str]) -> int:
    watches_errors = any(rule.to == "err" for rule in rules)
    with _started(program, subprocess.PIPE if watches_errors else None) as agent, selectors.DefaultSelector() as both:
        for pipe, to, name in ((agent.stdout, 1, "out"), (agent.stderr, 2, "err")):
            if pipe is not None:
                both.register(pipe, selectors.EVENT_READ, Heard(to, [rule for rule in rules if rule.to == name]))
        while both.get_map():
            for key, _ in both.select():
                chunk = os.read(key.fd, 1 << 16)
                key.data.take(chunk)
                if not chunk:
                    both.unregister(key.fd)
    return _end_like(agent.returncode)


class Rule(NamedTuple):
    """A line that says how the agent fares."""

    name: str
    match: re.Pattern[str]
    to: str


class Heard:
    """One pipe of an agent's: shown at once, and understood line by line."""

    def __init__(self, to: int, rules: list[Rule]) -> None:
        self._to = to
        self._rules = rules
        self._rest = b""

    def take(self, chunk: bytes) -> None:
        """An empty one is the end."""
        _write(self._to, chunk)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk or len(self._rest) > LONGEST_TEXT:
            whole, self._rest = [*whole, self._rest], b""
        for raw in whole:
            self._understand(ANSI.sub("", raw[:LONGEST_TEXT].decode("utf-8", "replace")).rstrip())

    def _understand(self, line: str) -> None:
        for rule in self._rules:
            found = rule.match.search(line)
            if found:
                _report({"type": rule.name, "text": line, **found.groupdict()})
                return


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
    _write(1, (text + "\n").encode("utf-8", "replace"))


def _write(to: int, data: bytes) -> None:
    while data:
        data = data[os.write(to, data) :]


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
