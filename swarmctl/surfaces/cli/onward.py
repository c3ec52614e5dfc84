"""Commands by which a session goes on otherwise: sync, handoff."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from swarmctl.app.choose import choose
from swarmctl.app.client import Client, caller_env
from swarmctl.app.find import find_session
from swarmctl.app.here import Here, here
from swarmctl.app.onward import refuse_taker
from swarmctl.core import events as e
from swarmctl.core.agent import Profile
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events.onward import SyncBegun, Synced
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome
from swarmctl.core.session import Session
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.cli.progress import progress
from swarmctl.surfaces.cli.waiting import Waited, one_task, see_through, wait_for
from swarmctl.surfaces.cli.work import DETACH, ID, JSON, by_title, detached
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.steps import next_step

app = typer.Typer()

STOPS_IN_S = 60.0
WORDS = {
    "up_to_date": "{target} at {base:.10} is in {branch} already",
    "merged": "{target} at {base:.10} merged into {branch}; nothing had to be resolved",
    "resolved": "{target} at {base:.10} is in {branch}; its agent resolved what conflicted",
    "reran": "{target} at {base:.10} merged into {branch}, and the command ran anew",
    "not_merged": "{target} is not in {branch}",
}


@app.command()
def sync(
    session: ID,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait; the session is synced all the same.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="NDJSON on stdout; the last line is `sync`.")] = False,
) -> None:
    """Bring the target into a session's worktree, so that it can land again.

    A clean merge is committed on the session's branch without starting anything; a command (--exec) runs anew on it. A
    conflict stays in the worktree and starts the session's agent, in its conversation, to resolve it; leftover markers
    are no success. A running session is synced at the end of its agent's turn. The gates decide as ever. Ends with 0
    where the target is in and nothing had to be resolved, else with what the session came to.
    """
    client = here().client(complain)
    client.greet()
    board = client.board()
    answer = client.ask("sync", {"id": session, "env": caller_env()})
    if detach or answer["how"] == "queued":
        board.__exit__()
        _begun(answer, as_json)
        return
    again = ("sync", {"id": answer["session"], "env": caller_env(), "again": True})
    leave = ("stop", {"id": answer["session"], "why": "interrupted"})
    since = board.facts.seq
    waited = Waited(RunId(answer["run"]), TaskId(answer["task"]), again, leave)
    facts, interrupted = see_through(waited, client, board, progress(waited.run, as_json))
    with client.board() as history:
        about = history.about(facts.tasks[TaskId(answer["task"])])
        news = [stamped.event for stamped in about if stamped.seq > since]
    _say_how(facts.sessions[SessionId(answer["session"])], facts, news, as_json)
    _end(facts.sessions[SessionId(answer["session"])], facts, news, interrupted)


def _begun(answer: dict[str, Any], as_json: bool) -> None:
    words = {"queued": "is brought in at the end of its agent's turn", "begun": "is being brought in"}
    if as_json:
        out.data({"kind": "sync", "session": answer["session"], "target": answer["target"], "how": answer["how"]})
    else:
        out.text(f"{answer['session']}: {answer['target']} {words[answer['how']]}")


def _how(session: Session, news: list[e.Event]) -> str:
    synced = next((event for event in news if isinstance(event, Synced) and event.session == session.id), None)
    begun = next((event for event in news if isinstance(event, SyncBegun) and event.session == session.id), None)
    if synced is None:
        return "not_merged"
    if _started(session, news):
        return "reran" if session.agent == "shell" else "resolved"
    return "up_to_date" if begun is not None and begun.ours == synced.head else "merged"


def _started(session: Session, news: list[e.Event]) -> bool:
    return any(isinstance(event, e.SessionStarted) and event.session == session.id for event in news)


def _say_how(session: Session, facts: Facts, news: list[e.Event], as_json: bool) -> None:
    outcome, how = facts.tasks[session.task].outcome or Outcome.UNKNOWN, _how(session, news)
    name = session.base_name if how != "not_merged" else session.target
    if as_json:
        fields = {"session": session.id, "target": name, "how": how, "base": session.base, "head": session.head}
        out.data({"kind": "sync", **fields, "outcome": outcome.value, "reason": facts.tasks[session.task].reason})
        return
    out.text(WORDS[how].format(target=name, base=session.base, branch=session.branch))
    reason = f": {facts.tasks[session.task].reason}" if facts.tasks[session.task].reason else ""
    out.text(one_line(f"{session.id}  {outcome.value}{reason}"))
    if step := next_step(outcome, session.id, session.agent):
        out.say(step)


def _end(session: Session, facts: Facts, news: list[e.Event], interrupted: bool) -> None:
    outcome = facts.tasks[session.task].outcome or Outcome.UNKNOWN
    alone = _how(session, news) in ("up_to_date", "merged")
    code = ExitCode.INTERRUPTED if interrupted else ExitCode.OK if alone else EXIT_OF[outcome]
    raise typer.Exit(code)


@app.command()
def handoff(
    session: ID,
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="Who takes it over.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="Its model; default: its own choice.")] = "",
    message: Annotated[str, typer.Option("-m", metavar="TEXT", help="What else to tell it.")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Stop the session's agent first, at a safe point.")] = False,
    detach: DETACH = False,
    as_json: JSON = False,
) -> None:
    """Give a session to another agent: the same worktree and branch, another attempt, a conversation of its own.

    It is told the task, what was tried, the last failing evidence, the diff and its checkpoint. It can be handed back.
    """
    place = here()
    place.require_room()
    chosen = choose(place, agent)
    client = place.client(complain)
    client.greet()
    if stop:
        _stop_first(place, client, session, chosen.profile, model)
    board = client.board()
    args = {"id": session, "agent": chosen.agent, "model": model, "message": message, "env": caller_env()}
    answer = client.ask("handoff", {**args, "waits": not detach})
    if detach:
        detached(by_title(answer, board.facts), as_json)
    wait_for(one_task(answer), client, board, as_json)


def _stop_first(place: Here, client: Client, name: str, taker: Profile | None, model: str) -> None:
    """It rests when this returns; one that rests already is left alone, and so is one that cannot be handed over."""
    with place.board() as board:
        session = find_session(board.facts, name)
        if not session.active:
            return
        if taker is not None:
            refuse_taker(session, board.facts.tasks[session.task], taker, model)
        client.ask("stop", {"id": session.id, "why": "handed over"})
        end = time.monotonic() + STOPS_IN_S
        for _ in client.follow(board, None, lambda facts: _rests(facts, session.id) or time.monotonic() > end):
            pass
        if not _rests(board.facts, session.id):
            words = f"{session.id} does not come to its end"
            raise EnvironmentFault(words, hint=f"swarmctl why {session.id}, then try again")


def _rests(facts: Facts, session: SessionId) -> bool:
    return not facts.sessions[session].active and facts.tasks[facts.sessions[session].task].outcome is not None
