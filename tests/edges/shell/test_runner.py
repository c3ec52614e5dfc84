"""Gates misbehave: they hang, fork, flood, hide and get killed; the runner says what happened and nothing stays."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from swarmctl.core.config import Command
from swarmctl.core.ports import Finished
from swarmctl.edges.shell.launches import LAUNCHER, Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.shell.runner import ShellRunner
from tests.fakes.processes import until

Alive = Callable[[Path], bool]
CAP = 17 << 20
LIMITS = (1.0, 5.0, 25.0)
"""Time limits to try in turn: the first is enough unless the machine is busy with something else."""


@pytest.fixture
def runner() -> ShellRunner:
    return ShellRunner(LinuxProcesses(), Launches(), grace_s=10.0)


@pytest.fixture
def run(runner: ShellRunner, tmp_path: Path) -> Callable[..., Finished]:
    def run(command: Command, timeout_s: float = 60.0, stdin: bytes = b"") -> Finished:
        env = {"PATH": os.environ["PATH"], "GIVEN": "yes"}
        log = str(tmp_path / "logs" / "gate")
        return runner.run(command, cwd=str(tmp_path), env=env, timeout_s=timeout_s, log=log, stdin=stdin)

    return run


def test_a_gate_that_hangs_is_ended_with_its_tree(tmp_path: Path, alive: Alive) -> None:
    runner = ShellRunner(LinuxProcesses(), Launches(), grace_s=0.2)
    env, log = {"PATH": os.environ["PATH"]}, str(tmp_path / "log")
    hidden = "setsid sh -c 'echo $$ > one; trap \"\" TERM HUP; while :; do sleep 0.1; done'"
    command = f"trap '' TERM; ({hidden} &); while ! test -s one; do sleep 0.01; done; echo begun; exec sleep 1000"
    for limit in LIMITS:
        finished = runner.run(command, cwd=str(tmp_path), env=env, timeout_s=limit, log=log)
        assert finished.timed_out
        assert finished.rc is None
        if "begun" in finished.tail:
            break
    assert "begun" in finished.tail
    assert (tmp_path / "one").exists()
    assert not alive(tmp_path / "one")


def test_a_timeout_is_never_a_success(run: Callable[..., Finished]) -> None:
    for limit in LIMITS:
        finished = run("trap 'exit 0' TERM; while :; do sleep 0.02; done", timeout_s=limit)
        assert finished.timed_out
        if finished.rc == 0:
            break
    assert finished.rc == 0


def test_background_children_end_after_the_gate(run: Callable[..., Finished], tmp_path: Path, alive: Alive) -> None:
    finished = run("(setsid sleep 1000 & echo $! > one); (env -i sleep 1000 & echo $! > two); echo done")
    assert (finished.rc, finished.tail) == (0, "done\n")
    assert (tmp_path / "one").exists() and (tmp_path / "two").exists()
    assert not alive(tmp_path / "one") and not alive(tmp_path / "two")


def test_a_flood_is_capped_and_keeps_its_head_and_tail(run: Callable[..., Finished]) -> None:
    finished = run("echo first; yes 0123456789abcdef | head -c 60000000; echo; echo last")
    log = Path(finished.log).read_bytes()
    assert finished.rc == 0
    assert log.startswith(b"first\n")
    assert finished.tail.endswith("last\n")
    assert len(log) < CAP
    assert b"not kept" in log
    assert finished.log_sha256 == hashlib.sha256(log).hexdigest()
    assert sorted(file.name for file in Path(finished.log).parent.iterdir()) == ["gate"]


def test_a_gate_that_kills_its_parent_has_not_passed(
    run: Callable[..., Finished], tmp_path: Path, alive: Alive
) -> None:
    finished = run("trap '' HUP TERM; echo $$ > one; kill -9 $PPID; while :; do sleep 0.1; done")
    assert (finished.rc, finished.signal, finished.timed_out) == (None, 9, False)
    assert (tmp_path / "one").exists()
    assert not alive(tmp_path / "one")


def test_the_log_is_private_and_hashed_even_when_empty(run: Callable[..., Finished]) -> None:
    finished = run("true")
    assert stat.S_IMODE(Path(finished.log).stat().st_mode) == 0o600
    assert finished.log_sha256 == hashlib.sha256(b"").hexdigest()


def test_a_second_run_replaces_the_log(run: Callable[..., Finished]) -> None:
    run("echo first; yes | head -c 20000000")
    assert run("echo second").tail == "second\n"
    assert Path(run("echo third").log).read_text() == "third\n"


def test_bytes_that_are_no_text_do_not_harm(run: Callable[..., Finished]) -> None:
    assert run("printf '\\377\\376ok'").tail.endswith("ok")


def test_the_environment_is_what_was_given(run: Callable[..., Finished], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_GIVEN", "no")
    names = {line.partition("=")[0] for line in run("env").tail.splitlines()}
    assert "GIVEN" in names
    assert "NOT_GIVEN" not in names


def test_a_plain_tmux_of_a_command_is_one_of_its_own(run: Callable[..., Finished], tmp_path: Path) -> None:
    folder = run('test -d "$TMUX_TMPDIR" && echo "$TMUX_TMPDIR"').tail.strip()
    assert Path(folder).is_relative_to(tmp_path)


def test_stdin_is_what_was_given_or_nothing(run: Callable[..., Finished]) -> None:
    big = b"x" * 1_000_000
    assert run("wc -c", stdin=big).tail.strip() == "1000000"
    assert run("wc -c").tail.strip() == "0"


def test_arguments_reach_the_program_as_they_are(run: Callable[..., Finished]) -> None:
    assert run(("printf", "%s|", "a b", "$(id)", ";", "")).tail == "a b|$(id)|;||"


@pytest.mark.parametrize(
    ("command", "counts", "expected"),
    [
        ("kill -9 $$", (3, 4), True),
        ("kill -9 $$", (3, 3), False),
        ("kill -9 $$", (None, None), True),
        ("sh -c 'kill -9 $$'; exit 137", (3, 4), True),
        ("exit 1", (3, 4), False),
        ("kill -15 $$", (None, None), False),
    ],
)
def test_out_of_memory_is_told_from_other_ends(
    tmp_path: Path, command: str, counts: tuple[int | None, int | None], expected: bool
) -> None:
    readings = iter(counts)
    runner = ShellRunner(LinuxProcesses(), Launches(), oom_kills=lambda: next(readings))
    env = {"PATH": os.environ["PATH"]}
    finished = runner.run(command, cwd=str(tmp_path), env=env, timeout_s=60, log=str(tmp_path / "log"))
    assert finished.out_of_memory is expected


def test_a_timeout_is_not_taken_for_a_want_of_memory(tmp_path: Path) -> None:
    runner = ShellRunner(LinuxProcesses(), Launches(), grace_s=0.0, oom_kills=lambda: None)
    env = {"PATH": os.environ["PATH"]}
    command = "trap '' TERM; echo on; while :; do sleep 0.1; done"
    for limit in LIMITS:
        finished = runner.run(command, cwd=str(tmp_path), env=env, timeout_s=limit, log=str(tmp_path / "log"))
        assert finished.timed_out and not finished.out_of_memory
        if finished.signal == 9:
            break
    assert finished.signal == 9


@pytest.fixture
def in_thread(run: Callable[..., Finished]) -> Iterator[Callable[[Command], list[Finished]]]:
    threads: list[threading.Thread] = []

    def begin(command: Command) -> list[Finished]:
        found: list[Finished] = []
        threads.append(threading.Thread(target=lambda: found.append(run(command))))
        threads[-1].start()
        return found

    yield begin
    for thread in threads:
        thread.join(timeout=60)


def test_cancelling_ends_what_runs_and_what_comes_later(
    runner: ShellRunner, in_thread: Callable[[Command], list[Finished]], run: Callable[..., Finished], tmp_path: Path
) -> None:
    found = in_thread("echo $$ > one; sleep 1000")
    assert until(lambda: (tmp_path / "one").exists())
    runner.cancel_all()
    assert until(lambda: bool(found))
    assert (found[0].rc, found[0].signal, found[0].timed_out) == (None, 15, False)
    assert run("touch later").signal == 15
    assert not (tmp_path / "later").exists()


def test_cancelling_in_one_folder_ends_what_runs_there_and_nothing_else(
    runner: ShellRunner, in_thread: Callable[[Command], list[Finished]], run: Callable[..., Finished], tmp_path: Path
) -> None:
    found = in_thread("echo $$ > one; sleep 1000")
    assert until(lambda: (tmp_path / "one").exists())
    runner.cancel("/elsewhere")
    assert not found
    runner.cancel(str(tmp_path))
    assert until(lambda: bool(found))
    assert (found[0].rc, found[0].signal, found[0].timed_out) == (None, 15, False)
    assert run("touch later").rc == 0


def test_a_gate_dies_with_the_one_who_ran_it(tmp_path: Path, alive: Alive) -> None:
    script = f"""
import os, sys
sys.path.insert(0, {str(Path(LAUNCHER).parents[3])!r})
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.shell.runner import ShellRunner
command = "echo $$ > one; while :; do sleep 0.1; done"
env = {{"PATH": os.environ["PATH"]}}
ShellRunner(LinuxProcesses(), Launches()).run(command, cwd={str(tmp_path)!r}, env=env, timeout_s=99, log="log")
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path) as caller:
        assert until(lambda: alive(tmp_path / "one"))
        caller.kill()
    assert until(lambda: not alive(tmp_path / "one"))
