"""From a person's hands and back: kept first, exactly once, and what a person started is never killed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.app.commands import Answer, Context
from swarmctl.app.once import carry_out
from swarmctl.core import events as e
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.handmade import Conversation
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Launch
from swarmctl.core.session import ProcessId, Session, Stage, State
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import ask, refused, submit
from tests.fakes.desk import World
from tests.fakes.git import FakeWorktree
from tests.fakes.processes import Agent

PATH = "/home/me/parser"


class Hands(World):
    """A person has a worktree on the branch `parser`, with one commit and something loose; and may work in it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        files = {**self.files, "done": b"done\n"}
        self.head = self.repository.commit(files, (self.tip(),), "Begin the parser")
        self.repository.refs["refs/heads/parser"] = self.head
        loose = {**files, "loose": b"loose\n"}
        self.repository.worktrees[PATH] = FakeWorktree("parser", self.head, loose, held=False)

    def begin(self) -> ProcessId:
        """The person starts an agent; no session has to do with it."""
        process = ProcessId(77, 770, self.machine.boot)
        launch = Launch(SessionId("nobody"), 1, (), PATH, "/nowhere", {})
        self.machine.agents["/nowhere"] = Agent(launch, process, "", "")
        return process

    def asked(self, **args: object) -> Answer:
        plain: Answer = {
            "path": PATH, "target": "", "task": "", "agent": "fake", "conversation": "", "process": None, "server": "",
            "pane": "", "lands": True, "env": {"PATH": "/bin"},
        }  # fmt: skip
        return {**plain, **args}

    def adopt(self, command: str = "c", until: int | None = None, **args: object) -> Session | None:
        context = Context(self.facts, self.shop)
        self.drive(carry_out(command, "adopt", self.asked(**args), context), until)
        return next(iter(self.facts.sessions.values()), None)

    def one(self) -> Session:
        (found,) = self.facts.sessions.values()
        return found

    def end_it(self) -> None:
        self.machine.agents["/nowhere"].alive = False


@pytest.fixture
def world() -> Hands:
    return Hands()


def test_what_rests_is_kept_as_it_is_and_nothing_is_committed(world: Hands) -> None:
    world.adopt()
    world.go()

    session = world.one()
    assert (session.stage, session.outcome, session.place) == (Stage.KEPT, Outcome.READY, "present")
    assert "1 file not committed" in session.reason
    assert world.repository.files(session.checkpoint)["loose"] == b"loose\n"
    assert world.repository.refs["refs/heads/parser"] == world.head
    assert world.task_of(session.id).title == "Begin the parser"
    assert world.repository.worktrees[PATH].held


def test_it_is_kept_before_anything_else_is_said_of_it(world: Hands) -> None:
    world.adopt()
    world.go()

    kinds = [type(event) for event in world.events]
    assert kinds.index(e.Checkpointed) < kinds.index(e.SessionKept)


@pytest.mark.parametrize("until", range(4))
def test_killed_anywhere_it_is_taken_over_once(world: Hands, until: int) -> None:
    world.begin()
    world.adopt(until=until)
    world.restart()
    world.adopt()
    for step in world.steps():
        world.take(step, until=0)
    world.restart()
    world.go(Kind.END)

    assert (world.one().stage, len(world.facts.tasks)) == (Stage.KEPT, 1)


@pytest.mark.parametrize("how", ["settings", "session"])
def test_a_branch_that_work_lands_on_stays_a_persons_own(world: Hands, how: str) -> None:
    if how == "settings":
        world.settings = replace(world.settings, merge=replace(world.settings.merge, target="parser"))
    else:
        world.log.append(e.RunSubmitted(RunId("r"), False, "no", "parser"))
        world.log.append(e.TaskAdded(TaskId("t"), RunId("r"), 1, "t", "t", "fake"))
        names = (SessionId("s"), TaskId("t"), RunId("r"))
        world.log.append(e.SessionPlanned(*names, "fake", "swarm/t", "parser", world.head, "parser", "/elsewhere", 0))

    fault = refused(world, "adopt", **world.asked(target="main"))

    assert "parser checked out, a branch that work lands on" in fault.message and "switch -c" in fault.hint


def test_two_who_ask_at_once_do_not_both_get_it(world: Hands) -> None:
    context = Context(world.facts, world.shop)
    first = carry_out("one", "adopt", world.asked(), context)
    second = carry_out("two", "adopt", world.asked(), context)
    for batch in [next(first), next(second)]:
        world.drive([batch])
    world.go()

    got, other = world.facts.sessions.values()
    assert (got.outcome, got.place) == (Outcome.READY, "present")
    assert (other.outcome, other.place) == (Outcome.FAILED, "none")
    assert got.id in other.reason
    for kind in ("rm", "resume", "merge"):
        args = {"id": other.id, "env": {"PATH": "/bin"}}
        world.drive(carry_out(kind, kind, args, context))
        assert "never came to have" in world.facts.answers[kind].answer
    assert PATH in world.repository.worktrees


@pytest.mark.parametrize(("task", "words"), [("a\0b", "NUL"), ("a\ud800", "surrogate"), ("x" * 200_001, "200,000")])
def test_words_that_no_task_may_have_are_refused_before_anything_is_taken(world: Hands, task: str, words: str) -> None:
    world.adopt(task=task)

    assert world.facts.sessions == {}
    assert words in world.facts.answers["c"].answer


def test_a_second_adoption_is_refused_with_the_sessions_name(world: Hands) -> None:
    world.adopt()
    world.go()
    world.adopt("again")

    assert len(world.facts.sessions) == 1
    assert world.one().id in world.facts.answers["again"].answer


def test_an_agent_that_a_person_drives_is_left_alone_till_it_ends_and_then_settled(world: Hands) -> None:
    process = world.begin()
    world.adopt(process=to_plain(process), pane="%3", server="/tmp/s")
    world.go()
    session = world.one()
    assert session.driven and session.process == process
    assert (session.state, session.state_why) == (State.WORKING, "driven by a person")

    world.log.append(e.TurnEnded(session.id, True, "Done."))
    assert world.steps() == [], "the end of a turn is not the end of it"
    world.agents.talks[PATH] = Conversation("t-1", "Write it", 1.0)
    world.end_it()
    world.go()

    session = world.one()
    assert (session.stage, session.state) == (Stage.READY, State.EXITED)
    assert session.talk.conversation == "t-1", "as it is when the agent has ended"
    assert world.repository.files(session.head)["loose"] == b"loose\n"
    assert world.processes.asked == [] and world.processes.stops == []


def test_nothing_is_committed_or_landed_under_an_agent_that_lives_on(world: Hands) -> None:
    world.adopt(process=to_plain(world.begin()))
    world.go()
    agent = world.machine.agents["/nowhere"]
    agent.stubborn = True
    world.log.append(e.StopRequested(world.one().id, "stopped"))
    world.go()

    assert "still runs as process 77" in refused(world, "merge", id=world.one().id).message
    assert world.repository.refs["refs/heads/parser"] == world.head
    world.go()
    assert world.one().stage is Stage.KEPT

    agent.alive = False
    ask(world, "merge", id=world.one().id)
    world.go()
    assert world.main()["loose"] == b"loose\n"


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_stop_asks_and_never_kills(world: Hands, stubborn: bool) -> None:
    process = world.begin()
    world.adopt(process=to_plain(process))
    world.go()
    world.machine.agents["/nowhere"].stubborn = stubborn
    world.log.append(e.StopRequested(world.one().id, "stopped"))
    world.go()

    session = world.one()
    assert world.processes.asked == [process]
    assert session.stage is Stage.KEPT
    assert session.outcome is (Outcome.UNKNOWN if stubborn else Outcome.INTERRUPTED)
    context = Context(world.facts, world.shop)
    world.drive(carry_out("r", "resume", {"id": session.id, "env": {"PATH": "/bin"}}, context))
    assert ("still runs as process 77" in world.facts.answers["r"].answer) == stubborn


def test_what_an_agent_left_behind_is_named_and_not_taken_for_the_agent(world: Hands) -> None:
    process = world.begin()
    world.adopt(process=to_plain(process))
    world.go()
    world.machine.agents["/nowhere"].leaves = (ProcessId(78, 780, world.machine.boot),)
    world.log.append(e.StopRequested(world.one().id, "stopped"))
    world.go()

    session = world.one()
    assert (session.stage, session.outcome, session.reason) == (Stage.KEPT, Outcome.INTERRUPTED, "stopped")
    assert session.state_why.endswith("lives on as process 78")


def test_one_that_did_not_end_when_a_person_stopped_it_is_not_started_by_a_resume_of_all(world: Hands) -> None:
    world.adopt(process=to_plain(world.begin()))
    world.go()
    world.machine.agents["/nowhere"].stubborn = True
    world.log.append(e.StopRequested(world.one().id, "stopped"))
    world.go()
    world.end_it()

    assert world.one().outcome is Outcome.UNKNOWN
    assert ask(world, "resume_all", env={"PATH": "/bin"})["resumed"] == []


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_worktree_that_its_owner_removed_is_told_as_that(world: Hands, stubborn: bool) -> None:
    world.adopt(process=to_plain(world.begin()))
    world.go()
    del world.repository.worktrees[PATH]
    if stubborn:
        world.machine.agents["/nowhere"].stubborn = True
        world.log.append(e.StopRequested(world.one().id, "stopped"))
    else:
        world.end_it()
    world.go()

    session = world.one()
    assert (session.stage, session.outcome) == (Stage.KEPT, Outcome.UNKNOWN)
    assert ("lives on" if stubborn else "its worktree was removed") in session.reason


def test_it_takes_no_place_of_an_agent_that_waits_for_one(world: Hands) -> None:
    world.max_running = 1
    world.adopt(process=to_plain(world.begin()))
    world.go()

    world.submit("one")
    world.go()

    assert sum(session.stage is Stage.RUNNING for session in world.facts.sessions.values()) == 2


def test_what_landed_is_given_back_with_its_branch(world: Hands) -> None:
    world.adopt()
    world.go()
    context = Context(world.facts, world.shop)
    world.drive(carry_out("m", "merge", {"id": world.one().id}, context))
    world.go()

    session = world.one()
    assert (session.stage, session.place, session.is_over) == (Stage.LANDED, "returned", True)
    assert world.main()["loose"] == b"loose\n"
    assert "refs/heads/parser" in world.repository.refs
    assert PATH in world.repository.worktrees and not world.repository.worktrees[PATH].held
    world.drive(carry_out("rm", "rm", {"id": session.id}, context))
    assert "git worktree remove" in world.facts.answers["rm"].answer


def test_a_conversation_that_another_session_has_is_not_taken(world: Hands) -> None:
    other = world.running()
    world.log.append(e.ConversationKnown(other, "t-1"))

    world.adopt(conversation="t-1")

    adopted = next(session for session in world.facts.sessions.values() if session.adopted)
    assert adopted.talk.conversation == ""


def test_what_cannot_be_kept_is_given_back_and_can_be_taken_over_later(
    world: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(worktree: str, ref: str, message: str) -> str:
        raise EnvironmentFault("the disk is full", hint="df .")

    with monkeypatch.context() as patched:
        patched.setattr(world.worktrees, "checkpoint", full)
        world.adopt()
        with pytest.raises(EnvironmentFault):
            world.go()
        assert not world.repository.worktrees[PATH].held
    world.log.append(e.SessionKept(world.one().id, Outcome.FAILED, "the disk is full"))

    world.adopt("again")
    world.go()

    again = list(world.facts.sessions.values())[-1]
    assert (again.outcome, again.place) == (Outcome.READY, "present")


def test_a_worktree_that_went_to_another_branch_meanwhile_is_left_alone(world: Hands) -> None:
    world.adopt()
    world.repository.worktrees[PATH].branch = "elsewhere"
    world.go()

    assert (world.one().outcome, world.one().place) == (Outcome.FAILED, "none")
    assert not world.repository.worktrees[PATH].held


@pytest.mark.parametrize("until", range(4))
def test_rm_gives_it_back_wherever_it_is_killed(world: Hands, until: int) -> None:
    process = world.begin()
    world.adopt(process=to_plain(process))
    world.go()
    world.end_it()
    world.go()
    name, files = world.one().id, dict(world.repository.worktrees[PATH].work)
    assert world.one().stage is Stage.READY

    submit(world, "rm", "rm", until=until, id=name)
    world.restart()
    submit(world, "rm", "rm", id=name)
    world.go()

    session = world.one()
    assert (session.stage, session.outcome, session.place) == (Stage.KEPT, Outcome.READY, "returned")
    assert session.is_over
    place = world.repository.worktrees[PATH]
    assert (place.held, dict(place.work)) == (False, files)
    assert not world.repository.trash
    for kind in ("resume", "merge", "sync", "rm"):
        assert PATH in refused(world, kind, id=name, env={}).message
