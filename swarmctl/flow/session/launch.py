"""From a worktree to a running agent: at most one process per attempt, its environment written nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from swarmctl.core.agent import Order
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, LaunchIntended, Noticed, SessionKept, SessionStarted
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk, Launch, Started
from swarmctl.core.session import Session, Stage
from swarmctl.core.task import Task
from swarmctl.flow.session.provision import fire
from swarmctl.flow.session.settle import STOP_GRACE_S
from swarmctl.flow.session.surroundings import base_env, deeper

Surround = Callable[[Session, Mapping[str, str]], dict[str, str]]


def launch(
    session: Session, facts: Facts, desk: Desk, environ: Mapping[str, str], surround: Surround
) -> Iterator[Event]:
    """`environ` is the caller's, in memory only; `surround` adds what git and the spool need."""
    task = facts.tasks[session.task]
    if session.stage is Stage.PROVISIONED:
        yield LaunchIntended(session.id, desk.host.name, session.attempt)
    try:
        started = _running(session, desk) or desk.host.start(
            _order(
                session, task, desk, {**surround(session, desk.agents.env(session.agent, environ)), **deeper(environ)}
            )
        )
    except SwarmError as error:
        yield _failed_to_start(session, desk, error)
        return
    yield SessionStarted(session.id, started.process, started.pane)
    yield from fire("session_started", session, facts, desk)


def _failed_to_start(session: Session, desk: Desk, error: SwarmError) -> SessionKept:
    """A host that does not answer may have started the agent all the same: nothing runs that nobody watches."""
    found = desk.processes.found(desk.places.run_dir(session.id, session.attempt))
    if desk.processes.stop(found, desk.places.marker(session.id), STOP_GRACE_S):
        return SessionKept(session.id, Outcome.FAILED, f"could not start: {error.message}")
    return SessionKept(session.id, Outcome.UNKNOWN, f"may have started, and could not be ended: {error.message}")


def _running(session: Session, desk: Desk) -> Started | None:
    """What was started before a crash. It needs no definition of its agent, which may be gone or different by now."""
    run_dir = desk.places.run_dir(session.id, session.attempt)
    if desk.processes.found(run_dir) is None:
        return None
    return desk.host.start(Launch(session.id, session.attempt, argv=(), cwd=session.worktree, run_dir=run_dir, env={}))


def adopt(session: Session, desk: Desk) -> Iterator[Event]:
    """After a crash between intent and result, with no environment at hand: take what runs, or say nothing does."""
    started = _running(session, desk)
    if started is not None:
        yield SessionStarted(session.id, started.process, started.pane)
        yield Noticed(session.id, "taken over after an unclean end of the supervisor")
    else:
        yield not_started(session)


def not_started(session: Session) -> SessionKept:
    why = "swarmctl was interrupted before the agent started"
    return SessionKept(session.id, Outcome.INTERRUPTED, why)


def _order(session: Session, task: Task, desk: Desk, env: Mapping[str, str]) -> Launch:
    order = Order(prompt=task.prompt, command=task.command, folder=desk.places.agent_files(session.id))
    start = desk.agents.start(session.agent, order)
    return Launch(
        session=session.id,
        attempt=session.attempt,
        argv=start.argv,
        cwd=session.worktree,
        run_dir=desk.places.run_dir(session.id, session.attempt),
        env={
            **env,
            **start.env,
            **base_env(session, task, desk.settings().worktree.ports),
            "SWARM_MARKER": desk.places.marker(session.id),
        },
    )
