"""Which agent does a task that names none: the configured one, or the best that is installed."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from swarmctl.app.agents import agents_of
from swarmctl.app.here import Here
from swarmctl.core.agent import PERMISSIONS, Profile
from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.task import Task, Terms
from swarmctl.edges.agents.catalog import Catalog
from swarmctl.edges.agents.found import Found, find, is_logged_in, program_of
from swarmctl.edges.agents.spec import AgentSpec

AUTO = "auto"
OWN = ("shell", "fake")
"""These need something else than a prompt that a person would write."""


@dataclass(frozen=True, slots=True)
class Chosen:
    agent: str
    why: str
    """Empty when a person named it."""
    notice: str = ""
    profile: Profile | None = None


def choose(place: Here, named: str) -> Chosen:
    """The agent called `named`, else the default; proven to be installed in a version that can be used."""
    default = place.settings().agent.default
    agent, why = (named, "") if named else (default, f"[agent] default = {default!r}")
    catalog = agents_of(place.repository, place.approved())
    if agent == AUTO:
        return _best(catalog)
    spec = catalog.get(agent)
    return _chosen(spec, why, find(spec, os.environ) if spec.name not in OWN else Found(""))


def _best(catalog: Catalog) -> Chosen:
    """Of those with a key or login, where there are any; then the one that is supported furthest."""
    here = [spec for spec in catalog.sifted()[0] if spec.name not in OWN and program_of(spec, os.environ)]
    for spec in sorted(here, key=by_worth):
        found = find(spec, os.environ)
        if found.usable:
            return _chosen(spec, f"the best that is installed here ({', '.join(each.name for each in here)})", found)
    hint = "--exec 'CMD' runs a command, --agent NAME an agent; swarmctl doctor lists them"
    raise EnvironmentFault("no agent is installed that could do it", hint=hint)


def by_worth(spec: AgentSpec) -> tuple[bool, int, str]:
    """Sorts the best first."""
    return not is_logged_in(spec, os.environ), -spec.level, spec.name


def _chosen(spec: AgentSpec, why: str, found: Found) -> Chosen:
    if not found.usable:
        raise EnvironmentFault(found.trouble, hint=f"install it: {spec.description}; or take another: --agent NAME")
    no_login = "" if is_logged_in(spec, os.environ) else f"no key or login of {spec.name} was found"
    return Chosen(spec.name, why, "; ".join(filter(None, (found.trouble, no_login))), spec.profile())


def check_terms(profile: Profile, terms: Terms) -> None:
    """Whatever the agent cannot do is refused before anything starts."""
    if terms.mode != "auto" and terms.mode not in profile.modes:
        hint = f"--mode {' or '.join(profile.modes)}"
        raise UsageFault(f"agent {profile.name} cannot run {terms.mode}", hint=hint)
    modes = profile.modes if terms.mode == "auto" else (terms.mode,)
    known = [profile.permissions[mode] for mode in modes if mode in profile.permissions]
    if len(known) == len(modes) and not any(terms.permission in names for names in known):
        names = [name for name in PERMISSIONS if any(name in each for each in known)]
        where = "" if terms.mode == "auto" else f" when it runs {terms.mode}"
        words = f"agent {profile.name} has no permission mode {terms.permission}{where}"
        raise UsageFault(words, hint=f"--permission {' or '.join(names)}")
    for key in ("model", "effort"):
        if getattr(terms, key) and key not in profile.takes:
            raise UsageFault(f"agent {profile.name} lets nobody choose its {key}", hint=f"leave out --{key}")


def check_fit(profile: Profile, task: Task, model: str) -> None:
    """Another agent has to be able to work as the task was asked for."""
    try:
        check_terms(profile, replace(task.terms, model="", effort=""))
    except UsageFault as fault:
        hint = "hand it to another: swarmctl doctor lists what each agent can do"
        raise Refused(f"{fault.message}, as the task was asked for", hint=hint) from None
    check_terms(profile, replace(task.terms, model=model, effort=""))
