"""What is to be done, by whom, and how: filled in as it was the last time, and refused with the words still there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from rich.text import Text
from textual.containers import Grid, Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from swarmctl.app.drafts import draft, keep_draft
from swarmctl.app.offers import Offer, Offers, offers
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.pick import Options, Pick
from swarmctl.surfaces.tui.submit import Submit, Wish
from swarmctl.surfaces.tui.writing import Writing
from swarmctl.surfaces.words.plain import one_line

DRAFT, LAST = "new", "last"
MAY = {
    "plan": "look, change nothing",
    "ask": "nothing unasked",
    "edit": "edit files unasked",
    "all": "everything unasked",
}
RUNS = {"auto": "as suits the agent", "interactive": "in its own interface", "headless": "headless"}
FREE = "its own choice"
STOPS = "stops at ready"
MOST_BRANCHES = 200
MOST_TRIES = 8


class NewTask(Writing):
    def __init__(self, submit: Submit) -> None:
        super().__init__("New task", DRAFT)
        self._submit = submit
        self._offers: Offers | None = None

    def choices(self) -> tuple[Widget, ...]:
        may = sorted(MAY.items(), key=lambda each: each[0] != "edit")
        boxes = (
            _field("agent", Pick("agent", [("looking for agents …", "")], is_known=False)),
            _field("may", Pick("permission", [(words, name) for name, words in may])),
            _field("model", Input(id="model", compact=True, placeholder=FREE)),
            _field("effort", Input(id="effort", compact=True, placeholder=FREE)),
            _field("runs", Pick("mode", [(words, name) for name, words in RUNS.items()])),
            _field("lands on", Pick("target", [("the default", "")], is_known=False)),
            _field("then", Pick("lands", [(STOPS, "if_auto")], is_known=False)),
            _field("tries", Pick("attempts", [(_tries(count), str(count)) for count in range(1, MOST_TRIES + 1)])),
        )
        return Grid(*boxes, id="choices"), Static(id="about-agent")

    def on_mount(self) -> None:
        super().on_mount()
        place = self.station.place
        self.station.in_background(lambda: offers(place), self._show_offers)

    def pick(self, name: str) -> Pick:
        return self.query_one(f"#{name}", Pick)

    def fields(self) -> dict[str, str]:
        chosen = {pick.id or "": pick.said for pick in self.query(Pick)}
        return {**super().fields(), **chosen, **{field.id or "": field.value.strip() for field in self.query(Input)}}

    def fill(self, fields: dict[str, str]) -> None:
        """A draft brings its choices; a new one has those of the last."""
        if fields:
            self._choose(fields)
            super().fill(fields)
            return
        place = self.station.place
        self.station.in_background(lambda: draft(place, LAST), self._choose)

    def _choose(self, fields: dict[str, str]) -> None:
        if not self.is_attached:
            return
        for field in self.query(Input):
            field.value = field.value or fields.get(field.id or "", "")
        for pick in self.query(Pick):
            if pick.id in fields:
                pick.wish(fields[pick.id])

    def _show_offers(self, found: Offers) -> None:
        if not self.is_attached:
            return
        self._offers = found
        agents = [(_agent_words(each), each.name) for each in found.agents]
        self.pick("agent").offer([(_default_words(found), ""), *agents])
        branches = found.branches[:MOST_BRANCHES]
        if branches:
            self.pick("target").offer([(branches[0], ""), *((name, name) for name in branches[1:])])
        if found.lands:
            self.pick("lands").offer([("lands by itself", "if_auto"), (STOPS, "no")])
        self._fit_to_agent()

    def on_select_changed(self, message: Select.Changed) -> None:
        if message.select.id == "attempts":
            self.pick("lands").disabled = message.value != "1"
        if message.select.id in ("agent", "mode"):
            self._fit_to_agent()

    def _fit_to_agent(self) -> None:
        """Only what it takes can be written or chosen."""
        if self._offers is None:
            return
        name = self.pick("agent").said
        offer = self._offers.called(name)
        self.query_one("#about-agent", Static).update(Text(_about(offer, name, self._offers)))
        if offer is None:
            return
        for field in self.query(Input):
            field.disabled = field.id not in offer.profile.takes
            field.placeholder = f"not with {offer.name}" if field.disabled else FREE
        several = len(offer.profile.modes) > 1
        self._narrow("mode", [(RUNS[mode], mode) for mode in ("auto", *(offer.profile.modes if several else ()))])
        self._narrow("permission", [(MAY[each], each) for each in offer.permissions(self.pick("mode").said)])

    def _narrow(self, name: str, options: Options) -> None:
        pick = self.pick(name)
        if options and pick.values != [value for _, value in options]:
            pick.offer(options)

    def send(self, fields: dict[str, str]) -> Callable[[], object]:
        place = self.station.place
        wish = Wish(**{name: fields[name] for name in Wish.__dataclass_fields__ if name in fields})
        after = self._submit.new(wish)
        with suppress(SwarmError):
            keep_draft(place, LAST, {name: value for name, value in fields.items() if name != "prompt"})
        return after


def _field(label: str, widget: Widget) -> Horizontal:
    return Horizontal(Label(label, classes="label"), widget, classes="field")


def _tries(count: int) -> str:
    return "one attempt" if count == 1 else f"{count} attempts, of which you pick one"


def _default_words(found: Offers) -> str:
    if not found.auto:
        return "no agent can be used here"
    return f"{found.auto}  {'best installed' if found.configured == 'auto' else 'your default'}"


def _agent_words(offer: Offer) -> str:
    if offer.why_not:
        return f"✗ {offer.name}  {offer.why_not}"
    return f"{offer.name}  level {offer.level}{f'  ! {offer.notice}' if offer.notice else ''}"


def _about(offer: Offer | None, name: str, found: Offers) -> str:
    """One line on who would do it."""
    if offer is None:
        known = bool(name or found.auto)
        return "" if known else "no agent is installed that could do it: swarmctl doctor says what is missing"
    if offer.why_not:
        return f"✗ {one_line(offer.why_not)}"
    why = ""
    if not name:
        why = "the best that is installed" if found.configured == "auto" else f"[agent] default = {offer.name!r}"
    parts = (f"{offer.description}, level {offer.level}", offer.version, why, offer.notice)
    return one_line(" · ".join(filter(None, parts)))
