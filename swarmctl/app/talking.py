"""Commands that speak to an agent: a message, and the answer to its question."""

from __future__ import annotations

from swarmctl.app.commands import UNDO, Answer, Context, Done, Doubt, Stream, begin_again
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.errors import Refused
from swarmctl.core.session import Session, Stage

READ_IN_S = 1.0
"""How long an agent may take to read what was typed, before the sender hears that it waits."""


def send(args: Answer, context: Context) -> Stream:
    """For the end of the agent's turn where it can go on with a conversation, at rest for its next; else typed."""
    session = find_session(context.facts, args["id"])
    if _goes_on(session, context) and not args.get("now"):
        yield from _queue(session, args, context)
        return
    if session.stage is not Stage.RUNNING:
        hint = f"swarmctl resume {session.id}"
        raise Refused(f"{session.id} is {session.stage.value}; nobody is there to read", hint=hint)
    words = f"the supervisor died while it typed into {session.id}; the text may have arrived"
    yield Doubt(Refused(words, hint=f"swarmctl logs {session.id}"))
    context.desk.host.send(session.pane, session.id, args["text"])
    reads = session.process is None or context.desk.processes.reads(session.process, READ_IN_S)
    yield Done(
        {"session": session.id, "how": "typed", "read": reads},
        (e.Noticed(session.id, f"sent {len(args['text'])} characters"),),
    )


def _goes_on(session: Session, context: Context) -> bool:
    """Its agent can be told something by another attempt in the same conversation."""
    if session.agent == UNDO or not session.talk.mode:
        return False
    return bool(context.desk.agents.profile(session.agent).resumable)


def _queue(session: Session, args: Answer, context: Context) -> Stream:
    if session.active:
        yield Done({"session": session.id, "how": "queued"}, (e.MessageQueued(session.id, args["text"]),))
        return
    if session.stage not in (Stage.READY, Stage.KEPT, Stage.EMPTY):
        raise Refused(f"{session.id} is {session.stage.value}", hint=f"swarmctl show {session.id}")
    again = begin_again(session, args["text"], args["env"], context)
    yield Done({"session": session.id, "how": "resumed"}, again)


def answer(args: Answer, context: Context) -> Stream:
    """To the question that its agent waits with; to the newest when it has several."""
    session = find_session(context.facts, args["id"])
    said, why, asked = args["answer"], args.get("why", ""), session.talk.asked
    if not asked or session.stage is not Stage.RUNNING:
        raise Refused(f"{session.id} asks nothing", hint=f"swarmctl show {session.id}")
    context.desk.answer(session, asked[-1], said, why)
    told = e.PermissionAnswered(session.id, asked[-1], said, why)
    yield Done({"session": session.id, "answer": said}, (told,))
