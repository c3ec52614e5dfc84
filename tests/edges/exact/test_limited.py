"""The child that computes for the tools sees nothing, keeps nothing, and is ended when it is late."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core.council import Asked
from swarmctl.edges.exact import algebra, regexes
from swarmctl.edges.exact.confined import Confined

RUNAWAY = "(a+)+$"


@pytest.fixture
def child() -> Iterator[Confined]:
    made = Confined("swarmctl.edges.exact.regex_child", libraries=False)
    yield made
    made.close()


def tried(pattern: str, text: str) -> dict[str, object]:
    return {"pattern": pattern, "text": text, "flags": ""}


def test_a_late_answer_is_none_and_the_next_question_is_answered(child: Confined) -> None:
    assert child.ask(tried(RUNAWAY, "a" * 60 + "!"), 0.3) is None
    assert child.ask(tried("b", "abc"), 5) == {"span": [1, 2], "whole": False}


def test_what_the_child_cannot_do_is_none(child: Confined) -> None:
    assert child.ask(tried("a(", "a"), 5) is None
    assert child.ask({"nothing": "of this"}, 5) is None
    assert child.ask(tried("b", "abc"), 5) == {"span": [1, 2], "whole": False}


def test_memory_has_an_end(child: Confined) -> None:
    assert child.ask(tried("(?:" + "a?" * 4000 + "){40000}" * 3, "a"), 5) is None
    assert child.ask(tried("a", "a"), 5) == {"span": [0, 1], "whole": True}


def test_nothing_is_left_after_the_end(child: Confined) -> None:
    child.ask(tried("a", "a"), 5)
    process = child._process
    assert process is not None
    child.close()
    assert process.returncode is not None
    assert not Path(f"/proc/{process.pid}/task").exists()


def test_it_works_without_bubblewrap(child: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert child.ask(tried("a", "a"), 5) == {"span": [0, 1], "whole": True}


def test_a_bubblewrap_that_does_not_work_is_done_without(
    child: Confined, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert child.ask(tried("a", "a"), 5) == {"span": [0, 1], "whole": True}


def test_a_child_that_was_killed_is_started_again(child: Confined) -> None:
    child.ask(tried("a", "a"), 5)
    process = child._process
    assert process is not None
    process.kill()
    process.wait()
    assert child.ask(tried("a+", "a"), 5) == {"span": [0, 1], "whole": True}


@pytest.mark.parametrize(
    "question",
    [
        "solve " + "(" * 300 + "x" + ")" * 300 + " = 1",
        "solve x^" + "9" * 200 + " = 1",
        "solve 9^9^9^9 x = 1",
        "expand " + "(x+1)" * 60,
        "solve __import__('os').system('id') = x",
        "simplify x.__class__",
        "derivative of \x1b[31mx",
        "solve " + "-" * 300 + "x = 1",
        "factor " + "x" * 5000,
    ],
)
def test_hostile_formulas_are_not_answered(question: str) -> None:
    assert algebra.answer(Asked(question, 0.0, "UTC")) is None


def test_a_pattern_that_runs_away_is_not_answered() -> None:
    asked = Asked(f"does /{RUNAWAY}/ match {'a' * 60}!", 0.0, "UTC")
    assert regexes.answer(asked) is None
