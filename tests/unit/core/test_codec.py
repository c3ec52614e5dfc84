"""Every event survives the way through JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.config import GateSpec, Settings
from swarmctl.core.events import EVENTS, Checkpointed, Event, TaskAdded
from tests.fakes.events import built


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: str(kind.__name__))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_an_event_comes_back_from_json_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(built(kind))
    again = from_plain(kind, json.loads(json.dumps(to_plain(event))))
    assert again == event
    assert type(again) is kind


def test_a_field_that_an_older_writer_did_not_know_takes_its_default() -> None:
    plain = {"task": "t", "run": "r", "number": 1, "title": "a", "prompt": "b", "agent": "fake"}
    task = from_plain(TaskAdded, plain)
    assert (task.command, task.after) == ("", ())


def test_a_field_that_nobody_knows_is_refused() -> None:
    with pytest.raises((TypeError, KeyError)):
        from_plain(Checkpointed, {"session": "s", "commit": "c", "why": "w", "more": 1})


def test_settings_become_plain_values() -> None:
    plain = to_plain(Settings(gates=(GateSpec(name="lint", run=("ruff", "check")),)))
    assert json.loads(json.dumps(plain))["gates"][0]["run"] == ["ruff", "check"]
