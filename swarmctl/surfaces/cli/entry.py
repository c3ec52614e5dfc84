"""The console script `swarmctl`: what people wait for most, as `ps` and `ask`, is answered before typer loads."""

import os
import sys


def main() -> int:
    try:
        steady_streams()
        code = answer(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        sys.stderr.write(f"swarmctl: stdout: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 3
    return code


def steady_streams() -> None:
    """A closed descriptor reads and writes nothing; what a terminal's encoding lacks shows as an escape."""
    for name, how in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, how))  # noqa: SIM115, PTH123
        elif how == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def answer(argv: "list[str]") -> int:
    if "_SWARMCTL_COMPLETE" in os.environ:
        return long_way(argv)
    if argv in (["--version"], ["-V"]):
        from swarmctl import __version__

        sys.stdout.write(f"swarmctl {__version__}\n")
        return 0
    if argv[:1] == ["--screenshot"] or (not argv and _has_a_terminal()):
        from swarmctl.surfaces.cli.cockpit import cockpit

        return cockpit(argv)
    if argv in ([], ["--help"], ["-h"], ["help"]):
        from swarmctl.surfaces.cli.overview import OVERVIEW

        sys.stdout.write(OVERVIEW)
        return 0
    if argv in (["ps"], ["ps", "--json"]):
        from swarmctl.surfaces.cli.fast_ps import ps

        answered = ps("--json" in argv)
        if answered is not None:
            return answered
    if argv[0] in ("ask", "route"):
        from swarmctl.surfaces.cli.asking import fast_ask, fast_route

        answered = (fast_ask if argv[0] == "ask" else fast_route)(argv[1:])
        if answered is not None:
            return answered
    if argv[0] == "statusline" and set(argv[1:]) <= {"--all", "--json"}:
        from swarmctl.surfaces.cli.statusline import statusline

        answered = statusline("--all" in argv, "--json" in argv)
        if answered is not None:
            return answered
    return long_way(argv)


def _has_a_terminal() -> bool:
    """Or a browser that stands for one."""
    return "TEXTUAL_DRIVER" in os.environ or (sys.stdin.isatty() and sys.stdout.isatty())


def long_way(argv: "list[str]") -> int:
    from swarmctl.surfaces.cli.main import run

    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
