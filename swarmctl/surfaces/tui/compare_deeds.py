"""What a person can do where attempts at one task are compared, and why it cannot be done now. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.surfaces.tui.deed import HELP, Deed, always
from swarmctl.surfaces.tui.deeds import DEEDS, At
from swarmctl.surfaces.tui.rows import Frame, Row

IN_LIST = {deed.name: deed.why_not for deed in DEEDS}


@dataclass(frozen=True, slots=True)
class Ground:
    """One attempt among its rivals; without a name nothing is known yet."""

    name: str = ""
    session: Session | None = None
    row: Row | None = None
    """Of the list, where it stands there."""
    picked: str = ""
    decided: bool = False
    """What was picked landed."""
    aside: bool = False
    """It was put away since."""
    at_rest: bool = False
    """Somebody's work can be gated."""
    paths: int = 0
    """Files that anybody changed."""


def _entry(ground: Ground) -> str:
    if not ground.name:
        return "the attempts are being read"
    return "" if ground.session else f"{ground.name} waits for a place and has no session yet"


def _pickable(ground: Ground) -> str:
    if ground.decided:
        return f"{ground.picked} was picked and landed"
    if ground.picked:
        return f"{ground.picked} was picked: wait for its landing"
    if why := _entry(ground):
        return why
    assert ground.session is not None
    stage = ground.session.stage
    if stage in IN_QUEUE:
        return f"{ground.name} is in the merge queue already"
    if stage is Stage.EMPTY:
        return f"{ground.name} changed nothing"
    words = f"{ground.name} is {stage.value}: only finished work can be picked"
    return "" if stage in (Stage.READY, Stage.KEPT, Stage.LANDED) else words


def _terminal(ground: Ground) -> str:
    if why := _entry(ground):
        return why
    return IN_LIST["attach"](At(ground.row, Frame())) if ground.row else f"the terminal of {ground.name} is not there"


def _work(ground: Ground) -> str:
    if why := _entry(ground):
        return why
    assert ground.session is not None
    has_work = ground.session.place == "present" or ground.session.head
    return "" if has_work else f"{ground.name} has no work yet"


def _gateable(ground: Ground) -> str:
    if not ground.name:
        return _entry(ground)
    if ground.decided:
        return f"{ground.picked} landed: nothing is left to be gated"
    return "" if ground.at_rest else "no attempt has finished work that could be gated"


def _files(ground: Ground) -> str:
    return "" if ground.paths > 1 else "there is no other file"


def _away(ground: Ground) -> str:
    if why := _entry(ground):
        return why
    return "" if ground.aside else f"{ground.name} is not put away"


COMPARE_DEEDS: tuple[Deed[Ground], ...] = (
    Deed("pick", "p", "pick", "Land it through the queue; once it landed, put the others away.", _pickable),
    Deed("diff", "d", "diff", "Read all that it changed, and comment on it.", _work),
    Deed("attach", "enter", "attach", "Open its terminal.", _terminal),
    Deed("gate", "g", "gate", "Gate what was not gated on the target as it is; nothing lands.", _gateable),
    Deed("next_file", "J", "next file", "The next file.", _files),
    Deed("previous_file", "K", "previous file", "The file before.", _files, shown=False),
    Deed("why", "w", "why", "The chain of evidence behind its state.", _entry),
    Deed("undo", "u", "bring back", "Bring back an attempt that was put away.", _away, shown=False),
    HELP,
    Deed("leave", "q", "back", "Back to the list.", always),
)
