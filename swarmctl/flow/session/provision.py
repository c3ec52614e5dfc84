"""From a plan to a worktree that is ready to work in. A failed setup is a state of its own, never half a session."""

from __future__ import annotations

from collections.abc import Iterator

from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, HookRan, Noticed, SessionKept, WorktreeReady
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk
from swarmctl.core.session import Session
from swarmctl.flow.session.surroundings import base_env, hook_facts

MEMORY = ("AGENTS.md", "CLAUDE.md", "GEMINI.md")
"""Files of instructions; where a folder has several, the first is what the others stand for."""


def provision(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    task = facts.tasks[session.task]
    if session.place == "trashed":
        raise SwarmError(f"{session.id}: its worktree is in the trash", hint=f"swarmctl undo {session.id}")
    try:
        warm = desk.worktrees.add(session.worktree, session.branch, session.base)
        if session.place != "present":
            settings = desk.settings().worktree
            env = base_env(session, task, desk.settings().worktree.ports)
            log = f"{desk.places.logs(session.id)}/setup.log"
            made = desk.provisioner.provision(session.worktree, settings, env, log)
            if not made.ok:
                yield SessionKept(session.id, Outcome.FAILED, f"setup: {made.words}")
                return
            leftovers = desk.agents.profile(session.agent).leftovers
            desk.worktrees.exclude(session.worktree, (*made.made, *leftovers))
        share_memory(session, desk)
    except SwarmError as error:
        yield SessionKept(session.id, Outcome.FAILED, error.message)
        return
    yield WorktreeReady(session.id, warm)
    yield from fire("session_created", facts.sessions[session.id], facts, desk)


def share_memory(session: Session, desk: Desk) -> None:
    """The repository's instructions, in every folder that has some, under the name that this agent reads."""
    name = desk.agents.profile(session.agent).memory
    if name in MEMORY:
        desk.worktrees.alias(session.worktree, name, [other for other in MEMORY if other != name])


def fire(event: str, session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    """Run the user's hooks for an event that cannot be vetoed; only failures are worth a record."""
    where = session.worktree if session.place == "present" else desk.places.state
    for outcome in desk.hooks.fire(event, hook_facts(session, facts.tasks[session.task]), where):
        if not outcome.ok:
            yield HookRan(session.id, outcome.hook, outcome.name, outcome.rc, outcome.words)
            yield Noticed(session.id, f"hook {outcome.hook} ({outcome.name}) failed: {outcome.words}")
