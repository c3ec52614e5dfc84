"""A line for all agents, proposed as a change of its own: reviewed, gated and landed like any other."""

from __future__ import annotations

from tests.e2e.world import World


def test_a_line_is_proposed_reviewed_and_landed_and_the_checkout_waits(world: World) -> None:
    world.put("AGENTS.md", "# Rules\n\n- be kind\n")
    world.settings('[[gate]]\nname = "ok"\nrun = "test -f README.md"\n')
    before = world.status()

    said = world.swarmctl("learn", "run `make` $(touch hacked) first", "--json", rc=0)
    name = said.session
    shown = world.swarmctl("diff", name, rc=0)

    assert said.task["outcome"] == "ready"
    assert said.task["title"] == "Learn: run `make` $(touch hacked) first"
    assert "+- run `make` $(touch hacked) first" in shown.out
    assert world.status() == before
    world.swarmctl("merge", name, rc=0)
    assert world.text("AGENTS.md") == "# Rules\n\n- be kind\n- run `make` $(touch hacked) first"
    assert not (world.repo / "hacked").exists()

    again = world.swarmctl("learn", "be kind", rc=6)
    assert "changed nothing" in again.out + again.err


def test_what_a_gate_refused_can_be_learned_in_its_words(world: World) -> None:
    world.settings('[[gate]]\nname = "tests"\nrun = "test ! -f bad"\n')
    world.swarmctl("run", "a bad one", "--exec", "echo x > bad", rc=1)
    refused = world.session("a bad one")

    said = world.swarmctl("learn", "--from", refused.id, "--json", rc=0)
    commit = said.task["commit"]

    assert world.text("AGENTS.md", commit).splitlines()[-1] == f"- Before work is done: {refused.reason}"
    assert f"Learned in session {refused.id}: a bad one" in world.git("log", "-1", "--format=%B", commit)
    world.swarmctl("rm", said.session, rc=0)


def test_what_cannot_be_a_line_is_refused_with_words(world: World) -> None:
    world.swarmctl("run", "a quiet one", "--exec", "echo x > x", rc=0)
    for words, said in (
        ([], "holds nothing to learn"),
        (["two", "words"], "without quotes"),
        (["x" * 500], "too many for one line"),
        (["--from", "nosuch"], "no session `nosuch`"),
        (["--from", world.session("a quiet one").id], "holds nothing to learn"),
    ):
        answer = world.swarmctl("learn", *words, rc=2)
        assert said in answer.err and "hint: " in answer.err
