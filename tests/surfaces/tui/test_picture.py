"""A screen as a file: what it shows after some keys, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from swarmctl.app.looked import Looked, looked_at
from swarmctl.surfaces.cli.cockpit import cockpit
from swarmctl.surfaces.tui.cockpit import picture
from tests.surfaces.tui.stage import Stage
from tests.surfaces.tui.work import at_work, known


def words_of(file: Path) -> str:
    return file.read_text().replace("&#160;", " ")


def test_a_picture_shows_what_the_keys_lead_to_and_fetches_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.asks("block")
    first, after = tmp_path / "first.svg", tmp_path / "after.svg"
    picture(stage.place, first, (100, 30), [])
    picture(stage.place, after, (100, 30), ["?"])
    assert "Task block" in words_of(first) and "Give an agent a task." not in words_of(first)
    assert "Give an agent a task." in words_of(after)
    assert "https://" not in words_of(first).replace("https://www.w3.org", "").replace("https://www.textualize.io", "")


def test_a_picture_of_a_diff_is_no_look_of_a_person(stage: Stage, tmp_path: Path) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "new.md").write_text("fresh\n")
    picture(stage.place, tmp_path / "diff.svg", (100, 30), ["d"])
    assert "fresh" in words_of(tmp_path / "diff.svg")
    for thread in threading.enumerate():
        if thread.name == "looked":
            thread.join()
    assert looked_at(stage.place.paths, known(stage, "s1")) == Looked()


@pytest.mark.parametrize("words", [["--screenshot"], ["--screenshot", "x.svg", "huge"], ["--screenshot", "x", "9x9"]])
def test_what_is_no_picture_is_refused_with_a_hint(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cockpit(words) == 2
    assert "hint: swarmctl --screenshot FILE.svg" in capsys.readouterr().err


def test_where_no_file_can_be_written_the_file_is_named(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo)
    file = tmp_path / "nowhere" / "y.svg"
    assert cockpit(["--screenshot", str(file)]) == 3
    told = capsys.readouterr().err
    assert f"cannot write {file}: No such file or directory" in told
    assert "hint: " in told
