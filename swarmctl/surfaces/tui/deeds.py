"""What a person can do at the list: a key each, and why it cannot be done now. Pure."""

from __future__ import annotations

from typing import NamedTuple

from swarmctl.core.outcome import Outcome
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.surfaces.tui.deed import HELP, Deed, always
from swarmctl.surfaces.tui.rows import Frame, Group, Row

LANDABLE = (Stage.READY, Stage.KEPT)
RESUMABLE = (Stage.LIMITED, Stage.KEPT, Stage.EMPTY)
NOBODY = ("shell", "undo")
"""In place of an agent."""
NOTHING = "no session is selected"


class At(NamedTuple):
    """What the deeds of the list are judged by."""

    row: Row | None
    frame: Frame
    seeks: bool = False
    """Words are searched for in the terminal below."""


def _stands(row: Row) -> str:
    """As the list has it; at work: what its session is about."""
    if row.session is None or row.task.outcome is None:
        return f"{row.key} is {row.session.stage.value if row.session else row.state}"
    return f"{row.key} left no work" if row.task.outcome is Outcome.NO_WORK else f"{row.key} is {row.state}"


def _any(at: At) -> str:
    return "" if at.row else NOTHING


def _session(at: At) -> str:
    row = at.row
    if row is None:
        return NOTHING
    return "" if row.session else f"{row.key} waits for a place and has no session yet"


def _terminal(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    if row.session.stage is not Stage.RUNNING:
        return f"{_stands(row)}: its terminal is not there"
    return "" if row.session.host == "tmux" or row.session.driven else f"{row.key} runs without tmux"


def _question(at: At) -> str:
    row = at.row
    if row is None:
        return NOTHING
    return "" if row.session and row.session.talk.asked else f"{row.key} asks nothing that can be answered from here"


def _work(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    session = row.session
    return "" if session.place == "present" or session.head or session.checkpoint else f"{row.key} has no work yet"


def _undoable(at: At) -> str:
    """Only what the row itself is about: nobody takes back a landing that is not pointed at."""
    row = at.row
    if row is None:
        return NOTHING
    if row.comes_back or row.key == at.frame.removed or (at.frame.landed and at.frame.landed.session == row.key):
        return ""
    if row.session is not None and row.session.stage is Stage.LANDED:
        return f"{row.key} is not what landed last: only the last landing can be taken back"
    return f"nothing of {row.key} to undo: select what landed last, or what is in the trash"


def _tellable(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    session = row.session
    if session.stage is Stage.LANDED:
        return f"{row.key} landed already: {{new}} gives an agent more to do"
    if session.stage in IN_QUEUE:
        return f"{row.key} is in the merge queue: {{stop}} takes it out first"
    if session.stage is Stage.PARKED:
        return f"{row.key} is parked: free the path that blocks, then {{land}}"
    if session.driven:
        return f"{row.key} runs in a terminal of your own: type it there"
    if session.agent in NOBODY and session.stage is not Stage.RUNNING:
        return f"{row.key} is a command: nobody is there to read"
    begins = session.stage in (Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING) and not session.talk.conversation
    return f"{row.key} has not begun yet: tell it once it runs" if begins else ""


def _queued_words(key: str, frame: Frame) -> str:
    nobody = "" if frame.supervised else ", but no supervisor runs: {up} starts it"
    return f"{key} is in the merge queue already{nobody}"


def _is_bare(session: Session) -> bool:
    """For sure: in a worktree that is there, somebody may have worked by hand since."""
    away = session.stage in LANDABLE and session.place != "present" and not session.head
    return away or session.stage is Stage.EMPTY


def _landable(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    if row.session.stage in IN_QUEUE:
        return _queued_words(row.key, at.frame)
    if row.session.stage is Stage.PARKED:
        return f"{row.key} is parked: free the path that blocks, then {{land}}"
    if row.session.stage is Stage.LANDED:
        return f"{row.key} landed already"
    if _is_bare(row.session):
        return f"{row.key} has no work to land"
    return "" if row.session.stage in LANDABLE else f"{_stands(row)}: only finished work lands"


def _rivals(at: At) -> str:
    there = any(each.task.contest for each in at.frame.rows)
    return "" if there else "nothing was tried several times yet: {new} starts several attempts"


def _pickable(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    if not row.task.contest:
        return f"{row.key} is the only attempt at its task: {{merge}} lands it"
    if row.session.stage in IN_QUEUE:
        return _queued_words(row.key, at.frame)
    if row.session.stage is Stage.LANDED:
        return f"{row.key} landed already"
    if _is_bare(row.session):
        return f"{row.key} has no work to land"
    stage = row.session.stage
    return "" if stage in LANDABLE else f"{_stands(row)}: only finished work can be picked"


def _parked(at: At) -> str:
    parked = any(each.session and each.session.stage is Stage.PARKED for each in at.frame.rows)
    return "" if parked else "nothing is parked"


def _stoppable(at: At) -> str:
    row = at.row
    if row is None:
        return NOTHING
    runs = row.task.outcome is None or (row.session is not None and row.session.stage in IN_QUEUE)
    return "" if runs else f"{row.key} does not run"


def _resumable(at: At) -> str:
    row = at.row
    if row is None:
        return NOTHING
    if row.session is None:
        return "" if row.task.outcome is not None else f"{row.key} waits for a place"
    if row.session.stage is Stage.READY:
        return f"{row.key} is ready: {{merge}} lands it, {{send}} gives it more to do"
    return "" if row.session.stage in RESUMABLE else f"{_stands(row)}: nothing to resume"


def _conflicted(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    return "" if row.session.place == "present" else f"{row.key} has no worktree"


def _removable(at: At) -> str:
    row = at.row
    if why := _session(at):
        return why
    assert row is not None and row.session is not None
    if row.session.active or row.session.stage in IN_QUEUE:
        return f"{_stands(row)}: {{stop}} stops it first"
    return "" if row.session.place == "present" else f"{row.key} has no worktree"


def _needy(at: At) -> str:
    return "" if any(each.group <= Group.UNSEEN for each in at.frame.rows) else "nobody needs you"


def _seeking(at: At) -> str:
    return "" if at.seeks else "nothing is searched for below: tab, then {filter}"


def _unsupervised(at: At) -> str:
    return "none is missing: it starts by itself for what needs it" if at.frame.supervised else ""


DEEDS: tuple[Deed[At], ...] = (
    Deed("new", "n", "new", "Give an agent a task.", always),
    Deed("attach", "enter", "attach", "Open its terminal; {back} comes back.", _terminal),
    Deed("next", "space", "next", "Go to the session that needs you most.", _needy),
    Deed("answer", "a", "answer", "Answer the question that its agent waits with.", _question),
    Deed("send", "s", "send", "Tell its agent something; one at rest begins again with it.", _tellable),
    Deed("diff", "d", "diff", "Read what it changed, and comment on it.", _work),
    Deed(
        "merge", "m", "merge", "Land it through the queue; what its agent left half done, after a question.", _landable
    ),
    Deed("compare", "c", "compare", "Several attempts at one task beside each other.", _rivals),
    Deed(
        "pick",
        "p",
        "pick",
        "Land one of several attempts; once it landed, put the others away.",
        _pickable,
        shown=False,
    ),
    Deed("stop", "x", "stop", "Stop it at a safe point; everything is kept.", _stoppable),
    Deed("resume", "r", "resume", "Go on with it.", _resumable),
    Deed("why", "w", "why", "The chain of evidence behind its state.", _any),
    Deed("queue", "g", "gates", "The merge queue: gates with their logs, landings with their proofs.", always),
    Deed("money", "dollar_sign", "money", "What agents cost, and what they may cost.", always),
    Deed("timeline", "t", "timeline", "Every event, with its record.", always),
    Deed(
        "undo", "u", "undo", "Bring it back from the trash; or take the last landing back, after a question.", _undoable
    ),
    Deed("filter", "slash", "filter", "Show only what has these words; in the preview: search.", always),
    Deed(
        "seek",
        "N",
        "before",
        "In the terminal below: the line before with what is searched for.",
        _seeking,
        shown=False,
    ),
    Deed("sync", "y", "sync", "Bring the target into its worktree.", _conflicted, shown=False),
    Deed("land", "L", "land", "Bring a parked target to where it should be.", _parked, shown=False),
    Deed(
        "remove", "delete", "remove", "Put its worktree into the trash; {undo} brings it back.", _removable, shown=False
    ),
    Deed("up", "U", "start", "Start the supervisor.", _unsupervised, shown=False),
    Deed("places", "R", "repositories", "Look at another repository.", always, shown=False),
    Deed(
        "settings",
        "comma",
        "settings",
        "What is in force, from which file, and how to change it.",
        always,
        shown=False,
    ),
    HELP,
    Deed("quit", "q", "quit", "Leave. Nothing stops.", always),
)
