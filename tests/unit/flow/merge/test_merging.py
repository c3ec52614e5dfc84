"""From a pinned head to a moved branch: staging, landing, recovering, and what the landed commit says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import MergeSettings, Settings, Strategy
from swarmctl.core.gate import GateResult, Proof, Verdict
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Conflict, ConflictedPath, LostRace, Moved, ParkedAt
from swarmctl.core.session import Stage
from swarmctl.flow.merge.build import build, conflict_words, head_ref, queue_ref
from swarmctl.flow.merge.land import MAX_TRIES, arrived, land, lost, recover
from swarmctl.flow.merge.message import evidence, message_of
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import World
from tests.fakes.integration import FakeIntegration


def queued(world: World, files: dict[str, bytes]) -> SessionId:
    name = world.ready(files=files)
    world.log.append(e.TaskReopened(world.session(name).task), e.MergeAsked(name, "merge"))
    world.go(Kind.INTEGRATE)
    assert world.session(name).stage is Stage.QUEUED
    return name


def landing(world: World, files: dict[str, bytes] | None = None) -> SessionId:
    name = queued(world, files or {"a": b"work\n"})
    world.go(Kind.LAND, Kind.RECOVER)
    assert world.session(name).stage is Stage.LANDING
    return name


def built(world: World, name: SessionId, strategy: Strategy = "squash") -> list[e.Event]:
    return list(build(world.session(name), world.task_of(name), world.desk, world.tip(), strategy))


# --- build ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["squash", "merge", "rebase"])
def test_a_merge_is_staged_beside_everyone_and_pinned(strategy: Strategy) -> None:
    world = World()
    name = queued(world, {"a": b"work\n"})
    world.push({"b": b"user\n"})
    before = world.tip()
    (event,) = built(world, name, strategy)
    assert isinstance(event, e.MergeStaged)
    assert world.repository.files(event.staged.tree) == {"README": b"hello\n", "a": b"work\n", "b": b"user\n"}
    assert event.staged.base == before == world.tip()
    assert world.repository.refs[queue_ref(world.session(name))] == event.staged.commit
    assert built(world, name, strategy) == [event], "the same again after a crash"


def test_what_is_enqueued_is_pinned_whatever_becomes_of_the_branch() -> None:
    world = World()
    name = queued(world, {"a": b"work\n"})
    session = world.session(name)
    world.repository.refs[f"refs/heads/{session.branch}"] = world.tip()
    assert world.repository.refs[head_ref(session)] == session.head
    (event,) = built(world, name)
    assert isinstance(event, e.MergeStaged) and world.repository.files(event.staged.tree)["a"] == b"work\n"


def test_a_conflict_names_files_and_both_sides_and_keeps_the_session() -> None:
    world = World()
    name = queued(world, {"README": b"mine\n"})
    world.push({"README": b"yours\n"})
    (event,) = built(world, name)
    session = world.session(name)
    assert isinstance(event, e.SessionKept) and event.outcome is Outcome.CONFLICT
    assert event.reason == (
        f"main at {world.tip()[:10]} and {session.branch} at {session.head[:10]} both change README (contents)"
    )


def test_every_kind_of_conflict_has_its_word() -> None:
    world = World()
    session = world.session(queued(world, {"a": b"work\n"}))
    paths = (ConflictedPath("a", "CONFLICT (modify/delete)"), ConflictedPath("b", "CONFLICT"))
    words = conflict_words(Conflict("1" * 40, "2" * 40, paths), session)
    assert words.endswith("both change a (modify/delete), b (CONFLICT)")


def test_work_that_the_target_holds_already_is_no_work() -> None:
    world = World()
    name = queued(world, {"a": b"work\n"})
    world.push({"a": b"work\n"})
    (event,) = built(world, name)
    assert event == e.SessionKept(name, Outcome.NO_WORK, "main holds all of it already")


# --- land -------------------------------------------------------------------------------------------------------------


class Answers(FakeIntegration):
    """Answers a landing as told, and counts them."""

    def __init__(self, world: World, answer: Moved | ParkedAt | LostRace) -> None:
        super().__init__(world.repository)
        self.answer = answer

    def land(self, proof: Proof, target: str) -> Moved | ParkedAt | LostRace:
        return self.answer


def landed(world: World, name: SessionId, answer: Moved | ParkedAt | LostRace) -> list[e.Event]:
    desk = replace(world.desk, integration=Answers(world, answer))
    return list(land(world.session(name), world.facts.landings[name], desk))


def test_a_moved_target_is_a_landing_and_frees_the_pins() -> None:
    world = World()
    name = landing(world)
    assert landed(world, name, Moved("c" * 40)) == [e.Landed(name, "main", "c" * 40)]
    assert not [ref for ref in world.repository.refs if ref.startswith("refs/swarm/queue/")]


def test_a_target_that_cannot_follow_is_parked_and_stays_pinned() -> None:
    world = World()
    name = landing(world)
    assert landed(world, name, ParkedAt("c" * 40, "README")) == [e.Parked(name, "main", "c" * 40, "README")]
    assert queue_ref(world.session(name)) in world.repository.refs


def test_a_lost_race_is_run_again_and_not_for_ever() -> None:
    world = World()
    name = landing(world)
    assert landed(world, name, LostRace("d" * 40)) == [e.RaceLost(name, "d" * 40)]
    tired = replace(world.session(name), tries=MAX_TRIES - 1)
    event = lost(tired, "d" * 40)
    assert isinstance(event, e.SessionKept) and event.outcome is Outcome.REFUSED and str(MAX_TRIES) in event.reason


def test_a_user_who_always_commits_first_wins_after_some_tries() -> None:
    world = World()
    name = queued(world, {"a": b"work\n"})
    for number in range(MAX_TRIES):
        world.go(Kind.LAND)
        world.push({"b": b"%d\n" % number})
        world.take(next(step for step in world.steps() if step.kind is Kind.LAND))
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.REFUSED)
    assert "a" not in world.main() and world.main()["b"] == b"4\n"


def test_a_landing_killed_after_the_ref_moved_is_found_and_not_done_twice() -> None:
    world = World()
    name = landing(world)
    (step,) = world.steps()
    world.take(step, until=0)
    world.restart()
    at = world.tip()
    world.go()
    assert world.session(name).landed == at == world.tip()


# --- recover ----------------------------------------------------------------------------------------------------------


def recovered(world: World, name: SessionId) -> list[e.Event]:
    return list(recover(world.session(name), world.facts.landings[name], world.desk))


def test_a_landing_that_happened_is_recorded() -> None:
    world = World()
    name = landing(world)
    commit = world.facts.landings[name].commit
    world.repository.refs["refs/heads/main"] = commit
    assert recovered(world, name) == [e.Landed(name, "main", commit)]
    assert queue_ref(world.session(name)) not in world.repository.refs


def test_a_landing_that_went_as_far_as_the_landing_ref_is_parked() -> None:
    world = World()
    name = landing(world)
    commit = world.facts.landings[name].commit
    world.repository.refs["refs/heads/swarm/land/main"] = commit
    (event,) = recovered(world, name)
    assert isinstance(event, e.Parked) and event.commit == commit


def test_a_landing_that_did_not_happen_is_not_done_in_nobodys_name() -> None:
    world = World()
    name = landing(world)
    before = world.tip()
    (event,) = recovered(world, name)
    assert isinstance(event, e.Dequeued)
    assert world.tip() == before


def test_parked_landings_that_the_target_holds_by_now_have_landed_and_others_have_not() -> None:
    world = World()
    first, second = parked(world, "README"), parked(world, "other")
    assert arrived("main", world.facts, world.desk) == []
    world.repository.refs["refs/heads/main"] = world.facts.landings[first].commit
    commit = world.facts.landings[first].commit
    assert arrived("main", world.facts, world.desk) == [(world.session(first), commit)]
    assert world.session(second).stage is Stage.PARKED


def parked(world: World, title: str) -> SessionId:
    world.repository.dirty = {"README"}
    (task,) = world.submit(title)
    world.go()
    name = world.current(task)
    world.works(name, {title: b"work\n"})
    world.go()
    assert world.session(name).stage is Stage.PARKED
    return name


# --- message ----------------------------------------------------------------------------------------------------------


def test_the_landed_commit_says_whose_work_it_is_and_what_proved_it() -> None:
    world = World(Settings(merge=MergeSettings(target="main")))
    name = landing(world)
    world.go()
    message = world.repository.commits[world.tip()].message
    task = world.task_of(name)
    assert message.startswith("one\n\ndo one\n")
    tree = world.repository.commits[world.tip()].tree
    for line in (f"Swarm-Task: {task.id}", f"Swarm-Session: {name}", "Swarm-Agent: fake", f"Swarm-Tree: {tree}"):
        assert line in message.splitlines()
    assert "Swarm-Gates: none configured" in message.splitlines()


@pytest.mark.parametrize(
    ("tests", "words"),
    [(None, "unit pass"), (0, "unit pass (0 tests)"), (1, "unit pass (1 test)"), (9, "unit pass (9 tests)")],
)
def test_each_gate_is_evidence_with_its_count(tests: int | None, words: str) -> None:
    results = (GateResult("unit", "t", Verdict.PASS, "fine", tests=tests), GateResult("lint", "t", Verdict.PASS, "ok"))
    assert evidence(results, "t") == {"Swarm-Gates": f"{words}, lint pass", "Swarm-Tree": "t"}


def test_trailers_are_a_paragraph_of_their_own() -> None:
    world = World()
    name = world.ready()
    task = replace(world.task_of(name), title="Fix it", prompt="Fix it")
    assert message_of(world.session(name), task).split("\n\n")[0] == "Fix it"
    assert message_of(world.session(name), task).split("\n\n")[1].startswith("Swarm-Task: ")
