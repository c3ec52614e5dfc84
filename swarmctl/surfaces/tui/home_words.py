"""What the first screen says in words: where it is, who is selected, what its keys do. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from swarmctl.app.here import Here
from swarmctl.surfaces.tui.deeds import Deed, key_words
from swarmctl.surfaces.tui.next_keys import next_words
from swarmctl.surfaces.tui.rows import Frame, Row
from swarmctl.surfaces.words.plain import one_line

EMPTY = """Nothing runs here yet.

{new:<6} give an agent a task; it works in a worktree of its own
{attach:<6} look into its terminal and talk to it; {back} comes back
{merge:<6} land what is ready: only what passes your gates lands

{help:<6} all keys"""
EMPTY_FILTER = "Nothing here has these words. Esc shows all again."


def place_words(place: Here) -> str:
    return f"swarmctl · {one_line(place.repository.root.name)}"


def step_words(row: Row) -> str:
    return "its agent hears it at the end of its turn, or goes on with it" if row.session else ""


def about(row: Row | None, keys: Mapping[str, str]) -> str:
    """One line over the preview: who that is, and what to do about it."""
    if row is None:
        return ""
    session = row.session
    why = (session.reason or session.state_why) if session else row.task.reason
    step = next_words(row, keys)
    return one_line("  ".join(filter(None, (row.key, why, f"→ {step}" if step else ""))))


def help_text(deeds: Mapping[str, Deed], row: Row | None, frame: Frame, words: Mapping[str, str]) -> Text:
    text = Text()
    for key, deed in deeds.items():
        why = deed.why_not(row, frame)
        text.append(f"{key_words(key):>8}  ", "bold" if not why else "dim")
        text.append(f"{deed.help.format_map(words)}\n", "" if not why else "dim")
        if why:
            text.append(f"{'':10}not now: {one_line(why)}\n", "dim italic")
    text.append("\n     tab  between the list and the terminal below it\n")
    text.append("      ^p  every command of swarmctl\n")
    return text
