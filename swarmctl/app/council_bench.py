"""The exact tools on questions with known answers: right, wrong accepted, abstained, error, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from swarmctl.app.asking import council
from swarmctl.core.council import Asked, Kind, Risk, Route, Status
from swarmctl.core.errors import UsageFault
from swarmctl.edges.exact.table import tools
from swarmctl.flow.council.cascade import Council, at_once, deliberate
from swarmctl.flow.council.normal import normal
from swarmctl.flow.route.rules import AVAILABLE

NOW = 1767614400.0
"""2026-01-05 12:00 UTC, a Monday: what `now` is to all questions."""
ZONE = "UTC"
_ANY = Route(Kind.EXACT, Risk.LOW, AVAILABLE, ("bench",))


@dataclass(frozen=True, slots=True)
class Case:
    group: str
    question: str
    answer: str
    """Empty when only silence is right."""
    trap: bool
    """Silence is right as well."""
    alone: bool = False
    """As one question, though it be several."""


@dataclass(slots=True)
class Score:
    """Of one class of questions."""

    right: int = 0
    wrong: int = 0
    abstained: int = 0
    error: int = 0
    seconds: list[float] = field(default_factory=list)
    bad: list[tuple[str, str]] = field(default_factory=list)
    """(question, what was said) of those that went wrong, were not answered or failed."""

    @property
    def count(self) -> int:
        return self.right + self.wrong + self.abstained + self.error


def own_cases() -> Iterator[Case]:
    """What the tools declare of themselves."""
    for tool in tools():
        yield from (Case(tool.name, question, answer, False, True) for question, answer in tool.scope)
        yield from (Case(f"{tool.name}, traps", question, "", True, True) for question in tool.traps)


def cases_of(path: Path) -> Iterator[Case]:
    """A file of questions: question, tab, answer; `-` is silence. Backslash n, t and backslash stand for themselves."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFault(f"{path} cannot be read: {error}", hint="swarmctl council bench FILE") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        question, tab, answer = line.partition("\t")
        if not tab:
            raise UsageFault(f"{path}:{number}: no tab between question and answer", hint="QUESTION<tab>ANSWER")
        silence = answer.strip() == "-"
        trap = silence or path.stem.startswith("traps")
        group = f"{path.stem}, traps" if silence else path.stem
        yield Case(group, unescaped(question), "" if silence else unescaped(answer), trap)


def unescaped(text: str) -> str:
    return text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")


def measure(cases: Iterable[Case]) -> dict[str, Score]:
    """By class, in the order they came."""
    scores: dict[str, Score] = {}
    there = council("")
    for case in cases:
        score = scores.setdefault(case.group, Score())
        began = time.perf_counter()
        status, answer = _said(Asked(case.question, NOW, ZONE), there, case.alone)
        score.seconds.append(time.perf_counter() - began)
        _count(score, case, status, answer)
    return scores


def _said(asked: Asked, there: Council, alone: bool) -> tuple[Status, str]:
    if not alone:
        reply = deliberate(asked, _ANY, there).reply
        return reply.status, reply.answer
    found, failed = at_once(asked, there)
    silent = Status.ERROR if failed else Status.ABSTAINED
    return (Status.ANSWERED, found.answer) if found else (silent, "")


def _count(score: Score, case: Case, status: Status, answer: str) -> None:
    """In a trap silence is right; what was not answered of the rest is abstained."""
    if status is Status.ERROR:
        score.error += 1
    elif status is Status.ABSTAINED:
        score.abstained += 1
        if case.trap:
            return
    elif case.answer and normal(answer) == normal(case.answer):
        score.right += 1
        return
    else:
        score.wrong += 1
    score.bad.append((case.question, answer or status.value))
