"""Numbers in one table of somebody's TOML file change, and not another byte."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, strategies as st

from swarmctl.edges.files.toml_change import CannotChange, with_numbers

TABLE = ("budget", "agents")
FILE = """# mine
[tui]
theme = "nord"   # nice

[ budget.agents ]   # not too much
task_usd=1   # each
  day_usd = 5.00

[notify]
desktop = "none"
"""


@pytest.mark.parametrize(
    ("values", "before", "after"),
    [
        ({"task_usd": 2.5}, "task_usd=1   # each", "task_usd=2.5   # each"),
        ({"day_usd": None}, "  day_usd = 5.00\n", ""),
        ({"run_usd": 3.0}, "day_usd = 5.00\n", "day_usd = 5.00\nrun_usd = 3.0\n"),
    ],
)
def test_only_the_line_of_that_key_changes(values: dict[str, float | None], before: str, after: str) -> None:
    assert with_numbers(FILE, TABLE, values) == FILE.replace(before, after)


@pytest.mark.parametrize("text", ["", "[tui]\ntheme = 'x'\n", "[tui]\ntheme = 'x'", "a = 1\r\n[b]\r\nc = 2\r\n"])
def test_a_table_that_is_not_there_is_added_at_the_end(text: str) -> None:
    found = with_numbers(text, TABLE, {"day_usd": 5.0, "run_usd": None})
    assert found.startswith(text) and found.endswith("\r\n" if "\r" in text else "\n")
    assert tomllib.loads(found) == {**tomllib.loads(text), "budget": {"agents": {"day_usd": 5.0}}}
    assert ("\r\n" in text) == ("[budget.agents]\r\n" in found)


def test_the_last_table_of_a_file_without_a_last_line_break_takes_more() -> None:
    assert with_numbers("[budget.agents]\nday_usd = 1", TABLE, {"run_usd": 2.0}) == (
        "[budget.agents]\nday_usd = 1\nrun_usd = 2.0\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "budget = {agents = {day_usd = 1}}\n",
        "budget.agents.day_usd = 1\n",
        "[budget]\nagents.day_usd = 1\n",
        "[budget]\nagents = {}\n",
        'x = """\n[budget.agents]\nday_usd = 1\n"""\n',
        '[budget.agents]\n"day_usd" = 1\n',
    ],
)
def test_what_is_written_otherwise_is_refused(text: str) -> None:
    tomllib.loads(text)
    with pytest.raises(CannotChange):
        with_numbers(text, TABLE, {"day_usd": 2.0})


LINES = st.lists(
    st.sampled_from(
        [
            "",
            "# a",
            "[budget.agents]",
            "[tui]",
            "day_usd = 1",
            "run_usd = 2 # b",
            "\ttask_usd=3",
            "x = [",
            "1,",
            "]",
            "'''",
        ]
    ),
    max_size=8,
)
WANTED = st.dictionaries(
    st.sampled_from(["task_usd", "run_usd", "day_usd"]),
    st.none() | st.floats(0, 1e6, allow_nan=False),
)


@given(lines=LINES, wanted=WANTED, end=st.sampled_from(["\n", "\r\n"]))
def test_whatever_is_there_it_says_what_was_asked_or_is_refused(
    lines: list[str], wanted: dict[str, float | None], end: str
) -> None:
    text = end.join(lines)
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    try:
        after = tomllib.loads(with_numbers(text, TABLE, wanted))
    except CannotChange:
        return
    held = dict(after.get("budget", {}).get("agents", {}))
    assert all(held.pop(key, None) == value for key, value in wanted.items())
    kept = dict(before.get("budget", {}).get("agents", {}))
    assert held == {key: value for key, value in kept.items() if key not in wanted}
    assert {k: v for k, v in before.items() if k != "budget"} == {k: v for k, v in after.items() if k != "budget"}
