"""Many sessions waited for at once, whatever runs they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import typer

from swarmctl.app.board import Board
from swarmctl.app.client import Client, Command, caller_env
from swarmctl.core.events import Event
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome, worst
from swarmctl.core.values import dataclass
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.closing import unfinished
from swarmctl.surfaces.cli.progress import plain_progress
from swarmctl.surfaces.cli.summary import task_plain
from swarmctl.surfaces.cli.waiting import see_through
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.steps import next_step


@dataclass(frozen=True, slots=True)
class Several:
    tasks: Sequence[TaskId]
    runs: Sequence[str]

    @property
    def rejoin(self) -> Command:
        return ("resume_all", {"runs": list(self.runs), "env": caller_env()})

    def is_over(self, facts: Facts) -> bool:
        return all(facts.tasks[task].outcome is not None for task in self.tasks)

    def concerns(self, event: Event, facts: Facts) -> bool:
        session = facts.sessions.get(SessionId(str(getattr(event, "session", ""))))
        task = session.task if session is not None else getattr(event, "task", None)
        return task in self.tasks

    def leave(self, facts: Facts) -> Sequence[Command]:
        left = [facts.tasks[task] for task in self.tasks if facts.tasks[task].outcome is None]
        return [("stop", {"id": task.session or task.id, "why": "interrupted"}) for task in left]

    def goes_on(self, facts: Facts) -> list[str]:
        return unfinished(facts, [facts.tasks[task] for task in self.tasks])


def all_of_them(answer: dict[str, Any], client: Client, board: Board, detach: bool, as_json: bool) -> NoReturn:
    """A line for each at once, and one for each when all are over; ends with the worst of their exit codes."""
    tasks, refused = [TaskId(each["task"]) for each in answer["resumed"]], answer["refused"]
    if not as_json:
        _begun(answer)
    if detach:
        if as_json:
            out.data({"kind": "resume.detached", **answer})
        raise typer.Exit(ExitCode.REFUSED if refused else ExitCode.OK)
    several = Several(tasks, [each["run"] for each in answer["resumed"]])
    facts, interrupted = see_through(several, client, board, plain_progress(as_json))
    found = [facts.tasks[task] for task in tasks]
    outcomes = [task.outcome or Outcome.UNKNOWN for task in found] + [Outcome.REFUSED for _ in refused]
    if as_json:
        plain = [task_plain(facts, task) for task in found]
        whole = worst(outcomes).value if outcomes else None
        out.data({"kind": "resume.finished", "outcome": whole, "tasks": plain, "refused": refused})
    for task in () if as_json else found:
        outcome = task.outcome or Outcome.UNKNOWN
        out.text(one_line(f"{task.session or task.id}  {outcome.value}  {task.title}  {task.reason}".rstrip()))
        if step := next_step(outcome, task.session or task.id, task.agent):
            out.say(step)
    code = EXIT_OF[worst(outcomes)] if outcomes else ExitCode.OK
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted else code)


def _begun(answer: dict[str, Any]) -> None:
    for each in answer["resumed"]:
        out.text(one_line(f"{each['id']}  goes on  {each['title']}"))
    for each in answer["refused"]:
        out.text(one_line(f"{each['id']}  stays     {each['title']}: {each['why']}"))
        if each["hint"]:
            out.say(one_line(f"hint: {each['hint']}"))
    if not answer["resumed"] and not answer["refused"]:
        out.say("nothing was interrupted; swarmctl ps shows what there is")
