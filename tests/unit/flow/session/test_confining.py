"""A start inside of a fence, one without, and one that is refused."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core import events as e
from swarmctl.core.agent import Profile
from swarmctl.core.config import SandboxSettings, Settings
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from tests.fakes.desk import PLACES, FakeAgents, World

ON = Settings(sandbox=SandboxSettings(mode="on", write=("~/.cache/uv/",), hide=("$DIARY",)))


class Known(FakeAgents):
    def profile(self, name: str) -> Profile:
        return replace(
            super().profile(name),
            fenced="tested",
            homes=("~/.fake.json",),
            writes=("{folder}", "~/.fake/"),
            keeps=("~/.fake/hooks",),
        )

    def env(self, name: str, environ: object) -> dict[str, str]:
        return {"HOME": "/home/me", "DIARY": "/diary"}


def test_a_fenced_start_reaches_its_own_and_what_was_declared() -> None:
    world = World(settings=ON)
    world.agents = Known()
    world.restart()
    name = world.running()
    (fence,) = world.sandbox.fences
    assert fence.worktree == world.session(name).worktree
    assert fence.write == (PLACES.agent_files(name), "/home/me/.fake/", "/home/me/.cache/uv/")
    assert fence.keep == (f"{PLACES.answers(name)}/", "/home/me/.fake/hooks")
    assert fence.hide == ("/diary",)
    assert fence.spool == PLACES.spool(name)
    (contained,) = [event for event in world.events if isinstance(event, e.Contained)]
    assert contained.containment.tier == "fenced"
    assert world.outskirts.noted == {}


def test_a_sandbox_that_was_insisted_on_and_is_not_there_starts_nothing() -> None:
    world = World(settings=ON)
    world.sandbox.broken = "it is missing"
    world.submit("one")
    world.go()
    (session,) = world.facts.sessions.values()
    assert (session.stage, session.outcome) == (Stage.KEPT, Outcome.FAILED)
    assert "it is missing" in session.reason
    assert world.machine.agents == {}


def test_what_changed_outside_of_an_open_session_is_told_once_and_lands_by_default() -> None:
    world = World()
    name = world.running()
    world.outskirts.things["~/.bashrc"] = "evil"
    world.works(name, {"f": b"work\n"})
    world.go()
    assert [event.paths for event in world.events if isinstance(event, e.WentOutside)] == [("~/.bashrc",)]
    assert world.session(name).outcome is Outcome.LANDED


def test_what_the_agent_changes_of_its_own_is_not_told() -> None:
    world = World()
    world.agents = Known()
    world.sandbox.broken = "it is missing"
    world.restart()
    name = world.running()
    world.outskirts.things["~/.fake.json"] = "counted up"
    world.works(name, {"f": b"work\n"})
    world.go()
    assert not [event for event in world.events if isinstance(event, e.WentOutside)]


def test_it_can_keep_the_work_from_landing() -> None:
    world = World(settings=Settings(sandbox=SandboxSettings(outside="refuse")))
    name = world.running()
    world.outskirts.things["~/.bashrc"] = "evil"
    world.works(name, {"f": b"work\n"})
    world.go()
    assert world.session(name).outcome is Outcome.BLOCKED
    assert "~/.bashrc" in world.session(name).reason
    assert "f" not in world.main()
