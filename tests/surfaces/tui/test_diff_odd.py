"""Diffs that are not like others: huge, with long lines, no text, renamed, in other scripts, and hostile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from swarmctl.core.codec import from_plain
from swarmctl.core.rejection import Rejection
from swarmctl.surfaces.tui.diff_screen import DiffScreen
from swarmctl.surfaces.tui.diff_tree import FileTree
from swarmctl.surfaces.tui.diff_view import DiffView
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.work import at_work, finished, git

SIZES = ((120, 40), (80, 24), (20, 5), (300, 80))
AS_SOMEBODY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def lines_of(scene: Scene) -> DiffView:
    return scene.app.screen.query_one(DiffView)


async def opened(scene: Scene, *words: str) -> str:
    await scene.shows("Answer twice")
    await scene.press("d")
    return await scene.shows(*words)


async def read(scene: Scene, name: str, *words: str) -> str:
    """The lines of this file, once they are there."""
    tree = scene.app.screen.query_one(FileTree)
    tree.cursor = next(at for at, leaf in enumerate(tree._leaves) if leaf.path == name)
    return await scene.shows(f"{name}   ", *words)


def committed(stage: Stage, files: dict[str, bytes]) -> None:
    root = stage.place.repository.root
    for name, content in files.items():
        (root / name).write_bytes(content)
    git(root, "add", "--all")
    git(root, *AS_SOMEBODY, "commit", "-qm", "more")


def test_of_fifty_thousand_lines_only_those_on_the_screen_are_made(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "big.txt").write_text("".join(f"line {number} of many\n" for number in range(50_000)))
    made: list[int] = []
    side = DiffView._side

    def counted(self: DiffView, place: int, *args: bool, **named: bool) -> object:
        made.append(place)
        return side(self, place, *args, **named)

    monkeypatch.setattr(DiffView, "_side", counted)

    async def act(scene: Scene) -> None:
        await opened(scene, "+50000 −0", "line 2 of many")
        for keys, words in (("G", "line 49999"), ("g", "line 0 of"), ("pagedown", "line 36 of"), ("v", "line 36 of")):
            made.clear()
            await scene.press(keys)
            await scene.shows(words)
            assert len(made) < 20 * scene.app.size.height
        made.clear()
        await scene.press("slash", *"line 4999", "enter", "N")
        await scene.shows("/line 4999 11/11", "line 49999 of many")
        assert len(made) < 100 * scene.app.size.height

    play(stage, act)


def test_a_line_of_a_megabyte_is_cut_and_both_of_its_ends_are_quick_to_reach(stage: Stage) -> None:
    committed(stage, {"long.json": b'{"a": "' + b"x" * 1_000_000 + b'"}\n'})
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "long.json").write_bytes(b'{"b": "' + b"y z" * 350_000 + b' needle"}\n' + b"last\n")

    async def act(scene: Scene) -> None:
        await opened(scene, "long.json", '- {"a": "xxx', '+ {"b": "y z', "last")
        await scene.press("right", "right")
        lines_of(scene).action_slide(3_000)
        await scene.shows("more characters")
        await scene.press("slash", *"needle", "enter")
        await scene.shows("/needle not here")
        await scene.press("escape", "v", "right")
        lines_of(scene).action_slide(3_000)
        await scene.shows("more characters")
        await scene.press("left")
        lines_of(scene).action_slide(-3_000)
        await scene.shows('- {"a": "xxx', '+ {"b": "y z', "last")

    play(stage, act)


def test_what_is_found_far_to_the_right_is_shown(stage: Stage) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "app.py").write_text(f"x = '{'漢 ' * 200}needle'\nshort\n")

    async def act(scene: Scene) -> None:
        await opened(scene, "1 file", "short")
        assert "needle" not in scene.text
        await scene.press("slash", *"needle", "enter")
        await scene.until(lambda: "漢 needle'" in scene.text, "the word that is far away")
        await scene.press("escape", "slash", *"short")
        await scene.shows("/short 1/1", "+ short")

    play(stage, act)


def test_what_is_no_text_or_differs_in_no_line_says_what_it_is(stage: Stage) -> None:
    text = b"".join(b"line %d\n" % number for number in range(20))
    committed(
        stage,
        {"old name.txt": text, "run.sh": b"echo\n", "pic.png": b"\0\1", "end.txt": b"a\nb", "dos.txt": b"a\r\nb\r\n"},
    )
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "old name.txt").rename(worktree / "new name.txt")
    (worktree / "run.sh").chmod(0o755)
    (worktree / "pic.png").write_bytes(b"\0\1\2")
    (worktree / "end.txt").write_bytes(b"a\nb\n")
    (worktree / "dos.txt").write_bytes(b"a\r\nc\r\n")
    (worktree / "link").symlink_to("run.sh")

    async def act(scene: Scene) -> None:
        await opened(scene, "6 files", "new name.txt ← old name")
        await read(scene, "new name.txt", "renamed from old name.txt")
        await read(scene, "run.sh", "mode 100644 → 100755")
        await read(scene, "pic.png", "binary, 2 → 3 bytes")
        await read(scene, "link", "link", "+ run.sh", "⏎ No newline at end of file")
        await read(scene, "end.txt", "- b", "⏎ No newline at end of file", "+ b")
        text = await read(scene, "dos.txt", "CRLF", "- b", "+ c")
        assert "␍" not in text
        for size in SIZES:
            await scene.pilot.resize_terminal(*size)
            for key in ("v", "K", "n", "slash", "x", "escape", "v", "J"):
                await scene.press(key)
            assert max(map(cell_len, scene.text.splitlines())) <= size[0]

    play(stage, act)


def test_what_has_no_lines_is_named_and_can_be_rejected_and_edited_like_any_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(stage, {"run.sh": b"echo\n"})
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "bad.txt").touch()
    (worktree / "pic.png").write_bytes(b"\0\1")
    (worktree / "run.sh").chmod(0o755)
    finished(stage, "s1")
    asked: list[str] = []

    async def act(scene: Scene) -> None:
        await opened(scene, "3 files")
        screen = scene.app.screen
        assert isinstance(screen, DiffScreen)
        monkeypatch.setattr(
            screen, "_ask", lambda kind, args, said: asked.append(f"{kind} {from_plain(Rejection, args['what']).name}")
        )
        monkeypatch.setattr(screen, "_lend", lambda argv: asked.append(f"edit {Path(argv[-1]).name}"))
        for name, words in (
            ("bad.txt", "new, empty"),
            ("pic.png", "binary, 2 bytes"),
            ("run.sh", "mode 100644"),
        ):
            await read(scene, name, words)
            await scene.press("x")
            await scene.until(lambda name=name: f"reject {name}" in asked, "the question")  # type: ignore[misc]
        await read(scene, "bad.txt", "new, empty")
        await scene.press("e")
        await scene.until(lambda: "edit bad.txt" in asked, "the editor")

    play(stage, act)


def test_line_ends_that_change_are_seen(stage: Stage) -> None:
    committed(stage, {"dos.txt": b"a\r\nb\r\n"})
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "dos.txt").write_bytes(b"a\nb\n")

    async def act(scene: Scene) -> None:
        await opened(scene, "1 file +2 −2", "- a␍", "+ a")

    play(stage, act)


def test_another_repository_inside_is_shown_by_its_commits(stage: Stage) -> None:
    root, commits = stage.place.repository.root, ("1" * 40, "2" * 40)
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{commits[0]},sub")
    git(root, *AS_SOMEBODY, "commit", "-qm", "a repository inside")
    worktree = at_work(stage, "s1", "Answer twice")
    git(worktree, "update-index", "--cacheinfo", f"160000,{commits[1]},sub")
    git(worktree, *AS_SOMEBODY, "commit", "-qm", "another state of it")

    async def act(scene: Scene) -> None:
        await opened(scene, "1 file", "sub")
        await scene.shows(f"- Subproject commit {commits[0]}", f"+ Subproject commit {commits[1]}")

    play(stage, act)


def test_letters_of_other_scripts_keep_their_columns(stage: Stage) -> None:
    committed(stage, {"words.txt": "漢字 one\nשלם one\ne\u0301 one 👩‍👩‍👧 two\n".encode()})
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "words.txt").write_text("漢字 two\nשלם two\ne\u0301 two 👩‍👩‍👧 two\n")
    (worktree / "漢字 שלם.md").write_text("\u202eevil\u2066\n")

    async def act(scene: Scene) -> None:
        await opened(scene, "2 files")
        await read(scene, "words.txt", "- 漢字 one", "+ 漢字 two", "- שלם one")
        for size in SIZES:
            await scene.pilot.resize_terminal(*size)
            for key in ("v", "right", "left", "slash", "o", "escape", "v"):
                await scene.press(key)
            assert max(map(cell_len, scene.text.splitlines())) <= size[0]
        await scene.pilot.resize_terminal(120, 40)
        text = await read(scene, "漢字 שלם.md", "evil")
        assert "\u202e" not in text and "\u2066" not in text

    play(stage, act)


HOSTILE = (
    b"\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b2J\xc2\x9b2J\xc2\x85\xe2\x80\xa8\xe2\x80\xae\x0b\x0c\x7f\x08\x08 [red]no[/red]"
)


def test_nothing_in_names_lines_and_words_that_are_searched_for_acts_on_a_terminal(stage: Stage) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    for folder in (worktree, worktree / "\x1b[2Jfolder"):
        folder.mkdir(exist_ok=True)
        (folder / os.fsdecode(HOSTILE.replace(b"/", b"|"))).write_bytes(HOSTILE + b"\nplain\n")

    async def act(scene: Scene) -> None:
        await opened(scene, "2 files", "[red]no[/red]", "plain")
        for keys in ((), ("J",), ("v",), ("c",), ("escape",), ("slash", *"red"), ("enter", "n"), ("question_mark",)):
            await scene.press(*keys)
            text = scene.text
            bad = [char for char in text if char != "\n" and not char.isprintable()]
            assert not bad, (keys, bad)
        await scene.press("escape")
        lines_of(scene).search("\x1b[2J\u202eplain", 0)
        await scene.shows("not here")
        assert all(char.isprintable() or char == "\n" for char in scene.text)

    play(stage, act, (140, 40))
