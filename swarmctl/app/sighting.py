"""What a person points at with `adopt`: his worktree, the agent that works in it, and the conversation that they have.

Looked at with the eyes of whoever asks, before anything is asked for; nothing is touched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from swarmctl.app.adopting import refuse_a_sessions
from swarmctl.app.agents import agents_of
from swarmctl.app.choose import OWN, choose
from swarmctl.app.client import caller_env
from swarmctl.app.here import Here
from swarmctl.core.errors import EnvironmentFault, Refused, SwarmError, UsageFault
from swarmctl.core.handmade import Conversation, Handmade
from swarmctl.core.values import dataclass
from swarmctl.edges.agents.catalog import Catalog
from swarmctl.edges.agents.history import Known
from swarmctl.edges.git.worktrees import GitWorktrees
from swarmctl.edges.shell.people import Person, below, in_folder
from swarmctl.edges.tmux.foreign import ForeignPane, pane_of, socket_of
from swarmctl.flow.task.intake import PROMPT_LIMIT

PANE = re.compile(r"%[0-9]+|[^/]*:[^/]*")


@dataclass(frozen=True, slots=True)
class Pointed:
    """At what, as it was typed."""

    what: str
    agent: str = ""
    target: str = ""
    tmux_name: str = ""
    tmux_socket: str = ""


@dataclass(frozen=True, slots=True)
class Sighted:
    worktree: Handmade
    agent: str
    person: Person | None
    """The agent's process; None when none runs."""
    pane: ForeignPane | None
    conversation: Conversation | None
    why: str
    """Why this agent, when nothing showed it."""
    env: Mapping[str, str] = field(repr=False)

    @property
    def told(self) -> str:
        """What the agent was told first, as far as a task may say it."""
        words = self.conversation.prompt if self.conversation else ""
        return words.replace("\0", "").encode(errors="replace").decode()[:PROMPT_LIMIT].strip()


@dataclass(frozen=True, slots=True)
class _Running:
    agent: str
    person: Person


def sight(place: Here, pointed: Pointed) -> Sighted:
    catalog = agents_of(place.repository, place.approved())
    known = _programs(catalog)
    if PANE.fullmatch(pointed.what) and not Path(pointed.what).exists():
        server = socket_of(pointed.tmux_name, pointed.tmux_socket, os.environ)
        pane = pane_of(server, pointed.what)
        people = below(pane.pid)
        agents = _running(people, known)
        if not agents:
            hint = "swarmctl adopt PATH takes over a worktree in which no agent runs; swarmctl doctor lists agents"
            raise Refused(f"no agent that swarmctl knows runs in pane {pointed.what}", hint=hint)
        worktree = _look_at(place, agents[0].person.folder, pointed.target)
        agents = _running([*people, *in_folder(worktree.path)], known)
    else:
        name = pointed.what if not Path(pointed.what).exists() else str(Path(pointed.what).absolute())
        worktree, pane = _look_at(place, name, pointed.target), None
        agents = _running(in_folder(worktree.path), known)
    if len(agents) > 1:
        words = " and ".join(f"{each.agent} (process {each.person.process.pid})" for each in agents)
        raise Refused(f"{words} work in {worktree.path} at once", hint="end all but one of them, then try again")
    return _sighted(place, catalog, worktree, agents[0] if agents else None, pane, pointed)


def _look_at(place: Here, name: str, target: str) -> Handmade:
    """Whose it is already is said by the ledger: git only knows that it is somebody's."""
    if place.paths.database.exists():
        top = Path(name).resolve()
        with place.glance() as board:
            for path in (top, *top.parents) if top.exists() else ():
                refuse_a_sessions(str(path), board.facts)
    return GitWorktrees(place.repository, place.paths.root).look_at(name, target)


def _programs(catalog: Catalog) -> Known:
    specs = [spec for spec in catalog.all() if spec.name not in OWN and not spec.program.startswith("{")]
    return Known({spec.program: spec.name for spec in specs})


def _running(people: list[Person], known: Known) -> list[_Running]:
    """Each agent once, without those that another one of them started."""
    found = {each.process: _Running(agent, each) for each in people if (agent := known.recognise(each.argv))}
    pids = {process.pid for process in found}
    return [each for each in found.values() if not pids & set(each.person.parents)]


def _pane_of(person: Person | None) -> ForeignPane | None:
    """The pane that the process says it runs in, when that is so."""
    if person is None or not person.environ.get("TMUX_PANE"):
        return None
    try:
        found = pane_of(socket_of("", "", person.environ), person.environ["TMUX_PANE"])
    except SwarmError:
        return None
    return found if found.pid in (person.process.pid, *person.parents) else None


def _sighted(
    place: Here, catalog: Catalog, worktree: Handmade, who: _Running | None, pane: ForeignPane | None, pointed: Pointed
) -> Sighted:
    if pointed.agent:
        catalog.check(pointed.agent)
    running, person = (who.agent, who.person) if who else ("", None)
    env = caller_env() | _own(person)
    if running and pointed.agent not in ("", running):
        words = f"{running} runs in {worktree.path}, not {pointed.agent}"
        raise UsageFault(words, hint=f"end it first; or adopt it as it is, without --agent {pointed.agent}")
    if running or pointed.agent:
        agent = running or pointed.agent
        pane = pane or _pane_of(person)
        return Sighted(worktree, agent, person, pane, catalog.conversation(agent, worktree.path, env), "", env)
    agent, conversation = _last_who_worked(catalog, worktree.path, env)
    if agent:
        return Sighted(worktree, agent, None, None, conversation, "it worked there last", env)
    agent, why = _choice(place)
    return Sighted(worktree, agent, None, None, None, why, env)


def _last_who_worked(catalog: Catalog, folder: str, env: Mapping[str, str]) -> tuple[str, Conversation | None]:
    found = [(spec.name, catalog.conversation(spec.name, folder, env)) for spec in catalog.all() if spec.history]
    dated = [(name, talk) for name, talk in found if talk is not None]
    return max(dated, key=lambda each: each[1].at) if dated else ("", None)


def _choice(place: Here) -> tuple[str, str]:
    """Who would go on with it. With no agent at hand there is the work all the same."""
    try:
        chosen = choose(place, "")
    except EnvironmentFault as fault:
        return OWN[0], f"{fault.message}, so that nobody can go on with it"
    return chosen.agent, chosen.why


def _own(person: Person | None) -> dict[str, str]:
    outside = ("TMUX", "GIT_", "SWARM_")
    environ = person.environ if person else {}
    return {name: value for name, value in environ.items() if not name.startswith(outside)}
