"""The exact tools on questions with known answers: right, wrong accepted, abstained, error, and how long it took."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from swarmctl.app.asking import council
from swarmctl.core.council import Asked, Kind, Risk, Route, Status
from swarmctl.core.errors import UsageFault
from swarmctl.edges.exact.table import tools
from swarmctl.flow.council.agreement import agrees
from swarmctl.flow.council.cascade import Council, at_once, deliberate
from swarmctl.flow.route.rules import AVAILABLE

NOW = 1772618550.0
"""2026-03-04T10:02:30Z, a Wednesday: what `now` is where nobody says otherwise."""
ZONE = "Europe/Berlin"
_ANY = Route(Kind.EXACT, Risk.LOW, AVAILABLE, ("bench",))


@dataclass(frozen=True, slots=True)
class Case:
    group: str
    question: str
    answers: tuple[str, ...]
    """Forms of the right one; none when only silence is right."""
    trap: bool
    """Silence is right as well."""
    alone: bool = False
    """As one question, though it be several."""
    now: float = NOW
    zone: str = ZONE


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
        yield from (Case(tool.name, question, (answer,), False, True) for question, answer in tool.scope)
        yield from (Case(f"{tool.name}, traps", question, (), True, True) for question in tool.traps)


def cases_of(path: Path) -> Iterator[Case]:
    r"""A file of questions: question, tab, answer, and other forms of it behind more tabs; `-` is silence.

    `# class: X` begins a class, `# asked: SECONDS ZONE` says when and where; \n, \t, \r, \\ and \uXXXX stand for what
    they are everywhere.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFault(f"{path} cannot be read: {error}", hint="swarmctl council bench FILE") from error
    group, now, zone = path.stem, NOW, ZONE
    for number, line in enumerate(lines, 1):
        if found := _HEADING.fullmatch(line):
            group = f"{path.stem}, {found[1]}" if found[1] else group
            now, zone = (float(found[2]), found[3]) if found[2] else (now, zone)
        if not line.strip() or line.startswith("#"):
            continue
        question, *answers = map(unescaped, line.split("\t"))
        if not answers:
            raise UsageFault(f"{path}:{number}: no tab between question and answer", hint="QUESTION<tab>ANSWER")
        right = () if answers[0].strip() == "-" else tuple(answers)
        yield Case(group, question, right, not right or path.stem.startswith("traps"), False, now, zone)


_HEADING = re.compile(r"# (?:class: (.+)|asked: (\d+) (\S+))")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|([ntr\\]))")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _PLAIN[found[3]] if found[3] else chr(int(found[1] or found[2], 16)), text)


def measure(cases: Iterable[Case]) -> dict[str, Score]:
    """By class, in the order they came."""
    scores: dict[str, Score] = {}
    there = council("")
    for case in cases:
        score = scores.setdefault(case.group, Score())
        began = time.perf_counter()
        status, answer = _said(Asked(case.question, case.now, case.zone), there, case.alone)
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
    elif agrees(answer, *case.answers):
        score.right += 1
        return
    else:
        score.wrong += 1
    score.bad.append((case.question, answer or status.value))
