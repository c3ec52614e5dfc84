"""How often swarmctl is right about what real agents do: python -m tests.real.state_table.

Plays the recorded runs again, hooks, transcripts and looks in their time, through the code of the product. A moment
counts once its truth has stood for a second: nobody is asked to know sooner.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from swarmctl.app.looking import WITNESSED, Seen
from swarmctl.app.senses import Senses, change_of, is_news
from swarmctl.core.agent import Profile
from swarmctl.core.events import StateChanged
from swarmctl.core.evidence import Evidence
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.screen import Reading, ScreenReader, read_screen
from swarmctl.core.session import Session, Stage, State, Talk
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.session.hearing import hear, read
from tests.real.homes import ROOT
from tests.real.record_screens import version_of

RUNS = ROOT / "tests" / "fixtures" / "states"
SAMPLE_S = 0.05
LOOK_S = 0.1
SETTLES_S = 1.0
RESTS = (State.IDLE, State.DONE_UNSEEN)

Verdict = tuple[State, str]
"""A state, and the kind of a block."""


def verdict(state: str, kind: str) -> Verdict:
    found = State(state)
    return (State.IDLE if found in RESTS else found), (kind if found is State.BLOCKED else "")


@dataclass(frozen=True)
class Truth:
    begins: tuple[float, ...]
    states: tuple[Verdict | None, ...]
    """None while nobody can say."""

    @classmethod
    def of(cls, entries: Iterable[dict[str, Any]]) -> Truth:
        said = [(float(each["at"]), each["truth"]) for each in entries if "truth" in each]
        states = (verdict(truth["state"], truth["kind"]) if truth["state"] else None for _, truth in said)
        return cls(tuple(at for at, _ in said), tuple(states))

    def at(self, moment: float) -> Verdict | None:
        """Only what has stood for long enough."""
        number = bisect_right(self.begins, moment) - 1
        return self.states[number] if number >= 0 and moment - self.begins[number] >= SETTLES_S else None

    @property
    def changes(self) -> int:
        known = [state for state in self.states if state is not None]
        return sum(before != after for before, after in pairwise(known))


@dataclass(frozen=True)
class Score:
    samples: int
    right: int
    unknown: int
    wrong: Counter[str]
    changes: int
    transitions: int
    slowest_s: float
    """From what became true to the ledger, at its longest."""


def score(truth: Truth, believed: Sequence[tuple[float, dict[str, str]]]) -> Score:
    right, unknown, wrong = 0, 0, Counter[str]()
    said = [(at, verdict(each["state"], each["kind"])) for at, each in believed]
    for at, found in said:
        promised = truth.at(at)
        if promised is None:
            continue
        if found == promised:
            right += 1
        elif found[0] is State.UNKNOWN:
            unknown += 1
        else:
            wrong[f"{' '.join(filter(None, promised))} taken for {' '.join(filter(None, found))}"] += 1
    transitions = sum(before != after for (_, before), (_, after) in pairwise(said))
    return Score(
        right + unknown + wrong.total(), right, unknown, wrong, truth.changes, transitions, slowest(truth, said)
    )


def slowest(truth: Truth, said: Sequence[tuple[float, Verdict]]) -> float:
    found = 0.0
    ends = [*truth.begins[1:], float("inf")]
    for begin, end, state in zip(truth.begins, ends, truth.states, strict=True):
        seen = next((at for at, each in said if begin <= at < end and each == state), None)
        if seen is not None:
            found = max(found, seen - begin)
    return found


@dataclass
class Clock:
    at: float = 0.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class Replay:
    """One session that hears and sees what was recorded."""

    def __init__(self, agent: str, begin: float) -> None:
        path = ROOT / "agents" / f"{agent}.yaml"
        self.profile: Profile = read_agent(path.read_text(), path.name).profile()
        self.clock = Clock(begin)
        self.senses = Senses(self.clock)
        self.session = Session(
            SessionId("s"), TaskId("t"), RunId("r"), agent, "b", "main", "c", "main", "/w", 0, begin,
            stage=Stage.RUNNING, state=State.WORKING, state_since=begin, state_why="its process runs", pane="%1",
            talk=Talk(mode="interactive"),
        )  # fmt: skip
        self.screen: dict[int, str] = {}
        self.shown: tuple[Reading | None, Reading | None] = (None, None)
        self.shown_at = begin
        self.told: tuple[object, ...] | None = None

    def play(self, entries: Sequence[dict[str, Any]]) -> Iterator[tuple[float, dict[str, str]]]:
        waiting = list(entries)
        while waiting:
            self.clock.at += SAMPLE_S
            while waiting and float(waiting[0]["at"]) <= self.clock.at:
                self._take(waiting.pop(0))
            self._see()
            for change in self.senses.look_again([self.session]):
                self._change(change)
            yield self.clock.at, {"state": self.session.state.value, "kind": self.session.state_kind}

    def _take(self, entry: dict[str, Any]) -> None:
        if "hook" in entry:
            word = entry["hook"]
            heard = hear(self.profile, word["event"], word["payload"], float(entry["at"]), word["text"])
            known = self.session.talk.conversation
            if heard.conversation and not known:
                known = heard.conversation
                self.session = replace(self.session, talk=replace(self.session.talk, conversation=known))
            if heard.evidence is not None and heard.conversation in ("", known):
                self._believe(heard.evidence)
        elif "line" in entry and self.profile.transcript is not None:
            line = read(self.profile.transcript, entry["line"], self.clock.at)
            if line is not None and line.evidence is not None:
                self._believe(line.evidence)
        elif "look" in entry:
            self._paint(entry["look"], float(entry["at"]))

    def _believe(self, evidence: Evidence) -> None:
        before = self.senses.belief(self.session)
        belief = self.senses.weigh(self.session, [evidence], before)
        if is_news(belief, before):
            self._change(change_of(self.session, belief))

    def _paint(self, look: dict[str, Any], at: float) -> None:
        assert self.profile.screen is not None
        self.screen |= {int(row): line for row, line in look.items() if row != "lines"}
        title, *lines = (self.screen.get(row, "") for row in range(look["lines"]))
        shown = (ScreenReader(self.profile.screen).title(title), read_screen(self.profile.screen, "\n".join(lines)))
        if opinion(shown) != opinion(self.shown):
            self.shown_at = at
        self.shown = shown

    def _see(self) -> None:
        """As `Looking` does of an agent that a person has before them: what two looks agree on."""
        if opinion(self.shown) == self.told or self.clock.at - self.shown_at < WITNESSED.gap_s + WITNESSED.agree_s:
            return
        first, self.told = self.told is None, opinion(self.shown)
        seen = Seen(
            self.session.id, "%1", self.shown_at, *self.shown, viewed=True, first=first, after=self.shown_at - LOOK_S
        )
        change = self.senses.see(self.session, seen)
        if change is not None:
            self._change(change)

    def _change(self, change: StateChanged) -> None:
        since = self.session.state_since if change.state is self.session.state else self.clock.at
        why = f"{change.source}: {change.why}"
        self.session = replace(
            self.session, state=change.state, state_kind=change.kind, state_since=since, state_why=why
        )


def opinion(shown: tuple[Reading | None, Reading | None]) -> tuple[object, ...]:
    return tuple((each.state, each.kind) if each else None for each in shown)


def recorded(agent: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RUNS / f"{agent}.jsonl").read_text().splitlines()]


def replayed(agent: str) -> Score:
    entries = recorded(agent)
    return score(Truth.of(entries), list(Replay(agent, float(entries[0]["at"])).play(entries)))


def agents() -> list[str]:
    return sorted(path.stem for path in RUNS.glob("*.jsonl"))


def render(rows: Iterable[tuple[str, str, Score]]) -> str:
    lines = [
        "| agent | version | samples | right | unknown | wrong | changes | transitions | slowest |",
        "|---" * 9 + "|",
    ]
    for agent, version, found in rows:
        kinds = (
            f" ({', '.join(f'{kind}: {count}' for kind, count in sorted(found.wrong.items()))})" if found.wrong else ""
        )
        share = f"{100 * found.right / found.samples:.1f} %"
        cells = (agent, version, found.samples, share, found.unknown, f"{found.wrong.total()}{kinds}", found.changes)
        lines.append(f"| {' | '.join(map(str, cells))} | {found.transitions} | {found.slowest_s:.1f} s |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render((agent, version_of(agent), replayed(agent)) for agent in agents()))
