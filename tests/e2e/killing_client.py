"""`swarmctl` whose supervisors kill themselves; everything else is as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from swarmctl.app import inbox
from swarmctl.surfaces.cli.entry import main


def spawn(root: Path, log: Path) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "tests.e2e.killing_supervisor", str(root)]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "GIT_", "SWARM_"))}
    with log.open("ab") as out:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", env=env, start_new_session=True
        )


inbox._spawn = spawn

if __name__ == "__main__":
    sys.exit(main())
