"""What of a session's work was on a screen is remembered when the screen is left, also with the whole cockpit."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from swarmctl.app.here import Here
from swarmctl.app.looked import note_look
from swarmctl.core.errors import SwarmError
from swarmctl.core.session import Session


def remember(place: Here, session: Session, tree: str) -> None:
    """In a thread that ends by itself, and for which nobody waits."""
    at = time.time()

    def note() -> None:
        """What cannot be written down is shown once more the next time."""
        with suppress(SwarmError):
            note_look(place.paths, session, tree, at)

    threading.Thread(target=note, name="looked").start()
