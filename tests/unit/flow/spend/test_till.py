"""The till: what is reserved before a start, what waits, what is refused, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import AgentBudget, Settings
from swarmctl.core.facts import Facts, ImpossibleEvent
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.money import Entry, Tokens, Use, entry_id
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import ProcessId, Session
from swarmctl.core.usage import UsageRule, UsageRules
from swarmctl.flow.spend.till import MARGIN, Till, estimate
from tests.fakes.store import MemoryLog

DAY = "2026-11-21"
RUN = RunId("r")


@dataclass
class Shop:
    """A till over a ledger in memory; agents say what the test says."""

    budget: AgentBudget = field(default_factory=AgentBudget)
    rules: UsageRules | None = field(default_factory=UsageRules)
    environ: Mapping[str, str] = field(default_factory=dict)
    time: float = 1000.0

    def __post_init__(self) -> None:
        self.said: dict[str, tuple[Use, ...]] = {}
        self.log = MemoryLog(lambda: self.time)
        self.log.append(e.RunSubmitted(RUN, waits=True, lands="waited", target="main"))
        self.till = Till(
            settings=lambda: Settings(budget_agents=self.budget),
            rules_of=lambda agent: self.rules,
            environ_of=lambda agent, run: self.environ,
            read=lambda entry: self.said.get(entry.id, ()),
            today=lambda: DAY,
            now=lambda: self.time,
        )

    @property
    def facts(self) -> Facts:
        return self.log.facts

    def session(self, name: str) -> Session:
        session, task = SessionId(name), TaskId(f"t-{name}")
        if session not in self.facts.sessions:
            self.log.append(e.TaskAdded(task, RUN, 1, name, name, "claude"))
            planned = e.SessionPlanned(
                session, task, RUN, "claude", f"swarm/{name}", "main", "0" * 40, "main", f"/w/{name}", 0
            )
            self.log.append(planned, e.WorktreeReady(session, warm=False))
        return self.facts.sessions[session]

    def start(self, name: str) -> list[e.Event]:
        events = []
        for event in self.till.reserve(self.session(name), self.facts):
            self.log.append(event)
            events.append(event)
        if not any(isinstance(event, e.SessionKept) for event in events):
            self.log.append(e.LaunchIntended(SessionId(name), "process", 1))
            self.log.append(e.SessionStarted(SessionId(name), ProcessId(1, 1, "b"), ""))
        return events

    def uses(self, name: str, *micros: int | None) -> None:
        self.said[entry_id(SessionId(name), 1)] = tuple(Use(f"m{n}", Tokens(5), m) for n, m in enumerate(micros))

    def look(self) -> list[e.Event]:
        return self.drive(self.till.look_around(self.facts))

    def close(self, name: str) -> list[e.Event]:
        return self.drive(self.till.close(self.session(name), self.facts))

    def drive(self, stream: object) -> list[e.Event]:
        events = []
        for event in stream:  # type: ignore[attr-defined]
            self.log.append(event)
            events.append(event)
        return events

    def entry(self, name: str) -> Entry:
        found: Entry = self.facts.entries[entry_id(SessionId(name), 1)]
        return found


def capped(**usd: float) -> Shop:
    return Shop(AgentBudget(**usd))


def test_an_agent_that_costs_nothing_is_not_in_the_books() -> None:
    shop = Shop(rules=None)
    assert shop.start("a") == []
    assert shop.till.over(shop.session("a"), shop.facts) == ""


def test_without_caps_the_default_is_reserved_and_shown() -> None:
    shop = Shop()
    (event,) = shop.start("a")
    assert isinstance(event, e.Reserved)
    assert (event.amount, event.plan, event.day) == (1_000_000, False, DAY)
    assert {hold.scope: hold.cap for hold in event.holds} == {
        "task:t-a": None,
        "run:r": None,
        f"day:{DAY}": None,
        "project": None,
    }


def test_a_start_that_was_reserved_is_not_reserved_again() -> None:
    shop = Shop()
    shop.drive(shop.till.reserve(shop.session("a"), shop.facts))
    assert list(shop.till.reserve(shop.session("a"), shop.facts)) == []


def test_never_more_than_the_smallest_cap_is_reserved() -> None:
    shop = capped(task_usd=0.25, day_usd=5)
    (event,) = shop.start("a")
    assert isinstance(event, e.Reserved)
    assert event.amount == 250_000


def test_many_starts_cannot_overshoot_together() -> None:
    shop = capped(day_usd=2.5)
    shop.start("a"), shop.start("b")
    assert shop.till.room(shop.session("c"), shop.facts) == "waits"
    with pytest.raises(ImpossibleEvent, match="waits for money"):
        list(shop.till.reserve(shop.session("c"), shop.facts))
    shop.uses("a", 100_000)
    shop.close("a")
    assert shop.till.room(shop.session("c"), shop.facts) == "fits"


def test_a_start_that_can_never_fit_is_kept_with_words_and_what_to_type() -> None:
    shop = capped(run_usd=1.5)
    shop.start("a")
    shop.uses("a", 900_000)
    shop.close("a")
    (event,) = shop.start("b")
    assert isinstance(event, e.SessionKept)
    assert event.outcome is Outcome.BUDGET
    assert "run r used $0.90 of $1.50" in event.reason
    assert "swarmctl budget" in event.reason


def test_the_estimate_is_twice_the_dearest_of_its_like() -> None:
    shop = Shop()
    for name, cost in (("a", 100_000), ("b", 300_000), ("c", None)):
        shop.start(name)
        shop.uses(name, cost)
        shop.close(name)
    assert estimate(shop.facts, "claude", "", 7) == MARGIN * 300_000
    assert estimate(shop.facts, "claude", "opus", 7) == 7
    assert estimate(shop.facts, "codex", "", 7) == 7


def test_a_plan_is_tokens_and_never_money() -> None:
    shop = Shop(AgentBudget(day_usd=0), UsageRules(keys=("ANTHROPIC_API_KEY",)))
    (event,) = shop.start("a")
    assert isinstance(event, e.Reserved)
    assert (event.amount, event.plan) == (0, True)
    shop.said[shop.entry("a").id] = (Use("m", Tokens(9), plan=True),)
    shop.close("a")
    assert (shop.entry("a").charge, shop.entry("a").is_unknown, shop.entry("a").tokens.total) == (0, False, 9)


def test_with_a_key_the_same_agent_costs_money() -> None:
    shop = Shop(AgentBudget(), UsageRules(keys=("ANTHROPIC_API_KEY",)), {"ANTHROPIC_API_KEY": "x"})
    (event,) = shop.start("a")
    assert isinstance(event, e.Reserved)
    assert not event.plan


def test_a_person_is_told_once_at_80_and_once_at_100_percent() -> None:
    shop = capped(task_usd=1)
    shop.start("a")
    told = []
    for micros in (700_000, 850_000, 900_000, 1_100_000, 1_200_000):
        shop.uses("a", micros)
        told += [event.percent for event in shop.look() if isinstance(event, e.CapNeared)]
    assert told == [80, 100]
    shop.budget = AgentBudget(task_usd=1.4)
    assert [event.percent for event in shop.till.neared(SessionId("a"), ["task:t-a"], shop.facts)] == [80]  # type: ignore[union-attr]


def test_a_look_that_finds_nothing_new_writes_nothing() -> None:
    shop = Shop()
    shop.start("a")
    shop.uses("a", 5)
    assert [type(event) for event in shop.look()] == [e.Used]
    assert shop.look() == []


def test_over_says_why_the_next_turn_may_not_begin() -> None:
    shop = capped(task_usd=1)
    shop.start("a")
    shop.uses("a", 999_999)
    shop.look()
    assert shop.till.over(shop.session("a"), shop.facts) == ""
    shop.uses("a", 1_000_000)
    shop.close("a")
    assert "task t-a used $1.00 of $1.00" in shop.till.over(shop.session("a"), shop.facts)


def test_an_agent_that_never_said_a_word_costs_all_that_was_reserved() -> None:
    shop = Shop()
    shop.start("a")
    shop.close("a")
    assert (shop.entry("a").how, shop.entry("a").charge) == ("unknown", 1_000_000)


TELLS = UsageRules(events=(UsageRule("stream.result"),))


@pytest.mark.parametrize(
    ("rules", "used", "how", "charge"),
    [(TELLS, (), "unused", 0), (TELLS, (7,), "actual", 7), (UsageRules(), (), "unknown", 1_000_000)],
)
def test_a_start_that_a_limit_stopped_costs_what_its_agent_says_if_it_says_such_things(
    rules: UsageRules, used: tuple[int, ...], how: str, charge: int
) -> None:
    shop = Shop(rules=rules)
    shop.start("a")
    if used:
        shop.uses("a", *used)
    shop.log.append(e.TurnEnded(SessionId("a"), False, "429"))
    shop.log.append(e.ProviderLimited(SessionId("a"), "anthropic", "usage", "429", 9000.0))
    shop.close("a")
    assert (shop.entry("a").how, shop.entry("a").charge) == (how, charge)
    assert not shop.facts.open, "nothing is held while it waits"


def test_what_is_left_open_by_a_kill_is_given_back_when_nothing_began() -> None:
    shop = Shop()
    shop.drive(shop.till.reserve(shop.session("a"), shop.facts))
    assert shop.look() == []
    shop.log.append(e.SessionKept(SessionId("a"), Outcome.INTERRUPTED, "swarmctl was interrupted"))
    shop.look()
    assert (shop.entry("a").how, shop.entry("a").charge) == ("unused", 0)


def test_what_may_have_begun_is_not_given_back() -> None:
    shop = Shop()
    shop.drive(shop.till.reserve(shop.session("a"), shop.facts))
    shop.log.append(e.SessionKept(SessionId("a"), Outcome.UNKNOWN, "may have started"))
    shop.look()
    assert shop.entry("a").how == "unknown"


def test_after_its_deadline_an_open_reservation_is_settled_at_full_price_and_a_late_word_counts() -> None:
    shop = Shop()
    shop.start("a")
    shop.time = shop.entry("a").deadline
    shop.look()
    assert (shop.entry("a").how, shop.entry("a").charge) == ("expired", 1_000_000)
    shop.uses("a", 5)
    shop.close("a")
    assert (shop.entry("a").how, shop.entry("a").charge) == ("actual", 5)
    assert shop.close("a") == []


def test_a_session_that_went_on_settles_its_earlier_start() -> None:
    shop = Shop()
    shop.start("a")
    shop.uses("a", 5)
    kept = e.SessionKept(SessionId("a"), Outcome.FAILED, "x")
    shop.log.append(kept, e.SessionResumed(SessionId("a"), 2))
    shop.look()
    assert (shop.entry("a").how, shop.entry("a").charge) == ("actual", 5)
    assert replace(shop.session("a")).attempt == 2
