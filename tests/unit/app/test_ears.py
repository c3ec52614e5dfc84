"""What agents say: believed while they run, taken in once, and never more than a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from swarmctl.app.ears import Ears
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import Exit, Session, SpoolPlace, Stage, State
from swarmctl.edges.agents.reader import read_agent
from swarmctl.edges.files.spool import SpoolLine
from tests.fakes.house import House

ROOT = Path(__file__).parents[3]


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.close(e.SupervisorStopped("the test is over"))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("working", State.WORKING),
        ("blocked", State.BLOCKED),
        ("idle", State.IDLE),
        ("rate_limited", State.RATE_LIMITED),
    ],
)
def test_an_agents_word_changes_what_is_believed_of_it(house: House, word: str, state: State) -> None:
    name = house.world.running()
    house.parts.spoken = [(word, "because")]
    house.ears.hear({name})
    session = house.world.session(name)
    assert (session.state, session.stage) == (state, Stage.RUNNING)
    assert session.state_why == "agent hook: because"


def test_words_that_the_log_could_not_take_are_heard_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    name = house.world.running()
    house.parts.spoken = [("blocked", "may I?")]

    def full(*_events: e.Event) -> list[e.Stamped]:
        raise EnvironmentFault("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(house.world.log, "append", full)
        with pytest.raises(EnvironmentFault):
            house.ears.hear({name})
    house.ears.hear({name})

    assert house.world.session(name).state is State.BLOCKED


def test_a_defect_in_what_one_session_says_is_told_once_and_stops_nobody_else(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, fine = house.world.running(), house.world.running("two")
    house.parts.spoken = [("blocked", "may I?")]
    plain = house.parts.read_spool

    def read(session: Session, heard: SpoolPlace) -> tuple[list[SpoolLine], SpoolPlace, int]:
        if session.id == broken:
            raise RecursionError("too deep")
        return plain(session, heard)

    monkeypatch.setattr(house.parts, "read_spool", read)
    for _ in range(2):
        for name in (broken, fine):
            house.ears.hear({name})

    assert house.world.session(fine).state is State.BLOCKED
    told = [event.session for event in house.world.events if isinstance(event, e.Noticed) and "too deep" in event.text]
    assert told == [broken]
    assert capsys.readouterr().err.count("Traceback") == 1


@pytest.mark.parametrize("word", ["landed", "exited", "", "SessionEnded", "unknown", "lost"])
def test_any_other_word_changes_nothing(house: House, word: str) -> None:
    name = house.world.running()
    before = house.world.session(name)
    house.parts.spoken = [(word, "believe me")]
    house.ears.hear({name})
    assert house.world.session(name) == before


def test_a_word_of_a_session_that_does_not_run_is_not_believed(house: House) -> None:
    name = house.world.ready()
    before = house.world.session(name)
    house.parts.spoken = [("working", "still here")]
    house.ears.hear({name, "nobody"})
    assert replace(house.world.session(name), heard=before.heard) == before
    assert house.world.events[-1] == e.WordsRead(name, SpoolPlace(1, "x"))


def test_forged_lines_are_told_and_not_believed(house: House) -> None:
    name = house.world.running()
    house.parts.forged = 3
    house.parts.spoken = [("landed", "believe me")]
    house.ears.hear({name})
    assert house.world.events[-2:] == [
        e.Noticed(name, "3 lines with a wrong token were ignored"),
        e.WordsRead(name, SpoolPlace(1, "x")),
    ]


def test_a_line_is_heard_once(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", "done")]
    house.ears.hear({name})
    house.parts.spoken.append(("blocked", "may I?"))
    house.ears.hear({name})
    assert [event.state for event in house.world.events if isinstance(event, e.StateChanged)] == [
        State.IDLE,
        State.BLOCKED,
    ]


def test_the_same_word_without_anything_new_is_not_written_again(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", ""), ("idle", ""), ("idle", "")]
    house.ears.hear({name})
    assert house.count(e.StateChanged) == 1


def test_another_supervisor_goes_on_where_the_last_one_stopped_to_listen(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", "done"), ("blocked", "may I?")]
    house.ears.hear({name})
    house.parts.spoken.append(("working", "on it"))
    for _ in range(2):
        house.ears = Ears(cast(Wired, house.parts), house.engine)
        house.look()
    changes = [event for event in house.world.events if isinstance(event, e.StateChanged)]
    assert [change.why for change in changes] == ["done", "may I?", "on it"]
    assert house.world.session(name).heard == SpoolPlace(3, "x")


def test_a_word_and_how_far_was_read_are_written_together_or_not_at_all(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", "done"), ("working", "again")]
    plain, batches = house.world.log.append, []

    def append(*events: e.Event) -> list[e.Stamped]:
        batches.append(events)
        return plain(*events)

    house.world.log.append = append  # type: ignore[method-assign]
    house.ears.hear({name})
    [batch] = batches
    assert [event.heard for event in batch if isinstance(event, e.StateChanged)] == [None, SpoolPlace(2, "x")]


def test_what_was_said_before_its_start_was_known_is_heard_once_it_runs(house: House) -> None:
    name = house.world.running()
    session = house.world.session(name)
    house.world.facts.sessions[name] = replace(session, stage=Stage.LAUNCHING)
    house.parts.spoken = [("blocked", "may I?")]
    house.ears.hear({name})
    assert house.count(e.StateChanged) == 0
    house.world.facts.sessions[name] = session
    house.look()
    assert house.world.session(name).state is State.BLOCKED


def test_what_an_earlier_attempt_said_last_is_not_believed_of_the_next_one(house: House) -> None:
    name = house.world.running()
    house.world.works(name, {}, None)
    house.world.machine.end(name, Exit(1))
    house.world.go()
    house.parts.spoken = [("blocked", "said at the very end")]
    house.world.log.append(e.TaskReopened(house.world.session(name).task), e.SessionResumed(name, 2))
    house.look()
    house.world.go()
    house.look()
    assert (house.world.session(name).stage, house.world.session(name).state) == (Stage.RUNNING, State.WORKING)
    assert house.world.session(name).heard == SpoolPlace(1, "x")


def test_who_is_over_takes_no_more_room(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("working", "step 1")]
    house.ears.hear({name})
    house.look()
    kept = house.ears._heard, house.ears._claimed_at
    assert all(list(each) == [name] for each in kept)

    house.world.works(name, {}, None)
    house.world.machine.end(name, Exit(1))
    house.world.go()
    house.look()

    assert not house.world.session(name).active
    assert (house.ears._heard, house.ears._claimed_at) == ({}, {})


def test_the_end_of_a_turn_is_told_once_and_keeps_the_last_words(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("working", ""), ("done", "all good"), ("failed", "or not")]
    house.ears.hear({name})
    [ended] = [event for event in house.world.events if isinstance(event, e.TurnEnded)]
    assert (ended.ok, ended.said) == (True, "all good")
    assert house.world.session(name).talk.said == "all good"


def test_a_turn_may_end_just_after_the_process_did(house: House) -> None:
    name = house.world.running()
    house.world.log.append(e.SessionEnded(name, Exit(0), "exit file"))
    house.parts.spoken = [("done", "all good")]
    house.ears.hear({name})
    assert house.world.session(name).talk.ended == "ends"
    assert house.world.session(name).state is State.EXITED


@pytest.mark.parametrize("has_exited", [False, True])
@pytest.mark.parametrize(
    ("lines", "ended"), [(("began", "failed", "used"), ""), (("began", "used", "failed"), "fails"), (("used",), "")]
)
def test_words_like_those_of_a_failure_fail_nothing_when_the_agent_goes_on(
    house: House, lines: tuple[str, ...], ended: str, has_exited: bool
) -> None:
    name = house.world.running()
    rules = read_agent((ROOT / "agents" / "aider.yaml").read_text(), "aider.yaml").profile().events
    plain = house.world.agents.profile
    house.world.agents.profile = lambda agent: replace(plain(agent), events=rules)  # type: ignore[method-assign,assignment]
    if has_exited:
        house.world.log.append(e.SessionEnded(name, Exit(0), "exit file"))
    for line in lines:
        house.parts.spoken.append((f"stream.{line}", ""))
        if not has_exited:
            house.ears.hear({name})
    house.ears.hear({name})
    assert house.world.session(name).talk.ended == ended
