"""Real agents with what came meanwhile: a conflict resolved in the same conversation, and a session in other hands."""

from __future__ import annotations

import pytest

from swarmctl.core import events as e
from swarmctl.core.events.onward import SyncConflicted
from swarmctl.core.session import Stage
from tests.real.homes import make_home, need
from tests.real.provider import Provider
from tests.real.scenario import Run, Say
from tests.real.test_sessions import Told, host, only, world

__all__ = ["host", "world"]
pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

BOTH = "printf 'theirs\\nours\\n' > shared.txt"


@only("claude")
def test_a_conflict_is_resolved_in_the_same_conversation_and_the_next_agent_is_told_of_it(
    world: Told, provider: Provider
) -> None:
    need("codex")
    world.tell(Run("printf 'ours\\n' > shared.txt"), Say("I wrote our line."))
    session = world.do("Write our line", "--no-merge", rc=0).session
    world.put("shared.txt", "theirs\n")
    world.commit("Their line")
    assert f"swarmctl sync {session}" in world.swarmctl("merge", session, rc=1).err
    world.tell(Run(BOTH), Say("Both lines are there."))

    said = world.swarmctl("sync", session, "--json", rc=0)

    assert (said.last["how"], said.last["outcome"]) == ("resolved", "ready")
    first, second = world.prompts()
    assert first == "Write our line"
    assert "shared.txt (contents)" in second and "Their line" in second
    assert len(world.events(e.ConversationKnown)) == 1, "it went on in its own conversation"
    assert b"I wrote our line." in world.talk.requests[-1].body
    assert len(world.events(SyncConflicted)) == 1
    assert world.text("shared.txt", world.session().branch) == "theirs\nours"

    other = provider.script("other")
    codex = make_home("codex", world.home / "codex", world.repo, other.url)
    world.extra_env.update({name: value for name, value in codex.env.items() if name.startswith(("CODEX", "OPENAI"))})
    other.then(Run("printf 'better\\n' >> shared.txt"))
    other.then(Say("Made it better."))
    world.swarmctl("handoff", session, "--agent", "codex", "-m", "Make it better", rc=0)

    assert "attempt 2 by claude" in other.requests[0].last_user and "+ours" in other.requests[0].last_user
    assert world.session().agent == "codex" and world.session().stage is Stage.READY
    assert world.text("shared.txt", world.session().branch) == "theirs\nours\nbetter"

    world.tell(Run("printf 'best\\n' >> shared.txt"), Say("Made it best."))
    world.swarmctl("handoff", session, "--agent", "claude", "-m", "Make it best", rc=0)

    back = world.prompts()[-1]
    assert back.startswith("Write our line") and "attempt 3 by codex" in back and "Make it best" in back
    known = [each.conversation for each in world.events(e.ConversationKnown)]
    assert len(set(known)) == 3, "each began a conversation of its own"
    world.swarmctl("merge", session, rc=0)
    assert world.text("shared.txt") == "theirs\nours\nbetter\nbest"
