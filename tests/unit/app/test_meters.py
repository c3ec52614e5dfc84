"""Meters over real files: the same sums again after a restart, and a price only where there is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from swarmctl.app.meters import Meters
from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.money import Entry, Tokens, Use
from swarmctl.core.session import Session, SpoolPlace
from swarmctl.core.usage import UsageRules
from swarmctl.edges.agents.reader import read_agent
from swarmctl.edges.files.spool import SpoolLine
from swarmctl.edges.models.prices import Price
from tests.fakes.store import MemoryLog

AGENTS = Path(__file__).parents[3] / "agents"
SESSION = SessionId("s")
NOW = 1_795_266_400.0
LATER = "2026-11-21T14:00:00Z"


class Place:
    """One session whose spool and price list the test writes."""

    def __init__(self, agent: str, amount: int = 1000, plan: bool = False, folder: Path = Path("/nowhere")) -> None:
        self.folder = str(folder)
        self.lines: list[SpoolLine] = []
        self.prices: dict[str, int] = {}
        self.log = MemoryLog(lambda: NOW)
        self.agent = agent
        run, task = RunId("r"), TaskId("t")
        self.log.append(
            e.RunSubmitted(run, waits=True, lands="no", target="main"),
            e.TaskAdded(task, run, 1, "T", "p", agent),
            e.SessionPlanned(SESSION, task, run, agent, "b", "main", "0" * 40, "main", "/w", 0),
            e.Reserved(SESSION, "s.1", task, run, 1, agent, "", "d", amount, plan, (), NOW),
        )

    @property
    def meters(self) -> Meters:
        """As a new supervisor has them."""
        return Meters(self.log.facts, self.rules, lambda agent: "", self.spool, self.price, lambda name: self.folder)

    def rules(self, agent: str) -> UsageRules | None:
        return read_agent((AGENTS / f"{agent}.yaml").read_text(), agent).usage

    def spool(self, session: Session, heard: SpoolPlace, only: frozenset[str]) -> tuple[list[SpoolLine], SpoolPlace]:
        return [line for line in self.lines[heard.offset :] if line.event in only], SpoolPlace(len(self.lines))

    def price(self, model: str, provider: str, tokens: Tokens, at: float) -> Price | None:
        return Price(self.prices[model], "a list of 2026") if model in self.prices else None

    @property
    def entry(self) -> Entry:
        found: Entry = self.log.facts.entries["s.1"]
        return found

    def says(self, event: str, fields: dict[str, Any], at: float = NOW + 1) -> None:
        self.lines.append(SpoolLine(event, "", json.dumps(fields), at))


def line(id: str, output: int) -> str:
    usage = {"input_tokens": 10, "output_tokens": output}
    message = {"id": id, "model": "sonnet", "usage": usage}
    return json.dumps({"type": "assistant", "timestamp": LATER, "message": message}) + "\n"


def test_a_transcript_and_those_of_its_helpers_are_read_as_they_grow(tmp_path: Path) -> None:
    place, path = Place("claude"), tmp_path / "c.jsonl"
    place.prices["sonnet"] = 70
    path.write_text(line("a", 1))
    place.says("Stop", {"transcript_path": str(path)})
    meters = place.meters
    assert meters.read(place.entry) == (Use("sonnet", Tokens(10, 0, 0, 1), 70, priced="a list of 2026"),)
    with path.open("a") as stream:
        stream.write(line("b", 2))
    (tmp_path / "c" / "subagents").mkdir(parents=True)
    (tmp_path / "c" / "subagents" / "agent-1.jsonl").write_text(line("c", 4))
    (again,), (anew,) = meters.read(place.entry), place.meters.read(place.entry)
    assert again == anew
    assert again.tokens == Tokens(30, 0, 0, 7)


def test_a_guess_of_the_agents_counts_only_for_models_that_have_a_price() -> None:
    place = Place("claude")
    place.prices["sonnet"] = 70
    counters = {"inputTokens": 5, "outputTokens": 1, "costUSD": 0.25}
    place.says("stream.result", {"modelUsage": {"sonnet": counters, "glm": counters}})
    sonnet, glm = place.meters.read(place.entry)
    assert (sonnet.micros, sonnet.priced) == (250_000, "claude")
    assert (glm.micros, glm.is_unknown) == (None, True)


def test_dollars_of_zero_are_unknown_and_not_free() -> None:
    place = Place("opencode")
    tokens = {"input": 5, "output": 1}
    place.says("stream.step_finish", {"part": {"messageID": "m", "tokens": tokens, "cost": 0}})
    (use,) = place.meters.read(place.entry)
    assert (use.micros, use.is_unknown) == (None, True)


def test_what_a_plan_pays_has_tokens_and_no_money() -> None:
    place = Place("claude", amount=0, plan=True)
    place.prices["sonnet"] = 70
    place.says("stream.result", {"modelUsage": {"sonnet": {"inputTokens": 5, "costUSD": 0.25}}})
    assert place.meters.read(place.entry) == (Use("sonnet", Tokens(5), plan=True),)


def test_words_from_before_the_start_and_torn_ones_do_not_count() -> None:
    place = Place("gemini")
    stats = {"stats": {"models": {"flash": {"input_tokens": 5, "output_tokens": 1}}}}
    place.says("stream.result", stats, at=NOW - 1)
    place.lines.append(SpoolLine("stream.result", "", '{"stats": {', NOW + 1))
    assert place.meters.read(place.entry) == ()


def test_the_sum_of_a_conversation_loses_what_earlier_starts_of_it_used() -> None:
    place = Place("codex")
    place.log.append(e.ConversationKnown(SESSION, "c"), e.Used(SESSION, "s.1", (Use("", Tokens(90, 0, 0, 9)),), "c"))
    task, run = TaskId("t"), RunId("r")
    place.log.append(e.Reserved(SESSION, "s.2", task, run, 2, "codex", "", "d", 1, False, (), NOW))
    place.says("stream.turn.completed", {"usage": {"input_tokens": 100, "output_tokens": 11}})
    (use,) = place.meters.read(place.log.facts.entries["s.2"])
    assert use.tokens == Tokens(10, 0, 0, 2)


def test_a_log_of_the_agents_own_counts_from_this_start_on(tmp_path: Path) -> None:
    place, path = Place("aider", folder=tmp_path), tmp_path / "analytics.jsonl"
    sent = {"main_model": "openai/gpt-4o", "prompt_tokens": 10, "completion_tokens": 2, "cost": 0.5}
    hidden = {**sent, "main_model": "openai/REDACTED", "cost": 0}
    log = [
        ("message_send", sent, NOW - 9),
        ("exit", {}, NOW),
        ("message_send", sent, NOW + 1),
        ("message_send", hidden, NOW),
    ]
    path.write_text("".join(json.dumps({"event": e, "properties": p, "time": at}) + "\n" for e, p, at in log))

    (use,) = place.meters.read(place.entry)

    assert (use.model, use.tokens) == ("openai/gpt-4o", Tokens(20, 0, 0, 4))
    assert use.is_unknown, "one call had no price"


def test_the_list_in_a_document_is_read_as_it_grows(tmp_path: Path) -> None:
    place, path = Place("mini", folder=tmp_path), tmp_path / "trajectory.json"

    def call(id: str, at: float = NOW + 1) -> dict[str, Any]:
        usage = {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
        return {
            "role": "assistant",
            "extra": {"response": {"id": id, "model": "m", "usage": usage}, "cost": 0.25, "timestamp": at},
        }

    meters = place.meters
    assert meters.read(place.entry) == ()
    path.write_text(json.dumps({"messages": [{"role": "system"}, call("old", NOW - 9), call("a")]}, indent=2))
    assert meters.read(place.entry) == (Use("m", Tokens(6, 0, 4, 2), 250_000, priced="mini"),)
    path.write_text(json.dumps({"messages": [{"role": "system"}, call("old", NOW - 9), call("a"), call("b")]})[:-3])
    assert len(meters.read(place.entry)) == 1, "half a document says nothing"
    path.write_text(json.dumps({"messages": [{"role": "system"}, call("old", NOW - 9), call("a"), call("b")]}))
    (again,), (anew,) = meters.read(place.entry), place.meters.read(place.entry)
    assert again == anew == Use("m", Tokens(12, 0, 8, 4), 500_000, priced="mini")
