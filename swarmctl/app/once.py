"""A command is carried out once, however often it is submitted: its decision and its answer are one entry of the log.

Whoever submits it again is answered from there, and waits again for what he waited for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator

from swarmctl.app import adopting, commands, contests, leaving, onward, rejecting, talking, undoing
from swarmctl.app.commands import Answer, Context, Done, Doubt, Stream, joined
from swarmctl.app.line import fault_to_plain
from swarmctl.core import events as e
from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.session import IN_QUEUE, Stage

HANDLERS: dict[str, Callable[[Answer, Context], Stream]] = {
    "run": commands.run,
    "join": commands.join,
    "leave": commands.leave,
    "stop": commands.stop,
    "resume": commands.resume,
    "merge": commands.merge,
    "pick": contests.pick,
    "rehearse": contests.rehearse,
    "land": commands.land,
    "rm": commands.rm,
    "undo": undoing.undo,
    "approve": commands.approve,
    "send": talking.send,
    "answer": talking.answer,
    "sync": onward.sync,
    "handoff": onward.handoff,
    "resume_all": onward.resume_all,
    "adopt": adopting.adopt,
    "abroad": leaving.abroad,
    "reject": rejecting.reject,
}
Reply = dict[str, Answer]
"""`answer` or `error`, as the caller is told it."""


def carry_out(command: str, kind: str, args: Answer, context: Context) -> Generator[e.Event | e.Batch, None, Reply]:
    known = context.facts.answers.get(command)
    if known is not None:
        told: Reply = json.loads(known.answer)
        yield _wait_again(kind, told.get("answer", {}), args, context)
        return told
    reply: Reply = {}
    try:
        for step in HANDLERS[kind](args, context):
            if isinstance(step, Done):
                reply = {"answer": step.answer}
                yield (*step.events, _done(command, kind, reply))
            elif isinstance(step, Doubt):
                yield (*step.events, _done(command, kind, {"answer": step.answer}))
            else:
                yield step
    except SwarmError as error:
        if reply:
            yield e.Noticed(None, f"{kind}: {error.message}")
        else:
            reply = {"error": fault_to_plain(error)}
            yield _done(command, kind, reply)
    return reply


def _done(command: str, kind: str, reply: Reply) -> e.CommandDone:
    return e.CommandDone(command, kind, json.dumps(reply))


def _wait_again(kind: str, answer: Answer, args: Answer, context: Context) -> e.Batch:
    """A restart forgets who waits, and so does the end of a connection."""
    facts = context.facts
    if kind in ("sync", "handoff", "resume_all"):
        for name in [answer.get("run"), *(each["run"] for each in answer.get("resumed", ()))]:
            context.shop.envs.setdefault(RunId(str(name)), args["env"])
    run = facts.runs.get(RunId(str(answer.get("run"))))
    if run is not None and args.get("waits") and "env" in args:
        only = answer["task"] if kind in ("resume", "handoff") else args.get("task", "")
        return tuple(joined(run, {**args, "task": only}, context))
    session = facts.sessions.get(SessionId(str(answer.get("session"))))
    if kind not in ("merge", "pick", "undo") or session is None or session.asked_to_land:
        return ()
    if session.stage is not Stage.READY and session.stage not in IN_QUEUE:
        return ()
    again = (e.TaskReopened(session.task), e.MergeAsked(session.id, kind))
    return (*again, e.Picked(session.id)) if kind == "pick" else again
