"""One story of a real CLI under swarmctl, with what is true of it at each moment: python -m tests.real.state_runs.

The local provider decides what is true: at work while it holds an answer, blocked once it asked for a command, limited
while it refuses. Prints how often the ledger was right meanwhile; with --record it keeps what swarmctl heard and saw.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swarmctl.core.containment import spelled_out
from swarmctl.core.session import State
from swarmctl.edges.agents.reader import read_agent
from swarmctl.edges.files.tail import Tail, newest
from tests.e2e.world import World, living, until
from tests.real.homes import ROOT, at_home
from tests.real.person import Person
from tests.real.provider import Provider
from tests.real.record_screens import version_of
from tests.real.recorded import Conversation
from tests.real.scenario import Call, Fail, Gate, Run, Say, Turn
from tests.real.state_table import LOOK_S, RUNS, SAMPLE_S, Truth, render, score

HOLD_S = 2.5
"""How long each thing stays true, so that there is something to sample."""
SILENT_RETRIES = {"codex": 5}
"""So often it tries again before it says so anywhere; meanwhile nobody can say what is true."""
KEEPS_QUIET = ("gemini",)
"""They never say that they are refused, however often they try again, and nothing but their screen tells of them."""
AGENTS = ("claude", "codex", "opencode", "gemini")


@dataclass
class Story:
    """One run while it is watched: every entry is a moment, what it is of, and the value."""

    agent: str
    world: World
    talk: Conversation
    person: Person
    entries: list[dict[str, Any]] = field(default_factory=list)
    shown: dict[str, int] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def is_true(self, state: State | None, kind: str = "") -> None:
        """From now on; None while nobody can say."""
        self.note("truth", {"state": state.value if state else "", "kind": kind})

    def note(self, what: str, value: Any) -> None:
        self.entries.append({"at": round(time.time(), 3), what: value})

    def hold(self) -> None:
        self.over.wait(HOLD_S)

    def look(self) -> None:
        """What the terminal shows, as what changed since the last look."""
        before: list[str] = []
        while not self.over.wait(LOOK_S):
            title, *lines = self.person.sees()
            shown = [title, *(line.rstrip() for line in lines)]
            changed = {str(at): line for at, line in enumerate(shown) if before[at : at + 1] != [line]}
            if changed or len(shown) != len(before):
                self.note("look", {"lines": len(shown), **changed})
            before = shown

    def read(self) -> None:
        """Its transcript, with when each line could be read."""
        rules = read_agent((ROOT / "agents" / f"{self.agent}.yaml").read_text(), self.agent).transcript
        patterns = spelled_out(rules.find, self.world.extra_env) if rules else ()
        tail: Tail | None = None
        while rules is not None and not self.over.wait(0.02):
            if tail is None and (path := newest(patterns, self.conversation)):
                tail = Tail(path)
            for line in tail.lines() if tail else ():
                self.note("line", _short(line))

    @property
    def conversation(self) -> str:
        return self.world.session().talk.conversation or "nobody knows it yet"

    def sample(self) -> None:
        while not self.over.wait(SAMPLE_S):
            session = self.world.session()
            self.note("believed", {"state": session.state.value, "kind": session.state_kind})


def play(story: Story) -> None:
    """Thinks, asks, is allowed, works, is interrupted twice, is limited, goes on, and is done."""
    thinking, working, talking, last = Gate(), Gate(), Gate(), Gate()
    story.talk.then(
        _asks(story.agent, thinking),
        Say("Never said.", gate=working),
        Say("Nor this.", first="Well then.\n\nNow", gate=talking),
    )
    story.is_true(None)
    thinking.wait_until_held()
    story.is_true(State.WORKING)
    story.hold()
    thinking.open()
    _await(story, "Allow once")
    story.is_true(State.BLOCKED, "permission")
    story.hold()
    _allow(story)
    story.is_true(State.WORKING)
    working.wait_until_held()
    story.hold()
    if story.agent in KEEPS_QUIET:  # After a tool it asks on, whoever pressed Esc.
        working.open()
        story.is_true(State.IDLE)
        story.hold()
    else:
        _interrupt(story)
    _tell(story, "Once more", talking)
    story.hold()
    _interrupt(story)
    if story.agent not in KEEPS_QUIET:
        _limit(story, last)
    else:
        story.talk.then(Say("Here it is.", gate=last))
        _tell(story, "And again", last)
    story.hold()
    last.open()
    story.is_true(State.IDLE)
    story.hold()
    story.is_true(None)


def _limit(story: Story, last: Gate) -> None:
    silent = SILENT_RETRIES.get(story.agent, 0)
    story.talk.then(Fail(529, "overloaded", times=4 + silent), Say("Here it is.", gate=last))
    story.is_true(None)
    begun = len(story.talk.requests)
    story.person.types("And again")
    story.talk.wait_for(lambda asked: len(asked) > begun + silent)
    story.is_true(State.WORKING)
    story.is_true(State.RATE_LIMITED)
    last.wait_until_held()
    story.is_true(State.WORKING)


def _asks(agent: str, gate: Gate) -> Turn:
    command = "sleep 1; touch made"
    if agent == "codex":
        reason = {"sandbox_permissions": "require_escalated", "justification": "May I?"}
        return Call("exec_command", {"cmd": command, **reason}, gate=gate)
    return Run(command, gate=gate)


def _allow(story: Story) -> None:
    story.is_true(None)
    if story.agent == "gemini":
        story.person.tmux("send-keys", "Enter")
        until(lambda: "Allow once" not in "\n".join(story.person.sees()), "its dialog to go")
    else:
        story.world.swarmctl("answer", story.world.session().id, "allow", rc=0)


def _await(story: Story, words: str) -> None:
    """One that takes its time over what it was told is where its screen says it is, which nobody can say meanwhile."""
    if story.agent in KEEPS_QUIET:
        story.is_true(None)
        seen = story.shown.get(words, 0)
        until(lambda: "\n".join(story.person.sees()).count(words) > seen, words)
        story.shown[words] = seen + 1


def _interrupt(story: Story) -> None:
    story.person.interrupts(again="again to interrupt" if story.agent == "opencode" else "")
    _await(story, "Request cancelled")
    story.is_true(State.IDLE)
    story.hold()


def _tell(story: Story, words: str, gate: Gate) -> None:
    story.is_true(None)
    story.person.types(words)
    gate.wait_until_held()
    story.is_true(State.WORKING)


@contextmanager
def staged(agent: str, place: Path) -> Iterator[Story]:
    with Provider() as provider, living(World(place)) as world:
        world.found()
        talk = provider.script("states")
        at_home(world, agent, talk.url, SWARMCTL__SANDBOX__MODE="off")
        world.extra_env["CLAUDE_CODE_MAX_RETRIES"] = "6"
        story = Story(agent, world, talk, Person(world))
        words = ("--agent", agent, "--mode", "interactive", "--permission", "ask", "--detach", "--no-merge")
        ready = threading.Thread(target=play, args=(story,), daemon=True)
        ready.start()
        world.swarmctl("run", "Do the thing", *words, rc=0)
        until(lambda: world.session().pane, "a pane")
        with story.person:
            threads = [threading.Thread(target=each) for each in (story.look, story.read, story.sample)]
            for thread in threads:
                thread.start()
            try:
                ready.join(240)
                yield story
            finally:
                story.over.set()
                for thread in threads:
                    thread.join()


def run(agent: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="runs-") as folder, staged(agent, Path(folder)) as story:
        entries = story.entries + list(_hooks(story))
        if "--why" in sys.argv:
            sys.stdout.write(story.world.swarmctl("why", story.world.session().id, rc=0).out)
    return sorted(entries, key=lambda entry: float(entry["at"]))


def _hooks(story: Story) -> Iterator[dict[str, Any]]:
    lines = [raw for spool in story.world.state.glob("spool/*") for raw in spool.read_text().splitlines()]
    for raw in lines:
        if raw.strip():
            line = json.loads(raw)
            payload = json.dumps(_short(json.loads(line["payload"] or "{}")))
            hook = {"event": line["event"], "text": line["text"], "payload": payload, "ask": bool(line.get("ask"))}
            yield {"at": round(line["at"], 3), "hook": hook}


def _short(value: Any) -> Any:
    """As it was, without the bulk that no rule reads."""
    if isinstance(value, str):
        return value[:80]
    if isinstance(value, dict):
        bulk = ("toolUseResult", "attachment", "snapshot", "base_instructions", "thread_settings", "usage")
        return {key: _short(each) for key, each in value.items() if key not in bulk}
    return [_short(each) for each in value[:3]] if isinstance(value, list) else value


def main(arguments: Sequence[str]) -> int:
    rows = []
    for agent in [name for name in arguments if name in AGENTS] or AGENTS:
        entries = run(agent)
        believed = [(float(each["at"]), each["believed"]) for each in entries if "believed" in each]
        rows.append((agent, version_of(agent), score(Truth.of(entries), believed)))
        if "--record" in arguments:
            kept = [entry for entry in entries if "believed" not in entry]
            RUNS.mkdir(exist_ok=True)
            text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in kept)
            for place, shown in ((str(ROOT), "/home/person/swarmctl"), (str(Path.home()), "/home/person")):
                text = text.replace(place, shown)
            (RUNS / f"{agent}.jsonl").write_text(text)
    sys.stdout.write(render(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
