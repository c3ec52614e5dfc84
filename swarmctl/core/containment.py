"""How far a session's processes reach: the fence around them, and what follows from it for a person who has to decide.

Pure. Whether this machine can put up a fence is for the port `Sandbox` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from swarmctl.core.agent import Permission
from swarmctl.core.config import Fenced, SandboxSettings
from swarmctl.core.values import dataclass

Tier = Literal["none", "own", "fenced"]
"""Nothing holds it; it brings a sandbox of its own; it writes in its worktree only."""
TIER_WORDS: dict[Tier, str] = {
    "none": "not contained",
    "own": "in a sandbox of the agent's own",
    "fenced": "writes in its worktree only",
}


@dataclass(frozen=True, slots=True)
class Fence:
    """What the processes of one session may reach besides what everybody on the machine may read."""

    worktree: str
    home: str
    write: tuple[str, ...] = ()
    """Paths that it may change. Here and below, one that ends with a slash is a folder, made when it is missing."""
    keep: tuple[str, ...] = ()
    """Paths inside of those that stay as they are."""
    read: tuple[str, ...] = ()
    """Paths that it may read although they lie in a hidden place."""
    hide: tuple[str, ...] = ()
    spool: str = ""
    """The file that its hooks write to; made when it is missing."""
    network: bool = True


@dataclass(frozen=True, slots=True)
class Containment:
    """What was decided for one start of an agent."""

    tier: Tier
    why: str
    network: bool = True

    @property
    def words(self) -> str:
        reach = "" if self.network else ", without network"
        return f"{TIER_WORDS[self.tier]}{reach}: {self.why}"


@dataclass(frozen=True, slots=True)
class Bystander:
    """A session at rest, whose worktree nobody has to change meanwhile."""

    name: str
    worktree: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One of the three that together let a planted text carry a secret away."""

    name: Literal["private data", "untrusted content", "a way out"]
    there: bool
    why: str


def decide(settings: SandboxSettings, fenced: Fenced, permission: Permission, trouble: str) -> Containment:
    """`trouble`: why this machine can put up no fence, empty when it can."""
    network = settings.network == "on"
    if settings.mode == "off":
        return Containment("none", "[sandbox] mode is off")
    if settings.mode == "auto" and permission != "all":
        if fenced == "own":
            return Containment("own", "the agent brings its own")
        if fenced == "untested":
            return Containment("none", 'nobody tested this agent inside the sandbox; [sandbox] mode = "on" insists')
    if trouble:
        return Containment("none", trouble)
    why = (
        "permission mode all"
        if fenced != "tested" and settings.mode == "auto"
        else f"[sandbox] mode is {settings.mode}"
    )
    return Containment("fenced", why, network)


def objection(
    settings: SandboxSettings, found: Containment, permission: Permission, legs: Iterable[Leg]
) -> tuple[str, str]:
    """(why this start is refused, what to do about it); empty when nothing speaks against it."""
    if permission == "all" and found.tier != "fenced":
        return (
            f"permission mode all needs the sandbox, and there is none: {found.why}",
            "--permission edit, or see `swarmctl doctor` for what the sandbox needs",
        )
    if settings.mode == "on" and found.tier != "fenced":
        return f"[sandbox] mode is on, and there is none: {found.why}", 'swarmctl doctor, or [sandbox] mode = "auto"'
    if settings.network == "off" and found.tier != "fenced":
        return f"[sandbox] network is off, and nothing can hold it off: {found.why}", "swarmctl doctor"
    if settings.trifecta == "forbid" and all(leg.there for leg in legs):
        return (
            "private data, untrusted content and a way out would come together, which [sandbox] trifecta forbids",
            'take one away: [sandbox] network = "off", or a sandbox that hides what is private (swarmctl doctor)',
        )
    return "", ""


def trifecta(found: Containment) -> tuple[Leg, Leg, Leg]:
    """Conservative: what nobody can rule out is there."""
    if found.tier == "fenced":
        private = Leg("private data", False, "credentials, personal folders and other agents' settings are hidden")
    else:
        private = Leg("private data", True, "it reads whatever you can read")
    if not found.network:
        return (
            private,
            Leg("untrusted content", False, "no network: only the repository and what you tell it"),
            Leg("a way out", False, "no network"),
        )
    if found.tier == "own":
        return (
            private,
            Leg("untrusted content", True, "its own sandbox decides what it may fetch"),
            Leg("a way out", True, "its own sandbox decides what it may reach"),
        )
    return (
        private,
        Leg("untrusted content", True, "it has the network: web pages, packages, answers of tools"),
        Leg("a way out", True, "it has the network"),
    )


def in_words(legs: Iterable[Leg]) -> str:
    return "; ".join(f"{leg.name}: {'yes' if leg.there else 'no'} ({leg.why})" for leg in legs)


def spelled_out(paths: Iterable[str], env: Mapping[str, str]) -> tuple[str, ...]:
    """With `~` and a leading `$NAME` as `env` has them; what begins with a variable that is not set is left out."""
    found = []
    for path in paths:
        name = re.match(r"~(?=/|$)|\$(\w+)(?=/|$)", path)
        if name is None:
            found.append(path)
        elif value := env.get(name[1] or "HOME", ""):
            found.append(value.rstrip("/") + path[name.end() :])
    return tuple(path for path in found if path.startswith("/"))
