"""A simulated world: any step may be killed between two of its events, and the facts always lead on to a rest.

Whatever the order of steps, kills, restarts, commands and commits of the user's: the target moves only with a proof,
never twice for one session, and no event is ever impossible.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings, strategies as st

from swarmctl.app.commands import Answer
from swarmctl.core import events as e
from swarmctl.core.config import GateSpec, MergeSettings, Settings
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import RESTING, Exit, Session, Stage
from swarmctl.loops.engine.advance import wants_to_land
from tests.fakes.asking import submit
from tests.fakes.desk import World
from tests.fakes.processes import PASSED

GATE = GateSpec("tests", "run-tests", autofix="mend", when=("a*", "b*"))
RED = replace(PASSED, rc=1, tail="1 failed")
PATHS = ("a", "b", "c", "swarm.toml")
EXITS = (Exit(0), Exit(0), Exit(0), Exit(0), Exit(1), Exit(None, 9), Exit(None, 1), None)
LONGEST = 120
Submitted = tuple[str, str, Answer]


class Story:
    """One history of the world; what happens next is drawn from `chance`."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        merge = MergeSettings("main", chance.choice(("squash", "merge", "rebase")), chance.random() < 0.2)
        self.world = World(Settings(merge, (GATE,)), {"a": b"0\n", "b": b"0\n"}, max_running=2)
        self.by_hand = {self.world.tip()}
        self.written: dict[str, bytes] = {}
        self.submitted: list[Submitted] = []
        self.happenings = [
            *[self.a_step] * 24,
            *[self.a_command] * 6,
            *[self.an_agent_works] * 4,
            self.a_command_comes_again,
            self.somebody_asks,
            self.an_agent_vanishes,
            self.the_user_commits,
            self.the_gate_changes_its_mind,
            self.the_supervisor_dies,
            self.everybody_had_time,
        ]

    def somebody_asks(self) -> None:
        if len(self.world.facts.tasks) < 6:
            lands = self.chance.choice(("no", "waited", "waited", "auto"))
            tasks = self.chance.choice((("one",), ("one", "two"), ("one", "two<one"), ("one", "two", "three")))
            rivals = "two<one" not in tasks and len(tasks) > 1 and self.chance.random() < 0.6
            contest = f"contest {len(self.world.facts.runs)}" if rivals else ""
            waits = self.chance.random() < 0.8
            self.world.submit(*tasks, waits=waits, lands=lands, contest=contest)  # type: ignore[arg-type]

    def kill(self) -> int | None:
        """After how many events a stream is killed, if at all."""
        return self.chance.randrange(6) if self.chance.random() < 0.25 else None

    def a_step(self) -> None:
        steps = self.world.steps()
        if steps:
            self.world.take(self.chance.choice(steps), self.kill(), self.chance.random() < 0.5)

    def running(self) -> list[Session]:
        return [s for s in self.world.facts.sessions.values() if s.stage is Stage.RUNNING]

    def an_agent_works(self) -> None:
        alive = [session for session in self.running() if self.world.around.is_alive(session)]
        if alive:
            session = self.chance.choice(alive)
            path, line = self.chance.choice(PATHS), b"%d\n" % self.chance.randrange(4)
            files = {path: line} if self.chance.random() < 0.9 else {}
            self.write(session, files, self.chance.choice(EXITS))

    def write(self, session: Session, files: dict[str, bytes], exit: Exit | None) -> None:
        if files:
            name, data = f"{session.id}.txt", b"version %d\n" % len(self.written)
            files |= {name: data}
            self.written[name] = data
        self.world.works(session.id, files, exit)

    def an_agent_vanishes(self) -> None:
        for session in self.running():
            self.world.machine.vanish(session.id)

    def the_user_commits(self) -> None:
        path, line = self.chance.choice(PATHS[:3]), b"user %d\n" % self.chance.randrange(4)
        self.world.repository.dirty = {self.chance.choice(PATHS)} if self.chance.random() < 0.3 else set()
        if self.chance.random() < 0.5:
            self.by_hand.add(self.world.push({path: line}))

    def the_gate_changes_its_mind(self) -> None:
        self.world.runner.answers["run-tests"] = self.chance.choice((PASSED, PASSED, RED))

    def a_command(self) -> None:
        sessions = list(self.world.facts.sessions.values())
        if not sessions:
            return
        session, kind = self.chance.choice(sessions), self.chance.choice(COMMANDS)
        everything = kind in ("undo", "stop") and self.chance.random() < 0.3
        args = {"id": session.id, "run": session.run, "env": {"PATH": "/bin"}, "waits": self.chance.random() < 0.5}
        args |= {"ids": [session.id]} if kind == "rehearse" else {}
        if everything:
            args |= {"id": "", "all": True}
        self.submitted.append((f"c{len(self.submitted)}", kind, args))
        self.submit(self.submitted[-1])

    def a_command_comes_again(self) -> None:
        if self.submitted:
            self.submit(self.chance.choice(self.submitted[-3:]))

    def submit(self, command: Submitted) -> None:
        name, kind, args = command
        submit(self.world, name, kind, self.kill(), self.chance.random() < 0.5, **args)

    def the_supervisor_dies(self) -> None:
        """And another one greets, as `app.supervisor` does."""
        world = self.world
        world.restart()
        world.settled_in = False
        for run in list(world.facts.runs.values()):
            if run.waits:
                world.log.append(e.RunLeft(run.id, "the supervisor restarted"))
                if self.chance.random() < 0.7:
                    world.shop.envs[run.id] = {}
                    world.log.append(e.RunJoined(run.id))
        for session in list(world.facts.sessions.values()):
            if session.asked_to_land:
                queued = session.stage in (Stage.QUEUED, Stage.GATING)
                left = e.Dequeued if queued else e.MergeLeft
                world.log.append(left(session.id, "the supervisor restarted"))

    def everybody_had_time(self) -> None:
        self.world.settled_in = True

    def play(self) -> None:
        self.somebody_asks()
        for _ in range(LONGEST):
            self.chance.choice(self.happenings)()
            self.world.clock.time += self.chance.choice((-5.0, 0.0, 1.0))
            self.check()
        self.come_to_rest()

    def come_to_rest(self) -> None:
        self.world.settled_in = True
        left = self.world.go()
        while self.running():
            for session in self.running():
                self.write(session, {"a": b"late\n"}, Exit(0))
            left = self.world.go()
        assert left == []
        for session in self.world.facts.sessions.values():
            assert session.stage in RESTING
            assert session.stage is not Stage.READY or not wants_to_land(session, self.world.facts)
        assert None not in self.world.outcomes()
        self.check()
        self.nothing_written_is_lost()

    def check(self) -> None:
        self.nothing_lands_unproven()
        self.nothing_lands_twice()
        self.no_command_is_carried_out_twice()
        self.nothing_is_said_to_have_landed_that_did_not()
        self.rivals_begin_at_one_base_and_land_only_by_name()

    def rivals_begin_at_one_base_and_land_only_by_name(self) -> None:
        facts, events = self.world.facts, self.world.events
        contest_of = {name: facts.tasks[session.task].contest for name, session in facts.sessions.items()}
        planned = [event for event in events if isinstance(event, e.SessionPlanned) and contest_of[event.session]]
        for contest in facts.contests.values():
            assert {event.base for event in planned if contest_of[event.session] == contest.id} <= {contest.base}
            assert contest.decided_at is None or facts.sessions[contest.picked].landed  # type: ignore[index]
            assert contest.decided_at is not None or not contest.aside
        asked = {event.session for event in events if isinstance(event, e.MergeAsked) and event.by in BY_NAME}
        landed = {event.session for event in events if isinstance(event, e.Landed)}
        assert {name for name in landed if contest_of[name]} <= asked

    def nothing_written_is_lost(self) -> None:
        """It stands in a worktree, in the trash, or in a commit that some ref holds."""
        repository = self.world.repository
        commits = {commit for ref in repository.refs.values() for commit in repository.ancestors(ref)}
        places = [*repository.worktrees.values(), *repository.trash.values()]
        kept = {(path, data) for place in places for path, data in place.files.items()}
        kept |= {entry for commit in commits for entry in repository.files(commit).items()}
        assert set(self.written.items()) <= kept

    def nothing_lands_unproven(self) -> None:
        """Below every commit that is not the user's stands a landing with a proof of just that tree."""
        world, repository = self.world, self.world.repository
        proven = {landing.commit: landing.proof for landing in world.facts.landings.values()}
        commit = world.tip()
        while commit not in self.by_hand:
            assert commit in proven
            proof = proven[commit]
            assert repository.commits[commit].tree == proof.tree
            changed = world.integration.changed(proof.base, commit)
            assert proof.kind == "gated" or not any(path[0] in "ab" for path in changed)
            commit = proof.base

    def nothing_lands_twice(self) -> None:
        world = self.world
        messages = [world.repository.commits[commit].message for commit in world.repository.ancestors(world.tip())]
        for session in world.facts.sessions:
            assert sum(f"Swarm-Session: {session}\n" in message for message in messages) <= 1

    def no_command_is_carried_out_twice(self) -> None:
        done = [event.command for event in self.world.events if isinstance(event, e.CommandDone)]
        assert len(done) == len(set(done))

    def nothing_is_said_to_have_landed_that_did_not(self) -> None:
        world = self.world
        for session in world.facts.sessions.values():
            if session.stage is Stage.LANDED:
                assert world.integration.holds("main", session.landed) == "target"
        for task in world.facts.tasks.values():
            assert task.outcome is not Outcome.LANDED or world.session(world.current(task.id)).landed


COMMANDS = (
    "join", "leave", "stop", "resume", "merge", "merge", "land", "rm", "undo", "approve", "pick", "pick", "rehearse"
)  # fmt: skip
BY_NAME = ("merge", "pick", "land")


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=True))
def test_any_story_comes_to_a_rest_and_lands_only_what_was_proven(chance: Random) -> None:
    Story(chance).play()
