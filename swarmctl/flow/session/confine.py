"""How far one start of an agent reaches: decided before it starts, put around its argv, looked after at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from swarmctl.core.agent import Permission
from swarmctl.core.containment import Bystander, Containment, Fence, decide, objection, spelled_out, trifecta
from swarmctl.core.errors import Refused
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk, Launch
from swarmctl.core.session import RESTING, Session
from swarmctl.core.task import Task

INSIDE = {"SWARM_SANDBOX": "1", "IS_SANDBOX": "1", "TMPDIR": "/tmp"}
"""What processes in there are told: the second is what Claude Code asks for before it lets root do everything."""
LANDINGS = 100
"""So many of the last landings are known as our own doing; no session sees more of them come."""


def contain(session: Session, task: Task, desk: Desk) -> Containment:
    """As it was when the task was asked for, or not any more: settings and machine may have changed since."""
    return reach_of(session.agent, task.terms.permission, desk)


def reach_of(agent: str, permission: Permission, desk: Desk) -> Containment:
    """Raises `Refused` where the settings or the permission mode ask for more than this machine can hold."""
    settings, profile = desk.settings().sandbox, desk.agents.profile(agent)
    found = decide(settings, profile.fenced, permission, desk.sandbox.trouble())
    why, hint = objection(settings, found, permission, trifecta(found))
    if why:
        raise Refused(why, hint=hint)
    return found


def confined(
    launch: Launch, found: Containment, session: Session, facts: Facts, desk: Desk, refs: Mapping[str, str]
) -> Launch:
    """The same launch inside of its fence; without one, what is outside is noted to be compared afterwards.

    `refs`: those of other sessions, and where they should be.
    """
    if found.tier != "fenced":
        profile = desk.agents.profile(session.agent)
        own = spelled_out((*profile.homes, *profile.writes), launch.env)
        desk.outskirts.note_refs(launch.run_dir, refs)
        desk.outskirts.note(launch.run_dir, launch.env.get("HOME", ""), bystanders(session, facts), own)
        return launch
    env = {**launch.env, **INSIDE}
    return replace(launch, argv=desk.sandbox.confine(launch.argv, fence(session, found, desk, env)), env=env)


def fence(session: Session, found: Containment, desk: Desk, env: Mapping[str, str]) -> Fence:
    settings, profile = desk.settings().sandbox, desk.agents.profile(session.agent)
    folder, answers = desk.places.agent_files(session.id), f"{desk.places.answers(session.id)}/"
    writes = [folder if path == "{folder}" else path for path in profile.writes]
    return Fence(
        worktree=session.worktree,
        home=env.get("HOME", "/nonexistent"),
        write=spelled_out((*writes, *settings.write), env),
        keep=(answers, *spelled_out(profile.keeps, env)),
        read=(folder, *spelled_out(settings.read, env)),
        hide=spelled_out((*desk.agents.private_to_others(session.agent), *settings.hide), env),
        spool=desk.places.spool(session.id),
        network=found.network,
    )


def bystanders(session: Session, facts: Facts) -> tuple[Bystander, ...]:
    others = [each for each in list(facts.live.values()) if each.id != session.id and each.place == "present"]
    return tuple(Bystander(f"{o.id}.{o.attempt}", o.worktree) for o in others if o.stage in RESTING)


def touched_outside(session: Session, facts: Facts, desk: Desk) -> tuple[str, ...]:
    """Nothing was noted of a session that was fenced in, so nothing is found of it."""
    landed = {landing.commit for landing in facts.landings.last("landed_at", LANDINGS)}
    run_dir = desk.places.run_dir(session.id, session.attempt)
    return desk.outskirts.changed(run_dir, bystanders(session, facts), landed)
