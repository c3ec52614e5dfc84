"""The wrapper: one per attempt, exits kept, trees ended, the environment in memory only."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.session import Exit
from swarmctl.edges.shell import procfs
from swarmctl.edges.shell.launches import LAUNCHER, Launches
from swarmctl.edges.shell.offer import LOST, PIPE, PTY, Offer, decode
from swarmctl.edges.shell.pump import CappedLog
from tests.fakes.processes import until

Alive = Callable[[Path], bool]
SECRET = "s3cret-canary-4711"
HEAVY = {"json", "subprocess", "typing", "re", "enum", "signal", "pathlib", "ctypes", "threading", "dataclasses"}


def run_launcher(source: str, run_dir: Path, marker: str = "test") -> int:
    run_dir.mkdir(exist_ok=True)
    argv = [sys.executable, "-I", "-S", LAUNCHER, source, str(run_dir), marker]
    return subprocess.run(argv, check=False, timeout=60).returncode


@pytest.mark.parametrize(
    ("script", "exit"),
    [("exit 0", Exit(0)), ("exit 255", Exit(255)), ("kill -9 $$", Exit(None, 9)), ("kill -15 $$", Exit(None, 15))],
)
def test_codes_and_signals_are_kept_apart(place: Any, script: str, exit: Exit) -> None:
    place.start(script)
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) is not None)
    assert place.processes.exit_of(str(place.run_dir)) == exit


def test_a_program_that_does_not_exist_is_127_and_says_so(place: Any) -> None:
    place.host.start(place.launch("no-such-program"))
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(127))
    assert "no-such-program" in place.output()


def test_a_program_that_cannot_be_executed_is_126(place: Any) -> None:
    place.host.start(place.launch(str(place.folder)))
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(126))


def test_a_missing_directory_is_an_exit_and_not_silence(place: Any) -> None:
    launch = place.launch("true")
    offer = Offer(PTY, launch.run_dir, "/no/such/folder", [b"true"], {}).logged(f"{launch.run_dir}/output", 100, 100)
    place.run_dir.mkdir()
    with place.launches.held(offer) as source:
        run_launcher(source, place.run_dir, place.marker)
    assert until(lambda: place.processes.exit_of(launch.run_dir) == Exit(126))
    assert "/no/such/folder" in (place.run_dir / "output").read_text()


def test_what_an_agent_leaves_behind_ends_with_it(place: Any, alive: Alive) -> None:
    script = "(setsid sleep 1000 & echo $! > one); (nohup sleep 1000 >/dev/null 2>&1 & echo $! > two); exit 3"
    place.start(script)
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(3))
    assert (place.folder / "one").exists() and (place.folder / "two").exists()
    assert not alive(place.folder / "one") and not alive(place.folder / "two")


def test_leftovers_that_ignore_signals_end_too(place: Any, alive: Alive) -> None:
    wait = "while ! test -s two; do sleep 0.01; done"
    script = f"(trap '' HUP TERM INT; echo $$ > one; setsid sh -c 'echo $$ > two; sleep 1000; true' &); {wait}; exit 0"
    place.start(script)
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(0))
    assert (place.folder / "two").exists()
    assert not alive(place.folder / "two")


def test_a_hang_up_ends_an_agent_that_ignores_it(place: Any, alive: Alive) -> None:
    started = place.start("trap '' HUP; echo $$ > one; while :; do sleep 0.1; done")
    assert until(lambda: alive(place.folder / "one"))
    place.processes.signal([started.process], signal.SIGHUP)
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(None, 9))
    assert not alive(place.folder / "one")


def test_an_agent_may_clean_up_when_it_is_asked_to_end(place: Any) -> None:
    started = place.start("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.02; done")
    assert until(lambda: "ready" in place.output())
    assert place.processes.stop(started.process, place.marker, 10.0)
    assert place.processes.exit_of(str(place.run_dir)) == Exit(5)
    assert "bye" in place.output()


def test_an_agent_that_ignores_being_asked_is_hung_up_as_by_its_terminal(place: Any) -> None:
    """An interactive shell is such a one."""
    started = place.start("trap '' TERM; trap 'echo bye; exit 5' HUP; echo ready; while :; do sleep 0.02; done")
    assert until(lambda: "ready" in place.output())
    assert place.processes.stop(started.process, place.marker, 20.0)
    assert place.processes.exit_of(str(place.run_dir)) == Exit(5)
    assert "bye" in place.output()


def test_an_agent_that_stops_itself_goes_on(place: Any) -> None:
    place.start("kill -TSTP $$; echo on")
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(0))
    assert "on" in place.output()


def test_a_killed_wrapper_keeps_no_exit_and_its_agent_is_found_by_its_mark(place: Any, alive: Alive) -> None:
    started = place.start("trap '' HUP; echo $$ > one; while :; do sleep 0.1; done")
    assert until(lambda: alive(place.folder / "one"))
    place.processes.signal([started.process], signal.SIGKILL)
    assert until(lambda: not place.processes.alive(started.process))
    assert alive(place.folder / "one")
    assert place.processes.stop(started.process, place.marker, 0.1)
    assert not alive(place.folder / "one")
    assert place.processes.exit_of(str(place.run_dir)) is None


def test_a_launch_whose_supervisor_is_gone_is_lost_and_runs_nothing(place: Any) -> None:
    with place.launches.offer(place.launch("touch", "ran"), PTY) as argv:
        pass
    subprocess.run(argv, check=False, timeout=60)
    assert (place.run_dir / "exit").read_text().strip() == LOST
    assert place.launches.lost(str(place.run_dir))
    assert place.processes.exit_of(str(place.run_dir)) == Exit(None)
    assert not (place.folder / "ran").exists()


def test_a_lost_launch_can_be_tried_again(place: Any) -> None:
    with place.launches.offer(place.launch("true"), PTY) as argv:
        pass
    subprocess.run(argv, check=False, timeout=60)
    place.start("exit 4")
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(4))


def test_a_late_wrapper_does_not_take_the_offer_of_another(place: Any) -> None:
    other = place.folder / "other"
    with place.launches.offer(place.launch("touch", "ran"), PTY) as argv:
        assert run_launcher(argv[4], other) == 1
    assert (other / "exit").read_text().strip() == LOST
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("source", ["/etc/passwd", "/proc/self/fd/0", "/no/such/file"])
def test_only_an_offer_is_read_as_one(tmp_path: Path, source: str) -> None:
    assert run_launcher(source, tmp_path / "run") == 1
    assert not (tmp_path / "run" / "pid").exists()


def test_an_offer_in_a_file_is_none(place: Any) -> None:
    place.run_dir.mkdir()
    offer = Offer(PTY, str(place.run_dir), str(place.folder), [b"touch", b"ran"], {}).logged("/dev/null", 1, 1)
    (place.folder / "offer").write_bytes(offer.encode())
    (place.folder / "link").symlink_to(place.folder / "offer")
    assert run_launcher(str(place.folder / "link"), place.run_dir) == 1
    assert not (place.run_dir / "pid").exists()


def test_two_wrappers_of_one_attempt_are_one_agent(place: Any) -> None:
    launch = place.launch("sh", "-c", "echo ran >> count; sleep 1000")
    with place.launches.offer(launch, PTY) as argv:
        both = [subprocess.Popen(argv) for _ in range(2)]
        for each in both:
            each.wait(timeout=60)
    assert until(lambda: (place.folder / "count").exists() and (place.folder / "count").read_text().endswith("\n"))
    wrappers = [one for one in place.processes.holders(place.marker) if LAUNCHER in procfs.cmdline(one.pid)]
    assert wrappers == [place.processes.found(str(place.run_dir))]
    assert (place.folder / "count").read_text() == "ran\n"


def test_the_environment_is_in_no_file_and_on_no_command_line(place: Any) -> None:
    place.host.start(place.launch("sh", "-c", 'test -n "$KEY" && echo ok; sleep 1000', env={"KEY": SECRET}))
    assert until(lambda: "ok" in place.output())
    files = [file for file in place.folder.rglob("*") if file.is_file()]
    assert files and not [file for file in files if SECRET.encode() in file.read_bytes()]
    assert not [pid for pid in procfs.pids() if any(SECRET in word for word in procfs.cmdline(pid))]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in place.run_dir.iterdir())


def test_no_tmux_of_the_caller_reaches_the_agent(place: Any) -> None:
    place.host.start(place.launch("env", env={"TMUX": "/tmp/x,1,0", "TMUX_PANE": "%9", "TMUX_TMPDIR": "/tmp"}))
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(0))
    assert "SWARM_SESSION=abcde" in place.output()
    assert [line for line in place.output().splitlines() if line.startswith("TMUX")] == [f"TMUX_TMPDIR={place.run_dir}"]


def test_the_callers_umask_is_the_agents(place: Any) -> None:
    old = os.umask(0o027)
    try:
        place.start("touch made")
    finally:
        os.umask(old)
    assert until(lambda: place.processes.exit_of(str(place.run_dir)) == Exit(0))
    assert stat.S_IMODE((place.folder / "made").stat().st_mode) == 0o640


def test_an_agent_survives_the_one_who_started_it(place: Any, alive: Alive) -> None:
    script = f"""
import os, sys
sys.path.insert(0, {str(Path(LAUNCHER).parents[3])!r})
from pathlib import Path
from swarmctl.core.ports import Launch
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.process_host import ProcessHost
env = {{"PATH": os.environ["PATH"], "SWARM_MARKER": {place.marker!r}}}
argv = ("sh", "-c", "echo $$ > one; sleep 0.3; echo still here; sleep 1000")
folder = {str(place.folder)!r}
ProcessHost(Path(folder, "runtime"), Launches()).start(Launch("abcde", 1, argv, folder, folder + "/run", env))
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == -9
    assert until(lambda: "still here" in place.output())
    assert alive(place.folder / "one")


def test_the_wrapper_imports_nothing_heavy() -> None:
    root = str(Path(LAUNCHER).parents[3])
    code = f"import sys; sys.path.insert(0, {root!r}); import swarmctl.edges.shell.wrapper; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert "swarmctl.edges.shell.wrapper" in done.stdout.split()
    assert not HEAVY & set(done.stdout.split())


def test_a_flood_stays_within_the_cap_and_keeps_both_ends(tmp_path: Path) -> None:
    log = CappedLog(str(tmp_path / "log"), head=1000, tail=2000)
    for number in range(5000):
        log.write(b"%06d\n" % number)
    parts = [(tmp_path / name).read_bytes() for name in ("log", "log.old", "log.new")]
    assert parts[0].startswith(b"000000\n")
    assert (parts[1] + parts[2]).endswith(b"004999\n")
    assert 1000 < len(b"".join(parts)) <= 3000


def test_an_offer_reads_back_as_it_was_written() -> None:
    offer = Offer(PIPE, "/run", "/cwd", [b"a", b"", b"-x\n"], {b"K": b"v=w\n", b"E": b""}).logged("/log", 1, 2)
    back = decode(offer.encode())
    assert back
    assert (back.argv, back.env, back.log, back.head, back.tail) == (offer.argv, offer.env, "/log", 1, 2)


def test_an_offer_refuses_a_nul_byte() -> None:
    with pytest.raises(ValueError, match="NUL"):
        Offer(PIPE, "/run", "/cwd", [b"a\0b"], {}).encode()


def test_a_closed_offer_cannot_be_read(tmp_path: Path) -> None:
    with Launches().held(Offer(PIPE, str(tmp_path), "/", [b"true"], {})) as source:
        assert Path(source).read_bytes().startswith(b"swarm-launch")
    assert not Path(source).exists()


FULL = """
import os, sys, time
sys.path.insert(0, ROOT)
from pathlib import Path
from swarmctl.core.ports import Launch
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.process_host import ProcessHost
from swarmctl.edges.shell.processes import LinuxProcesses
run = FOLDER + "/disk/run"
env = {"PATH": os.environ["PATH"], "SWARM_MARKER": FOLDER}
argv = ("sh", "-c", "cat /dev/zero > disk/fill; echo x > disk/more; exit 3")
started = ProcessHost(Path(FOLDER, "runtime"), Launches()).start(Launch("abcde", 1, argv, FOLDER, run, env))
while LinuxProcesses().alive(started.process):
    time.sleep(0.01)
print(LinuxProcesses().exit_of(run), os.statvfs(FOLDER + "/disk").f_bavail)
"""


def test_a_full_disk_does_not_swallow_the_exit(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    code = FULL.replace("ROOT", repr(str(Path(LAUNCHER).parents[3]))).replace("FOLDER", repr(str(tmp_path)))
    mount = 'mount -t tmpfs -o size=256k none "$1/disk" && exec "$2" -c "$3"'
    argv = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        mount,
        "sh",
        str(tmp_path),
        sys.executable,
        code,
    ]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")
    assert done.stdout == "Exit(code=3, signal=None) 0\n", done.stderr
