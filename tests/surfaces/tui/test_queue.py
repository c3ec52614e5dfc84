"""The queue screen: who stands in it, the gate that runs with its log, what landed, what was refused and why."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from swarmctl.core import events as e
from swarmctl.core.gate import GateResult, Staged, Verdict
from swarmctl.core.ids import SessionId
from tests.surfaces.tui.stage import BASE, COMMIT, HEAD, TREE, Scene, Stage, play

SIZES = [(80, 24), (120, 40), (200, 50)]
BAD = "\x1b]0;owned\x07\x1b[2J شكرا \u202eevil " + "w" * 300


def gating(stage: Stage, name: str, gate: str = "tests") -> Path:
    """The log of the gate that runs."""
    stage.queued(name)
    session = SessionId(name)
    stage.tell(
        e.MergeStaged(session, Staged(BASE, HEAD, COMMIT, TREE, "squash")),
        e.GateBegun(session, "style"),
        e.GateFinished(session, GateResult("style", TREE, Verdict.PASS, "no findings", 0, None, 1.2, "", BASE)),
        e.GateBegun(session, gate),
    )
    log = stage.place.paths.logs / name / "gates" / f"{gate}-{TREE[:12]}.log"
    log.parent.mkdir(parents=True)
    return log


@pytest.fixture(autouse=True)
def supervisor(stage: Stage) -> Iterator[socket.socket]:
    """Somebody listens where one would."""
    stage.place.paths.socket.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(stage.place.paths.socket))
        listening.listen(1000)
        yield listening


def test_no_gate_runs_any_more_once_the_supervisor_is_gone(stage: Stage, supervisor: socket.socket) -> None:
    gating(stage, "gatin")

    async def act(scene: Scene) -> None:
        await scene.press("g")
        await scene.shows("1 at its gates", "● tests", "runs")
        supervisor.close()
        await scene.lacks("at its gates", "runs")
        await scene.shows("1 in the queue", "✓ style")

    play(stage, act)


def test_each_stands_where_it_is_with_its_gates(stage: Stage) -> None:
    stage.gated("landd", Verdict.PASS)
    stage.gated("refus")
    stage.queued("waits")
    gating(stage, "gatin")

    async def act(scene: Scene) -> None:
        await scene.press("g")
        text = await scene.shows("main: the merge queue  2", "refused  1", "landed  1", "Task gatin")
        lines = text.splitlines()
        order = [name for line in lines for name in ("waits", "gatin", "refus", "landd") if f"Task {name}" in line]
        assert order == ["waits", "gatin", "refus", "landd"]
        assert any("● tests" in line and "runs" in line for line in lines)
        assert any("✗ tests" in line and "1 failed" in line and "3.5s" in line for line in lines)
        assert "gate tests: fail, 1 failed" in text and COMMIT[:10] in text

    play(stage, act)


def test_the_log_of_the_gate_that_runs_is_followed_without_escapes_and_secrets(stage: Stage) -> None:
    log = gating(stage, "gatin")
    log.write_text("\x1b]0;owned\x07\x1b[32mtest_one PASSED\x1b[0m\n")

    async def act(scene: Scene) -> None:
        await scene.press("g")
        text = await scene.shows("test_one PASSED")
        assert "owned" not in text
        with log.open("a") as file:
            file.write("test_two PASSED\nAPI_TOKEN=sk-abcdefghijklmnopqrstuvwxyz0123456789\n")
        text = await scene.shows("test_two PASSED", "[masked]")
        assert "sk-abc" not in text

    play(stage, act)


def test_what_happens_to_the_queue_is_seen(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("g")
        await scene.shows("Nothing stands in the merge queue")
        stage.queued("later")
        await scene.shows("main: the merge queue  1", "Task later")

    play(stage, act)


def test_a_whole_log_is_searched(stage: Stage) -> None:
    log = gating(stage, "gatin")
    log.write_text("".join(f"line {number}\n" for number in range(5000)))

    async def act(scene: Scene) -> None:
        await scene.press("g")
        await scene.shows("line 4999")
        await scene.press("enter")
        await scene.shows("gatin  tests", "5000 lines")
        await scene.press("slash", *"line 17", "enter")
        await scene.shows("111 found", "line 1799")
        await scene.press("N")
        await scene.press("escape")
        await scene.shows("5000 lines")
        await scene.press("escape")
        await scene.shows("main: the merge queue  1")

    play(stage, act)


def test_the_keys_ask_for_what_they_say_or_say_why_not(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.gated("refus")
    stage.queued("waits")
    asked: list[tuple[str, dict[str, Any]]] = []

    async def act(scene: Scene) -> None:
        monkeypatch.setattr(scene.app, "ask", lambda kind, args, then: asked.append((kind, args)))
        await scene.press("g")
        await scene.shows("refused  1", "Task refus")
        await scene.press("m")
        await scene.shows("waits is in the merge queue already")
        await scene.press("x", "j", "m", "L")
        await scene.shows("select what is parked")
        assert asked == [("stop", {"id": "waits"}), ("merge", {"id": "refus"})]

    play(stage, act)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_breaks_out_of_its_box(stage: Stage, size: tuple[int, int]) -> None:
    stage.queued("badly", BAD)
    stage.gated("worse", title=BAD)
    gating(stage, "gatin").write_text(f"{BAD}\n" * 3)

    async def act(scene: Scene) -> None:
        await scene.press("g")
        text = await scene.shows("badly", "gatin")
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
        assert all(cell_len(line) <= size[0] for line in text.splitlines())
        assert "q back" in text

    play(stage, act, size)
