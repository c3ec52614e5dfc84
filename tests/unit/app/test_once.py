"""A command that is submitted twice: the same answer, one effect, and whoever waited waits again."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest

from swarmctl.app.commands import UNDO, Context, Done
from swarmctl.app.once import HANDLERS
from swarmctl.app.restart import forgotten_waits
from swarmctl.core import events as e
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import Refused
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.rejection import Rejection, Run
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import Answer, ask, at, submit
from tests.fakes.desk import World

ENV = {"PATH": "/bin"}
RUN: Answer = {
    "run": "r", "env": ENV, "waits": True, "lands": "waited",
    "tasks": [{"key": "a", "prompt": "one", "agent": "fake"}],
}  # fmt: skip
Make = Callable[[World], Answer]


def on(stage: Stage, **args: object) -> Make:
    """The arguments of a command about a session at this stage."""
    return lambda world: {"id": at(world, stage), "env": ENV, **args}


def removed(world: World) -> Answer:
    name = at(world, Stage.KEPT)
    submit(world, "first", "rm", id=name)
    return {"id": name, "env": ENV, "waits": True}


def mended(world: World) -> Answer:
    """A worktree with something that nobody committed."""
    name = world.ready()
    world.works(name, {"mended": b"by hand\n"}, None)
    return {"id": name}


def parked(world: World) -> Answer:
    at(world, Stage.PARKED)
    world.repository.dirty = set()
    return {}


def landed(world: World) -> Answer:
    at(world, Stage.LANDED)
    return {}


def interrupted(world: World) -> Answer:
    name = world.running()
    world.works(name, {"half": b"work\n"}, Exit(None, 9))
    world.go()
    return {"env": ENV}


def unwanted(world: World) -> Answer:
    """A line that a person does not want, beside work that stays."""
    name = world.ready(files={"README": b"other\n", "new": b"one\n"})
    session = world.session(name)
    return {"id": name, "what": to_plain(Rejection(session.base, session.head, "README", "README", Run(1, 1, 1, 1)))}


COMMANDS: list[tuple[str, Make]] = [
    ("run", lambda world: RUN),
    ("leave", lambda world: {"run": world.session(world.running()).run}),
    ("stop", on(Stage.RUNNING)),
    ("stop", on(Stage.QUEUED)),
    ("resume", on(Stage.KEPT, waits=True)),
    ("resume", removed),
    ("merge", on(Stage.READY)),
    ("merge", mended),
    ("land", parked),
    ("rm", on(Stage.READY)),
    ("undo", removed),
    ("undo", landed),
    ("approve", on(Stage.READY)),
    ("send", on(Stage.RUNNING, text="go on")),
    ("sync", on(Stage.READY)),
    ("sync", on(Stage.RUNNING)),
    ("sync", removed),
    ("handoff", on(Stage.KEPT, agent="other", waits=True)),
    ("handoff", lambda world: {**removed(world), "agent": "other"}),
    ("resume_all", interrupted),
    ("reject", unwanted),
]


def moved(world: World) -> list[tuple[SessionId, Stage, int, str]]:
    return [(s.id, s.stage, s.attempt, s.place) for s in world.facts.sessions.values()]


@pytest.mark.parametrize(("kind", "make"), COMMANDS)
def test_submitted_again_it_gives_the_same_answer_and_does_nothing(kind: str, make: Make) -> None:
    world = World()
    args = make(world)
    first = submit(world, "id", kind, **args)
    before, there = moved(world), dict(world.repository.refs)
    assert submit(world, "id", kind, **args) == first
    assert "answer" in first
    assert moved(world) == before and world.repository.refs == there


@pytest.mark.parametrize(("kind", "make"), COMMANDS)
def test_killed_anywhere_and_submitted_again_it_is_carried_out_once(kind: str, make: Make) -> None:
    """And what it comes to in the end is what it comes to without a kill."""
    whole = World()
    args = make(whole)
    before = whole.facts.seq
    submit(whole, "id", kind, **args)
    for until, mid_effect in itertools.product(range(whole.facts.seq - before + 1), (False, True)):
        world = World()
        args = make(world)
        submit(world, "id", kind, until, mid_effect, **args)
        world.restart()
        reply = submit(world, "id", kind, **args)
        asked = [event for event in world.events if isinstance(event, e.CommandDone) and event.command == "id"]
        if kind == "send" and reply["answer"]["delivery"] == "unconfirmed":
            assert "may have arrived" in reply["answer"]["why"]
            continue
        assert "answer" in reply, (until, mid_effect, reply)
        assert len(moved(world)) == len(moved(whole)) and len(world.facts.tasks) == len(whole.facts.tasks)
        assert [s[1:] for s in moved(world)] == [s[1:] for s in moved(whole)]
        assert len(asked) == (2 if kind == "send" else 1)


def test_what_was_typed_is_never_typed_twice() -> None:
    for until, mid_effect in itertools.product(range(3), (False, True)):
        world = World()
        args = on(Stage.RUNNING, text="go on")(world)
        submit(world, "id", "send", until, mid_effect, **args)
        submit(world, "id", "send", **args)
        assert world.machine.of(args["id"]).sent in (["go on"], [])


def restarted(world: World) -> None:
    world.restart()
    world.log.append(*forgotten_waits(world.facts))


def test_a_run_whose_answer_was_lost_with_the_supervisor_is_waited_for_again() -> None:
    world = World()
    submit(world, "id", "run", **RUN)
    restarted(world)
    submit(world, "id", "run", **RUN)
    assert world.facts.runs[RunId("r")].waits
    world.go()
    assert [session.stage for session in world.facts.sessions.values()] == [Stage.RUNNING]


@pytest.mark.parametrize("before", [Kind.ENQUEUE, Kind.INTEGRATE, Kind.LAND])
@pytest.mark.parametrize("kind", ["merge", "undo"])
def test_a_landing_whose_answer_was_lost_with_the_supervisor_is_asked_for_again(kind: str, before: Kind) -> None:
    world = World()
    args = {"id": world.ready()} if kind == "merge" else landed(world)
    name = SessionId(submit(world, "id", kind, **args)["answer"]["session"])
    world.go(before)
    world.settled_in = False
    restarted(world)
    submit(world, "id", kind, **args)
    world.go()
    assert world.session(name).stage is Stage.LANDED


def test_who_takes_a_landing_back_at_the_same_time_as_another_joins_him() -> None:
    world = World()
    at(world, Stage.LANDED)
    first = HANDLERS["undo"]({}, Context(world.facts, world.shop))
    decided = next(first)
    assert isinstance(decided, Done)
    answers: list[Answer] = []
    other = threading.Thread(target=lambda: answers.append(ask(world, "undo")))
    other.start()
    other.join(0.2)
    world.log.append(*decided.events)
    assert list(first) == []
    other.join()

    assert [answer["session"] for answer in answers] == [decided.answer["session"]]
    assert answers[0]["undoes"] == decided.answer["undoes"]
    world.go()
    assert world.session(decided.answer["session"]).stage is Stage.LANDED
    assert [session.agent for session in world.facts.sessions.values()].count(UNDO) == 1


def test_a_landing_that_a_person_took_back_is_not_asked_for_by_an_old_command() -> None:
    world = World()
    name = world.ready()
    answer = submit(world, "id", "merge", id=name)
    world.go(Kind.INTEGRATE)
    submit(world, "other", "stop", id=name)
    assert submit(world, "id", "merge", id=name) == answer
    world.go()
    assert world.session(name).outcome is Outcome.READY and world.main() == world.files


def test_a_refusal_is_an_answer_too_and_stays_one() -> None:
    world = World()
    name = world.running()
    refused = submit(world, "id", "resume", id=name, env=ENV)
    world.works(name, {"a": b"work\n"})
    world.go()
    assert submit(world, "id", "resume", id=name, env=ENV) == refused
    assert "running" in refused["error"]["message"]
    assert world.facts.tasks[TaskId(world.session(name).task)].outcome is Outcome.LANDED


def test_a_landing_that_is_not_the_last_any_more_is_not_taken_back_in_its_stead() -> None:
    world = World()
    at(world, Stage.LANDED)
    before = moved(world)
    with pytest.raises(Refused, match="something else landed since"):
        next(iter(HANDLERS["undo"]({"landing": "0" * 40}, Context(world.facts, world.shop))))
    assert moved(world) == before
