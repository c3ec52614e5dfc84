"""`swarmctl-hook`: one line per call, and never in an agent's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swarmctl.core.session import SpoolPlace
from swarmctl.edges.files.spool import SpoolLine, read_spool

ARGV = (sys.executable, "-m", "swarmctl.surfaces.hook.entry")


def hook(*words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*ARGV, *words], input=stdin, capture_output=True, env={**os.environ, **env}, timeout=60)


def spoken(spool: Path) -> list[SpoolLine]:
    return read_spool(spool, SpoolPlace(), "t1")[0]


def test_a_call_is_a_line_that_the_reader_understands(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    payload = json.dumps({"hook_event_name": "Stop", "text": 'é "quoted"\n\\ \u2028 \x00 \x1b[31m'})
    before = time.time()
    done = hook("done", "it's é\n", stdin=payload.encode(), SWARM_SPOOL=str(spool), SWARM_TOKEN="t1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    [line] = spoken(spool)
    assert (line.event, line.text, line.payload) == ("done", "it's é\n", payload)
    assert before - 1 < line.at < time.time() + 1
    assert spool.stat().st_mode & 0o777 == 0o600


def test_every_line_is_ascii_json_on_its_own_line(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    for _ in range(2):
        hook("a.b-c_1", stdin=b"\xff\xfe\n\n", SWARM_SPOOL=str(spool), SWARM_TOKEN='t"1')
    lines = [line for line in spool.read_bytes().split(b"\n") if line]
    assert len(lines) == 2
    assert json.loads(lines[0].decode("ascii"))["token"] == 't"1'


def test_a_long_payload_is_cut_and_its_writer_is_not_hurt(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    done = hook("big", stdin=b"\x01" * 3_000_000, SWARM_SPOOL=str(spool), SWARM_TOKEN="t1")
    assert done.returncode == 0
    assert [len(line.payload) for line in spoken(spool)] == [64 * 1024]


def test_calls_at_once_do_not_tear_each_others_lines(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    env = {**os.environ, "SWARM_SPOOL": str(spool), "SWARM_TOKEN": "t1"}
    payload = b"x" * 60_000
    calls = [subprocess.Popen([*ARGV, f"e{n}"], stdin=subprocess.PIPE, env=env) for n in range(8)]
    for call in calls:
        call.communicate(payload, timeout=60)
    assert {line.event for line in spoken(spool)} == {f"e{n}" for n in range(8)}
    assert all(len(line.payload) == len(payload) for line in spoken(spool))


@pytest.mark.parametrize("words", [(), ("",), ("two words",), ("a", "b", "c"), ("é",), ("x" * 65,), ("../x",)])
def test_a_wrong_call_says_how(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = hook(*words, SWARM_SPOOL=str(tmp_path / "spool"))
    assert (done.returncode, done.stderr[:6]) == (2, b"usage:")
    assert not (tmp_path / "spool").exists()


def test_without_a_spool_it_is_silent() -> None:
    done = hook("done")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("kind", ["missing folder", "folder", "link", "pipe"])
def test_a_spool_that_cannot_be_written_is_not_the_agents_problem(tmp_path: Path, kind: str) -> None:
    spool = tmp_path / "spool"
    if kind == "missing folder":
        spool = tmp_path / "none" / "spool"
    elif kind == "folder":
        spool.mkdir()
    elif kind == "link":
        spool.symlink_to(tmp_path / "victim")
    else:
        os.mkfifo(spool)
    assert hook("done", SWARM_SPOOL=str(spool)).returncode == 0
    assert not (tmp_path / "victim").exists()


def test_a_stdin_that_stays_silent_does_not_hold_the_agent_up(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    env = {**os.environ, "SWARM_SPOOL": str(spool), "SWARM_TOKEN": "t1"}
    with subprocess.Popen([*ARGV, "idle"], stdin=subprocess.PIPE, env=env) as call:
        assert call.wait(timeout=60) == 0
    assert [line.event for line in spoken(spool)] == ["idle"]


def test_it_imports_nothing_that_costs() -> None:
    code = (
        "import sys; before = set(sys.modules); import swarmctl.surfaces.hook.entry as e; e._line('a', 'b', b'c', '');"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('swarmctl')))"
    )
    out = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(out.split()) <= {"__future__", "_json"}


def asking(tmp_path: Path) -> subprocess.Popen[str]:
    """A hook that waits for an answer, once its question is in the spool."""
    env = {**os.environ, "SWARM_SPOOL": str(tmp_path / "spool"), "SWARM_TOKEN": "t1", "SWARM_ANSWERS": str(tmp_path)}
    pipe = subprocess.PIPE
    agent = subprocess.Popen([*ARGV, "--answer", "Ask"], stdin=subprocess.DEVNULL, stdout=pipe, env=env, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "spool").exists() or not spoken(tmp_path / "spool"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return agent


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ({"answer": "allow", "why": "ignored"}, {"behavior": "allow"}),
        ({"answer": "deny", "why": "not that file"}, {"behavior": "deny", "message": "not that file"}),
        ({"answer": "deny"}, {"behavior": "deny"}),
    ],
)
def test_a_question_waits_for_its_answer_and_hands_it_on(
    answer: dict[str, str], decision: dict[str, str], tmp_path: Path
) -> None:
    agent = asking(tmp_path)
    [line] = spoken(tmp_path / "spool")
    assert agent.poll() is None

    (tmp_path / "part").write_text(json.dumps(answer))
    (tmp_path / "part").rename(tmp_path / line.ask)

    out, _ = agent.communicate(timeout=60)
    assert json.loads(out) == {"hookSpecificOutput": {"hookEventName": "Ask", "decision": decision}}
    assert agent.returncode == 0


@pytest.mark.parametrize("answer", ['{"answer": "pane"}', "{broken", '{"answer": "rm -rf"}'])
def test_what_is_no_decision_leaves_the_question_to_the_terminal(answer: str, tmp_path: Path) -> None:
    agent = asking(tmp_path)
    [line] = spoken(tmp_path / "spool")

    (tmp_path / "part").write_text(answer)
    (tmp_path / "part").rename(tmp_path / line.ask)

    assert (agent.communicate(timeout=60)[0], agent.returncode) == ("", 0)


def test_a_question_with_nobody_to_answer_does_not_wait(tmp_path: Path) -> None:
    assert hook("--answer", "Ask").returncode == 0
    for spool in (tmp_path / "spool", tmp_path / "no" / "spool"):
        assert hook("--answer", "Ask", SWARM_SPOOL=str(spool)).returncode == 0
