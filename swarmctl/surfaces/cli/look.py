"""Commands that only read: they start nothing and change nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from swarmctl.app.board import Board
from swarmctl.app.costs import costs_of
from swarmctl.app.find import find_session
from swarmctl.app.gating import Running, gate_of
from swarmctl.app.glance import boot_id, tasks_at
from swarmctl.app.here import Here, database_here, everywhere, facts_here, here_to_read
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.core.ids import TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.core.task import Task
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.fast_ps import RECENT_S, left_out, table
from swarmctl.surfaces.cli.money import line_plain, session_cost
from swarmctl.surfaces.cli.reach import reach_lines, reach_of, reach_plain
from swarmctl.surfaces.cli.summary import proof_plain, task_plain
from swarmctl.surfaces.words.abroad import in_words
from swarmctl.surfaces.words.chain import chain_of, record_of, told_of
from swarmctl.surfaces.words.contest import contest_words, open_contest
from swarmctl.surfaces.words.limits import waits_of
from swarmctl.surfaces.words.narrate import exit_words
from swarmctl.surfaces.words.plain import age, one_line
from swarmctl.surfaces.words.proof import proof_words
from swarmctl.surfaces.words.steps import step_of

app = typer.Typer()

ID = Annotated[str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def ps(
    every: Annotated[bool, typer.Option("--all", help="Over every repository of yours.")] = False,
    all_tasks: Annotated[bool, typer.Option("--all-tasks", help="Also what finished long ago.")] = False,
    as_json: JSON = False,
) -> None:
    """List tasks with what is known of their sessions: what is not over, and what finished lately. Starts nothing."""
    places = list(everywhere()) if every else database_here()
    found = [(root, _rows(database, 0.0 if all_tasks else time.time() - RECENT_S)) for root, database in places]
    if as_json:
        rows = [{**row, "repository": str(root)} for root, (rows, _) in found for row in rows]
        out.data({"kind": "ps", "tasks": rows, "more": sum(more for _, (_, more) in found)})
        return
    if not found:
        out.text(table([], time.time()))
    for root, (rows, more) in found:
        if every:
            out.text(one_line(str(root)))
        out.text(table(rows, time.time()) + left_out(more))


def _rows(database: Path, since: float) -> tuple[list[dict[str, str | int | float | None]], int]:
    found = tasks_at(str(database), since)
    if found is not None:
        return found
    with Board(database):
        raise EnvironmentFault(f"{database} gives no answer", hint="swarmctl doctor")


@app.command()
def show(session: ID, as_json: JSON = False) -> None:
    """Show one session: where it is, how it stands, what proves it, and what to type next."""
    place = here_to_read()
    with place.glance() as board:
        task, found = _find(board.facts, session)
        reach = reach_of(found, board.about(task)) if found else (None, ())
        gate = gate_of(place, board, found) if found else None
        if as_json:
            plain = {**_plain(board.facts, task, found), "gate": to_plain(gate) if gate else None}
            out.data({"kind": "show", **plain, "reach": reach_plain(*reach)})
            return
        for name, value in _lines(board.facts, task, found):
            value = f"{value}: {gate_words(gate)}" if gate and name == "stage" else value
            out.hanging(f"{name:<11} ", one_line(value))
        for name, value in reach_lines(*reach):
            out.hanging(f"{name:<11} ", one_line(value))


def gate_words(gate: Running) -> str:
    return f"gate {gate.gate} runs for {age(time.time() - gate.since)}"


def _find(facts: Facts, name: str) -> tuple[Task, Session | None]:
    task = facts.tasks.get(TaskId(name))
    if task is not None and task.session is None:
        return task, None
    session = find_session(facts, name)
    return facts.tasks[session.task], session


def _plain(facts: Facts, task: Task, session: Session | None) -> dict[str, Any]:
    landing = facts.landings.get(session.id) if session else None
    return {
        "task": to_plain(task),
        "session": _session_plain(session) if session else None,
        "proof": proof_plain(landing.proof) if landing else None,
        "cost": line_plain(costs_of(facts, session.id).total) if session else None,
        "result": task_plain(facts, task),
    }


def _session_plain(session: Session) -> dict[str, Any]:
    truth = {"state": "exited", "state_why": "nothing was started"} if session.started_nobody else {}
    return {**to_plain(session), **truth}


def _lines(facts: Facts, task: Task, session: Session | None) -> list[tuple[str, str]]:
    lines = [("task", f"{task.id}  {task.title}"), ("agent", task.agent)]
    lines += [("contest", contest_words(facts, task))] if task.contest else []
    waits = waits_of(facts, task, session)
    if session is None:
        lines += [("waits", waits)] if waits else []
        return [*lines, ("outcome", task.outcome.value if task.outcome else "waiting"), ("reason", task.reason)]
    lines += [
        ("session", f"{session.id}, attempt {session.attempts}"),
        ("stage", session.stage.value),
        ("state", _state(session)),
        *([("waits", waits)] if waits else []),
        ("branch", f"{session.branch} from {session.base_name} at {session.base[:10]}, for {session.target}"),
        ("worktree", f"{session.worktree} ({session.place})"),
    ]
    if session.driven and session.adopted is not None and session.process is not None:
        pane = f", in pane {session.adopted.pane} of {session.adopted.server}" if session.adopted.pane else ""
        lines.append(("by hand", f"process {session.process.pid}{pane}; ended by nobody but you"))
    if session.talk.delivery.fate:
        typed = session.talk.delivery
        lines.append(("typed", f"{typed.fate}{f': {typed.why}' if typed.why else ''}"))
    if session.exit is not None:
        lines.append(("agent end", exit_words(session.exit)))
    if session.head:
        lines.append(("head", session.head))
    if session.checkpoint:
        lines.append(("checkpoint", session.checkpoint))
    if words := in_words(session.abroad):
        lines.append(("remote", words))
    cost = costs_of(facts, session.id)
    if cost.lines:
        lines.append(("cost", session_cost(cost)))
    landing = facts.landings.get(session.id)
    if landing is not None:
        lines.append(("proof", proof_words(landing.proof)))
        lines.append(("landing", f"{landing.commit[:10]} on {landing.target}" if landing.landed_at else "not landed"))
    if session.outcome is not None:
        lines += [("outcome", session.outcome.value), ("reason", session.reason or "-")]
    if step := step_of(session, open_contest(facts, task)):
        lines.append(("next", step))
    return lines


def _state(session: Session) -> str:
    """As it was seen last, unless the kernel knows better."""
    if session.stage is Stage.RUNNING and session.process and session.process.boot != boot_id():
        return "lost (the machine was restarted since)"
    if session.started_nobody:
        return "nothing runs"
    kind = f" for {session.state_kind}" if session.state_kind else ""
    until = f" until {time.strftime('%H:%M:%S', time.localtime(session.state_until))}" if session.state_until else ""
    return f"{session.state.value}{kind}{until} ({session.state_why})"


@app.command()
def why(session: ID, as_json: JSON = False) -> None:
    """Print the chain of evidence behind a state, a route or a refusal: every event about it, oldest first."""
    place = here_to_read()
    with place.glance() as board:
        task, found = _find(board.facts, session)
        chain = chain_of(board.about(task), task, found)
        if as_json:
            out.data({"kind": "why", "id": found.id if found else task.id, "events": [record_of(s) for s in chain]})
            return
        for told in told_of(board.facts, chain, task, found):
            clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(told.stamped.at))
            out.hanging(f"{told.stamped.seq:>6}  {clock}  ", told.words)
            for words in told.reasons:
                out.hanging(f"{'':29}", words)


@app.command()
def logs(
    session: ID,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until the session ends.")] = False,
    gates: Annotated[bool, typer.Option("--gates", help="The logs of its gates instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object; with -f one for each new part.")] = False,
) -> None:
    """Print what a session's terminal showed, secrets masked. `-f` follows it."""
    place = here_to_read()
    with place.board() as board:
        found = find_session(board.facts, session)
        if gates:
            _gate_logs(found.id, place.gate_logs(found), as_json)
            return
        if follow and found.active:
            from swarmctl.app.follow import Followed
            from swarmctl.surfaces.cli.following import show_all

            show_all(Followed(place.paths, board, found.id), as_json)
            return
        _part(found.id, place.log_text(found).splitlines(), as_json)


def _gate_logs(session: str, logs: list[tuple[str, str]], as_json: bool) -> None:
    if as_json:
        plain = [{"name": name, "text": words} for name, words in logs]
        out.data({"kind": "logs", "session": session, "gates": plain})
        return
    for name, words in logs:
        out.text(f"--- {one_line(name)}")
        out.text(words)


def _part(session: str, lines: list[str], as_json: bool) -> None:
    if as_json:
        out.data({"kind": "logs", "session": session, "text": "".join(f"{line}\n" for line in lines)})
    elif lines:
        out.text("\n".join(lines))


@app.command()
def diff(
    session: ID,
    stat: Annotated[bool, typer.Option("--stat", help="Only which files changed, and how much.")] = False,
    as_json: JSON = False,
) -> None:
    """Show what a session changed against its base, committed or not."""
    place = here_to_read()
    with place.glance() as board:
        found = find_session(board.facts, session)
        words = place.diff(found, stat=stat)
    if as_json:
        out.data({"kind": "diff", "session": found.id, "base": found.base, "diff": words})
    else:
        out.text(out.visible(words)) if words else out.say(f"{found.id} changed nothing")


@app.command()
def queue(as_json: JSON = False) -> None:
    """Show the merge queue in order; what is parked, and the last landings with their proofs."""
    with facts_here() as facts:
        waiting = sorted((s for s in facts.live.values() if s.stage in IN_QUEUE), key=lambda s: s.queued_at or 0)
        parked = [s for s in facts.live.values() if s.stage is Stage.PARKED]
        landed = facts.landings.last("landed_at", 10)
        if as_json:
            out.data(
                {
                    "kind": "queue",
                    "waiting": [
                        {"session": s.id, "position": s.stage.value, "gate": to_plain(gate) if gate else None}
                        for s, gate in _with_gates(waiting)
                    ],
                    "parked": [{"session": s.id, "reason": s.reason} for s in parked],
                    "landed": [
                        {"session": n.session, "commit": n.commit, "proof": proof_plain(n.proof)} for n in landed
                    ],
                }
            )
            return
        _queue_lines(facts, waiting, parked)
        for landing in landed:
            title = facts.tasks[facts.sessions[landing.session].task].title
            words = f"{landing.commit[:10]}  {one_line(title)}: {proof_words(landing.proof)}"
            out.text(f"landed   {landing.session}  {words}")


def _with_gates(waiting: list[Session]) -> Iterator[tuple[Session, Running | None]]:
    """Each with the gate that runs for it."""
    for session in waiting:
        if session.stage is not Stage.GATING:
            yield session, None
            continue
        place = here_to_read()
        with place.glance() as board:
            yield session, gate_of(place, board, session)


def _queue_lines(facts: Facts, waiting: list[Session], parked: list[Session]) -> None:
    for session, gate in _with_gates(waiting):
        words = f"{facts.tasks[session.task].title}{f': {gate_words(gate)}' if gate else ''}"
        out.text(f"{session.stage.value:<8} {session.id}  {one_line(words)}")
    for session in parked:
        out.text(f"parked   {session.id}  {one_line(session.reason)}")
    if not waiting and not parked:
        out.text("nothing waits in the queue")


@app.command()
def path(
    session: Annotated[str, typer.Argument(metavar="[ID]", help="Without ID: the state folder.")] = "",
    as_json: JSON = False,
) -> None:
    """Print the directory of a session, or the state folder of this repository."""
    place = here_to_read()
    where = _session_path(place, session) if session else place.paths.root
    out.data({"kind": "path", "path": str(where)}) if as_json else out.text(str(where))


def _session_path(place: Here, name: str) -> Path:
    with place.glance() as board:
        found = find_session(board.facts, name)
    if found.place in ("present", "returned"):
        return Path(found.worktree)
    raise UsageFault(f"{found.id} has no worktree ({found.place})", hint=f"swarmctl undo {found.id}")
