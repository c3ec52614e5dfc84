"""After a limit one goes first and the others follow: no herd, whatever happens to whoever goes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from swarmctl.core.events import Event, ProviderLimited, SessionEnded, SessionStarted, Stamped, StateChanged, TurnEnded
from swarmctl.core.evidence import Source
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.limits import FIRST_S, FOLLOW_S, LONGEST_S, STUCK_S, Limit, ProviderRule, account_of, met
from swarmctl.core.machine import Facts, apply
from swarmctl.core.session import Exit, ProcessId, Session, Stage, State, Talk
from swarmctl.core.task import Run, Task
from swarmctl.loops.engine.advance import Around, Kind, Step, advance
from swarmctl.loops.engine.turns import eases, go_on, hold, next_turn

ACME, OTHER, MANY = "acme", "other", 20
BARE = Session(SessionId("s"), TaskId("t"), RunId("r"), ACME, "b", "main", "0" * 40, "main", "/w", 0, created_at=1.0)


class Swarm:
    """Sessions of one provider on a clock of their own; steps are taken as soon as `advance` says them."""

    def __init__(self, count: int, slots: int = MANY) -> None:
        self.facts = Facts()
        self.now = 1000.0
        self.slots = slots
        self.launched: list[tuple[float, SessionId]] = []
        self.facts.put(Run(RunId("r"), 0.0, True, "waited", "main"))
        for number in range(count):
            self.add(number)

    def add(self, number: int, agent: str = ACME) -> None:
        task = Task(TaskId(f"t{number}"), RunId("r"), number, "t", "p", agent, session=SessionId(f"s{number:02}"))
        self.facts.put(task)
        talk = Talk(mode="headless", account=agent, conversation="c")
        ids = {"id": SessionId(f"s{number:02}"), "task": task.id}
        running = {"stage": Stage.RUNNING, "state": State.WORKING, "state_since": self.now}
        self.facts.put(replace(BARE, **ids, **running, agent=agent, talk=talk, place="present"))  # type: ignore[arg-type]

    def tell(self, *events: Event) -> None:
        for event in events:
            for row in apply(self.facts, Stamped(1, self.now, event)):
                self.facts.put(row)

    def limit(self, session: SessionId, until: float | None) -> None:
        """Its turn ends so, its process is gone, and what it left is kept."""
        self.tell(
            TurnEnded(session, False, "429"),
            ProviderLimited(session, ACME, "rate", "429", until),
            SessionEnded(session, Exit(1), "exit file"),
        )
        self.tell(*hold(session, ACME, self.facts))

    def tick(self) -> list[Step]:
        self.tell(*eases(self.facts, self.now))
        around = Around(
            max_running=self.slots,
            has_env=lambda run: True,
            is_alive=lambda session: True,
            is_attended=lambda session: False,
            settled_in=True,
            now=self.now,
            account_of=lambda agent, task: agent,
        )
        steps = advance(self.facts, around)
        for step in steps:
            session = self.facts.sessions[SessionId(step.subject)]
            if step.kind is Kind.RESUME:
                for batch in go_on(session, step.account):
                    self.tell(*batch)
                self.start(session.id)
            elif step.kind is Kind.HOLD:
                self.tell(*hold(step.subject, step.account, self.facts))
        return steps

    def start(self, name: SessionId) -> None:
        self.launched.append((self.now, name))
        self.facts.put(replace(self.facts.sessions[name], stage=Stage.LAUNCHING))
        self.tell(SessionStarted(name, ProcessId(1, 1, "b"), ""))

    def ends_well(self, name: SessionId) -> None:
        self.tell(TurnEnded(name, True, "done"), SessionEnded(name, Exit(0), "exit file"))
        self.facts.put(replace(self.facts.sessions[name], stage=Stage.READY))

    def named(self, stage: Stage) -> list[SessionId]:
        return sorted(session.id for session in self.facts.sessions.values() if session.stage is stage)


def test_twenty_that_meet_a_limit_all_go_on_once_one_first_and_no_two_together() -> None:
    swarm = Swarm(MANY)
    for name in swarm.named(Stage.RUNNING):
        swarm.limit(name, 1600.0)
    assert swarm.tick() == []
    swarm.now = 1599.9
    assert swarm.tick() == []
    swarm.now = next_turn(swarm.facts, swarm.now)
    assert swarm.now == 1600.0
    swarm.tick()
    assert len(swarm.launched) == 1
    swarm.now += 10
    assert swarm.tick() == [], "the others wait for what the first one finds"
    swarm.ends_well(swarm.launched[0][1])
    for _ in range(1000):
        swarm.tick()
        if not swarm.named(Stage.LIMITED):
            break
        swarm.now = min(next_turn(swarm.facts, swarm.now), swarm.now + 5)

    assert sorted(name for _, name in swarm.launched) == [SessionId(f"s{number:02}") for number in range(MANY)]
    times = [at for at, _ in swarm.launched]
    assert all(later - sooner >= FOLLOW_S for sooner, later in pairwise(times[1:]))


def test_a_first_one_that_meets_it_again_is_the_only_one_that_does() -> None:
    swarm = Swarm(5)
    for name in swarm.named(Stage.RUNNING):
        swarm.limit(name, None)
    waits = []
    for _ in range(6):
        until = swarm.facts.limits[ACME].until
        waits.append(until - swarm.now)
        swarm.now = until
        swarm.tick()
        assert len(swarm.named(Stage.RUNNING)) == 1
        swarm.limit(swarm.named(Stage.RUNNING)[0], None)
    assert waits == [min(FIRST_S["rate"] * 2.0**number, LONGEST_S) for number in range(6)]
    assert len(swarm.launched) == 6


def test_a_first_one_that_dies_or_hangs_keeps_nobody_waiting() -> None:
    swarm = Swarm(3)
    for name in swarm.named(Stage.RUNNING):
        swarm.limit(name, 1010.0)
    swarm.now = 1010.0
    swarm.tick()
    (first,) = swarm.named(Stage.RUNNING)
    swarm.facts.put(replace(swarm.facts.sessions[first], stage=Stage.KEPT))
    swarm.tick()
    (second,) = swarm.named(Stage.RUNNING)
    swarm.tell(StateChanged(second, State.RATE_LIMITED, Source.HOOK, "it tries again"))
    swarm.now += STUCK_S
    assert swarm.tick() == [], "whoever tries by itself is left alone, and nobody joins it"
    swarm.tell(StateChanged(second, State.WORKING, Source.HOOK, "it answered"))
    swarm.now += STUCK_S
    swarm.tick()
    assert len(swarm.launched) == 3


def test_other_providers_go_on_and_what_was_not_started_is_held() -> None:
    swarm = Swarm(1)
    swarm.limit(SessionId("s00"), 5000.0)
    for number, agent in ((1, ACME), (2, OTHER)):
        swarm.facts.put(Task(TaskId(f"w{number}"), RunId("r"), number, "t", "p", agent))
    steps = {(step.kind, step.subject) for step in swarm_steps(swarm)}
    assert steps == {(Kind.HOLD, "w1"), (Kind.PLAN, "w2")}


def swarm_steps(swarm: Swarm) -> list[Step]:
    around = Around(
        max_running=1,
        has_env=lambda run: True,
        is_alive=lambda session: True,
        is_attended=lambda session: False,
        settled_in=True,
        now=swarm.now,
        account_of=lambda agent, task: agent,
    )
    return advance(swarm.facts, around)


def test_a_session_that_was_about_to_start_is_held_and_one_that_a_person_sends_goes() -> None:
    swarm = Swarm(2)
    swarm.limit(SessionId("s00"), 5000.0)
    waiting = replace(swarm.facts.sessions[SessionId("s01")], stage=Stage.PROVISIONED)
    swarm.facts.put(waiting)
    assert [(step.kind, step.account) for step in swarm_steps(swarm)] == [(Kind.HOLD, ACME)]
    swarm.facts.put(replace(waiting, talk=replace(waiting.talk, let_in="person")))
    assert [step.kind for step in swarm_steps(swarm)] == [Kind.LAUNCH]


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_happens_nobody_goes_while_it_is_shut_and_never_two_at_once(data: st.DataObject) -> None:
    swarm = Swarm(8, slots=data.draw(st.integers(1, 8)))
    for name in swarm.named(Stage.RUNNING):
        swarm.limit(name, data.draw(st.none() | st.floats(1000, 2000)))
    for _ in range(60):
        count, limit = len(swarm.launched), swarm.facts.limits[ACME]
        swarm.tick()
        assert len(swarm.launched) - count <= (1 if limit.eased_at is None or not limit.is_past(swarm.now) else 8)
        assert count == len(swarm.launched) or swarm.now >= limit.until
        for name in swarm.named(Stage.RUNNING):
            fate = data.draw(st.sampled_from(["works", "ends", "limited", "dies"]))
            if fate == "ends":
                swarm.ends_well(name)
            elif fate == "limited":
                swarm.limit(name, data.draw(st.none() | st.floats(0, 300).map(lambda more: swarm.now + more)))
            elif fate == "dies":
                swarm.facts.put(replace(swarm.facts.sessions[name], stage=Stage.KEPT))
        swarm.now += data.draw(st.sampled_from([0.0, 1.0, 5.0, 30.0, 600.0]))
    for _ in range(200):
        swarm.now += 60
        swarm.tick()
        for name in swarm.named(Stage.RUNNING):
            swarm.ends_well(name)
    assert not swarm.named(Stage.LIMITED), "everybody gets a turn"


def test_several_words_of_one_limit_are_one_limit_and_the_later_time_counts() -> None:
    def heard(at: float, until: float | None, before: Limit | None) -> Limit:
        return met(before, Limit(ACME, "rate", at, False, "429", SessionId("s"), at), until)

    guess = heard(100, None, None)
    assert (guess.until, guess.said) == (100 + FIRST_S["rate"], False)
    said = heard(101, 400.0, guess)
    assert (said.until, said.said, said.strikes) == (400.0, True, 0)
    assert heard(102, None, said) == said
    assert heard(102, 300.0, said) == said
    assert heard(102, 500.0, said).until == 500.0
    assert heard(401, 401.5, said).until == 403.0, "one that was too short is waited for longer"
    worked = replace(said, eased_at=450.0)
    assert heard(500, None, worked).strikes == 0


def test_an_account_is_a_provider_or_the_host_that_it_is_asked_at_and_whose_key_it_is() -> None:
    class Agent:
        name, provider = "claude", "anthropic"
        providers = (
            ProviderRule("bedrock", when=("USE_BEDROCK",)),
            ProviderRule("anthropic", models=("anthropic/*", ""), url=("BASE_URL",), account=("KEY", "HOME_DIR")),
        )

    assert account_of(Agent, "", {}) == "anthropic"
    assert account_of(Agent, "", {"USE_BEDROCK": "1"}) == "bedrock"
    assert account_of(Agent, "", {"BASE_URL": "https://user:pass@gate.example:8443/v1"}) == "gate.example:8443"
    one, two = (account_of(Agent, "anthropic/opus", {"KEY": key}) for key in ("k1", "k2"))
    assert one != two and one.startswith("anthropic#") and "k1" not in one
    assert account_of(Agent, "mistral/large", {}) == "anthropic"
    assert account_of(Agent, "", {"BASE_URL": "http://[::1"}) == "anthropic", "a typing error is no host"
    assert account_of(Agent, "", {"BASE_URL": "http://[::1]:80"}) == "[::1]:80"
