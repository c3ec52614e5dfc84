"""Whether an agent's program is on this machine, and whether its version is one that the definition was tested with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from swarmctl.edges.agents.spec import AgentSpec

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
    if _number(version) < _number(spec.versions.least):
        return Found(program, version, f"{spec.name} {version} is older than {spec.versions.least}", usable=False)
    if _number(version) >= _number(spec.versions.below):
        return Found(program, version, f"{spec.name} {version} was not tried, only those below {spec.versions.below}")
    return Found(program, version)


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
