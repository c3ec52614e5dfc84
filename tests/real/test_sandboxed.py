"""Real agents inside the sandbox, started by swarmctl itself: they work, are heard, go on, and reach nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.outcome import Outcome
from swarmctl.edges.sandbox.bubblewrap import Bubblewrap
from tests.e2e.world import World, living
from tests.real.homes import at_home
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Run, Say

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

TESTED = ("claude", "gemini", "opencode")


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("fenced")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with living(World(tmp_path)) as made:
        made.found()
        if trouble := Bubblewrap(made.repo, made.repo / ".git").trouble():
            pytest.skip(f"NO SANDBOX HERE: {trouble}")
        yield made


def with_a_secret(world: World, agent: str, talk: Conversation) -> Path:
    home = at_home(world, agent, talk.url, SWARMCTL__AGENT__TIME_LIMIT="120s")
    (home.home / ".ssh").mkdir()
    (home.home / ".ssh" / "id_ed25519").write_text("a secret of the user's\n")
    return home.home


def test_codex_in_a_sandbox_of_its_own_writes_in_its_worktree_and_its_own_folder_only(
    world: World, talk: Conversation
) -> None:
    home = with_a_secret(world, "codex", talk)
    kept = world.swarmctl("run", "kept", "--exec", "echo kept > kept.txt", "--no-merge", "--json", rc=0).session
    other = Path(world.facts().sessions[kept].worktree)  # type: ignore[index]
    places = (
        f"{home}/.bashrc",
        f"{world.repo}/evil",
        f"{other}/evil",
        f"{world.repo}/.git/hooks/pre-commit",
        "/tmp/evil",
    )
    ours = ("$TMPDIR/../evil", "$SWARM_ANSWERS", "$SWARM_ANSWERS/evil")
    answers = "; ".join(f'mkdir -p "{place}"' for place in ours)
    harm = "; ".join(f"echo evil > {place}" for place in places)
    works = "test ${SWARM_ANSWERS:-} && echo mine > $TMPDIR/x; cp $TMPDIR/x a.txt"
    talk.then(Run(f"{harm}; {answers}; {works}"), Say("Written."))

    said = world.swarmctl("run", "Write", "--agent", "codex", "--mode", "headless", "--no-merge", "--json")

    session = world.facts().sessions[said.session]  # type: ignore[index]
    assert session.outcome is Outcome.READY, (session, world.swarmctl("logs", session.id).out)
    assert world.events(e.Contained)[-1].containment.tier == "own"
    assert world.files(session.head) - {"README.md", "shared.txt"} == {"a.txt"}
    assert [place for place in places if Path(place).exists()] == []
    assert list((world.state / "answers").rglob("*")) == []
    assert [path.name for path in (world.state / "agent" / session.id).iterdir() if path.name != ".prompt"] == ["tmp"]


@pytest.mark.parametrize("mode", ["headless", "interactive"])
@pytest.mark.parametrize("agent", TESTED)
def test_it_works_is_heard_and_goes_on_in_the_same_conversation(
    world: World, talk: Conversation, agent: str, mode: str
) -> None:
    home = with_a_secret(world, agent, talk)
    harm = f"echo evil > {home}/.bashrc; echo evil > {world.repo}/evil; cat {home}/.ssh/id_ed25519; printf hi > a.txt"
    talk.then(Run(harm), Say("Written."), Run("printf more > b.txt"), Say("Again."))

    said = world.swarmctl(
        "run", "Write a.txt", "--agent", agent, "--mode", mode, "--permission", "all", "--no-merge", "--json"
    )
    session = world.facts().sessions[said.session]  # type: ignore[index]
    assert session.outcome is Outcome.READY, (session, world.swarmctl("logs", session.id).out)
    assert [event.containment.tier for event in world.events(e.Contained)] == ["fenced"]
    assert world.events(e.TurnEnded)
    assert not (home / ".bashrc").exists()
    assert not (world.repo / "evil").exists()
    assert all(b"a secret of the user's" not in asked.body for asked in talk.requests)

    world.swarmctl("send", session.id, "And b.txt", rc=0)
    facts = world.await_facts(
        lambda facts: facts.sessions[session.id].attempt == 2 and facts.sessions[session.id].outcome, "a second turn"
    )
    again = facts.sessions[session.id]
    assert again.outcome is Outcome.READY, (again, world.swarmctl("logs", session.id).out)
    assert again.talk.conversation == session.talk.conversation
    assert {"a.txt", "b.txt"} <= world.files(again.head)
