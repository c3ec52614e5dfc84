"""What is to be done, by whom, and how: filled in as it was the last time, and refused with the words still there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress

from rich.text import Text
from textual.containers import Grid, Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from swarmctl.app.drafts import draft, keep_draft
from swarmctl.app.forge import issue_as_task
from swarmctl.app.offers import Offer, Offers, offers
from swarmctl.core.contest import MOST
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.agent_box import AgentBox
from swarmctl.surfaces.tui.pick import Options, Pick
from swarmctl.surfaces.tui.start_words import SHELL, start_words
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
LANDS, STOPS, PICKED = ("lands by itself", "if_auto"), "stops at ready", "you pick one to land"
NEVER_LANDS = f"{STOPS}: [merge] auto is off"
MOST_BRANCHES = 200
NUMBER = "[0-9]{0,9}"
"""The library's own pattern of an integer takes for ever over a long one that is none."""
ONCE = ("prompt", "command", "issue", "attempts")
"""These are not what somebody wants again the next time."""

FIELDS = {
    "exec": "command",
    "permission": "may",
    "mode": "runs",
    **{name: name for name in ("agent", "model", "effort")},
}
CHOSEN = re.compile(r"--(permission|mode) ([a-z]+(?: or [a-z]+)*)$")
OPTION = re.compile(rf"--({'|'.join(FIELDS)})\b(?: '?[A-Z]+\b'?)?")


class NewTask(Writing):
    def __init__(self, submit: Submit) -> None:
        super().__init__("New task", DRAFT)
        self._title += f" in {one_line(self.place.repository.root.name)}"
        self._submit = submit
        self._offers: Offers | None = None

    def choices(self) -> tuple[Widget, ...]:
        may = sorted(MAY.items(), key=lambda each: each[0] != "edit")
        boxes = (
            _field("agent", AgentBox("agent")),
            _field("may", Pick("permission", [(words, name) for name, words in may])),
            _field("model", Input(id="model", compact=True, placeholder=FREE)),
            _field("effort", Input(id="effort", compact=True, placeholder=FREE)),
            _field("runs", Pick("mode", [(words, name) for name, words in RUNS.items()])),
            _field("lands on", Pick("target", [("the default", "")], is_known=False)),
            _field("then", Pick("lands", [(STOPS, "if_auto")], is_known=False)),
            _field("tries", Pick("attempts", _tries(1))),
            _field("command", Input(id="command", compact=True, placeholder="the shell runs it")),
            _field("issue", Input(id="issue", compact=True, placeholder="its number, ⏎ reads it", restrict=NUMBER)),
        )
        return Grid(*boxes, id="choices"), Static(id="about-agent")

    def on_mount(self) -> None:
        place = self.place
        self.station.asking(lambda: offers(place), self._show_offers, self._tell_that_unknown)

    def pick(self, name: str) -> Pick:
        return self.query_one(f"#{name}", Pick)

    @property
    def agents(self) -> AgentBox:
        return self.query_one(AgentBox)

    def fields(self) -> dict[str, str]:
        chosen = {pick.id or "": pick.said for pick in self.query(Pick)}
        written = {field.id or "": field.value.strip() for field in self.query(Input)}
        return {**super().fields(), "agent": self.agents.said, **chosen, **written}

    def is_something(self, fields: dict[str, str]) -> bool:
        return super().is_something(fields) or bool(fields["command"])

    def fill(self, fields: dict[str, str]) -> None:
        """A draft brings its choices; a new one has those of the last."""
        if fields:
            self._choose(fields)
            super().fill(fields)
            return
        place = self.place
        self.station.in_background(lambda: _lasting(draft(place, LAST)), self._choose)

    def _choose(self, fields: dict[str, str]) -> None:
        if not self.is_attached:
            return
        for field in self.query(Input):
            field.value = field.value or fields.get(field.id or "", "")
        for pick in self.query(Pick):
            if pick.id in fields:
                pick.wish(fields[pick.id])
        if not self.agents.names:
            self.agents.wish(fields.get("agent", ""))

    def _show_offers(self, found: Offers) -> None:
        if not self.is_attached:
            return
        self._offers = found
        self.agents.offer(found)
        branches = found.branches[:MOST_BRANCHES]
        if branches:
            self.pick("target").offer([(branches[0], ""), *((name, name) for name in branches[1:])])
        self._fit()

    def _tell_that_unknown(self, error: SwarmError) -> None:
        if self.is_attached:
            self.agents.give_up()
            self.tell_reason(error.message, error.hint)

    def on_select_changed(self, message: Select.Changed) -> None:
        if message.select.id in ("attempts", "mode"):
            self._fit()

    def on_agent_box_changed(self) -> None:
        self._fit()

    def on_input_changed(self, message: Input.Changed) -> None:
        if message.input.id == "command":
            self._fit()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        if message.input.id == "issue" and message.value.isdecimal():
            place, number = self.place, int(message.value)
            self.tell_reason(f"reading issue {number} …")
            self.station.asking(lambda: issue_as_task(place, number), self._take_issue, self._tell_no_issue)

    def _take_issue(self, words: str) -> None:
        """Behind what is written; it can be changed before it is sent."""
        if self.is_attached:
            self.tell_reason("")
            self.query_one("#issue", Input).value = ""
            editor = self.editor
            written = "\n\n" if editor.text.strip() else ""
            editor.insert(f"{written}{words}", editor.document.end, maintain_selection_offset=False)
            editor.focus()

    def _tell_no_issue(self, error: SwarmError) -> None:
        """What is being sent meanwhile goes on."""
        if self.is_attached:
            self.tell_reason(error.message, error.hint)

    def _fit(self) -> None:
        """Only what all of them take can be written or chosen."""
        found = self._offers
        if found is None:
            return
        command = self.query_one("#command", Input).value.strip()
        self.agents.disabled = bool(command)
        names = (SHELL,) if command else self.agents.names
        self._narrow("attempts", _tries(max(1, len(names))))
        attempts = int(self.pick("attempts").said)
        self._narrow_landing(found, max(1, len(names)) * attempts > 1)
        known = [offer for name in names or ("",) if (offer := found.called(name))]
        if known:
            self._fit_to(known)
        words, can = start_words(names, attempts, found, self._busy())
        about = self.query_one("#about-agent", Static)
        about.set_class(not can, "bad")
        about.update(Text(words))

    def _fit_to(self, known: Sequence[Offer]) -> None:
        for field in self.query("#model, #effort").results(Input):
            without = [offer.name for offer in known if field.id not in offer.profile.takes]
            field.disabled = bool(without)
            field.placeholder = f"not with {without[0]}" if without else FREE
        modes = [mode for mode in known[0].profile.modes if all(mode in each.profile.modes for each in known)]
        self._narrow("mode", [(RUNS[mode], mode) for mode in ("auto", *(modes if len(modes) > 1 else ()))])
        may = [set(each.permissions(self.pick("mode").said)) for each in known]
        self._narrow("permission", [(words, name) for name, words in MAY.items() if all(name in each for each in may)])

    def _narrow_landing(self, found: Offers, is_contest: bool) -> None:
        alone: Options = [LANDS, (STOPS, "no")] if found.lands else [(NEVER_LANDS, "if_auto")]
        self._narrow("lands", [(PICKED, self.pick("lands").said)] if is_contest else alone)
        self.pick("lands").disabled = is_contest

    def _narrow(self, name: str, options: Options) -> None:
        pick = self.pick(name)
        if options and pick.offered != list(options):
            pick.offer(options)

    def _busy(self) -> int:
        """Sessions that have a place among those that run at once."""
        sessions = (row.session for row in self.station.frame.rows)
        return sum(session.active and not session.by_hand for session in sessions if session)

    def send(self, fields: dict[str, str]) -> Callable[[], object]:
        wish = Wish(**{name: fields[name] for name in Wish.__dataclass_fields__ if name in fields})
        after = self._submit.new(self.place, wish)
        with suppress(SwarmError):
            keep_draft(self.place, LAST, _lasting(fields))
        return after

    def tell_refusal(self, error: SwarmError) -> None:
        super().tell_refusal(error)
        self.tell_reason(error.message, in_fields(error.hint))


def _lasting(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in ONCE}


def in_fields(hint: str) -> str:
    """What speaks of options, for somebody who has fields instead."""

    def chosen(found: re.Match[str]) -> str:
        words = {"permission": MAY, "mode": RUNS}[found[1]]
        return f"{FIELDS[found[1]]}: {' or '.join(words.get(each, each) for each in found[2].split(' or '))}"

    return OPTION.sub(lambda found: f"the field {FIELDS[found[1]]}", CHOSEN.sub(chosen, hint))


def _field(label: str, widget: Widget) -> Horizontal:
    return Horizontal(Label(label, classes="label"), widget, classes="field")


def _tries(agents: int) -> Options:
    """As many as one contest may have entries."""
    each = " each" if agents > 1 else ""
    many = f" attempts{each}" if each else " attempts, of which you pick one"
    return [
        (f"{count}{many}" if count > 1 else f"one attempt{each}", str(count)) for count in range(1, MOST // agents + 1)
    ]
