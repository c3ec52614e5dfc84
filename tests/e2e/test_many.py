"""Twenty sessions at once on a repository of ten thousand files."""

from __future__ import annotations

import subprocess
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.session import Stage
from tests.e2e.world import World

FILES = 10_000
SESSIONS = 20
GATE = """\
[agent]
max_running = 20
[[gate]]
name = "tests"
run = "! test -e broken.txt && echo passed=1"
count = "passed=(\\\\d+)"
min_tests = 1
"""


def import_many(repo: Path, count: int) -> None:
    """One commit with many files, through fast-import."""
    lines = [b"blob\nmark :1\ndata 6\nhello\n", b"commit refs/heads/main\n"]
    lines += [b"committer T <t@example.org> 1700000000 +0000\ndata 6\nMany.\n"]
    lines += [b"M 100644 :1 dir%d/file%d.txt\n" % (number % 100, number) for number in range(count)]
    for name, text in (("shared.txt", b"one\n"), ("swarm.toml", GATE.encode())):
        lines += [b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(text), text)]
    subprocess.run(["git", "init", "-q", "-b", "main", str(repo)], check=True)
    subprocess.run(["git", "-C", str(repo), "fast-import", "--quiet"], input=b"".join(lines), check=True)
    subprocess.run(["git", "-C", str(repo), "reset", "-q", "--hard"], check=True)


def test_twenty_sessions_at_once_land_or_are_refused_for_the_right_reason(bare_world: World) -> None:
    world = bare_world
    import_many(world.repo, FILES)
    world.put("dir1/file1.txt", "edited by the user\n")
    world.put("mine.txt", "untracked\n")
    before = world.status()
    go = world.home / "go"
    good = [f"write made{number}.txt {number}\nwait {go}" for number in range(SESSIONS - 6)]
    red = [f"write broken.txt {number}\nwait {go}" for number in range(2)]
    clash = [f"write shared.txt side {number}\nwait {go}" for number in range(2)]
    idle = [f"wait {go}"]
    failing = [f"write half.txt x\nwait {go}\nexit 9"]

    typed = world.begin(*good, *red, *clash, *idle, *failing)
    world.await_stage(Stage.RUNNING, SESSIONS)
    assert world.status() == before
    go.touch()
    said = typed.answer(500)

    outcomes = [str(task["outcome"]) for task in said.tasks]
    assert outcomes[: len(good)] == ["landed"] * len(good), [task["reason"] for task in said.tasks]
    assert outcomes[len(good) : len(good) + 2] == ["refused", "refused"]
    assert sorted(outcomes[-4:-2]) == ["conflict", "landed"]
    assert outcomes[-2:] == ["no_work", "failed"]
    assert said.rc == 1
    landed = [event.commit for event in world.events(e.Landed)]
    line = world.git("rev-list", "--first-parent", "--reverse", "main").splitlines()[1:]
    assert line == landed
    for task in said.tasks:
        if task["outcome"] == "landed":
            assert world.tree(task["commit"]) == task["proof"]["tree"]
    assert (world.repo / "dir1/file1.txt").read_text() == "edited by the user\n"
    assert world.git("status", "--porcelain") == "M dir1/file1.txt\n?? mine.txt"
