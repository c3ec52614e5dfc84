"""Where an agent says what it used, as its definition has it: which events, which fields, and how they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from swarmctl.core.screen import doc
from swarmctl.core.values import dataclass

Counts = Literal["call", "start", "conversation"]


@dataclass(frozen=True, slots=True)
class UsageRule:
    """What one event says of tokens and money. Every rule that fits counts; fields are paths like `a.b`."""

    event: str = field(metadata=doc("The hook's event, `stream.TYPE` of its JSON output, or the type of a line."))
    when: Mapping[str, str] = field(default_factory=dict, metadata=doc("Fields and what they must match."))
    counts: Counts = field(
        default="call",
        metadata=doc("Its counters are of one `call`, or the sum of this `start`, or of the whole `conversation`."),
    )
    id: str = field(default="", metadata=doc("The field that names the call, so that it counts once."))
    each: str = field(default="", metadata=doc("The field with one set of counters for each model, by its name."))
    model: str = field(
        default="", metadata=doc("The field that names the model; without counters: of all that follows.")
    )
    input: str = field(default="", metadata=doc("Tokens of the prompt."))
    cache_write: str = field(default="", metadata=doc("Those that a cache took."))
    cache_read: str = field(default="", metadata=doc("Those that a cache gave."))
    output: str = field(default="", metadata=doc("Tokens of the answer."))
    inclusive: bool = field(default=False, metadata=doc("`input` counts those of the cache as well."))
    cost: str = field(default="", metadata=doc("Dollars, where the agent knows them."))
    plan: bool = field(default=False, metadata=doc("It says that a subscription pays."))


@dataclass(frozen=True, slots=True)
class UsageRules:
    """Of one agent. An agent that costs money and cannot say how much has an empty one."""

    keys: tuple[str, ...] = field(
        default=(), metadata=doc("Variables of which one is set when calls are paid for; with none a plan pays.")
    )
    guesses: bool = field(
        default=False, metadata=doc("Its dollars are a guess for models that the price table does not know.")
    )
    events: tuple[UsageRule, ...] = field(default=(), metadata=doc("What its hooks and its JSON output say."))
    transcript: str = field(default="", metadata=doc("The field of its events that names a file of JSON lines."))
    beside: str = field(default="", metadata=doc("A glob for more of them, in a folder with the file's stem as name."))
    lines: tuple[UsageRule, ...] = field(
        default=(), metadata=doc("What the lines of these files say, by what they are.")
    )
    files: Mapping[str, str] = field(
        default_factory=dict,
        metadata=doc(
            "More such files, of `records`: JSON lines, or a document whose lines are the list in this field."
        ),
    )
    type: str = field(default="type", metadata=doc("The field of a line that says what it is."))
    written: str = field(default="timestamp", metadata=doc("The field of a line that says when it was written."))
