"""Several attempts at one task: how many, by whom, and what is refused before anything starts."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.contest import MOST
from swarmctl.core.errors import UsageFault
from swarmctl.flow.task.intake import Wanted, check_order, parse_plan
from swarmctl.flow.task.rivals import check_contests, spread

TASK = Wanted(key="a", prompt="do it", agent="fake")


def entries(task: Wanted) -> list[tuple[str, str, str]]:
    return [(each.key, each.agent, each.contest) for each in spread([task], "plan.toml")]


def test_a_task_by_itself_stays_what_it_is() -> None:
    assert spread([TASK], "plan.toml") == [TASK]
    assert entries(Wanted("a", "do it", agents=("one",))) == [("a", "one", "")]


def test_each_agent_tries_as_often_as_asked() -> None:
    task = Wanted("a", "do it", attempts=2, agents=("one", "other"))

    assert entries(task) == [("a/1", "one", "a"), ("a/2", "one", "a"), ("a/3", "other", "a"), ("a/4", "other", "a")]


@given(st.integers(1, 12), st.lists(st.text("ab", min_size=1, max_size=4), unique=True, max_size=5))
def test_no_contest_is_larger_than_it_may_be_and_all_entries_say_the_same(attempts: int, agents: list[str]) -> None:
    task = Wanted("a", "do it", attempts=attempts, agents=tuple(agents))
    count = attempts * max(1, len(agents))
    if count > MOST:
        with pytest.raises(UsageFault, match="where 8 are the most"):
            spread([task], "plan.toml")
        return
    found = spread([task], "plan.toml")
    check_order(found, "plan.toml")
    check_contests(found, "plan.toml")
    assert len(found) == count
    assert {(each.prompt, each.attempts, each.agents) for each in found} == {("do it", 1, ())}
    assert {each.contest for each in found} == ({"a"} if count > 1 else {""})


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (Wanted("a", "x", agents=("one", "one")), "names the agent one twice"),
        (Wanted("a", "x", attempts=0), "wants 0 attempts"),
        (Wanted("a", "x", attempts=9), "would start 9 sessions"),
        (Wanted("a", "x", attempts=3, agents=("p", "q", "r")), "would start 9 sessions"),
    ],
)
def test_what_cannot_be_tried_so_is_refused_with_words(task: Wanted, words: str) -> None:
    with pytest.raises(UsageFault, match=words):
        spread([task], "plan.toml")


def test_nothing_comes_after_a_task_of_which_one_has_to_be_picked() -> None:
    plan = parse_plan(
        '[[task]]\nkey = "a"\nprompt = "x"\nattempts = 2\n[[task]]\nprompt = "y"\nafter = ["a"]\n', "p.toml"
    )

    with pytest.raises(UsageFault, match="comes after `a`, of which nothing lands before one is picked"):
        check_contests(plan, "p.toml")


def test_a_caller_cannot_make_a_contest_larger_either() -> None:
    with pytest.raises(UsageFault, match="has 9 entries"):
        check_contests([Wanted(f"a/{n}", "x", contest="a") for n in range(9)], "the request")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("attempts = true", "`attempts` must be a whole number"),
        ('attempts = "3"', "`attempts` must be a whole number"),
        ("agents = [1]", "`agents` must be a list of keys"),
        ('agent = "x"\nagents = ["y"]', "`agent` and `agents` at once"),
    ],
)
def test_a_plan_says_what_is_wrong_with_its_attempts(line: str, words: str) -> None:
    with pytest.raises(UsageFault, match=words):
        parse_plan(f'[[task]]\nprompt = "x"\n{line}\n', "p.toml")


def test_a_plan_may_ask_for_several() -> None:
    (task,) = parse_plan('[[task]]\nprompt = "x"\nattempts = 2\nagents = ["p", "q"]\n', "p.toml")

    assert (task.attempts, task.agents) == (2, ("p", "q"))
