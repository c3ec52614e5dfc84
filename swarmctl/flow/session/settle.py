"""From a dead process to a stated outcome: its tree proven gone, its work checkpointed, then committed."""

from __future__ import annotations

import signal
from collections.abc import Iterator

from swarmctl.core.errors import Refused, SwarmError
from swarmctl.core.events import (
    Batch,
    Checkpointed,
    Event,
    ProviderLimited,
    SessionEmpty,
    SessionEnded,
    SessionKept,
    SessionLimited,
    SessionReady,
    TurnEnded,
    WentOutside,
    WorkCommitted,
    WorktreeTrashed,
)
from swarmctl.core.events.onward import Synced
from swarmctl.core.listing import in_short
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk, Work, known_profile
from swarmctl.core.session import Exit, Session, Stage
from swarmctl.core.task import Task
from swarmctl.core.troubles import ended_badly
from swarmctl.flow.session.confine import touched_outside
from swarmctl.flow.session.provision import fire
from swarmctl.flow.session.sides import given_up, sides_of, unfinished

STOP_GRACE_S = 8.0
UNSEEN = Exit(code=None)
NOTHING_NEW = "; nothing new since"
HANGUP_INSIDE = 128 + signal.SIGHUP
"""As the sandbox tells it, and every shell."""


def end(session: Session, desk: Desk) -> Iterator[Event]:
    """Prove that nothing of the session runs any more, and say how it ended.

    An agent that gave up trying against a limit may end as if all were well.
    """
    if not are_gone(session, desk):
        yield SessionKept(session.id, Outcome.UNKNOWN, "processes of the session could not be ended")
        return
    seen = desk.processes.exit_of(desk.places.run_dir(session.id, session.attempt))
    if seen is not None and seen.code is not None and session.retries and not (session.stop or session.talk.ended):
        words = session.state_why.partition(": ")[2]
        yield TurnEnded(session.id, ok=False, said=words)
        yield ProviderLimited(session.id, session.talk.account or session.agent, "rate", words, session.state_until)
    yield SessionEnded(session.id, seen or UNSEEN, "exit file" if seen else "process gone, no exit file")


def are_gone(session: Session, desk: Desk) -> bool:
    """Whatever attempt they belong to; what still runs is ended first."""
    return desk.processes.stop(session.process, desk.places.marker(session.id), STOP_GRACE_S)


def clear_away(session: Session, desk: Desk) -> None:
    """Before another agent, or nobody, gets its worktree."""
    if session.adopted is not None and session.place == "none":
        hint = f"swarmctl adopt {session.worktree}"
        raise Refused(f"{session.id} never came to have {session.worktree}", hint=hint)
    if session.place == "returned":
        hint = f"swarmctl adopt {session.worktree}"
        raise Refused(f"the worktree of {session.id} is your own again: {session.worktree}", hint=hint)
    if session.by_hand and session.process and desk.processes.alive(session.process):
        words = f"{session.id}: the agent that you started still runs as process {session.process.pid}"
        raise Refused(words, hint="end it in its own terminal, then try again")
    if not are_gone(session, desk):
        hint = f"grep -ls {desk.places.marker(session.id)} /proc/[0-9]*/environ names them; end them, then try again"
        raise Refused(f"{session.id}: processes of it are still alive and could not be ended", hint=hint)


def refuse_at_work(session: Session, desk: Desk) -> None:
    """What an agent that a person started still writes is not committed under it."""
    if session.by_hand or session.place == "returned":
        clear_away(session, desk)


def settle(session: Session, facts: Facts, desk: Desk) -> Iterator[Event | Batch]:
    """Keep everything first, judge afterwards. An exit nobody saw is `unknown`, never success."""
    task = facts.tasks[session.task]
    shown = ""
    desk.agents.ended(desk.places.agent_files(session.id))
    try:
        if not session.by_hand:
            shown = desk.host.capture(session.pane, session.id)
            desk.keep_log(session.id, shown)
            desk.host.close(session.pane, session.id)
    except SwarmError:
        pass
    if not desk.worktrees.stands(session.worktree):
        yield _uprooted(session, desk)
        return
    yield from checkpoint(session, desk, "end of session")
    outside = touched_outside(session, facts, desk)
    if outside:
        yield WentOutside(session.id, outside)
    yield from _judge(session, task, desk, outside, shown)
    if facts.sessions[session.id].stage is not Stage.LIMITED:
        yield from fire("session_finished", facts.sessions[session.id], facts, desk)


def _judge(session: Session, task: Task, desk: Desk, outside: tuple[str, ...], shown: str) -> Iterator[Event | Batch]:
    seen, talk = session.exit or UNSEEN, session.talk
    if session.stop:
        yield SessionKept(session.id, Outcome.INTERRUPTED, session.stop)
    elif session.by_hand:
        yield from _commit(session, task, desk, outside)
    elif talk.limited:
        yield SessionLimited(session.id, talk.account)
    elif talk.ended == "fails":
        how = "the agent gave up" if talk.said else "the agent stopped without a word that it is done"
        yield SessionKept(session.id, Outcome.FAILED, _badly(how, session, desk, shown))
    elif talk.ended == "ends" and talk.mode == "interactive":
        yield from _commit(session, task, desk, outside)
    elif seen == UNSEEN:
        yield SessionKept(session.id, Outcome.UNKNOWN, "nobody saw how the agent ended; its work is kept")
    elif seen.signal == signal.SIGHUP or seen.code == HANGUP_INSIDE:
        yield SessionKept(session.id, Outcome.INTERRUPTED, "its terminal went away; its work is kept")
    elif not seen.clean:
        how = f"signal {seen.signal}" if seen.signal is not None else f"code {seen.code}"
        yield SessionKept(session.id, Outcome.FAILED, _badly(f"the agent ended with {how}", session, desk, shown))
    else:
        yield from _commit(session, task, desk, outside)


def _commit(session: Session, task: Task, desk: Desk, outside: tuple[str, ...]) -> Iterator[Event | Batch]:
    sides = sides_of(session)
    work = desk.worktrees.commit_work(session.worktree, session.branch, session.base, task.words, sides)
    if work.stopped:
        outcome = Outcome.BLOCKED if sides is None else Outcome.CONFLICT
        yield SessionKept(session.id, outcome, f"{work.stopped}{quoted(session.talk.said) if sides else ''}")
        return
    if work.committed:
        yield WorkCommitted(session.id, work.head, len(work.committed))
    if sides is not None and not work.merged:
        yield given_up(session, Outcome.CONFLICT, f"its agent took the merge of {sides.name} back; its work is kept")
        return
    if sides is not None:
        yield Synced(session.id, sides.theirs, work.head, sides.name)
    if outside and desk.settings().sandbox.outside == "refuse":
        why = f"changed outside its worktree while it ran: {in_short(outside)}; its work is kept"
        yield SessionKept(session.id, Outcome.BLOCKED, why)
    elif work.changed:
        rests = unfinished(session) if sides is not None else _refused_still(session, work)
        yield rests or SessionReady(session.id, work.head)
    else:
        yield SessionEmpty(session.id, f"the agent ended and changed nothing{quoted(session.talk.said)}")


def _refused_still(session: Session, work: Work) -> SessionKept | None:
    """The gates refused just this, and nobody asks them about it again but a person."""
    if not session.reason or work.head != session.head:
        return None
    return SessionKept(session.id, Outcome.REFUSED, f"{session.reason.removesuffix(NOTHING_NEW)}{NOTHING_NEW}")


def _uprooted(session: Session, desk: Desk) -> SessionKept:
    """Somebody, most likely its agent, removed its worktree: what was committed or kept before is all there is."""
    kept = f", and its last checkpoint is {session.checkpoint[:10]}" if session.checkpoint else ""
    why = f"its worktree was removed while it ran; its commits are on {session.branch}{kept}"
    return SessionKept(session.id, Outcome.UNKNOWN, f"{why}; swarmctl undo {session.id} brings the worktree back")


def _badly(how: str, session: Session, desk: Desk, shown: str) -> str:
    profile = known_profile(desk.agents, session.agent)
    said = session.talk.said if session.talk.ended else ""
    return ended_badly(how, profile.troubles if profile else (), said, shown)


def quoted(said: str) -> str:
    """An agent's last words as the end of a reason."""
    return f"; it said: {said}" if said else ""


def checkpoint(session: Session, desk: Desk, why: str) -> Iterator[Event]:
    """Under one ref per session; each checkpoint holds the one before it as a parent, so none is ever dropped."""
    commit = desk.worktrees.checkpoint(session.worktree, checkpoint_ref(session), f"checkpoint of {session.id}: {why}")
    if commit != session.checkpoint:
        yield Checkpointed(session.id, commit, why)


def checkpoint_ref(session: Session) -> str:
    return f"refs/swarm/checkpoint/{session.id}"


def trash_ref(session: Session) -> str:
    return f"refs/swarm/trash/{session.id}"


def remove(session: Session, facts: Facts, desk: Desk, why: str) -> Iterator[Event]:
    """Into the trash, never away: checkpoint, read back, rename, event. Every step can be repeated."""
    clear_away(session, desk)
    removed = desk.worktrees.remove(
        session.worktree, desk.places.trash(session.id), trash_ref(session), f"{session.id} removed: {why}"
    )
    yield WorktreeTrashed(session.id, removed.trash, removed.checkpoint)
    yield from fire("worktree_removed", facts.sessions[session.id], facts, desk)
