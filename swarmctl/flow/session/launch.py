"""From a worktree to a running agent: at most one process per attempt, its environment written nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping

from swarmctl.core.agent import Mode, Order, Profile
from swarmctl.core.errors import Refused, SwarmError, UsageFault
from swarmctl.core.events import (
    Batch,
    Contained,
    ConversationKnown,
    Event,
    LaunchIntended,
    Noticed,
    SessionKept,
    SessionStarted,
    TypingIntended,
)
from swarmctl.core.limits import account_of
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk, Launch, Started
from swarmctl.core.session import Session, Stage
from swarmctl.core.task import Task
from swarmctl.flow.session.confine import confined, contain
from swarmctl.flow.session.deliver import Hands, Typing
from swarmctl.flow.session.provision import fire
from swarmctl.flow.session.settle import STOP_GRACE_S
from swarmctl.flow.session.surroundings import LONGEST_VALUE, base_env, deeper
from swarmctl.flow.session.uphold import refs_of_others

READY_S = 1.0
"""How long a terminal is looked at before other steps of its session have their turn."""
CONVERSATIONS = uuid.UUID("5f0c7f36-6c1d-4a5e-9a3e-6a1c2f1d7b64")
"""The namespace of the ids that are chosen for agents' conversations: a second start of one attempt has the same."""
Surround = Callable[[Session, Mapping[str, str]], dict[str, str]]


def launch(
    session: Session, facts: Facts, desk: Desk, environ: Mapping[str, str], surround: Surround
) -> Iterator[Event | Batch]:
    """`environ` is the caller's, in memory only; `surround` adds what git and the spool need."""
    task = facts.tasks[session.task]
    try:
        if session.stage is Stage.PROVISIONED:
            yield from _intend(session, facts, desk, desk.agents.env(session.agent, environ))
            session = facts.sessions[session.id]
        env = {**surround(session, desk.agents.env(session.agent, environ)), **deeper(environ)}
        found, started = None, _running(session, desk)
        if started is None:
            found = contain(session, task, desk)
            order, refs = _order(session, task, desk, env), refs_of_others(session, facts)
            started = desk.host.start(confined(order, found, session, facts, desk, refs))
    except SwarmError as error:
        yield _failed_to_start(session, desk, error)
        return
    yield SessionStarted(session.id, started.process, started.pane)
    if found is not None:
        yield Contained(session.id, found)
    yield from fire("session_started", session, facts, desk)


def _intend(session: Session, facts: Facts, desk: Desk, environ: Mapping[str, str]) -> Iterator[Event | Batch]:
    """The mode is settled and, where the agent lets us, the id of the conversation chosen, before anything runs.

    An id that no start came of is not used again: nobody knows whether the agent saw it.
    """
    task = facts.tasks[session.task]
    contain(session, task, desk)
    _refuse_two_in_one_conversation(session, facts)
    profile = desk.agents.profile(session.agent)
    told = len(f"{task.prompt}{session.talk.message}".encode("utf-8", "surrogatepass"))
    mode = mode_of(task, profile, desk.host.name, told)
    known = session.talk.conversation if not session.talk.fresh else ""
    if known and profile.resumable and mode not in profile.resumable:
        mode = profile.resumable[0]  # To go on with what was said counts for more than the interface.
    name = f"{desk.places.marker(session.id)}/{session.attempt}"
    chosen = str(uuid.uuid5(CONVERSATIONS, name)) if mode in profile.chooses else ""
    ports = desk.settings().worktree.ports
    port = session.port_base + ports if profile.answers == "http" and session.port_base else 0
    intended = LaunchIntended(
        session.id,
        desk.host.name,
        session.attempt,
        mode,
        port,
        typed=mode in profile.typed,
        account=account_of(profile, task.terms.model, environ),
    )
    news = not known and chosen != session.talk.conversation
    yield (ConversationKnown(session.id, chosen, fresh=bool(chosen)), intended) if news else intended


def _refuse_two_in_one_conversation(session: Session, facts: Facts) -> None:
    """An agent can pick up another session's by itself; each would write over what the other was told."""
    for other in list(facts.live.values()):
        same = (other.agent, other.talk.conversation) == (session.agent, session.talk.conversation)
        if (
            same
            and other.id != session.id
            and other.stage in (Stage.LAUNCHING, Stage.RUNNING)
            and session.talk.conversation
        ):
            hint = f"swarmctl stop {other.id}, then swarmctl resume {session.id}"
            raise Refused(f"its conversation goes on in {other.id} now: {hint}", hint=hint)


def mode_of(task: Task, profile: Profile, host: str, told: int) -> Mode:
    """Its own interface where a person can attach to it and its hooks tell of turns; else one whole task.

    `told`: how many bytes it is told. What no command line holds goes where stdin takes it.
    """
    wanted = task.terms.mode
    if wanted != "auto":
        if wanted not in profile.modes:
            hint = f"it can run {' or '.join(profile.modes)}"
            raise UsageFault(f"agent {profile.name} cannot run {wanted}", hint=hint)
        return wanted
    if told >= LONGEST_VALUE and profile.roomy:
        return profile.roomy[0]
    tells = host == "tmux" and profile.tells_turns and not profile.rather_headless
    if "interactive" in profile.modes and (tells or "headless" not in profile.modes):
        return "interactive"
    return "headless"


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


def type_prompt(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    """Nothing follows while its terminal is not ready: whoever asks again finds it due still."""
    wanted = lambda: not facts.sessions[session.id].stop  # noqa: E731
    prompt = desk.agents.start(session.agent, order_of(session, facts.tasks[session.task], desk)).typed
    with desk.host.keyboard.hold(session.id), desk.listen(session.id) as ear:
        hands = Hands(desk.host.keyboard, ear, desk.clock)
        typing = Typing(session, prompt, desk.agents.profile(session.agent), hands)
        if typing.ready(READY_S, wanted) is None:
            yield TypingIntended(session.id, len(prompt))
            yield typing.type(wanted)


def reclaim(session: Session, desk: Desk) -> Iterator[Event]:
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
    start = desk.agents.start(session.agent, order_of(session, task, desk))
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


def order_of(session: Session, task: Task, desk: Desk) -> Order:
    """Whoever begins the conversation is told the task; a later attempt goes on with it where the agent can."""
    profile, talk = desk.agents.profile(session.agent), session.talk
    mode: Mode = talk.mode or "headless"
    begun = bool(talk.conversation) and not talk.fresh
    resume = session.attempt > 1 and begun and mode in profile.resumable
    return Order(
        prompt=_told(session, task, desk, resume),
        command=task.command,
        folder=desk.places.agent_files(session.id),
        mode=mode,
        permission=task.terms.permission,
        model=task.terms.model,
        effort=task.terms.effort,
        conversation=talk.conversation,
        resume=resume,
        port=talk.port,
    )


def _told(session: Session, task: Task, desk: Desk, resume: bool) -> str:
    message = session.talk.message
    if resume:
        return message or desk.prompt("resume", {"message": ""})
    return f"{task.prompt}\n\n{message}" if message else task.prompt
