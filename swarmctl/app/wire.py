"""The one place that builds things: every edge is constructed here and handed on as a port."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from swarmctl.app.archive import Archive
from swarmctl.app.budget import make_till
from swarmctl.app.callers import Callers
from swarmctl.app.collect import empty_trash
from swarmctl.app.desk import Configured, Outside, make_desk, make_host
from swarmctl.app.githooks import session_hooks
from swarmctl.app.listening import Listeners
from swarmctl.app.lock import take_lock
from swarmctl.app.room import Room
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import Event, SupervisorStopped, WorktreeDeleted
from swarmctl.core.ids import id_from
from swarmctl.core.machine import Facts
from swarmctl.core.places import Places
from swarmctl.core.ports import Desk
from swarmctl.core.session import ProcessId, Session, SpoolPlace
from swarmctl.edges.files.approvals import asker
from swarmctl.edges.files.paths import StatePaths, locate, shortage, write_atomically
from swarmctl.edges.files.secrets import secret_values
from swarmctl.edges.files.session_env import port_block
from swarmctl.edges.files.spool import SpoolLine, SpoolWatch, read_spool
from swarmctl.edges.files.terminals import Terminals
from swarmctl.edges.git.aliases import ignored_in
from swarmctl.edges.git.command import session_git_env
from swarmctl.edges.git.repository import Repository, open_repository
from swarmctl.edges.git.trust import remembering
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.shell.runner import ShellRunner
from swarmctl.edges.store.log import SqliteLog
from swarmctl.edges.tmux.host import TmuxHost
from swarmctl.edges.tmux.looks import PaneLooks
from swarmctl.loops.engine.steps import Workshop


@dataclass(slots=True)
class Wired:
    """A supervisor's parts."""

    paths: StatePaths
    repository: Repository
    log: SqliteLog
    desk: Desk
    shop: Workshop
    spool: SpoolWatch
    archive: Archive
    room: Room
    panes: PaneLooks | None
    """None where no terminal can be looked at."""
    boot: str
    ended_uncleanly: bool
    listeners: Listeners
    watch: Callable[[ProcessId], int]
    ran: Callable[[ProcessId], object]
    cancel_commands: Callable[[], None]
    shutdown_host: Callable[[], None]
    token_of: Callable[[Session], str]
    lock: IO[bytes]

    def read_spool(self, session: Session, heard: SpoolPlace) -> tuple[list[SpoolLine], SpoolPlace, int]:
        return read_spool(self.desk.places.spool(session.id), heard, self.token_of(session))

    def fill_pool(self) -> Iterator[Event]:
        """Park worktrees at the commit that the next session will probably start from."""
        settings = self.desk.settings()
        if settings.worktree.pool:
            base = self.desk.worktrees.base(settings.merge.target, fetch=False)
            self.desk.worktrees.fill_pool(base.commit, settings.worktree.pool)
        yield from ()

    def empty_trash(self, facts: Facts) -> Iterator[WorktreeDeleted]:
        return empty_trash(facts, self.paths, self.desk.settings().trash, self.desk.clock.now())

    def shortage(self, agents: Sequence[str]) -> EnvironmentFault | None:
        """Why no session of each of these agents should be started besides what runs."""
        return shortage(self.paths) or self.room.shortage(agents)

    def close(self) -> None:
        self.paths.socket.unlink(missing_ok=True)
        self.lock.close()


HOOK = str(Path(sys.executable).with_name("swarmctl-hook"))
"""What agents' hooks call, by its full name: their PATH may hold another one, or none."""


def wire(root: str) -> Wired | None:
    """Everything that a supervisor of the repository at `root` needs; None when it has one already."""
    repository = open_repository(Path(root))
    paths = locate(repository.common, repository.root, create=True)
    lock = take_lock(paths)
    if lock is None:
        return None
    log = SqliteLog(paths.database)
    repository = remembering(repository, paths.root, asker(log.facts.approvals))
    configured = Configured(repository.root)
    processes, launches = LinuxProcesses(), Launches()
    runner = ShellRunner(processes, launches)
    listeners = Listeners()
    host = make_host(configured.settings().agent.host, paths, launches, processes)
    envs = Callers()
    archive = Archive(paths, secrets_of=lambda session: secret_values(envs.get(log.facts.sessions[session].run, {})))
    desk = make_desk(repository, paths, configured, log.facts, Outside(host, processes, runner, archive, listeners))
    token_of = _tokens(paths)
    return Wired(
        paths=paths,
        repository=repository,
        log=log,
        desk=desk,
        shop=Workshop(
            desk=desk,
            till=make_till(log.facts, desk, envs, token_of),
            surround=_surround(repository, desk.places, configured, token_of, session_hooks(paths, repository)),
            new_id=lambda: id_from(secrets.token_bytes(5)),
            free_ports=lambda taken, size: port_block(taken, size, seed=secrets.randbelow(10_000)),
            cancel_in=runner.cancel,
            envs=envs,
            environ=dict(os.environ),
        ),
        spool=SpoolWatch(paths.spool),
        archive=archive,
        room=Room(log.facts, desk.agents, desk.clock),
        panes=PaneLooks(host.server, Terminals()) if isinstance(host, TmuxHost) else None,
        boot=processes.boot_id(),
        ended_uncleanly=_ended_uncleanly(log),
        listeners=listeners,
        watch=processes.watch,
        ran=processes.ran,
        cancel_commands=runner.cancel_all,
        shutdown_host=host.shutdown if isinstance(host, TmuxHost) else lambda: None,
        token_of=token_of,
        lock=lock,
    )


def _tokens(paths: StatePaths) -> Callable[[Session], str]:
    """A token per session for its spool, from a key that only this user can read; nothing is kept per session."""
    key = paths.spool_key
    if not key.exists():
        write_atomically(key, secrets.token_hex(32))
    secret = key.read_bytes()
    return lambda session: hmac.new(secret, session.id.encode(), hashlib.sha256).hexdigest()[:32]


def _surround(
    repository: Repository,
    places: Places,
    configured: Configured,
    token_of: Callable[[Session], str],
    git_hooks: Path,
) -> Callable[[Session, Mapping[str, str]], dict[str, str]]:
    """What an agent's environment gets besides the caller's: its spool, and git hooks set by environment alone."""

    def surround(session: Session, env: Mapping[str, str]) -> dict[str, str]:
        gates = configured.settings().gates_at("commit")
        return {
            **env,
            **session_git_env(git_hooks, ignored=ignored_in(repository, session.worktree)),
            "SWARM_SPOOL": places.spool(session.id),
            "SWARM_TOKEN": token_of(session),
            "SWARM_HOOK": HOOK,
            "SWARM_ANSWERS": places.answers(session.id),
            "SWARM_COMMIT_GATES": str(len(gates)),
        }

    return surround


def _ended_uncleanly(log: SqliteLog) -> bool:
    last = list(log.read(max(0, log.facts.seq - 1)))
    return bool(last) and not isinstance(last[-1].event, SupervisorStopped)
