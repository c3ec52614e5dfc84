"""A whole desk of stand-ins around one ledger in memory, and a hand that takes steps one event at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from swarmctl.core import events as e
from swarmctl.core.agent import PERMISSIONS, EventRule, Mode, Order, Profile, Start, TranscriptRules
from swarmctl.core.config import Settings
from swarmctl.core.errors import UsageFault
from swarmctl.core.handmade import Conversation
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.money import Use
from swarmctl.core.outcome import Outcome
from swarmctl.core.places import Places
from swarmctl.core.ports import Desk
from swarmctl.core.session import Exit, Session, Stage
from swarmctl.core.task import Lands, Task
from swarmctl.flow.spend.till import Till
from swarmctl.loops.engine.advance import Around, Kind, Step, advance
from swarmctl.loops.engine.steps import Workshop, take
from tests.fakes.fencing import FakeOutskirts, FakeSandbox
from tests.fakes.files import FakeHooks, FakeProvisioner
from tests.fakes.git import FakeRepository, FakeWorktree, FakeWorktrees
from tests.fakes.integration import FakeIntegration
from tests.fakes.processes import RUNS, FakeHost, FakeProcesses, FakeRunner, Machine
from tests.fakes.store import MemoryLog

CLEAN = Exit(0)
PLACES = Places("/state", "/state/worktrees")


@dataclass
class FakeClock:
    time: float = 1000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


@dataclass
class FakeEar:
    """Nothing is heard; time goes by while somebody waits."""

    clock: FakeClock
    said: list[str] = field(default_factory=list)

    def begun(self) -> tuple[str, ...]:
        return tuple(self.said)

    def wait(self, seconds: float) -> None:
        self.clock.time += seconds

    def over(self) -> bool:
        return False


@dataclass
class FakeAgents:
    """An agent sees PATH and what begins with its own name."""

    known: tuple[str, ...] = ("fake", "other", "shell")
    talks: dict[str, Conversation] = field(default_factory=dict)
    """The newest conversation in a folder."""
    leftovers: tuple[str, ...] = ()
    put_away: list[str] = field(default_factory=list)
    """Folders of orders that ended."""
    transcript: TranscriptRules | None = None
    """Where it has one, it runs in an interface of its own."""
    resumable: tuple[Mode, ...] = ()
    """Where it goes on with a conversation, of which the id was chosen for it."""
    events: tuple[EventRule, ...] = ()
    orders: list[Order] = field(default_factory=list)
    permissions: tuple[str, ...] = PERMISSIONS
    takes: tuple[str, ...] = ("model", "effort")

    def check(self, name: str) -> None:
        if name not in self.known:
            raise UsageFault(f"there is no agent {name!r}", hint="--agent fake")

    def profile(self, name: str) -> Profile:
        self.check(name)
        modes: tuple[Mode, ...] = ("interactive",) if self.transcript else ("headless",)
        again = self.resumable
        found = Profile(name, "", 1, modes, again, again, self.events, None, "none", (), "", leftovers=self.leftovers)
        found = replace(found, permissions=dict.fromkeys(modes, self.permissions), takes=self.takes)
        return replace(found, conversation=("session_id",), transcript=self.transcript) if self.transcript else found

    def start(self, name: str, order: Order) -> Start:
        self.check(name)
        self.orders.append(order)
        return Start((*RUNS, order.prompt, order.command))

    def ended(self, folder: str) -> None:
        self.put_away.append(folder)

    def env(self, name: str, environ: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in environ.items() if key == "PATH" or key.startswith("FAKE_")}

    def private_to_others(self, name: str) -> tuple[str, ...]:
        return ()

    def conversation(self, name: str, folder: str, environ: Mapping[str, str]) -> Conversation | None:
        return self.talks.get(folder)


@dataclass
class World:
    """One repository, one machine and one ledger; `settings`, `clock` and who is here may be changed at any moment."""

    settings: Settings = field(default_factory=Settings)
    files: dict[str, bytes] = field(default_factory=lambda: {"README": b"hello\n"})
    max_running: int = 4
    settled_in: bool = True
    draining: bool = False
    attended: set[SessionId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.log = MemoryLog(self.clock.now)
        self.repository = FakeRepository.of(self.files)
        self.machine = Machine()
        self.worktrees = FakeWorktrees(self.repository)
        self.integration = FakeIntegration(self.repository)
        self.host = FakeHost(self.machine)
        self.processes = FakeProcesses(self.machine)
        self.runner = FakeRunner()
        self.provisioner = FakeProvisioner()
        self.hooks = FakeHooks()
        self.agents = FakeAgents()
        self.sandbox = FakeSandbox()
        self.outskirts = FakeOutskirts(stands=self.repository.refs.__contains__)
        self.terminals: dict[SessionId, str] = {}
        self.said: dict[str, tuple[Use, ...]] = {}
        """What an agent says that it used, by the entry of its start."""
        self.cancelled: list[str] = []
        self._names = itertools.count(1)
        self.restart()

    def restart(self) -> None:
        """A new supervisor: the same ledger and the same outside, and nothing remembered."""
        self.shop = Workshop(
            desk=Desk(
                clock=self.clock,
                places=PLACES,
                worktrees=self.worktrees,
                integration=self.integration,
                host=self.host,
                processes=self.processes,
                runner=self.runner,
                provisioner=self.provisioner,
                hooks=self.hooks,
                agents=self.agents,
                sandbox=self.sandbox,
                outskirts=self.outskirts,
                settings=lambda: self.settings,
                settings_at=lambda commit: self.settings,
                keep_log=self.terminals.__setitem__,
                prompt=lambda name, fields: f"{name}: {dict(fields)}",
                brief=lambda session, message: f"{session.agent} left {session.checkpoint}: {message}",
                tail=lambda session, log: f"the end of {log}" if log else "",
                answer=lambda session, request, answer, why: None,
                listen=lambda session: nullcontext(FakeEar(self.clock)),
            ),
            till=self.till,
            surround=lambda session, env: {**env, "SWARM_SPOOL": PLACES.spool(session.id)},
            new_id=lambda: f"x{next(self._names)}",
            free_ports=lambda taken, size: max([40000, *taken]) + size,
            cancel_in=self.cancelled.append,
        )

    @property
    def till(self) -> Till:
        return Till(
            settings=lambda: self.settings,
            rules_of=lambda agent: self.agents.profile(agent).usage,
            environ_of=lambda agent, run: self.shop.envs.get(run, {}),
            read=lambda entry: self.said.get(entry.id, ()),
            today=lambda: "2026-11-21",
            now=self.clock.now,
        )

    @property
    def desk(self) -> Desk:
        return self.shop.desk

    @property
    def facts(self) -> Facts:
        return self.log.facts

    @property
    def events(self) -> list[e.Event]:
        return [stamped.event for stamped in self.log.read()]

    @property
    def around(self) -> Around:
        return Around(
            now=self.clock.now(),
            max_running=self.max_running,
            has_env=lambda run: run in self.shop.envs,
            asked_in=self.shop.asked_in,
            is_alive=lambda session: session.process is not None and self.processes.alive(session.process),
            is_attended=lambda session: session.id in self.attended,
            settled_in=self.settled_in,
            draining=self.draining,
            has_money=lambda session: self.till.room(session, self.facts) != "waits",
        )

    def session(self, name: SessionId) -> Session:
        return self.facts.sessions[name]

    def submit(
        self, *tasks: str, waits: bool = True, lands: Lands = "waited", check: str = "", contest: str = ""
    ) -> list[TaskId]:
        """A run of some tasks, each called as its title; `b<a` comes after `a`. With `contest` they are its entries."""
        run = RunId(f"r{next(self._names)}")
        self.log.append(e.RunSubmitted(run, waits, lands, "main"))
        self.shop.envs[run] = {"PATH": "/bin", "FAKE_KEY": "k", "HOME_SECRET": "s"}
        ids: dict[str, TaskId] = {}
        for number, text in enumerate(tasks, start=1):
            title, _, after = text.partition("<")
            ids[title] = TaskId(f"t{next(self._names)}")
            needs = (ids[after],) if after else ()
            added = e.TaskAdded(ids[title], run, number, title, f"do {title}", "fake", "", check, needs)
            self.log.append(replace(added, contest=contest))
        return list(ids.values())

    def steps(self) -> list[Step]:
        return advance(self.facts, self.around)

    def drive(self, stream: Iterable[e.Event | e.Batch], until: int | None = None, mid_effect: bool = True) -> None:
        """Append what the stream yields, and be killed after `until` events.

        `mid_effect`: what the stream does before its next event was still done, and never got its event.
        """
        events = iter(stream)
        for event in itertools.islice(events, until):
            self.log.append(*event) if isinstance(event, tuple) else self.log.append(event)
        if until is not None and mid_effect:
            next(events, None)

    def take(self, step: Step, until: int | None = None, mid_effect: bool = True) -> None:
        self.drive(take(step, self.facts, self.shop), until, mid_effect)

    def go(self, *stop_before: Kind) -> list[Step]:
        """Take steps until none is left but those to stop before; what was left."""
        for _ in range(400):
            wanted = [step for step in self.steps() if step.kind not in stop_before]
            if not wanted:
                return self.steps()
            self.take(wanted[0])
        raise AssertionError(f"comes to no rest: {self.steps()}")

    def works(self, session: SessionId, files: Mapping[str, bytes], exit: Exit | None = CLEAN) -> None:
        """Its agent writes files, then ends if it has an exit."""
        self.bench(session).files.update(files)
        if exit is not None:
            self.machine.end(session, exit)

    def bench(self, session: SessionId) -> FakeWorktree:
        return self.repository.worktrees[self.session(session).worktree]

    def running(self, title: str = "one", waits: bool = True, lands: Lands = "waited", check: str = "") -> SessionId:
        """A session of a task of its own whose agent runs."""
        (task,) = self.submit(title, waits=waits, lands=lands, check=check)
        self.go()
        return self.current(task)

    def ready(self, title: str = "one", files: Mapping[str, bytes] | None = None, check: str = "") -> SessionId:
        """A session with work that may land and that nobody waits for."""
        name = self.running(title, waits=False, check=check)
        self.works(name, files or {title: b"work\n"})
        self.go()
        assert self.session(name).stage is Stage.READY
        return name

    def current(self, task: TaskId) -> SessionId:
        name = self.facts.tasks[task].session
        assert name is not None
        return name

    def task_of(self, session: SessionId) -> Task:
        return self.facts.tasks[self.session(session).task]

    def outcomes(self) -> list[Outcome | None]:
        return [task.outcome for task in self.facts.tasks.values()]

    def main(self) -> dict[str, bytes]:
        return self.repository.files(self.tip())

    def tip(self) -> str:
        return self.repository.refs["refs/heads/main"]

    def push(self, files: Mapping[str, bytes], message: str = "By the user") -> str:
        """The user commits to `main` in his checkout."""
        merged = {**self.main(), **files}
        self.repository.refs["refs/heads/main"] = self.repository.commit(
            merged, (self.tip(),), message, self.clock.time
        )
        return self.tip()
