"""What a session taught, as one line for the instructions that all agents read; a change of its own, like any other."""

from __future__ import annotations

import shlex
import sys

from swarmctl.core.errors import UsageFault
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session
from swarmctl.edges.agents import learner
from swarmctl.edges.files.secrets import clean_terminal, mask
from swarmctl.flow.task.intake import Wanted

LONGEST = 400


def proposal(line: str, source: Session | None, facts: Facts) -> Wanted:
    """A task that needs no agent: its session's worktree gets the line, and nothing else changes."""
    said = one_line(line) or (lesson_of(source) if source else "")
    if not said:
        where = source.id if source else "the command line"
        hint = f'swarmctl learn "LINE"{f" --from {source.id}" if source else ""}'
        raise UsageFault(f"{where} holds nothing to learn", hint=hint)
    if len(said) > LONGEST:
        raise UsageFault(f"{len(said)} characters are too many for one line", hint="say it shorter")
    prompt = said
    if source is not None:
        prompt += f"\n\nLearned in session {source.id}: {facts.tasks[source.task].title}"
    command = shlex.join([sys.executable, "-I", learner.__file__])
    return Wanted(key="task-1", prompt=prompt, title=f"Learn: {said}", agent="shell", command=command)


def lesson_of(session: Session) -> str:
    """What a gate refused, else the last thing that the agent said."""
    if session.outcome is Outcome.REFUSED and session.reason:
        return one_line(f"Before work is done: {session.reason}")[:LONGEST]
    return one_line(next((line for line in session.talk.said.splitlines() if line.strip()), ""))[:LONGEST]


def one_line(words: str) -> str:
    plain = mask(clean_terminal(words))
    return " ".join("".join(char if char.isprintable() else " " for char in plain).split()).removeprefix("- ")
