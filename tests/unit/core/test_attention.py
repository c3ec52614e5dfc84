"""Whose turn it is: what needs a person, what does not, and in which order."""

from __future__ import annotations

import pytest

from swarmctl.core.attention import NEEDS, need_of, tally
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import ACTIVE, IN_QUEUE, Stage

Row = dict[str, str | int | float | None]


def row(**more: str | None) -> Row:
    return {"stage": "running", "state": "working", "place": "present", "stop": "", "outcome": None, **more}


@pytest.mark.parametrize(
    ("session", "need"),
    [
        (row(), ""),
        (row(state="blocked"), "blocked"),
        (row(state="rate_limited"), ""),
        (row(stage="parked", outcome="blocked"), "parked"),
        (row(stage="ready", outcome="ready"), "ready"),
        (row(stage="ready"), ""),
        (row(stage="kept"), ""),
        (row(stage="kept", outcome="failed"), "failed"),
        (row(stage="kept", outcome="blocked"), "blocked"),
        (row(stage="kept", outcome="budget"), "budget"),
        (row(stage="kept", outcome="ready"), "ready"),
        (row(stage="kept", outcome="failed", place="trashed"), ""),
        (row(stage="ready", outcome="ready", place="deleted"), ""),
        (row(stage="ready", outcome="ready", place="returned"), ""),
        (row(stage="kept", outcome="failed", place="none"), "failed"),
        (row(stage="kept", outcome="interrupted", stop="stopped"), ""),
        (row(stage="kept", outcome="interrupted", stop="swarmctl down"), ""),
        (row(stage="kept", outcome="interrupted", stop="time limit of 7200 s"), "interrupted"),
        (row(stage="landed", outcome="landed"), ""),
        (row(stage="empty", outcome="no_work"), ""),
        (row(stage=None, state=None, place=None, stop=None), ""),
    ],
)
def test_who_needs_a_person(session: Row, need: str) -> None:
    assert need_of(session) == need


def test_every_outcome_of_a_kept_session_has_its_turn() -> None:
    kept = {need_of(row(stage="kept", outcome=outcome.value)) for outcome in Outcome}
    assert kept <= set(NEEDS)


def test_what_works_what_waits_and_who_needs_somebody_are_counted_apart() -> None:
    rows = [row(stage=stage.value) for stage in ACTIVE | IN_QUEUE]
    waiting = row(stage=None, state=None, place=None, stop=None)
    needy = [row(state="blocked"), row(stage=Stage.KEPT.value, outcome="refused")]
    assert tally([*rows, waiting, *needy]) == {"working": len(rows), "waiting": 1, "need": 2}
    assert tally([]) == {"working": 0, "waiting": 0, "need": 0}
