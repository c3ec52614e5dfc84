"""The `git cat-file` that stays: it answers like a new one, whatever happened meanwhile, and never outlives its use."""

from __future__ import annotations

import gc
import os
import select
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.git.repository import Repository, open_repository
from tests.edges.git.conftest import Place, Shell

ASKING = """\
import os, sys
from pathlib import Path
from swarmctl.edges.git.repository import open_repository
repository = open_repository(Path(sys.argv[1]))
repository.commit_of("HEAD")
print(open(f"/proc/self/task/{os.getpid()}/children").read().strip(), flush=True)
sys.stdin.read()
"""


def children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


def of(repository: Repository) -> list[int]:
    """The processes that read there for us; what other tests started may end while we look."""
    found = []
    for pid in children():
        with suppress(OSError):
            if Path(f"/proc/{pid}/cwd").readlink() == repository.common:
                found.append(pid)
    return found


def committed(git: Shell, text: str) -> str:
    (git.cwd / "app.py").write_text(text)
    git("commit", "-q", "-a", "-m", text)
    return git("rev-parse", "HEAD")


@pytest.fixture
def fresh(place: Place) -> Repository:
    return place.repository


def test_many_questions_take_one_process(fresh: Repository, place: Place) -> None:
    (reader,) = of(fresh)
    for _ in range(50):
        assert fresh.commit_of("refs/heads/main") == place.base
        assert fresh.tree_of("refs/heads/main") == place.git("rev-parse", "main^{tree}")
    assert of(fresh) == [reader]


def test_refs_and_objects_that_others_write_are_seen_at_once(fresh: Repository, place: Place) -> None:
    for number in range(5):
        new = committed(place.git, f"{number}\n")
        assert fresh.commit_of("refs/heads/main") == new
        place.git("pack-refs", "--all")
        assert fresh.commit_of("refs/heads/main") == new
        assert fresh.objects(f"{new}:app.py")[0] is not None
        place.git("repack", "-q", "-a", "-d")
        assert fresh.commit_of(new) == new


def test_an_object_that_was_pruned_with_its_pack_is_gone(fresh: Repository, place: Place) -> None:
    start = place.base
    doomed = committed(place.git, "doomed\n")
    place.git("repack", "-q", "-a", "-d")
    assert fresh.commit_of(doomed) == doomed
    place.git("update-ref", "refs/heads/main", start)
    place.git("reflog", "expire", "--expire=now", "--all")
    place.git("read-tree", "HEAD")
    place.git("update-ref", "-d", "ORIG_HEAD")
    place.git("gc", "-q", "--prune=now")
    assert place.git("cat-file", "-t", doomed, check=False) == ""
    assert fresh.commit_of(doomed) == ""


def test_names_that_stand_for_nothing_are_empty(fresh: Repository) -> None:
    names = ("", "refs/heads/none", "-x", "no such name", "HEAD:none", "a\nb", "0" * 40, "HEAD\n")
    assert [fresh.commit_of(name) for name in names] == [""] * len(names)


def test_contents_come_whole_whatever_they_hold(fresh: Repository, place: Place) -> None:
    blobs = [b"", b"\n", b"x missing\n", bytes(range(256)) * 4096, b"no newline"]
    for blob in blobs:
        (place.repo / "blob\nof odd name").write_bytes(blob)
        place.git("add", "-A")
        place.git("commit", "-q", "-m", "blob", "--allow-empty")
        found = fresh.objects("HEAD:blob\nof odd name", place.git("rev-parse", "HEAD:blob\nof odd name"), "HEAD:none")
        assert [each.content if each else None for each in found] == [blob, blob, None]


def test_a_reader_that_was_killed_is_replaced(fresh: Repository, place: Place) -> None:
    (reader,) = of(fresh)
    os.kill(reader, signal.SIGKILL)
    assert fresh.commit_of("refs/heads/main") == place.base


def test_threads_get_their_own_answers(fresh: Repository, place: Place) -> None:
    heads = [committed(place.git, f"{number}\n") for number in range(8)]
    wrong: list[str] = []

    def ask(mine: str) -> None:
        wrong.extend(mine for _ in range(40) if fresh.commit_of(mine) != mine)

    threads = [threading.Thread(target=ask, args=(head,)) for head in heads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_fork_asks_by_a_process_of_its_own(fresh: Repository, place: Place) -> None:
    assert fresh.commit_of("HEAD") == place.base
    child = os.fork()
    if child == 0:
        os._exit(0 if all(fresh.commit_of("HEAD") == place.base for _ in range(20)) else 1)
    answers = [fresh.commit_of("HEAD") for _ in range(20)]
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert answers == [place.base] * 20


def test_it_ends_with_the_repository_that_asked(place: Place) -> None:
    before = children()
    repository = open_repository(place.repo)
    (reader,) = children() - before
    del repository
    gc.collect()
    assert reader not in children()


def test_it_does_not_outlive_a_process_that_was_killed(place: Place) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-c", ASKING, str(place.repo)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with asking:
        assert asking.stdout is not None
        (reader,) = asking.stdout.readline().split()
        handle = os.pidfd_open(int(reader))
        asking.kill()
    try:
        assert select.select([handle], [], [], 60)[0], "git cat-file is still there"
    finally:
        os.close(handle)


def test_a_child_of_ours_does_not_hold_its_pipe(fresh: Repository) -> None:
    (reader,) = of(fresh)
    pipes = {(Path(f"/proc/{reader}/fd") / str(number)).readlink() for number in (0, 1)}
    listing = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, check=True).stdout
    assert not any(str(pipe) in listing for pipe in pipes)


def test_a_repository_that_went_away_is_told(place: Place, tmp_path: Path) -> None:
    repository = open_repository(place.repo)
    assert repository.commit_of("HEAD")
    place.repo.rename(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFault):
        repository.commit_of("HEAD")
