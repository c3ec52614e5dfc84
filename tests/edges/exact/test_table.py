"""All tools together: what one declares as its own is answered, with one answer, and no trap of one is another's."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import swarmctl.edges.exact
from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact import hinted, hints, table
from swarmctl.edges.exact.table import Exact

NOW, ZONE = 1772618550.0, "Europe/Berlin"
"""2026-03-04T10:02:30Z, a Wednesday."""
TOOLS = [tool for tool in table.tools() if isinstance(tool, Exact)]
FOLDER = Path(swarmctl.edges.exact.__file__).parent
LOOKUP = "lookup_"


def said(question: str) -> list[tuple[str, Found]]:
    """As the cascade asks them."""
    asked = Asked(question, NOW, ZONE)
    found = [(tool.name, tool.answer(asked)) for tool in TOOLS if tool.may(asked)]
    return [(name, each) for name, each in found if each is not None]


def test_every_tool_in_the_folder_is_in_the_table() -> None:
    declared = {path.stem for path in FOLDER.glob("*.py") if re.search(r"^NAME = ", path.read_text(), re.MULTILINE)}
    assert declared - {each for each in declared if each.startswith(LOOKUP)} == {tool.name for tool in TOOLS}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_declares_enough_of_what_is_its_own_and_of_what_is_not(tool: Exact) -> None:
    assert len(set(tool.scope)) >= 25
    assert len(set(tool.traps)) >= 25


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_question_of_one_tool_has_one_answer(tool: Exact) -> None:
    for question, answer in tool.scope:
        answers = {name: found.answer for name, found in said(question)}
        assert set(answers.values()) == {answer}, (question, answers)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_trap_of_one_tool_is_answered_by_none(tool: Exact) -> None:
    for question in tool.traps:
        assert [(name, found.answer) for name, found in said(question)] == [], question


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_is_said_can_be_checked_in_one_line(tool: Exact) -> None:
    for question, _ in tool.scope:
        for _, found in said(question):
            assert found.proof.strip() and found.proof.isprintable(), question


def test_the_hints_that_are_looked_at_are_those_of_the_tools() -> None:
    assert hinted.made() == hints.HINTS, "python -m swarmctl.edges.exact.hinted"
    for name in hints.HINTS:
        module = importlib.import_module(f"swarmctl.edges.exact.{name}")
        assert module.HINT.flags == hints.hint(name).flags, name


def test_the_digest_stands_for_the_sources() -> None:
    assert table.digest() == table.digest()
    assert re.fullmatch(r"[0-9a-f]{16}", table.digest())
