"""What the keys of the list ask of the supervisor, and what is said when it answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from textual.notifications import SeverityLevel

from swarmctl.app.client import caller_env
from swarmctl.app.here import Here
from swarmctl.app.inbox import new_command_id
from swarmctl.app.ledger import nothing_ran
from swarmctl.core.attention import need_in
from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.errors import SwarmError
from swarmctl.core.landing import Landing
from swarmctl.core.task import Terms
from swarmctl.surfaces.tui.crew import names_of, sessions_words
from swarmctl.surfaces.tui.dialogs import Choose
from swarmctl.surfaces.tui.picks import OPTIONS, PICK, Picks, what_follows
from swarmctl.surfaces.tui.rows import Frame, Row
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

if TYPE_CHECKING:
    from swarmctl.app.request import Wanted

SOURCE = "the task"
"""What a refusal speaks of."""
TAKE_BACK, LAND = "take back", "land"
HALF_DONE = ("failed", "unknown", "budget", "interrupted")
"""Needs of those whose agent did not come to its end, nor was stopped by a person."""
SENT = {"queued": "its agent hears it at the end of its turn", "resumed": "its agent goes on with it"}


@dataclass(frozen=True, slots=True)
class Wish:
    """A task as it was written and chosen; empty: as the settings have it."""

    prompt: str
    agent: str = ""
    model: str = ""
    effort: str = ""
    permission: str = "edit"
    mode: str = "auto"
    target: str = ""
    lands: str = "if_auto"
    attempts: str = "1"
    command: str = ""
    """Of the shell, which does it instead of an agent."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A task that was begun here, before the list knows it."""

    task: str
    beside: str
    """What was selected then."""


class Submit:
    def __init__(self, station: Callable[[], Station]) -> None:
        self._station = station
        self._picks = Picks()
        self.begun: Begun | None = None

    def on_row(self, row: Row | None, kind: str, said: str, *, env: bool = False) -> None:
        if row is not None:
            args: dict[str, Any] = {"id": row.key, **({"env": caller_env()} if env else {})}
            self._ask(kind, args, said.format(row.key, **self._station().words))

    def _ask(self, kind: str, args: dict[str, Any], said: str | Callable[[], str]) -> None:
        """What is said may have to be looked up."""
        station = self._station()

        def tell(_: object) -> None:
            if isinstance(said, str):
                station.say(said)
            else:
                station.in_background(said, station.say)

        station.ask(kind, args, tell)

    def merge(self, row: Row) -> None:
        """What may be half done after a question."""

        def said(answer: str | None) -> None:
            if answer == LAND:
                place = self._station().place
                self._ask("merge", {"id": row.key}, partial(queued_words, place, row.key))

        if row.session is None or need_in(row.session, row.task) not in HALF_DONE:
            said(LAND)
            return
        options = [(LAND, "Land what is there"), ("leave", "Leave it as it is")]
        why = one_line(row.task.reason or row.session.reason)
        about = f"{row.state}: {why}. It may be half done; it lands if its gates pass all the same."
        self._station().push_screen(Choose(f"Land {row.key} as it is?  {row.title}", options, about), said)

    def new(self, place: Here, wish: Wish) -> Callable[[], None]:
        """In a thread. Nobody waits for it: it stops at ready, unless [merge] auto lands it."""
        answer, entries = run(place, wish)
        notices: list[str] = []
        with suppress(SwarmError):
            notices = place.notices(answer.get("uncommitted", []), answer["target"])

        def after() -> None:
            station = self._station()
            if station.place == place:
                self.begun = Begun(answer["tasks"][0]["id"], station.selected)
            station.say(f"{answer['tasks'][0]['title']}: {_who(entries, station.words['compare'])}")
            for notice in notices:
                station.notify(one_line(notice), severity="warning", timeout=8, markup=False)

        return after

    def send(self, row: Row, place: Here, text: str) -> Callable[[], None]:
        """In a thread."""
        args = {"id": row.key, "text": text, "now": False, "env": caller_env()}
        client = place.client()
        try:
            answer = client.ask("send", args)
        except SwarmError as error:
            if error.hint == f"swarmctl attach {row.key}":
                error.hint = f"esc, then {self._station().words['attach']} at {row.key} opens its terminal"
            raise
        finally:
            client.hang_up()
        how = SENT.get(str(answer.get("how")), str(answer.get("why", "")))
        return lambda: self._station().say(f"told {row.key}: {answer.get('delivery') or how}")

    def answer(self, row: Row, said: str | None) -> None:
        if said is not None:
            self._ask("answer", {"id": row.key, "answer": said, "why": ""}, f"told {row.key}: {said}")

    def undo(self, session: str) -> None:
        self._ask("undo", {"id": session}, f"{session} is back")

    def take_back(self, row: Row, landing: Landing) -> None:
        """Of all landings this one, after a question."""

        def said(answer: str | None) -> None:
            if answer == TAKE_BACK:
                words = f"a commit that takes {row.key} back stands in the merge queue"
                self._ask("undo", {"id": "", "landing": landing.commit}, words)

        title = f"Take back the landing of {row.key}?  {row.title}"
        options = [(TAKE_BACK, "Take it back"), ("leave", "Leave it as it is")]
        about = (
            f"Commit {landing.commit[:10]} on {one_line(landing.target)}: a new commit undoes it, and lands once it "
            "passed the gates. Nothing is rewritten."
        )
        self._station().push_screen(Choose(title, options, about), said)

    def pick(self, name: str, title: str, others: int) -> None:
        station = self._station()
        place = station.place

        def submit() -> int:
            client = place.client()
            try:
                client.ask("pick", {"id": name})
            finally:
                client.hang_up()
            with place.glance() as board:
                return board.facts.seq

        def taken(seq: int) -> None:
            if station.place is not place:
                return
            self._picks.begin(name, seq)
            station.say(f"{name} stands in the merge queue; the others wait for its landing")

        def said(answer: str | None) -> None:
            if answer == PICK:
                station.asking(submit, taken)

        about = what_follows(others, station.words["undo"])
        station.push_screen(Choose(f"Pick {name}?  {one_line(title)}", OPTIONS, about), said)

    def tell_picks(self, frame: Frame) -> None:
        """What came of what was picked here."""
        for result in self._picks.results(frame, self._station().words["undo"]):
            severity: SeverityLevel = "information" if result.landed else "warning"
            self._station().notify(result.words, severity=severity, timeout=10, markup=False)

    def forget_picks(self) -> None:
        """They were of another repository."""
        self._picks.forget()
        self.begun = None

    def land(self, target: str) -> None:
        self._ask("land", {"target": target}, "what was parked goes on")


def queued_words(place: Here, name: str) -> str:
    """In a thread."""
    with suppress(SwarmError):
        if not place.settings().gates:
            return f"{name} lands without gates: swarmctl init finds what could be one"
    return f"{name} stands in the merge queue"


def run(place: Here, wish: Wish) -> tuple[dict[str, Any], list[Wanted]]:
    """What the supervisor answered, and what it was asked. Choosing an agent starts its program once.

    Where the ledger is gone nobody begins another one by a key: it may come back.
    """
    from swarmctl.app.choose import choose
    from swarmctl.app.request import Several, from_words

    place.require_room()
    nothing_ran(place.paths)
    names = () if wish.command else names_of(wish.agent)
    several = Several(int(wish.attempts), names if len(names) > 1 else ())
    chosen = cache(lambda named: choose(place, named or ("" if several.agents else wish.agent)))
    terms = from_plain(Terms, {name: getattr(wish, name) for name in ("mode", "permission", "model", "effort")})
    words = [wish.prompt] if wish.prompt.strip() else []
    wanted = from_words(words, wish.command, chosen, terms, several, SOURCE)
    args = {
        "run": new_command_id(),
        "waits": False,
        "lands": wish.lands,
        "target": wish.target or place.settings().merge.target,
        "env": caller_env(),
        "tasks": [to_plain(task) for task in wanted],
    }
    client = place.client()
    try:
        return client.ask("run", args), wanted
    finally:
        client.hang_up()


def _who(entries: Sequence[Wanted], compare: str) -> str:
    names = tuple(dict.fromkeys(task.agent for task in entries))
    if len(entries) > 1:
        return f"{sessions_words(names, len(entries) // len(names))}; {compare} compares them"
    return f"by {', '.join(filter(None, (*names, entries[0].terms.why)))}"
