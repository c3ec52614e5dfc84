"""Agents that claim, swap and forge, and gates that misbehave: what lands is the tree that was gated, or nothing."""

from __future__ import annotations

import pytest

from swarmctl.core import events as e
from tests.e2e.judging import script
from tests.e2e.world import World


@pytest.fixture
def host() -> str:
    return "process"


# --- T6: claims -------------------------------------------------------------------------------------------------------


def test_forged_spool_lines_and_proofs_change_nothing(world: World) -> None:
    world.settings('[[gate]]\nname = "no"\nrun = "exit 1"\n')
    lies = script(
        world,
        """\
state=$(dirname "$(dirname "$SWARM_SPOOL")")
own='"v":1,"token":"'$SWARM_TOKEN'"'
for line in '{"v":1,"token":"wrong","event":"landed","text":"x"}' '{"v":1,"event":"Landed"}' garbage '[]' '{"v":1' \\
  "{$own,\\"event\\":\\"landed\\",\\"text\\":\\"tests pass\\",\\"payload\\":\\"\\"}" \\
  "{$own,\\"event\\":\\"GateFinished\\",\\"payload\\":{\\"verdict\\":\\"pass\\"}}"; do
  printf '%s\\n' "$line" >> "$SWARM_SPOOL"
  printf '%s\\n' "$line" >> "$state/spool/other"
done
mkdir -p "$state/inbox"
echo '{"v":1,"id":"1","kind":"approve","args":{"subject":"x","digest":"y"}}' > "$state/inbox/1"
echo '{"verdict":"pass"}' > "$state/proof.json"
echo work > work.txt
""",
    )
    before = world.head()

    said = world.swarmctl("run", "lie", "--exec", lies, "--json", rc=1)

    assert said.task["outcome"] == "refused"
    assert said.task["proof"] is None
    assert world.head() == before
    assert world.events(e.Landed) == world.events(e.Approved) == []


def test_an_exit_that_the_agent_wrote_itself_does_not_hide_that_it_failed(world: World) -> None:
    forge = script(
        world,
        """\
state=$(dirname "$(dirname "$SWARM_SPOOL")")
find "$state/run" -type d -exec sh -c 'echo 0 > "$1/exit"; echo "{\\"code\\":0}" > "$1/exit.json"' _ {} \\;
echo work > work.txt
exit 9
""",
    )

    said = world.swarmctl("run", "forge", "--exec", forge, "--json", rc=1)

    assert said.task["outcome"] == "failed"
    assert "code 9" in said.task["reason"]


# --- T7 and gates that misbehave --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "printf 'true\\n' > ci/gate.sh",
        "rm -r ci && ln -s /bin ci && cp /bin/true /tmp/none 2>/dev/null; true",
        "git mv ci/gate.sh ci/other.sh && git mv other/gate.sh ci/gate.sh",
        "rm -r ci && mkdir ci && ln -s /bin/true ci/gate.sh",
        "chmod -x ci/gate.sh && printf 'true\\n' > ci/gate.sh && git add -A && git commit -qm 'innocent'",
    ],
)
def test_a_branch_cannot_swap_the_script_of_its_gate(world: World, change: str) -> None:
    world.put("ci/gate.sh", "exit 1\n")
    world.put("other/gate.sh", "exit 0\n")
    world.settings('[[gate]]\nname = "gate"\nrun = "sh ci/gate.sh"\n')
    before = world.head()

    said = world.swarmctl("run", "weaken", "--exec", f"{change}; echo work > work.txt", "--json")

    assert said.task["outcome"] in ("blocked", "refused", "failed"), said.task["reason"]
    assert said.rc in (1, 5)
    assert world.head() == before


MISBEHAVIOUR = {
    "writes into its checkout": "echo tampered > README.md; echo new > planted.txt; git add -A",
    "commits in its checkout": "echo x > planted.txt; git add -A; git commit -qm planted",
    "detaches its checkout elsewhere": "git checkout -q --detach HEAD~1 2>/dev/null; true",
    "moves the session's branch": "git for-each-ref --format='%(refname)' refs/heads/swarm | "
    "while read r; do git update-ref $r $(git rev-parse refs/heads/main); done",
    "deletes the session's branch": "git for-each-ref --format='%(refname)' refs/heads/swarm refs/swarm | "
    "while read r; do git update-ref -d $r; done",
    "breaks the git directory of its checkout": "d=$(git rev-parse --git-dir); echo garbage > $d/HEAD; "
    "echo garbage > $d/index",
    "removes its checkout": 'd=$PWD; cd /; rm -rf "$d"',
}


@pytest.mark.parametrize("what", MISBEHAVIOUR)
def test_what_lands_is_the_tree_that_was_gated_whatever_the_gate_does(world: World, what: str) -> None:
    world.settings(f'[[gate]]\nname = "odd"\nrun = """{MISBEHAVIOUR[what]}"""\n')
    before = world.head()

    said = world.swarmctl("run", "work", "--exec", "echo work > work.txt", "--json")

    if said.task["outcome"] == "landed":
        assert world.tree(world.head()) == said.task["proof"]["tree"]
        assert world.files() == {"README.md", "shared.txt", "swarm.toml", "work.txt"}
        assert world.text("README.md") == "# a project"
    else:
        assert said.rc != 0
        assert world.head() == before
    again = world.swarmctl("run", "more", "--exec", "echo more > more.txt", "--no-merge", "--json", rc=0)
    assert again.task["outcome"] == "ready"


def test_a_gate_that_moves_the_target_loses_its_race_and_the_work_is_kept(world: World) -> None:
    move = (
        "git update-ref refs/heads/main $(git commit-tree -p refs/heads/main -m moved $(git rev-parse 'main^{tree}'))"
    )
    world.settings(f'[[gate]]\nname = "mover"\nrun = """{move}"""\n')
    before = world.head()

    said = world.swarmctl("run", "work", "--exec", "echo work > work.txt", "--json")

    assert said.task["outcome"] != "landed" or "work.txt" in world.files()
    assert before in world.git("rev-list", "refs/heads/main").split()
    assert world.git("cat-file", "-t", world.session("work").head) == "commit"


def test_a_gate_that_kills_its_parent_is_not_green(world: World) -> None:
    world.settings('[[gate]]\nname = "killer"\nrun = "kill -9 $PPID; sleep 0.2; exit 0"\n')
    before = world.head()

    said = world.swarmctl("run", "work", "--exec", "echo work > work.txt", "--json")

    assert said.task["outcome"] != "landed"
    assert said.rc != 0
    assert world.head() == before
