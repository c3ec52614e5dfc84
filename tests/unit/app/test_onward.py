"""Sessions that go on otherwise: the target in their worktree, another agent, and all that was interrupted together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import SandboxSettings, Settings
from swarmctl.core.events.onward import HandedOver, SyncBegun, SyncConflicted, Synced, SyncGivenUp
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import ask, at, refused
from tests.fakes.desk import CLEAN, World

ENV = {"PATH": "/bin"}


def conflicting(world: World) -> SessionId:
    """A landing was refused because both sides changed README."""
    name = world.ready(files={"README": b"ours\n"})
    world.push({"README": b"theirs\n"})
    ask(world, "merge", id=name)
    world.go()
    assert world.session(name).outcome is Outcome.CONFLICT
    return name


def ended(world: World, title: str, end: Exit, stop: str = "") -> SessionId:
    name = world.running(title, waits=False)
    if stop:
        world.log.append(e.StopRequested(name, stop))
    world.works(name, {title: b"half\n"}, end)
    world.go()
    return name


def of(world: World, *kinds: type[e.Event]) -> list[e.Event]:
    return [event for event in world.events if isinstance(event, kinds)]


# --- sync -------------------------------------------------------------------------------------------------------------


def test_a_clean_sync_starts_nobody_and_counts_from_the_new_base() -> None:
    world = World()
    name = world.ready(files={"mine": b"work\n"})
    tip, starts = world.push({"new": b"theirs\n"}), len(of(world, e.SessionStarted))
    assert ask(world, "sync", id=name, env=ENV)["how"] == "begun"
    world.go()
    session = world.session(name)
    assert (session.stage, session.base, session.talk.sync) == (Stage.READY, tip, None)
    (begun,) = [event for event in world.events if isinstance(event, SyncBegun)]
    assert world.repository.commits[session.head].parents == (begun.ours, tip)
    assert len(of(world, e.SessionStarted)) == starts
    ask(world, "merge", id=name)
    world.go()
    assert {"mine", "new"} <= set(world.main())


def test_what_is_up_to_date_stays_as_it_is() -> None:
    world = World()
    name = world.ready()
    head = world.session(name).head
    ask(world, "sync", id=name, env=ENV)
    world.go()
    (synced,) = of(world, Synced)
    assert isinstance(synced, Synced) and synced.head == head
    assert (world.session(name).stage, world.session(name).head) == (Stage.READY, head)


@pytest.mark.parametrize("ended", [Exit(1), Exit(None, 9)])
def test_work_that_was_not_finished_is_not_called_ready_because_it_was_synced(ended: Exit) -> None:
    world = World()
    name = world.running(waits=False)
    world.works(name, {"half": b"work\n"}, ended)
    world.go()
    before = world.session(name)
    tip = world.push({"new": b"theirs\n"})
    ask(world, "sync", id=name, env=ENV)
    world.go()
    session = world.session(name)
    assert (session.stage, session.outcome, session.reason) == (Stage.KEPT, before.outcome, before.reason)
    assert session.base == tip


def test_a_session_without_work_is_moved_on_and_keeps_its_directory() -> None:
    world = World()
    name = at(world, Stage.EMPTY)
    tip = world.push({"new": b"theirs\n"})
    assert world.session(name).place == "trashed"
    ask(world, "sync", id=name, env=ENV)
    world.go()
    session = world.session(name)
    assert (session.stage, session.base, session.place) == (Stage.EMPTY, tip, "present")
    assert world.bench(name).files == world.main()


def test_a_conflict_is_told_to_the_agent_and_lands_when_it_resolved_it() -> None:
    world = World()
    name = conflicting(world)
    ask(world, "sync", id=name, env=ENV)
    world.go()
    session = world.session(name)
    assert (session.stage, session.attempt) == (Stage.RUNNING, 2)
    assert "README (contents)" in session.talk.message and "By the user" in session.talk.message
    world.works(name, {"README": b"both\n"})
    world.go()
    session = world.session(name)
    assert (session.stage, session.base, session.talk.sync) == (Stage.READY, world.tip(), None)
    ask(world, "merge", id=name)
    world.go()
    assert world.main()["README"] == b"both\n"


def test_markers_that_were_left_are_a_conflict_in_words_and_the_next_sync_goes_on() -> None:
    world = World()
    name = conflicting(world)
    ask(world, "sync", id=name, env=ENV)
    world.go()
    head = world.session(name).head
    world.works(name, {"other": b"touched\n"})
    world.go()
    session = world.session(name)
    assert (session.stage, session.outcome, session.head) == (Stage.KEPT, Outcome.CONFLICT, head)
    assert "main is not merged: README" in session.reason
    refused(world, "merge", id=name)
    ask(world, "sync", id=name, env=ENV)
    world.go()
    assert world.session(name).stage is Stage.RUNNING and "README" in world.session(name).talk.message
    world.works(name, {"README": b"both\n"})
    world.go()
    assert world.session(name).stage is Stage.READY
    assert len(of(world, SyncBegun)) == 1


def test_a_person_may_resolve_it_by_hand_and_land_it() -> None:
    world = World()
    name = conflicting(world)
    ask(world, "sync", id=name, env=ENV)
    world.go()
    world.works(name, {}, Exit(1))
    world.go()
    world.works(name, {"README": b"by hand\n"}, None)
    ask(world, "merge", id=name)
    world.go()
    assert world.main()["README"] == b"by hand\n"


def test_a_command_runs_anew_on_a_clean_merge_and_is_refused_a_conflict() -> None:
    for files, stage in ({"mine": b"x"}, Stage.RUNNING), ({"README": b"x"}, Stage.KEPT):
        world = World()
        name = world.ready(files=files)
        world.log.append(HandedOver(name, "shell", "", "fake"))
        world.push({"README": b"theirs\n"})
        before = world.session(name).head
        ask(world, "sync", id=name, env=ENV)
        world.go()
        assert world.session(name).stage is stage
        if stage is Stage.KEPT:
            assert "a command cannot resolve that" in world.session(name).reason
            assert world.repository.refs[f"refs/heads/{world.session(name).branch}"] == before
            assert of(world, SyncGivenUp)


def test_a_running_session_is_synced_at_the_end_of_its_turn() -> None:
    world = World()
    name = world.running(waits=False)
    tip = world.push({"new": b"theirs\n"})
    assert ask(world, "sync", id=name, env=ENV)["how"] == "queued"
    world.go()
    assert world.session(name).stage is Stage.RUNNING
    world.works(name, {"mine": b"work\n"})
    world.go()
    session = world.session(name)
    assert (session.stage, session.base, session.attempt) == (Stage.READY, tip, 2)
    assert len(of(world, e.SessionStarted)) == 1


@pytest.mark.parametrize("conflict", [False, True])
def test_a_sync_that_is_killed_anywhere_comes_to_the_same_end(conflict: bool) -> None:
    until = 0
    while True:
        until += 1
        for mid_effect in (False, True):
            world = World()
            name = world.ready(files={"README" if conflict else "mine": b"ours\n"})
            world.push({"README": b"theirs\n"})
            ask(world, "sync", id=name, env=ENV)
            (step,) = [step for step in world.steps() if step.subject == name]
            assert step.kind is Kind.SYNC
            before = world.facts.seq
            world.take(step, until, mid_effect)
            done = world.facts.seq - before < until
            world.restart()
            world.shop.envs[world.session(name).run] = ENV
            world.go()
            if conflict:
                assert world.session(name).stage is Stage.RUNNING
                assert b"<<<<<<<" in world.bench(name).files["README"]
                world.works(name, {"README": b"both\n"})
                world.go()
            session = world.session(name)
            assert (session.stage, session.base, len(of(world, SyncBegun))) == (Stage.READY, world.tip(), 1)
            assert len(of(world, SyncConflicted)) == conflict
        if done:
            return


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.GATING, Stage.LANDING, Stage.PARKED, Stage.LANDED])
@pytest.mark.parametrize("kind", ["sync", "handoff"])
def test_what_stands_in_the_queue_or_landed_goes_on_in_no_other_way(kind: str, stage: Stage) -> None:
    world = World()
    assert refused(world, kind, id=at(world, stage), env=ENV, agent="other").hint


def test_a_landing_that_is_taken_back_has_nothing_to_sync() -> None:
    world = World()
    at(world, Stage.LANDED)
    name = ask(world, "undo")["session"]
    assert "no worktree" in refused(world, "sync", id=name, env=ENV).message


def test_an_agent_that_is_resumed_goes_on_after_a_sync_that_was_cut_short() -> None:
    for kind in ("resume", "resume_all"):
        world = World()
        name = ended(world, "one", Exit(None, 9))
        world.push({"new": b"theirs\n"})
        ask(world, "sync", id=name, env=ENV)
        world.draining = True
        world.go()
        assert world.session(name).outcome is Outcome.FAILED, "as it was"
        world.draining = False
        ask(world, kind, id=name, env=ENV)
        world.go()
        session = world.session(name)
        assert (session.stage, session.base, session.talk.sync) == (Stage.RUNNING, world.tip(), None)


# --- handoff ----------------------------------------------------------------------------------------------------------


def test_another_agent_goes_on_in_the_same_worktree_and_may_hand_it_back() -> None:
    world = World()
    name = ended(world, "one", Exit(1))
    ask(world, "handoff", id=name, agent="other", model="big", message="Look closer", env=ENV)
    world.go()
    session, task = world.session(name), world.task_of(name)
    assert (session.stage, session.attempt, session.agent) == (Stage.RUNNING, 2, "other")
    assert (task.agent, task.terms.model, task.terms.why) == ("other", "big", "handed over by fake")
    assert session.talk.conversation == "" and session.talk.message.endswith("Look closer")
    assert session.checkpoint in session.talk.message
    world.works(name, {"whole": b"work\n"})
    world.go()
    ask(world, "handoff", id=name, agent="fake", env=ENV)
    world.go()
    assert (world.session(name).agent, world.task_of(name).terms.model) == ("fake", "")


def test_another_agent_begins_a_conversation_of_its_own_and_is_told_the_task_and_what_there_is_to_know() -> None:
    world = World()
    world.agents.resumable = ("headless",)
    name = ended(world, "one", Exit(1))
    ask(world, "handoff", id=name, agent="other", message="Look closer", env=ENV)
    world.go()
    first, second = world.agents.orders
    assert not second.resume and second.conversation not in ("", first.conversation)
    assert second.prompt.startswith("do one\n\n") and second.prompt.endswith("Look closer")
    world.works(name, {}, Exit(1))
    world.go()
    ask(world, "resume", id=name, env=ENV)
    world.go()
    third = world.agents.orders[-1]
    assert third.resume and third.conversation == second.conversation


def test_who_has_it_already_cannot_take_it_over_unless_with_another_model() -> None:
    world = World()
    name = at(world, Stage.KEPT)
    assert "with fake already" in refused(world, "handoff", id=name, agent="fake", env=ENV).message
    assert ask(world, "handoff", id=name, agent="fake", model="big", env=ENV)["agent"] == "fake"


def test_an_agent_that_cannot_do_it_as_it_was_asked_for_takes_nothing_over() -> None:
    world = World()
    name = at(world, Stage.KEPT)
    world.agents.permissions, world.agents.takes = ("plan", "all"), ()
    assert "no permission mode edit" in refused(world, "handoff", id=name, agent="other", env=ENV).message
    world.agents.permissions = ("edit",)
    assert "its model" in refused(world, "handoff", id=name, agent="other", model="big", env=ENV).message
    task = world.task_of(name)
    world.facts.put(replace(task, terms=replace(task.terms, mode="interactive", effort="high")))
    assert "cannot run interactive" in refused(world, "handoff", id=name, agent="other", env=ENV).message
    world.facts.put(task)
    world.settings = Settings(sandbox=SandboxSettings(mode="on"))
    world.sandbox.broken = "no bwrap"
    assert "no bwrap" in refused(world, "handoff", id=name, agent="other", env=ENV).message
    world.settings = Settings()
    assert ask(world, "handoff", id=name, agent="other", env=ENV)["agent"] == "other"


def test_an_agent_at_work_is_not_relieved_unasked_and_a_command_or_a_stranger_never_takes_over() -> None:
    world = World()
    name = at(world, Stage.RUNNING)
    assert "--stop" in refused(world, "handoff", id=name, agent="other", env=ENV).hint
    kept = at(world, Stage.KEPT)
    assert "no agent" in refused(world, "handoff", id=kept, agent="nobody", env=ENV).message
    assert "a command" in refused(world, "handoff", id=kept, agent="shell", env=ENV).message


# --- resume --all -----------------------------------------------------------------------------------------------------


def test_what_was_interrupted_goes_on_and_what_came_to_its_own_end_stays() -> None:
    world = World()
    killed = ended(world, "killed", Exit(None, 9))
    restarted = ended(world, "restarted", CLEAN, "the machine was restarted; its work is kept")
    stays = [
        ended(world, "failed", Exit(1)),
        ended(world, "stopped", CLEAN, "stopped"),
        ended(world, "not taken over", CLEAN, "handed over"),
        ended(world, "late", CLEAN, "time limit of 7200 s"),
        world.ready("done"),
    ]
    before = {name: world.session(name).attempt for name in stays}
    answer = ask(world, "resume_all", env=ENV)
    assert [each["id"] for each in answer["resumed"]] == [killed, restarted]
    world.go()
    assert [world.session(name).stage for name in (killed, restarted)] == [Stage.RUNNING] * 2
    assert {name: world.session(name).attempt for name in stays} == before
    assert ask(world, "resume_all", env=ENV)["resumed"] == []


def test_what_lost_its_directory_goes_on_with_what_was_in_it() -> None:
    world = World()
    name = ended(world, "one", Exit(None, 9))
    del world.repository.worktrees[world.session(name).worktree]
    ask(world, "resume_all", env=ENV)
    world.go()
    assert world.session(name).stage is Stage.RUNNING
    assert world.bench(name).files["one"] == b"half\n"


def test_so_many_go_on_at_a_time_as_may_run() -> None:
    world = World(max_running=1)
    names = [ended(world, title, Exit(None, 9)) for title in ("one", "two", "three")]
    ask(world, "resume_all", env=ENV, message="Go on")
    for number, name in enumerate(names):
        world.go()
        assert [world.session(each).stage for each in names[number:]] == [
            Stage.RUNNING, *([Stage.KEPT] * (2 - number)),
        ]  # fmt: skip
        assert all(world.task_of(each).outcome is None for each in names[number:])
        assert world.session(name).talk.message == "Go on"
        world.works(name, {"whole": b"work\n"})
    world.go()
    assert [world.session(name).stage for name in names] == [Stage.READY] * 3


def test_one_that_waits_for_its_place_can_be_stopped_and_is_left_alone_without_an_environment() -> None:
    for way in ("stop", "forget"):
        world = World(max_running=1)
        first, second = (ended(world, title, Exit(None, 9)) for title in ("one", "two"))
        ask(world, "resume_all", env=ENV)
        world.go()
        if way == "stop":
            ask(world, "stop", id=second)
        else:
            world.restart()
            world.shop.envs[world.session(first).run] = ENV
        world.go()
        world.works(first, {"whole": b"work\n"})
        world.go()
        assert (world.session(second).stage, world.task_of(second).outcome) == (Stage.KEPT, Outcome.FAILED)
        assert not world.session(second).talk.again
