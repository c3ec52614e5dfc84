"""What a person began by hand becomes a session: the worktree stays theirs, and so does the agent that works in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.edges.store.log import SqliteLog
from tests.e2e.world import World, until

ROOT = Path(__file__).resolve().parents[2]
HAND = """\
name: hand
description: An agent as a person starts it
interactive:
  argv: [hand-agent, "{prompt}"]
  resume: [hand-agent, --resume, "{id}", "{prompt}"]
env: [TALKS]
history: {files: [$TALKS/*.jsonl], folder: where, id: talk, prompt: text, when: {who: person}}
"""
PROGRAM = """\
#!/bin/sh
if [ "$1" = --resume ]; then
    echo "$2: $3" > resumed.txt
    exit
fi
echo '{"who": "person", "where": "'"$PWD"'", "talk": "t-1", "text": "'"$1"'"}' > "$TALKS/t-1.jsonl"
echo begun > begun.txt
trap 'echo asked > asked.txt; exit 1' INT TERM
while [ ! -e "$TALKS/go" ]; do sleep 0.05; done
echo ended > ended.txt
"""


@dataclass
class Desk:
    """A person's own: a worktree beside the repository, a tmux of theirs, and an agent of theirs."""

    world: World
    worktree: Path
    socket: str
    panes: list[str] = field(default_factory=list)

    @property
    def talks(self) -> Path:
        return self.world.home / "talks"

    def tmux(self, *words: str) -> str:
        argv = ["tmux", "-S", self.socket, "-f", "/dev/null", *words]
        done = subprocess.run(argv, env=self.world.env, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.strip()

    def begin(self, prompt: str = "Write the parser") -> str:
        """The agent works in a shell's pane; its id."""
        words = ("-P", "-F", "#{pane_id}", "-c", str(self.worktree), "sh")
        pane = self.tmux("new-session", "-d", "-s", "mine", *words)
        self.tmux("send-keys", "-t", pane, "-l", f"hand-agent '{prompt}'")
        self.tmux("send-keys", "-t", pane, "Enter")
        self.world.await_words(self.worktree / "begun.txt")
        return pane

    def let_it_end(self) -> None:
        (self.talks / "go").touch()


def follows_its_schema(line: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "docs/schemas" / f"{line['kind']}.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(line)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(world, tmp_path / "parser", f"{world.runtime}/own")
    (tmp_path / "config/swarmctl/agents").mkdir(parents=True)
    (tmp_path / "config/swarmctl/agents/hand.yaml").write_text(HAND)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/hand-agent").write_text(PROGRAM)
    (tmp_path / "bin/hand-agent").chmod(0o755)
    made.talks.mkdir()
    world.extra_env |= {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "TALKS": str(made.talks)}
    world.git("worktree", "add", "-q", "-b", "parser", str(made.worktree))
    yield made
    made.tmux("kill-server")


def test_an_agent_in_a_pane_goes_on_undisturbed_and_its_work_lands_after_its_end(desk: Desk) -> None:
    world, pane = desk.world, desk.begin()

    said = world.swarmctl("adopt", pane, "-S", desk.socket, "--json", rc=0).last

    session = world.session()
    assert (said["stage"], said["pane"], said["agent"], said["conversation"]) == ("running", pane, "hand", "t-1")
    follows_its_schema(said)
    assert session.driven and session.process is not None
    assert world.facts().tasks[session.task].prompt == "Write the parser", "what the agent was told"
    assert world.text("begun.txt", session.checkpoint) == "begun", "kept at once"
    assert f"process {session.process.pid}, in pane {pane}" in world.swarmctl("show", session.id, rc=0).out
    assert world.swarmctl("attach", session.id, rc=0).out.split()[-2:] == ["-t", pane]
    refused = world.swarmctl("adopt", str(desk.worktree), rc=1)
    assert session.id in refused.err

    world.swarmctl("stop", "--all", rc=0)
    world.swarmctl("down", rc=0)
    assert until(lambda: world.supervisor() is None, "no supervisor")
    os.kill(session.process.pid, 0)

    desk.let_it_end()
    world.swarmctl("up", rc=0)
    facts = world.await_facts(lambda facts: facts.sessions[session.id].stage is Stage.READY, "its work to be ready")
    head = facts.sessions[session.id].head
    assert world.head("refs/heads/parser") == head
    assert {"begun.txt", "ended.txt"} <= world.files(head)

    world.swarmctl("merge", session.id, rc=0)
    assert "ended.txt" in world.files()
    until(lambda: world.session().place == "returned", "the worktree to be given back")
    follows_its_schema(world.swarmctl("show", session.id, "--json", rc=0).last)
    follows_its_schema(world.swarmctl("ps", "--json", rc=0).last)
    assert world.head("refs/heads/parser") == head, "the branch is the person's own"
    assert (desk.worktree / "ended.txt").read_text() == "ended\n"
    assert "locked" not in world.git("worktree", "list", "--porcelain")


def test_a_message_goes_on_in_the_conversation_that_the_person_began(desk: Desk) -> None:
    world = desk.world
    desk.begin()
    desk.let_it_end()
    until(lambda: (desk.worktree / "ended.txt").exists(), "the agent to end")
    assert "; swarmctl merge" in world.swarmctl("adopt", "parser", rc=0).out

    world.swarmctl("send", world.session().id, "and the tests", rc=0)

    until(lambda: (desk.worktree / "resumed.txt").exists(), "its agent to go on")
    assert (desk.worktree / "resumed.txt").read_text() == "t-1: and the tests\n"
    assert world.session().attempt == 2
    world.idle()


def test_a_stop_asks_the_agent_and_keeps_its_work(desk: Desk) -> None:
    world = desk.world
    desk.begin()
    world.swarmctl("adopt", str(desk.worktree), rc=0)

    world.swarmctl("stop", world.session().id, rc=0)

    facts = world.idle()
    (session,) = facts.sessions.values()
    assert (session.stage, session.outcome) == (Stage.KEPT, Outcome.INTERRUPTED)
    assert (desk.worktree / "asked.txt").read_text() == "asked\n"
    assert desk.tmux("list-panes", "-a", "-F", "#{pane_dead}") == "0", "the person's shell lives on"


@pytest.mark.parametrize("host", ["process"])
def test_two_agents_in_one_worktree_are_refused_whichever_pane_is_named(desk: Desk) -> None:
    world, pane = desk.world, desk.begin()
    (desk.worktree / "begun.txt").unlink()
    other = desk.tmux("new-window", "-d", "-P", "-F", "#{pane_id}", "-c", str(desk.worktree), "hand-agent other")
    world.await_words(desk.worktree / "begun.txt")

    for named in (pane, other):
        said = world.swarmctl("adopt", named, "-S", desk.socket, rc=1)
        assert "at once" in said.err and "end all but one" in said.err
    assert not world.events(e.SessionPlanned)


@pytest.mark.parametrize("host", ["process"])
def test_a_worktree_at_rest_is_kept_as_it_is_and_given_back_as_it_was(desk: Desk) -> None:
    world = desk.world
    (desk.worktree / "done.txt").write_text("done\n")
    world.git("add", "-A", cwd=desk.worktree)
    world.git("commit", "-q", "-m", "Begin the parser", cwd=desk.worktree)
    before = world.head("refs/heads/parser")
    (desk.worktree / "loose.txt").write_text("loose\n")

    said = world.swarmctl("adopt", "../parser", "--agent", "hand", "--json", rc=0).last

    session = said["session"]
    assert world.text("loose.txt", said["checkpoint"]) == "loose"
    assert world.head("refs/heads/parser") == before, "nothing is committed unasked"
    assert world.facts().tasks[world.session().task].title == "Begin the parser"
    assert "loose" in world.swarmctl("diff", session, rc=0).out
    assert "ready" in world.swarmctl("ps", rc=0).out
    world.git("remote", "add", "origin", str(world.home / "nowhere.git"))
    for command in ("push", "pr"):
        refused = world.swarmctl(command, session, rc=1)
        assert "a branch of your own" in refused.err and "hint: git push origin parser" in refused.err
    assert not world.events(e.PushIntended)

    (desk.worktree / "later.txt").write_text("later\n")
    removed = world.swarmctl("rm", session, rc=0)
    assert f"{desk.worktree} stays" in removed.out
    assert (desk.worktree / "loose.txt").read_text() == "loose\n"
    assert "locked" not in world.git("worktree", "list", "--porcelain")
    assert world.head("refs/heads/parser") == before
    assert world.text("later.txt", world.session().checkpoint) == "later"
    assert session not in world.swarmctl("next").out + world.swarmctl("show", session, rc=0).out.partition("next")[2]
    for command in ("resume", "merge", "sync"):
        again = world.swarmctl(command, session, rc=1)
        assert f"hint: swarmctl adopt {desk.worktree}" in again.err, command
    world.swarmctl("adopt", str(desk.worktree), "--agent", "hand", rc=0)

    purged = world.swarmctl("down", "--purge", rc=0)
    assert "parser" in purged.out
    assert (desk.worktree / "loose.txt").read_text() == "loose\n"
    assert world.git("worktree", "list", "--porcelain").count("locked") == 0
    world.git("commit", "-q", "--allow-empty", "-m", "Go on", cwd=desk.worktree)


@pytest.mark.parametrize("host", ["process"])
def test_one_that_a_kill_left_locked_is_given_back_with_everything_else(desk: Desk) -> None:
    world = desk.world
    world.swarmctl("up", rc=0)
    world.swarmctl("down", rc=0)
    assert world.database is not None
    main, names = world.head(), (SessionId("aaaaa"), TaskId("bbbbb"), RunId("ccccc"))
    log = SqliteLog(world.database)
    log.append(e.RunSubmitted(names[2], False, "no", "main"))
    log.append(e.TaskAdded(names[1], names[2], 1, "parser", "parser", "hand"))
    log.append(e.SessionPlanned(*names, "hand", "parser", "main", main, "main", str(desk.worktree), 0))
    log.append(e.AdoptionIntended(names[0], main), e.SessionKept(names[0], Outcome.FAILED, "the disk was full"))
    log.close()
    world.git("worktree", "lock", "--reason", "swarmctl", str(desk.worktree))
    (world.repo / ".git/worktrees/parser/swarmctl-made").write_text("adopted\n")

    purged = world.swarmctl("down", "--purge", rc=0)

    assert str(desk.worktree) in purged.out
    assert "locked" not in world.git("worktree", "list", "--porcelain")
    said = world.swarmctl("adopt", str(desk.worktree), "--agent", "hand", rc=0)
    assert "nothing in it" in said.out
    assert "swarmctl merge" not in said.out, "it would be refused"


@pytest.mark.parametrize("host", ["process"])
def test_what_cannot_be_taken_over_is_said_in_a_line_with_a_hint(desk: Desk) -> None:
    world = desk.world
    before = world.status()
    panes = desk.tmux("new-session", "-d", "-s", "mine", "-P", "-F", "#{pane_id}", "-c", str(desk.worktree), "sh")
    nothing = ("adopt", panes, "-S", desk.socket), "no agent"
    gone = ("adopt", "%99", "-S", desk.socket), "no pane %99"
    nowhere = ("adopt", "%1", "-S", f"{world.runtime}/none"), "no tmux server"
    mine = ("adopt", "."), "main checkout"
    unknown = ("adopt", "never-heard-of"), "neither a worktree"

    for words, expected in (nothing, gone, nowhere, mine, unknown):
        said = world.swarmctl(*words)
        first, hint = said.err.splitlines()[-2:]
        assert said.rc in (1, 2) and expected in first and hint.startswith("hint: "), said
    assert not world.events(e.SessionPlanned)
    assert world.status() == before


@pytest.mark.parametrize("host", ["process"])
def test_it_happens_once_though_the_supervisor_is_killed_as_soon_as_it_answered(desk: Desk) -> None:
    world = desk.world
    (desk.worktree / "loose.txt").write_text("loose\n")
    world.swarmctl("up", rc=0)
    typed = world.start("adopt", str(desk.worktree), "--json")
    until(lambda: world.events(e.SessionPlanned), "the intent in the ledger")
    supervisor = world.supervisor()
    if supervisor is not None:
        os.kill(supervisor, signal.SIGKILL)

    said = typed.answer()

    assert said.rc == 0, said
    session = world.session()
    assert (session.stage, session.place) == (Stage.KEPT, "present")
    assert world.text("loose.txt", session.checkpoint) == "loose"
    assert json.loads(said.out)["session"] == session.id
    assert len(world.events(e.AdoptionIntended)) == 1
