"""The channel to tmux: each who asks has the answer to that, and a client that is none is not believed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.errors import UsageFault
from swarmctl.edges.tmux.control import ControlClient, Unanswered
from swarmctl.edges.tmux.framing import Reply
from tests.fakes.processes import until


@pytest.mark.parametrize("argv", [["true"], ["no-such-program"], ["printf", "%%begin 1 1 1\n%%end 1 1 1\n"]])
def test_a_client_that_ended_is_asked_nothing(argv: list[str]) -> None:
    ended: list[ControlClient] = []
    client = ControlClient(argv, os.environ, ended.append)
    assert until(lambda: not client.alive and ended == [client])
    with pytest.raises(Unanswered):
        client.ask(("display-message",), timeout_s=5.0)


def test_a_client_that_is_none_is_ended_when_it_is_asked() -> None:
    ended: list[ControlClient] = []
    client = ControlClient(["yes"], os.environ, ended.append)
    with pytest.raises(Unanswered):
        client.ask(("display-message",), timeout_s=60.0)
    assert until(lambda: not client.alive and ended == [client])


def test_a_client_that_answers_what_nobody_asked_is_not_believed_the_next_time(tmp_path: Path) -> None:
    block = "printf '%%begin 1 1 1\\n%s\\n%%end 1 1 1\\n'"
    script = f"read a; {block} right; while [ ! -e heard ]; do sleep 0.01; done; {block} wrong; touch said; read b"
    client = ControlClient(["sh", "-c", f"cd {tmp_path}; {script}"], os.environ, lambda ended: None)
    assert client.ask(("one",), timeout_s=60.0) == [Reply(True, b"right")]
    (tmp_path / "heard").touch()
    assert until((tmp_path / "said").exists)

    with pytest.raises(Unanswered):
        client.ask(("two",), timeout_s=60.0)
    assert until(lambda: not client.alive)


def test_threads_that_ask_at_once_have_each_their_own_answers(place: Any) -> None:
    place.host.server.ensure()

    def asks(name: int) -> bool:
        questions = [("display-message", "-p", f"{name} {number}") for number in range(200)]
        return all(
            place.host.server.ask(question, question) == [Reply(True, question[2].encode())] * 2
            for question in questions
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(asks, range(8)))


def test_words_that_cannot_be_sent_leave_the_channel_as_it_is(place: Any) -> None:
    server = place.host.server
    server.ensure()
    before = server._control
    with pytest.raises(UsageFault):
        server.ask(("display-message", "-p", "two\nlines"))

    assert server.ask(("display-message", "-p", "one")) == [Reply(True, b"one")]
    assert server._control is before is not None
