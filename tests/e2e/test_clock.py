"""A clock that jumps an hour, forth and back: limits run by steady time; ages and order of events hold (I4, I9)."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import World

SHIFTED = """\
import pathlib, time
_real = time.time
def _shifted():
    try:
        return _real() + float(pathlib.Path({path!r}).read_text())
    except (OSError, ValueError):
        return _real()
time.time = _shifted
"""
HOUR = 3600


@pytest.fixture
def host() -> str:
    return "process"


def test_a_clock_that_jumps_ends_nothing_early_and_shows_no_time_before_now(world: World) -> None:
    shift, folder = world.home / "shift", world.home / "python"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SHIFTED.format(path=str(shift)))
    path = Path(__file__).parents[2]
    world.extra_env |= {"PYTHONPATH": f"{folder}:{path}", "SWARMCTL__AGENT__TIME_LIMIT": "30m"}
    typed = world.start("run", "x", "--exec", f"echo hi > made; while [ ! -e {world.home}/go ]; do sleep 0.05; done")
    (session,) = world.await_stage(Stage.RUNNING)

    for hours in (1, -1):
        shift.write_text(str(hours * HOUR))
        world.swarmctl("send", session.id, "hello", rc=0)
        age = world.swarmctl("ps", rc=0).out.splitlines()[1].split()[2]
        assert not age.startswith("-")
        assert world.session().stage is Stage.RUNNING
    (world.home / "go").touch()
    assert typed.answer().rc == 0

    world.swarmctl("down", rc=0)
    world.swarmctl("run", "y", "--exec", "echo y > y", rc=0)
    for words in (("ps",), ("ps", "--all"), ("show", session.id), ("why", session.id), ("queue",)):
        assert "-1h" not in world.swarmctl(*words, rc=0).out
    history = world.history()
    assert [stamped.at for stamped in history] == sorted(stamped.at for stamped in history)
    assert [stamped.seq for stamped in history] == list(range(1, len(history) + 1))
    assert history[-1].at - history[0].at >= HOUR, "the jump was not seen"
    assert {"made", "y"} <= world.files()
