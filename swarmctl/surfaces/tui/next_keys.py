"""What to press next for the selected session: the keys that `surfaces.words.steps` has commands for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from swarmctl.core.evidence import NETWORK
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage, State
from swarmctl.surfaces.tui.rows import Row

NEXT: dict[Outcome, str] = {
    Outcome.READY: "{merge} lands it, {diff} shows what it changed",
    Outcome.REFUSED: "{why} says why, {send} tells its agent what to mend, {merge} tries again",
    Outcome.CONFLICT: "{sync} brings the target in, then {merge} lands it",
    Outcome.BLOCKED: "{why} says why",
    Outcome.FAILED: "{why} says why, {resume} goes on with it",
    Outcome.INTERRUPTED: "{resume} goes on with it",
    Outcome.UNKNOWN: "{why} says why, {resume} goes on with it, {merge} lands it",
    Outcome.BUDGET: "{money} changes the budget, {resume} goes on with it",
    Outcome.NO_WORK: "{send} tells its agent more",
}
"""Other outcomes need nothing."""
BY_HAND = "merge the target in its worktree, then {merge} lands it"
"""A command resolves no conflict."""
AMONG_RIVALS = "{compare} compares the attempts, {pick} picks this one"
COMMAND = re.compile(r"[;:] (?:look at it, then )?`?swarmctl [a-z]+\b.*$", re.DOTALL)
APPROVE = "read and approve its gates with ^p approve, then {merge} lands it"


def next_words(row: Row, keys: Mapping[str, str]) -> str:
    """`keys`: of each deed, as a person has them. Empty where nothing has to be pressed."""
    return _template(row).format_map(keys)


def without_command(words: str) -> str:
    """What the ledger says, without what it would have typed: here a key does that."""
    return COMMAND.sub("", words)


def _template(row: Row) -> str:
    session, contest = row.session, row.task.contest
    if session is None or session.place == "returned":
        return ""
    if row.comes_back:
        return "{undo} brings it back"
    if session.stage is Stage.PARKED:
        return "free the path that blocks, then {land}"
    if session.outcome is not None:
        return _after(session.outcome, session.id, session.agent, session.reason, contest)
    if session.stage is not Stage.RUNNING or session.state is not State.BLOCKED:
        return ""
    if session.state_kind == NETWORK:
        return "{stop} stops it; or nothing: it goes on by itself as soon as it reaches its model"
    return "{answer} answers it" if session.talk.asked else "{attach} opens its terminal"


def _after(outcome: Outcome, name: str, agent: str, reason: str, contest: str) -> str:
    if contest and outcome is Outcome.READY:
        return AMONG_RIVALS
    if outcome is Outcome.BLOCKED and f"approve {name}" in reason:
        return APPROVE
    return BY_HAND if outcome is Outcome.CONFLICT and agent == "shell" else NEXT.get(outcome, "")
