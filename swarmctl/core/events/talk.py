"""What a session and its agent say to each other."""

from __future__ import annotations

from typing import Literal

from swarmctl.core.evidence import Reason
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Fate, SpoolPlace, State
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class StateChanged:
    """-- : evidence changed what is believed of the agent; `source` says whose word it is."""

    session: SessionId
    state: State
    source: str
    why: str
    kind: str = ""
    until: float | None = None
    heard: SpoolPlace | None = None
    """How far its hooks' words are taken in with this one."""
    reasons: tuple[Reason, ...] = ()
    """What every source said then."""


@dataclass(frozen=True, slots=True)
class WordsRead:
    """-- : its hooks' words up to here are taken in, and none of them changed what is believed."""

    session: SessionId
    heard: SpoolPlace


@dataclass(frozen=True, slots=True)
class ConversationKnown:
    """-- : the agent's own id of its conversation with this session, by which it can go on later."""

    session: SessionId
    conversation: str
    fresh: bool = False
    """It was chosen for the agent, which has yet to begin it."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """-- : the agent says that it is done, or that it had to give up; what that is worth, git and the gates decide."""

    session: SessionId
    ok: bool
    said: str


@dataclass(frozen=True, slots=True)
class PermissionAsked:
    """-- : the agent waits for a person's answer."""

    session: SessionId
    request: str
    words: str


@dataclass(frozen=True, slots=True)
class PermissionAnswered:
    """-- : the answer was handed to the agent."""

    session: SessionId
    request: str
    answer: Literal["allow", "deny", "pane"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class MessageQueued:
    """-- : a message waits for the end of the agent's turn."""

    session: SessionId
    text: str
    repair: bool = False
    """It gives a refused gate back to the agent; everything else comes from a person."""


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """-- : the agent took new input by itself, after the end of a turn or with a text that it had kept."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class TypingIntended:
    """-- : a text is about to be typed into its terminal; without a word of how that ended, nobody knows."""

    session: SessionId
    characters: int


@dataclass(frozen=True, slots=True)
class PromptTyped:
    """-- : what became of the text: heard by its agent, taken while it works, or typed with no sign of either."""

    session: SessionId
    fate: Fate
    why: str
    enters: int = 0
    pastes: int = 0
