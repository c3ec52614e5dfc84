"""An agent that a user defines as docs/agents.md shows it, without code: run, resumed, counted, refused, examined."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core import events as e
from swarmctl.core.money import Tokens
from swarmctl.core.session import Stage, State
from tests.e2e.judging import refused
from tests.e2e.world import World, until

DOCS = Path(__file__).parents[2] / "docs" / "agents.md"
PROGRAM = """#!/bin/sh
[ "$1" = --version ] && { echo "my-agent 1.4"; exit 0; }
for prompt; do :; done
echo "$5 $prompt" >> "$2"
mkdir -p .my-agent-cache && touch .my-agent-cache/index
case $prompt in
*limits*) echo "429: again in 1 s"; echo "step 2" ;;
*nothing*) echo "error: out of ideas"; exit 0 ;;
esac
cp "$2" work.txt
printf '{"type": "call", "model": "m", "in": 10, "out": 2, "usd": 0.25, "at": %s}\\n' "$(date +%s.%N)" >> "$4"
"""
RUN = ("--agent", "my-agent", "--json")


def definition() -> str:
    """The one that the docs show."""
    section = DOCS.read_text().partition("## Adding an agent without code")[2]
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def host() -> str:
    return "process"


@pytest.fixture
def own(world: World) -> World:
    folder, programs = world.home / "config" / "swarmctl" / "agents", world.home / "programs"
    for path in (folder, programs):
        path.mkdir(parents=True)
    (folder / "my-agent.yaml").write_text(definition())
    (programs / "my-agent").write_text(PROGRAM)
    (programs / "my-agent").chmod(0o755)
    world.extra_env |= {"XDG_CONFIG_HOME": str(world.home / "config"), "MY_AGENT_KEY": "secret-of-mine"}
    world.extra_env["PATH"] = f"{programs}:{world.env['PATH']}"
    return world


def change(own: World, old: str, new: str) -> None:
    path = own.home / "config" / "swarmctl" / "agents" / "my-agent.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def examined(own: World) -> dict[str, Any]:
    said = own.swarmctl("doctor", "--json", rc=0)
    assert "secret-of-mine" not in said.out
    (check,) = [check for check in json.loads(said.out)["checks"] if check.get("agent", {}).get("name") == "my-agent"]
    return {**check, **check["agent"]}


def test_it_lands_goes_on_in_its_conversation_and_is_counted(own: World) -> None:
    said = own.swarmctl("run", "first of all", *RUN, "--no-merge", rc=0)
    own.swarmctl("send", said.session, "then more", rc=0)
    until(lambda: (own.session().attempt, own.session().stage) == (2, Stage.READY), "its second turn")
    own.swarmctl("merge", said.session, "--json", rc=0)

    assert own.text("work.txt") == "--write first of all\n--write then more"
    assert own.files() - {"README.md", "shared.txt"} == {"work.txt"}
    entries = list(own.facts().entries.values())
    assert [(entry.tokens, entry.known, entry.how) for entry in entries] == [
        (Tokens(10, 0, 0, 2), 250_000, "actual")
    ] * 2


def test_what_it_prints_of_a_limit_is_a_state_that_people_see(own: World) -> None:
    own.swarmctl("run", "first, it limits", *RUN, rc=0)
    assert State.RATE_LIMITED in [event.state for event in own.events(e.StateChanged)]


def test_its_own_word_that_it_failed_counts_more_than_its_exit_code(own: World) -> None:
    task = own.swarmctl("run", "do nothing", *RUN, rc=1).task
    assert (task["outcome"], "out of ideas" in task["reason"]) == ("failed", True)


def test_what_it_cannot_do_is_refused_before_anything_starts(own: World) -> None:
    for words, problem, hint in (
        (("--permission", "all"), "has no permission mode all", "--permission plan or edit"),
        (("--mode", "interactive"), "cannot run interactive", "--mode headless"),
        (("--effort", "high"), "lets nobody choose its effort", "leave out --effort"),
    ):
        refused(own.swarmctl("run", "x y", "--agent", "my-agent", *words), 2, problem, hint)
    assert own.database is None


def test_the_doctor_says_where_it_is_which_version_and_what_it_lacks(own: World) -> None:
    found = examined(own)
    assert (found["ok"], found["version"], found["usable"], found["logged_in"]) == (True, "1.4", True, True)
    assert found["program"] == str(own.home / "programs" / "my-agent")
    assert found["missing"] == ["no hooks: its state is what it prints"]

    del own.extra_env["MY_AGENT_KEY"]
    change(own, 'least: "1.2"', 'least: "1.9"')
    found = examined(own)
    assert (found["ok"], found["usable"], found["logged_in"]) == (None, True, False)
    assert "1.4 was not tried, only 1.9 and later" in found["words"]
    assert "set MY_AGENT_KEY" in found["hint"]
    told = own.swarmctl("run", "a task", *RUN, rc=0).err
    assert "my-agent 1.4 was not tried" in told
    assert "no key or login of my-agent was found" in told


def test_a_version_that_is_declared_unusable_is_refused(own: World) -> None:
    change(own, 'below: "2"', 'below: "2", unusable_below: "1.5"')
    refused(own.swarmctl("run", "a task", *RUN), 3, "my-agent 1.4 cannot be used: 1.5 is the first that can", "install")
    assert examined(own)["usable"] is False
