"""What people and scripts are told: a run summed up, events in words, one line of anything, and what to type next."""

from __future__ import annotations

import json
import os
import re
import sys
import termios
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core import events as e
from swarmctl.core.config import GateSpec, Settings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.evidence import Reason, Source
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts, apply
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome
from swarmctl.core.session import Exit, State
from swarmctl.core.task import Run, Task
from swarmctl.surfaces.cli import closing, out
from swarmctl.surfaces.cli.fast_ps import table
from swarmctl.surfaces.cli.summary import finished, outcome_of, task_plain
from swarmctl.surfaces.words import narrate
from swarmctl.surfaces.words.chain import reasons_of
from swarmctl.surfaces.words.narrate import exit_words, line_of, tone_of
from swarmctl.surfaces.words.narrate_chain import CHAIN, UNSAID, chain_line
from swarmctl.surfaces.words.plain import hung, one_line
from swarmctl.surfaces.words.proof import proof_words
from tests.fakes.desk import World
from tests.fakes.events import histories
from tests.fakes.processes import PASSED

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "docs/schemas/run.finished.json").read_text())
RUN = RunId("r")


def run_of(world: World) -> RunId:
    return next(iter(world.facts.runs))


def ended_as(*outcomes: Outcome | None) -> Facts:
    facts = Facts()
    facts.put(Run(RUN, 0.0, True, "waited", "main"))
    for number, outcome in enumerate(outcomes, start=1):
        facts.put(Task(TaskId(f"t{number}"), RUN, number, f"task {number}", "x", "fake", outcome=outcome, reason="why"))
    return facts


# --- the summary ------------------------------------------------------------------------------------------------------


def mixed_run() -> World:
    """One task lands with a gate, one is refused, one never starts."""
    world = World(Settings(gates=(GateSpec("tests", "run-tests"),)))
    world.submit("one", "two", "three<two")
    world.go()
    one, two, _ = world.facts.tasks.values()
    world.works(world.current(one.id), {"a": b"work\n"})
    world.go()
    world.runner.answers["run-tests"] = replace(PASSED, rc=1, tail="1 failed")
    world.works(world.current(two.id), {"b": b"work\n"})
    world.go()
    return world


def test_a_finished_run_has_the_shape_that_scripts_rely_on() -> None:
    world = mixed_run()
    summary = {"v": 1, **finished(world.facts, run_of(world))}
    jsonschema.validate(summary, SCHEMA)
    assert json.loads(json.dumps(summary)) == summary
    assert summary["kind"] == "run.finished" and summary["outcome"] == "blocked"
    landed, refused, never = summary["tasks"]
    assert set(landed) >= {"id", "title", "outcome", "session", "branch", "commit", "proof", "reason"}
    assert (landed["outcome"], landed["commit"]) == ("landed", world.tip())
    assert set(landed["proof"]) >= {"base", "head", "tree", "gates"}
    assert landed["proof"]["tree"] == world.repository.commits[world.tip()].tree
    assert landed["proof"]["gates"] == [
        {"name": "tests", "verdict": "pass", "rc": 0, "tests": None, "duration_s": 0.01}
    ]
    assert (refused["outcome"], refused["proof"]) == ("refused", None)
    assert refused["reason"] == "tests: exit code 1: 1 failed"
    assert (never["outcome"], never["session"], never["branch"], never["commit"]) == ("blocked", None, None, None)


def test_tasks_are_told_in_the_order_they_were_asked_for() -> None:
    world = mixed_run()
    assert [task["title"] for task in finished(world.facts, run_of(world))["tasks"]] == ["one", "two", "three"]


def test_a_proof_that_led_nowhere_is_not_shown_as_one() -> None:
    world = World()
    name = world.running()
    world.works(name, {"a": b"work\n"})
    world.log.append(e.RunLeft(run_of(world), "gone"))
    world.go()
    world.log.append(e.TaskReopened(world.session(name).task), e.RunJoined(run_of(world)))
    world.take(world.steps()[0])
    world.take(world.steps()[0])
    assert name in world.facts.landings
    assert task_plain(world.facts, world.task_of(name))["proof"] is None


@pytest.mark.parametrize("outcome", Outcome)
def test_one_task_decides_the_exit_code(outcome: Outcome) -> None:
    assert outcome_of(ended_as(outcome), RUN) is outcome


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], ExitCode.UNKNOWN),
        ([None], ExitCode.UNKNOWN),
        ([Outcome.LANDED, None], ExitCode.UNKNOWN),
        ([Outcome.LANDED, Outcome.READY], ExitCode.OK),
        ([Outcome.LANDED, Outcome.NO_WORK], ExitCode.NO_WORK),
        ([Outcome.NO_WORK, Outcome.CONFLICT], ExitCode.REFUSED),
        ([Outcome.REFUSED, Outcome.BLOCKED], ExitCode.WAITING),
        ([Outcome.BLOCKED, Outcome.BUDGET], ExitCode.BUDGET),
        ([Outcome.BUDGET, Outcome.UNKNOWN], ExitCode.UNKNOWN),
        ([Outcome.UNKNOWN, Outcome.INTERRUPTED], ExitCode.INTERRUPTED),
    ],
)
def test_of_several_tasks_the_worst_decides(outcomes: list[Outcome | None], code: ExitCode) -> None:
    facts = ended_as(*outcomes)
    assert EXIT_OF[outcome_of(facts, RUN)] is code


def test_a_landing_without_gates_says_so_everywhere() -> None:
    world = World()
    name = world.running()
    world.works(name, {"a": b"work\n"})
    world.go()
    landing = world.facts.landings[name]
    assert proof_words(landing.proof) == "landed without gates"
    assert closing.evidence(world.facts, world.task_of(name)) == "landed without gates"
    assert line_of(e.Landed(name, "main", landing.commit), world.facts).endswith("without gates")
    assert task_plain(world.facts, world.task_of(name))["proof"]["kind"] == "ungated"


def test_a_gated_landing_names_its_gates_and_its_tree() -> None:
    world = mixed_run()
    landing = next(iter(world.facts.landings.values()))
    assert proof_words(landing.proof) == f"tests: passed on tree {landing.proof.tree[:10]}"


# --- events in words --------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(histories(longest=25))
def test_every_event_that_can_happen_has_words_or_none_and_never_an_error(events: list[e.Event]) -> None:
    facts = Facts()
    for seq, event in enumerate(events, start=1):
        for row in apply(facts, e.Stamped(seq, float(seq), event)):
            facts.put(row)
        assert isinstance(line_of(event, facts), str)
        assert tone_of(event) in ("good", "bad", "plain")
        assert isinstance(chain_line(event, facts), str)


def test_the_chain_of_evidence_has_words_for_every_event_or_leaves_it_out() -> None:
    said = set(narrate.WORDS) | set(CHAIN)
    assert said | UNSAID == set(e.EVENTS.values())
    assert not said & UNSAID


def test_why_tells_the_main_job_without_a_name_of_an_event() -> None:
    world = mixed_run()
    told = [chain_line(event, world.facts) for event in world.events if type(event) not in UNSAID]
    assert all(told)
    assert not [line for line in told if line.split()[0] in e.EVENTS]
    for words in ("asked for, to land on main; ", "task 1 of its run, for fake", "is about to start, attempt 1",
                  "proven: main is to move to ", "the task is over: landed"):  # fmt: skip
        assert any(words in line for line in told), words


def test_the_main_job_reads_as_a_story() -> None:
    world = mixed_run()
    told = [line_of(event, world.facts) for event in world.events]
    story = " / ".join(line for line in told if line)
    for words in ("starts from main at ", "fake started", "agent ended: code 0", "committed 1 file for the agent",
                  "gate tests: green, passed", "landed on main as ", "refused: tests: exit code 1: 1 failed",
                  "blocked: waits for task "):  # fmt: skip
        assert words in story


@pytest.mark.parametrize(
    ("ended", "words"), [(Exit(0), "code 0"), (Exit(None, 9), "signal 9"), (Exit(None), "nobody saw how")]
)
def test_how_an_agent_ended_in_words(ended: Exit, words: str) -> None:
    assert exit_words(ended) == words


# --- one line of anything ---------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_one_line_is_one_printable_line_of_the_same_length(words: str) -> None:
    line = one_line(words)
    assert line.isprintable() or not line
    assert len(line) == len(words)
    assert all(new in (old, " ") for new, old in zip(line, words, strict=True))


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200), st.integers(8, 90)
)
def test_words_are_broken_at_spaces_under_where_they_begin_and_none_is_lost(words: str, width: int) -> None:
    label = "name  "

    first, *more = hung(label, words, width).split("\n")

    assert first.startswith(label)
    assert all(line.startswith(" " * len(label)) for line in more)
    lines = [first[len(label) :], *(line[len(label) :] for line in more)]
    assert " ".join(lines).split() == words.split()
    for line in lines:
        assert len(label) + len(line) <= width or " " not in line.strip()


def test_words_in_a_pipe_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    out.hanging("name  ", "word " * 100 + "end")

    assert capsys.readouterr().out == "name  " + "word " * 100 + "end\n"


def test_words_on_a_terminal_are_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 20))
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        out.hanging("name  ", "one two three four five")

        assert os.read(leader, 1000) == b"name  one two three\r\n      four five\r\n"
    os.close(leader)


def test_a_fault_is_one_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    out.fault(EnvironmentFault("no\ntmux \x1b[31m", hint="apt-get install tmux"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "swarmctl: no tmux  [31m\nhint: apt-get install tmux\n"


def test_data_is_one_json_object_on_a_line_with_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    out.data({"kind": "x", "text": "a\nb ü"})
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    assert json.loads(written) == {"v": 1, "kind": "x", "text": "a\nb ü"}


# --- ps ---------------------------------------------------------------------------------------------------------------

Cell = str | int | float | None


def row(**given: Cell) -> dict[str, Cell]:
    plain: dict[str, Cell] = {
        "session": "s1", "id": "t1", "title": "Fix it", "agent": "fake", "branch": "swarm/fix-s1", "stage": "running",
        "state": "working", "outcome": None, "created_at": 10.0, "state_since": 20.0, "finished_at": None,
    }  # fmt: skip
    return {**plain, **given}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "working"),
        ({"stage": "queued"}, "queued"),
        ({"stage": "kept", "outcome": "refused"}, "refused"),
        ({"stage": None, "state": None, "session": None, "branch": None, "state_since": None}, "waiting"),
    ],
)
def test_ps_shows_the_outcome_or_else_where_a_task_stands(given: dict[str, Cell], state: str) -> None:
    line = table([row(**given)], 80.0).splitlines()[1]
    assert line.split()[:2] == [given.get("session", "s1") or "t1", state]


@pytest.mark.parametrize(("place", "words"), [("returned", "ready, given back"), ("trashed", "ready, in the trash")])
def test_ps_says_of_what_is_put_away_where_it_is(place: str, words: str) -> None:
    line = table([row(stage="kept", outcome="ready", place=place)], 80.0).splitlines()[1]
    assert re.split(" {2,}", line)[1] == words
    landed = table([row(stage="landed", outcome="landed", place=place)], 80.0).splitlines()[1]
    assert re.split(" {2,}", landed)[1] == "landed"


def test_ps_says_what_to_type_when_there_is_nothing() -> None:
    assert "swarmctl run" in table([], 0.0)


@pytest.mark.parametrize(
    ("now", "age"), [(20.0, "0s"), (19.0, "0s"), (79.0, "59s"), (80.0, "1m"), (7220.0, "2h"), (200000.0, "2d")]
)
def test_ps_shows_ages_in_one_unit(now: float, age: str) -> None:
    assert table([row()], now).splitlines()[1].split()[2] == age


@settings(max_examples=30)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_ps_is_one_printable_line_for_each_task_whatever_their_titles(titles: list[str]) -> None:
    lines = table([row(title=title) for title in titles], 80.0).split("\n")
    assert len(lines) == len(titles) + 2 and lines[-1] == ""
    assert all(line.isprintable() for line in lines)


# --- what to type next ------------------------------------------------------------------------------------------------


def test_every_end_that_leaves_something_to_do_says_what() -> None:
    done = {Outcome.LANDED, Outcome.ANSWERED, Outcome.BUDGET}
    for outcome in Outcome:
        lines = closing.next_steps(ended_as(outcome), RUN)
        assert (lines == []) is (outcome in done)
        assert all("swarmctl " in line and "t1" in line and "{" not in line for line in lines)


def test_next_steps_name_the_session_where_there_is_one() -> None:
    world = mixed_run()
    two = list(world.facts.tasks.values())[1]
    lines = closing.next_steps(world.facts, run_of(world))
    assert lines[0].startswith("2: ") and world.current(two.id) in lines[0]


def test_who_waited_for_what_was_handed_over_is_not_told_to_resume_it() -> None:
    """Another agent has it, or gets it at any moment."""
    world = World()
    name = world.running()
    world.log.append(e.StopRequested(name, "handed over"))
    world.go()

    (line,) = closing.next_steps(world.facts, run_of(world))

    assert world.task_of(name).reason == "handed over"
    assert line == f"1: handed over to another agent: swarmctl show {name}"


def test_a_task_without_an_outcome_has_no_next_step() -> None:
    assert closing.next_steps(ended_as(None), RUN) == []


@pytest.mark.parametrize(
    ("state", "kind", "until", "shown"),
    [
        ("blocked", "permission", None, "blocked (permission)"),
        ("rate_limited", "", time.mktime((2027, 1, 15, 8, 30, 0, 0, 0, -1)), "rate_limited until 08:30"),
        ("working", "", None, "working"),
    ],
)
def test_ps_says_what_an_agent_is_blocked_for_and_until_when_it_is_limited(
    state: str, kind: str, until: float | None, shown: str
) -> None:
    now = time.mktime((2027, 1, 15, 8, 0, 0, 0, 0, -1))
    row: dict[str, str | int | float | None] = dict.fromkeys(("outcome", "finished_at", "branch", "state_since"))
    row |= {"id": "t", "task": "t", "session": "s", "stage": "running", "state": state, "agent": "mine", "title": "it"}
    row |= {"state_kind": kind, "state_until": until, "created_at": now}

    assert shown in [cell.strip() for cell in table([row], now).splitlines()[1].split("  ")]


def test_why_lists_what_every_source_said_for_how_long_and_who_was_believed() -> None:
    reasons = (
        Reason(Source.HOOK, State.WORKING, 1000.0, why="PreToolUse", fate="overruled"),
        Reason(Source.TRANSCRIPT, State.IDLE, 1119.5, why="somebody interrupted it"),
        Reason(Source.TITLE, State.IDLE, 1119.8),
    )
    change = e.StateChanged(SessionId("s"), State.IDLE, Source.TRANSCRIPT, "somebody interrupted it", reasons=reasons)

    said = [re.sub("[0-9]+:[0-9]+:[0-9]+", "T", line) for line in reasons_of(change, 1120.0)]

    assert said == [
        "agent hook says working since T, 2 min ago, overruled: PreToolUse",
        "transcript says idle since T, 0.5 s ago, believed: somebody interrupted it",
        "title says idle since T, 0.2 s ago, agrees",
    ]
