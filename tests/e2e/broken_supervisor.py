"""The real supervisor with a defect: what comes next for a session of a task called `breaks` cannot be decided."""

from __future__ import annotations

import sys

from swarmctl.app.supervisor import main
from swarmctl.core.machine import Facts
from swarmctl.core.session import Session, Stage
from swarmctl.loops.engine import advance

right = advance._next


def wrong(session: Session, facts: Facts, around: advance.Around) -> advance.Kind | None:
    if session.stage is Stage.RUNNING and "breaks" in facts.tasks[session.task].title:
        raise KeyError("nobody thought of this")
    return right(session, facts, around)


advance._next = wrong

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
