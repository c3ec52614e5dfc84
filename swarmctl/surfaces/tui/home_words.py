"""What the first screen says in words: where it is, who is selected, what its keys do. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from swarmctl.app.here import Here
from swarmctl.core.session import IN_QUEUE, Session, Stage, State
from swarmctl.surfaces.tui.next_keys import next_words, without_command
from swarmctl.surfaces.tui.rows import Row
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.narrate import exit_words
from swarmctl.surfaces.words.plain import one_line

EMPTY = """Nothing runs here yet.

{new:<6} give an agent a task; it works in a worktree of its own
{attach:<6} look into its terminal and talk to it; {back} comes back
{merge:<6} land what is ready: only what passes your gates lands
^p     every command by its name: init finds what could be a gate

{help:<6} all keys"""
EMPTY_FILTER = "Nothing here has these words. Esc shows all again."


def place_words(place: Here) -> str:
    return f"swarmctl · {one_line(place.repository.root.name)}"


def step_words(row: Row) -> str:
    """What becomes of a text for its agent."""
    session = row.session
    if session is None:
        return ""
    talks = bool(session.talk.conversation)
    if session.stage is Stage.LIMITED:
        return "its agent is told when its provider lets it go on"
    if not session.active:
        goes_on = talks and not session.talk.fresh
        how = "goes on with it, in its conversation" if goes_on else "starts again with its task and this"
        return f"it rests: its agent {how}"
    if talks:
        return "its agent hears it at the end of its turn"
    return "it is typed into its terminal, never into a question"


def why_words(session: Session) -> str:
    """Why it stands where it does."""
    if session.reason and not session.active:
        return session.reason
    if session.stage in IN_QUEUE:
        return f"stands in the merge queue of {session.target}"
    if session.stage is Stage.LANDED:
        return f"landed on {session.target}"
    if session.exit is not None and session.state in (State.EXITED, State.LOST):
        return "the agent ended by itself" if session.exit.clean else f"the agent ended: {exit_words(session.exit)}"
    return session.state_why


def about(row: Row | None, keys: Mapping[str, str], room: int) -> str:
    """One line over the preview: who that is, and what to do about it, which is never what is left out."""
    if row is None:
        return ""
    session = row.session
    why = why_words(session) if session else row.task.reason
    step = next_words(row, keys)
    why = without_command(why)
    line, then = one_line(f"{row.key}  {why}".rstrip()), one_line(f"  → {step}") if step else ""
    left = room - cell_len(then)
    return (fit(line, left) if cell_len(line) > left > len(row.key) else line) + then
