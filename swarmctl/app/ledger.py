"""Whether a repository has a ledger, never had one, or had one that somebody moved or deleted."""

from __future__ import annotations

from contextlib import suppress

from swarmctl.app.inbox import connect
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.edges.files.paths import StatePaths


def nothing_ran(paths: StatePaths) -> bool:
    """Nothing is known because nothing ran here yet; raises when what was known is gone."""
    if paths.database.exists():
        return False
    if paths.spool_key.exists():
        raise _gone(paths)
    return True


def _gone(paths: StatePaths) -> EnvironmentFault:
    """A supervisor that holds it still lets nobody begin a new one."""
    pid = 0
    with suppress(SwarmError, OSError):
        line = connect(paths.socket)
        if line is not None:
            with line:
                pid = int(line.ask("hello", {}, timeout_s=2.0)["pid"])
    begin = "swarmctl run 'TASK' begins a new one"
    hint = f"bring it back, or give it up: kill {pid}, then {begin}" if pid else f"bring it back, or {begin}"
    return EnvironmentFault(f"the ledger is gone: there is no {paths.database}", hint=hint)
