"""Which terminals printed, as the kernel tells it."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator

import pytest

from swarmctl.edges.files.terminals import Terminals
from tests.fakes.processes import until


class Pty:
    def __init__(self) -> None:
        self.outer, self.inner = pty.openpty()
        self.name = os.ttyname(self.inner)

    def print(self) -> None:
        os.write(self.inner, b"x")

    def close(self) -> None:
        os.close(self.inner)
        os.close(self.outer)


@pytest.fixture
def terminals() -> Iterator[Terminals]:
    found = Terminals()
    yield found
    found.close()


def test_one_that_was_awaited_tells_once(terminals: Terminals) -> None:
    one, other = Pty(), Pty()
    assert terminals.await_word(one.name)
    one.print()
    other.print()

    assert until(lambda: terminals.printed() == {one.name})
    one.print()
    assert terminals.printed() == set()

    assert terminals.await_word(one.name)
    one.print()
    assert until(lambda: terminals.printed() == {one.name})
    one.close()
    other.close()


def test_one_that_is_always_awaited_tells_again_until_it_is_left(terminals: Terminals) -> None:
    one, other = Pty(), Pty()
    for each in (one, other):
        assert terminals.await_word(each.name, always=True)
    for _ in range(3):
        one.print()
        assert until(lambda: terminals.printed() == {one.name})
        assert terminals.await_word(one.name)

    terminals.leave(one.name)
    one.print()
    other.print()

    assert until(lambda: terminals.printed() == {other.name})
    assert terminals.await_word(one.name)
    one.print()
    assert until(lambda: terminals.printed() == {one.name})
    one.close()
    other.close()


def test_one_that_is_gone_tells_so_and_another_of_its_name_is_another(terminals: Terminals) -> None:
    one = Pty()
    name = one.name
    assert terminals.await_word(name, always=True)
    one.close()

    assert until(lambda: terminals.printed() == {name})
    again = Pty()
    assert terminals.await_word(again.name, always=True)
    again.print()
    assert until(lambda: terminals.printed() == {again.name})
    again.close()
