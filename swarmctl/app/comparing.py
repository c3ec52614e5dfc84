"""A contest as it stands, for a face that looks again and again. Writes nothing; a git process for each new work."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from swarmctl.app.contests import Ranking, changed_by, contest_of, with_paths
from swarmctl.app.here import Here
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session

Work = tuple[str, str]


class Comparing:
    """What git said of a work holds as long as the work is the same."""

    def __init__(self, place: Here, names: Sequence[str] = ()) -> None:
        """Names as `contest_of` takes them; none: the newest contest, which it stays with."""
        self._place, self._names = place, tuple(names)
        self._works: dict[SessionId, Work] = {}
        self._paths: dict[SessionId, tuple[str, ...]] = {}

    def look(self) -> Ranking:
        with self._place.glance() as board:
            found = contest_of(board.facts, self._names, now=time.time())
        self._names = self._names or (found.id,)
        self._learn([entry.session for entry in found.entries if entry.session is not None])
        return with_paths(found, self._paths)

    def _learn(self, sessions: Iterable[Session]) -> None:
        new = [session for session in sessions if self._works.get(session.id) != _work(session)]
        for session in new:
            self._paths.pop(session.id, None)
        self._paths.update(changed_by(self._place.repository, self._place.paths, new))
        self._works.update({session.id: _work(session) for session in new})


def _work(session: Session) -> Work:
    return session.base, session.head or session.checkpoint
