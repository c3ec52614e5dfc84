"""The console script `swarmctl`: `--version`, `--help` and `ps` are answered before typer loads."""

import os
import sys


def main() -> int:
    argv = sys.argv[1:]
    if "_SWARMCTL_COMPLETE" in os.environ:
        return long_way(argv)
    if argv in (["--version"], ["-V"]):
        from swarmctl import __version__

        sys.stdout.write(f"swarmctl {__version__}\n")
        return 0
    if argv in ([], ["--help"], ["-h"], ["help"]):
        from swarmctl.surfaces.cli.overview import OVERVIEW

        sys.stdout.write(OVERVIEW)
        return 0
    if argv in (["ps"], ["ps", "--json"]):
        from swarmctl.surfaces.cli.fast_ps import ps

        answered = ps("--json" in argv)
        if answered is not None:
            return answered
    return long_way(argv)


def long_way(argv: "list[str]") -> int:
    from swarmctl.surfaces.cli.main import run

    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
