"""Which repository a surface stands in, and where its state is. What few commands need is loaded where they need it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swarmctl.app.board import Board
from swarmctl.app.client import Client
from swarmctl.app.find import to_approve
from swarmctl.app.inbox import Tell, connect, silent
from swarmctl.app.ledger import nothing_ran
from swarmctl.core.config import Settings
from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.listing import in_short
from swarmctl.core.machine import Facts
from swarmctl.core.session import Adoption, Session, Stage
from swarmctl.edges.files.approvals import Approved, asker
from swarmctl.edges.files.paths import StatePaths, every_repository, locate, shortage, user_config_dir
from swarmctl.edges.files.settings import FILE, load, load_at
from swarmctl.edges.git.repository import Repository, open_repository
from swarmctl.edges.git.trust import remembering


@dataclass(frozen=True, slots=True)
class Here:
    repository: Repository
    paths: StatePaths

    def client(self, tell: Tell = silent) -> Client:
        """`tell` hears what keeps the supervisor from going on."""
        return Client(self.paths, tell)

    def require_room(self) -> None:
        """Work that the disk cannot hold is better not begun."""
        missing = shortage(self.paths)
        if missing is not None:
            raise missing

    def settings(self) -> Settings:
        """As the checkout, the user's file and the environment have them now."""
        return load(self.repository.root, own_file(), os.environ)

    def board(self) -> Board:
        """Starts nothing."""
        nothing_ran(self.paths)
        return Board(self.paths.database)

    def glance(self) -> Board:
        """For a question about one thing: its facts hold while it is open."""
        nothing_ran(self.paths)
        return Board(self.paths.database, glances=True)

    def notices(self, uncommitted: list[str], target: str) -> list[str]:
        """What a person should know before the work starts, a line each."""
        lines = []
        if uncommitted:
            lines.append(f"not in the base, because not committed: {in_short(uncommitted, 3)}")
        if differs := self.gates_differ(target):
            lines.append(f"{differs}; commit swarm.toml")
        return lines

    def gates_differ(self, target: str) -> str:
        """That the checkout's gates are not those of the target branch, from which landings read them; else nothing."""
        from swarmctl.edges.git.integration import GitIntegration

        raw = GitIntegration(self.repository, self.paths.root).read(f"refs/heads/{target}", FILE)
        text = raw.decode("utf-8", "replace") if raw is not None else None
        there = load_at(text, f"{FILE} on {target}", own_file(), os.environ)
        same = there.gates == self.settings().gates
        return "" if same else f"the gates of your checkout differ from those of {target}, which count"

    def log_text(self, session: Session) -> str:
        """What the terminal shows now where the session runs, else what was kept of it."""
        from swarmctl.app.archive import Archive

        if session.driven:
            hint = f"swarmctl attach {session.id}"
            raise Refused(f"{session.id} runs in a terminal of your own, of which nothing is kept", hint=hint)
        if session.stage is Stage.RUNNING:
            line = connect(self.paths.socket)
            if line is not None:
                with line:
                    return str(line.ask("capture", {"session": session.id}, timeout_s=10.0).get("text", ""))
        return Archive(self.paths).read(session.id)

    def gate_logs(self, session: Session) -> list[tuple[str, str]]:
        from swarmctl.app.archive import Archive

        return Archive(self.paths).gate_logs(session.id)

    def diff(self, session: Session, *, stat: bool) -> str:
        """From the base to the newest that is known."""
        from swarmctl.edges.git.reading import diff

        newest = self.newest(session)
        return diff(self.repository, session.base, newest, stat=stat) if newest else ""

    def newest(self, session: Session) -> str:
        """The tree of its worktree as it is now, else the head or the checkpoint; empty before there is any."""
        from swarmctl.edges.git.reading import working_tree
        from swarmctl.edges.git.worktrees import GitWorktrees

        if session.place == "present" and Path(session.worktree).is_dir():
            worktrees = GitWorktrees(self.repository, self.paths.root, Path(session.worktree).parent)
            return working_tree(worktrees, session.worktree)
        return session.head or session.checkpoint

    def recent_commits(self) -> str:
        """The newest commits of the checkout's branch with their trailers, for people."""
        from swarmctl.edges.git.reading import recent

        return recent(self.repository, 5)

    def waiting_for_approval(self) -> list[tuple[str, str]]:
        """(subject, digest) of everything executable that came with the repository and that nobody approved."""
        from swarmctl.app.desk import unapproved

        facts = Facts()
        if not nothing_ran(self.paths):
            with self.board() as board:
                facts = board.facts
        return [(request.subject, request.digest) for request in unapproved(self.repository, self.paths, facts)]

    def sessions_to_approve(self) -> list[tuple[str, str]]:
        """(session, head) of the work that lands only once a person approved it."""
        if nothing_ran(self.paths):
            return []
        with self.board() as board:
            return [(session.id, session.head) for session in to_approve(board.facts)]

    def approved(self) -> Approved:
        if not self.paths.database.exists():
            return asker(())
        with self.board() as board:
            return asker(set(board.facts.approvals))

    def as_line(self, argv: Sequence[str]) -> str:
        """What a person types to run argv."""
        return shlex.join(argv)

    def require_client(self, session: Session, environ: Mapping[str, str]) -> None:
        """Where a session's terminal would be opened somebody has to be looking."""
        from swarmctl.edges.tmux.foreign import require_client

        require_client(environ, f"tmux attach first, or: env -u TMUX -u TMUX_PANE swarmctl attach {session.id}")

    def attach_argv(self, session: Session, environ: Mapping[str, str]) -> tuple[str, ...]:
        from swarmctl.edges.tmux.attach import attach_argv
        from swarmctl.edges.tmux.server import marked, socket_path

        if session.driven and session.adopted is not None:
            return _own_terminal(session, session.adopted, environ)
        if session.host != "tmux":
            raise UsageFault(f"{session.id} runs without tmux", hint=f"swarmctl logs -f {session.id}")
        socket = socket_path(self.paths.tmux_name, self.paths.runtime)
        if not marked(str(socket), session.pane, session.id):
            raise EnvironmentFault(f"{session.id} has no terminal any more", hint=f"swarmctl show {session.id}")
        return attach_argv(environ, str(socket), session.pane, session.id, _way_back())


def own_file() -> Path:
    """The person's own settings."""
    return user_config_dir() / "config.toml"


def _way_back() -> str:
    """Theirs alone to say: what a checkout holds keeps nobody from a terminal."""
    return load(None, own_file(), os.environ).tui.back


def _own_terminal(session: Session, adopted: Adoption, environ: Mapping[str, str]) -> tuple[str, ...]:
    if adopted.pane:
        from swarmctl.edges.tmux.foreign import view_argv

        return view_argv(environ, adopted.server, adopted.pane)
    where = f"process {adopted.process.pid}" if adopted.process else "a process"
    words = f"{session.id} runs as {where} in a terminal of your own, which swarmctl cannot open"
    raise Refused(words, hint="go there")


def here(cwd: Path | None = None) -> Here:
    """The repository around `cwd`, with its state folder; the folder is made when it is missing."""
    repository = open_repository(cwd or Path.cwd())
    return _at(repository, locate(repository.common, repository.root, create=True))


def here_to_read(cwd: Path | None = None) -> Here:
    """The same for commands that only read: nothing is made."""
    repository = open_repository(cwd or Path.cwd())
    paths = locate(repository.common, repository.root, create=False)
    if paths is None or nothing_ran(paths):
        raise UsageFault("nothing ran in this repository yet", hint="swarmctl run 'TASK'")
    return _at(repository, paths)


@contextmanager
def facts_here() -> Iterator[Facts]:
    """What is known of the repository around the caller, while it is looked at; nothing where nothing ran yet."""
    repository = open_repository(Path.cwd())
    paths = locate(repository.common, repository.root, create=False)
    if paths is None or nothing_ran(paths):
        yield Facts()
        return
    with _at(repository, paths).glance() as board:
        yield board.facts


def database_here() -> list[tuple[Path, Path]]:
    """The repository around the caller as `everywhere` has them; none where nothing ran yet."""
    repository = open_repository(Path.cwd())
    paths = locate(repository.common, repository.root, create=False)
    return [(repository.root, paths.database)] if paths is not None and not nothing_ran(paths) else []


def _at(repository: Repository, paths: StatePaths) -> Here:
    """Approvals are looked up when a setting needs one, which is next to never."""

    def approved(subject: str, content: bytes) -> bool:
        return Here(repository, paths).approved()(subject, content)

    return Here(remembering(repository, paths.root, approved), paths)


def everywhere() -> Iterator[tuple[Path, Path]]:
    """(repository, database) of every repository of this user that has state."""
    for state, common in every_repository(os.environ):
        if (state / "swarm.db").exists():
            yield common.parent, state / "swarm.db"
