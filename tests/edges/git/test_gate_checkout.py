"""The gates' own worktree holds the proven tree and nothing else, whatever ran there before."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edges.git.conftest import Place, files_below, open_place


def bench_of(place: Place) -> tuple[Path, str]:
    head = place.branch("task", {".gitignore": "*.cache\nvenv/\n", "work.txt": "done\n", "folder/in.txt": "in\n"})
    bench = place.state / "integration" / "main"
    commit = place.staged(head).commit
    assert place.integration.check_out(str(bench), commit)
    return bench, commit


def test_what_one_gate_leaves_is_gone_for_the_next_ignored_or_not(place: Place) -> None:
    bench, commit = bench_of(place)
    (bench / "left.txt").write_text("by a gate\n")
    (bench / "poison.cache").write_text("by a gate\n")
    (bench / "venv").mkdir()
    (bench / "venv" / "module.py").write_text("by a gate\n")
    assert place.integration.check_out(str(bench), commit) is False
    assert sorted(path.name for path in bench.iterdir()) == sorted(
        [".git", ".gitignore", "README.md", "app.py", "folder", "work.txt"]
    )


def test_what_provisioning_made_stays_and_what_came_later_goes(place: Place) -> None:
    bench, commit = bench_of(place)
    (bench / "venv").mkdir()
    (bench / "venv" / "module.py").write_text("by the setup\n")
    (bench / "copied.env").write_text("by the settings\n")
    place.integration.exclude(str(bench), ("copied.env",))
    (bench / "poison.cache").write_text("by a gate\n")
    place.integration.check_out(str(bench), commit)
    assert (bench / "venv" / "module.py").read_text() == "by the setup\n"
    assert (bench / "copied.env").exists()
    assert not (bench / "poison.cache").exists()


def test_rules_that_an_agent_wrote_hide_nothing_from_the_cleaning(place: Place) -> None:
    bench, commit = bench_of(place)
    info = place.repository.common / "info"
    info.mkdir(exist_ok=True)
    (info / "exclude").write_text("hidden.txt\n")
    (bench / "hidden.txt").write_text("by a gate\n")
    place.integration.check_out(str(bench), commit)
    assert not (bench / "hidden.txt").exists()


# --- what a gate may do to hide a change ------------------------------------------------------------------------------

CHEATS: dict[str, Callable[[Place, Path], None]] = {}


def cheat(deed: Callable[[Place, Path], None]) -> Callable[[Place, Path], None]:
    CHEATS[deed.__name__] = deed
    return deed


def quietly_changed(file: Path) -> None:
    """Other bytes of the same size, with the mtime of before."""
    before = file.stat()
    file.write_bytes(b"?" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@cheat
def in_one_second_with_an_old_mtime(place: Place, bench: Path) -> None:
    """The index is refreshed after the file's mtime went back, in the second of the change that follows."""
    file = bench / "work.txt"
    for _ in range(100):
        file.write_bytes(b"done\n")
        os.utime(file, (1_600_000_000, 1_600_000_000))
        place.git("update-index", "--refresh", cwd=bench)
        refreshed = file.stat()
        quietly_changed(file)
        if int(file.stat().st_ctime) == int(refreshed.st_ctime):
            return
    raise AssertionError("never within one second")


@cheat
def with_ctime_switched_off(place: Place, bench: Path) -> None:
    place.git("config", "core.trustctime", "false")
    place.git("config", "core.checkStat", "minimal")
    quietly_changed(bench / "work.txt")
    ahead = time.time() + 1000
    os.utime(place.git("rev-parse", "--git-path", "index", cwd=bench), (ahead, ahead))


@cheat
def behind_assume_unchanged(place: Place, bench: Path) -> None:
    place.git("update-index", "--assume-unchanged", "work.txt", cwd=bench)
    (bench / "work.txt").write_text("by a gate\n")


@cheat
def behind_skip_worktree(place: Place, bench: Path) -> None:
    place.git("update-index", "--skip-worktree", "work.txt", cwd=bench)
    (bench / "work.txt").unlink()


@cheat
def with_an_index_of_its_own(place: Place, bench: Path) -> None:
    index = Path(place.git("rev-parse", "--git-path", "index", cwd=bench))
    (bench / "work.txt").write_text("by a gate\n")
    place.git("add", "work.txt", cwd=bench)
    index.unlink()
    place.git("read-tree", "HEAD", cwd=bench)


@cheat
def with_a_sparse_checkout(place: Place, bench: Path) -> None:
    place.git("sparse-checkout", "set", "--no-cone", "/README.md", cwd=bench)


@cheat
def by_attributes_of_the_repository(place: Place, bench: Path) -> None:
    info = place.repository.common / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("* text eol=crlf\n")
    for file in (bench / "work.txt", bench / "app.py"):
        file.unlink()
    place.git("checkout", "--", ".", cwd=bench)


@cheat
def by_a_setting_for_line_endings(place: Place, bench: Path) -> None:
    place.git("config", "core.autocrlf", "true")
    (bench / "work.txt").unlink()
    place.git("checkout", "--", ".", cwd=bench)


@cheat
def by_a_link_in_place_of_a_folder(place: Place, bench: Path) -> None:
    shutil.copytree(bench / "folder", place.state / "elsewhere")
    shutil.rmtree(bench / "folder")
    (bench / "folder").symlink_to(place.state / "elsewhere")


@cheat
def by_a_repository_in_place_of_the_git_file(place: Place, bench: Path) -> None:
    (bench / ".git").unlink()
    place.git("init", "-q", cwd=bench)
    (bench / "work.txt").write_text("by a gate\n")


@cheat
def by_taking_rights_away(place: Place, bench: Path) -> None:
    (bench / "work.txt").chmod(0)


@pytest.mark.parametrize("hidden", CHEATS.values(), ids=CHEATS.keys())
def test_the_next_gate_finds_the_proven_tree_however_the_last_one_hid_its_change(
    place: Place, hidden: Callable[[Place, Path], None]
) -> None:
    bench, commit = bench_of(place)
    before = files_below(bench)
    place.integration.check_out(str(bench), commit)
    hidden(place, bench)
    place.integration.check_out(str(bench), commit)
    assert files_below(bench) == before
    assert not (bench / "folder").is_symlink()
    assert place.git("status", "--porcelain", cwd=bench) == ""
    assert place.git("rev-parse", "HEAD", cwd=bench) == commit


@pytest.mark.parametrize("hidden", CHEATS.values(), ids=CHEATS.keys())
def test_the_next_entry_finds_its_own_tree_after_a_restart_too(
    place: Place, hidden: Callable[[Place, Path], None]
) -> None:
    bench, _ = bench_of(place)
    path = place.state / "worktrees" / "task"
    (path / "more.txt").write_text("more\n")
    head = place.worktrees.commit_work(str(path), "swarm/task", place.base, "more\n").head
    next_one = place.staged(head).commit
    hidden(place, bench)
    open_place(place.repo, place.state).integration.check_out(str(bench), next_one)
    listed = place.git("ls-tree", "-r", "--name-only", next_one).split("\n")
    assert files_below(bench) == {name: place.git("show", f"{next_one}:{name}").encode() + b"\n" for name in listed}


def test_files_that_the_trees_own_attributes_convert_are_as_committed(place: Place) -> None:
    head = place.branch("endings", {".gitattributes": "*.txt text eol=crlf\n", "a.txt": "one\n", "b\n.txt": "two\n"})
    bench, commit = place.state / "integration" / "main", place.staged(head).commit
    assert place.integration.check_out(str(bench), commit)
    assert (bench / "a.txt").read_bytes() == b"one\r\n"
    assert place.integration.check_out(str(bench), commit) is False
    (bench / "a.txt").write_bytes(b"six\r\n")
    assert place.integration.check_out(str(bench), commit) is False
    assert (bench / "a.txt").read_bytes() == b"one\r\n"


def test_the_users_sparse_checkout_leaves_nothing_out_for_the_gates(place: Place) -> None:
    place.git("sparse-checkout", "set", "--no-cone", "/README.md")
    bench, commit = bench_of(place)
    assert sorted(files_below(bench)) == sorted(place.git("ls-tree", "-r", "--name-only", commit).split("\n"))


def test_a_fix_that_changes_a_file_without_changing_its_stat_is_found(place: Place) -> None:
    head = place.branch("fix", {"work.txt": "done\n"})
    bench, staged = place.state / "integration" / "main", place.staged(head)
    place.integration.check_out(str(bench), staged.commit)
    with_ctime_switched_off(place, bench)
    fixed = place.integration.commit_fix(str(bench), staged, "fix\n")
    assert place.git("show", f"{fixed.commit}:work.txt") == "?????"
