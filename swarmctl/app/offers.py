"""What a person may choose for a new task: agents with what each can do here, branches, and the files to speak of."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from swarmctl.app.agents import agents_of
from swarmctl.app.choose import AUTO, OWN, by_worth
from swarmctl.app.here import Here
from swarmctl.core.agent import PERMISSIONS, Permission, Profile
from swarmctl.core.errors import SwarmError
from swarmctl.edges.agents.found import Found, find, is_logged_in
from swarmctl.edges.agents.spec import AgentSpec
from swarmctl.edges.git.reading import local_branches, tracked_paths


@dataclass(frozen=True, slots=True)
class Offer:
    """One agent."""

    name: str
    level: int
    description: str
    version: str
    why_not: str
    """Why it cannot be used here; empty when it can."""
    notice: str
    """What speaks against it all the same."""
    profile: Profile

    def permissions(self, mode: str) -> tuple[Permission, ...]:
        """Those that it knows, when it runs so."""
        modes = [each for each in self.profile.modes if mode in ("auto", each)]
        known = [self.profile.permissions.get(each, PERMISSIONS) for each in modes]
        return tuple(name for name in PERMISSIONS if any(name in each for each in known))


@dataclass(frozen=True, slots=True)
class Offers:
    agents: tuple[Offer, ...]
    """Those that can be used first, the best of them first."""
    configured: str
    """`[agent] default`."""
    auto: str
    """Who does it when nobody is named; empty when nobody could."""
    branches: tuple[str, ...]
    """The one that work lands on first."""
    lands: bool
    """`[merge] auto`: what is ready lands although nobody waits for it."""
    max_running: int

    def called(self, name: str) -> Offer | None:
        return next((each for each in self.agents if each.name == (name or self.auto)), None)


def offers(place: Here) -> Offers:
    """Starts the program of each agent that is installed, to learn its version."""
    settings = place.settings()
    readable, bad = agents_of(place.repository, place.approved()).sifted()
    specs = [spec for spec in readable if spec.name not in OWN]
    with ThreadPoolExecutor(max_workers=max(1, len(specs))) as pool:
        founds = list(pool.map(lambda spec: find(spec, os.environ), specs))
    ranked = sorted(zip(specs, founds, strict=True), key=lambda each: (not each[1].usable, *by_worth(each[0])))
    agents = (*(_offer(spec, found) for spec, found in ranked), *(_unreadable(*each) for each in bad.items()))
    default = settings.agent.default
    usable = [each.name for each in agents if not each.why_not]
    auto = (usable[0] if usable else "") if default == AUTO else default
    branches = _branches(place, settings.merge.target)
    return Offers(agents, default, auto, branches, settings.merge.auto, settings.agent.max_running)


def _offer(spec: AgentSpec, found: Found) -> Offer:
    why_not = "" if found.usable else found.trouble
    no_login = "" if is_logged_in(spec, os.environ) else "no key or login was found"
    notice = "" if why_not else "; ".join(filter(None, (found.trouble, no_login)))
    return Offer(spec.name, spec.level, spec.description, found.version, why_not, notice, spec.profile())


def _unreadable(name: str, error: SwarmError) -> Offer:
    """Its file and line; the folder is one of two, and has no room."""
    where, part, what = error.message.partition(".yaml:")
    why_not = f"{Path(where).name}{part}{what}" if part else error.message
    nothing = Profile(name, "", 0, (), (), (), (), None, "none", (), "")
    return Offer(name, 0, "", "", why_not, "", nothing)


def _branches(place: Here, target: str) -> tuple[str, ...]:
    """Without those that belong to sessions."""
    current, names = local_branches(place.repository)
    first = target or current
    others = [name for name in names if name != first and not name.startswith("swarm/")]
    return tuple(filter(None, (first, *others)))


def tracked(place: Here) -> tuple[str, ...]:
    """Every file that git knows in the checkout."""
    return tracked_paths(place.repository)
