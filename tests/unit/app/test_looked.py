"""What a person looked at and noted, kept in a small file of their own."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from swarmctl.app.editing import editor_argv
from swarmctl.app.looked import Comment, Looked, as_message, looked_at, note_comments, note_look
from swarmctl.core.errors import EnvironmentFault, Refused
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.session import Session
from swarmctl.edges.files.paths import StatePaths

ONE = Comment("a.py", 3, False, "x = 1", "why one?")
TWO = Comment("a.py", 1, True, "import os", "it is needed\nby b.py")


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths(tmp_path, tmp_path, tmp_path, tmp_path)


def session(worktree: str = "/nowhere") -> Session:
    return Session(
        id=SessionId("s1"),
        task=TaskId("t1"),
        run=RunId("r1"),
        agent="claude",
        branch="swarm/s1",
        target="main",
        base="0" * 40,
        base_name="main",
        worktree=worktree,
        port_base=0,
        created_at=0.0,
        place="present",
    )


def test_a_look_and_comments_are_kept_beside_each_other_for_this_person_only(paths: StatePaths) -> None:
    assert looked_at(paths, session()) == Looked()
    note_look(paths, session(), "f" * 40, 12.5)
    assert note_comments(paths, session(), put=[ONE, TWO]) == (ONE, TWO)
    assert note_comments(paths, session(), drop=[ONE]) == (TWO,)
    assert looked_at(paths, session()) == Looked("f" * 40, 12.5, (TWO,))
    (file,) = (paths.root / "looked").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"v": 1}', b'{"tree": 1, "at": 0, "comments": [{}]}', b"\xff"])
def test_a_file_that_cannot_be_read_is_as_none(paths: StatePaths, content: bytes) -> None:
    note_look(paths, session(), "f" * 40, 1.0)
    (paths.root / "looked" / "s1.json").write_bytes(content)
    assert looked_at(paths, session()) == Looked()


def test_what_nobody_understands_stays_beside_what_is_written_next(paths: StatePaths) -> None:
    note_comments(paths, session(), put=[ONE])
    file = paths.root / "looked" / "s1.json"
    newer = file.read_bytes().replace(b'"words"', b'"says"')
    file.write_bytes(newer)
    note_look(paths, session(), "f" * 40, 1.0)
    assert looked_at(paths, session()) == Looked("f" * 40, 1.0)
    assert [each.read_bytes() for each in file.parent.glob("s1.json.*")] == [newer]


def test_nothing_is_written_over_what_cannot_be_read_now(paths: StatePaths) -> None:
    note_comments(paths, session(), put=[ONE])
    file = paths.root / "looked" / "s1.json"
    kept = file.rename(file.with_suffix(".away"))
    file.symlink_to(file)
    with pytest.raises(EnvironmentFault):
        note_look(paths, session(), "f" * 40, 1.0)
    file.unlink()
    kept.rename(file)
    assert looked_at(paths, session()).comments == (ONE,)


def test_the_agent_hears_all_comments_in_the_order_of_the_lines() -> None:
    assert as_message((ONE, TWO)) == (
        "Comments on your changes, line by line:\n\n"
        "a.py:1 (a line that you removed)\n> import os\nit is needed\nby b.py\n\n"
        "a.py:3\n> x = 1\nwhy one?"
    )
    odd = Comment("a\x1b[2J\udcff.py", 1, False, "x", "y")
    assert "\x1b" not in as_message((odd,)) and as_message((odd,)).encode()


def test_the_editor_is_the_persons_own_and_opens_at_the_line(tmp_path: Path) -> None:
    file = tmp_path / "a b.py"
    file.write_text("x\n")
    for name in ("vi", "code", "ed"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    here = session(str(tmp_path))
    environ = {"PATH": str(tmp_path)}
    assert editor_argv(here, "a b.py", 7, environ) == ("vi", "+7", str(file))
    assert editor_argv(here, "a b.py", 7, {**environ, "EDITOR": "ed -s"}) == ("ed", "-s", "+7", str(file))
    both = {**environ, "EDITOR": "ed", "VISUAL": "code"}
    assert editor_argv(here, "a b.py", 7, both) == ("code", "--wait", "--goto", f"{file}:7")
    with pytest.raises(EnvironmentFault, match="no editor nano"):
        editor_argv(here, "a b.py", 7, {**environ, "EDITOR": "nano"})
    with pytest.raises(Refused, match="no such file"):
        editor_argv(here, "gone.py", 1, environ)
    with pytest.raises(Refused, match="worktree of s1 is not there"):
        editor_argv(replace(here, place="trashed"), "a b.py", 1, environ)
