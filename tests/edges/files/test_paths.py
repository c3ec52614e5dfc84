"""State folders: found again after a move, apart after a copy, and closed to everyone else."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.files import fastpaths
from swarmctl.edges.files.paths import (
    StatePaths,
    every_repository,
    locate,
    packaged,
    private_dir,
    shortage,
    unwritable,
    write_atomically,
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    return {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(runtime),
        "HOME": str(tmp_path),
        "TMPDIR": os.environ["XDG_RUNTIME_DIR"],
    }


def made(repo: Path, env: dict[str, str]) -> StatePaths:
    return locate(repo / ".git", repo, create=True, environ=env)


def test_nothing_is_made_before_it_is_asked_for(repo: Path, env: dict[str, str]) -> None:
    assert locate(repo / ".git", repo, create=False, environ=env) is None
    assert not Path(env["XDG_STATE_HOME"]).exists()
    assert not (repo / ".git" / fastpaths.RECORD).exists()


def test_the_same_repository_is_found_again(repo: Path, env: dict[str, str]) -> None:
    first = made(repo, env)
    assert made(repo, env) == first
    assert locate(repo / ".git", repo, create=False, environ=env) == first
    assert first.root.name.startswith("repo-")
    assert first.root.name.endswith(first.id)


def test_every_folder_is_private(repo: Path, env: dict[str, str]) -> None:
    paths = made(repo, env)
    folders = [paths.root.parent, paths.root, paths.spool, paths.logs, paths.trash, paths.worktrees]
    folders += [paths.pool, paths.integration, paths.run, paths.hooks, paths.runtime]
    assert [oct(folder.stat().st_mode & 0o777) for folder in folders] == ["0o700"] * len(folders)
    assert len(os.fsencode(paths.socket)) < 107


def test_a_moved_repository_keeps_its_state(repo: Path, env: dict[str, str]) -> None:
    before = made(repo, env)
    moved = repo.rename(repo.with_name("elsewhere"))
    assert fastpaths.find(str(moved), env) == str(before.root)
    assert made(moved, env).root == before.root


def test_a_repository_that_came_back_from_a_backup_keeps_its_state(repo: Path, env: dict[str, str]) -> None:
    before = made(repo, env)
    copy = repo.with_name("restored")
    shutil.copytree(repo, copy, symlinks=True)
    shutil.rmtree(repo)
    assert made(copy, env).root == before.root


def test_a_copied_repository_gets_state_of_its_own(repo: Path, env: dict[str, str]) -> None:
    original = made(repo, env)
    copy = repo.with_name("copy")
    shutil.copytree(repo, copy, symlinks=True)
    assert fastpaths.find(str(copy), env) is None
    assert locate(copy / ".git", copy, create=False, environ=env) is None
    assert made(copy, env).root != original.root
    assert made(repo, env).root == original.root


def test_of_two_copies_of_a_deleted_repository_only_one_inherits_its_state(repo: Path, env: dict[str, str]) -> None:
    original = made(repo, env)
    copies = [repo.with_name("one"), repo.with_name("two")]
    for copy in copies:
        shutil.copytree(repo, copy, symlinks=True)
    shutil.rmtree(repo)
    roots = [made(copy, env).root for copy in copies]
    assert roots[0] == original.root
    assert roots[1] != original.root


def test_a_record_that_points_to_another_repository_is_not_believed(repo: Path, env: dict[str, str]) -> None:
    victim = made(repo, env)
    other = repo.with_name("other")
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    shutil.copy(repo / ".git" / fastpaths.RECORD, other / ".git" / fastpaths.RECORD)
    assert made(other, env).root != victim.root


@pytest.mark.parametrize("text", ["", "x", "../../etc\n1:1\n/gone\n", "..\n1:1\n/gone\n", "a/b\n1:1\n/gone\n"])
def test_a_damaged_record_is_replaced(repo: Path, env: dict[str, str], text: str) -> None:
    (repo / ".git" / fastpaths.RECORD).write_text(text)
    assert fastpaths.find(str(repo), env) is None
    paths = made(repo, env)
    assert paths.root.parent == Path(env["XDG_STATE_HOME"]) / "swarmctl"


def test_the_fast_path_finds_the_state_from_a_worktree_and_a_subfolder(repo: Path, env: dict[str, str]) -> None:
    paths = made(repo, env)
    tree = repo.with_name("tree")
    subprocess.run(["git", "-C", str(repo), "worktree", "add", "-q", "--detach", str(tree)], check=True)
    (tree / "deep" / "er").mkdir(parents=True)
    assert fastpaths.find(str(tree / "deep" / "er"), env) == str(paths.root)
    assert fastpaths.find_git(str(tree)) == (str(tree), str(repo / ".git"))
    assert fastpaths.find(str(repo.parent), env) is None


def test_a_repository_with_a_strange_name_works(tmp_path: Path, env: dict[str, str]) -> None:
    repo = tmp_path / "-a b\n'ü\""
    subprocess.run(["git", "init", "-q", "--", str(repo)], check=True)
    paths = made(repo, env)
    assert fastpaths.find(str(repo), env) == str(paths.root)
    assert paths.root.name.isascii()
    assert "\n" not in paths.root.name


def test_the_fast_path_imports_nothing_that_costs() -> None:
    code = (
        "import sys; before = set(sys.modules); import swarmctl.edges.files.fastpaths;"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('swarmctl')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(out.split()) <= {"__future__"}


def test_every_repository_with_state_is_listed(repo: Path, env: dict[str, str]) -> None:
    paths = made(repo, env)
    assert every_repository(env) == [(paths.root, repo / ".git")]
    shutil.rmtree(repo)
    assert every_repository(env) == []


def test_a_link_in_place_of_a_state_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(EnvironmentFault, match="not a link"):
        private_dir(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(EnvironmentFault, match="another user"):
        private_dir(folder)


def test_a_file_in_the_way_is_a_fault_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EnvironmentFault) as fault:
            private_dir(path)
        assert "XDG_STATE_HOME" in fault.value.hint


def test_an_atomic_write_leaves_no_part_behind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, "old")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_runtime_folder_sockets_live_in_a_private_one(repo: Path, env: dict[str, str]) -> None:
    paths = locate(repo / ".git", repo, create=True, environ={**env, "XDG_RUNTIME_DIR": ""})
    assert paths.runtime == Path(env["TMPDIR"], f"swarmctl-{os.geteuid()}")
    assert paths.runtime.stat().st_mode & 0o777 == 0o700


def test_sockets_stay_where_they_are_when_the_callers_variables_change(repo: Path, env: dict[str, str]) -> None:
    paths = made(repo, env)
    bare = {name: value for name, value in env.items() if name != "XDG_RUNTIME_DIR"}
    assert made(repo, bare).socket == paths.socket
    assert locate(repo / ".git", repo, create=False, environ=bare) == paths
    paths.runtime.rmdir()
    assert made(repo, bare).runtime == Path(env["TMPDIR"], f"swarmctl-{os.geteuid()}")


def test_packaged_agents_are_found() -> None:
    assert (packaged("agents") / "shell.yaml").is_file()


def test_a_first_start_that_cannot_be_recorded_leaves_no_folder(
    repo: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.parent.name == ".git":
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(EnvironmentFault, match=f"no space left for {repo}/.git"):
            made(repo, env)

    assert list(Path(env["XDG_STATE_HOME"], "swarmctl").iterdir()) == []
    assert not list((repo / ".git").glob(f"*{fastpaths.RECORD}*"))
    made(repo, env)


@pytest.mark.parametrize(
    ("number", "words", "hint"),
    [
        (errno.ENOSPC, "no space left for /a b", "free some disk space"),
        (errno.EROFS, "/a b is on a read-only file system", "findmnt -T '/a b'"),
        (errno.EACCES, "cannot write in /a b: Permission denied", "chmod u+w '/a b'"),
    ],
)
def test_the_hint_depends_on_why_a_place_cannot_be_written(number: int, words: str, hint: str) -> None:
    fault = unwritable(Path("/a b"), OSError(number, os.strerror(number)))
    assert fault.message == words
    assert hint in fault.hint


def test_a_disk_without_room_for_a_session_is_told_with_numbers(
    repo: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = made(repo, env)
    assert shortage(paths) is None
    monkeypatch.setattr("swarmctl.edges.files.paths.ROOM", 1 << 62)

    fault = shortage(paths)

    assert fault is not None
    assert f"MB are free for {paths.root}" in fault.message
