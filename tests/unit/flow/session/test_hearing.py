"""What an agent's events say by the rules of its definition, and that no payload breaks the reader."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.agent import EventRule, Profile, TranscriptRules
from swarmctl.core.evidence import Evidence, Source
from swarmctl.core.session import State
from swarmctl.flow.session.hearing import LONGEST_WORDS, Heard, hear, read

RULES = (
    EventRule("Ask", when={"tool.name": "^Bash$"}, state=State.BLOCKED, kind="permission", ask=True, said="tool.input"),
    EventRule("Ask", state=State.BLOCKED, kind="question"),
    EventRule("Begin", state=State.WORKING, turn="begins"),
    EventRule("stream.result", when={"is_error": "^true$"}, state=State.IDLE, turn="fails", said="result"),
    EventRule("stream.result", state=State.IDLE, turn="ends", said="result"),
    EventRule("Limit", state=State.RATE_LIMITED, until="resets"),
)
PROFILE = Profile("mine", "", 3, ("headless",), (), (), RULES, None, "none", ("thread_id", "session_id"), "")
NOW = 1_800_000_000.0


def test_the_first_rule_that_fits_counts() -> None:
    bash = hear(PROFILE, "Ask", json.dumps({"tool": {"name": "Bash", "input": {"command": "ls"}}}), NOW)
    other = hear(PROFILE, "Ask", json.dumps({"tool": {"name": "Write"}}), NOW)

    assert bash.evidence is not None
    assert other.evidence is not None
    assert (bash.evidence.kind, bash.ask, bash.said) == ("permission", True, '{"command": "ls"}')
    assert (other.evidence.kind, other.ask) == ("question", False)


def test_turns_begin_end_and_fail() -> None:
    begun = hear(PROFILE, "Begin", "", NOW)
    ended = hear(PROFILE, "stream.result", json.dumps({"is_error": False, "result": "all\n done"}), NOW)
    failed = hear(PROFILE, "stream.result", json.dumps({"is_error": True, "result": "401"}), NOW)

    assert begun.evidence is not None
    assert (begun.turn, begun.evidence.begins) == ("begins", True)
    assert (ended.turn, ended.said) == ("ends", "all done")
    assert (failed.turn, failed.said) == ("fails", "401")


def test_the_conversation_is_learned_from_any_event() -> None:
    assert hear(PROFILE, "Other", json.dumps({"session_id": "c-1"}), NOW).conversation == "c-1"
    assert hear(PROFILE, "Other", json.dumps({"session_id": None}), NOW).conversation == ""


@pytest.mark.parametrize(
    ("value", "until"),
    [(NOW + 60, NOW + 60), (60, NOW + 60), ("90", NOW + 90), ("2027-01-15T08:00:00Z", 1_800_000_000.0), ("soon", None),
     (None, None), (-5, None), (True, None)],
)  # fmt: skip
def test_the_end_of_a_rate_limit_is_read_in_every_usual_form(value: object, until: float | None) -> None:
    heard = hear(PROFILE, "Limit", json.dumps({"resets": value}), NOW)

    assert heard.evidence is not None
    assert heard.evidence.until == until


def test_long_words_are_cut_to_a_line() -> None:
    heard = hear(PROFILE, "stream.result", json.dumps({"result": "a\n" * 1000}), NOW)

    assert len(heard.said) == LONGEST_WORDS
    assert "\n" not in heard.said


@given(st.sampled_from(["Ask", "Begin", "stream.result", "Limit", "Other"]), st.text() | st.from_regex(r"[\[{]{1,50}"))
def test_no_payload_breaks_it(event: str, payload: str) -> None:
    heard = hear(PROFILE, event, payload, NOW)

    assert (heard.evidence is None) == (event == "Other")


def test_an_agent_without_rules_can_say_plain_words() -> None:
    heard = hear(None, "done", "", NOW, "all good")

    assert (heard.turn, heard.said) == ("ends", "all good")
    assert heard.evidence is not None
    assert heard.evidence.why == "all good"


LINES = TranscriptRules(
    find=(),
    lines=(
        EventRule("user", when={"cut": "^true$"}, state=State.IDLE, why="interrupted"),
        EventRule("user", state=State.WORKING, turn="begins"),
        EventRule("end", state=State.IDLE, turn="fails", said="error.message"),
    ),
)


def test_a_line_of_a_transcript_is_dated_by_itself_and_never_by_the_future() -> None:
    written = {"type": "user", "cut": True, "timestamp": "2027-01-15T07:59:00Z"}
    ahead = {"type": "user", "timestamp": NOW + 1000}

    assert read(LINES, written, NOW) == Heard(
        Evidence(Source.TRANSCRIPT, NOW - 60, State.IDLE, why="interrupted"), said=""
    )
    assert read(LINES, ahead, NOW) == Heard(
        Evidence(Source.TRANSCRIPT, NOW, State.WORKING, why="user", begins=True), turn="begins"
    )


def test_a_line_that_no_rule_knows_says_nothing() -> None:
    failed = read(LINES, {"type": "end", "error": {"message": "gone\n for good"}}, NOW)

    assert failed is not None
    assert (failed.turn, failed.said) == ("fails", "gone for good")
    assert [read(LINES, fields, NOW) for fields in ({}, {"type": "other"}, {"type": ["user"]}, {"type": None})] == [
        None
    ] * 4
