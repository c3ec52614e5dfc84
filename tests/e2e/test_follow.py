"""`logs -f` as people use it: everything is shown, once, readable, without secrets; and it costs the agent nothing."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import Typed, World, until


@pytest.fixture(params=["tmux", "process"])
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Reader:
    """What a follower printed so far."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.data = b""
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")

    def _read(self) -> None:
        stream = self.typed.process.stdout
        assert stream
        with suppress(ValueError):
            for line in iter(lambda: os.read(stream.fileno(), 65536), b""):
                self.data += line

    def shows(self, words: str) -> None:
        until(lambda: words in self.text, f"{words!r} to be followed; so far: {self.text[-2000:]!r}")

    def end(self) -> str:
        assert self.typed.process.wait(120) == 0, self.typed.process.stderr
        self.thread.join(60)
        return self.text


def begin(world: World, script: str) -> str:
    """A detached shell session that runs."""
    said = world.swarmctl("run", "work", "--exec", script, "--detach", "--json", rc=0)
    world.await_stage(Stage.RUNNING)
    return str(said.last["tasks"][0]["id"])


def follow(world: World, name: str, *more: str) -> Reader:
    return Reader(world.start("logs", "-f", name, *more))


def gate(world: World, name: str) -> tuple[Path, str]:
    path = world.home / name
    return path, f"until [ -e {shlex.quote(str(path))} ]; do sleep 0.02; done"


def taps(world: World) -> list[int]:
    return [pid for pid, words in world.ours().items() if "tap.py" in words]


def test_a_follower_sees_all_of_it_once_and_ends_with_the_session(world: World) -> None:
    go, wait = gate(world, "go")
    name = begin(world, f"echo early; {wait}; i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done; echo é 猫")
    reader = follow(world, name)
    reader.shows("early\n")
    go.touch()
    assert reader.end().splitlines() == ["early", *(f"line {n}" for n in range(1, 3001)), "é 猫"]


def test_a_line_that_is_not_complete_yet_is_not_said_twice(world: World) -> None:
    go, wait = gate(world, "go")
    name = begin(world, f"echo first; printf 'Go on? '; {wait}; echo yes")
    reader = follow(world, name)
    reader.shows("first\nGo on? ")
    go.touch()
    assert reader.end() == "first\nGo on? yes\n"


def test_two_followers_see_the_same_and_a_late_one_what_came_before(world: World) -> None:
    go, wait = gate(world, "go")
    more, again = gate(world, "more")
    name = begin(world, f"echo one; {wait}; echo two; {again}; echo three")
    first = follow(world, name)
    first.shows("one\n")
    go.touch()
    first.shows("two\n")
    second = follow(world, name)
    second.shows("two\n")
    more.touch()
    assert first.end() == second.end() == "one\ntwo\nthree\n"


def test_what_is_read_later_reads_like_what_was_followed(world: World) -> None:
    go, waits = gate(world, "go")
    name = begin(world, f"printf 'get 1 %%\\rget 50 %%\\rgot all of it\\nready\\n'; {waits}")
    until(lambda: "ready" in world.swarmctl("logs", name, rc=0).out, "its words")
    running = world.swarmctl("logs", name, rc=0).out
    go.touch()
    world.idle()
    assert [text.split("\n")[:2] for text in (running, world.swarmctl("logs", name).out)] == [
        ["got all of it", "ready"]
    ] * 2


def test_json_is_clean_lines(world: World) -> None:
    go, wait = gate(world, "go")
    colours = "printf '\\033[31mred\\033[0m\\n10%%\\r50%%\\r100%%\\n\\033]0;title\\007plain\\n'"
    name = begin(world, f"echo ready; {wait}; {colours}")
    reader = follow(world, name, "--json")
    reader.shows("ready")
    go.touch()
    lines = [json.loads(line) for line in reader.end().splitlines()]
    assert {(line["v"], line["kind"]) for line in lines} == {(1, "logs")}
    assert "".join(line["text"] for line in lines) == "ready\nred\n100%\nplain\n"


def test_secrets_are_masked_also_when_they_come_in_pieces(world: World) -> None:
    go, wait = gate(world, "go")
    known = "printf 'key correct-h'; sleep 0.7; echo orse-battery."
    token = "printf gh; sleep 0.7; printf p_0123456789abcdefghij; sleep 0.7; echo 'klmnopqrstuv done'"
    name = begin(world, f"echo ready; {wait}; {known}; {token}")
    world.extra_env["MY_TOKEN"] = "correct-horse-battery"
    reader = follow(world, name)
    reader.shows("ready\n")
    go.touch()
    assert reader.end() == "ready\nkey [masked].\n[masked] done\n"


def test_following_begins_before_the_agent_does(world: World) -> None:
    world.settings("[agent]\nmax_running = 1\n")
    go, wait = gate(world, "go")
    begin(world, wait)
    said = world.swarmctl("run", "second", "--exec", "echo here I am", "--detach", "--json", rc=0)
    task = said.last["tasks"][0]["id"]
    go.touch()
    world.await_facts(lambda facts: facts.tasks[task].session, "the second session")
    reader = follow(world, task)
    assert reader.end() == "here I am\n"


def test_a_flood_neither_stops_the_agent_nor_loses_its_last_words(world: World) -> None:
    go, wait = gate(world, "go")
    name = begin(world, f"echo first; {wait}; yes 'the quick brown fox' | head -c 30000000; echo last words")
    reader = follow(world, name)
    reader.shows("first\n")
    go.touch()
    text = reader.end()
    assert text.startswith("first\n")
    assert text.endswith("\nlast words\n")
    assert set(text.splitlines()) <= {"first", "the quick brown fox", "last words"} | {
        line for line in text.splitlines() if line.startswith("… ")
    }


@pytest.mark.parametrize("host", ["tmux"])
def test_the_pipe_is_open_only_while_somebody_follows(world: World) -> None:
    name = begin(world, "while :; do echo more; sleep 0.05; done")
    assert taps(world) == []
    first, second = follow(world, name), follow(world, name)
    first.shows("more\n")
    second.shows("more\n")
    assert len(taps(world)) == 1
    first.typed.signal(signal.SIGKILL)
    first.typed.process.wait(60)
    seen = len(second.text)
    until(lambda: len(second.text) > seen + 100, "the other one to go on")
    second.typed.signal(signal.SIGKILL)
    until(lambda: taps(world) == [], "the pipe to be closed")
    files = [path for path in world.runtime.rglob("*") if path.name.endswith(".tap")]
    assert files == []


def test_following_does_not_need_the_supervisor(world: World) -> None:
    go, wait = gate(world, "go")
    name = begin(world, f"echo one; {wait}; echo two; sleep 1000")
    reader = follow(world, name)
    reader.shows("one\n")
    pid = until(world.supervisor, "a supervisor")
    os.kill(pid, signal.SIGKILL)
    until(lambda: world.supervisor() != pid, "it to be gone")
    go.touch()
    reader.shows("two\n")
    world.swarmctl("stop", name, rc=0)
    assert reader.end() == "one\ntwo\n"


def test_a_reader_that_leaves_ends_the_follower_of_a_quiet_agent(world: World) -> None:
    name = begin(world, "echo one; sleep 1000")
    typed = world.start("logs", "-f", name)
    stdout = typed.process.stdout
    assert stdout
    assert stdout.readline() == "one\n"
    stdout.close()
    assert typed.process.wait(30) == 0
    typed.process.stdout = None
    until(lambda: taps(world) == [], "the pipe to be closed")
