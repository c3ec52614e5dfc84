"""Counting: each agent's own words, as its definition reads them, come to the numbers that were sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.money import Tokens
from swarmctl.core.usage import UsageRule, UsageRules
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.spend.metering import Counted, Meter

AGENTS = Path(__file__).parents[4] / "agents"
SINCE = 1_795_266_400.0
WRITTEN = "2026-11-21T13:06:56.790Z"


def meter(agent: str) -> Meter:
    usage = read_agent((AGENTS / f"{agent}.yaml").read_text(), agent).usage
    assert usage is not None
    return Meter(usage, SINCE)


def said(id: str, output: int, written: str = WRITTEN) -> dict[str, Any]:
    usage = {
        "input_tokens": 1000,
        "cache_creation_input_tokens": 200,
        "cache_read_input_tokens": 300,
        "output_tokens": output,
    }
    return {"type": "assistant", "timestamp": written, "message": {"id": id, "model": "sonnet", "usage": usage}}


def test_a_message_of_claude_counts_once_with_its_last_counters() -> None:
    claude = meter("claude")
    for line in (said("a", 1), said("a", 40), said("a", 40), said("b", 60)):
        claude.read(line)
    assert claude.counted({}) == (Counted("sonnet", Tokens(2000, 400, 600, 100)),)


def test_lines_from_before_the_start_belong_to_another() -> None:
    claude = meter("claude")
    claude.read(said("a", 40, "2026-11-21T12:00:00.000Z"))
    claude.read({**said("b", 40), "timestamp": None})
    assert claude.counted({}) == ()


def test_the_result_of_claude_wins_over_its_messages() -> None:
    claude = meter("claude")
    claude.read(said("a", 40))
    haiku = {"inputTokens": 5, "outputTokens": 2, "cacheReadInputTokens": 0, "cacheCreationInputTokens": 0}
    sonnet = {"inputTokens": 9, "outputTokens": 4, "cacheReadInputTokens": 3, "cacheCreationInputTokens": 1}
    claude.hear("stream.result", {"modelUsage": {"haiku": haiku, "sonnet": {**sonnet, "costUSD": 0.5}}})
    assert claude.counted({}) == (
        Counted("haiku", Tokens(5, 0, 0, 2)),
        Counted("sonnet", Tokens(9, 1, 3, 4), 0.5),
    )


def test_codex_counts_its_cache_as_input_and_its_thread_from_the_beginning() -> None:
    codex = meter("codex")
    codex.hear("SessionStart", {"model": "gpt-x", "transcript_path": "/rollout"})
    usage = {"input_tokens": 10007, "cached_input_tokens": 6800, "output_tokens": 109}
    codex.hear("stream.turn.completed", {"usage": usage})
    assert codex.transcripts == {"/rollout"}
    assert codex.counted({}) == (Counted("gpt-x", Tokens(3207, 0, 6800, 109)),)
    before = {"gpt-x": Tokens(3200, 0, 1800, 100)}
    assert codex.counted(before) == (Counted("gpt-x", Tokens(7, 0, 5000, 9)),)


def test_the_rollout_of_codex_names_the_model_each_answer_and_who_pays() -> None:
    codex = meter("codex")
    usage = {"input_tokens": 1500, "cached_input_tokens": 300, "output_tokens": 40}
    record = {"payload": {"response_id": "r1", "usage": usage}}
    codex.read({"type": "turn_context", "timestamp": "2026-11-20T00:00:00Z", "payload": {"model": "gpt-x"}})
    for _ in range(2):
        codex.read({"type": "token_usage_record", "timestamp": WRITTEN, **record})
    assert (codex.counted({}), codex.plan) == ((Counted("gpt-x", Tokens(1200, 0, 300, 40)),), False)
    limits = {"type": "token_count", "rate_limits": {"plan_type": "plus"}}
    codex.read({"type": "event_msg", "timestamp": WRITTEN, "payload": limits})
    assert codex.plan


def test_a_step_of_opencode_counts_once_from_its_stream_and_its_plugin() -> None:
    opencode = meter("opencode")
    tokens = {"input": 1000, "output": 40, "cache": {"write": 200, "read": 300}}
    opencode.hear("stream.step_finish", {"part": {"messageID": "m1", "tokens": tokens, "cost": 0.00444}})
    info = {"id": "m1", "role": "assistant", "modelID": "m", "tokens": tokens, "cost": 0.00444}
    opencode.hear("message.updated", {"info": info})
    opencode.hear("message.updated", {"info": {**info, "tokens": {"input": 0, "output": 0}, "cost": 0}})
    assert opencode.counted({}) == (Counted("m", Tokens(1000, 200, 300, 40), 0.00444),)


def test_gemini_says_it_by_model_at_the_end() -> None:
    gemini = meter("gemini")
    stats = {"models": {"flash": {"input_tokens": 5000, "cached": 1800, "output_tokens": 100}}}
    gemini.hear("stream.result", {"status": "success", "stats": stats})
    assert gemini.counted({}) == (Counted("flash", Tokens(3200, 0, 1800, 100)),)


@pytest.mark.parametrize("wrong", [-5, "many", None, True, float("nan"), float("inf"), [], 10**30])
def test_counters_that_cannot_be_are_no_reason_to_fall(wrong: object) -> None:
    rules = UsageRules(events=(UsageRule("x", input="in", output="out", cost="usd"),))
    found = Meter(rules, 0.0)
    found.hear("x", {"in": wrong, "out": 7, "usd": wrong})
    (counted,) = found.counted({})
    assert counted.tokens.output == 7
    assert 0 <= counted.tokens.input <= 10**12
    assert counted.usd is None


def test_calls_without_a_name_count_each_and_many_models_become_one() -> None:
    rules = UsageRules(events=(UsageRule("x", model="model", input="in", cost="usd"),))
    found = Meter(rules, 0.0)
    for number in range(200):
        found.hear("x", {"model": f"m{number}", "in": 1, "usd": 0.5})
    counted = found.counted({})
    assert len(counted) <= 51
    assert sum(each.tokens.input for each in counted) == 200
    assert sum(each.usd or 0 for each in counted) == 100.0
