"""What a person does not want of an agent's work is taken out by the supervisor, also when that is killed meanwhile."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from swarmctl.app.diffs import compare, patch_of
from swarmctl.app.here import here
from swarmctl.app.inbox import connect
from swarmctl.core import events as e
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import SwarmError
from swarmctl.core.patch import run_at, runs
from swarmctl.core.rejection import Rejection
from tests.e2e.world import World, until

SCRIPT = "printf 'ONE\\ntwo\\nthree\\nfour\\n' > shared.txt; mkdir deep; echo a > deep/a.txt; echo b > b.txt"


@pytest.fixture
def host() -> str:
    return "process"


@pytest.fixture
def name(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A session that is ready; the supervisor runs."""
    for key, value in world.env.items():
        monkeypatch.setenv(key, value)
    world.swarmctl("run", "Work", "--exec", SCRIPT, "--no-merge", rc=0)
    world.swarmctl("up", rc=0)
    return world.session().id


def unwanted(world: World, path: str, number: int | None = None) -> dict[str, Any]:
    """The file, or one of its changes, as a person sees it now."""
    place = here(world.repo)
    seen = compare(place, world.session(), since=False)
    change = next(change for change in seen.changes if change.new == path)
    lines = patch_of(place, seen, change)
    run = None if number is None else run_at(lines, runs(lines)[number])
    plain: dict[str, Any] = to_plain(Rejection(seen.before, seen.after, path, path, run))
    return plain


def reject(world: World, name: str, what: dict[str, Any]) -> str:
    line = connect(world.socket)
    assert line is not None
    with line:
        return str(line.ask("reject", {"id": name, "what": what}, timeout_s=60.0)["head"])


def test_what_a_person_rejects_does_not_land_and_the_rest_does(world: World, name: str) -> None:
    reject(world, name, unwanted(world, "deep/a.txt"))
    late = unwanted(world, "b.txt")
    head = reject(world, name, unwanted(world, "shared.txt", 0))
    session = world.session()
    assert session.head == head == world.head(f"refs/heads/{session.branch}")
    assert world.files(session.checkpoint) == {"README.md", "shared.txt", "b.txt"}
    with pytest.raises(SwarmError, match="changed since you looked"):
        reject(world, name, late)
    world.swarmctl("merge", name, rc=0)
    assert world.files() == {"README.md", "shared.txt", "b.txt"}
    assert world.text("shared.txt").splitlines() == ["one", "two", "three", "four"]


def test_killed_on_the_way_it_is_done_by_asking_again(world: World, name: str) -> None:
    what = unwanted(world, "deep/a.txt")
    pid = world.supervisor()
    assert pid is not None
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(reject, world, name, what)
        until(lambda: world.events(e.RejectionIntended), "the intention")
        os.kill(pid, signal.SIGKILL)
        asked.exception()
    world.swarmctl("up", rc=0)
    if not world.events(e.WorkRejected):
        reject(world, name, what)
    session = world.session()
    assert world.files(session.head) == {"README.md", "shared.txt", "b.txt"}
    assert session.head == world.head(f"refs/heads/{session.branch}")
    assert not (Path(session.worktree) / "deep").exists()
    assert world.git("status", "--porcelain", cwd=Path(session.worktree)) == ""
