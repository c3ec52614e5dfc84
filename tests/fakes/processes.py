"""A machine in memory: its agents start, take text, end and vanish when a test says so.

Fake agents know three programs: `RUNS` until it is ended, `ENDS` with a code at once, `ECHOES` the lines it is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from swarmctl.core.config import Command
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.keyboard import Sight
from swarmctl.core.ports import Finished, Host, Launch, Started
from swarmctl.core.session import Exit, ProcessId

RUNS = ("fake", "runs")
ENDS = ("fake", "ends")
ECHOES = ("fake", "echoes")
BOOT = "00000000-0000-0000-0000-000000000000"
TERMINATED = Exit(None, 15)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether it came true in time; looks often and waits for nothing else."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def type_into(host: Host, pane: str, session: SessionId, text: str) -> None:
    """Without a look at what becomes of it."""
    with host.keyboard.hold(session):
        assert host.keyboard.paste(pane, session, text)
        host.keyboard.enter(pane, session)


@dataclass
class Agent:
    launch: Launch
    process: ProcessId
    marker: str
    pane: str
    alive: bool = True
    exit: Exit | None = None
    screen: list[str] = field(default_factory=list)
    typed: str = ""
    sent: list[str] = field(default_factory=list)
    stubborn: bool = False
    """It cannot be ended."""
    leaves: tuple[ProcessId, ...] = ()
    """Whom it started, and who live on after it."""


class Machine:
    """Every agent ever started, by run directory; `refuse` makes the next start fail with these words."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.refuse = ""
        self.boot = BOOT
        self._next = 1000

    def start(self, launch: Launch, pane: str) -> Agent:
        if self.refuse:
            words, self.refuse = self.refuse, ""
            raise EnvironmentFault(words, hint="swarmctl doctor")
        self._next += 1
        process = ProcessId(self._next, self._next * 10, self.boot)
        marker = launch.env.get("SWARM_MARKER", launch.session)
        agent = Agent(launch, process, marker, pane)
        self.agents[launch.run_dir] = agent
        if launch.argv[:2] == ENDS:
            self.end(launch.session, Exit(int(launch.argv[2])))
        return agent

    def of(self, session: str) -> Agent:
        """The session's newest agent."""
        return [agent for agent in self.agents.values() if agent.launch.session == session][-1]

    def end(self, session: str, exit: Exit) -> None:
        agent = self.of(session)
        agent.alive, agent.exit = False, exit

    def vanish(self, session: str) -> None:
        """Its wrapper was killed: dead, and nobody kept how."""
        self.of(session).alive = False

    def reboot(self) -> None:
        self.boot = "11111111-1111-1111-1111-111111111111"
        for agent in self.agents.values():
            agent.alive = False


class FakeHost:
    def __init__(self, machine: Machine, name: str = "fake") -> None:
        self.machine = machine
        self.closed: list[SessionId] = []
        self._name = name
        self._panes = 0

    @property
    def name(self) -> str:
        return self._name

    def start(self, launch: Launch) -> Started:
        agent = self.machine.agents.get(launch.run_dir)
        if agent is None:
            self._panes += 1
            agent = self.machine.start(launch, f"%{self._panes}")
        return Started(agent.process, agent.pane)

    @property
    def keyboard(self) -> FakeHost:
        return self

    @contextmanager
    def hold(self, session: SessionId) -> Iterator[None]:
        yield

    def look(self, pane: str, session: SessionId) -> Sight:
        agent = self._agent(session)
        unread = bool(agent.sent) and agent.launch.argv[:2] == RUNS
        return Sight(alive=agent.alive and agent.pane == pane, unread=unread, edits=True)

    def paste(self, pane: str, session: SessionId, text: str) -> bool:
        self._running(pane, session).typed += text
        return True

    def enter(self, pane: str, session: SessionId) -> None:
        agent = self._running(pane, session)
        text, agent.typed = agent.typed, ""
        agent.sent.append(text)
        if agent.launch.argv[:2] == ECHOES:
            agent.screen += [text, f"got {text}"]

    def _running(self, pane: str, session: SessionId) -> Agent:
        agent = self._agent(session)
        if not agent.alive or agent.pane != pane:
            raise EnvironmentFault(f"session {session} has no running agent", hint=f"swarmctl show {session}")
        return agent

    def capture(self, pane: str, session: SessionId) -> str:
        return "".join(f"{line}\n" for line in self._agent(session).screen)

    def attended(self, pane: str, session: SessionId) -> bool:
        return False

    def close(self, pane: str, session: SessionId) -> None:
        self.closed.append(session)

    def attach(self, pane: str, session: SessionId) -> tuple[str, ...]:
        return ("fake-attach", pane or session)

    def _agent(self, session: SessionId) -> Agent:
        try:
            return self.machine.of(session)
        except IndexError:
            raise EnvironmentFault(f"session {session} has no pane any more") from None


class FakeProcesses:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.stops: list[str] = []
        self.asked: list[ProcessId] = []
        """Whom somebody else started, and who was asked to end."""

    def found(self, run_dir: str) -> ProcessId | None:
        agent = self.machine.agents.get(run_dir)
        return agent.process if agent else None

    def alive(self, process: ProcessId) -> bool:
        return any(agent.alive and agent.process == process for agent in self.machine.agents.values())

    def exit_of(self, run_dir: str) -> Exit | None:
        agent = self.machine.agents.get(run_dir)
        return agent.exit if agent else None

    def reads(self, process: ProcessId, within_s: float) -> bool:
        agents = [agent for agent in self.machine.agents.values() if agent.process == process]
        return not any(agent.sent and agent.launch.argv[:2] == RUNS for agent in agents)

    def ask(self, process: ProcessId, grace_s: float) -> tuple[ProcessId, ...]:
        self.asked.append(process)
        aimed = [agent for agent in self.machine.agents.values() if agent.alive and agent.process == process]
        for agent in aimed:
            agent.alive = agent.stubborn
        return tuple(each for agent in aimed for each in (*([process] if agent.alive else []), *agent.leaves))

    def stop(self, process: ProcessId | None, marker: str, grace_s: float) -> bool:
        self.stops.append(marker)
        aimed = [agent for agent in self.machine.agents.values() if agent.alive and agent.marker == marker]
        for agent in aimed:
            if not agent.stubborn:
                agent.alive, agent.exit = False, TERMINATED
        return not any(agent.alive for agent in aimed)


PASSED = Finished(
    rc=0,
    signal=None,
    timed_out=False,
    out_of_memory=False,
    not_found=False,
    duration_s=0.01,
    log="",
    log_sha256="0" * 64,
    tail="",
)


@dataclass(frozen=True)
class Ran:
    command: Command
    cwd: str
    env: Mapping[str, str]
    timeout_s: float
    stdin: bytes


class FakeRunner:
    """Answers from a table, by command; what the table does not know passes and prints nothing."""

    def __init__(self, answers: Mapping[Command, Finished] | None = None) -> None:
        self.answers = dict(answers or {})
        self.ran: list[Ran] = []

    def run(
        self, command: Command, *, cwd: str, env: Mapping[str, str], timeout_s: float, log: str, stdin: bytes = b""
    ) -> Finished:
        self.ran.append(Ran(command, cwd, dict(env), timeout_s, stdin))
        return replace(self.answers.get(command, PASSED), log=log)
