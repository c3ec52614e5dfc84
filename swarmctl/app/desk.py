"""The desk of ports over the real edges, for the supervisor and for whoever needs one of them without it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from swarmctl.app.agents import agents_of
from swarmctl.app.archive import Archive
from swarmctl.app.briefing import Briefing
from swarmctl.app.listening import Listeners
from swarmctl.core.agent import Profile
from swarmctl.core.config import Settings
from swarmctl.core.errors import Refused, SwarmError
from swarmctl.core.machine import Facts
from swarmctl.core.places import Places
from swarmctl.core.ports import Desk, Host
from swarmctl.core.session import Session
from swarmctl.core.values import dataclass
from swarmctl.edges.agents.answers import by_file, by_http
from swarmctl.edges.files.approvals import Approved, Request, asker, pending
from swarmctl.edges.files.paths import StatePaths, packaged, user_config_dir
from swarmctl.edges.files.prompts import read_prompt
from swarmctl.edges.files.provision import FileProvisioner
from swarmctl.edges.files.settings import FILE, Loaded, load_all, load_at
from swarmctl.edges.git.ignored import ignored_files
from swarmctl.edges.git.integration import GitIntegration
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.trust import wanted as wanted_settings
from swarmctl.edges.git.worktrees import GitWorktrees
from swarmctl.edges.hooks.user_hooks import UserHooks
from swarmctl.edges.sandbox.bubblewrap import Bubblewrap
from swarmctl.edges.sandbox.outside import FileOutskirts
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.process_host import ProcessHost
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.shell.runner import ShellRunner
from swarmctl.edges.tmux import presence
from swarmctl.edges.tmux.host import TmuxHost


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Configured:
    """Settings as the files have them now, read again when one of them changed.

    A file that is broken while somebody edits it changes nothing: what was read last stays in force until it is whole.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.user_file = user_config_dir() / "config.toml"
        self._stamp: tuple[object, ...] = ()
        self._loaded: Loaded | None = None

    def now(self) -> Loaded:
        stamp = tuple(_stamp(path) for path in (self._root / FILE, self.user_file))
        if self._loaded is None:
            self._loaded = load_all(self._root, self.user_file, os.environ)
        elif stamp != self._stamp:
            with contextlib.suppress(SwarmError):
                self._loaded = load_all(self._root, self.user_file, os.environ)
        self._stamp = stamp
        return self._loaded

    def settings(self) -> Settings:
        return self.now().settings


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Outside:
    host: Host
    processes: LinuxProcesses
    runner: ShellRunner
    archive: Archive
    listeners: Listeners


def make_desk(
    repository: Repository, paths: StatePaths, configured: Configured, facts: Facts, outside: Outside
) -> Desk:
    approved = asker(facts.approvals)
    root = configured.settings().worktree.root
    worktrees = (repository.root / root).resolve() if root else paths.worktrees
    integration = GitIntegration(repository, paths.root)
    made = GitWorktrees(repository, paths.root, worktrees, _lent(facts))
    places, agents = Places(str(paths.root), str(worktrees)), agents_of(repository, approved)
    return Desk(
        clock=SystemClock(),
        places=places,
        worktrees=made,
        integration=integration,
        host=outside.host,
        processes=outside.processes,
        runner=outside.runner,
        provisioner=_provisioner(repository, configured, approved, outside.runner),
        hooks=_hooks(repository, paths, configured, approved, outside.runner),
        agents=agents,
        sandbox=sandbox_of(repository, paths, worktrees),
        outskirts=_outskirts(repository, paths, made),
        settings=configured.settings,
        settings_at=lambda commit: settings_at(commit, integration, configured),
        keep_log=outside.archive.keep,
        prompt=lambda name, fields: read_prompt(packaged("prompts") / f"{name}.md").render(fields),
        brief=Briefing(repository, paths, outside.archive),
        tail=outside.archive.tail,
        answer=lambda session, *said: _hand_over(places, agents.profile(session.agent), session, *said),
        listen=outside.listeners.listen,
    )


def _lent(facts: Facts) -> Callable[[str], bool]:
    """Worktrees of a person's own, by the word of the ledger."""
    return lambda path: any(session.adopted for session in facts.sessions.where("worktree", path))


def _hand_over(places: Places, profile: Profile, session: Session, request: str, said: str, why: str) -> None:
    if profile.answers == "hook":
        by_file(places.answers(session.id), request, said, why)
    elif profile.answers == "http" and session.talk.port and said != "pane":
        by_http(session.talk.port, request, said)
    else:
        words = f"{session.id}: {session.agent} takes this answer at its terminal only"
        raise Refused(words, hint=f"swarmctl attach {session.id}")


def sandbox_of(repository: Repository, paths: StatePaths, worktrees: Path) -> Bubblewrap:
    """A session sees its own part of what is ours, and the git hooks that all sessions share."""
    hide = (paths.root.parent, worktrees, paths.runtime)
    return Bubblewrap(repository.root, repository.common, hide=hide, show=(paths.hooks,))


def _outskirts(repository: Repository, paths: StatePaths, worktrees: GitWorktrees) -> FileOutskirts:
    own = (paths.hooks, paths.spool_key, paths.root / "trusted.json", user_config_dir())
    asked = worktrees.uncommitted, worktrees.uncommitted_lately
    return FileOutskirts(repository.root, repository.common, own, *asked, resolve=repository.resolve)


def _provisioner(
    repository: Repository, configured: Configured, approved: Approved, runner: ShellRunner
) -> FileProvisioner:
    return FileProvisioner(
        repository.root,
        runner,
        approved,
        ignored_files=lambda: ignored_files(repository),
        own_setup=lambda: not configured.now().from_repository("worktree.setup"),
    )


def _hooks(
    repository: Repository, paths: StatePaths, configured: Configured, approved: Approved, runner: ShellRunner
) -> UserHooks:
    return UserHooks(
        repository.root,
        runner,
        paths.logs / "hooks",
        approved,
        specs=lambda: configured.settings().hooks,
        own=lambda: configured.now().own_hooks,
    )


def settings_at(commit: str, integration: GitIntegration, configured: Configured) -> Settings:
    """As they hold for work that lands on `commit`: gates and strategy from its tree, else from the user's own file."""
    raw = integration.read(commit, FILE)
    text = raw.decode("utf-8", "replace") if raw is not None else None
    return load_at(text, f"{FILE} at {commit[:10]}", configured.user_file, os.environ)


def make_host(wanted: str, paths: StatePaths, launches: Launches, processes: LinuxProcesses) -> TmuxHost | ProcessHost:
    if wanted == "tmux" or (wanted == "auto" and presence.serves(presence.version())):
        return TmuxHost(paths.tmux_name, paths.runtime, launches, processes)
    return ProcessHost(paths.runtime / paths.id, launches)


def unapproved(repository: Repository, paths: StatePaths, facts: Facts) -> list[Request]:
    """Everything executable that came with the repository and that nobody approved."""
    approved = asker(facts.approvals)
    configured = Configured(repository.root)
    runner = ShellRunner(LinuxProcesses(), Launches())
    wanted = [
        *wanted_settings(repository),
        *agents_of(repository, approved).wanted(),
        *_hooks(repository, paths, configured, approved, runner).wanted(),
        *_provisioner(repository, configured, approved, runner).wanted(configured.settings().worktree),
    ]
    return pending(wanted, facts.approvals)
