"""Processes that somebody else started: found below one of them and in a folder, and asked to end without a kill."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core.session import ProcessId
from swarmctl.edges.shell.people import below, in_folder
from swarmctl.edges.shell.processes import LinuxProcesses

LISTENS = 'sleep 1000 & trap "kill $!; exit 3" TERM; trap "" INT; echo > ready; while :; do wait; done'
LEAVES = """sh -c 'trap "" INT TERM; echo $$ > child; echo > ready; while :; do sleep 0.05; done' & wait"""
DEAF = 'trap "" INT TERM; echo > ready; while :; do sleep 0.05; done'


@pytest.fixture
def started(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sh", "-c", request.param], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "MARK": "me"})
    end = time.monotonic() + 60
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    yield process
    for person in below(process.pid):
        LinuxProcesses().signal([person.process], 9)
    process.wait(timeout=60)


def id_of(process: subprocess.Popen[bytes]) -> ProcessId:
    found = LinuxProcesses().identity(process.pid)
    assert found is not None
    return found


@pytest.mark.parametrize("started", [LISTENS], indirect=True)
def test_whoever_works_in_a_folder_is_found_with_words_and_environment(
    started: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    found = in_folder(str(tmp_path.resolve()))

    shell = found[0]
    assert shell.process == id_of(started)
    assert (shell.argv[:2], shell.environ["MARK"]) == (("sh", "-c"), "me")
    assert {person.argv[0] for person in found} == {"sh", "sleep"}
    assert [person.process for person in below(started.pid)] == [person.process for person in found]
    assert started.pid in found[1].parents
    assert in_folder(f"{tmp_path}-not") == []


@pytest.mark.parametrize("started", [LISTENS], indirect=True)
def test_one_that_listens_ends_when_it_is_asked(started: subprocess.Popen[bytes]) -> None:
    process = id_of(started)

    assert LinuxProcesses().ask(process, 0.3) == ()

    assert started.wait(timeout=60) == 3
    assert LinuxProcesses().ask(process, 0.3) == (), "one that is gone needs no asking"


@pytest.mark.parametrize("started", [DEAF], indirect=True)
def test_one_that_does_not_listen_is_not_killed(started: subprocess.Popen[bytes]) -> None:
    assert id_of(started) in LinuxProcesses().ask(id_of(started), 0.2)

    assert started.poll() is None


@pytest.mark.parametrize("started", [LEAVES], indirect=True)
def test_who_lives_on_is_named_and_it_is_not_the_one_that_ended(
    started: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    deaf = LinuxProcesses().identity(int((tmp_path / "child").read_text()))
    assert deaf is not None
    try:
        assert deaf in LinuxProcesses().ask(id_of(started), 0.2)

        assert started.wait(timeout=60) != 0
        assert LinuxProcesses().alive(deaf)
    finally:
        LinuxProcesses().signal([deaf], 9)
