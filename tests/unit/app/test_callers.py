"""Callers' environments: one for all the runs of a terminal, and its own for each that differs."""

from __future__ import annotations

from swarmctl.app.callers import Callers
from swarmctl.core.ids import RunId

ONE, TWO, THREE = RunId("one"), RunId("two"), RunId("three")


def test_runs_from_one_terminal_share_their_environment() -> None:
    envs = Callers()
    envs[ONE] = {"HOME": "/home/me"}
    envs[TWO] = {"HOME": "/home/me"}
    envs[THREE] = {"HOME": "/home/you"}

    assert envs[TWO] is envs[ONE]
    assert envs[THREE] == {"HOME": "/home/you"}
    assert list(envs) == [ONE, TWO, THREE]


def test_a_run_that_is_asked_for_again_has_its_newest_environment() -> None:
    envs = Callers()
    envs[ONE] = {"KEY": "old"}
    envs[ONE] = {"KEY": "new"}

    assert envs[ONE] == {"KEY": "new"}
