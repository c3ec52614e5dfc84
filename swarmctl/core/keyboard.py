"""What one who types into an agent's terminal sees of it and can do there; part of `ports.py`.

Every act happens once or is a fault: nothing here tries again by itself.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Protocol

from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.core.screen import doc
from swarmctl.core.values import dataclass

DRAWN = re.compile("[\u2500-\u259f]")
"""Lines and blocks, of which boxes are made."""
UNTYPABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Among them what would end a bracketed paste, and whatever else a terminal takes for a command."""


def typable(text: str) -> str:
    """As it is typed: lines end one way, and nothing in it is a key."""
    text = text.replace("\r\n", "\n")
    if UNTYPABLE.search(text):
        raise UsageFault("the text holds control characters", hint="send plain text, one message at a time")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageFault("the text is not UTF-8", hint="convert it: iconv -t UTF-8") from None
    return text


@dataclass(frozen=True, slots=True)
class Composer:
    """Where an agent's interface shows what is typed and not submitted yet."""

    text: str = field(
        metadata=doc("A regular expression on the end of its screen; a group of it is what is written there.")
    )
    empty: str = field(default="", metadata=doc("What stands there when nothing is written, if anything does."))
    pasted: str = field(default="", metadata=doc("What stands there in place of a long text."))
    beside: str = field(default="", metadata=doc("What stands on the same lines and is not written there."))
    last: int = field(default=40, metadata=doc("It lies in so many of the last lines."))


def read_composer(composer: Composer, screen: str) -> str | None:
    """What is written there; None when it is not on the screen."""
    end = "\n".join(line.rstrip() for line in screen.rstrip().split("\n")[-composer.last :])
    found = re.search(composer.text, end, re.MULTILINE)
    if found is None:
        return None
    written = DRAWN.sub(" ", next((group for group in found.groups() if group is not None), ""))
    if composer.beside:
        written = re.sub(composer.beside, "", written, flags=re.MULTILINE)
    return "" if composer.empty and re.fullmatch(composer.empty, written.strip()) else written


@dataclass(frozen=True, slots=True)
class Sight:
    """A session's terminal at one moment."""

    alive: bool = True
    text: str | None = None
    """What it shows; None where nothing can show it."""
    line: str = ""
    """The line of the cursor."""
    unread: bool = False
    """It holds words that nobody read."""
    edits: bool = False
    """It edits lines for its program and hands over whole ones."""


class Keyboard(Protocol):
    """Each act raises `EnvironmentFault` when the session has no running agent there."""

    def hold(self, session: SessionId) -> AbstractContextManager[None]:
        """Nobody else types there meanwhile."""
        ...

    def look(self, pane: str, session: SessionId) -> Sight: ...

    def paste(self, pane: str, session: SessionId, text: str) -> bool:
        """As one piece where the program takes pastes; False when it is certain that nothing arrived."""
        ...

    def enter(self, pane: str, session: SessionId) -> None: ...


class Listening(Protocol):
    """What a session's agent says by itself from now on."""

    def begun(self) -> tuple[str, ...]:
        """What came with each word that a turn began."""
        ...

    def wait(self, seconds: float) -> None:
        """So long, or until something new was said, or all is over."""
        ...

    def over(self) -> bool:
        """Whoever is to hear it is about to leave: nothing more is to be typed."""
        ...
