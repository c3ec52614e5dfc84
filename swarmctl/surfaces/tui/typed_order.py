"""Keys act in the order in which they were typed: each sets out once the one before it has done what it does.

The library's editors keep printable keys and hand all others up to the application: those that arrive at once would
overtake each other, and what opens a dialog would not see it opened before the next key.
"""

from __future__ import annotations

import asyncio
from collections import deque

from textual import events
from textual.app import App
from textual.dom import DOMNode

PATIENCE_S = 1.0
"""A way that no longer ends holds no key back for longer."""
ROUNDS = 2
"""Up from where the key went, and up from where it led: for what was posted on the way."""


class TypedInOrder(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._way = 0
        """The one that is awaited, by number; even: none is."""

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._way % 2 == 0:
            await self._set_out()

    async def _set_out(self) -> None:
        """All that the editor keeps for itself may go in a row."""
        while self._typed:
            event = self._typed.popleft()
            target = self.focused or self.screen
            await super().on_event(event)
            if isinstance(event, events.Paste) or not target.check_consume_key(event.key, event.character):
                self._way += 1
                self._follow(target, self._way, ROUNDS)
                asyncio.get_running_loop().call_later(PATIENCE_S, self.call_later, self._go_on, self._way)
                return

    def _follow(self, node: DOMNode, way: int, rounds: int) -> None:
        """Behind the event, through each queue that it may come through."""
        while node is not self and not node.call_later(self._next_of, node, way, rounds):
            node = node.parent or self
        if node is self:
            self.call_later(self._arrived, way, rounds)

    def _next_of(self, node: DOMNode, way: int, rounds: int) -> None:
        self._follow(node.parent or self, way, rounds)

    def _arrived(self, way: int, rounds: int) -> None:
        if rounds > 1 and self.screen_stack:
            self._follow(self.focused or self.screen, way, rounds - 1)
        else:
            self.call_later(self._go_on, way)

    async def _go_on(self, way: int) -> None:
        if way == self._way:
            self._way += 1
            await self._set_out()
