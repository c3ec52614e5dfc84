"""What is taken over from a person's hands: events, which belong to those in `events.py`, and the rows they change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from swarmctl.core.ids import SessionId
from swarmctl.core.session import Adoption, ProcessId, Session, State


@dataclass(frozen=True, slots=True)
class AdoptionIntended:
    """-- : a worktree that a person made is to become this session's, and so is the agent that runs in it."""

    session: SessionId
    head: str
    process: ProcessId | None = None
    server: str = ""
    pane: str = ""


@dataclass(frozen=True, slots=True)
class Adopted:
    """provisioned -> running: the agent that a person started is watched from here on, and never ended unasked."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class WorktreeReturned:
    """-- : a person's own worktree is theirs again, where it always was, with its branch."""

    session: SessionId


def intended(session: Session, event: AdoptionIntended) -> Session:
    adoption = Adoption(event.process, event.server, event.pane)
    talk = replace(session.talk, mode="interactive")
    return replace(session, adopted=adoption, head=event.head, talk=talk, state=State.IDLE, state_why="made by hand")


def adopted(session: Session, at: float) -> Session:
    process = session.adopted.process if session.adopted else None
    return replace(session, process=process, state=State.WORKING, state_since=at, state_why="driven by a person")


def returned(session: Session) -> Session:
    return replace(session, place="returned", restored=False)
