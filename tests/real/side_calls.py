"""Calls that an agent makes on its own account (title, route, summary, commit message), and fit answers to them.

They are known by words of the agents' own prompts, so a new version of an agent may need a new row here.
"""

from __future__ import annotations

import json

from tests.real.dialects import Facts

KNOWN = (
    ("title", "concise, sentence-case title", json.dumps({"title": "Scripted topic"})),
    ("title", "Generate a concise, single-line task title", json.dumps({"title": "Scripted topic"})),
    ("title", "You are a title generator", "Scripted topic"),
    ("route", "Task Routing AI", json.dumps({"reasoning": "scripted", "model_choice": "flash"})),
    ("summary", "next_speaker", json.dumps({"reasoning": "scripted", "next_speaker": "user"})),
    ("commit message", "Git commit messages", "feat: scripted change"),
)


def side_call(facts: Facts) -> tuple[str, str] | None:
    """The kind of the side call that this request is, and what to answer; None for a turn of the conversation."""
    text = facts.system + "\n" + (facts.user_texts[-1] if facts.user_texts else "")
    for kind, words, answer in KNOWN:
        if words in text:
            return kind, answer
    return None
