"""Writing `swarm.toml` when asked, and taking everything of swarmctl's out again when asked."""

from __future__ import annotations

import shutil
from pathlib import Path

from swarmctl.app.here import Here
from swarmctl.app.lock import await_lock
from swarmctl.core.errors import Refused
from swarmctl.edges.files.detect import propose_toml
from swarmctl.edges.files.fastpaths import RECORD
from swarmctl.edges.files.paths import write_atomically
from swarmctl.edges.files.settings import FILE
from swarmctl.edges.git.dismantle import dismantle
from swarmctl.edges.git.reading import commit_file
from swarmctl.edges.git.worktrees import GitWorktrees
from swarmctl.flow.session.settle import trash_ref


def propose(here: Here, *, commit: bool) -> tuple[Path, str, bool]:
    """Where the settings are, what they would be, and whether they were written; a file that exists is left alone."""
    worktrees = GitWorktrees(here.repository, here.paths.root)
    target = worktrees.base("", fetch=False).target
    path = here.repository.root / FILE
    words = propose_toml(here.repository.root, target)
    if path.exists() or path.is_symlink():
        return path, words, False
    write_atomically(path, words, mode=0o644)
    if commit:
        commit_file(here.repository, FILE, "Say what swarmctl gates here")
    return path, words, True


def purge(here: Here) -> list[str]:
    """Worktrees into refs, then the state folder away; refs and branches stay. Returns what is kept where."""
    with await_lock(here.paths):
        return _purge(here)


def _purge(here: Here) -> list[str]:
    kept = []
    if here.paths.database.exists():
        with here.board() as board:
            sessions = list(board.facts.sessions.values())
        for session in sessions:
            if session.active and not session.driven:
                raise Refused(f"{session.id} is still {session.stage.value}", hint=f"swarmctl stop {session.id}")
            worktrees = GitWorktrees(here.repository, here.paths.root, Path(session.worktree).parent)
            if session.adopted is not None and session.place in ("present", "none"):
                worktrees.give_back(session.worktree)
                kept.append(f"{session.branch} in {session.worktree}, which is your own")
            elif session.place == "present":
                trash = str(here.paths.trash / session.id)
                removed = worktrees.remove(session.worktree, trash, trash_ref(session), f"{session.id} purged")
                kept.append(f"{session.branch} ({removed.checkpoint[:10]} under {trash_ref(session)})")
    dismantle(here.repository, (here.paths.pool, here.paths.integration))
    shutil.rmtree(here.paths.root)
    (here.paths.common_dir / RECORD).unlink(missing_ok=True)
    return list(dict.fromkeys(kept))
