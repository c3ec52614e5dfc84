"""One small story that is killed wherever its seed says, and what must hold afterwards whatever that was.

The agent writes unique marks and notes each in a journal outside the repository once it is written.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from swarmctl.app.board import Board
from swarmctl.core import events as e
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.edges.store.replay import advance, replay
from swarmctl.loops.engine.advance import wants_to_land
from tests.e2e.world import World, until

ROOT = Path(__file__).resolve().parents[2]
CLIENT = (sys.executable, "-m", "tests.e2e.killing_client")
CHAINS = (
    ("SupervisorStarted", "RunSubmitted", "SessionPlanned", "WorktreeReady", "LaunchIntended", "SessionStarted"),
    ("CommandDone", "SessionEnded", "Checkpointed", "WorkCommitted", "SessionReady", "Enqueued"),
    ("MergeStaged", "GateFinished", "LandIntended", "Landed", "TaskFinished", "WorktreeTrashed"),
)
"""Every event of a story, in an order in which each can still come after an end beside the one before."""
STEPS = tuple(step for chain in CHAINS for step in chain)
APPENDS = 20
MOMENTS_S = 1.5
ROUNDS = 12
QUIET_S = 2.6
"""Longer than a supervisor waits for its callers before it puts their work aside."""
GATE = (
    '[[gate]]\nname = "tests"\nrun = "ls *.txt >/dev/null && echo passed=1"\ncount = "passed=(\\\\d+)"\nmin_tests = 1\n'
)
AGENT = """\
write() {{ echo "$1" > "$1.txt" && echo "$1" >> {journal}; }}
m="mark-$SWARM_TASK-$SWARM_ATTEMPT-$$"
sleep {pace}
write "$m-committed" && git add -A && git commit -qm Work
write "$m-loose"
sleep {pace}
mkdir -p deep && echo "$m-deep" > "deep/$m" && echo "$m-deep" >> {journal}
"""


@dataclass
class Tally:
    """What a story went through."""

    kills: dict[str, int] = field(default_factory=dict)
    landed: int = 0
    marks: int = 0

    def add(self, what: str, count: int = 1) -> None:
        self.kills[what] = self.kills.get(what, 0) + count

    @property
    def total(self) -> int:
        return sum(self.kills.values())


@dataclass
class Story:
    world: World
    dice: random.Random
    pace: float = 0.0
    """Seconds that the agent takes before and after its work."""
    tally: Tally = field(default_factory=Tally)

    @property
    def journal(self) -> Path:
        return self.world.home / "journal"

    @property
    def plan(self) -> Path:
        return self.world.home / "plan"

    def prepare(self, plans: list[str], host: str) -> None:
        world = self.world
        world.program = CLIENT
        world.host = host
        world.extra_env |= {"KILL_PLAN": str(self.plan), "PYTHONPATH": str(ROOT)}
        self.plan.write_text("".join(f"{line}\n" for line in plans))
        self.journal.touch()
        world.found({"README.md": "# a project\n", "notes.md": "by the user\n", "swarm.toml": GATE})
        world.put("notes.md", "by the user, not committed\n")
        world.put("loose.md", "never added\n")

    def ask(self, tasks: int) -> None:
        command = AGENT.format(journal=self.journal, pace=self.pace)
        words = [f"Task number {number}" for number in range(1, tasks + 1)]
        self.world.start("run", *words, "--exec", command, "--json")

    # --- killing ------------------------------------------------------------------------------------------------------

    def kill_one(self, what: str) -> None:
        pid = self._pid_of(what)
        if pid is not None:
            with_luck(pid)
            self.tally.add(what)

    def _pid_of(self, what: str) -> int | None:
        if what == "run":
            process = self.world.running[-1].process
            return process.pid if process.poll() is None else None
        if what == "tmux":
            return self.world.tmux_server()
        if what == "supervisor":
            return self.world.supervisor()
        running = [s for s in self.world.facts().sessions.values() if s.stage is Stage.RUNNING and s.process]
        chosen = self.dice.choice(running).process if running else None
        return chosen.pid if chosen else None

    # --- going on -----------------------------------------------------------------------------------------------------

    def go_on(self) -> Facts:
        """What a person would type until everything landed."""
        for _ in range(ROUNDS):
            facts = self._rest()
            left = [task for task in facts.tasks.values() if task.outcome is not Outcome.LANDED]
            if facts.tasks and not left:
                return facts
            if not facts.tasks:
                self.ask(1)
                continue
            task = left[0]
            name = task.session or task.id
            verb = "merge" if task.outcome is Outcome.READY else "resume"
            said = self.world.swarmctl(verb, name, "--json")
            assert said.rc in (0, 1, 7, 130), f"{verb} {name}: {said.rc} {said.err}"
        history = "\n".join(f"{s.seq} {s.event}" for s in self.world.history())
        raise AssertionError(f"not landed after {ROUNDS} rounds of resume and merge\n{history}")

    def _rest(self) -> Facts:
        """Nothing is under way any more."""
        client = self.world.running[-1].process
        if client.poll() is None:
            said = self.world.running[-1].answer()
            assert "Traceback" not in said.err, said.err
        self._keep_up()
        if not self.world.facts().tasks:
            return self.world.facts()

        def rested() -> Facts | None:
            facts = self.world.facts()
            self._keep_up()
            busy = any(s.active or s.stage in UNDER_WAY for s in facts.sessions.values())
            return None if busy or any(task.outcome is None for task in facts.tasks.values()) else facts

        found: Facts = until(rested, "every task to have an outcome again")
        return found

    def is_tidy(self) -> bool:
        self._keep_up()
        return all(session.place == "trashed" for session in self.world.facts().sessions.values())

    def _keep_up(self) -> None:
        """A supervisor that died is started as any command would."""
        if self.world.supervisor() is None:
            self.world.swarmctl("up", rc=0)

    def collect(self) -> None:
        done = self.plan.with_name("plan.done")
        for line in done.read_text().splitlines() if done.exists() else []:
            self.tally.add("supervisor " + line.split()[0])
        self.plan.write_text("")


UNDER_WAY = frozenset({Stage.QUEUED, Stage.GATING, Stage.LANDING})


def with_luck(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


# --- what must hold ---------------------------------------------------------------------------------------------------


def check(story: Story, before: dict[str, str]) -> None:
    world = story.world
    facts = world.facts()
    marks_are_kept(story)
    log_is_whole(world)
    target_moved_by_proofs_only(world, facts)
    only_awaited_work_landed(world)
    assert user_side(world) == before, "the user's checkout changed"
    for task in facts.tasks.values():
        session = facts.sessions[task.session] if task.session else None
        assert session and task.outcome is session.outcome is Outcome.LANDED
    agents = [words for words in world.ours().values() if "mark-$SWARM_TASK" in words]
    assert not agents, f"outlived their sessions: {agents}"


def user_side(world: World) -> dict[str, str]:
    return {
        "status": world.git("status", "--porcelain", "--untracked-files=all"),
        "notes": (world.repo / "notes.md").read_text(),
        "loose": (world.repo / "loose.md").read_text(),
        "stash": world.git("stash", "list"),
        "head": world.git("symbolic-ref", "HEAD"),
        "branches": "\n".join(
            ref
            for ref in world.git("for-each-ref", "--format=%(refname)", "refs/heads").splitlines()
            if "swarm/" not in ref
        ),
        "config": (world.repo / ".git" / "config").read_text(),
        "locks": "\n".join(str(path) for path in sorted((world.repo / ".git").glob("**/*.lock"))),
    }


def marks_are_kept(story: Story) -> None:
    """I1: in a reachable object; and, as everything landed in the end, in the target's tree."""
    world, marks = story.world, story.journal.read_text().split()
    story.tally.marks = len(marks)
    landed = world.git("grep", "-h", "-e", "mark-", "refs/heads/main", "--").split() if marks else []
    missing = set(marks) - set(landed)
    assert not missing, f"written and not landed: {missing}; reachable: {reachable(world, missing)}"


def reachable(world: World, marks: set[str]) -> set[str]:
    objects = world.git("rev-list", "--objects", "--no-object-names", "--all")
    argv = ["git", "-C", str(world.repo), "cat-file", "--batch"]
    text = subprocess.run(argv, input=objects.encode(), capture_output=True, check=True).stdout.decode(errors="replace")
    return {mark for mark in marks if mark in text}


def log_is_whole(world: World) -> None:
    """I4: reading checks the chain; the tables are what the events add up to; what was told to a caller is in it."""
    assert world.database
    with Board(world.database) as board:
        history = list(board.history())
        assert replay(history) == board.facts
    assert [stamped.seq for stamped in history] == list(range(1, len(history) + 1))


def target_moved_by_proofs_only(world: World, facts: Facts) -> None:
    """I2: every commit since the first is a proven one, its tree the gated one, each change once."""
    proven = {landing.commit: landing.proof for landing in facts.landings.values() if landing.landed_at is not None}
    landed = [stamped.event for stamped in world.history() if isinstance(stamped.event, e.Landed)]
    line = world.git("rev-list", "--first-parent", "refs/heads/main").splitlines()[:-1]
    assert sorted(line) == sorted(event.commit for event in landed), "landed events and the branch differ"
    for commit in line:
        assert world.tree(commit) == proven[commit].tree
        assert proven[commit].results, "landed without its gate"
    owners = [world.trailers(commit)["Swarm-Session"] for commit in line]
    assert len(owners) == len(set(owners)), "a change landed twice"


def only_awaited_work_landed(world: World) -> None:
    """Between the decision to land and the landing, somebody asked for it or waited for its run."""
    facts, wanted = Facts(), set[str]()
    for stamped in world.history():
        advance(facts, stamped)
        landing = [session for session in facts.sessions.values() if session.stage is Stage.LANDING]
        wanted |= {session.id for session in landing if wants_to_land(session, facts)}
        if isinstance(stamped.event, e.Landed):
            assert stamped.event.session in wanted, f"{stamped.seq}: landed and nobody waited"


def recovers_once(story: Story) -> None:
    """I10: another unclean end and recovery change nothing but the record of themselves."""
    world = story.world
    seen = [_settled(world) for _ in range(2)]
    assert seen[0] == seen[1], "a second recovery changed something"
    story.tally.add("supervisor at rest", 2)


def _settled(world: World) -> tuple[object, ...]:
    pid = world.supervisor()
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        until(lambda: world.supervisor() != pid, "the supervisor to be gone")
    world.swarmctl("up", rc=0)
    facts, since = world.facts(), time.monotonic()
    while time.monotonic() - since < QUIET_S:
        now = world.facts()
        if now.seq != facts.seq:
            facts, since = now, time.monotonic()
        time.sleep(0.05)
    refs = world.git("for-each-ref", "--format=%(refname) %(objectname)")
    return facts.tasks, facts.sessions, facts.landings, refs, world.status(), world.git("worktree", "list")


# --- stories ----------------------------------------------------------------------------------------------------------


def plans_of(dice: random.Random) -> list[str]:
    plans = []
    for _ in range(dice.randint(2, 9)):
        side = dice.choice(("before", "after"))
        plans.append(
            dice.choice(
                (
                    f"{side} append {dice.randint(1, APPENDS)}",
                    f"{side} event {dice.choice(STEPS)}",
                    f"time {dice.uniform(0.02, MOMENTS_S):.3f}",
                )
            )
        )
    return plans


def play(seed: int, world: World, rest_too: bool = False) -> Tally:
    """A story with kills of every kind at moments that the seed decides."""
    dice = random.Random(seed)
    story = Story(world, dice, pace=dice.choice((0.0, 0.1, 0.4)))
    host = dice.choice(("tmux", "tmux", "process"))
    story.prepare(plans_of(dice), host)
    before = user_side(world)
    story.ask(dice.choice((1, 1, 2)))
    others = [dice.choice(("run", "wrapper", "tmux", "supervisor", "wrapper")) for _ in range(dice.randint(0, 2))]
    for what in others:
        if what in ("wrapper", "tmux"):
            pause(MOMENTS_S, lambda: any(s.stage is Stage.RUNNING for s in world.facts().sessions.values()))
            pause(dice.uniform(0.0, story.pace))
        else:
            pause(dice.uniform(0.1, MOMENTS_S), lambda: world.running[-1].process.poll() is not None)
        story.kill_one(what)
    return finish(story, before, rest_too)


def play_steps(plans: list[str], world: World, host: str) -> Tally:
    """A story in which each life of the supervisor ends beside the next recorded step."""
    story = Story(world, random.Random(0))
    story.prepare(plans, host)
    before = user_side(world)
    story.ask(1)
    return finish(story, before, rest_too=False)


def finish(story: Story, before: dict[str, str], rest_too: bool) -> Tally:
    facts = story.go_on()
    story.tally.landed = len(facts.tasks)
    until(story.is_tidy, "tidy worktrees")
    story.collect()
    check(story, before)
    if rest_too:
        recovers_once(story)
        check(story, before)
    return story.tally


def pause(seconds: float, over: Callable[[], bool] = lambda: False) -> None:
    """The moment of a kill is what the seed says, unless it would come too late."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not over():
        time.sleep(0.005)


def step_plans() -> list[list[str]]:
    """Every boundary once: a life for each, a story for a few in a row."""
    return [[f"{side} event {step}" for step in chain] for side in ("before", "after") for chain in CHAINS]
