"""Whether an agent's program is on this machine, and whether its version is one that the definition was tested with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from swarmctl.core.values import dataclass
from swarmctl.edges.agents.spec import AgentSpec, Versions

PATIENCE_S = 20.0
NUMBER = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True, slots=True)
class Found:
    program: str
    """Its path; empty when it is not installed."""
    version: str = ""
    trouble: str = ""
    """Why it cannot be used, or should be used with care."""
    usable: bool = True


def program_of(spec: AgentSpec, environ: Mapping[str, str]) -> str:
    """Where the caller's PATH has it; empty when nowhere. The interpreter of swarmctl is always there."""
    if spec.program == "{python}":
        return sys.executable
    return shutil.which(spec.program, path=environ.get("PATH")) or ""


def find(spec: AgentSpec, environ: Mapping[str, str]) -> Found:
    program = program_of(spec, environ)
    if not program:
        return Found("", trouble=f"{spec.program} is not installed", usable=False)
    if spec.versions is None:
        return Found(program)
    version = _version(program, spec.versions.argv[1:], environ)
    if not version:
        return Found(program, trouble=f"{spec.program} does not say its version")
    return Found(program, version, *_judged(spec.name, version, spec.versions))


def _judged(name: str, version: str, known: Versions) -> tuple[str, bool]:
    """What is wrong with this version, and whether it can be used."""
    number = _number(version)
    if known.unusable_below and number < _number(known.unusable_below):
        return f"{name} {version} cannot be used: {known.unusable_below} is the first that can", False
    if number < _number(known.least):
        return f"{name} {version} was not tried, only {known.least} and later", True
    if number >= _number(known.below):
        return f"{name} {version} was not tried, only those below {known.below}", True
    return "", True


def is_logged_in(spec: AgentSpec, environ: Mapping[str, str]) -> bool:
    """Whether one of its keys or logins is there, as far as a look without opening anything tells."""
    return not spec.logins or any(_is_there(login, environ) for login in spec.logins)


def _is_there(login: str, environ: Mapping[str, str]) -> bool:
    if "/" not in login:
        return bool(environ.get(login))
    name, _, rest = login.partition("/")
    folder = environ.get("HOME", "") if name == "~" else environ.get(name.removeprefix("$"), "")
    return bool(folder) and Path(folder, rest).exists()


def _version(program: str, arguments: tuple[str, ...], environ: Mapping[str, str]) -> str:
    argv = [program, *arguments]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, env=dict(environ), check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = NUMBER.search(done.stdout.decode(errors="replace"))
    return said[0] if said else ""


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
