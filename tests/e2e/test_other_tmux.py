"""Other people's tmux servers, and ours: whoever ends one of them ends no other.

A private folder stands for the place where this machine has its default server.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import World


@pytest.fixture
def machine(world: World) -> Iterator[Path]:
    """Where the default tmux server of this story's machine lives, and it lives."""
    folder = world.runtime / "default"
    folder.mkdir()
    world.extra_env["TMUX_TMPDIR"] = str(folder)
    tmux(folder, "-f", "/dev/null", "new-session", "-d", "-s", "mine", "sleep 100000")
    yield folder
    if lives(folder):
        tmux(folder, "kill-server")


def tmux(folder: Path, *words: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "TMUX"} | {"TMUX_TMPDIR": str(folder)}
    subprocess.run(["tmux", *words], env=env, check=True, timeout=10)


def lives(folder: Path) -> bool:
    env = {name: value for name, value in os.environ.items() if name != "TMUX"} | {"TMUX_TMPDIR": str(folder)}
    argv = ["tmux", "has-session", "-t", "=mine"]
    return subprocess.run(argv, env=env, capture_output=True, check=False, timeout=10).returncode == 0


def test_the_machines_default_server_is_killed_and_no_agent_notices(world: World, machine: Path) -> None:
    go = world.home / "go"
    typed = world.begin(f"write made.txt hello\nwait {go}\nwrite more.txt world")
    (running,) = world.await_stage(Stage.RUNNING)

    tmux(machine, "kill-server")
    assert not lives(machine)
    go.touch()
    said = typed.answer()

    assert said.task["outcome"] == "landed"
    assert {"made.txt", "more.txt"} <= world.files()
    assert world.session().process == running.process


def test_an_agent_that_kills_its_tmux_server_kills_nobody_elses(world: World, machine: Path) -> None:
    go = world.home / "go"
    other = world.begin(f"wait {go}\nwrite other.txt it lives")
    world.await_stage(Stage.RUNNING)
    server = world.tmux_server()
    # It asks only where it cannot reach the machine that this test runs on.
    guard = f'case "$TMUX_TMPDIR" in {world.home}/*|{machine}) ;; *) exit 9 ;; esac'
    attack = f'{guard}; test -z "$TMUX$TMUX_PANE" || exit 8; tmux kill-server; echo done > killed.txt'

    said = world.swarmctl("run", "kill", "--exec", attack, "--json", rc=0)
    go.touch()

    assert said.task["outcome"] == "landed"
    assert lives(machine)
    assert world.tmux_server() == server
    assert other.answer().task["outcome"] == "landed"
