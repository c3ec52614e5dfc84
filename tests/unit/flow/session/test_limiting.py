"""Limits as the real programs were seen to say them, by their definitions; what is none stays a failure."""

# ruff: noqa: E501, RUF001 - words and screens as they were printed

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.agent import Profile
from swarmctl.core.screen import read_screen
from swarmctl.core.session import State
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.session.hearing import hear
from swarmctl.flow.session.resets import moment_of

AGENTS = Path(__file__).resolve().parents[4] / "agents"
AT = datetime(2026, 11, 21, 15, 24, 30).astimezone().timestamp()
EPOCH = AT + 8000.0
CODEX_UPGRADE = (
    "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit "
    "https://chatgpt.com/settings/usage to purchase more credits or try again at "
)


def profile(agent: str) -> Profile:
    return read_agent((AGENTS / f"{agent}.yaml").read_text(), agent).profile()


def local(*when: int) -> float:
    return datetime(*when).astimezone().timestamp()  # type: ignore[arg-type]


def utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


def failed(name: str, message: str, status: int, body: str = "") -> dict[str, Any]:
    return {"error": {"name": name, "data": {"message": message, "statusCode": status, "responseBody": body}}}


SEEN: list[tuple[str, str, dict[str, Any], str, float | None]] = [
    (
        "claude",
        "StopFailure",
        {"error": "rate_limit", "last_assistant_message": "You've hit your weekly limit · resets Nov 26, 6:36am (UTC)"},
        "usage",
        utc(2026, 11, 26, 6, 37),
    ),
    (
        "claude",
        "StopFailure",
        {
            "error": "server_error",
            "last_assistant_message": "API Error: 529 Overloaded. This is a server-side issue, usually temporary — try "
            "again in a moment. If it persists, check your inference gateway (127.0.0.1:46499).",
        },
        "overloaded",
        None,
    ),
    (
        "claude",
        "stream.result",
        {
            "is_error": True,
            "api_error_status": 429,
            "result": "API Error: Request rejected (429) · This request would exceed your organization's rate limit of "
            "30,000 input tokens per minute",
        },
        "rate",
        None,
    ),
    (
        "claude",
        "stream.result",
        {"is_error": True, "result": f"Claude AI usage limit reached|{int(EPOCH)}"},
        "usage",
        float(int(EPOCH)),
    ),
    (
        "codex",
        "stream.turn.failed",
        {"error": {"message": CODEX_UPGRADE + "5:35 PM."}},
        "usage",
        local(2026, 11, 21, 17, 36),
    ),
    (
        "codex",
        "stream.turn.failed",
        {"error": {"message": CODEX_UPGRADE + "Nov 26th, 2026 6:25 PM."}},
        "usage",
        local(2026, 11, 26, 18, 26),
    ),
    (
        "codex",
        "stream.turn.failed",
        {"error": {"message": "You've hit your usage limit. Try again in 5 days 3 hours 2 minutes."}},
        "usage",
        None,
    ),
    (
        "codex",
        "stream.turn.failed",
        {"error": {"message": "exceeded retry limit, last status: 429 Too Many Requests"}},
        "rate",
        None,
    ),
    (
        "codex",
        "stream.turn.failed",
        {"error": {"message": "unexpected status 529 <unknown status code>: Overloaded, url: http://127.0.0.1/v1"}},
        "overloaded",
        None,
    ),
    ("opencode", "stream.error", failed("APIError", "slow down", 429), "rate", None),
    (
        "opencode",
        "session.error",
        failed("APIError", "The usage limit has been reached", 429, json.dumps({"resets_at": int(EPOCH)})),
        "usage",
        float(int(EPOCH)),
    ),
    (
        "gemini",
        "stream.result",
        {
            "status": "error",
            "error": {"message": "[API Error: You have exhausted your daily quota on this model.]\nPlease wait"},
        },
        "usage",
        None,
    ),
    (
        "gemini",
        "stream.result",
        {
            "status": "error",
            "error": {"message": "[API Error: You exceeded your current quota. Please retry in 7.5s.]"},
        },
        "rate",
        AT + 7.5,
    ),
]


@pytest.mark.parametrize(("agent", "event", "payload", "kind", "until"), SEEN)
def test_a_turn_that_a_limit_ended_says_its_kind_and_until_when(
    agent: str, event: str, payload: dict[str, Any], kind: str, until: float | None
) -> None:
    heard = hear(profile(agent), event, json.dumps(payload), AT)
    assert heard.turn == "fails"
    assert heard.limit is not None
    assert heard.limit.kind == kind
    if "5 days" in json.dumps(payload):
        until = AT + 5 * 86400 + 3 * 3600 + 120
    assert heard.limit.until == (None if until is None else pytest.approx(until, abs=1))
    assert heard.evidence is not None
    assert (heard.evidence.state, heard.evidence.kind) == (State.RATE_LIMITED, kind)


@pytest.mark.parametrize(
    ("agent", "event", "payload"),
    [
        (
            "claude",
            "StopFailure",
            {"error": "authentication_failed", "last_assistant_message": "API Error: 401 bad key"},
        ),
        ("claude", "stream.result", {"is_error": True, "result": "API Error: 400 that model is gone"}),
        ("codex", "stream.turn.failed", {"error": {"message": "Quota exceeded. Check your plan and billing details."}}),
        ("opencode", "session.error", failed("APIError", "that model is gone", 400)),
        ("gemini", "stream.result", {"status": "error", "error": {"message": "[API Error: API key not valid]"}}),
    ],
)
def test_a_failure_that_waiting_does_not_mend_is_no_limit(agent: str, event: str, payload: dict[str, Any]) -> None:
    heard = hear(profile(agent), event, json.dumps(payload), AT)
    assert (heard.turn, heard.limit) == ("fails", None)


@pytest.mark.parametrize(
    ("agent", "event", "payload"),
    [
        (
            "claude",
            "Stop",
            {"last_assistant_message": "You've hit your weekly limit · resets 3pm: that is what it prints."},
        ),
        ("codex", "Stop", {"last_assistant_message": "429 Too Many Requests is handled now."}),
        ("gemini", "stream.result", {"status": "success"}),
    ],
)
def test_prose_about_limits_is_none(agent: str, event: str, payload: dict[str, Any]) -> None:
    heard = hear(profile(agent), event, json.dumps(payload), AT)
    assert (heard.turn, heard.limit) == ("ends", None)


def test_an_agent_that_tries_again_by_itself_is_left_alone() -> None:
    retry = {"type": "retry", "attempt": 1, "message": "slow down", "next": 1795274734825}
    heard = hear(profile("opencode"), "session.status", json.dumps({"status": retry}), AT)
    assert heard.evidence is not None
    assert (heard.turn, heard.limit, heard.evidence.state) == ("", None, State.RATE_LIMITED)
    assert heard.evidence.until == pytest.approx(1795274734.825)


def test_any_hook_may_say_that_it_is_limited() -> None:
    heard = hear(None, "limited", "", AT, "try again in 20 minutes")
    assert heard.limit is not None
    assert (heard.limit.kind, heard.limit.until) == ("rate", AT + 1200)


CODEX = "\n  scripted-1 default · /repo · Topic\n  ← for agents · ? for shortcuts        ⚠ 2 warnings · f2 to view\n"


@pytest.mark.parametrize(
    ("agent", "screen", "kind", "until"),
    [
        (
            "codex",
            "› Say where you are\n\n■ You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit\n"
            "https://chatgpt.com/settings/usage to purchase more credits or try again at 5:37 PM.\n\n"
            "› Ask Codex to do anything\n" + CODEX,
            "usage",
            local(2026, 11, 21, 17, 38),
        ),
        (
            "codex",
            "■ exceeded retry limit, last status: 429 Too Many Requests\n\n› Ask Codex to do anything\n" + CODEX,
            "rate",
            None,
        ),
        (
            "gemini",
            "╭───────────────────────────────╮\n│ Usage limit reached for gemini-2.5-flash.  │\n│ /model to switch models.  │\n│ │\n"
            "│ ● 1. Keep trying   │\n│   2. Stop   │\n│   │\n╰────────────────────╯\n",
            "usage",
            None,
        ),
    ],
)
def test_a_screen_at_which_an_agent_gave_up_says_so_too(
    agent: str, screen: str, kind: str, until: float | None
) -> None:
    manifest = profile(agent).screen
    assert manifest is not None
    found = read_screen(manifest, screen)
    assert found is not None
    assert (found.state, found.kind) == (State.RATE_LIMITED, kind)
    assert moment_of(found.until, AT) == until


def test_a_screen_on_which_it_tries_again_has_no_kind() -> None:
    manifest = profile("claude").screen
    assert manifest is not None
    screen = (
        "❯ Go\n✻ 529 Overloaded · Retrying in 8s · attempt 2/10\n"
        + "─" * 40
        + "\n❯ \n"
        + "─" * 40
        + "\n  esc to interrupt\n"
    )
    found = read_screen(manifest, screen)
    assert found is not None
    assert (found.state, found.kind, found.until) == (State.RATE_LIMITED, "", "8s")
