"""Looks at what only the seen rows need, in threads of their own: the selected terminal, and how large the work is.

What they look with is loaded there: the first screen does not wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from swarmctl.app.here import Here
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.session import Session
from swarmctl.surfaces.words.plain import one_line

if TYPE_CHECKING:
    from swarmctl.app.preview import Preview, Shown
    from swarmctl.app.sizes import Size

PREVIEW_S = 0.25
SIZE_S = 5.0
"""The selected worktree is measured so often at most, any other when its head, its checkpoint or its target moved."""

Mark = tuple[str, str, bool, str]
"""What a size was measured at."""


def as_fault(error: Exception) -> SwarmError:
    """Also of what nobody expected: the thread would end, and the screen would stay as it is."""
    if isinstance(error, SwarmError):
        return error
    return EnvironmentFault(f"{type(error).__name__}: {error}", hint="swarmctl doctor")


class Watching(threading.Thread):
    """One subject at a time, looked at again every so often while it is wanted."""

    def __init__(self, name: str, every_s: float) -> None:
        super().__init__(name=name, daemon=True)
        self._every_s = every_s
        self._looked = True
        self._wake = threading.Event()
        self._over = False

    def stop(self) -> None:
        self._over = True
        self._wake.set()

    def poke(self) -> None:
        self._wake.set()

    def is_looked_at(self, looked: bool) -> None:
        """Nothing is looked up for a terminal that nobody sees."""
        self._looked = looked
        self.poke()

    def run(self) -> None:
        """Whether it is over is asked after the call is forgotten: who stops it says so before calling."""
        while not self._over:
            if self._looked:
                self.look()
            self._wake.wait(self._every_s if self._looked else None)
            self._wake.clear()

    def look(self) -> None:
        raise NotImplementedError


class Previewing(Watching):
    def __init__(self, place: Here, post: Callable[[str, Shown], None]) -> None:
        super().__init__("preview", PREVIEW_S)
        self._paths = place.paths
        self._preview: Preview | None = None
        self._post = post
        self._wanted: Session | None = None
        self._last: tuple[str, Shown] | None = None

    def aim(self, session: Session | None) -> None:
        moved = (session.id if session else "") != (self._wanted.id if self._wanted else "")
        self._wanted = session
        if moved:
            self.poke()

    def look(self) -> None:
        session = self._wanted
        if session is None:
            return
        from swarmctl.app.preview import Preview, Shown

        self._preview = self._preview or Preview(self._paths)
        try:
            shown = self._preview.look(session)
        except (SwarmError, OSError) as error:
            shown = Shown((one_line(str(error)),), "none")
        if (session.id, shown) != self._last:
            self._last = (session.id, shown)
            self._post(session.id, shown)


class Sizing(Watching):
    def __init__(self, place: Here, post: Callable[[Mapping[str, Size]], None]) -> None:
        super().__init__("sizes", 1.0)
        self._place = place
        self._post = post
        self._wanted: tuple[Session, ...] = ()
        self._selected = ""
        self._found: dict[str, Size] = {}
        self._known: dict[str, tuple[Mark, float]] = {}
        self._tips: Mapping[str, str] = {}

    def aim(self, sessions: Iterable[Session], selected: str) -> None:
        """The worktree of the selected one is measured as it is now."""
        self._wanted, self._selected = tuple(sessions), selected
        self.poke()

    def look(self) -> None:
        changed = False
        self._tips = self._targets()
        for session in self._wanted:
            if self._over:
                return
            if self._is_due(session):
                changed |= self._measure(session)
        if changed:
            self._post(dict(self._found))

    def _targets(self) -> Mapping[str, str]:
        """Where each target branch is now: who lands on it moves it."""
        from swarmctl.app.sizes import tips_of

        try:
            return tips_of(self._place.repository, {session.target for session in self._wanted})
        except (SwarmError, OSError):
            return self._tips

    def _is_due(self, session: Session) -> bool:
        known, at = self._known.get(session.id, (None, 0.0))
        lives = session.active and session.id == self._selected
        return known != self._mark(session) or (lives and time.monotonic() - at > SIZE_S)

    def _measure(self, session: Session) -> bool:
        from swarmctl.app.sizes import size_of

        before, now = self._found.get(session.id), session.id == self._selected
        try:
            size = size_of(self._place.repository, self._place.paths, session, now=now)
        except (SwarmError, OSError):
            size = None
        self._known[session.id] = (self._mark(session), time.monotonic())
        if size is not None:
            self._found[session.id] = size
        return size is not None and size != before

    def _mark(self, session: Session) -> Mark:
        return session.head, session.checkpoint, session.active, self._tips.get(session.target, "")
