"""What an exact answer takes, from typing it and in a process that runs, and the route of short and long texts."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from swarmctl.app.asking import Place, council, rule_texts, rules_from
from swarmctl.core.council import Asked, Kind, Risk, Route
from swarmctl.flow.council.cascade import deliberate
from swarmctl.flow.route.decide import decide
from swarmctl.flow.route.rules import AVAILABLE
from tests.bench.figures import Row, row
from tests.bench.place import make_repository
from tests.bench.start_up import in_turns

BIN = Path(sys.executable).parent
WORDS = ("fix", "the", "parser", "what", "1234", "config.toml", "src/app/main.py", "token", "a", "(so)", "tests::name")
WARM = (
    "what is 2+2?",
    "255 in hex",
    "3 miles in km",
    "how many days between 2024-02-28 and 2024-03-01",
    "is 97 prime?",
)
ROUTE = Route(Kind.EXACT, Risk.LOW, AVAILABLE, ())


def rows(folder: Path, rounds: int = 40, routes: int = 2_000) -> Iterator[Row]:
    repo = folder / "repo"
    make_repository(repo, 20)
    for metric, cwd in (('`swarmctl ask "what is 2+2?"`', folder), ("the same in a repository", repo)):
        measured, bare = in_turns((f"{BIN}/swarmctl", "ask", "what is 2+2?"), cwd, {}, rounds)
        yield row(metric, measured, bare, what="`python -c pass`", aim="120 ms")
    there = council("")
    for question in WARM:
        asked = Asked(question, 1772618550.0, "Europe/Berlin")
        yield row(
            f"`{question}`, warm",
            _times(partial(deliberate, asked, ROUTE, there), routes // 10),
            aim="5 ms p99",
        )
    rules = rules_from(rule_texts(Place("", "").root))
    for name, size, aim in (("40 B", 40, ""), ("4 KB", 4_096, "0.3 ms p99"), ("1 MB", 1_000_000, "1 ms p99")):
        text = _text(size)
        yield row(f"route of {name}", _times(partial(decide, text, rules), routes), aim=aim)


def _times(work: Callable[[], object], count: int) -> list[float]:
    work()
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def _text(size: int) -> str:
    chosen = random.Random(1)
    return " ".join(chosen.choice(WORDS) for _ in range(size // 3))[:size]
