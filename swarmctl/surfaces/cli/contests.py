"""Commands for several attempts at one task: compare, pick."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from swarmctl.app.client import Command
from swarmctl.app.comparing import Comparing
from swarmctl.app.contests import Entry, Ranking, contest_of
from swarmctl.app.here import Here, here, here_to_read
from swarmctl.core.contest import Rehearsal
from swarmctl.core.events import Event
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.money import line_plain
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.cli.progress import plain_progress, progress
from swarmctl.surfaces.cli.ranked import show_ranking
from swarmctl.surfaces.cli.summary import finished, results_plain
from swarmctl.surfaces.cli.waiting import Waited, one_landing, see_through
from swarmctl.surfaces.words.ranking import next_of

app = typer.Typer()

PATIENCE_S = 20.0
"""After the landing, for the others to be put away."""


@app.command()
def compare(
    sessions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]…", help="A contest, one of its sessions, or several sessions of one base."),
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="First gate what was not gated on the target as it is; nothing lands.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show how several attempts at one task stand: the newest contest, or the sessions that you name.

    Ranked by hard evidence: gates, tests, the size of the change, warnings. What is equal is called a tie; what failed,
    conflicts or did nothing comes last, with its reason.
    """
    names = sessions or []
    if gate:
        _gate(here(), names)
    ranking = Comparing(here_to_read(), names).look()
    if as_json:
        out.data(plain(ranking))
        return
    show_ranking(ranking)
    if step := next_of(ranking):
        out.say(step)


@dataclass(frozen=True, slots=True)
class Gated:
    """Sessions of which the gates were asked; whoever leaves, they go on."""

    names: tuple[SessionId, ...]
    rejoin: Command

    def is_over(self, facts: Facts) -> bool:
        known: list[Rehearsal | None] = [facts.rehearsals.get(name) for name in self.names]
        return not any(each is not None and each.is_due for each in known)

    def concerns(self, event: Event, facts: Facts) -> bool:
        return getattr(event, "session", None) in self.names

    def leave(self, facts: Facts) -> Sequence[Command]:
        due = [name for name in self.names if (known := facts.rehearsals.get(name)) is not None and known.is_due]
        return tuple(("stop", {"id": name, "why": "interrupted"}) for name in due)

    def goes_on(self, facts: Facts) -> list[str]:
        return []


def _gate(place: Here, names: Sequence[str]) -> None:
    client = place.client(complain)
    client.greet()
    board = client.board()
    asked = client.ask("rehearse", {"ids": list(names)})["asked"]
    gated = Gated(tuple(SessionId(name) for name in asked), ("rehearse", {"ids": list(names)}))
    _, interrupted = see_through(gated, client, board, plain_progress(as_json=False))
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)


@app.command()
def pick(
    session: Annotated[
        str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="NDJSON on stdout; the last line is `run.finished`.")] = False,
) -> None:
    """Land one of several attempts through the queue, and put the others away.

    It is gated again on the tree that lands. Once it landed, the others are stopped, their worktrees go to the trash
    with a checkpoint, and their heads stay under refs/swarm/kept/; `swarmctl undo ID` brings one back. If the gates
    refuse it, nothing happens to the others.
    """
    client = here().client(complain)
    client.greet()
    board = client.board()
    answer = client.ask("pick", {"id": session})
    picked = Picked(one_landing(answer), SessionId(answer["session"]), str(answer["contest"]))
    run = RunId(answer["run"])
    facts, interrupted = see_through(picked, client, board, progress(run, as_json))
    task = facts.tasks[picked.landing.only or facts.sessions[picked.session].task]
    ranking = contest_of(facts, [picked.contest], now=time.time())
    if as_json:
        out.data(finished(facts, run))
    else:
        show_ranking(ranking)
        for entry in left_over(ranking):
            out.say(f"{entry.name} is not put away yet: swarmctl why {entry.name}")
    outcome = task.outcome or Outcome.UNKNOWN
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted and outcome is not Outcome.LANDED else EXIT_OF[outcome])


@dataclass(frozen=True, slots=True)
class Picked:
    """The landing of what was picked, and after that, for a while, the end of the others."""

    landing: Waited
    session: SessionId
    contest: str

    @property
    def rejoin(self) -> Command:
        return ("pick", {"id": self.session})

    def is_over(self, facts: Facts) -> bool:
        if not self.landing.is_over(facts):
            return False
        landed = facts.sessions[self.session].outcome is Outcome.LANDED
        late = time.time() - (facts.contests[self.contest].decided_at or 0.0) > PATIENCE_S
        return not landed or late or not left_over(contest_of(facts, [self.contest]))

    def concerns(self, event: Event, facts: Facts) -> bool:
        return self.landing.concerns(event, facts)

    def leave(self, facts: Facts) -> Sequence[Command]:
        return self.landing.leave(facts)

    def goes_on(self, facts: Facts) -> list[str]:
        return self.landing.goes_on(facts)


def left_over(ranking: Ranking) -> list[Entry]:
    """Those that are not put away yet although another one landed."""
    others = [entry for entry in ranking.entries if entry.name != ranking.picked] if ranking.decided else []
    return [entry for entry in others if not _is_away(entry, ranking)]


def _is_away(entry: Entry, ranking: Ranking) -> bool:
    if entry.session is None:
        return entry.task.outcome is not None
    landed = entry.session.outcome is Outcome.LANDED
    return landed or (entry.session.id in ranking.aside and entry.task.reason == entry.session.reason)


def plain(ranking: Ranking) -> dict[str, Any]:
    return {
        "kind": "compare",
        "contest": ranking.id or None,
        "title": ranking.title,
        "base": ranking.base,
        "base_name": ranking.base_name,
        "target": ranking.target,
        "picked": ranking.picked,
        "decided": ranking.decided,
        "best": ranking.best.name if ranking.best is not None else None,
        "entries": [_entry_plain(entry) for entry in ranking.entries],
        "uneven": [{"path": path, "sessions": list(who)} for path, who in ranking.uneven.items()],
    }


def _entry_plain(entry: Entry) -> dict[str, Any]:
    session, known, evidence = entry.session, entry.rehearsal, entry.evidence
    return {
        "rank": entry.rank,
        "tied": entry.tied,
        "task": entry.task.id,
        "session": session.id if session is not None else None,
        "agent": entry.agent,
        "stage": session.stage.value if session is not None else None,
        "outcome": entry.task.outcome.value if entry.task.outcome is not None else None,
        "ready": entry.is_ready,
        "head": (session.head or None) if session is not None else None,
        "gates": results_plain(known.results if known is not None else ()),
        "gated_on": known.base if known is not None and known.was_gated else None,
        "red": list(known.red) if evidence is not None and known is not None else None,
        "tests": evidence.tests if evidence is not None else None,
        "warnings": evidence.warnings if evidence is not None else None,
        "size": asdict(evidence.size) if evidence is not None else None,
        "cost": line_plain(entry.cost),
        "seconds": entry.seconds,
        "reason": entry.reason,
    }
