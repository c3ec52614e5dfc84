"""The queue screen: who stands in it, the gate that runs with its log, what landed, what was refused and why."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from swarmctl.core import events as e
from swarmctl.core.contest import Size
from swarmctl.core.gate import GateResult, Proof, Staged, Verdict
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId
from swarmctl.surfaces.tui.log_pane import LogPane
from tests.surfaces.tui.rivals import CONTEST
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
        text = await scene.shows("main: the merge queue  2", "refused  1", "landed  1", "gatin  ·  tests  ·  runs for")
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


def entry(stage: Stage, name: str) -> SessionId:
    """One of several attempts, which is ready."""
    session, task, run = SessionId(name), TaskId(f"t{name}"), RunId(f"r{name}")
    title = f"Task {name}"
    stage.tell(
        e.RunSubmitted(run, False, "no", "main"), e.TaskAdded(task, run, 1, title, title, "claude", contest=CONTEST)
    )
    stage.begin(name)
    stage.tell(
        e.LaunchIntended(session, "tmux", 1),
        e.SessionStarted(session, ProcessId(1, 1, "boot"), "%1"),
        e.SessionEnded(session, Exit(0), "exit file"),
        e.SessionReady(session, HEAD),
    )
    return session


def result(stage: Stage, name: str, gate: str, verdict: Verdict, text: str) -> GateResult:
    """With the log that it left."""
    log = stage.place.paths.logs / name / "gates" / f"{gate}-{TREE[:12]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(text)
    return GateResult(gate, TREE, verdict, "1 failed" if text else "", int(bool(text)), 12, 3.5, str(log), BASE)


def test_what_is_gated_without_a_landing_stands_by_itself_with_its_logs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = Staged(BASE, HEAD, COMMIT, TREE, "squash")
    red, green, runs = entry(stage, "redxx"), entry(stage, "green"), entry(stage, "runsx")
    entry(stage, "waits")
    failed = result(stage, "redxx", "tests", Verdict.FAIL, "test_seven FAILED\n")
    passed = GateResult("tests", TREE, Verdict.PASS, "12 tests", 0, 12, 3.5, "", BASE)
    stage.tell(
        e.RehearsalBegun(red, staged),
        e.GateBegun(red, "tests"),
        e.GateFinished(red, failed),
        e.Rehearsed(red, HEAD, BASE, TREE, (failed,), Size(1, 2, 3), "tests: 1 failed"),
        e.SessionKept(red, Outcome.REFUSED, "tests: 1 failed"),
        e.TaskFinished(TaskId("tredxx"), Outcome.REFUSED, "tests: 1 failed"),
        e.Rehearsed(green, HEAD, BASE, TREE, (passed,), Size(1, 2, 3), ""),
        e.RehearsalBegun(runs, staged),
        e.GateBegun(runs, "tests"),
    )
    log = stage.place.paths.logs / "runsx" / "gates" / f"tests-{TREE[:12]}.log"
    log.parent.mkdir(parents=True)
    log.write_text("test_two PASSED\n")
    asked: list[tuple[str, dict[str, Any]]] = []

    async def act(scene: Scene) -> None:
        monkeypatch.setattr(scene.app, "ask", lambda kind, args, then: asked.append((kind, args)))
        await scene.press("g")
        text = await scene.shows("gated without a landing  4", "2 to be gated only", "test_two PASSED")
        lines = [" ".join(line.split()) for line in text.splitlines()]
        order = [name for line in lines for name in ("runsx", "waits", "redxx", "green") if f"Task {name}" in line]
        assert order[:2] == ["runsx", "waits"] and sorted(order[2:]) == ["green", "redxx"]
        assert any("◆ red redxx Task redxx tests: 1 failed" in line for line in lines)
        assert any("◇ green green Task green 1 file +2 -3" in line for line in lines)
        assert "refused  1" not in text and "landed" not in text
        await scene.press("m")
        await scene.shows("runsx was to be gated")
        await scene.press("x")
        assert asked == [("stop", {"id": "runsx"})]
        while "redxx  ·  tests  ·  fail" not in scene.text:
            await scene.press("down")
        await scene.shows("test_seven FAILED")
        await scene.press("enter")
        await scene.shows("redxx  tests", "1 lines")

    play(stage, act)


def test_a_landing_that_was_refused_later_than_it_was_rehearsed_is_a_refused_landing(stage: Stage) -> None:
    session = entry(stage, "bothx")
    failed = result(stage, "bothx", "tests", Verdict.FAIL, "test_nine FAILED\n")
    stage.tell(
        e.Rehearsed(session, HEAD, BASE, TREE, (), Size(1, 2, 3), ""),
        e.MergeAsked(session, "merge"),
        e.Enqueued(session, HEAD),
        e.MergeStaged(session, Staged(BASE, HEAD, COMMIT, TREE, "squash")),
        e.GateFinished(session, failed),
        e.SessionKept(session, Outcome.REFUSED, "tests: 1 failed"),
    )

    async def act(scene: Scene) -> None:
        await scene.press("g")
        text = await scene.shows("refused  1", "refused: tests: 1 failed  ·  log of tests", "test_nine FAILED")
        assert "gated without" not in text

    play(stage, act)


def test_the_proof_of_a_landing_is_shown_with_its_tree_its_gates_and_who_asked(stage: Stage) -> None:
    stage.gated("landd", Verdict.PASS)

    async def act(scene: Scene) -> None:
        await scene.press("g")
        text = await scene.shows("landed  1", "landed on main", "work of   claude, session landd")
        assert f"tree      {TREE}" in text and f"commit    {COMMIT}" in text and "asked by  a person: merge" in text
        assert text.count("✓ tests") == 2 and "12 tests" in text
        await scene.press("down")
        await scene.shows("landd  ·  style  ·  pass")
        await scene.lacks("work of   claude")

    play(stage, act)


def test_a_log_is_there_again_after_a_look_at_the_proof(stage: Stage) -> None:
    session, passed = entry(stage, "landd"), result(stage, "landd", "tests", Verdict.PASS, "all is fine\n")
    proof = Proof(BASE, HEAD, COMMIT, TREE, ("tests",), "0" * 64, (passed,))
    stage.tell(
        e.MergeAsked(session, "pick"),
        e.Enqueued(session, HEAD),
        e.MergeStaged(session, Staged(BASE, HEAD, COMMIT, TREE, "squash")),
        e.GateFinished(session, passed),
        e.LandIntended(session, proof, "main", BASE),
        e.Landed(session, "main", COMMIT),
    )

    async def act(scene: Scene) -> None:
        await scene.press("g")
        for _ in range(2):
            await scene.shows("work of   claude", "asked by  a person: pick")
            await scene.press("down")
            await scene.shows("landd  ·  tests  ·  pass", "all is fine")
            await scene.press("up")

    play(stage, act)


def test_who_scrolled_back_in_a_log_reads_in_peace_and_comes_back_to_its_end(stage: Stage) -> None:
    log = gating(stage, "gatin")
    log.write_text("".join(f"line {number}\n" for number in range(300)))

    async def grows(scene: Scene) -> None:
        pane = scene.app.screen.query_one(LogPane)
        pane.focus()
        await scene.shows("line 299")
        await scene.press("pageup", "pageup")
        await scene.until(lambda: pane.scroll_offset.y == pane.scroll_target_y < pane.max_scroll_y - 1, "to be there")
        seen = [line for line in scene.text.splitlines() if line.strip().startswith("line ")]
        with log.open("a") as file:
            file.write("".join(f"later {number}\n" for number in range(5000)))
        text = await scene.shows("more came: end")
        assert [line for line in text.splitlines() if line.strip().startswith("line ")] == seen
        await scene.press("end")
        await scene.shows("later 4999")
        await scene.lacks("more came")
        log.write_text("".join(f"line {number}\n" for number in range(300)))
        await scene.shows("line 299")

    async def act(scene: Scene) -> None:
        await scene.press("g")
        await grows(scene)
        await scene.press("enter")
        await scene.shows("gatin  tests", "300 lines")
        await grows(scene)

    play(stage, act)


def test_a_gate_that_was_killed_says_so_and_one_that_nobody_saw_end_has_its_log(
    stage: Stage, supervisor: socket.socket
) -> None:
    log = gating(stage, "gatin")
    log.write_text("half a line")
    stage.queued("killd")
    killed = GateResult("tests", TREE, Verdict.ERROR, "killed by signal 9", None, None, 2.0, "", BASE)
    stage.tell(
        e.MergeStaged(SessionId("killd"), Staged(BASE, HEAD, COMMIT, TREE, "squash")),
        e.GateFinished(SessionId("killd"), killed),
        e.SessionKept(SessionId("killd"), Outcome.REFUSED, "tests: killed by signal 9"),
    )

    async def act(scene: Scene) -> None:
        await scene.press("g")
        await scene.shows("1 at its gates", "! tests", "error: killed by signal 9", "half a line")
        supervisor.close()
        await scene.shows("? tests", "the supervisor went before it ended", "half a line")
        await scene.lacks("at its gates")

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
