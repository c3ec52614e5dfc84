"""What is made to cost time is answered or left in bounded work, and never ends a tool with an error."""

from __future__ import annotations

import pytest

from swarmctl.core.council import Asked
from swarmctl.edges.exact import table

ALIASES = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8 if n else ['x'])}]" for n in range(40))
BOMBS = (
    f"is this valid YAML?\n{ALIASES}",
    "is this valid YAML?\n" + "[" * 1500,
    "is " + "[" * 2000 + "]" * 2000 + " valid JSON?",
    "is this valid TOML?\na = " + "[" * 1900,
    "half of " * 500 + "3",
    "(" * 2000 + "1" + ")" * 2000,
    "-" * 4000 + "1",
    "2^" * 1000 + "2",
    "9**9**9",
    "is " + "9" * 4000 + " prime?",
    "is " + "not " * 900 + "p a tautology?",
    "2026-01-05 plus " + "9" * 3000 + " days",
    "1e999999999 km in m",
    "what time is it in " + "Tokyo " * 600,
    "is " + "9" * 3900 + ".0.0 newer than 1.0.0?",
    "when does " + "*/5," * 900 + "1 * * * * run next?",
    "\ud800 in hex",
    "base64 of '\ud800'",
    "9" * 100_000,
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("question", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_is_bounded_work(question: str) -> None:
    asked = Asked(question, 1772618550.0, "Europe/Berlin")
    found = [tool.answer(asked) for tool in table.tools() if tool.may(asked)]
    assert all(each is None or len(each.answer) < 20_000 for each in found)


def test_aliases_are_looked_at_once_and_a_circle_is_left() -> None:
    formats = next(tool for tool in table.tools() if tool.name == "formats")
    said = formats.answer(Asked("is this valid YAML?\na: &a [1]\nb: [*a, *a]", 0.0, "UTC"))
    assert said is not None
    assert said.answer == "yes"
    assert formats.answer(Asked("is this valid YAML?\na: &a [*a]", 0.0, "UTC")) is None
