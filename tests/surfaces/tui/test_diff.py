"""The diff screen: what a session changed, what a person says of it, and what they saw of it before."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from swarmctl.app.here import Here
from swarmctl.app.looked import Comment, looked_at, note_comments, note_look
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.surfaces.tui.diff_tree import FileTree
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.work import at_work, finished, known

CODE = "def answer() -> int:\n    return 42\n"


def edited(stage: Stage) -> Path:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "app.py").write_text("def answer() -> int:\n    return 43\n")
    (worktree / "README.md").unlink()
    (worktree / "docs").mkdir()
    (worktree / "docs" / "new.md").write_text("fresh\n")
    return worktree


def test_the_work_of_a_running_session_is_shown_file_by_file(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        text = await scene.shows("3 files +2 −2", "new.md", "fresh")
        assert "A new.md" in text and "D README.md" in text and "M app.py" in text
        await scene.press("end")
        await scene.shows("-     return 42", "+     return 43")
        await scene.press("q")
        await scene.shows("Answer twice", "new", "attach")

    play(stage, act)


def test_what_was_looked_at_is_remembered_and_the_second_look_can_show_only_what_came_after(stage: Stage) -> None:
    worktree = edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("l")
        await scene.shows("you look at it for the first time")
        await scene.press("q")
        await scene.until(lambda: looked_at(stage.place.paths, known(stage, "s1")).tree, "the look to be noted")
        (worktree / "docs" / "new.md").write_text("fresh\nlater\n")
        await scene.press("d")
        await scene.shows("3 files", "1 changed since you looked")
        await scene.press("l")
        text = await scene.shows("1 file +1 −0", "+ later")
        assert "app.py" not in text
        await scene.press("l")
        await scene.shows("3 files +3 −2")

    play(stage, act)


def test_a_comment_stands_at_its_line_and_outlives_the_screen(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("S")
        await scene.shows("no comment is written yet")
        await scene.press("end", "n")
        await scene.shows("+     return 43")
        await scene.press("enter", "end", "c")
        await scene.shows("^s keep", "until S sends all of them")
        await scene.shows("app.py:2  return 43")
        await scene.press(*"why")
        await scene.press("escape")
        await scene.press("c")
        await scene.shows("app.py:2  return 43", "why")
        await scene.press("ctrl+s")
        await scene.shows("✎ why", "1 to send")
        await scene.press("q")
        await scene.press("d")
        await scene.shows("1 to send", "✎1")
        (comment,) = looked_at(stage.place.paths, known(stage, "s1")).comments
        assert (comment.path, comment.line, comment.removed, comment.quote) == ("app.py", 2, False, "return 43")

    play(stage, act)


def test_two_sides_need_room_and_a_narrow_terminal_says_so(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("v")
        await scene.shows("two sides need 120")
        await scene.pilot.resize_terminal(120, 40)
        await scene.press("end", "v")
        text = await scene.shows("│   2 +     return 43")
        assert any("return 42" in line and "return 43" in line for line in text.splitlines())
        await scene.pilot.resize_terminal(90, 30)
        await scene.lacks("│   2 +")

    play(stage, act, (100, 30))


def test_finished_work_is_read_from_its_head(stage: Stage) -> None:
    edited(stage)
    finished(stage, "s1")

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files +2 −2")

    play(stage, act)


class Line:
    """What the supervisor is asked, and its answer; or nobody answers."""

    def __init__(self, asked: list[tuple[str, dict[str, Any]]], deaf: bool) -> None:
        self._asked, self._deaf = asked, deaf

    def ask(self, kind: str, args: dict[str, Any]) -> dict[str, Any]:
        if self._deaf:
            raise EnvironmentFault("nobody answers", hint="swarmctl up")
        self._asked.append((kind, args))
        return {"how": "queued", "head": "a" * 40}

    def hang_up(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Reached(Here):
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    deaf: list[bool] = field(default_factory=list)

    def client(self, tell: object = None) -> Any:
        return Line(self.asked, bool(self.deaf))


def test_all_comments_go_as_one_message_and_stay_until_somebody_took_them(stage: Stage) -> None:
    edited(stage)
    known_one = known(stage, "s1")
    note_comments(stage.place.paths, known_one, put=[Comment("app.py", 2, False, "return 43", "why?")])
    note_comments(stage.place.paths, known_one, put=[Comment("README.md", 1, True, "# a project", "keep it")])
    place = Reached(stage.place.repository, stage.place.paths, deaf=[True])
    stage.place = place

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "2 to send")
        await scene.press("S")
        await scene.shows("nobody answers")
        assert len(looked_at(place.paths, known_one).comments) == 2
        place.deaf.clear()
        await scene.press("S")
        await scene.lacks("to send")
        assert looked_at(place.paths, known_one).comments == ()

    play(stage, act)
    ((kind, args),) = place.asked
    assert kind == "send" and args["id"] == "s1"
    assert "README.md:1 (a line that you removed)\n> # a project\nkeep it" in args["text"]
    assert "app.py:2\n> return 43\nwhy?" in args["text"]


def test_a_file_opens_in_an_editor_where_a_terminal_can_be_lent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    worktree = edited(stage)
    monkeypatch.setenv("EDITOR", "true")

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("e")
        await scene.shows("there is no terminal here to lend")
        (worktree / "docs" / "new.md").unlink()
        await scene.press("e")
        await scene.shows("s1 has no such file any more")
        await scene.press("r")
        await scene.shows("2 files")
        await scene.press("home", "e")
        await scene.shows("the session deleted this file")

    play(stage, act)


def test_nothing_in_a_file_or_its_name_gets_out_of_its_box(stage: Stage) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "odd\x1b[2Jname").write_bytes(
        b"\x1b]0;title\x07\x1b[31mred\x1b[2J [bold]no[/bold]\xff\r\n" + b"w" * 100_000
    )
    (worktree / "pic.bin").write_bytes(b"\0\1\2")

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        text = await scene.shows("2 files", "odd [2Jname", "[bold]no[/bold]")
        assert "␛]0;title␇␛[31mred" in text and "\x1b" not in text
        await scene.press("j")
        await scene.shows("binary, 3 bytes")
        for size in ((20, 5), (300, 80), (80, 24)):
            await scene.pilot.resize_terminal(*size)
            await scene.press("k", "v", "j")
        await scene.shows("pic.bin")

    play(stage, act)


def test_a_session_without_work_and_one_whose_commits_are_gone_say_so(stage: Stage) -> None:
    stage.ready("lost", "Nothing to read")
    at_work(stage, "s1", "Answer twice")

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice", "Nothing to read")
        await scene.press("d")
        await scene.shows("git cat-file", "is not there")
        await scene.press("escape", "down", "d")
        await scene.shows("0 files", "Nothing differs from its base.")
        await scene.press("n")
        await scene.shows("nothing differs")

    play(stage, act)


def test_it_looks_again_when_the_checkpoint_moves_and_stays_at_its_file(stage: Stage) -> None:
    worktree = edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("end")
        await scene.shows("+     return 43")
        (worktree / "app.py").write_text("def answer() -> int:\n    return 44\n")
        stage.tell(e.Checkpointed(known(stage, "s1").id, "a" * 40, "end of turn"))
        await scene.shows("app.py   change", "+     return 44")

    play(stage, act)


def test_the_help_says_why_a_key_does_nothing_now(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("question_mark")
        await scene.shows("Keys", "not now: you look at it for the first time", "Comment on the line")
        await scene.press("escape", "escape")
        await scene.shows("attach")

    play(stage, act)


def test_a_file_or_one_change_is_rejected_by_the_supervisor_and_never_under_an_agent(stage: Stage) -> None:
    worktree = edited(stage)
    (worktree / "app.py").write_text("import os\n\n\ndef answer() -> int:\n    return 43\n")
    place = Reached(stage.place.repository, stage.place.paths)
    stage.place = place

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("x")
        await scene.shows("its files are its agent's")
        finished(stage, "s1")
        await scene.until(lambda: [row.state for row in scene.app.frame.rows] == ["ready"], "the end of its agent")
        await scene.press("up", "x")
        await scene.shows("no file is selected")
        await scene.press("down", "x")
        await scene.until(lambda: place.asked, "the rejection")
        await scene.press("end", "n", "X")
        await scene.until(lambda: len(place.asked) == 2, "the second rejection")

    play(stage, act)
    whole, part = (args["what"] for kind, args in place.asked if kind == "reject")
    assert (whole["new"], whole["run"]) == ("docs/new.md", None)
    assert (part["new"], part["run"]) == ("app.py", {"old": 2, "removed": 1, "new": 5, "added": 1})
    assert part["before"] == known(stage, "s1").base


def test_where_a_file_went_away_the_cursor_stays_beside_it(stage: Stage) -> None:
    worktree = edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        tree = scene.app.screen.query_one(FileTree)
        await scene.press("J")
        gone = tree.change
        assert gone is not None and gone.new != "docs/new.md"
        subprocess.run(["git", "checkout", "-q", "--", "."], cwd=worktree, check=True)
        (worktree / "app.py").write_text("1\n") if gone.new == "README.md" else (worktree / "README.md").unlink()
        await scene.press("r")
        await scene.shows("2 files")
        assert tree.change is not None and tree.change.new not in (gone.new, "docs/new.md"), "not the first"

    play(stage, act)


def test_a_file_that_was_taken_back_since_the_last_look_counts_as_seen_to_be(stage: Stage) -> None:
    worktree = edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("q")
        await scene.until(lambda: looked_at(stage.place.paths, known(stage, "s1")).tree, "the look is remembered")
        (worktree / "docs" / "new.md").unlink()
        await scene.press("d")
        await scene.shows("2 files", "1 taken back since you looked")

    play(stage, act)


def test_what_was_looked_at_and_is_gone_from_the_repository_is_said(stage: Stage) -> None:
    edited(stage)
    note_look(stage.place.paths, known(stage, "s1"), "f" * 40, 1.0)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files +2 −2", "from main")
        await scene.press("l")
        await scene.shows("git has thrown away")

    play(stage, act)
