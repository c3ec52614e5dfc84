"""The fake agent does what its script says, and nothing that a script did not say."""

from __future__ import annotations

import hashlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import swarmctl
from swarmctl.core.session import SpoolPlace
from swarmctl.edges.files.secrets import clean_terminal
from swarmctl.edges.files.spool import read_spool

SCRIPT = Path(swarmctl.__file__).parent / "edges" / "agents" / "fake_agent.py"
ARGV = (sys.executable, "-I", str(SCRIPT))


def run(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    argv = [*ARGV, script]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, env={**os.environ, **env}, timeout=60)


def test_it_writes_appends_deletes_and_commits(repo: Path) -> None:
    done = run(
        'write "new dir/a b.txt" one\\ntwo\nappend app.py # end\ndelete README.md\n\n# note\ncommit Do it\nsay done',
        repo,
    )
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert (repo / "new dir" / "a b.txt").read_text() == "one\ntwo\n"
    assert (repo / "app.py").read_text().endswith("# end\n")
    log = subprocess.run(["git", "-C", str(repo), "log", "-1", "--format=%s"], capture_output=True, text=True).stdout
    status = subprocess.run(["git", "-C", str(repo), "status", "--short"], capture_output=True, text=True).stdout
    assert (log, status) == ("Do it\n", "")


@pytest.mark.parametrize("script", ["say a\nbogus b", "sleep long", "write", "crash NOSUCH"])
def test_a_line_it_does_not_understand_ends_it_with_two(tmp_path: Path, script: str) -> None:
    done = run(script, tmp_path)
    assert done.returncode == 2
    assert script.splitlines()[-1] in done.stderr


@pytest.mark.parametrize(("script", "rc"), [("exit 3", 3), ("crash KILL", -9), ("crash SEGV", -11), ("exit", 0)])
def test_it_ends_as_told(tmp_path: Path, script: str, rc: int) -> None:
    assert run(f"{script}\nsay never", tmp_path).returncode == rc


def test_a_partial_write_has_its_size(tmp_path: Path) -> None:
    assert run("partial big 100", tmp_path).returncode == 0
    assert (tmp_path / "big").read_bytes() == b"x" * 100


def test_its_events_arrive_in_the_spool(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    run("event working\nevent blocked needs a key", tmp_path, SWARM_SPOOL=str(spool), SWARM_TOKEN="t1")
    lines, _, forged = read_spool(spool, SpoolPlace(), "t1")
    assert [(line.event, line.text) for line in lines] == [("working", ""), ("blocked", "needs a key")]
    assert forged == 0


def test_floods_and_escapes_come_out(tmp_path: Path) -> None:
    assert len(run("flood 100000", tmp_path).stdout) == 100000
    hostile = run("escape", tmp_path).stdout
    assert "\x1b]52" in hostile
    assert clean_terminal(hostile) == "linkred\n".replace("red", "\x1b[31mred\x1b[0m")


def test_it_waits_for_a_file_and_asks(tmp_path: Path) -> None:
    argv = [*ARGV, "say up\nwait go\nask name?\nsay end"]
    with subprocess.Popen(argv, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == "up\n"
        (tmp_path / "go").touch()
        out, _ = agent.communicate("Ada\n", timeout=60)
        assert out == "name?\nanswer: Ada\nend\n"


def test_hanging_it_outlives_polite_signals(tmp_path: Path) -> None:
    with subprocess.Popen([*ARGV, "hang"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == "hanging\n"
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            agent.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            agent.wait(timeout=0.3)
        agent.kill()


def test_a_spawned_child_leaves_its_group_and_keeps_the_environment(tmp_path: Path) -> None:
    done = run("spawn 60", tmp_path, SWARM_MARKER="here")
    child = int(done.stdout.split()[1])
    try:
        assert os.getsid(child) != os.getsid(0)
        assert b"SWARM_MARKER=here" in Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    finally:
        os.kill(child, signal.SIGKILL)


class Terminal:
    """A terminal with the fake agent in it."""

    def __init__(self, argv: list[str], cwd: Path) -> None:
        self.file, inner = pty.openpty()
        self.agent = subprocess.Popen(argv, cwd=cwd, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
        os.close(inner)
        self.seen = b""

    def type(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.file, data[:1024]) :]

    def until(self, text: bytes) -> None:
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.file], [], [], 0.1)[0]:
                self.seen += os.read(self.file, 65536)

    def settled(self) -> bytes:
        """Everything it has said, once it says nothing for a moment."""
        while select.select([self.file], [], [], 0.3)[0]:
            self.seen += os.read(self.file, 65536)
        return self.seen

    def close(self) -> None:
        self.agent.kill()
        self.agent.wait()
        os.close(self.file)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def test_a_paste_of_eight_kilobytes_arrives_whole_and_runs(tmp_path: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal([*ARGV, "--interactive"], tmp_path)
    terminals.append(terminal)
    terminal.until(b"> ")
    script = "say first\n" + "# padding of a long prompt\n" * 300 + "write done yes\nsay last"
    terminal.type(b"\x1b[200~" + script.encode().replace(b"\n", b"\r") + b"\x1b[201~")
    terminal.type(b"\r")
    digest = hashlib.sha256(script.encode()).hexdigest()
    terminal.until(f"received {len(script)} bytes sha256 {digest}".encode())
    terminal.until(b"\nlast\r\n")
    assert len(script) > 8000
    assert (tmp_path / "done").read_text() == "yes\n"


def test_a_swallowed_enter_has_to_be_sent_again(tmp_path: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal([*ARGV, "swallow-enter 2\ntype-ready\nsay over\nhang"], tmp_path)
    terminals.append(terminal)
    terminal.until(b"> ")
    terminal.type(b"hello\r\r")
    assert b"received" not in terminal.settled()
    terminal.type(b"\r")
    terminal.until(b"received 5 bytes")
    terminal.until(b"over")
