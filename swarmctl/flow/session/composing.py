"""What to do next with a text that has to be typed, given what its agent's terminal shows. Pure.

Nothing is typed into a question, a text is pasted once, and Enter is pressed again only where the text still stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from swarmctl.core.agent import Profile
from swarmctl.core.evidence import NETWORK
from swarmctl.core.fields import fields_of
from swarmctl.core.keyboard import Composer, Sight, read_composer
from swarmctl.core.screen import Manifest, read_screen
from swarmctl.core.session import Fate, State

BUSY = (State.WORKING, State.RATE_LIMITED)
LINE_ROOM = 4096
"""Of a terminal that edits lines, with the line's end; it drops what is too long for it, without a word."""
TAIL = 24
"""So many of its last characters tell a text."""
MOST_ENTERS = 3
AGREE_S = 0.1
"""Two looks at an empty composer agree on it."""
QUIET_S = 0.3
"""A terminal of which nothing more is known is ready when it printed nothing for so long."""
BUSY_S = 3.0
"""Or when it never is quiet."""
SETTLED_S = 0.15
"""Agents take an Enter that comes with the text for a line break."""
STRANGE_S = 1.0
"""What appeared in an empty composer and stays is our text, even when it is shown in another way."""
ECHO_S = 0.6
"""A program that read a text and shows nothing of it for so long does not mean to."""
SEEN_S = 10.0
"""The same for an agent that has a composer."""
READ_S = 60.0
"""How long a text may wait to be read before it is left as it is."""
QUEUE_S = 1.0
"""A terminal that edits lines keeps them until they are read; whoever sent them hears that after so long."""
CLEARED_S = 0.3
WORD_S = 2.0
"""An agent that tells of its turns has so long to do it once its composer was cleared."""
AGAIN_S = 1.5
"""From one Enter that nothing came of to the next."""
SIGN_S = 10.0
"""From the last Enter to giving up on any sign."""
LOCKED_S = 20.0
"""How long a question may stand before a text that was pasted is left to a person."""


ANSWER, ATTACH = "swarmctl answer {id} allow (or deny, pane)", "swarmctl attach {id}"
SHORTER = "send shorter lines, or put the text into a file of its worktree"


class Shown(StrEnum):
    """What stands where texts are written."""

    UNSEEN = "unseen"
    EMPTY = "empty"
    OURS = "ours"
    OTHER = "other"


class Act(StrEnum):
    WAIT = "wait"
    PASTE = "paste"
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more is to be typed."""

    fate: Fate
    why: str


@dataclass(frozen=True, slots=True)
class NotReady:
    """Nothing was typed, and nothing should be by now."""

    why: str
    hint: str = "swarmctl logs {id}"
    for_long: bool = False
    """It will not pass by itself."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be typed, and what is known of the agent that reads it."""

    words: str
    composer: Composer | None = None
    manifest: Manifest | None = None
    tells: bool = False
    """Its hooks tell when a turn begins."""
    tail: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tail", squeezed(self.words)[-TAIL:])


def text_for(words: str, profile: Profile | None) -> Text:
    if profile is None:
        return Text(words)
    tells = any(rule.turn == "begins" and not rule.event.startswith("stream.") for rule in profile.events)
    return Text(words, profile.composer, profile.screen, tells)


Heard = Literal["", "a turn", "the text"]
"""The agent said that a turn began: with this text, or it did not say with which."""


@dataclass(frozen=True, slots=True)
class View:
    """A terminal at one moment, as far as it matters to a text."""

    shown: Shown
    alive: bool = True
    question: bool = False
    works: bool = False
    unread: bool = False
    edits: bool = False
    heard: Heard = ""
    screen: str | None = None


@dataclass(slots=True)
class Course:
    """How far the typing of one text came; times are the monotonic clock's."""

    began: float
    now: float = 0.0
    view: View = View(Shown.UNSEEN)
    shown_since: float = 0.0
    screen_since: float = 0.0
    read_since: float = 0.0
    """Since when nothing of it waits unread."""
    question_since: float | None = None
    pasted: float | None = None
    entered: float | None = None
    pastes: int = 0
    enters: int = 0
    stood: bool = False
    """It was seen in the composer after it was pasted."""
    worked: bool = False
    """The agent was at work when Enter was pressed."""

    def saw(self, view: View, now: float) -> None:
        before = self.view
        if view.shown is not before.shown:
            self.shown_since = now
        if view.screen != before.screen:
            self.screen_since = now
        if view.unread or before.unread:
            self.read_since = now
        if not view.question:
            self.question_since = None
        elif self.question_since is None:
            self.question_since = now
        self.stood = self.stood or (self.pasted is not None and view.shown in (Shown.OURS, Shown.OTHER))
        self.view, self.now = view, now

    def did(self, act: Act, now: float) -> None:
        if act is Act.PASTE:
            self.pasted, self.pastes = now, self.pastes + 1
            self.shown_since = self.read_since = now
        elif act is Act.ENTER:
            self.entered, self.enters = now, self.enters + 1
            self.worked = self.view.works
            self.read_since = now

    def for_s(self, since: float | None) -> float:
        return 0.0 if since is None else self.now - since


def view_of(sight: Sight, text: Text, heard: Heard, busy: bool = False) -> View:
    reading = read_screen(text.manifest, sight.text) if text.manifest and sight.text is not None else None
    return View(
        shown=_shown(sight, text),
        alive=sight.alive,
        question=reading is not None and reading.state is State.BLOCKED and reading.kind != NETWORK,
        works=busy or (reading is not None and (reading.kind == NETWORK or reading.state in BUSY)),
        unread=sight.unread,
        edits=sight.edits,
        heard=heard,
        screen=sight.text,
    )


def _shown(sight: Sight, text: Text) -> Shown:
    if text.composer is None or sight.text is None:
        line = squeezed(sight.line)
        ours = not sight.edits and bool(line and text.tail) and line.endswith(text.tail[-len(line) :])
        return Shown.OURS if ours else Shown.UNSEEN
    written = read_composer(text.composer, sight.text)
    if written is None:
        return Shown.UNSEEN
    if not written.strip():
        return Shown.EMPTY
    short = bool(text.composer.pasted) and re.search(text.composer.pasted, written) is not None
    return Shown.OURS if short or (text.tail and text.tail in squeezed(written)) else Shown.OTHER


def squeezed(words: str) -> str:
    """What every terminal shows alike: neither blanks and marks that it drops nor the lines that it draws."""
    return "".join(c for c in words if unicodedata.category(c)[0] in "LNPS" and not "─" <= c <= "▟")


def heard_in(payloads: Iterable[str], text: Text) -> Heard:
    """What the begins of turns say of this text."""
    found: Heard = ""
    for payload in payloads:
        said = fields_of(payload).get("prompt")
        if not isinstance(said, str):
            found = found or "a turn"
        elif text.tail in squeezed(said):
            return "the text"
    return found


def next_act(course: Course, text: Text) -> Act | Ended | NotReady:
    if course.pasted is None:
        return _before(course, text)
    if course.view.heard == "the text" or (course.view.heard and course.entered is not None and not course.worked):
        return Ended("delivered", "its agent says that a turn began with it")
    if not course.view.alive:
        return Ended("unconfirmed", "its agent ended before it gave a sign")
    return _after_paste(course, text) if course.entered is None else _after_enter(course, text)


def _before(course: Course, text: Text) -> Act | NotReady:
    view = course.view
    if not view.alive:
        return NotReady("its agent does not run any more")
    if view.question:
        stands = course.for_s(course.question_since) >= STRANGE_S
        return NotReady("it waits with a question, and would take the text for an answer", ANSWER, stands)
    if view.edits and max(map(len, text.words.encode().split(b"\n"))) >= LINE_ROOM:
        return NotReady(f"it reads line by line, and no line may be longer than {LINE_ROOM - 1} bytes", SHORTER, True)
    if view.screen is None:
        return Act.PASTE
    if text.composer is None:
        ready = course.for_s(course.screen_since) >= QUIET_S or course.for_s(course.began) >= BUSY_S
        return Act.PASTE if ready else NotReady("its terminal is not quiet")
    if view.unread:
        return NotReady("what was typed before is not read yet")
    if view.shown is Shown.EMPTY:
        return Act.PASTE if course.for_s(course.shown_since) >= AGREE_S else Act.WAIT
    if view.shown is Shown.UNSEEN:
        return NotReady("the place where it takes texts is not on its screen", ATTACH)
    return NotReady("another text stands where it takes texts and was not submitted", ATTACH)


def _after_paste(course: Course, text: Text) -> Act | Ended:
    view, stands = course.view, course.for_s(course.shown_since)
    if view.question:
        late = course.for_s(course.question_since) >= LOCKED_S
        return Ended("unconfirmed", "a question came up before the text was submitted") if late else Act.WAIT
    if view.shown is Shown.OURS or view.edits:
        return Act.ENTER if stands >= SETTLED_S else Act.WAIT
    if view.unread:
        late = course.for_s(course.pasted) >= READ_S
        return Ended("unconfirmed", "its agent does not read what is typed") if late else Act.WAIT
    if view.shown is Shown.OTHER:
        return Act.ENTER if stands >= STRANGE_S else Act.WAIT
    patience = ECHO_S if text.composer is None else SEEN_S
    return Act.ENTER if course.for_s(course.read_since) >= patience else Act.WAIT


def _after_enter(course: Course, text: Text) -> Act | Ended:
    view, since = course.view, course.for_s(course.entered)
    if view.unread:
        if view.edits and since >= QUEUE_S:
            return Ended("queued", "it waits unread in the terminal, because the agent does not read now")
        late = since >= READ_S
        return Ended("unconfirmed", "it waits unread in the terminal") if late else Act.WAIT
    if view.shown in (Shown.OURS, Shown.OTHER):
        return _once_more(course)
    if text.composer is None:
        return _read(course, text)
    return _cleared(course, text)


def _once_more(course: Course) -> Act | Ended:
    """It stands there still, and whoever reads had time to take it."""
    if course.view.question or course.for_s(course.read_since) < AGAIN_S:
        late = course.view.question and course.for_s(course.question_since) >= LOCKED_S
        return Ended("unconfirmed", "a question came up before the text was submitted") if late else Act.WAIT
    if course.enters < MOST_ENTERS:
        return Act.ENTER
    late = course.for_s(course.entered) >= SIGN_S
    return Ended("unconfirmed", f"after {MOST_ENTERS} Enters it still stands in the composer") if late else Act.WAIT


def _read(course: Course, text: Text) -> Act | Ended:
    """All that a program without a known interface shows of a text is that it read it."""
    if not text.tells:
        return Ended("delivered", "its terminal was read") if course.for_s(course.read_since) >= SETTLED_S else Act.WAIT
    late = course.for_s(course.entered) >= SIGN_S
    return Ended("unconfirmed", "its terminal was read, and no turn began") if late else Act.WAIT


def _cleared(course: Course, text: Text) -> Act | Ended:
    view, gone = course.view, course.for_s(course.shown_since)
    if course.stood and view.shown is Shown.EMPTY and gone >= CLEARED_S:
        if text.tells and gone < WORD_S:
            return Act.WAIT
        if course.worked:
            return Ended("queued", "its agent took it while it works")
        return Ended("delivered", "its composer was cleared")
    if course.stood and view.shown is Shown.UNSEEN and not course.worked and gone >= WORD_S:
        return Ended("delivered", "its composer gave way to something else")
    late = course.for_s(course.entered) >= SIGN_S
    return Ended("unconfirmed", "nothing shows that its agent took it") if late else Act.WAIT
