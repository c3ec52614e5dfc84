"""Who types hears what the agent says from then on, nothing of other sessions or turns, and that all is over."""

from __future__ import annotations

from swarmctl.app.listening import Listeners
from swarmctl.core.ids import SessionId

ONE, OTHER = SessionId("one"), SessionId("other")


def test_a_word_reaches_everybody_who_listens_to_that_session() -> None:
    listeners = Listeners(now=lambda: 10.0)
    with listeners.listen(ONE) as first, listeners.listen(ONE) as second, listeners.listen(OTHER) as else_where:
        listeners.began(ONE, "payload", 10.5)
        first.wait(60.0)
        assert first.begun() == second.begun() == ("payload",)
        assert else_where.begun() == ()


def test_what_was_said_before_somebody_listened_is_of_another_turn() -> None:
    listeners = Listeners(now=lambda: 10.0)
    with listeners.listen(ONE) as ear:
        listeners.began(ONE, "read late", 9.9)
        assert ear.begun() == ()


def test_nobody_hears_once_he_left() -> None:
    listeners = Listeners(now=lambda: 10.0)
    with listeners.listen(ONE) as ear:
        pass
    listeners.began(ONE, "payload", 11.0)
    assert ear.begun() == ()


def test_who_listens_or_begins_to_hears_that_all_is_over_and_waits_no_more() -> None:
    listeners = Listeners()
    with listeners.listen(ONE) as ear:
        assert not ear.over()
        listeners.end()
        ear.wait(1e6)
        assert ear.over() and ear.begun() == ()
    with listeners.listen(OTHER) as late:
        assert late.over()
