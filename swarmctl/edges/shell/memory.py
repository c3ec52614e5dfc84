"""Memory as the kernel counts it: what is to be had, and what a tree of processes holds of it for itself."""

from __future__ import annotations

from swarmctl.core.session import ProcessId
from swarmctl.edges.shell import procfs

KIB = 1024


def available() -> int | None:
    """Bytes that can be had without swapping; None where the kernel does not say."""
    return _kibibytes(procfs.visible("/proc/meminfo"), b"MemAvailable:")


def held(root: ProcessId) -> int:
    """Bytes of the tree, what it shares with others divided among them; zero for a tree that is gone."""
    if procfs.identity(root.pid) != root:
        return 0
    return sum(_kibibytes(procfs.visible(f"/proc/{pid}/smaps_rollup"), b"Pss:") or 0 for pid in tree(root.pid))


def tree(root: int) -> set[int]:
    found: set[int] = set()
    edge = [root]
    while edge:
        pid = edge.pop()
        if pid not in found:
            found.add(pid)
            for thread in procfs.threads(pid):
                edge += [int(child) for child in procfs.read(f"/proc/{pid}/task/{thread}/children").split()]
    return found


def _kibibytes(text: bytes, name: bytes) -> int | None:
    for line in text.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * KIB
    return None
