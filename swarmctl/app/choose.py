"""Which agent does a task that names none: the configured one, or the best that is installed."""

from __future__ import annotations

import os
from dataclasses import dataclass

from swarmctl.app.desk import agents_of
from swarmctl.app.here import Here
from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.agents.found import find, program_of

AUTO = "auto"
OWN = ("shell", "fake")
"""These need something else than a prompt that a person would write."""


@dataclass(frozen=True, slots=True)
class Chosen:
    agent: str
    why: str
    """Empty when a person named it."""
    notice: str = ""


def choose(place: Here, named: str) -> Chosen:
    """The agent called `named`, else the default; proven to be installed in a version that can be used."""
    default = place.settings().agent.default
    agent, why = (named, "") if named else (default, f"[agent] default = {default!r}")
    catalog = agents_of(place.repository, place.approved())
    if agent == AUTO:
        here = [spec for spec in catalog.all() if spec.name not in OWN and program_of(spec, os.environ)]
        if not here:
            hint = "--exec 'CMD' runs a command, --agent NAME an agent; swarmctl doctor lists them"
            raise EnvironmentFault("no agent is installed that could do it", hint=hint)
        best = min(here, key=lambda spec: (-spec.level, spec.name))
        agent, why = best.name, f"the best that is installed here ({', '.join(spec.name for spec in here)})"
    spec = catalog.get(agent)
    found = find(spec, os.environ) if spec.name not in OWN else None
    if found is not None and not found.usable:
        raise EnvironmentFault(found.trouble, hint=f"install {spec.description}, or choose: --agent NAME")
    return Chosen(agent, why, found.trouble if found else "")
