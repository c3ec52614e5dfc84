"""The rows that the life of commands, runs, tasks and sessions changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from swarmctl.core import events as e
from swarmctl.core.facts import Facts, ImpossibleEvent, Row
from swarmctl.core.landing import Answer, Approval, Landing
from swarmctl.core.limits import provider_in
from swarmctl.core.machine import contests, onward, typed
from swarmctl.core.machine.transitions import session_of
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Delivery, Session, Stage, State
from swarmctl.core.task import Run, Task


def _run_submitted(facts: Facts, event: e.RunSubmitted, at: float) -> list[Row]:
    return [Run(id=event.run, created_at=at, waits=event.waits, lands=event.lands, target=event.target)]


def _run_left(facts: Facts, event: e.RunLeft, at: float) -> list[Row]:
    return [replace(facts.runs[event.run], waits=False)]


def _run_joined(facts: Facts, event: e.RunJoined, at: float) -> list[Row]:
    return [replace(facts.runs[event.run], waits=True)]


def _task_added(facts: Facts, event: e.TaskAdded, at: float) -> list[Row]:
    return [
        Task(
            id=event.task,
            run=event.run,
            number=event.number,
            title=event.title,
            prompt=event.prompt,
            agent=event.agent,
            command=event.command,
            check=event.check,
            after=event.after,
            terms=event.terms,
            created_at=at,
            contest=event.contest,
        ),
        *contests.joined(facts, event, at),
    ]


def _task_finished(facts: Facts, event: e.TaskFinished, at: float) -> list[Row]:
    task = facts.tasks[event.task]
    session = facts.sessions[task.session] if task.session else None
    waited: list[Row] = [] if session is None or not session.talk.again else [onward.stays(session)]
    return [replace(task, outcome=event.outcome, reason=event.reason, finished_at=at), *waited]


def _task_reopened(facts: Facts, event: e.TaskReopened, at: float) -> list[Row]:
    return [replace(facts.tasks[event.task], outcome=None, reason="", finished_at=None)]


def _planned(facts: Facts, event: e.SessionPlanned, at: float) -> list[Row]:
    if event.session in facts.sessions:
        raise ImpossibleEvent(f"SessionPlanned: session {event.session} exists")
    session = Session(
        id=event.session,
        task=event.task,
        run=event.run,
        agent=event.agent,
        branch=event.branch,
        target=event.target,
        base=event.base,
        base_name=event.base_name,
        worktree=event.worktree,
        port_base=event.port_base,
        created_at=at,
        state_since=at,
    )
    task = replace(facts.tasks[event.task], session=event.session, waits_for="")
    return [session, task, *contests.begun(facts, event)]


def _worktree_ready(facts: Facts, event: e.WorktreeReady, at: float) -> list[Row]:
    return [replace(session_of(facts, event), place="present")]


def _launch_intended(facts: Facts, event: e.LaunchIntended, at: float) -> list[Row]:
    session = session_of(facts, event)
    talk = replace(session.talk, mode=event.mode, port=event.port, ended="", said="", asked=())
    talk = replace(talk, account=event.account or talk.account)
    talk = replace(talk, delivery=Delivery("due" if event.typed else ""))
    return [replace(session, host=event.host, attempt=event.attempt, process=None, pane="", exit=None, talk=talk)]


def _started(facts: Facts, event: e.SessionStarted, at: float) -> list[Row]:
    session = replace(session_of(facts, event), process=event.process, pane=event.pane)
    return [_with_state(session, State.WORKING, "its process runs", at)]


def _state_changed(facts: Facts, event: e.StateChanged, at: float) -> list[Row]:
    session = replace(session_of(facts, event), heard=event.heard or facts.sessions[event.session].heard)
    if event.state is not State.BLOCKED:
        session = replace(session, talk=replace(session.talk, asked=()))
    changed = _with_state(session, event.state, f"{event.source}: {event.why}", at)
    return [replace(changed, state_kind=event.kind, state_until=event.until)]


def _words_read(facts: Facts, event: e.WordsRead, at: float) -> list[Row]:
    return [replace(session_of(facts, event), heard=event.heard)]


def _with_state(session: Session, state: State, why: str, at: float) -> Session:
    since = session.state_since if session.state is state else at
    return replace(session, state=state, state_since=since, state_why=why, state_kind="", state_until=None)


def _with_talk(facts: Facts, event: Any, **changes: Any) -> list[Row]:
    session = session_of(facts, event)
    return [replace(session, talk=replace(session.talk, **changes))]


def _conversation(facts: Facts, event: e.ConversationKnown, at: float) -> list[Row]:
    return _with_talk(facts, event, conversation=event.conversation, fresh=event.fresh)


def _turn_ended(facts: Facts, event: e.TurnEnded, at: float) -> list[Row]:
    ended = "ends" if event.ok else "fails"
    return _with_talk(facts, event, ended=ended, said=event.said, asked=(), limited=False)


def _asked(facts: Facts, event: e.PermissionAsked, at: float) -> list[Row]:
    asked = facts.sessions[event.session].talk.asked
    return _with_talk(facts, event, asked=(*asked, event.request) if event.request not in asked else asked)


def _permission_answered(facts: Facts, event: e.PermissionAnswered, at: float) -> list[Row]:
    asked = facts.sessions[event.session].talk.asked
    return _with_talk(facts, event, asked=tuple(request for request in asked if request != event.request))


def _message_queued(facts: Facts, event: e.MessageQueued, at: float) -> list[Row]:
    talk = facts.sessions[event.session].talk
    repairs = talk.repairs + 1 if event.repair else 0
    return _with_talk(facts, event, waiting=(*talk.waiting, event.text), repairs=repairs)


def _stop_requested(facts: Facts, event: e.StopRequested, at: float) -> list[Row]:
    return [replace(session_of(facts, event), stop=event.why)]


def _ended(facts: Facts, event: e.SessionEnded, at: float) -> list[Row]:
    seen = event.exit.code is not None or event.exit.signal is not None
    session = replace(session_of(facts, event), exit=event.exit)
    session = replace(session, talk=replace(session.talk, delivery=typed.left_over(session.talk.delivery)))
    known = seen or session.by_hand
    return [_with_state(session, State.EXITED if known else State.LOST, event.source, at)]


def _checkpointed(facts: Facts, event: e.Checkpointed, at: float) -> list[Row]:
    return [replace(session_of(facts, event), checkpoint=event.commit)]


def _work_committed(facts: Facts, event: e.WorkCommitted, at: float) -> list[Row]:
    return [replace(session_of(facts, event), head=event.head)]


def _ready(facts: Facts, event: e.SessionReady, at: float) -> list[Row]:
    return [replace(session_of(facts, event), head=event.head, outcome=Outcome.READY, reason="")]


def _empty(facts: Facts, event: e.SessionEmpty, at: float) -> list[Row]:
    return [replace(session_of(facts, event), outcome=Outcome.NO_WORK, reason=event.reason, asked_to_land=False)]


def _kept(facts: Facts, event: e.SessionKept, at: float) -> list[Row]:
    session = session_of(facts, event)
    kept = replace(session, outcome=event.outcome, reason=event.reason, asked_to_land=False, staged="")
    return [kept, *contests.given_up(facts, session.id)]


def _session_limited(facts: Facts, event: e.SessionLimited, at: float) -> list[Row]:
    """What it was told is in its conversation, once it ran."""
    session, limit = session_of(facts, event), facts.limits.get(event.account)
    told = facts.sessions[event.session].stage is Stage.ENDED
    talk = replace(session.talk, account=event.account, let_in="", message="" if told else session.talk.message)
    why = f"{provider_in(event.account)}: {limit.words}" if limit else provider_in(event.account)
    changed = _with_state(replace(session, talk=talk), State.RATE_LIMITED, why, at)
    kind, until = (limit.kind, limit.until) if limit else ("", None)
    return [replace(changed, state_kind=kind, state_until=until)]


def _merge_asked(facts: Facts, event: e.MergeAsked, at: float) -> list[Row]:
    return [replace(session_of(facts, event), asked_to_land=True)]


def _merge_left(facts: Facts, event: e.MergeLeft, at: float) -> list[Row]:
    return [replace(session_of(facts, event), asked_to_land=False)]


def _enqueued(facts: Facts, event: e.Enqueued, at: float) -> list[Row]:
    session = replace(session_of(facts, event), head=event.head, queued_at=at, outcome=None, reason="", tries=0)
    return [session]


def _dequeued(facts: Facts, event: e.Dequeued | e.Withdrawn, at: float) -> list[Row]:
    session = session_of(facts, event)
    left = replace(session, outcome=Outcome.READY, reason=event.why, asked_to_land=False, staged="", queued_at=None)
    return [left, *contests.given_up(facts, session.id)]


def _staged(facts: Facts, event: e.MergeStaged, at: float) -> list[Row]:
    return [replace(session_of(facts, event), staged=event.staged.commit)]


def _land_intended(facts: Facts, event: e.LandIntended, at: float) -> list[Row]:
    session = session_of(facts, event)
    landing = Landing(
        session=event.session,
        target=event.target,
        commit=event.proof.commit,
        old=event.old,
        proof=event.proof,
        intended_at=at,
    )
    return [replace(session, staged=event.proof.commit), landing]


def _race_lost(facts: Facts, event: e.RaceLost, at: float) -> list[Row]:
    session = session_of(facts, event)
    return [replace(session, tries=session.tries + 1, staged="")]


def _landed(facts: Facts, event: e.Landed, at: float) -> list[Row]:
    session = replace(
        session_of(facts, event), landed=event.commit, outcome=Outcome.LANDED, reason="", asked_to_land=False
    )
    landing = replace(facts.landings[event.session], landed_at=at, parked="")
    return [session, landing, *contests.decided(facts, session.id, at)]


def _parked(facts: Facts, event: e.Parked, at: float) -> list[Row]:
    why = f"{event.target} could not follow: {event.blocking}"
    session = replace(session_of(facts, event), outcome=Outcome.BLOCKED, reason=why, asked_to_land=False)
    return [session, replace(facts.landings[event.session], parked=event.blocking)]


def _unparked(facts: Facts, event: e.Unparked, at: float) -> list[Row]:
    return [replace(session_of(facts, event), outcome=Outcome.READY, reason=event.why, staged="", queued_at=None)]


def _still_refused(before: Session) -> str:
    """Why, as far as the gates do not ask for their repair themselves, and look again after each round of it."""
    is_refused = before.outcome is Outcome.REFUSED and not before.talk.waiting
    return before.reason if is_refused or before.stage is Stage.LIMITED else ""


def _resumed(facts: Facts, event: e.SessionResumed, at: float) -> list[Row]:
    before = facts.sessions[event.session]
    session = replace(session_of(facts, event), attempt=event.attempt, stop="", outcome=None, restored=False)
    session = replace(session, reason=_still_refused(before))
    sync = onward.taken_up(before, event.message)
    talk = replace(session.talk, message=event.message, waiting=(), again=False, sync=sync, limited=False, let_in="")
    talk = replace(talk, fresh=talk.fresh and session.process is None)
    return [_with_state(replace(session, asked_to_land=False, talk=talk), State.STARTING, "resumed", at)]


def _trashed(facts: Facts, event: e.WorktreeTrashed, at: float) -> list[Row]:
    return [replace(session_of(facts, event), place="trashed", restored=False, checkpoint=event.checkpoint)]


def _deleted(facts: Facts, event: e.WorktreeDeleted, at: float) -> list[Row]:
    return [replace(session_of(facts, event), place="deleted")]


def _restored(facts: Facts, event: e.WorktreeRestored, at: float) -> list[Row]:
    return [replace(session_of(facts, event), place="present", restored=True, worktree=event.worktree)]


def _approved(facts: Facts, event: e.Approved, at: float) -> list[Row]:
    return [Approval(subject=event.subject, digest=event.digest, approved_at=at)]


def _command_done(facts: Facts, event: e.CommandDone, at: float) -> list[Row]:
    return [Answer(command=event.command, kind=event.kind, answer=event.answer, answered_at=at)]


Handler = Callable[[Facts, Any, float], list[Row]]

HANDLERS: dict[type[e.Event], Handler] = {
    e.RunSubmitted: _run_submitted,
    e.RunLeft: _run_left,
    e.RunJoined: _run_joined,
    e.TaskAdded: _task_added,
    e.TaskFinished: _task_finished,
    e.TaskReopened: _task_reopened,
    e.SessionPlanned: _planned,
    e.WorktreeReady: _worktree_ready,
    e.LaunchIntended: _launch_intended,
    e.SessionStarted: _started,
    e.StateChanged: _state_changed,
    e.WordsRead: _words_read,
    e.ConversationKnown: _conversation,
    e.TurnEnded: _turn_ended,
    e.PermissionAsked: _asked,
    e.PermissionAnswered: _permission_answered,
    e.MessageQueued: _message_queued,
    e.StopRequested: _stop_requested,
    e.SessionEnded: _ended,
    e.Checkpointed: _checkpointed,
    e.WorkCommitted: _work_committed,
    e.SessionReady: _ready,
    e.SessionEmpty: _empty,
    e.SessionKept: _kept,
    e.SessionLimited: _session_limited,
    e.MergeAsked: _merge_asked,
    e.MergeLeft: _merge_left,
    e.Enqueued: _enqueued,
    e.Dequeued: _dequeued,
    e.Withdrawn: _dequeued,
    e.MergeStaged: _staged,
    e.LandIntended: _land_intended,
    e.RaceLost: _race_lost,
    e.Landed: _landed,
    e.Parked: _parked,
    e.Unparked: _unparked,
    e.SessionResumed: _resumed,
    e.WorktreeTrashed: _trashed,
    e.WorktreeDeleted: _deleted,
    e.WorktreeRestored: _restored,
    e.Approved: _approved,
    e.CommandDone: _command_done,
}
