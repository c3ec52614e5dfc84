"""What a supervisor keeps of sessions that are over: beside its facts, which one that is started anew has as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Row
from tests.bench.place import Place, place, told

AT_ONCE = 20
FIRST = 40
"""By then everything is loaded that a session needs."""


def rows(folder: Path, sessions: int = 2_000) -> Iterator[Row]:
    with (
        told(SWARMCTL__WORKTREE__POOL="0", SWARMCTL__AGENT__MAX_RUNNING=str(AT_ONCE)),
        place(folder, "memory", 10) as there,
    ):
        there.client.greet()
        _finish(there, FIRST)
        before = resident(there.supervisor)
        _finish(there, sessions)
        grown = resident(there.supervisor)
        there.end()
        there.client.greet()
        anew = resident(there.supervisor)
    each = f"{(grown - before) / sessions / 1024:.1f} KiB"
    yield Row("supervisor's memory for each session that is over", each, sessions)
    yield Row(f"supervisor after {FIRST + sessions:,} sessions", mib(grown), aim="ratio 1.5",
              baseline=f"{mib(anew)} started anew, with the same facts", ratio=f"{grown / anew:.2f}")  # fmt: skip


def _finish(there: Place, count: int) -> None:
    for _ in range(0, count, AT_ONCE):
        there.client.ask("run", there.order(*["true"] * AT_ONCE))
        there.make_room()


def resident(pid: int) -> int:
    """In bytes."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


def mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
