"""Conversations that agents keep by themselves: the newest one of a folder is found, in each agent's own form."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from swarmctl.core.handmade import Conversation
from swarmctl.edges.agents.catalog import Catalog
from swarmctl.edges.agents.history import Known

ROOT = Path(__file__).resolve().parents[3]


def claude(folder: Path, where: str, name: str) -> None:
    path = folder / ".claude/projects/-some-where" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        {"type": "queue-operation", "operation": "enqueue", "sessionId": name},
        {"type": "user", "cwd": where, "sessionId": name, "message": {"role": "user", "content": f"Do {name}"}},
        {"type": "assistant", "cwd": where, "sessionId": name, "message": {"content": [{"text": "Done."}]}},
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def codex(folder: Path, where: str, name: str) -> None:
    path = folder / ".codex/sessions/2026/11/21" / f"rollout-2026-{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"type": "UserMessage", "content": [{"type": "text", "text": f"Do {name}"}]}
    lines = [
        {"type": "session_meta", "payload": {"session_id": name, "id": name, "cwd": where, "long": "x" * 30_000}},
        {"type": "event_msg", "payload": {"type": "item_completed", "item": said}},
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(ROOT / "agents", tmp_path / "none", lambda subject, content: False)


@pytest.mark.parametrize(("agent", "write"), [("claude", claude), ("codex", codex)])
def test_the_newest_conversation_of_the_folder_is_found(catalog: Catalog, tmp_path: Path, agent: str, write) -> None:  # type: ignore[no-untyped-def]
    mine, env = str(tmp_path / "mine"), {"HOME": str(tmp_path)}
    assert catalog.conversation(agent, mine, env) is None
    for number, (where, name) in enumerate(
        [(mine, "old"), (f"{mine}/deep", "new"), (f"{mine}-not", "sibling"), ("", "nowhere")]
    ):
        write(tmp_path, where, name)
        for path in tmp_path.rglob(f"*{name}.jsonl"):
            os.utime(path, (1000 + number, 1000 + number))
    for path in tmp_path.glob(".c*"):
        (path / "broken.jsonl").write_bytes(b"\xff{\n")

    assert catalog.conversation(agent, mine, env) == Conversation("new", "Do new", 1001.0)


def test_an_agents_own_program_may_list_them(tmp_path: Path, catalog: Catalog) -> None:
    listed = [
        {"id": "ses_2", "title": "Elsewhere", "updated": 2_000_000, "directory": "/else"},
        {"id": "ses_1", "title": "Parser", "updated": 1_000_000, "directory": str(tmp_path)},
    ]
    program = tmp_path / "bin" / "opencode"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(json.dumps(listed))})\n")
    program.chmod(0o755)
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}"}

    assert catalog.conversation("opencode", str(tmp_path), env) == Conversation("ses_1", "Parser", 1000.0)
    assert catalog.conversation("opencode", str(tmp_path / "bin"), env) is None
    assert catalog.conversation("opencode", str(tmp_path), {"PATH": "/nowhere"}) is None


@pytest.mark.parametrize(
    ("argv", "agent"),
    [
        (("claude",), "claude"),
        (("/opt/bin/claude", "--resume"), "claude"),
        (("node", "/usr/lib/node_modules/.bin/codex", "-m", "x"), "codex"),
        (("/usr/bin/python3.11", "-I", "/venv/bin/aider"), "aider"),
        (("sh", "/home/me/bin/claude"), "claude"),
        (("/bin/sh", "-e", "/home/me/bin/claude"), "claude"),
        (("sh", "-c", "npm run dev >> logs/claude"), ""),
        (("bash", "-lc", "npm run dev >> logs/claude"), ""),
        (("sh", "-c", "./claude"), ""),
        (("node", "-e", "require('fs')/claude"), ""),
        (("node", "--eval=1/claude", "codex"), ""),
        (("python3", "-Ic", "print(1)//claude"), ""),
        (("bash", "npm run dev >> logs/claude"), ""),
        (("vim", "claude"), ""),
        (("git", "log", "codex"), ""),
        (("node", "server.js", "claude"), ""),
        ((), ""),
    ],
)
def test_an_agent_is_known_by_its_program_and_not_by_a_word(argv: tuple[str, ...], agent: str) -> None:
    known = Known({"claude": "claude", "codex": "codex", "aider": "aider"})

    assert known.recognise(argv) == agent
