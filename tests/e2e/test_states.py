"""What is believed of an agent whose hooks do not tell everything: title and screen count too, and prose never does."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Session, Stage, State
from tests.e2e.world import World, until

DEFINITION = """\
name: painter
description: An interface of its own, painted by a script
interactive:
  argv: ["{python}", -I, "{fake_agent}", "{prompt}"]
%s
screen:
  version: 1
  regions:
    end: {last: 2}
  rules:
    - {state: blocked, kind: trust, region: end, all: ["^Trust this folder[?]$", "^1[.] Yes"]}
    - {state: working, region: end, all: ["^esc to stop$"]}
    - {state: idle, region: end, all: ["^> $|^>$"]}
  titles:
    - {state: working, match: "^\\\\* "}
    - {state: idle, match: "^- "}
"""
HOOKS = """\
hooks: spool
events:
  - {event: prompt, state: working, turn: begins}
  - {event: ask, state: blocked, kind: permission}
"""
HERE, THERE = "write here x\nkey", "write there x\nkey"
BUSY = "title * topic\npaint I think.\\nesc to stop"
REST = "title - topic\npaint I stopped.\\n> "
WORDS = "It is running: esc to stop. It is working.\\nTrust this folder?\\n1. Yes, these are words.\\n"
DIALOG = "paint Here I am.\\nTrust this folder?\\n1. Yes"


@pytest.fixture
def painter(world: World) -> World:
    define(world, HOOKS)
    return world


def define(world: World, hooks: str) -> None:
    folder = world.home / "config" / "swarmctl" / "agents"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "painter.yaml").write_text(DEFINITION % hooks)


def begin(world: World, *lines: str) -> None:
    world.swarmctl("run", "\n".join([*lines, "wait never"]), "--agent", "painter", "--detach", "--no-merge", rc=0)
    world.await_stage(Stage.RUNNING)


def believed(world: World, state: State, kind: str = "") -> Session:
    def is_so() -> bool:
        session = world.session()
        return (session.state, session.state_kind) == (state, kind)

    until(is_so, f"the agent to be {state} {kind}")
    return world.session()


def states(world: World) -> list[tuple[State, str]]:
    return [(event.state, event.kind) for event in world.events(e.StateChanged)]


def press(world: World, name: str, after: str = "here") -> None:
    """A key, once the agent got as far as the mark `after`."""
    world.await_file(Path(world.session().worktree) / after)
    socket = next(path for path in world.runtime.rglob("swarm-*") if path.is_socket())
    argv = ["tmux", "-S", str(socket), "send-keys", "-t", world.session().pane, name]
    subprocess.run(argv, check=True, capture_output=True)


def end_supervisor(world: World) -> None:
    pid = world.supervisor()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: world.supervisor() is None, "the supervisor to be gone")


def test_esc_which_no_hook_tells_ends_the_work(painter: World) -> None:
    begin(painter, "event prompt", BUSY, HERE, REST)
    believed(painter, State.WORKING)
    press(painter, "Escape")

    believed(painter, State.IDLE)
    why = painter.swarmctl("why", painter.session().id, rc=0).out
    assert "title says idle" in why
    assert "agent hook says working" in why
    assert "overruled" in why


def test_a_dialog_that_no_hook_tells_blocks_until_it_is_answered(painter: World) -> None:
    begin(painter, "event prompt", DIALOG, HERE, BUSY)
    believed(painter, State.BLOCKED, "trust")
    assert "blocked for trust (screen: Trust this folder?)" in painter.swarmctl("show", painter.session().id, rc=0).out
    press(painter, "Enter")

    believed(painter, State.WORKING)


def test_prose_that_speaks_of_states_changes_nothing(painter: World) -> None:
    working = f"title * topic\npaint {WORDS}esc to stop"
    more, rest = f"paint {WORDS}Done?\\nesc to stop", f"{REST}\npaint {WORDS}> "
    begin(painter, "event prompt", working, HERE, more, THERE, rest)
    believed(painter, State.WORKING)
    press(painter, "a")
    press(painter, "b", "there")

    believed(painter, State.IDLE)
    assert State.BLOCKED not in {state for state, _ in states(painter)}


def test_an_agent_that_repaints_without_end_changes_once_for_each_real_change(painter: World) -> None:
    define(painter, "")
    frames = [f"paint {'|/-'[n % 3]} I think.\\nesc to stop\nsleep 0.02" for n in range(60)]
    begin(painter, *frames, "paint I stopped.\\n> ", HERE, *frames, "paint I stopped.\\n> ")
    believed(painter, State.IDLE)
    press(painter, "a")

    until(lambda: states(painter).count((State.IDLE, "")) == 2, "it to rest again")
    seen = [state for state, _ in states(painter)]
    assert seen in ([State.IDLE, State.WORKING, State.IDLE], [State.WORKING, State.IDLE] * 2)


def test_a_hook_that_asks_outdoes_a_screen_that_still_shows_work(painter: World) -> None:
    begin(painter, REST, HERE, BUSY, THERE, "event ask")
    believed(painter, State.IDLE)
    press(painter, "a")
    believed(painter, State.WORKING)
    press(painter, "b", "there")
    believed(painter, State.BLOCKED, "permission")

    why = painter.swarmctl("why", painter.session().id, rc=0).out
    assert "screen says working" in why
    assert "overruled" in why


def test_a_new_supervisor_believes_what_the_last_one_did(painter: World) -> None:
    begin(painter, "event prompt", BUSY, HERE, "event ask")
    believed(painter, State.WORKING)
    press(painter, "a")
    before = believed(painter, State.BLOCKED, "permission")
    count = len(states(painter))
    end_supervisor(painter)

    painter.swarmctl("up", rc=0)
    painter.swarmctl("gc", rc=0)

    after = painter.session()
    assert (after.state, after.state_kind, after.state_since) == (before.state, before.state_kind, before.state_since)
    assert len(states(painter)) == count


def test_what_happened_while_nobody_looked_is_seen_by_the_next_supervisor(painter: World) -> None:
    begin(painter, "event prompt", BUSY, HERE, REST)
    believed(painter, State.WORKING)
    end_supervisor(painter)
    press(painter, "Escape")

    painter.swarmctl("up", rc=0)

    believed(painter, State.IDLE)
