"""From asking for a session to the agent's first byte, and from ready to landed, at several sizes of repository."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from swarmctl.app.client import is_run_over
from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.machine import Facts
from swarmctl.edges.git.pool import parked
from swarmctl.edges.git.worktrees import GitWorktrees
from tests.bench.figures import Row, row
from tests.bench.place import Place, git, place, told

SIZES = {1_000: "0.1 s", 10_000: "0.2 s", 50_000: "0.3 s"}
COLD = {1_000: 7, 10_000: 5, 50_000: 3}
POOL = 2


def rows(folder: Path, sizes: tuple[int, ...] = tuple(SIZES), warm: int = 12, landings: int = 15) -> Iterator[Row]:
    for size in sizes:
        with place(folder, f"files-{size}", size) as there:
            added = [worktree_add(there.repo, folder / f"bare-{size}-{number}") for number in range(COLD[size])]
            yield from _cold(there, size, added)
            yield from _warm(there, size, added, warm)
            yield from _checkpoint(there, size)
            yield from _landing(there, size, landings)


def worktree_add(repo: Path, path: Path) -> float:
    began = time.perf_counter()
    git(repo, "worktree", "add", "-q", "--detach", str(path))
    took = time.perf_counter() - began
    git(repo, "worktree", "remove", "--force", str(path))
    return took


def _cold(there: Place, size: int, added: list[float]) -> Iterator[Row]:
    """No supervisor, no tmux server, no parked worktree."""
    took = []
    with told(SWARMCTL__WORKTREE__POOL="0"):
        for _ in range(COLD[size]):
            there.end()
            took.append(_spawn(there)[0])
            there.make_room()
    there.end()
    yield row(f"cold spawn to the agent's first byte, {size:,} files", took, added, what="`git worktree add`")


def _warm(there: Place, size: int, added: list[float], rounds: int) -> Iterator[Row]:
    """The supervisor and tmux run, worktrees are parked; a sample that found the pool empty is left out and told."""
    there.client.greet()
    _spawn(there)
    took, inside, typed = [], [], []
    for number in range(rounds):
        if number % POOL == 0:
            there.make_room()
            there.pool_is_full(POOL)
        asked, received = _spawn(there)
        took.append(asked)
        inside.append(received)
    missed = sum(not warm for warm in _warmth(there)[-rounds:])
    note = f" ({missed} of them cold)" if missed else ""
    label = f"warm spawn to the agent's first byte, {size:,} files"
    yield row(f"{label}, from sending `run`{note}", took, added, what="`git worktree add`", aim=SIZES[size])
    yield row(f"{label}, from `RunSubmitted` in the log", inside, aim=SIZES[size])
    for _ in range(min(rounds, 2 * POOL)):
        there.make_room()
        there.pool_is_full(POOL)
        began = time.time()
        child = subprocess.Popen(
            ["swarmctl", "run", "bench", "--exec", f"echo x > {there.first}", "--detach"],
            cwd=there.repo,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        typed.append(there.first_byte() - began)
        child.wait()
    yield row(f"{label}, from typing `swarmctl run`", typed)


def _spawn(there: Place) -> tuple[float, float]:
    """Seconds from sending the command, and from its first event, to the first byte."""
    order = there.order(f"echo x > {there.first}")
    began = time.time()
    line = there.client.line()
    line.tell("run", order, order["run"])
    at = there.first_byte()
    for message in line.messages(30.0):
        if message.get("id") == order["run"]:
            break
    return at - began, at - there.times(e.RunSubmitted)[order["run"]]


def _warmth(there: Place) -> list[bool]:
    with there.board() as board:
        return [stamped.event.warm for stamped in board.history() if isinstance(stamped.event, e.WorktreeReady)]


def _checkpoint(there: Place, size: int, rounds: int = 10) -> Iterator[Row]:
    """Of a parked worktree with one more file in it; the first is left out, it finds the files cold."""
    worktrees = GitWorktrees(there.here.repository, there.here.paths.root)
    there.make_room()
    there.pool_is_full(POOL)
    parked_at = parked(worktrees.shop)[0].path
    took = []
    for number in range(rounds + 1):
        (parked_at / "new").write_text(f"{number}\n")
        began = time.perf_counter()
        worktrees.checkpoint(str(parked_at), "refs/swarm/checkpoint/bench", "bench")
        took.append(time.perf_counter() - began)
    (parked_at / "new").unlink()
    yield row(f"checkpoint of a worktree, {size:,} files, one changed", took[1:])


def _landing(there: Place, size: int, rounds: int) -> Iterator[Row]:
    """The target checked out, as it mostly is, and not: the first lets git bring a whole checkout along."""
    aim = "50 ms"
    git(there.repo, "switch", "-q", "--detach")
    yield row(
        f"landing without gates, {size:,} files, target not checked out",
        _land(there, rounds),
        [_bare_landing(there.repo, number) for number in range(rounds)],
        what="merge-tree, commit-tree, update-ref",
        aim=aim,
    )
    git(there.repo, "switch", "-q", "main")
    yield row(
        f"landing without gates, {size:,} files, target checked out",
        _land(there, rounds),
        [_bare_landing(there.repo, rounds + number, follow=True) for number in range(rounds)],
        what="the same, `merge --ff-only` last",
        aim=aim,
    )


def _land(there: Place, rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        there.make_room()
        order = there.order('echo "$SWARM_SESSION" > "new-$SWARM_SESSION"', lands="waited", waits=True)
        there.client.ask("run", order)
        with there.board() as board:
            list(there.client.follow(board, None, partial(_is_over, order["run"])))
        session = _session_of(there, order["run"])
        if session not in there.times(e.Landed):
            raise RuntimeError(f"did not land: {there.facts().sessions[session]}")
        took.append(there.times(e.Landed)[session] - there.times(e.SessionReady)[session])
    return took


def _is_over(run: str, facts: Facts) -> bool:
    return is_run_over(facts, RunId(run))


def _session_of(there: Place, run: str) -> SessionId:
    return next(session.id for session in there.facts().sessions.values() if session.run == run)


def _bare_landing(repo: Path, number: int, *, follow: bool = False) -> float:
    """What must be done at the very least, by git alone, for a commit that is there already."""
    base = git(repo, "rev-parse", "main")
    blob = git(repo, "hash-object", "-w", "--stdin", stdin=f"{number}\n".encode())
    listed = git(repo, "ls-tree", base)
    tree = git(repo, "mktree", stdin=f"{listed}\n100644 blob {blob}\tbare-{number}\n".encode())
    head = git(repo, "commit-tree", tree, "-p", base, "-m", "bench")
    began = time.perf_counter()
    merged = git(repo, "merge-tree", "--write-tree", base, head)
    commit = git(repo, "commit-tree", merged, "-p", base, "-m", "bench")
    if follow:
        git(repo, "merge", "--ff-only", "--no-overwrite-ignore", "-q", commit)
    else:
        git(repo, "update-ref", "refs/heads/main", commit, base)
    return time.perf_counter() - began
