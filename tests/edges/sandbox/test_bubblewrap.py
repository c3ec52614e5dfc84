"""What really cannot be done from inside, with git, processes, terminals and the network as they are."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from swarmctl.edges.sandbox.bubblewrap import Bubblewrap
from tests.edges.sandbox.conftest import Pen


def git(where: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(where), *words], check=True, capture_output=True, text=True).stdout.strip()


def test_work_is_written_and_committed_in_the_worktree(pen: Pen) -> None:
    done = pen.run("echo hi > f.txt && git add -A && git commit -q -m Work && git log --format=%s -1 && git status -s")

    assert (done.returncode, done.stdout) == (0, "Work\n"), done.stderr
    assert git(pen.repo, "log", "-1", "--format=%s", "swarm/mine") == "Work"
    assert git(pen.repo, "reflog", "-1", "--format=%gs", "swarm/mine") == "commit: Work"


@pytest.mark.parametrize(
    "attempt",
    [
        "echo x >> $HOME/.bashrc",
        "echo x > $HOME/.profile",
        "echo x > ../other/f.txt",
        "rm -rf ..; test ! -e .git",
        "echo x > {repo}/app.py",
        "rm -rf {repo}/app.py; test ! -e {repo}/app.py",
        "echo x > {repo}/.git/hooks/pre-commit",
        "git config core.hooksPath /tmp/x",
        "git config --worktree core.fsmonitor /tmp/x",
        "git -C {repo} checkout -q -b elsewhere",
        "git update-ref refs/heads/main HEAD~0 && git branch -f main && git tag t",
        "git update-ref refs/swarm/checkpoint/x HEAD",
        "git worktree remove --force --force {top}/state/worktrees/other",
        "git worktree prune; echo x > {admin}/commondir",
        "mv {admin}/gitdir {admin}/g",
        "rm -f {repo}/.git/objects/pack/*.pack && test -z \"$(ls {repo}/.git/objects/pack)\"",
        "echo /tmp/x > {repo}/.git/objects/info/alternates",
        "cat $HOME/.ssh/id_ed25519",
        "grep -q secret $HOME/.netrc",
        "echo x > $HOME/.ssh/authorized_keys",
        "mount -o remount,rw /",
        "umount $HOME/.ssh",
        "mknod /tmp/disk b 8 0",
        "kill -9 {outsider}",
        "cat /proc/{outsider}/environ",
        "cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern",
        "test -S {socket}",
    ],
)  # fmt: skip
def test_an_attempt_to_reach_outside_is_denied(pen: Pen, attempt: str) -> None:
    git(pen.repo, "repack", "-a", "-d", "-q")
    path = pen.top / "a.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        words = attempt.format(repo=pen.repo, top=pen.top, admin=pen.admin, outsider=os.getppid(), socket=path)
        before = seen(pen)

        done = pen.run(words)

    assert done.returncode != 0, done.stdout
    assert seen(pen) == before
    assert "secret" not in done.stdout


def test_a_single_file_can_be_replaced_the_way_programs_do_it_and_what_lies_beside_it_cannot(pen: Pen) -> None:
    folder = pen.home / ".agent"
    folder.mkdir()
    for name in ("login.json", "settings.json"):
        (folder / name).write_text("old\n")
    (folder / "elsewhere").symlink_to("nowhere")
    script = """\
cd $HOME/.agent && mkdir login.lock && echo new > login.json.tmp && echo evil > hooks.json || exit 1
mv -f login.json.tmp login.json 2>/dev/null || cp login.json.tmp login.json || exit 2
echo evil > settings.json && exit 3
cat login.json settings.json
"""
    done = pen.fenced(write=(str(folder / "login.json"),)).run(script)

    assert (done.returncode, done.stdout) == (0, "new\nold\n"), done
    assert sorted(path.name for path in folder.iterdir()) == ["elsewhere", "login.json", "settings.json"]
    assert [(folder / name).read_text() for name in ("login.json", "settings.json")] == ["new\n", "old\n"]


def test_a_folder_that_stays_as_it_is_cannot_be_planted_where_it_was_missing(pen: Pen) -> None:
    home = pen.home / ".agent"
    done = pen.fenced(write=(f"{home}/",), keep=(f"{home}/plugins/",)).run(
        "echo mine > $HOME/.agent/log; echo evil > $HOME/.agent/plugins/x; mv $HOME/.agent/plugins $HOME/.agent/p; true"
    )
    assert done.returncode == 0
    assert (home / "log").read_text() == "mine\n"
    assert [path.name for path in (home / "plugins").iterdir()] == []


def seen(pen: Pen) -> dict[str, bytes]:
    """All that must stay as it is."""
    places = [pen.home, pen.repo, pen.top / "state" / "worktrees" / "other"]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    mine = [pen.repo / ".git" / "objects", pen.admin, pen.repo / ".git" / "refs" / "heads" / "swarm"]
    mine += [pen.repo / ".git" / "logs" / "refs" / "heads" / "swarm"]
    ours = {path for place in mine for path in place.rglob("*")} - set((pen.repo / ".git/objects/pack").iterdir())
    fixed = {pen.admin / "commondir", pen.admin / "gitdir"}
    return {str(path): path.read_bytes() for path in files if path not in ours - fixed}


def test_each_session_has_a_tmp_of_its_own_and_processes_of_its_own(pen: Pen) -> None:
    done = pen.run("touch /tmp/made && ls -A /tmp && ls -d /proc/[0-9]* | wc -l")

    assert "made" in done.stdout.split()
    assert int(done.stdout.split()[-1]) < 8
    assert not Path("/tmp/made").exists()


def test_what_was_declared_may_be_written_and_is_made_when_it_is_missing(pen: Pen) -> None:
    more = pen.fenced(write=(f"{pen.home}/.agent/", f"{pen.home}/.netrc", f"{pen.home}/none.json"))

    done = more.run("echo {} > $HOME/.agent/settings.json && echo new > $HOME/.netrc; echo x > $HOME/none.json")

    assert done.returncode != 0
    assert (pen.home / ".agent" / "settings.json").read_text() == "{}\n"
    assert (pen.home / ".netrc").read_text() == "new\n"
    assert not (pen.home / "none.json").exists()


def test_what_is_hidden_can_be_shown_again_and_more_can_be_hidden(pen: Pen) -> None:
    (pen.home / "diary").mkdir()
    (pen.home / "diary" / "today").write_text("dear")
    more = pen.fenced(read=(f"{pen.home}/.netrc",), hide=(f"{pen.home}/diary",))

    assert more.run("cat $HOME/.netrc").stdout == "secret\n"
    assert more.run("ls -A $HOME/diary $HOME/.ssh").stdout.split() == [
        f"{pen.home}/.ssh:",
        f"{pen.home}/diary:",
    ]


def test_without_network_nobody_outside_is_reached_but_its_own_loopback_is(pen: Pen) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 5)'"
        own = (
            'python3 -c \'import socket; s = socket.create_server(("127.0.0.1", 0)); '
            "socket.create_connection(s.getsockname(), 5)'"
        )
        assert pen.run(script).returncode == 0
        assert pen.fenced(network=False).run(script).returncode != 0
        assert pen.fenced(network=False).run(own).returncode == 0


def test_an_exit_code_comes_through_and_a_signal_as_128_and_its_number(pen: Pen) -> None:
    assert pen.run("exit 37").returncode == 37
    assert pen.run("kill -HUP $$").returncode == 128 + signal.SIGHUP


def test_the_agent_hears_a_signal_to_the_group_and_may_say_goodbye(pen: Pen) -> None:
    script = "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done"
    child = subprocess.Popen(pen.argv(script), stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"

    os.killpg(child.pid, signal.SIGTERM)

    assert child.communicate()[0] == "bye\n"
    assert child.returncode == 5


def test_nothing_outlives_the_agent(pen: Pen) -> None:
    read, write = os.pipe()
    argv = pen.argv("setsid -f sh -c 'trap \"\" TERM HUP; sleep 600'; exit 0")
    child = subprocess.Popen(argv, pass_fds=(write,), stdout=write)
    os.close(write)

    assert child.wait() == 0
    assert os.read(read, 1) == b""
    os.close(read)


def test_no_terminal_but_its_own_is_in_sight(pen: Pen) -> None:
    outer, inner = os.openpty()
    name = os.ttyname(inner)
    done = pen.run(f"ls /dev/pts; echo x > {name}")
    os.close(outer)
    os.close(inner)

    assert done.stdout.split() == ["ptmx"]
    assert done.returncode != 0


def test_a_machine_without_bubblewrap_says_so(tmp_path: Path, repo: Path) -> None:
    assert "not installed" in Bubblewrap(repo, repo / ".git", path=str(tmp_path)).trouble()


def test_a_bubblewrap_that_may_make_no_namespace_says_why(tmp_path: Path, repo: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    trouble = Bubblewrap(repo, repo / ".git", path=f"{tmp_path}:{os.defpath}").trouble()
    assert "No permissions to create new namespace" in trouble


def test_answers_from_outside_are_read_in_a_place_that_is_hidden_and_given_by_nobody_inside(pen: Pen) -> None:
    answers = pen.top / "state" / "answers" / "mine"
    fenced = pen.fenced(keep=(f"{answers}/",))
    confined = fenced.argv(f"cat {answers}/r1; echo evil > {answers}/r2; mv {answers} {answers}2; ls {answers.parent}")
    (answers / "r1").write_text("allow\n")
    done = subprocess.run(confined, cwd=pen.worktree, capture_output=True, text=True)
    assert done.stdout == "allow\nmine\n", done
    assert [path.name for path in answers.iterdir()] == ["r1"]
