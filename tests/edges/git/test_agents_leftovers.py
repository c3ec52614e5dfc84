"""However an agent leaves its worktree, every byte is in the checkpoint, and only what may be committed is."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault, Refused
from tests.edges.git.conftest import Place, files_below

REF = "refs/swarm/checkpoint/agent"


@pytest.fixture
def path(place: Place) -> Path:
    return place.add("agent")


def kept(place: Place, commit: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in place.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0"):
        if name:
            argv: list[str | bytes] = ["git", "cat-file", "blob", os.fsencode(f"{commit}:{name}")]
            found[name] = subprocess.run(argv, cwd=place.repo, check=True, capture_output=True).stdout
    return found


def checkpoint(place: Place, path: Path) -> str:
    return place.worktrees.checkpoint(str(path), REF, "checkpoint")


def commit_work(place: Place, path: Path) -> tuple[tuple[str, ...], str]:
    work = place.worktrees.commit_work(str(path), "swarm/agent", place.base, "The task\n")
    return work.committed, work.stopped


def stale_lock(place: Place, path: Path) -> None:
    (place.repo / ".git" / "worktrees" / "agent" / "index.lock").touch()


def broken_index(place: Place, path: Path) -> None:
    (place.repo / ".git" / "worktrees" / "agent" / "index").write_bytes(b"DIRC garbage")


def no_index(place: Place, path: Path) -> None:
    (place.repo / ".git" / "worktrees" / "agent" / "index").unlink()


def detached(place: Place, path: Path) -> None:
    place.git("checkout", "-q", "--detach", cwd=path)


def branch_deleted(place: Place, path: Path) -> None:
    place.git("update-ref", "-d", "refs/heads/swarm/agent", cwd=path)


def hidden_by_flags(place: Place, path: Path) -> None:
    place.git("update-index", "--assume-unchanged", "app.py", cwd=path)
    place.git("update-index", "--skip-worktree", "README.md", cwd=path)


def dot_git_gone(place: Place, path: Path) -> None:
    (path / ".git").unlink()


def in_a_conflict(place: Place, path: Path) -> None:
    place.git("checkout", "-q", "-b", "other", cwd=path)
    (path / "app.py").write_text("other\n")
    place.git("commit", "-q", "-am", "other", cwd=path)
    place.git("checkout", "-q", "swarm/agent", cwd=path)
    (path / "app.py").write_text("mine\n")
    place.git("commit", "-q", "-am", "mine", cwd=path)
    place.git("merge", "other", cwd=path, check=False)


STATES = [stale_lock, broken_index, no_index, detached, branch_deleted, hidden_by_flags, dot_git_gone, in_a_conflict]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_checkpoint_holds_every_file_in_whatever_state_git_was_left(place: Place, path: Path, state: object) -> None:
    assert callable(state)
    state(place, path)
    (path / "app.py").write_text("edited\n")
    (path / "README.md").write_text("edited too\n")
    (path / "new.txt").write_text("new\n")
    assert kept(place, checkpoint(place, path)) == files_below(path)
    removed = place.worktrees.remove(str(path), str(place.state / "trash" / "agent"), "refs/swarm/trash/agent", "rm")
    assert kept(place, removed.checkpoint) == files_below(Path(removed.trash))


NAMES = [
    "-rf",
    "--help",
    "a b",
    "q\"uo'te",
    "new\nline",
    "tab\t",
    "ünï☃",
    "*.txt",
    ":(glob)x",
    "$(touch x)",
    "trailing ",
    "\udcff\udcfe",
]


def test_hostile_file_names_are_kept_committed_and_landed(place: Place, path: Path) -> None:
    for name in NAMES:
        (path / name).write_text("work\n")
        (path / f"d{name}").mkdir()
        (path / f"d{name}" / "inner").write_text("work\n")
    expected = files_below(path)
    assert kept(place, checkpoint(place, path)) == expected
    committed, stopped = commit_work(place, path)
    assert (len(committed), stopped) == (2 * len(NAMES), "")
    assert "".join(committed).encode()
    merge = place.staged(place.git("rev-parse", "swarm/agent"))
    bench = place.state / "integration" / "main"
    place.integration.check_out(str(bench), merge.commit)
    assert files_below(bench) == expected
    assert not (place.repo / "x").exists()


def test_an_edit_of_the_same_size_in_the_same_second_as_the_index_is_seen(place: Place, path: Path) -> None:
    """git tells such files by the time of the index itself, so a copy of the index must keep that time."""
    file = path / "app.py"
    while True:
        file.write_text("AAAA\n")
        place.git("add", "app.py", cwd=path)
        added = int(file.stat().st_mtime)
        file.write_text("BBBB\n")
        if int(file.stat().st_mtime) == added:
            break
    while int(time.time()) <= added:
        os.sched_yield()
    assert kept(place, checkpoint(place, path))["app.py"] == b"BBBB\n"


def test_links_modes_and_empty_files_are_kept(place: Place, path: Path) -> None:
    (path / "link").symlink_to("/etc/hostname")
    (path / "empty").touch()
    (path / "run.sh").write_text("#!/bin/sh\n")
    (path / "run.sh").chmod(0o755)
    os.mkfifo(path / "pipe")
    commit = checkpoint(place, path)
    listed = place.git("ls-tree", "-r", commit)
    assert "120000 blob" in listed
    assert "100755 blob" in listed
    assert "empty" in listed
    assert "pipe" not in listed


def test_an_ignored_file_is_not_in_the_checkpoint_but_goes_along_into_the_trash(place: Place, path: Path) -> None:
    (path / ".gitignore").write_text("*.cache\n")
    (path / "big.cache").write_text("cache\n")
    assert "big.cache" not in kept(place, checkpoint(place, path))
    removed = place.worktrees.remove(str(path), str(place.state / "trash" / "agent"), "refs/swarm/trash/agent", "rm")
    assert Path(removed.trash, "big.cache").read_text() == "cache\n"


def test_a_repository_made_inside_is_kept_with_its_files_and_history_and_stops_the_commit(
    place: Place, path: Path
) -> None:
    nested = path / "vendor" / "lib"
    place.git("init", "-q", str(nested), cwd=path)
    (nested / "inner.txt").write_text("committed\n")
    place.git("add", "-A", cwd=nested)
    place.git("commit", "-q", "-m", "inner work", cwd=nested)
    (nested / "more.txt").write_text("uncommitted\n")
    unborn = path / "unborn"
    place.git("init", "-q", str(unborn), cwd=path)
    (unborn / "file.txt").write_text("never committed\n")
    files = kept(place, checkpoint(place, path))
    assert files["vendor/lib/inner.txt"] == b"committed\n"
    assert files["vendor/lib/more.txt"] == b"uncommitted\n"
    assert files["unborn/file.txt"] == b"never committed\n"
    assert "inner work" in place.git("log", "--all", "--format=%s")
    committed, stopped = commit_work(place, path)
    assert committed == ()
    assert "vendor/lib" in stopped


def test_a_submodules_uncommitted_work_is_kept_and_stops_the_commit(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other"
    place.git("init", "-q", str(other))
    (other / "lib.txt").write_text("lib\n")
    place.git("add", "-A", cwd=other)
    place.git("commit", "-q", "-m", "lib", cwd=other)
    place.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    place.git("commit", "-q", "-m", "submodule")
    path = place.add("with-sub")
    assert place.worktrees.commit_work(str(path), "swarm/with-sub", place.base, "T\n").committed == ()
    place.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", cwd=path)
    (path / "app.py").write_text("work\n")
    assert place.worktrees.commit_work(str(path), "swarm/with-sub", place.base, "T\n").committed == ("app.py",)
    (path / "sub" / "lib.txt").write_text("edited in the submodule\n")
    commit = place.worktrees.checkpoint(str(path), REF, "c")
    assert kept(place, commit)["sub/lib.txt"] == b"edited in the submodule\n"
    assert "sub" in place.worktrees.commit_work(str(path), "swarm/with-sub", place.base, "T\n").stopped
    removed = place.worktrees.remove(str(path), str(place.state / "trash" / "s"), "refs/swarm/trash/s", "rm")
    assert Path(removed.trash, "sub", "lib.txt").read_text() == "edited in the submodule\n"


def test_commits_that_the_agent_threw_away_can_still_be_reached(place: Place, path: Path) -> None:
    (path / "lost.txt").write_text("thrown away\n")
    place.git("add", "-A", cwd=path)
    place.git("commit", "-q", "-m", "thrown away", cwd=path)
    lost = place.git("rev-parse", "HEAD", cwd=path)
    place.git("reset", "-q", "--hard", "HEAD~1", cwd=path)
    place.worktrees.remove(str(path), str(place.state / "trash" / "agent"), "refs/swarm/trash/agent", "rm")
    place.git("reflog", "expire", "--expire=now", "--all")
    place.git("gc", "-q", "--prune=now")
    assert place.repository.contains("refs/swarm/trash/agent", lost)


def test_commits_on_a_detached_head_end_up_on_the_sessions_branch(place: Place, path: Path) -> None:
    detached(place, path)
    (path / "new.txt").write_text("work\n")
    place.git("add", "-A", cwd=path)
    place.git("commit", "-q", "-m", "on no branch", cwd=path)
    (path / "more.txt").write_text("more\n")
    assert commit_work(place, path) == (("more.txt",), "")
    assert place.git("show", "swarm/agent:new.txt") == "work"
    assert place.git("symbolic-ref", "HEAD", cwd=path) == "refs/heads/swarm/agent"
    assert place.git("status", "--porcelain", cwd=path) == ""


def test_a_head_that_left_the_branch_behind_stops_with_both_places_named(place: Place, path: Path) -> None:
    (path / "on-branch.txt").write_text("x\n")
    assert commit_work(place, path)[1] == ""
    place.git("checkout", "-q", "-b", "elsewhere", "main", cwd=path)
    (path / "elsewhere.txt").write_text("x\n")
    committed, stopped = commit_work(place, path)
    assert committed == ()
    assert place.git("rev-parse", "swarm/agent")[:10] in stopped
    assert place.git("rev-parse", "elsewhere")[:10] in stopped


def test_a_deleted_branch_is_made_again_with_the_work(place: Place, path: Path) -> None:
    (path / "first.txt").write_text("x\n")
    place.git("add", "-A", cwd=path)
    place.git("commit", "-q", "-m", "first", cwd=path)
    branch_deleted(place, path)
    (path / "second.txt").write_text("x\n")
    assert commit_work(place, path) == (("second.txt",), "")
    assert place.git("ls-tree", "--name-only", "swarm/agent").split() == [
        "README.md",
        "app.py",
        "first.txt",
        "second.txt",
    ]


def test_an_unfinished_merge_stops_the_commit(place: Place, path: Path) -> None:
    in_a_conflict(place, path)
    committed, stopped = commit_work(place, path)
    assert (committed, "merge" in stopped) == ((), True)


SECRETS = {
    ".env": "A=1\n",
    "conf/.env.production": "A=1\n",
    "server.pem": "x\n",
    "keys/id_rsa": "x\n",
    "my.key": "-----BEGIN RSA PRIVATE KEY-----\nx\n",
    "notes.md": "token AKIA" + "A" * 16 + "\n",
    "a.py": "T = 'ghp_" + "a" * 36 + "'\n",
    "b.py": "T = 'sk-ant-" + "a1" * 20 + "'\n",
    "c.py": "T = 'xoxb-" + "1" * 12 + "-abc'\n",
    "large.bin": "x" * 5_000_001,
}


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_and_large_files_stop_the_commit_by_name(place: Place, path: Path, name: str) -> None:
    (path / name).parent.mkdir(exist_ok=True)
    (path / name).write_text(SECRETS[name])
    (path / "fine.txt").write_text("fine\n")
    committed, stopped = commit_work(place, path)
    assert committed == ()
    assert name in stopped
    assert place.git("rev-parse", "swarm/agent") == place.base
    assert (path / name).read_text() == SECRETS[name]


def test_what_only_resembles_a_secret_is_committed(place: Place, path: Path) -> None:
    plain = {
        ".env.example": "A=\n",
        "i18n.key": "title = x\n",
        "x.md": "use sk-short or AKIA...\n",
        "oid.txt": "deadbeef" * 5,
    }
    for name, text in plain.items():
        (path / name).write_text(text)
    assert commit_work(place, path) == (tuple(sorted(plain)), "")


def test_an_lfs_pointer_is_a_file_like_any_other(place: Place, path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"
    (path / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (path / "big.bin").write_text(pointer)
    assert commit_work(place, path) == ((".gitattributes", "big.bin"), "")
    merge = place.staged(place.git("rev-parse", "swarm/agent"))
    place.integration.check_out(str(place.state / "integration" / "main"), merge.commit)
    assert (place.state / "integration" / "main" / "big.bin").read_text() == pointer


def test_a_worktree_with_a_living_process_in_it_is_not_removed(place: Place, path: Path) -> None:
    sleeper = subprocess.Popen(["sleep", "1000"], cwd=path)
    try:
        with pytest.raises(Refused, match=str(sleeper.pid)):
            place.worktrees.remove(str(path), str(place.state / "trash" / "agent"), "refs/swarm/trash/agent", "rm")
    finally:
        sleeper.kill()
        sleeper.wait()
    assert (path / "app.py").exists()


def test_a_directory_the_agent_deleted_leaves_its_commits_and_no_record(place: Place, path: Path) -> None:
    (path / "new.txt").write_text("work\n")
    place.git("add", "-A", cwd=path)
    place.git("commit", "-q", "-m", "work", cwd=path)
    subprocess.run(["rm", "-rf", str(path)], check=True)
    removed = place.worktrees.remove(str(path), str(place.state / "trash" / "agent"), "refs/swarm/trash/agent", "rm")
    assert removed.trash == ""
    assert place.git("show", f"{removed.checkpoint}:new.txt") == "work"
    assert str(path) not in place.git("worktree", "list")


@pytest.mark.parametrize("which", ["repo", "theirs", "outside"])
def test_only_our_own_worktrees_are_ever_removed(place: Place, tmp_path: Path, which: str) -> None:
    theirs = place.state / "worktrees" / "theirs"
    place.git("worktree", "add", "-q", "-b", "theirs", str(theirs), "main")
    place.git(
        "worktree", "add", "-q", "--lock", "--reason", "swarmctl", "-b", "outside", str(tmp_path / "outside"), "main"
    )
    victim = {"repo": place.repo, "theirs": theirs, "outside": tmp_path / "outside"}[which]
    with pytest.raises(Refused):
        place.worktrees.remove(str(victim), str(place.state / "trash" / "x"), "refs/swarm/trash/x", "rm")
    assert (victim / "app.py").exists()
    assert not place.repository.commit_of("refs/swarm/trash/x")


def test_something_in_the_place_of_a_new_worktree_is_moved_aside_whole(place: Place) -> None:
    path = place.state / "worktrees" / "taken"
    path.mkdir(parents=True)
    (path / "precious.txt").write_text("precious\n")
    place.worktrees.add(str(path), "swarm/taken", place.base)
    assert sorted(files_below(path)) == ["README.md", "app.py"]
    [aside] = (place.state / "trash" / "aside").iterdir()
    assert (aside / "precious.txt").read_text() == "precious\n"


def test_a_parked_worktree_that_somebody_wrote_in_is_not_handed_out_and_not_deleted(place: Place) -> None:
    place.worktrees.fill_pool(place.base, 1)
    [parked] = (place.state / "pool").iterdir()
    (parked / "stray.txt").write_text("stray\n")
    path = place.add("fresh")
    assert sorted(files_below(path)) == ["README.md", "app.py"]
    assert [file.read_text() for file in (place.state / "trash" / "aside").rglob("stray.txt")] == ["stray\n"]


@pytest.mark.parametrize("pool", [0, 1])
def test_a_branch_that_is_checked_out_elsewhere_is_not_taken_over(place: Place, tmp_path: Path, pool: int) -> None:
    place.git("worktree", "add", "-q", "-b", "swarm/taken", str(tmp_path / "theirs"), "main")
    place.worktrees.fill_pool(place.base, pool)
    with pytest.raises(EnvironmentFault) as caught:
        place.add("taken")
    assert "\n" not in caught.value.message
    assert not (place.state / "worktrees" / "taken").exists()


def test_a_branch_name_that_git_would_not_take_is_a_fault_and_makes_nothing(place: Place) -> None:
    for name in ("-x", "a..b", "a b", "a~1", "x.lock", "", "a\nb", "@{-1}", "a//b", "/a"):
        with pytest.raises(Exception) as caught:
            place.worktrees.add(str(place.state / "worktrees" / "w"), name, place.base)
        assert getattr(caught.value, "hint", "")
    assert not (place.state / "worktrees" / "w").exists()


def test_a_checkpoint_of_a_place_that_is_not_ours_is_a_fault(place: Place) -> None:
    with pytest.raises((EnvironmentFault, Refused)):
        place.worktrees.checkpoint(str(place.repo), REF, "no")


def test_commits_that_leave_every_file_as_it_was_are_no_work(place: Place, path: Path) -> None:
    (path / "app.py").write_text("something else\n")
    place.git("commit", "-q", "-am", "there", cwd=path)
    assert place.worktrees.commit_work(str(path), "swarm/agent", place.base, "The task\n").changed
    place.git("revert", "--no-edit", "HEAD", cwd=path)
    assert not place.worktrees.commit_work(str(path), "swarm/agent", place.base, "The task\n").changed
