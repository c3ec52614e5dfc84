"""What an agent's definition says to the rest of the house, and the order to start one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from swarmctl.core.config import Fenced
from swarmctl.core.keyboard import Composer
from swarmctl.core.limits import LimitRule, ProviderRule
from swarmctl.core.screen import Manifest, doc
from swarmctl.core.session import State
from swarmctl.core.troubles import Trouble
from swarmctl.core.usage import UsageRules
from swarmctl.core.values import dataclass

Mode = Literal["interactive", "headless"]
Permission = Literal["plan", "ask", "edit", "all"]
"""What it may do unasked: look only; nothing without a question; edit files; everything."""
Answers = Literal["none", "hook", "http", "keys"]
Turn = Literal["", "begins", "ends", "fails"]
PERMISSIONS: tuple[Permission, ...] = ("plan", "ask", "edit", "all")
STREAM = "stream."
"""So begin the events of an agent's output."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """What one event of the agent's own says. The first rule that fits counts."""

    event: str = field(metadata=doc("The hook's event, or `stream.TYPE` of its JSON output."))
    when: Mapping[str, str] = field(
        default_factory=dict, metadata=doc("Fields of the payload (`a.b`) and what they must match.")
    )
    state: State | None = field(default=None, metadata=doc("What the agent is doing from then on."))
    kind: str = field(
        default="", metadata=doc("Of a block: permission, question, trust, login, network; of an end: what failed.")
    )
    turn: Turn = field(default="", metadata=doc("The event begins a turn, ends it, or says that it failed."))
    ask: bool = field(default=False, metadata=doc("The agent waits for an answer to this event."))
    request: str = field(default="", metadata=doc("The field that names the question, where it is answered by HTTP."))
    said: str = field(default="", metadata=doc("The field that holds the agent's words."))
    why: str = field(default="", metadata=doc("Words for people, where the agent has none."))
    until: str = field(default="", metadata=doc("The field that says when a rate limit ends."))


@dataclass(frozen=True, slots=True)
class TranscriptRules:
    """The agent's own file of a conversation, JSON in lines; those at which a turn begins or ends count."""

    find: tuple[str, ...] = field(
        metadata=doc(
            "Globs of the file. `{id}` is the conversation; `~` and a leading `$NAME` stand for what they usually do."
        )
    )
    lines: tuple[EventRule, ...] = field(metadata=doc("What a line says, by its `type`, where a turn begins or ends."))
    path: str = field(default="", metadata=doc("The field of its events that names the file."))
    written: str = field(default="timestamp", metadata=doc("The field of a line that says when it was written."))


@dataclass(frozen=True, slots=True)
class Profile:
    """The parts of a definition that others than its reader need."""

    name: str
    provider: str
    level: int
    modes: tuple[Mode, ...]
    chooses: tuple[Mode, ...]
    """The modes in which swarmctl chooses the id of a new conversation."""
    resumable: tuple[Mode, ...]
    """The modes in which it can go on with a conversation of its own."""
    events: tuple[EventRule, ...]
    screen: Manifest | None
    answers: Answers
    conversation: tuple[str, ...]
    """The fields of its events that hold its own id of the conversation."""
    memory: str
    """The file of instructions that it reads by itself; empty when it reads none."""
    usage: UsageRules | None = None
    """Where it says what it used; None when it costs nothing."""
    transcript: TranscriptRules | None = None
    """Where it writes down the conversation; None where it does not, or where its events tell all."""
    typed: tuple[Mode, ...] = ()
    """The modes in which its prompt has to be typed."""
    composer: Composer | None = None
    """Where its interface shows what is typed."""
    roomy: tuple[Mode, ...] = ()
    """The modes in which it can be told any number of bytes."""
    troubles: tuple[Trouble, ...] = ()
    """By which words it says why it cannot work."""
    fenced: Fenced = "untested"
    homes: tuple[str, ...] = ()
    """Where it keeps settings and logins; it changes them by itself."""
    writes: tuple[str, ...] = ()
    """What it has to write besides its worktree: conversations, caches."""
    keeps: tuple[str, ...] = ()
    """What of that stays as it is."""
    memory_mb: int = 0
    providers: tuple[ProviderRule, ...] = ()
    """Whose models it uses with which account; none: those of `provider`."""
    limits: tuple[LimitRule, ...] = ()
    leftovers: tuple[str, ...] = ()
    """What it leaves in the worktree that is no work."""
    rather_headless: bool = False
    """Its own interface cannot be relied upon to tell of turns."""
    permissions: Mapping[Mode, tuple[str, ...]] = field(default_factory=dict)
    """Of the modes in which a permission changes anything, those that it knows."""
    takes: tuple[str, ...] = ()
    """Which of `model` and `effort` can be chosen."""

    @property
    def has_hooks(self) -> bool:
        """It says by itself what it does while its own interface runs."""
        return any(not rule.event.startswith(STREAM) for rule in self.events)

    @property
    def tells_turns(self) -> bool:
        """Its hooks say when a turn of its own interface is over."""
        return any(rule.turn == "ends" and not rule.event.startswith(STREAM) for rule in self.events)


@dataclass(frozen=True, slots=True)
class Order:
    """One start of an agent, as the flow wants it."""

    prompt: str
    command: str
    folder: str
    """The session's own folder for the agent's files."""
    mode: Mode = "headless"
    permission: Permission = "edit"
    model: str = ""
    effort: str = ""
    conversation: str = ""
    """The agent's own id of the conversation: to go on with, or to begin when it lets others choose."""
    resume: bool = False
    port: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Fixed variables of the definition, on top of the caller's that it may see."""
    typed: str = ""
    """The prompt, when it has to be typed into the terminal."""
    stdin: str = ""
    """The prompt, when it has to come on standard input: from the file that `SWARM_PROMPT_FILE` names."""
