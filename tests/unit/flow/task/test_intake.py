"""Plans and titles: what becomes a task, and what is refused before anything starts."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core.errors import UsageFault
from swarmctl.flow.task.intake import (
    PLAN_EXAMPLE,
    PROMPT_LIMIT,
    TITLE_LENGTH,
    Wanted,
    check_order,
    parse_plan,
    title_of,
)

ONE = '[[task]]\nprompt = "do it"\n'


def refused(text: str) -> UsageFault:
    with pytest.raises(UsageFault) as caught:
        parse_plan(text, "plan.toml")
    assert caught.value.message.startswith("plan.toml: ")
    assert "\n" not in caught.value.message
    return caught.value


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_any_prompt_has_a_title_of_one_short_printable_line(prompt: str) -> None:
    title = title_of(prompt)
    assert title and title.isprintable()
    assert len(title) <= TITLE_LENGTH + 1


def test_a_title_is_the_first_line_that_says_something() -> None:
    assert title_of("\n  \n  Fix the parser  \nand more") == "Fix the parser"
    assert title_of("## Fix the # parser\n\nIt crashes.") == "Fix the # parser"
    assert title_of("#12 crashes") == "#12 crashes" and title_of("C# builds") == "C# builds"
    assert title_of("") == title_of(" \n\t ") == "task"


def test_a_long_title_is_cut_at_a_word() -> None:
    title = title_of("word " * 40)
    assert title.endswith("word…")
    assert len(title_of("x" * 500)) == TITLE_LENGTH + 1


def test_control_characters_do_not_reach_a_title() -> None:
    assert title_of("red \x1b[31malert\x07") == "red  [31malert "


def test_every_key_of_a_plan_is_read() -> None:
    text = """
    [[task]]
    key = "one"
    title = "First"
    prompt = "do this"
    agent = "fake"
    exec = "make"
    check = "make check"
    [[task]]
    key = "two"
    prompt = "then that"
    after = ["one"]
    """
    assert parse_plan(text, "plan.toml") == [
        Wanted("one", "do this", "First", "fake", "make", "make check"),
        Wanted("two", "then that", after=("one",)),
    ]


def test_the_example_of_the_docs_is_a_plan() -> None:
    assert [(task.key, task.after) for task in parse_plan(PLAN_EXAMPLE, "docs")] == [
        ("parser", ()),
        ("docs", ("parser",)),
        ("names", ()),
    ]


def test_tasks_without_a_key_are_numbered_and_a_title_alone_is_a_prompt() -> None:
    plan = parse_plan('[[task]]\ntitle = "Tidy up"\n[[task]]\nexec = "make"', "plan.toml")
    assert [task.key for task in plan] == ["task-1", "task-2"]
    assert plan[0].prompt == "Tidy up"


@pytest.mark.parametrize(("typed", "meant"), [("promt", "prompt"), ("titel", "title"), ("excec", "exec")])
def test_an_unknown_key_is_answered_with_the_nearest(typed: str, meant: str) -> None:
    error = refused(f'{ONE}{typed} = "x"')
    assert f"`{typed}`" in error.message and "task 1" in error.message
    assert f"`{meant}`" in error.hint


@pytest.mark.parametrize(
    "line", ["key = 1", "title = true", "prompt = []", "agent = 2.5", "exec = ['a']", "check = {}", "after = 'one'"]
)
def test_a_value_of_the_wrong_type_names_its_key(line: str) -> None:
    name = line.split(" ")[0]
    assert f"`{name}` must be" in refused(f"[[task]]\n{line}").message


def test_after_holds_keys_only() -> None:
    assert "`after` must be a list of keys" in refused(f"{ONE}after = [1]").message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "task = 1",
        "task = []",
        "task = {}",
        "[task]\nprompt = 'x'",
        f"{ONE}[other]\na = 1",
        "task = [1]",
        "= ",
        "\0",
    ],
)
def test_what_is_no_list_of_tasks_is_refused(text: str) -> None:
    assert refused(text).hint


def test_two_tasks_cannot_have_one_key() -> None:
    assert "two tasks are called `a`" in refused('[[task]]\nkey="a"\nprompt="x"\n' * 2).message


def test_a_given_key_cannot_be_one_that_another_task_gets_by_its_number() -> None:
    assert "two tasks are called `task-2`" in refused(f'[[task]]\nkey="task-2"\nprompt="x"\n{ONE}').message


def test_a_task_without_words_and_command_is_refused() -> None:
    assert "is empty" in refused('[[task]]\nprompt = "  \\n "').message


@pytest.mark.parametrize("name", ["key", "title", "prompt", "agent", "exec", "check"])
def test_a_nul_character_is_refused_wherever_it_stands(name: str) -> None:
    entry = {"prompt": "x", name: "a\0b"}
    text = "[[task]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items())
    assert "NUL" in refused(text).message


def test_half_a_character_is_refused_and_bytes_that_are_not_utf_8_are_not() -> None:
    with pytest.raises(UsageFault, match="half a character"):
        check_order([Wanted("a", "x\ud800")], "the request")
    check_order([Wanted("a", "x\udcff")], "the request")


def test_a_huge_prompt_is_refused_and_the_largest_is_not() -> None:
    assert len(parse_plan(f'[[task]]\nprompt = "{"x" * PROMPT_LIMIT}"', "plan.toml")) == 1
    assert f"{PROMPT_LIMIT:,}" in refused(f'[[task]]\nprompt = "{"x" * (PROMPT_LIMIT + 1)}"').message


def test_a_task_after_one_that_is_not_there_is_answered_with_the_nearest() -> None:
    error = refused('[[task]]\nkey="parser"\nprompt="x"\n[[task]]\nprompt="y"\nafter=["parsr"]')
    assert "`parsr`" in error.message and "`parser`" in error.hint


@pytest.mark.parametrize("circle", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_tasks_that_wait_for_each_other_are_refused(circle: list[str]) -> None:
    tasks = [Wanted(key, "x", after=(circle[number - 1],)) for number, key in enumerate(circle)]
    with pytest.raises(UsageFault, match=f"wait for each other: {', '.join(circle)}$"):
        check_order([*tasks, Wanted("free", "x")], "the request")


@settings(max_examples=40)
@given(st.lists(st.sets(st.integers(0, 7), max_size=3), min_size=1, max_size=8))
def test_any_order_without_a_circle_is_taken_and_any_circle_refused(needs: list[set[int]]) -> None:
    size = len(needs)
    wanted = [Wanted(f"k{n}", "x", after=tuple(f"k{m % size}" for m in after)) for n, after in enumerate(needs)]
    edges = {n: {m % size for m in after} for n, after in enumerate(needs)}
    reached = {n: set(after) for n, after in edges.items()}
    for _ in range(size):
        reached = {n: after.union(*(reached[m] for m in after)) for n, after in reached.items()}
    if any(n in after for n, after in reached.items()):
        with pytest.raises(UsageFault):
            check_order(wanted, "the request")
    else:
        check_order(wanted, "the request")


KEYS = st.sampled_from(["key", "title", "prompt", "agent", "exec", "check", "after", "promt", "x"])
VALUES = st.one_of(st.text(max_size=5), st.integers(0, 9), st.booleans(), st.lists(st.text(max_size=3), max_size=2))


@settings(max_examples=30)
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=3))
def test_any_plan_is_tasks_or_one_line_of_refusal(entries: list[dict[str, object]]) -> None:
    lines = []
    for entry in entries:
        lines += ["[[task]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    text = re.sub(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", "?", "\n".join(lines))
    try:
        plan = parse_plan(text, "plan.toml")
    except UsageFault as error:
        assert "\n" not in error.message
    else:
        assert len(plan) == len(entries)
        assert all(task.prompt.strip() or task.command.strip() for task in plan)
