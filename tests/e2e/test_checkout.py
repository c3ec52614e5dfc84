"""The user's checkout is theirs: what they edit and commit meanwhile is never touched, lost or reverted."""

from __future__ import annotations

from swarmctl.core import events as e
from swarmctl.core.session import Stage
from tests.e2e.world import World


def slow_gate(world: World) -> None:
    """A gate that says that it began and waits for a word."""
    home = world.home
    world.settings(
        f'[[gate]]\nname = "slow"\nrun = "touch {home}/began; while ! test -e {home}/go; do sleep 0.02; done"\n'
    )


def test_the_status_is_the_same_byte_for_byte_until_a_landing(world: World) -> None:
    world.put("README.md", "# edited, not committed\n")
    world.put("draft.txt", "mine\n")
    before = world.status()
    typed = world.begin(f"write made.txt hello\nwait {world.home}/never", more=("--no-merge",))
    (session,) = world.await_stage(Stage.RUNNING)
    assert world.status() == before

    world.swarmctl("stop", session.id, rc=0)
    typed.answer()

    assert world.status() == before
    assert world.git("stash", "list") == ""


def test_a_checkout_in_the_way_parks_the_landing_and_loses_nothing(world: World) -> None:
    world.put("shared.txt", "what the user is writing\n")
    before = world.status()

    said = world.run("write shared.txt from the agent", rc=5)

    assert said.task["outcome"] == "blocked"
    assert "shared.txt" in said.task["reason"]
    assert (world.repo / "shared.txt").read_text() == "what the user is writing\n"
    assert world.status() == before
    assert world.session().stage is Stage.PARKED
    assert world.text("shared.txt", "refs/heads/swarm/land/main") == "from the agent"

    beside = world.run("write other.txt more", rc=5)
    assert beside.task["outcome"] == "blocked"
    assert world.git("rev-list", "--count", "main..refs/heads/swarm/land/main") == "2"
    still = world.swarmctl("land", rc=1)
    assert "shared.txt" in still.err

    world.git("checkout", "--", "shared.txt")
    world.swarmctl("land", rc=0)
    world.idle()
    assert [task.outcome for task in world.facts().tasks.values()] == ["landed", "landed"]
    assert world.text("shared.txt") == "from the agent"
    assert (world.repo / "other.txt").read_text() == "more\n"
    assert world.git("status", "--porcelain") == ""
    assert "swarm/land/main" not in world.git("for-each-ref", "--format=%(refname)")


def test_an_ignored_file_in_the_way_is_not_overwritten(world: World) -> None:
    world.put(".gitignore", "build.cfg\n")
    world.commit("Ignore")
    world.put("build.cfg", "precious\n")

    said = world.swarmctl("run", "x", "--exec", "echo theirs > build.cfg; git add -f build.cfg", "--json", rc=5)

    assert "build.cfg" in said.task["reason"]
    assert (world.repo / "build.cfg").read_text() == "precious\n"


def test_a_commit_of_the_users_during_a_gate_is_not_lost_and_the_landing_is_built_anew(world: World) -> None:
    slow_gate(world)
    typed = world.begin("write made.txt hello")
    world.await_file(world.home / "began")

    world.put("users.txt", "meanwhile\n")
    theirs = world.commit("The user was faster")
    (world.home / "go").touch()
    said = typed.answer()

    assert (said.rc, said.task["outcome"]) == (0, "landed")
    assert len(world.events(e.RaceLost)) == 1
    assert said.task["proof"]["base"] == theirs == world.head("refs/heads/main^")
    assert world.files() >= {"users.txt", "made.txt"}
    assert [event["result"]["verdict"] for event in said.events("GateFinished")] == ["pass", "pass"]
    assert world.git("status", "--porcelain") == ""


def test_a_user_who_moves_the_target_again_and_again_is_never_overruled(world: World) -> None:
    hook = f"cd {world.repo} && git commit -q --allow-empty -m meanwhile"
    world.settings(f'[[gate]]\nname = "racing"\nrun = "{hook}"\n')

    said = world.run("write made.txt hello", rc=1)

    assert said.task["outcome"] == "refused"
    assert "moved 5 times" in said.task["reason"]
    assert world.subjects()[:5] == ["meanwhile"] * 5
    assert "made.txt" not in world.files()


def test_a_target_that_is_not_checked_out_lands_beside_the_checkout(world: World) -> None:
    world.git("switch", "-q", "-c", "elsewhere")
    world.put("draft.txt", "mine\n")
    before = world.status()

    said = world.run("write made.txt hello", more=("--target", "main"), rc=0)

    assert said.task["outcome"] == "landed"
    assert world.text("made.txt", "refs/heads/main") == "hello"
    assert world.status() == before


def test_a_user_in_the_middle_of_a_merge_is_left_alone(world: World) -> None:
    world.git("switch", "-q", "-c", "side")
    world.put("shared.txt", "side\n")
    world.commit("Side")
    world.git("switch", "-q", "main")
    world.put("shared.txt", "main\n")
    world.commit("Main")
    (world.repo / ".git" / "MERGE_HEAD").write_text(world.head("refs/heads/side") + "\n")
    before = world.status()

    said = world.run("write made.txt hello", rc=5)

    assert "merge" in said.task["reason"]
    assert world.status() == before
    assert (world.repo / ".git" / "MERGE_HEAD").exists()
