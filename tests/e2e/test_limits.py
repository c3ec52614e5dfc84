"""A provider that takes no more: said once, believed by all of its sessions, waited for, and entered one by one."""

from __future__ import annotations

import os
import signal
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core import events as e
from swarmctl.core.limits import FIRST_S
from swarmctl.core.session import Stage, State
from tests.e2e.test_clock import SHIFTED
from tests.e2e.world import World, until

DEFINITION = """\
name: %(name)s
description: An agent whose provider is a folder
provider: %(name)s
headless:
  argv: [sh, "%(script)s", begin, "{id}", "{prompt}"]
  resume: [sh, "%(script)s", resume, "{id}", "{prompt}"]
hooks: spool
env: [FOLDER]
"""
SCRIPT = """\
echo "$1 $2 $SWARM_SESSION $(date +%s.%N)" >> "$FOLDER/starts"
if [ -s "$FOLDER/trying" ]; then
  "$SWARM_HOOK" rate_limited "$(cat "$FOLDER/trying")" < /dev/null
  exit 0
fi
if [ -s "$FOLDER/limit" ]; then
  "$SWARM_HOOK" limited "$(cat "$FOLDER/limit")" < /dev/null
  exit 1
fi
"$SWARM_HOOK" working "an answer" < /dev/null
echo done > "made-$SWARM_SESSION"
"$SWARM_HOOK" done "made it" < /dev/null
"""
LONG = "You hit your limit. Try again in 4 hours."


@pytest.fixture
def host() -> str:
    return "process"


@pytest.fixture
def acme(world: World) -> World:
    """Where `acme` and `other` are agents of a provider each; `say` says what acme's takes."""
    folder = world.home / "config" / "swarmctl" / "agents"
    folder.mkdir(parents=True)
    for name in ("acme", "other"):
        script = world.home / f"{name}.sh"
        script.write_text(SCRIPT.replace("$FOLDER", str(world.home / name)))
        (world.home / name).mkdir()
        (folder / f"{name}.yaml").write_text(DEFINITION % {"name": name, "script": script})
    return world


def say(world: World, words: str) -> None:
    (world.home / "acme" / "limit").write_text(words)


def shifted(world: World) -> Path:
    """Where it is written by how many seconds the clock of everything in this world is wrong."""
    shift, folder = world.home / "shift", world.home / "python"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SHIFTED.format(path=str(shift)))
    world.extra_env["PYTHONPATH"] = f"{folder}:{Path(__file__).parents[2]}"
    return shift


def starts(world: World, name: str = "acme") -> list[list[str]]:
    path = world.home / name / "starts"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def begin(world: World, *tasks: str, agent: str = "acme", more: tuple[str, ...] = ()) -> Any:
    return world.start("run", *tasks, "--agent", agent, "--json", *more)


def limited(world: World, count: int = 1) -> Any:
    return world.await_stage(Stage.LIMITED, count)


def test_what_one_hears_holds_for_all_and_one_goes_first_when_it_is_over(acme: World) -> None:
    say(acme, "You hit your limit. Try again in 6 seconds.")
    typed = begin(acme, "do one", "do two", "do three")
    sessions = limited(acme)
    late = begin(acme, "do four")
    acme.await_facts(lambda facts: any(task.waits_for == "acme" for task in facts.tasks.values()), "a task that waits")
    elsewhere = acme.swarmctl("run", "do five", "--agent", "other", rc=0)
    assert elsewhere.rc == 0, "another provider goes on"
    shown = acme.swarmctl("ps", rc=0).out
    assert "waits for acme until" in shown
    assert "waits for acme until" in acme.swarmctl("show", sessions[0].id, rc=0).out
    assert "(said by" in acme.swarmctl("why", sessions[0].id, rc=0).out
    assert all(session.process is None or not Path(f"/proc/{session.process.pid}").exists() for session in sessions)
    before = len(starts(acme))
    say(acme, "")

    assert typed.answer().rc == 0
    assert late.answer().rc == 0
    went = starts(acme)[before:]
    assert len(went) == 4 and len({start[2] for start in went}) == 4
    ease = next(s.at for s in acme.history() if isinstance(s.event, e.LimitEased))
    assert [float(start[3]) > ease for start in went] == [False, True, True, True], "one went first"
    first = {start[2]: start for start in starts(acme)[:before]}
    again = {start[2]: start for start in went if start[0] == "resume"}
    assert again, "what was stopped goes on"
    assert all(first[name][1] == start[1] for name, start in again.items()), "in its own conversation"
    outcomes = {task.outcome for task in acme.facts().tasks.values()}
    assert outcomes == {"landed"}
    assert not acme.events(e.SessionKept)


def test_a_parked_session_outlives_its_supervisor_and_goes_on_when_a_person_says_so(acme: World) -> None:
    say(acme, LONG)
    typed = begin(acme, "do one")
    (session,) = limited(acme)
    assert (session.state, session.state_kind) == (State.RATE_LIMITED, "rate")
    assert session.state_until is not None and 3.9 * 3600 < session.state_until - time.time() < 4.1 * 3600
    pid = acme.supervisor()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: acme.supervisor() not in (None, pid), "another supervisor")
    assert acme.session().stage is Stage.LIMITED
    say(acme, "")

    acme.swarmctl("resume", session.id, "--detach", rc=0)

    assert typed.answer().rc == 0
    assert [start[0] for start in starts(acme)] == ["begin", "resume"]
    assert acme.facts().tasks[session.task].outcome == "landed"


def test_one_that_nobody_waits_for_says_after_a_restart_how_it_goes_on(acme: World) -> None:
    say(acme, LONG)
    begin(acme, "do one", more=("--detach",))
    (session,) = limited(acme)
    pid = acme.supervisor()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: acme.supervisor() is None, "its end")
    say(acme, "")

    acme.swarmctl("up", rc=0)

    words = f"swarmctl resume {session.id}"
    until(lambda: words in acme.swarmctl("why", session.id, rc=0).out, "what to type")
    acme.swarmctl(*words.split()[1:], "--detach", rc=0)
    acme.await_stage(Stage.READY)


def test_another_supervisor_lets_it_go_on_when_the_time_has_come(acme: World) -> None:
    say(acme, "Try again in 8 seconds.")
    typed = begin(acme, "do one")
    limited(acme)
    say(acme, "")
    pid = acme.supervisor()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    assert typed.answer().rc == 0
    assert [start[0] for start in starts(acme)] == ["begin", "resume"]


def test_an_agent_that_gives_up_trying_and_ends_as_if_all_were_well_is_parked(acme: World) -> None:
    trying, shift = acme.home / "acme" / "trying", shifted(acme)
    trying.write_text("429: again in 3 s")
    typed = begin(acme, "do one")
    (session,) = limited(acme)
    assert session.state_kind == "rate"
    trying.write_text("")
    shift.write_text(str(FIRST_S["rate"] + 5))

    assert typed.answer().rc == 0
    assert not acme.events(e.SessionEmpty)


@pytest.mark.parametrize("words", [("stop", "ID"), ("rm", "ID"), ("down",)])
def test_a_parked_session_can_be_stopped_and_goes_on_later(acme: World, words: tuple[str, ...]) -> None:
    say(acme, LONG)
    typed = begin(acme, "do one")
    (session,) = limited(acme)

    acme.swarmctl(*(session.id if word == "ID" else word for word in words), rc=0)

    assert typed.answer().rc == 130
    assert acme.session().outcome == "interrupted"
    say(acme, "")
    acme.swarmctl("resume", session.id, rc=0)
    assert [start[0] for start in starts(acme)] == ["begin", "resume"]


def test_ctrl_c_ends_the_wait(acme: World) -> None:
    say(acme, LONG)
    typed = begin(acme, "do one", "do two")
    limited(acme)
    typed.signal(signal.SIGINT)

    assert typed.answer().rc == 130
    assert {task.outcome for task in acme.facts().tasks.values()} == {"interrupted"}


def test_a_limit_that_comes_back_is_waited_for_longer_each_time(acme: World) -> None:
    say(acme, "Try again in 1 second.")
    typed = begin(acme, "do one")
    acme.await_facts(lambda facts: any(limit.strikes >= 2 for limit in facts.limits.values()), "three tries")
    say(acme, "")

    assert typed.answer().rc == 0
    found = [float(start[3]) for start in starts(acme)]
    assert all(later - sooner >= 0.9 * 2**number for number, (sooner, later) in enumerate(pairwise(found)))
    assert acme.session().talk.repairs == 0


def test_a_clock_that_is_set_back_makes_nobody_wait_longer(acme: World) -> None:
    shift = shifted(acme)
    say(acme, "Try again in 5 seconds.")
    typed = begin(acme, "do one")
    limited(acme)
    say(acme, "")
    shift.write_text("-3600")

    assert typed.answer().rc == 0
