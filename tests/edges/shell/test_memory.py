"""Memory of real processes."""

from __future__ import annotations

import subprocess
import sys

from swarmctl.edges.shell import memory, procfs

HOLDS = 64 << 20
SCRIPT = f"import sys; held = b'x' * {HOLDS}; print('up', flush=True); sys.stdin.read()"


def test_the_memory_of_a_child_counts_with_its_parent() -> None:
    argv = ["sh", "-c", '"$0" -c "$1"; :', sys.executable, SCRIPT]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        root = procfs.identity(child.pid)
        assert root is not None
        held = memory.held(root)
        child.communicate()
    assert HOLDS < held < HOLDS * 3
    assert memory.held(root) == 0


def test_the_kernel_says_what_is_available() -> None:
    found = memory.available()
    assert found is not None
    assert found > 1 << 20
