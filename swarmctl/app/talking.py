"""Commands that speak to an agent: a message, and the answer to its question."""

from __future__ import annotations

from swarmctl.app.commands import UNDO, Answer, Context, Done, Doubt, Stream, begin_again
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.errors import Refused
from swarmctl.core.ports import known_profile
from swarmctl.core.session import Session, Stage, State
from swarmctl.flow.session.composing import ANSWER, ATTACH
from swarmctl.flow.session.deliver import LEFT, Hands, Typing
from swarmctl.flow.session.syncing import SHELL

AT_REST = (Stage.READY, Stage.KEPT, Stage.EMPTY)
READY_S = 5.0
"""How long an agent may take to be ready for a text, before the sender hears why it was not typed."""


def send(args: Answer, context: Context) -> Stream:
    """For the end of the agent's turn where it can go on with a conversation; at rest any agent begins with it anew."""
    session = find_session(context.facts, args["id"])
    if not args.get("now") and (_begins_again(session) or _goes_on(session, context)):
        yield from _queue(session, args, context)
        return
    if session.stage is not Stage.RUNNING:
        hint = f"swarmctl {'show' if session.stage is Stage.LANDED else 'resume'} {session.id}"
        raise Refused(f"{session.id} is {session.stage.value}; nobody is there to read", hint=hint)
    if session.driven:
        hint = f"swarmctl attach {session.id}, and type it there"
        raise Refused(f"{session.id} runs in a terminal of your own", hint=hint)
    yield from _type(session, args["text"], context)


def _type(session: Session, text: str, context: Context) -> Stream:
    """Said in the ledger before it is typed: after a kill nobody types it again, and nobody says that it arrived."""
    desk = context.desk
    with desk.host.keyboard.hold(session.id), desk.listen(session.id) as ear:
        busy = lambda: context.facts.sessions[session.id].state is State.WORKING  # noqa: E731
        hands = Hands(desk.host.keyboard, ear, desk.clock, busy)
        typing = Typing(session, text, known_profile(desk.agents, session.agent), hands)
        wanted = lambda: not context.facts.sessions[session.id].stop  # noqa: E731
        waits = typing.ready(READY_S, wanted)
        if waits is not None:
            words = f"{session.id}: {waits.why}; nothing was typed"
            hint = ATTACH if waits.hint == ANSWER and not session.talk.asked else waits.hint
            raise Refused(words, hint=hint.format(id=session.id))
        told = {"session": session.id, "how": "typed"}
        doubt = {**told, "delivery": "unconfirmed", "why": LEFT}
        yield Doubt(doubt, (e.TypingIntended(session.id, len(text)),))
        typed = typing.type(wanted)
        yield Done({**told, "delivery": typed.fate, "why": typed.why}, (typed,))


def _goes_on(session: Session, context: Context) -> bool:
    """Its agent can be told something by another attempt in the same conversation."""
    if session.agent == UNDO or not session.talk.mode:
        return False
    return bool(context.desk.agents.profile(session.agent).resumable)


def _begins_again(session: Session) -> bool:
    """Its agent rests; where it keeps no conversation it is told its task as well."""
    return session.agent not in (UNDO, SHELL) and session.stage in (*AT_REST, Stage.LIMITED)


def _queue(session: Session, args: Answer, context: Context) -> Stream:
    if session.active or session.stage is Stage.LIMITED:
        yield Done({"session": session.id, "how": "queued"}, (e.MessageQueued(session.id, args["text"]),))
        return
    if session.stage not in AT_REST:
        raise Refused(f"{session.id} is {session.stage.value}", hint=f"swarmctl show {session.id}")
    context.desk.agents.check(session.agent)
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
