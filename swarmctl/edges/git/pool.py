"""The pool: parked detached worktrees, finished and marked, so that a session starts without waiting for a checkout.

Only a marked one is ever handed out, and whoever takes it takes the mark off first.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from swarmctl.edges.git.lock import held
from swarmctl.edges.git.making import Workshop, filling, make, move_aside
from swarmctl.edges.git.registry import MADE, Entry, entries, forget
from swarmctl.edges.git.repository import Repository


def fill_pool(shop: Workshop, base: str, size: int) -> int:
    """Finished detached worktrees at `base`; how many were made new."""
    made = 0
    with held(shop.locks / "pool") as lock:
        ready = 0
        for entry in parked(shop):
            if ready < size and _renew(shop, entry, base, lock):
                ready += 1
            else:
                _throw_away(shop, entry)
        _sweep(shop)
        while ready + made < size:
            entry = make(shop, shop.pool / secrets.token_hex(4), ["--detach", base], lock)
            entry.finish("pool")
            made += 1
    return made


def parked(shop: Workshop) -> list[Entry]:
    return [entry for entry in entries(shop.repository) if entry.path.parent == shop.pool and entry.ours]


def take_parked(shop: Workshop, path: Path, base: str, lock: int) -> Entry | None:
    """One finished worktree of the pool, moved to `path`; no longer marked as finished."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(shop.records_lock) as records:
        ready = [entry for entry in parked(shop) if entry.finished]
        ready.sort(key=lambda entry: head_of(entry) != base)
        if not ready:
            return None
        chosen = ready[0]
        (chosen.admin / MADE).unlink()
        git = shop.repository.git.holding(lock, records)
        if git.ask("worktree", "move", "--force", "--force", "--", chosen.path, path).rc != 0:
            return None
    return Entry(path, chosen.admin)


def untouched(repository: Repository, entry: Entry) -> bool:
    """Its files are what its index says, with not even an ignored one beside them."""
    output = repository.guarded(entry.git).ask("ls-files", "-z", "-m", "-d", "-o")
    return output.rc == 0 and not output.out


def _renew(shop: Workshop, entry: Entry, base: str, lock: int) -> bool:
    if head_of(entry) == base and entry.finished:
        return True
    if not untouched(shop.repository, entry):
        return False
    with held(shop.records_lock):
        if entry not in parked(shop) or not entry.finished:
            return False
        (entry.admin / MADE).unlink()
    git = filling(shop.repository, entry.git).holding(lock)
    if git.ask("checkout", "--quiet", "--detach", base).rc != 0:
        return False
    entry.finish("pool")
    return True


def _throw_away(shop: Workshop, entry: Entry) -> None:
    """What was never finished was never used; a finished one that somebody wrote in goes aside instead."""
    with held(shop.records_lock):
        if entry not in parked(shop):
            return
        if entry.finished and not untouched(shop.repository, entry):
            move_aside(shop, entry.path)
        shutil.rmtree(entry.path, ignore_errors=True)
        forget(entry)


def _sweep(shop: Workshop) -> None:
    """Directories in the pool without records: a move or an add was cut short."""
    with held(shop.records_lock):
        known = {entry.path for entry in parked(shop)}
        for path in shop.pool.iterdir() if shop.pool.is_dir() else ():
            if path not in known:
                move_aside(shop, path)


def head_of(entry: Entry) -> str:
    """The commit that a parked one stands on."""
    try:
        return (entry.admin / "HEAD").read_text().strip()
    except OSError:
        return ""
