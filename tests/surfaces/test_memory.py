"""What a repository tells its agents reaches one that reads another file, in every folder, and is never committed."""

from __future__ import annotations

from tests.e2e.world import World

AGENT = """\
name: reader
description: Reads its instructions and commits all that git shows it.
argv:
  - sh
  - -c
  - 'cat CLAUDE.md part/CLAUDE.md > seen; git add -A; git -c user.name=a -c user.email=a@b commit -qm work; : "$1"'
  - reader
  - "{prompt}"
memory: CLAUDE.md
"""


def test_an_agent_reads_the_instructions_by_its_own_name_and_commits_only_its_work(world: World) -> None:
    world.put("AGENTS.md", "be kind\n")
    world.put("part/AGENTS.md", "be quick here\n")
    world.commit("Say how to work here")
    definition = world.home / "config" / "swarmctl" / "agents" / "reader.yaml"
    definition.parent.mkdir(parents=True)
    definition.write_text(AGENT)

    world.swarmctl("run", "read all of it", "--agent", "reader", "--no-merge", rc=0)
    session = world.session()

    assert world.text("seen", session.head) == "be kind\nbe quick here"
    assert world.files(session.head) - world.files() == {"seen"}
    world.swarmctl("merge", session.id, rc=0)
    assert {"CLAUDE.md", "part/CLAUDE.md"} & world.files() == set()
