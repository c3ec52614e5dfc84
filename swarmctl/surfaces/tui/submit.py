"""What the keys of the list ask of the supervisor, and what is said when it answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from swarmctl.app.choose import Chosen, choose
from swarmctl.app.client import caller_env
from swarmctl.app.here import Here
from swarmctl.app.inbox import new_command_id
from swarmctl.app.request import from_words
from swarmctl.core.codec import to_plain
from swarmctl.core.task import Terms
from swarmctl.surfaces.tui.rows import Row
from swarmctl.surfaces.tui.station import Station

SENT = {"queued": "its agent hears it at the end of its turn", "resumed": "its agent goes on with it"}


class Submit:
    def __init__(self, station: Callable[[], Station]) -> None:
        self._station = station

    def on_row(self, row: Row | None, kind: str, said: str, *, env: bool = False) -> None:
        if row is not None:
            args: dict[str, Any] = {"id": row.key, **({"env": caller_env()} if env else {})}
            self._ask(kind, args, said.format(row.key))

    def _ask(self, kind: str, args: dict[str, Any], said: str) -> None:
        station = self._station()
        station.ask(kind, args, lambda answer: station.say(said))

    def new(self, text: str | None) -> None:
        """Nobody waits for it: it stops at ready, unless [merge] auto lands it."""
        if text is None:
            return
        station = self._station()
        place = station.place

        def submit() -> tuple[dict[str, Any], Chosen]:
            return run(place, text)

        def said(done: tuple[dict[str, Any], Chosen]) -> None:
            answer, chosen = done
            station.say(f"{answer['tasks'][0]['title']}: by {chosen.agent}{f', {chosen.why}' if chosen.why else ''}")
            for notice in place.notices(answer.get("uncommitted", []), answer["target"]):
                station.notify(notice, severity="warning", timeout=8, markup=False)

        station.in_background(submit, said)

    def send(self, row: Row, text: str | None) -> None:
        if text is None:
            return
        station = self._station()
        args = {"id": row.key, "text": text, "now": False, "env": caller_env()}

        def said(answer: dict[str, Any]) -> None:
            how = SENT.get(str(answer.get("how")), str(answer.get("why", "")))
            station.say(f"told {row.key}: {answer.get('delivery') or how}")

        station.ask("send", args, said)

    def answer(self, row: Row, said: str | None) -> None:
        if said is not None:
            self._ask("answer", {"id": row.key, "answer": said, "why": ""}, f"told {row.key}: {said}")

    def undo(self, session: str) -> None:
        words = f"{session} is back" if session else "the last landing is taken back by a commit that the gates check"
        self._ask("undo", {"id": session}, words)

    def land(self) -> None:
        target = self._station().place.settings().merge.target
        self._ask("land", {"target": target}, "what was parked goes on")


def run(place: Here, text: str) -> tuple[dict[str, Any], Chosen]:
    """In a thread: choosing an agent starts its program once."""
    place.require_room()
    chosen = choose(place, "")
    wanted = from_words([text], "", lambda _: chosen, Terms())
    args = {
        "run": new_command_id(),
        "waits": False,
        "lands": "if_auto",
        "target": place.settings().merge.target,
        "env": caller_env(),
        "tasks": [to_plain(task) for task in wanted],
    }
    client = place.client()
    try:
        return client.ask("run", args), chosen
    finally:
        client.hang_up()
