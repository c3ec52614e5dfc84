"""A sentence about an event: a template where all that it names stands in the event itself, else a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from swarmctl.core.events import Event
from swarmctl.core.machine import Facts

Say = str | Callable[[Any, Facts], str]


def said(say: Say, event: Event, facts: Facts) -> str:
    return say.format(event=event) if isinstance(say, str) else say(event, facts)
