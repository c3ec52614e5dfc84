"""What a person points at: what his agent was told becomes a task, whatever is in it."""

from __future__ import annotations

import pytest

from swarmctl.app.sighting import Sighted
from swarmctl.core.handmade import Conversation, Handmade
from swarmctl.flow.task.intake import PROMPT_LIMIT, Wanted, check_order

WORKTREE = Handmade("/home/me/parser", "parser", "1" * 40, "1" * 40, "", ())


def sighted(prompt: str) -> Sighted:
    return Sighted(WORKTREE, "hand", None, None, Conversation("t-1", prompt, 1.0), "", {})


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        (" Mend it\n", "Mend it"),
        ("a\0b", "ab"),
        ("half \ud83d of it", "half ? of it"),
        ("x" * (PROMPT_LIMIT + 1), "x" * PROMPT_LIMIT),
    ],
)
def test_what_an_agent_was_told_is_cut_and_cleaned_to_what_a_task_may_say(prompt: str, told: str) -> None:
    found = sighted(prompt)

    assert found.told == told
    check_order([Wanted("adopt", found.told)], "the request")


def test_an_agent_that_was_told_nothing_says_nothing() -> None:
    assert sighted("\0 ").told == ""
