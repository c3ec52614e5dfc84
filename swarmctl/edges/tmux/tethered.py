"""Runs a program that dies with the thread that started it: `python -I -S tethered.py PID:START PROGRAM ARG…`.

PID:START is the starting process; it stays in the program's environment, so that a stray can be told by it.
"""

import _ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9

if __name__ == "__main__":
    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]
    _ctypes.call_function(prctl, (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
    if os.getppid() != int(sys.argv[1].partition(":")[0]):
        sys.exit(1)
    os.execvpe(sys.argv[2], sys.argv[2:], {**os.environ, "SWARM_TETHER": sys.argv[1]})
