"""Entry of the wrapper, run as `python -I -S launcher.py SOURCE RUN_DIR MARKER`.

It only names the package's root, so that the wrapper itself is imported from compiled code.
"""

import os
import sys

sys.path.insert(0, __file__.removesuffix("/swarmctl/edges/shell/launcher.py"))

from swarmctl.edges.shell.wrapper import main

if __name__ == "__main__":
    os._exit(main(sys.argv[1], sys.argv[2], sys.argv[3]))
