"""Who is to do it, in one line: nobody named, one agent, or several that do the same and are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from swarmctl.app.offers import Offer, Offers
from swarmctl.core.contest import MOST
from swarmctl.surfaces.tui.crew import names_of
from swarmctl.surfaces.words.plain import one_line


class AgentBox(Horizontal, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,down,up", "open", "choose", show=False)]

    class Changed(Message):
        pass

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._offers: Offers | None = None
        self._missing = "looking for agents …"
        self.names: tuple[str, ...] = ()
        """None: as the settings have it."""

    @property
    def said(self) -> str:
        return ",".join(self.names)

    def compose(self) -> ComposeResult:
        yield Static(classes="words")
        yield Static("▼", classes="arrow")

    def on_mount(self) -> None:
        self._show()

    def wish(self, said: str) -> None:
        self.names = names_of(said)
        self._show()
        self.post_message(self.Changed())

    def offer(self, offers: Offers) -> None:
        self._offers = offers
        self._show()

    def give_up(self) -> None:
        """Which there are cannot be found out."""
        self._missing = "as the settings have it"
        self._show()

    def _show(self) -> None:
        self.query_one(".words", Static).update(Text(one_line(self._words())))

    def _words(self) -> str:
        found = self._offers
        if len(self.names) == 1 and found and (offer := found.called(self.names[0])):
            return agent_words(offer)
        if self.names:
            return ", ".join(self.names)
        return default_words(found) if found else self._missing

    def action_open(self) -> None:
        if self._offers is not None:
            self.app.push_screen(ChooseAgents(self._offers, self.names), self._take)

    def on_click(self) -> None:
        self.action_open()

    def _take(self, said: str | None) -> None:
        if said is not None:
            self.wish(said)


class ChooseAgents(ModalScreen[str | None]):
    """Enter takes the one that it stands on, unless several are marked: then those."""

    CSS_PATH = "writing.tcss"
    BINDINGS = [("escape", "leave", "leave"), ("space", "mark", "mark")]

    def __init__(self, offers: Offers, names: Sequence[str]) -> None:
        super().__init__()
        self._offers, self._marked = offers, list(names)
        self._is_several = len(names) > 1

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label("Who does it?", classes="title")
            yield OptionList(*(Option(self._line(name), id=name or None) for name in self._names))
            yield Label(id="keys", classes="note")

    def on_mount(self) -> None:
        self._say_keys()
        options = self.query_one(OptionList)
        options.focus()
        options.highlighted = self._names.index(self._marked[0]) if self._marked else 0

    @property
    def _names(self) -> list[str]:
        """The default first; at the end what was named and is no agent here."""
        known = [offer.name for offer in self._offers.agents]
        return ["", *known, *(name for name in self._marked if name not in known)]

    def _line(self, name: str) -> Text:
        offer = self._offers.called(name) if name else None
        words = agent_words(offer) if offer else unknown_words(name)
        mark = "✓" if name in self._marked else " "
        line = f"[{mark}] {words}" if name else f"nobody named: {default_words(self._offers)}"
        return Text(one_line(line), no_wrap=True, overflow="ellipsis")

    @property
    def _here(self) -> str:
        option = self.query_one(OptionList).highlighted_option
        return str(option.id or "") if option else ""

    def action_mark(self) -> None:
        name = self._here
        if not name:
            self._marked.clear()
        elif name in self._marked:
            self._marked.remove(name)
        elif len(self._marked) < MOST:
            self._marked.append(name)
        self._is_several = bool(self._marked)
        self._draw()

    def _draw(self) -> None:
        options = self.query_one(OptionList)
        for index in range(options.option_count):
            option = options.get_option_at_index(index)
            options.replace_option_prompt_at_index(index, self._line(str(option.id or "")))
        self._say_keys()

    def _say_keys(self) -> None:
        words = "⏎ this one   space mark several   esc leave"
        if self._is_several:
            words = f"⏎ take {', '.join(self._marked)}   space mark   esc leave"
        self.query_one("#keys", Label).update(Text(one_line(words)))

    def on_option_list_option_selected(self) -> None:
        self.dismiss(",".join(self._marked) if self._is_several else self._here)

    def action_leave(self) -> None:
        self.dismiss(None)


def agent_words(offer: Offer) -> str:
    if offer.why_not:
        return f"✗ {offer.name}  {offer.why_not}"
    return f"{offer.name}  level {offer.level}{f'  ! {offer.notice}' if offer.notice else ''}"


def unknown_words(name: str) -> str:
    return f"✗ {name}  no agent of that name is known here"


def default_words(found: Offers) -> str:
    if not found.auto:
        return "no agent can be used here"
    return f"{found.auto}  {'best installed' if found.configured == 'auto' else 'your default'}"
