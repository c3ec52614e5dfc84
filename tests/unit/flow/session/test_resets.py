"""Until when a limit lasts, in every form that agents and providers were seen to say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from swarmctl.flow.session.resets import FARTHEST_S, moment_of

AT = datetime(2026, 11, 21, 15, 24, 30, tzinfo=UTC).timestamp()
DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0


def utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("5:24pm (UTC)", utc(2026, 11, 21, 17, 25)),
        ("3pm (UTC)", utc(2026, 11, 22, 15, 1)),
        ("3:24pm (UTC)", utc(2026, 11, 21, 15, 25)),
        ("3pm (America/New_York)", utc(2026, 11, 21, 20, 1)),
        ("Nov 26, 6:36am (UTC)", utc(2026, 11, 26, 6, 37)),
        ("Jan 2 at 9am (UTC)", None),
        ("5:35 PM.", utc(2026, 11, 21, 17, 36)),
        ("Nov 26th, 2026 6:25 PM.", utc(2026, 11, 26, 18, 26)),
        ("17:30", utc(2026, 11, 21, 17, 31)),
        ("17:30:05", utc(2026, 11, 21, 17, 30, 5)),
        ("5 days 3 hours", AT + 5 * DAY + 3 * HOUR),
        ("in 2 hours, 5 minutes and 1 second", AT + 2 * HOUR + 5 * MINUTE + 1),
        ("4.2s", AT + 4.2),
        ("7h12m3s", AT + 7 * HOUR + 12 * MINUTE + 3),
        ("Please retry in 250ms.", AT + 0.25),
        ("30", AT + 30),
        (30, AT + 30),
        (2.5, AT + 2.5),
        ("1795281861", 1795281861.0),
        (1795281861, 1795281861.0),
        (1795274734825, 1795274734.825),
        ("2026-11-21T16:00:00Z", utc(2026, 11, 21, 16)),
        ("2026-11-21T16:00:00+01:00", utc(2026, 11, 21, 15)),
        ("later", None),
        ("", None),
        ("soon, they say", None),
        (True, None),
        (None, None),
        (0, None),
        (-5, None),
        (float("nan"), None),
        (float("inf"), None),
        (9e30, None),
        ("99999 days", None),
        ("Feb 30 at 3pm (UTC)", None),
        ("99:99", None),
    ],
)
def test_a_time_is_read_in_whatever_form_it_is_said(said: object, moment: float | None) -> None:
    found = moment_of(said, AT, UTC)
    assert found == (None if moment is None else pytest.approx(moment, abs=0.001))


def test_a_clock_time_without_a_zone_is_the_machine_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    local = datetime.fromtimestamp(AT).astimezone()
    words = f"{(local.hour + 1) % 24}:00"
    found = moment_of(words, AT)
    assert found is not None
    assert 0 < found - AT <= HOUR + MINUTE


@given(st.text(max_size=60), st.floats(1e9, 3e9))
def test_words_never_break_it_nor_lead_too_far(said: str, at: float) -> None:
    found = moment_of(said, at)
    assert found is None or found <= at + FARTHEST_S


@pytest.mark.parametrize(
    ("said", "at"),
    [(10**400, AT), ("0001-01-01 00:00:00", AT), ("5pm", 1e300), ("Feb 29 at 1am (UTC)", utc(2028, 3, 1))],
)
def test_what_no_calendar_has_is_no_time(said: object, at: float) -> None:
    assert moment_of(said, at) is None
