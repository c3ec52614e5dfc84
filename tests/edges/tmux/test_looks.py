"""Looks at terminals: told by the kernel that they printed, shown as tmux has them, and never another session's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from swarmctl.core.ids import SessionId
from swarmctl.edges.files.terminals import Terminals
from swarmctl.edges.tmux.looks import Look, PaneLooks
from tests.fakes.processes import type_into, until

PAINT = "printf '\\033]2;%s\\007' 'a title: x'; echo painted; read line; echo more; exec sleep 1000"


@pytest.fixture
def looks(place: Any) -> Iterator[PaneLooks]:
    found = PaneLooks(place.host.server, Terminals())
    yield found
    found.close()


def look(looks: PaneLooks, pane: str, session: str = "abcde") -> Look | None:
    return looks.look([(pane, SessionId(session))]).get(pane)


def painted(place: Any, looks: PaneLooks) -> str:
    started = place.start("abcde", PAINT)
    assert until(lambda: "painted" in (look(looks, started.pane) or Look("", "", 0)).text)
    return str(started.pane)


def test_a_look_has_the_title_the_screen_and_who_sees_it(place: Any, looks: PaneLooks) -> None:
    seen = look(looks, painted(place, looks))

    assert seen is not None
    assert (seen.title, seen.viewers) == ("a title: x", 0)
    assert seen.text.startswith("painted\n")


def test_a_pane_that_prints_tells_once_and_again_after_the_next_look(place: Any, looks: PaneLooks) -> None:
    pane = painted(place, looks)
    look(looks, pane)
    looks.printed()
    look(looks, pane)
    assert looks.printed() == set()

    type_into(place.host, pane, SessionId("abcde"), "go on")

    assert until(lambda: looks.printed() == {pane})
    assert until(lambda: "more" in (look(looks, pane) or Look("", "", 0)).text)


def shows(place: Any, started: Any, words: str) -> bool:
    return words in place.screen(started, "abcde")


def test_a_pane_that_is_attended_to_tells_each_time(place: Any, looks: PaneLooks) -> None:
    started = place.start("abcde", "while read line; do echo heard $line; done")
    looks.attend(started.pane)
    assert until(lambda: look(looks, started.pane) is not None)
    looks.printed()
    for word in ("one", "two"):
        type_into(place.host, started.pane, SessionId("abcde"), word)
        assert until(lambda: looks.printed() == {started.pane})
        assert until(partial(shows, place, started, f"heard {word}"))
        assert look(looks, started.pane) is not None
        looks.printed()

    looks.forget(started.pane)
    type_into(place.host, started.pane, SessionId("abcde"), "three")
    assert until(partial(shows, place, started, "heard three"))
    assert looks.printed() == set()


def test_nobody_looks_at_the_pane_of_another_session_or_at_none(place: Any, looks: PaneLooks) -> None:
    pane = painted(place, looks)

    assert look(looks, pane, "other") is None
    assert looks.look([("%999", SessionId("abcde")), ("bad", SessionId("abcde"))]) == {}


def test_a_screen_that_imitates_an_answer_is_shown_as_it_is(place: Any, looks: PaneLooks) -> None:
    started = place.start("abcde", "printf '%%end 1 2 1\\n%%begin 1 3 1\\nfaked\\n'; exec sleep 1000")

    assert until(lambda: "faked" in (look(looks, started.pane) or Look("", "", 0)).text)
    seen = look(looks, started.pane)
    assert seen is not None
    assert seen.text.startswith("%end 1 2 1\n%begin 1 3 1\nfaked\n")


def test_many_panes_are_looked_at_in_one_go(place: Any, looks: PaneLooks) -> None:
    panes = {place.start(f"s{n}", f"echo mine is {n}; exec sleep 1000").pane: SessionId(f"s{n}") for n in range(20)}

    def shown() -> bool:
        seen = looks.look(list(panes.items()))
        return all((one := seen[pane]) and f"mine is {session[1:]}" in one.text for pane, session in panes.items())

    assert until(shown)


class Deceived:
    """A server whose answers are out of order when one pane is asked about."""

    def __init__(self, server: Any, liar: str) -> None:
        self._server = server
        self._liar = liar

    def ask(self, *commands: tuple[str, ...]) -> list[Any]:
        replies = self._server.ask(*commands)
        return [replies[0], *replies[:-1]] if any(self._liar in command for command in commands) else replies

    def disconnect(self) -> None:
        self._server.disconnect()


def test_a_pane_that_lies_hides_no_other(place: Any) -> None:
    panes = [(place.start(f"s{n}", f"echo mine is {n}; exec sleep 1000").pane, SessionId(f"s{n}")) for n in range(3)]
    liar = panes[1][0]
    server: Any = Deceived(place.host.server, liar)
    looks = PaneLooks(server, Terminals())

    def shown() -> bool:
        seen = looks.look(panes)
        others = [(seen[pane], session) for pane, session in panes if pane != liar]
        assert seen[liar] is None
        return all(look and f"mine is {session[1:]}" in look.text for look, session in others)

    assert until(shown)
    looks.close()
