"""What is worth telling a person: which facts, when nobody waits, and each under a key of its own."""

from __future__ import annotations

from swarmctl.app.worth_telling import SHOWN, Told, message_of, standing
from swarmctl.core import events as e
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import State
from tests.fakes.asking import ask
from tests.fakes.desk import CLEAN, World


def told(world: World, *awaited: TaskId) -> dict[str, Told]:
    return {each.fact: each for each in standing(world.facts, awaited)}


def claim(world: World, session: SessionId, state: State, why: str = "said so", kind: str = "") -> None:
    world.log.append(e.StateChanged(session, state, "agent hook", why, kind))


def test_who_is_blocked_is_told_with_what_for_and_again_when_it_is_another_time() -> None:
    world = World()
    name = world.running(waits=True)
    assert told(world) == {}

    claim(world, name, State.BLOCKED, "may I push?", "permission")
    first = told(world)["blocked"]
    claim(world, name, State.BLOCKED, "may I push? (still)", "permission")
    same = told(world)["blocked"]
    world.clock.time += 10
    claim(world, name, State.WORKING)
    assert told(world) == {}
    claim(world, name, State.BLOCKED, "and now?")
    again = told(world)["blocked"]

    assert (first.words, first.title, first.why) == ("blocked (permission)", "one", "agent hook: may I push?")
    assert (first.about, first.key) == (same.about, same.key)
    assert again.key != first.key


def test_a_bad_end_is_told_whoever_waits_and_anew_after_a_resume() -> None:
    world = World()
    name = world.running(waits=True)
    world.works(name, {"a": b"x"}, CLEAN)
    world.drive(iter([e.SessionKept(name, Outcome.FAILED, "it broke")]))
    world.go()
    first = told(world)["failed"]
    ask(world, "resume", id=name, env={"PATH": "/bin"})
    assert told(world) == {}
    world.clock.time += 1
    world.drive(iter([e.SessionKept(name, Outcome.REFUSED, "gate tests")]))
    world.go()
    second = told(world)["failed"]

    assert (first.words, first.why) == ("failed", "it broke")
    assert (second.words, second.why) == ("refused", "gate tests")
    assert first.key != second.key


def test_what_is_ready_or_landed_is_told_only_where_nobody_waits() -> None:
    waited, left = World(), World()
    left.ready()
    assert list(told(left)) == ["ready"]
    assert told(left, left.task_of(next(iter(left.facts.live))).id) == {}

    ask(left, "merge", id=next(iter(left.facts.live)))
    left.go()
    assert list(told(left)) == ["landed"]

    name = waited.running(waits=True)
    waited.works(name, {"a": b"x"})
    waited.go()
    assert waited.main()["a"] == b"x"
    assert told(waited) == {}


def test_an_end_without_work_is_told_where_nobody_waits() -> None:
    for waits, facts in ((True, []), (False, ["failed"])):
        world = World()
        world.works(world.running(waits=waits), {})
        world.go()
        assert list(told(world)) == facts


def test_a_rate_limit_is_told_once_nothing_else_works() -> None:
    world = World()
    one, two = world.running("one"), world.running("two")
    claim(world, one, State.RATE_LIMITED)
    assert told(world) == {}
    world.clock.time += 5
    claim(world, two, State.RATE_LIMITED)
    first = told(world)["limited"]
    claim(world, two, State.BLOCKED)
    assert told(world)["limited"].key == first.key
    claim(world, one, State.WORKING)
    assert "limited" not in told(world)


def test_what_a_person_stopped_is_no_news_to_that_person() -> None:
    world = World()
    name = world.running(waits=False)
    ask(world, "stop", id=name)
    world.go()
    assert world.facts.tasks[world.session(name).task].outcome is Outcome.INTERRUPTED
    assert told(world) == {}


def plain(number: int, fact: str = "failed") -> Told:
    return Told(f"s{number}", "k", fact, fact, f"task {number}", "why", "hint")  # type: ignore[arg-type]


def test_one_fact_is_told_whole_and_many_are_counted() -> None:
    one = message_of([plain(1)], lambda _, words: words)
    many = message_of([plain(n) for n in range(SHOWN + 3)], lambda _, words: words)
    landed = message_of([plain(n, "landed") for n in (1, 2)], lambda _, words: words)

    assert (one.title, one.text) == ("failed: task 1", "why\nhint")
    assert many.title == "8 things need you"
    assert many.text.splitlines()[SHOWN:] == ["and 3 more", "swarmctl next"]
    assert landed.title == "2 sessions landed"


def test_words_are_shown_only_as_they_are_fit() -> None:
    message = message_of([plain(1), plain(2)], lambda told, words: f"<{words}>")

    assert "failed: <task 1>" in message.text
    assert message.plain("/repo")["facts"][0]["why"] == "<why>"
    assert message.variables("/repo")["SWARM_COUNT"] == "2"
