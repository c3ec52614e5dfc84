"""The relay: text for people, evidence for the spool, and the agent's own end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from swarmctl.edges.agents import relay as module

RELAY = module.__file__ or ""
CLAUDE = [
    {"type": "system", "subtype": "init", "session_id": "c-1"},
    {"type": "assistant", "message": {"content": [{"type": "text", "text": "I will write it."}]}},
    {"type": "assistant", "message": {"content": [{"type": "tool_use", "name": "Write", "input": {"file_path": "a"}}]}},
    {"type": "user", "message": {"content": [{"type": "tool_result", "content": "done\nmore"}]}},
    {"type": "system", "subtype": "api_retry", "error_status": 529, "attempt": 1, "max_retries": 10},
    {"type": "result", "subtype": "success", "is_error": True, "result": "overloaded"},
]
CODEX = [
    {"type": "thread.started", "thread_id": "t-1"},
    {"type": "item.completed", "item": {"type": "command_execution", "command": "ls", "exit_code": 0}},
    {"type": "item.completed", "item": {"type": "file_change", "changes": [{"path": "a", "kind": "add"}]}},
    {"type": "item.completed", "item": {"type": "agent_message", "text": "Done."}},
    {"type": "turn.failed", "error": {"message": "no more"}},
]
OPENCODE = [
    {"type": "tool_use", "part": {"tool": "bash", "state": {"input": {"command": "ls"}}}},
    {"type": "text", "part": {"text": "Done."}},
    {"type": "error", "error": {"message": "broken"}},
]
GEMINI = [
    {"type": "message", "role": "user", "content": "not shown"},
    {"type": "message", "role": "assistant", "content": "Done."},
    {"type": "tool_use", "tool_name": "write_file", "parameters": {"a": 1}},
]
SHOWN = {
    "claude": (CLAUDE, ["I will write it.", "* Write a", "  done …", "! 529: retry 1 of 10", "! overloaded"]),
    "codex": (CODEX, ["$ ls", "  exit 0", "* add a", "Done.", "! no more"]),
    "opencode": (OPENCODE, ["* bash ls", "Done.", "! broken"]),
    "gemini": (GEMINI, ["Done.", '* write_file {"a": 1}']),
}


def relay(form: str, script: str, spool: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-I", RELAY, form, sys.executable, "-I", "-u", "-c", script]
    env = {**os.environ, "SWARM_SPOOL": str(spool), "SWARM_TOKEN": "secret"}
    pipe = subprocess.PIPE
    return subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env)


def printing(lines: list[Any], rest: str = "") -> str:
    said = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return f"import os, sys, signal\nprint({said!r})\n{rest}"


def claims(spool: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in spool.read_text().splitlines() if line]


@pytest.mark.parametrize(("form", "lines", "shown"), [(form, *rest) for form, rest in SHOWN.items()], ids=SHOWN)
def test_people_see_text_and_the_spool_gets_every_line(
    form: str, lines: list[Any], shown: list[str], tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    agent = relay(form, printing(lines), spool)
    out, _ = agent.communicate(timeout=60)

    assert out.splitlines() == shown
    assert agent.returncode == 0
    assert [json.loads(claim["payload"]) for claim in claims(spool)] == lines
    assert {claim["token"] for claim in claims(spool)} == {"secret"}
    assert claims(spool)[0]["event"] == f"stream.{lines[0]['type']}"
    assert spool.stat().st_mode & 0o777 == 0o600


def test_what_is_no_json_is_shown_and_claims_nothing(tmp_path: Path) -> None:
    agent = relay("claude", printing(["warning: old", "[1]", '{"no": "type"}', "{broken"]), tmp_path / "spool")
    out, _ = agent.communicate(timeout=60)

    assert out.splitlines() == ["warning: old", "[1]", '{"no": "type"}', "{broken"]
    assert not (tmp_path / "spool").exists()


def test_a_line_of_another_shape_is_claimed_and_ends_nothing(tmp_path: Path) -> None:
    odd = [{"type": "assistant", "message": None}, {"type": "user", "message": {"content": "text"}}, {"type": "result"}]
    agent = relay("claude", printing(odd), tmp_path / "spool")
    agent.communicate(timeout=60)

    assert agent.returncode == 0
    assert len(claims(tmp_path / "spool")) == 3


@pytest.mark.parametrize(
    ("end", "code"), [("sys.exit(3)", 3), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -signal.SIGABRT)]
)
def test_it_ends_as_the_agent_ended(end: str, code: int, tmp_path: Path) -> None:
    agent = relay("codex", printing([], end), tmp_path / "spool")
    agent.communicate(timeout=60)

    assert agent.returncode == code


def test_the_agent_reads_what_the_relay_is_given_and_hears_its_signals(tmp_path: Path) -> None:
    script = (
        "import signal, sys, json\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(7)))\n"
        "print(sys.stdin.readline().strip())\nimport time\nwhile True: time.sleep(0.01)\n"
    )
    agent = relay("codex", script, tmp_path / "spool")
    assert agent.stdin is not None
    assert agent.stdout is not None
    agent.stdin.write("the prompt\n")
    agent.stdin.flush()
    assert agent.stdout.readline() == "the prompt\n"

    agent.send_signal(signal.SIGTERM)

    assert agent.communicate(timeout=60)[0] == "bye\n"
    assert agent.returncode == 7


def test_what_a_tool_printed_is_cut_so_that_a_claim_stays_small(tmp_path: Path) -> None:
    script = (
        "import json\nbig = {'type': 'tool_result', 'content': 'x' * 3_000_000}\n"
        "print(json.dumps({'type': 'user', 'message': {'content': [big]}}))"
    )
    agent = relay("claude", script, tmp_path / "spool")
    agent.communicate(timeout=60)

    (claim,) = claims(tmp_path / "spool")
    assert len(claim["payload"]) < module.LONGEST_PAYLOAD
    assert json.loads(claim["payload"])["type"] == "user"


RULES = [["limited", "^slow down (?P<seconds>[0-9]+)", "out"], ["failed", "^Error: ", "err"]]


def test_text_is_shown_as_it_comes_and_the_lines_that_a_rule_knows_are_evidence(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "print('it says slow down 1'); print('\\033[1mslow down 7\\033[0m now')\n"
        "print('no line end', end='', flush=True)\n"
        "print('slow down 1', file=sys.stderr); print('Error: gone', end='', file=sys.stderr)\n"
        "raise SystemExit(3)"
    )
    argv = [sys.executable, "-I", RELAY, "text", json.dumps(RULES), sys.executable, "-I", "-c", script]
    env = {**os.environ, "SWARM_SPOOL": str(tmp_path / "spool"), "SWARM_TOKEN": "secret"}

    ended = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 3
    assert ended.stdout == "it says slow down 1\n\033[1mslow down 7\033[0m now\nno line end"
    assert ended.stderr == "slow down 1\nError: gone"
    said = {claim["event"]: json.loads(claim["payload"]) for claim in claims(tmp_path / "spool")}
    assert said == {
        "stream.limited": {"type": "limited", "text": "slow down 7 now", "seconds": "7"},
        "stream.failed": {"type": "failed", "text": "Error: gone"},
    }
    assert len(claims(tmp_path / "spool")) == 2
