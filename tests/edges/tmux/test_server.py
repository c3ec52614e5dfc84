"""The server: private, alone, started where logout does not reach, proven gone; and the channel to it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import Exit
from swarmctl.edges.shell import procfs
from swarmctl.edges.tmux import server as server_module
from swarmctl.edges.tmux.control import ControlClient
from swarmctl.edges.tmux.framing import Reply
from swarmctl.edges.tmux.server import TETHERED, private_folder
from swarmctl.edges.tmux.strays import strays
from tests.fakes.processes import until

Alive = Callable[[Path], bool]
SECRET = "s3cret-canary-4711"


def tmux(place: Any, *words: str) -> str:
    argv = ["tmux", "-S", place.host.server.socket, *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout


def control_clients(place: Any) -> list[int]:
    socket = place.host.server.socket
    return [pid for pid in procfs.pids() if {socket, "-C"} <= set(procfs.cmdline(pid))]


def number_in(file: Path) -> int:
    """What a busy agent wrote last; zero while it is writing."""
    return int(file.read_text().strip() or 0) if file.exists() else 0


def supervising(place: Any, agent: str, then: str) -> str:
    """The code of a supervisor that starts one agent and then does something."""
    return f"""
import os, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from swarmctl.core.ports import Launch
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.tmux.host import TmuxHost
host = TmuxHost("swarm-test", Path({str(place.runtime)!r}), Launches(), LinuxProcesses())
env = {{"PATH": os.environ["PATH"], "SWARM_MARKER": {place.marker("abcde")!r}}}
argv = ("sh", "-c", {agent!r})
host.start(Launch("abcde", 1, argv, {str(place.folder)!r}, {place.run_dir("abcde")!r}, env))
{then}
"""


def server_pid(place: Any) -> int:
    process = place.host.server.process()
    assert process
    return int(process.pid)


def test_the_socket_is_private_and_the_settings_are_ours(place: Any) -> None:
    place.start("abcde", "sleep 1000")
    assert place.host.server.folder.stat().st_mode & 0o077 == 0
    assert tmux(place, "show-options", "-gv", "remain-on-exit").strip() == "on"
    assert tmux(place, "show-options", "-sv", "exit-empty").strip() == "off"
    assert tmux(place, "show-options", "-gv", "allow-rename").strip() == "off"
    assert tmux(place, "show-options", "-gv", "status").strip() == "off"


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_that_is_not_private_is_refused(place: Any, tmp_path: Path, kind: str) -> None:
    folder = place.host.server.folder
    if kind == "open to others":
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    elif kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.write_text("")
    with pytest.raises(EnvironmentFault):
        place.start("abcde", "sleep 1000")
    assert place.host.server.process() is None


@pytest.mark.skipif(os.getuid() != 0, reason="needs to give a folder to somebody else")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    os.chown(tmp_path / "theirs", 12345, 12345)
    with pytest.raises(EnvironmentFault):
        private_folder(tmp_path / "theirs")


def test_the_server_starts_in_a_scope_of_the_users_manager(
    place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "systemd-run"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\n'
        'while [ "$1" != -- ]; do shift; done; shift\nexec env IN_SCOPE=1 "$@"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    place.start("abcde", "sleep 1000")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[:2] == ["--user", "--scope"]
    assert asked[asked.index("--") + 2 : asked.index("--") + 4] == ["-S", place.host.server.socket]
    assert "IN_SCOPE=1" in tmux(place, "show-environment", "-g")


def test_without_a_user_manager_the_server_starts_all_the_same(
    place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "systemd-run"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho 'Failed to connect to bus' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    started = place.start("abcde", "sleep 1000")
    assert (tmp_path / "asked").exists()
    assert place.processes.alive(started.process)


def test_a_machine_without_tmux_gets_a_fault_and_a_hint(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentFault, match="tmux is not installed") as caught:
        place.start("abcde", "sleep 1000")
    assert caught.value.hint


def test_a_killed_server_is_noticed_and_its_agents_end_with_known_exits(place: Any, alive: Alive) -> None:
    plain = place.start("plain", "sleep 1000")
    deaf = place.start("deaf", "trap '' HUP; echo $$ > deaf; while :; do sleep 0.1; done")
    assert until(lambda: alive(place.folder / "deaf"))
    os.kill(server_pid(place), signal.SIGKILL)
    assert until(lambda: place.lost == ["lost"])
    assert until(lambda: place.processes.exit_of(place.run_dir("plain")) == Exit(None, 1))
    assert until(lambda: place.processes.exit_of(place.run_dir("deaf")) == Exit(None, 9))
    assert until(lambda: not place.processes.alive(plain.process) and not place.processes.alive(deaf.process))
    assert not alive(place.folder / "deaf")


@pytest.mark.parametrize(
    "script",
    [
        "setsid nohup sh -c 'echo $$ > one; trap \"\" HUP TERM; while :; do sleep 0.1; done' & sleep 1000",
        "(sh -c 'echo $$ > one; trap \"\" HUP; while :; do sleep 0.1; done' &) ; sleep 1000",
    ],
    ids=["another session", "forked twice"],
)
def test_what_hides_from_a_dying_server_is_swept(place: Any, alive: Alive, script: str) -> None:
    started = place.start("abcde", script)
    assert until(lambda: alive(place.folder / "one"))
    tmux(place, "kill-server")
    assert until(lambda: place.lost == ["lost"])
    assert place.processes.stop(started.process, place.marker("abcde"), 1.0)
    assert not alive(place.folder / "one")
    assert place.processes.exit_of(place.run_dir("abcde")) is not None


def test_after_a_loss_the_next_start_makes_a_new_server(place: Any) -> None:
    place.start("first", "sleep 1000")
    before = server_pid(place)
    tmux(place, "kill-server")
    assert until(lambda: place.lost == ["lost"])
    started = place.start("second", "sleep 1000")
    assert server_pid(place) != before
    assert [pane.session for pane in place.host.panes().values()] == ["second"]
    assert place.processes.alive(started.process)


def test_a_second_supervisor_finds_the_server_and_the_panes_of_the_first(place: Any) -> None:
    started = place.start("abcde", "sleep 1000")
    place.host.server.disconnect()
    other = place.another_host()
    assert other.start(place.launch("abcde", "sleep", "1000")) == started
    assert place.lost == []
    other.server.disconnect()


def test_a_killed_control_client_is_not_a_lost_server(place: Any) -> None:
    place.start("abcde", "sleep 1000")
    [client] = control_clients(place)
    os.kill(client, signal.SIGKILL)
    assert until(lambda: client not in control_clients(place))
    assert len(place.host.panes()) == 1
    assert place.lost == []


def test_agents_go_on_while_their_supervisor_and_its_client_stand_still(place: Any) -> None:
    script = supervising(
        place, "i=0; while :; do i=$((i+1)); echo line $i; echo $i > count; done", "os.kill(os.getpid(), 19)"
    )
    count = place.folder / "count"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as supervisor:
        try:
            assert until(lambda: os.waitid(os.P_PID, supervisor.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None)
            [client] = control_clients(place)
            os.kill(client, signal.SIGSTOP)
            assert until(lambda: number_in(count) > 0)
            before = number_in(count)
            assert until(lambda: number_in(count) > before + 500)
        finally:
            supervisor.kill()
    assert until(lambda: control_clients(place) == [])
    before = number_in(count)
    assert until(lambda: number_in(count) > before + 100)
    assert [pane.session for pane in place.host.panes().values()] == ["abcde"]


class Impatient(ControlClient):
    """Gives up soon, so that the test needs not wait for who will never answer."""

    def ask(self, *commands: tuple[str, ...], timeout_s: float) -> list[Reply]:
        return super().ask(*commands, timeout_s=0.2)


def test_a_deaf_client_is_replaced_and_the_command_forked(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started = place.start("abcde", "sleep 1000")
    server = place.host.server
    server.disconnect()
    deaf = Impatient(["sleep", "1000"], os.environ, lambda client: None)
    monkeypatch.setattr(server, "_control", deaf)
    assert place.host.panes()[started.pane].session == "abcde"
    assert until(lambda: not deaf.alive)
    assert control_clients(place) == []
    assert place.host.panes()[started.pane].session == "abcde"
    assert len(control_clients(place)) == 1


def test_the_control_client_dies_with_its_supervisor(place: Any) -> None:
    script = supervising(place, "sleep 1000", 'print("ready", flush=True); os.kill(os.getpid(), 9)')
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "ready\n"
    assert until(lambda: control_clients(place) == [])
    assert place.host.server.process() is not None


def test_stray_control_clients_are_ended_at_the_start_and_others_left(place: Any) -> None:
    place.start("abcde", "sleep 1000")
    place.host.server.disconnect()
    argv = ["tmux", "-S", place.host.server.socket, "-C", "attach-session", "-t", "=swarm"]
    gone = {**os.environ, "SWARM_TETHER": f"{os.getpid()}:1"}
    with (
        subprocess.Popen(argv, env=gone, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stray,
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as foreign,
    ):
        assert until(lambda: {stray.pid, foreign.pid} <= set(control_clients(place)))
        stray.send_signal(signal.SIGSTOP)
        try:
            assert [one.pid for one in strays(place.host.server.socket, place.processes)] == [stray.pid]
            place.host.server.ensure()
            assert until(lambda: stray.poll() == -signal.SIGKILL)
            assert foreign.poll() is None
        finally:
            stray.kill()
            foreign.kill()


def test_a_tethered_program_does_not_outlive_a_parent_that_is_gone_already() -> None:
    argv = [sys.executable, "-I", "-S", TETHERED, "1:1", "echo", "ran"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")


def test_shutdown_ends_our_server_only_and_proves_it(place: Any, tmp_path: Path) -> None:
    other = ["tmux", "-S", str(place.runtime / "other"), "-f", "/dev/null"]
    subprocess.run([*other, "new-session", "-d", "sleep 1000"], check=True)
    place.start("abcde", "sleep 1000")
    process = place.host.server.process()
    place.host.shutdown()
    assert not place.processes.alive(process)
    assert place.lost == []
    assert subprocess.run([*other, "list-sessions"], capture_output=True, check=False).returncode == 0
    subprocess.run([*other, "kill-server"], check=True)


def test_a_server_that_is_deaf_is_ended_too(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "GONE_S", 2.0)
    place.start("abcde", "sleep 1000")
    process = place.host.server.process()
    place.host.server.answer_s = 0.3
    os.kill(process.pid, signal.SIGSTOP)
    place.host.shutdown()
    assert not place.processes.alive(process)


def test_shutting_down_twice_is_fine(place: Any) -> None:
    place.start("abcde", "sleep 1000")
    place.host.shutdown()
    place.host.shutdown()
    assert place.host.server.process() is None


def test_nothing_of_ours_is_left_beside_the_socket(place: Any) -> None:
    place.start("abcde", "sleep 1000")
    folder = place.host.server.folder
    assert list(folder.iterdir())
    place.host.shutdown()
    assert list(folder.iterdir()) == []


def test_nothing_of_the_agents_environment_is_in_tmux(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLER_KEY", SECRET)
    started = place.start("abcde", 'test -n "$KEY" && echo ok; sleep 1000', env={"KEY": SECRET})
    assert until(lambda: "ok" in place.screen(started, "abcde"))
    assert SECRET not in tmux(place, "show-environment", "-g")
    assert SECRET not in tmux(place, "show-environment", "-t", "=swarm")
    assert SECRET not in tmux(place, "list-panes", "-a", "-F", "#{pane_start_command}")
    assert not [pid for pid in procfs.pids() if any(SECRET in word for word in procfs.cmdline(pid))]
    files = [file for top in (place.folder, place.runtime) for file in top.rglob("*") if file.is_file()]
    assert files and not [file for file in files if SECRET.encode() in file.read_bytes()]


def attached(argv: tuple[str, ...], env: dict[str, str]) -> tuple[int, int]:
    """A person's terminal: the argv runs on a terminal of its own."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], list(argv), env)
    return pid, terminal


def read_until(terminal: int, wanted: bytes) -> bool:
    os.set_blocking(terminal, False)
    seen = b""

    def look() -> bool:
        nonlocal seen
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            pass
        return wanted in seen

    return until(look)


def test_a_person_sees_the_agent_and_leaves_it_running(place: Any) -> None:
    started = place.start("abcde", "while :; do echo here I am; sleep 0.1; done")
    place.start("other", "while :; do echo somebody else; sleep 0.1; done")
    env = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    pid, terminal = attached(place.host.attach(started.pane, "abcde"), env)
    assert read_until(terminal, b"here I am")
    os.write(terminal, b"\x02d")
    assert until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)
    os.close(terminal)
    assert until(lambda: len(tmux(place, "list-sessions").splitlines()) == 1)
    assert place.processes.alive(started.process)


def test_a_person_inside_their_own_tmux_sees_the_agent_in_a_popup(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started = place.start("abcde", "while :; do echo here I am; sleep 0.1; done")
    theirs = str(place.runtime / "theirs")
    env = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": str(place.folder)}
    pid, terminal = attached(
        ("tmux", "-S", theirs, "-f", "/dev/null", "new-session", "-x", "80", "-y", "24", "sh"), env
    )
    asked = ["tmux", "-S", theirs, "list-clients"]
    assert until(lambda: bool(subprocess.run(asked, capture_output=True, check=False).stdout))
    monkeypatch.setenv("TMUX", f"{theirs},1,0")
    with subprocess.Popen(place.host.attach(started.pane, "abcde"), env={**env, "TMUX": f"{theirs},1,0"}) as popup:
        assert read_until(terminal, b"here I am")
        subprocess.run(["tmux", "-S", theirs, "kill-server"], check=True)
        popup.wait(timeout=60)
    assert until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)
    os.close(terminal)
    assert place.processes.alive(started.process)
