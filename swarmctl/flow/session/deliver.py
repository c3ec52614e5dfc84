"""A text into an agent's terminal: look, act, look again, until somebody or something says what became of it.

The caller holds the keyboard and says in the ledger, between `ready` and `type`, what is about to be done.
"""

from __future__ import annotations

from collections.abc import Callable

from swarmctl.core.agent import Profile
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.events import PromptTyped
from swarmctl.core.keyboard import Keyboard, Listening, typable
from swarmctl.core.ports import Clock
from swarmctl.core.session import Session
from swarmctl.core.values import dataclass
from swarmctl.flow.session.composing import (
    Act,
    Course,
    Ended,
    NotReady,
    Text,
    heard_in,
    next_act,
    text_for,
    view_of,
)

STOPPED = "the session was stopped meanwhile"
LEFT = "the supervisor ended while it typed; the text may have arrived"
"""On purpose or not."""
LOOK_EVERY_S = 0.04
GOES_ON_IN_S = 3.0
"""An agent that kept a text while it worked takes it so soon after the end of the turn."""
MOST_PASTES = 3


def may_go_on(session: Session, now: float) -> bool:
    """Whether its agent has, or is about to get, a text with which it goes on by itself after the end of a turn."""
    fate = session.talk.delivery.fate
    return fate == "typing" or (fate == "queued" and now - session.state_since < GOES_ON_IN_S)


@dataclass(frozen=True, slots=True)
class Hands:
    """What typing needs."""

    keyboard: Keyboard
    ear: Listening
    clock: Clock
    busy: Callable[[], bool] = lambda: False
    """The agent is known to be at work, by better evidence than its screen."""


class Typing:
    """One text on its way into one session's terminal."""

    def __init__(self, session: Session, words: str, profile: Profile | None, hands: Hands) -> None:
        self._session = session
        self._hands = hands
        self._text: Text = text_for(typable(words), profile)
        self._course = Course(began=hands.clock.monotonic())
        self._known = len(hands.ear.begun())

    def ready(self, patience_s: float, goes_on: Callable[[], bool] = lambda: True) -> NotReady | None:
        """None once the text can be pasted; else what was in the way to the end."""
        end = self._hands.clock.monotonic() + patience_s
        while True:
            act = self._look()
            if act is Act.PASTE:
                return None
            late = self._hands.clock.monotonic() >= end or self._hands.ear.over() or not goes_on()
            if isinstance(act, NotReady) and (late or act.for_long):
                return act
            self._hands.ear.wait(LOOK_EVERY_S)

    def type(self, goes_on: Callable[[], bool] = lambda: True) -> PromptTyped:
        """From the paste to what became of it; a broken terminal leaves it unconfirmed."""
        try:
            self._paste()
            ended = self._follow(goes_on)
        except SwarmError as error:
            ended = Ended("unconfirmed", error.message)
        return PromptTyped(self._session.id, ended.fate, ended.why, self._course.enters, self._course.pastes)

    def _paste(self) -> None:
        """Again only when it is certain that nothing arrived."""
        for _ in range(MOST_PASTES):
            if self._hands.keyboard.paste(self._session.pane, self._session.id, self._text.words):
                break
        else:
            raise EnvironmentFault("its terminal takes no paste; nothing was typed", hint="swarmctl doctor")
        self._course.did(Act.PASTE, self._hands.clock.monotonic())

    def _follow(self, goes_on: Callable[[], bool]) -> Ended:
        while True:
            act = self._look()
            if isinstance(act, Ended):
                return act
            if self._hands.ear.over() or not goes_on():
                return Ended("unconfirmed", LEFT if self._hands.ear.over() else STOPPED)
            if act is Act.ENTER:
                self._hands.keyboard.enter(self._session.pane, self._session.id)
                self._course.did(Act.ENTER, self._hands.clock.monotonic())
            self._hands.ear.wait(LOOK_EVERY_S)

    def _look(self) -> Act | Ended | NotReady:
        sight = self._hands.keyboard.look(self._session.pane, self._session.id)
        said = self._hands.ear.begun()[self._known :]
        view = view_of(sight, self._text, heard_in(said, self._text), busy=self._hands.busy())
        self._course.saw(view, self._hands.clock.monotonic())
        return next_act(self._course, self._text)
