"""What works here and what is missing, each as one line with the next command to type. Starts nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from swarmctl.app.agents import agents_of
from swarmctl.app.channels import channels
from swarmctl.app.choose import OWN
from swarmctl.app.desk import sandbox_of
from swarmctl.app.here import Here, here
from swarmctl.core.containment import TIER_WORDS, decide, in_words, trifecta
from swarmctl.core.errors import SwarmError
from swarmctl.core.values import dataclass
from swarmctl.edges.agents.found import Found, find, is_logged_in
from swarmctl.edges.agents.spec import AgentSpec
from swarmctl.edges.files.detect import detect
from swarmctl.edges.git.integration import GitIntegration
from swarmctl.edges.git.reading import git_version
from swarmctl.edges.git.worktrees import GitWorktrees
from swarmctl.edges.tmux import presence

T = TypeVar("T")
LOW_DISK = 2_000_000_000
NO_LOGIN = "no key or login found"
NO_HOOKS = "no hooks: its state is what it prints"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool | None
    """None: neither good nor bad, just so."""
    words: str
    hint: str = ""
    agent: Mapping[str, object] | None = None
    """Of an agent: the same, for scripts."""


def examine(cwd: Path) -> list[Check]:
    checks = [_python(), _tmux()]
    try:
        place = here(cwd)
    except SwarmError as error:
        return [*checks, Check("repository", False, error.message, error.hint)]
    for look in (_git, _state, _ledger, _supervisor, _target, _gates, _approvals, _notify):
        checks += _found(look, place)
    crew = Crew(place)
    return [*checks, *_found(_sandbox, crew), *_found(_agents, crew)]


def _found(look: Callable[[T], Iterator[Check]], subject: T) -> list[Check]:
    found: list[Check] = []
    try:
        found += look(subject)
    except SwarmError as error:
        found.append(Check(look.__name__.strip("_"), False, error.message, error.hint))
    return found


class Crew:
    """The agents that may work here and the fence around them, each looked at once."""

    def __init__(self, place: Here) -> None:
        self.place = place

    @cached_property
    def specs(self) -> list[AgentSpec]:
        return list(agents_of(self.place.repository, self.place.approved()).all())

    @cached_property
    def trouble(self) -> str:
        """Why there is no fence; empty when there is one."""
        return sandbox_of(self.place.repository, self.place.paths, self.place.paths.worktrees).trouble()


def _python() -> Check:
    return Check("python", True, sys.version.split()[0])


def _tmux() -> Check:
    found = presence.version()
    if not found:
        return Check("tmux", None, "not installed; sessions run as plain processes", "sudo apt-get install tmux")
    if not presence.serves(found):
        return Check("tmux", False, f"{found} is too old: 3.2 is needed", "sudo apt-get install tmux")
    return Check("tmux", True, f"{found}; sessions run in windows of a server of their own")


def _git(place: Here) -> Iterator[Check]:
    yield Check("git", True, f"{git_version(place.repository)}, repository {place.repository.root}")


def _state(place: Here) -> Iterator[Check]:
    free = shutil.disk_usage(place.paths.root).free
    words = f"{place.paths.root}, {free / 1e9:.1f} GB free"
    yield Check("state", free > LOW_DISK, words, "" if free > LOW_DISK else "swarmctl gc, or free some space")


def _ledger(place: Here) -> Iterator[Check]:
    """All of it, also what a start of the supervisor takes for verified."""
    if not place.paths.database.exists():
        return
    with place.glance() as board:
        events = board.verify()
    words = f"{events:,} events verified: each is as it was written, and the tables are what they add up to"
    yield Check("ledger", True, words)


def _supervisor(place: Here) -> Iterator[Check]:
    answer = place.client().running()
    words = f"runs as process {answer['pid']} on {answer['host']}" if answer else "not running; started when needed"
    yield Check("supervisor", True if answer else None, words)


def _target(place: Here) -> Iterator[Check]:
    settings = place.settings()
    base = GitWorktrees(place.repository, place.paths.root).base(settings.merge.target, fetch=False)
    tip = GitIntegration(place.repository, place.paths.root).tip(base.target)
    yield Check("target", True, f"{base.target} ({settings.merge.strategy}), work starts from {base.name}")
    if tip.parked:
        yield Check("landing", None, f"{base.target} is parked behind its landing ref", "swarmctl land")
    if differs := place.gates_differ(base.target):
        yield Check("gates", None, differs, "git add swarm.toml && git commit")


def _gates(place: Here) -> Iterator[Check]:
    gates = place.settings().gates
    for gate in gates:
        run = gate.run if isinstance(gate.run, str) else " ".join(gate.run)
        yield Check("gate", True, f"{gate.name} ({gate.stage}): {run}")
    if not gates:
        proposed = [f"{p.gate.name}: {p.gate.run} (from {p.why})" for p in detect(place.repository.root)]
        words = "none: work lands without gates" + (f"; found {'; '.join(proposed)}" if proposed else "")
        yield Check("gate", None, words, "swarmctl init")


def _approvals(place: Here) -> Iterator[Check]:
    for subject, digest in place.waiting_for_approval():
        yield Check("approval", None, f"{subject} is not yours and will not run", f"swarmctl approve {digest[:12]}")


def _agents(crew: Crew) -> Iterator[Check]:
    """Each with where it is, its version, and what it lacks: by a look that opens no file and shows no key."""
    with ThreadPoolExecutor(max_workers=len(crew.specs)) as pool:
        for spec, found in zip(crew.specs, pool.map(lambda spec: find(spec, os.environ), crew.specs), strict=True):
            yield _agent(spec, found, crew.trouble)


def _agent(spec: AgentSpec, found: Found, fence: str) -> Check:
    is_own = spec.name in OWN
    missing = [] if is_own or not found.program else list(_missing(spec, fence))
    said = f"{spec.name} {found.version}".rstrip()
    where = f" ({found.program})" if found.program and not is_own else ""
    words = "; ".join(filter(None, (f"{said}, level {spec.level}: {spec.description}{where}", found.trouble, *missing)))
    facts = {
        "name": spec.name,
        "level": spec.level,
        "program": found.program,
        "version": found.version,
        "tested": {"least": spec.versions.least, "below": spec.versions.below} if spec.versions else None,
        "usable": found.usable,
        "logged_in": is_logged_in(spec, os.environ) if spec.logins else None,
        "hooks": spec.profile().has_hooks,
        "missing": missing,
    }
    hint = f"log in with {spec.program}, or set {spec.logins[0]}" if NO_LOGIN in missing else ""
    good = not found.trouble and set(missing) <= {NO_HOOKS}
    return Check("agent", True if good else None, words, hint, facts)


def _missing(spec: AgentSpec, fence: str) -> Iterator[str]:
    if not is_logged_in(spec, os.environ):
        yield NO_LOGIN
    if fence and spec.sandbox == "tested":
        yield "no sandbox for it"
    if not spec.profile().has_hooks:
        yield NO_HOOKS


def _notify(place: Here) -> Iterator[Check]:
    """How a person would hear that a session needs one; nothing is sent."""
    settings = place.settings()
    version = presence.version()
    tmux = settings.agent.host != "process" and bool(version) and presence.serves(version)
    found = list(channels(settings.notify, os.environ, tmux=tmux))
    for each in found:
        yield Check("notify", each.ok, f"{each.name}: {each.words}", each.hint)
    if not found:
        yield Check("notify", None, "nobody is told when a session needs somebody", "swarmctl next, or [notify]")


def _sandbox(crew: Crew) -> Iterator[Check]:
    """Whether there is one, whom it holds, and what that leaves together."""
    settings = crew.place.settings().sandbox
    if crew.trouble:
        yield Check("sandbox", None, f"none: {crew.trouble}", "docs/sandbox.md says what it needs")
    found = {spec.name: decide(settings, spec.sandbox, "edit", crew.trouble) for spec in crew.specs}
    for each in sorted(set(found.values()), key=lambda each: (list(TIER_WORDS).index(each.tier), each.why)):
        names = [name for name, other in found.items() if other == each]
        yield Check("sandbox", None if each.tier == "none" else True, f"{', '.join(names)}: {each.words}")
        yield Check("trifecta", None, f"{', '.join(names)}: {in_words(trifecta(each))}")
