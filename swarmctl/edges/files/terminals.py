"""Which terminals printed: each is told once, and again only after it was awaited anew. No process, no polling."""

from __future__ import annotations

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

ONCE = flags.MODIFY | flags.ONESHOT


class Terminals:
    """For one thread."""

    def __init__(self) -> None:
        self._inotify = INotify(nonblocking=True)
        self._watched: dict[int, str] = {}

    def fileno(self) -> int:
        """Readable when one printed."""
        return int(self._inotify.fileno())

    def await_word(self, terminal: str) -> bool:
        """False when there is no such terminal."""
        try:
            self._watched[self._inotify.add_watch(terminal, ONCE)] = terminal
        except OSError:
            return False
        return True

    def printed(self) -> set[str]:
        """Of those that were awaited; all of them when the kernel lost count."""
        events = self._inotify.read(timeout=0)
        if any(event.mask & flags.Q_OVERFLOW for event in events):
            return set(self._watched.values())
        return {found for event in events if (found := self._watched.pop(event.wd, ""))}

    def close(self) -> None:
        self._inotify.close()
