"""Ctrl-C at moments nobody plans for: no traceback, and no agent that goes on without a word about it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from swarmctl.app.board import Board
from swarmctl.app.client import Answer, Client, Command
from swarmctl.core.events import Stamped
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.surfaces.cli import main
from swarmctl.surfaces.cli.closing import what_goes_on
from tests.e2e.world import World

AT_AN_IMPORT = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv = ["swarmctl", "queue"]
from swarmctl.surfaces.cli.entry import main
raise SystemExit(main())
"""


def test_an_interrupt_while_the_program_loads_ends_with_130_and_no_traceback(world: World) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_AN_IMPORT], cwd=world.repo, env=world.env, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def typed_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process runs is as if somebody typed it there."""
    monkeypatch.chdir(world.repo)
    for name, value in world.env.items():
        monkeypatch.setenv(name, value)


def test_who_leaves_just_after_the_start_is_told_how_to_stop_what_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask, clients = Client.ask, []

    def ask_and_leave(self: Client, kind: str, args: Answer, timeout_s: float | None = None) -> Answer:
        answer = ask(self, kind, args, timeout_s)
        clients.append(self)
        if kind == "run":
            raise KeyboardInterrupt
        return answer

    typed_in(world, monkeypatch)
    monkeypatch.setattr(Client, "ask", ask_and_leave)
    world.swarmctl("up", rc=0)

    code = main.run(["run", "work", "--exec", "exec sleep 60"])

    clients[-1].hang_up()
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    (task,) = world.facts().tasks.values()
    assert code == 130
    assert line.partition(" goes on: ")[0] in (task.id, task.session)
    assert line.endswith(f"swarmctl stop {line.split()[0]}")


def test_who_leaves_what_was_resumed_with_all_the_rest_is_told_what_of_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.swarmctl("run", "work", "--exec", "exec sleep 60", "--detach", rc=0)
    (cut,) = world.await_stage(Stage.RUNNING)
    assert cut.process is not None
    os.kill(cut.process.pid, signal.SIGKILL)
    world.idle()
    ask, follow, clients = Client.ask, Client.follow, []

    def leave_while_it_stops(self: Client, kind: str, args: Answer, timeout_s: float | None = None) -> Answer:
        if kind == "stop":
            clients.append(self)
            raise KeyboardInterrupt
        return ask(self, kind, args, timeout_s)

    def runs_or_never_will(facts: Facts) -> bool:
        return facts.sessions[cut.id].stage is Stage.RUNNING or facts.tasks[cut.task].outcome is not None

    def stop_when_it_runs(
        self: Client, board: Board, rejoin: Command | None, _is_over: Callable[[Facts], bool]
    ) -> Iterator[Stamped]:
        yield from follow(self, board, rejoin, runs_or_never_will)
        raise KeyboardInterrupt

    typed_in(world, monkeypatch)
    monkeypatch.setattr(Client, "ask", leave_while_it_stops)
    monkeypatch.setattr(Client, "follow", stop_when_it_runs)

    code = main.run(["resume", "--all"])

    clients[-1].hang_up()
    assert (code, capsys.readouterr().err.splitlines()[-1]) == (130, f"{cut.id} goes on: swarmctl stop {cut.id}")


def test_what_goes_on_is_named_session_by_session_and_a_whole_run_is_stopped_by_its_id(world: World) -> None:
    one, two = world.swarmctl("run", "do one", "do two", "--exec", "exec sleep 60", "--detach", "--json", rc=0).last[
        "tasks"
    ]
    world.await_stage(Stage.RUNNING, 2)
    facts = world.facts()
    (run,) = facts.runs
    names = [str(facts.tasks[TaskId(each["id"])].session) for each in (one, two)]

    assert what_goes_on(facts, run, None) == [f"{name} goes on: swarmctl stop {name}" for name in names]
    assert what_goes_on(facts, run, TaskId(two["id"])) == [f"{names[1]} goes on: swarmctl stop {names[1]}"]
    assert what_goes_on(facts, RunId("later"), None) == ["later goes on: swarmctl stop later"]

    stopped = world.swarmctl("stop", run, "--json", rc=0).last["stopped"]
    over = world.idle()
    assert sorted(stopped) == sorted(names)
    assert what_goes_on(over, run, None) == []
    assert {task.outcome for task in over.tasks.values()} <= {Outcome.INTERRUPTED, Outcome.NO_WORK}
    assert world.swarmctl("stop", "--all", rc=0).out == "nothing runs\n"
