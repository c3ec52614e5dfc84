"""What can go wrong with the world, as one line and a hint.

    SwarmError            the base: message, hint, exit code
    ├─ UsageFault       2  the caller typed something that cannot be
    ├─ EnvironmentFault 3  git, tmux, an agent, the disk or the supervisor is not as needed
    ├─ Refused          1  a rule said no
    └─ Interrupted    130  a person or a signal stopped it

Expected outcomes (a red gate, a conflict, a lost race) are values, not exceptions.
"""

from __future__ import annotations

from swarmctl.core.outcome import ExitCode


class SwarmError(Exception):
    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageFault(SwarmError):
    exit_code = ExitCode.USAGE


class EnvironmentFault(SwarmError):
    exit_code = ExitCode.ENVIRONMENT


class Refused(SwarmError):
    exit_code = ExitCode.REFUSED


class Interrupted(SwarmError):
    exit_code = ExitCode.INTERRUPTED


FAULTS: dict[str, type[SwarmError]] = {
    kind.__name__: kind for kind in (SwarmError, UsageFault, EnvironmentFault, Refused, Interrupted)
}
