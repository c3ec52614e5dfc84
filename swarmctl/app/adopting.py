"""`adopt`: a worktree that a person made, and the agent that he started in it, become a session like any other."""

from __future__ import annotations

from swarmctl.app.commands import Answer, Context, Done, Stream
from swarmctl.core import events as e
from swarmctl.core.codec import from_plain
from swarmctl.core.errors import Refused
from swarmctl.core.handmade import Handmade
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.session import ProcessId
from swarmctl.core.task import Lands
from swarmctl.core.values import dataclass
from swarmctl.flow.session.takeover import is_free
from swarmctl.flow.task.intake import Wanted, check_order, title_of


@dataclass(frozen=True, slots=True)
class New:
    """The names of what comes into being, and what it is made of."""

    run: RunId
    task: TaskId
    session: SessionId
    found: Handmade
    target: str


def adopt(args: Answer, context: Context) -> Stream:
    """What is to be taken over is written down here; the engine takes it over, and may be killed at it."""
    facts, desk, new_id = context.facts, context.desk, context.shop.new_id
    refuse_a_sessions(args["path"], facts)
    if args["task"]:
        check_order([Wanted("adopt", args["task"])], "the request")
    found = desk.worktrees.look_at(args["path"], args["target"])
    refuse_a_sessions(found.path, facts)
    _refuse_a_target(found, context)
    desk.agents.check(args["agent"])
    target = desk.worktrees.base(args["target"], fetch=False).target
    new = New(RunId(new_id()), TaskId(new_id()), SessionId(new_id()), found, target)
    prompt = args["task"] or found.subject or found.branch
    process = from_plain(ProcessId, args["process"]) if args["process"] else None
    conversation = args["conversation"] if is_free(args["conversation"], facts) else ""
    context.shop.envs[new.run] = args["env"]
    events: e.Batch = (
        e.RunSubmitted(new.run, False, _lands(args, context), target),
        e.TaskAdded(new.task, new.run, 1, title_of(prompt), prompt, args["agent"]),
        _planned(new, args["agent"], context),
        e.AdoptionIntended(new.session, found.head, process, args["server"], args["pane"]),
        *((e.ConversationKnown(new.session, conversation),) if conversation else ()),
    )
    yield Done(_answer(new, conversation), events)


def _planned(new: New, agent: str, context: Context) -> e.SessionPlanned:
    return e.SessionPlanned(
        session=new.session,
        task=new.task,
        run=new.run,
        agent=agent,
        branch=new.found.branch,
        target=new.target,
        base=new.found.fork,
        base_name=new.target,
        worktree=new.found.path,
        port_base=context.shop.port_base(context.facts),
    )


def _answer(new: New, conversation: str) -> Answer:
    return {
        "session": new.session,
        "task": new.task,
        "run": new.run,
        "worktree": new.found.path,
        "branch": new.found.branch,
        "base": new.found.fork,
        "target": new.target,
        "conversation": conversation,
    }


def _lands(args: Answer, context: Context) -> Lands:
    """Nobody waits for it."""
    return "auto" if args["lands"] and context.desk.settings().merge.auto else "no"


def _refuse_a_target(found: Handmade, context: Context) -> None:
    """The branch would move under whoever is at work in its worktree."""
    targets = {session.target for session in list(context.facts.live.values())}
    if found.branch in targets | {context.desk.settings().merge.target}:
        words = f"{found.path} has {found.branch} checked out, a branch that work lands on"
        raise Refused(words, hint=f"git -C {found.path} switch -c NAME")


def refuse_a_sessions(path: str, facts: Facts) -> None:
    for session in facts.sessions.where("worktree", path):
        if session.place == "present" or session.active:
            raise Refused(f"{path} is the worktree of session {session.id}", hint=f"swarmctl show {session.id}")
