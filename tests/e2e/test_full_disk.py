"""A disk that is full or read-only: said at once, nothing lost or half made, and going on by itself (I1-I4, I7, I9)."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.judging import refused
from tests.e2e.machine import Machine
from tests.e2e.world import World, until

FEW = (0, 3)
EACH = tuple(range(40))
RUN = ("run", "x", "--exec", "echo hi > made")


@pytest.fixture
def host() -> str:
    return "process"


@dataclass
class Disk:
    """The state's own, of 80 MB; the repository is on another."""

    seen: Path
    """From outside of the machine that has it."""

    def fill(self, but: int = 0) -> None:
        with (self.seen / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 65_536)
            except OSError:
                filler.truncate(max(0, filler.tell() - but))

    def free(self) -> None:
        (self.seen / "filler").unlink()


@pytest.fixture
def disk(world: World) -> Iterator[Disk]:
    (world.home / "state").mkdir()
    machine = Machine(f"size=80m:{world.home / 'state'}")
    machine.serve(world)
    yield Disk(machine.seen(world.home / "state"))
    world.swarmctl("down")
    machine.off()
    world.program = World.program


def test_with_a_full_disk_nothing_begins_and_every_command_says_why(world: World, disk: Disk) -> None:
    before = world.head(), world.status()
    disk.fill()

    refused(world.swarmctl(*RUN), 3, "no space left for", "free some disk space")
    assert list(disk.seen.glob("swarmctl/*")) == []
    assert list((world.repo / ".git").glob("*swarm*")) == []
    disk.free()
    world.swarmctl("up", rc=0)
    disk.fill(but=4_000_000)
    refused(world.swarmctl(*RUN), 3, "MB are free for", "free some disk space")
    world.swarmctl("down", rc=0)
    disk.fill()
    refused(world.swarmctl("up"), 3, "no space left for", "free some disk space")
    assert "0.0 GB free" in world.swarmctl("doctor", rc=3).out

    disk.free()
    assert (world.head(), world.status()) == before
    world.swarmctl(*RUN, rc=0)


def test_a_disk_that_fills_up_under_a_run_is_told_at_once_and_the_run_goes_on_when_there_is_space(
    world: World, disk: Disk
) -> None:
    go = world.home / "go"
    typed = world.start("run", "x", "--exec", f"echo hi > made; while [ ! -e {go} ]; do sleep 0.05; done", "--json")
    seen = until(lambda: list(disk.seen.glob("swarmctl/*/worktrees/*/made")), "its work")
    assert seen
    disk.fill()
    go.touch()

    assert typed.process.stderr
    told = [typed.process.stderr.readline() for _ in range(2)]
    disk.free()
    said = typed.answer()

    assert told[0].startswith("waiting: no space left for ")
    assert told[1].startswith("hint: free some disk space")
    assert "going on" in said.err
    assert (said.rc, said.task["outcome"]) == (0, "landed")
    numbers = [line["seq"] for line in said.lines if line["kind"] == "event"]
    assert numbers == sorted(set(numbers))
    landings = [line for line in said.lines if line.get("event") == "Landed"]
    assert len(landings) == 1
    assert world.text("made") == "hi"
    world.swarmctl("down", rc=0)
    world.swarmctl("up", rc=0)


def test_down_says_that_it_cannot_be_written_and_stops_everything_once_it_can(world: World, disk: Disk) -> None:
    typed = world.start("run", "x", "--exec", "echo kept > kept; exec sleep 600")
    until(lambda: list(disk.seen.glob("swarmctl/*/worktrees/*/kept")), "its work")
    disk.fill()
    said = world.swarmctl("down")
    assert (said.rc, "no space left" in said.err) == (3, True)

    disk.free()
    world.swarmctl("down", rc=0)

    assert typed.answer().rc == 130


def test_waiting_tasks_do_not_start_while_there_is_no_room_for_them(world: World, disk: Disk) -> None:
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "1"
    go = world.home / "go"
    typed = world.start(
        "run", "task a", "task b", "--exec", f"echo hi > $SWARM_SESSION; while [ ! -e {go} ]; do sleep 0.05; done"
    )
    until(lambda: list(disk.seen.glob("swarmctl/*/worktrees/*/*")), "the first to work")
    disk.fill(but=20_000_000)
    go.touch()
    assert typed.process.stderr
    lines = iter(typed.process.stderr.readline, "")
    told = next(line for line in lines if line.startswith("waiting: "))
    assert "MB are free for" in told
    assert len(list(disk.seen.glob("swarmctl/*/worktrees/*"))) <= 1

    disk.free()

    assert typed.answer().rc == 0
    assert len(world.files()) == 4


def test_gc_frees_a_full_disk_also_without_a_supervisor(world: World, disk: Disk) -> None:
    world.extra_env["SWARMCTL__TRASH__MAX_GB"] = "0.005"
    said = world.swarmctl("run", "x", "--exec", "head -c 4000000 /dev/zero > zeros; seq 300000 > made", "--json", rc=0)
    world.swarmctl("down", rc=0)
    (trashed,) = disk.seen.glob("swarmctl/*/trash/*")
    disk.fill()
    assert world.swarmctl("up").rc == 3

    assert "landed" in world.swarmctl("ps", rc=0).out
    gone = world.swarmctl("gc", "--json", rc=0).last

    assert gone["deleted"] == [said.session]
    assert not trashed.exists()
    disk.free()
    world.swarmctl("gc", rc=0)
    assert json.loads(world.swarmctl("show", said.session, "--json", rc=0).out)["session"]["place"] == "deleted"
    world.swarmctl("undo", said.session, rc=0)
    assert [path.stat().st_size for path in disk.seen.glob("swarmctl/*/worktrees/*/zeros")] == [4_000_000]


def cut_short(world: World, disk: Disk, pages: int) -> list[str]:
    """A task whose disk has room for so many more pages from the moment when its agent ends; what was said of it."""
    go, name = world.home / f"go{pages}", f"made{pages}"
    work = f"seq {pages} 5000 > {name}; echo a > a{pages}; while [ ! -e {go} ]; do sleep 0.02; done"
    typed = world.start("run", name, "--exec", work, "--json")
    assert typed.process.stderr
    complains = typed.process.stderr.fileno()
    states = (disk.seen, world.home / "state")
    until(lambda: any(list(each.glob(f"swarmctl/*/worktrees/*/a{pages}")) for each in states), "its work")
    disk.fill(but=pages * 4096)
    go.touch()
    until(lambda: select.select([complains], [], [], 0)[0] or typed.process.poll() is not None, "words or the end")
    disk.free()
    said = typed.answer()
    if said.task["outcome"] != "landed":
        assert (said.rc, "No space left" in said.task["reason"]) == (7, True)
        world.swarmctl("resume", said.session, rc=0)
    return [*said.err.splitlines(), said.task["reason"]]


def landed_once(world: World, pages: tuple[int, ...]) -> None:
    wanted = {f"{letter}{number}" for number in pages for letter in ("a", "made")}
    assert world.files() == {"README.md", "shared.txt"} | wanted
    assert len(world.subjects()) == 1 + len(pages)
    for number in pages:
        assert world.text(f"made{number}").split() == [str(each) for each in range(number, 5001)]
    assert "events verified: each is as it was written" in world.swarmctl("doctor").out


def test_wherever_the_state_disk_is_full_nothing_is_lost_or_landed_twice(world: World, disk: Disk) -> None:
    told = [cut_short(world, disk, pages) for pages in FEW]
    assert told[0][0].startswith("waiting: no space left for ")
    landed_once(world, FEW)


@pytest.mark.soak
def test_at_every_page_of_the_state_disk(world: World, disk: Disk) -> None:
    for pages in EACH:
        cut_short(world, disk, pages)
    landed_once(world, EACH)


@pytest.fixture
def objects(world: World) -> Iterator[Disk]:
    """Git's own, for whoever is inside; it is brought out when it is done with."""
    place = world.repo / ".git" / "objects"
    machine = Machine(f"size=60m:{place}")
    seen = machine.seen(place)
    shutil.copytree(place, seen, dirs_exist_ok=True)
    machine.serve(world)
    yield Disk(seen)
    world.swarmctl("down")
    machine.off()
    world.program = World.program


def bring_out(world: World, disk: Disk) -> None:
    shutil.copytree(disk.seen, world.repo / ".git" / "objects", dirs_exist_ok=True)


def test_wherever_the_disk_of_gits_objects_is_full_nothing_is_lost_or_landed_twice(world: World, objects: Disk) -> None:
    told = [cut_short(world, objects, pages) for pages in FEW]
    assert "No space left on device" in told[0][-1]
    bring_out(world, objects)
    landed_once(world, FEW)


@pytest.mark.soak
def test_at_every_page_of_the_disk_of_gits_objects(world: World, objects: Disk) -> None:
    for pages in EACH:
        cut_short(world, objects, pages)
    bring_out(world, objects)
    landed_once(world, EACH)


@pytest.mark.parametrize("place", ["repo/.git", "state"])
def test_on_a_read_only_file_system_nothing_is_begun_or_half_made(world: World, place: str) -> None:
    world.swarmctl(*RUN, rc=0)
    world.swarmctl("down", rc=0)
    before, refs = (world.head(), world.status()), world.git("for-each-ref")
    machine = Machine()
    machine.serve(world)
    path = str(world.home / place)
    for argv in (["mount", "--bind", path, path], ["mount", "-o", "remount,bind,ro", path]):
        subprocess.run(machine.inside(Path("/"), *argv), check=True)

    refused(world.swarmctl("run", "y", "--exec", "echo y > y"), 3, "is on a read-only file system", "findmnt -T")
    assert "landed" in world.swarmctl("ps", rc=0).out
    machine.off()
    world.program = World.program

    assert ((world.head(), world.status()), world.git("for-each-ref")) == (before, refs)
    world.swarmctl("run", "y", "--exec", "echo y > y", rc=0)
    assert world.text("y") == "y"
