"""Settings as values: what `swarm.toml`, the user's file and the environment add up to, with their defaults.

A `Command` that is a string goes verbatim to `sh -c`; one that is a tuple is argv. Nothing is interpolated into either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from swarmctl.core.values import dataclass

Command = str | tuple[str, ...]
Strategy = Literal["squash", "merge", "rebase"]
GateStage = Literal["commit", "merge"]
Fenced = Literal["untested", "tested", "own"]
"""Whether an agent is known to work inside the sandbox, or brings one of its own."""


def argv_of(command: Command) -> list[str]:
    return ["sh", "-c", command] if isinstance(command, str) else list(command)


@dataclass(frozen=True, slots=True)
class GateSpec:
    """One check that decides whether a tree may land."""

    name: str
    run: Command
    stage: GateStage = "merge"
    when: tuple[str, ...] = ()
    """Glob patterns; the gate applies when a changed path matches one. Empty: always."""
    timeout_s: float = 600.0
    min_tests: int | None = None
    count: str = ""
    """How tests are counted: `pytest`, `tap`, `junit:PATH`, or a regular expression with one group."""
    env: tuple[str, ...] = ()
    """Names of the caller's variables that the gate may see besides PATH, HOME, LANG and TMPDIR."""
    autofix: Command | None = None
    protects: tuple[str, ...] = ()
    """Files whose change by a branch needs a person's approval, besides those named in `run`."""


@dataclass(frozen=True, slots=True)
class MergeSettings:
    target: str = ""
    """The branch that work lands on; empty: the branch of the checkout, or the remote's default."""
    strategy: Strategy = "squash"
    auto: bool = False
    """Land sessions that nobody waits for as soon as they are ready."""


@dataclass(frozen=True, slots=True)
class WorktreeSettings:
    root: str = ""
    """Where worktrees live, relative to the repository; empty: under the state directory."""
    copy: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    setup: Command | None = None
    setup_timeout_s: float = 600.0
    ports: int = 4
    pool: int = 2
    """Parked worktrees kept ready so that a session starts without waiting for a checkout."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    default: str = "auto"
    host: Literal["auto", "tmux", "process"] = "auto"
    """Where agents run: in windows of our own tmux server, or as plain processes; `auto`: tmux where there is one."""
    max_running: int = 4
    time_limit_s: float = 7200.0
    checkpoint_every_s: float = 300.0
    repair_rounds: int = 2
    """How often a refused gate goes back to the agent before it goes to a person."""


@dataclass(frozen=True, slots=True)
class HookSpec:
    """A user hook from the configuration: a command for one event."""

    event: str
    run: Command
    timeout_s: float = 60.0


Fact = Literal["blocked", "failed", "budget", "limited", "ready", "landed"]
"""What a person may want to be told: somebody waits for an answer, work came to a bad end or is stopped by its budget,
nothing goes on because of rate limits, work is ready and nobody waits, work landed and nobody waited."""


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """How a person is told what needs one; only from that person's own file and environment."""

    on: tuple[Fact, ...] = ("blocked", "failed", "budget", "limited", "ready", "landed")
    desktop: Literal["auto", "notify-send", "bell", "none"] = "auto"
    """`auto`: notify-send where it is and a display is, else a bell in the terminals that show a session."""
    command: Command | None = None
    webhook: str = ""
    ntfy: str = ""
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class TuiSettings:
    """How the cockpit looks and which keys it has; only from the person's own file and environment."""

    theme: str = "auto"
    """`auto`: ours, dark or light as the terminal says that it is."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Another key for a deed."""
    back: str = "f12"
    """Leaves a session's terminal."""
    browser: bool = False
    """Open also where a program serves it as a page that lets anybody in."""


@dataclass(frozen=True, slots=True)
class TrashSettings:
    days: float = 14.0
    max_gb: float = 10.0


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    mode: Literal["auto", "on", "off"] = "auto"
    """`auto`: for each agent that is tested in it, where this machine can; `on`: nothing starts without it."""
    network: Literal["on", "off"] = "on"
    write: tuple[str, ...] = ()
    """Paths besides the worktree and the agent's own that it may change; with a slash at the end, made when missing."""
    read: tuple[str, ...] = ()
    """Paths that it may read although they would be hidden."""
    hide: tuple[str, ...] = ()
    """Paths to hide besides credentials, personal folders and other agents' settings."""
    outside: Literal["report", "refuse"] = "report"
    """What follows when something outside its worktree changed while a session ran that nothing held back."""
    trifecta: Literal["show", "forbid"] = "show"
    """Whether private data, untrusted content and a way out may come together in a session."""


@dataclass(frozen=True, slots=True)
class AgentBudget:
    """What agents may cost, in dollars; a cap that is not set is none."""

    task_usd: float | None = None
    run_usd: float | None = None
    day_usd: float | None = None
    start_usd: float = 1.0
    """What one start is taken to cost at worst while there is no history of its like."""


@dataclass(frozen=True, slots=True)
class Settings:
    merge: MergeSettings = field(default_factory=MergeSettings)
    gates: tuple[GateSpec, ...] = ()
    worktree: WorktreeSettings = field(default_factory=WorktreeSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    hooks: tuple[HookSpec, ...] = ()
    trash: TrashSettings = field(default_factory=TrashSettings)
    budget_agents: AgentBudget = field(default_factory=AgentBudget)
    notify: NotifySettings = field(default_factory=NotifySettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    tui: TuiSettings = field(default_factory=TuiSettings)

    def gates_at(self, stage: GateStage) -> tuple[GateSpec, ...]:
        return tuple(gate for gate in self.gates if gate.stage == stage)
