"""Events of contests in words: rehearsals, a pick, and what was put away for it."""

from __future__ import annotations

from swarmctl.core import events as e
from swarmctl.core.contest import Size
from swarmctl.core.machine import Facts
from swarmctl.surfaces.words.saying import Say


def size_words(size: Size) -> str:
    return f"{size.files} file{'' if size.files == 1 else 's'} +{size.added} -{size.removed}"


def _rehearsed(event: e.Rehearsed, facts: Facts) -> str:
    if event.size is None:
        return f"cannot land as it is: {event.reason}"
    how = f"refused: {event.reason}" if event.reason else "all green" if event.results else "no gates"
    return f"gated without a landing: {how}; {size_words(event.size)}"


def _begun(event: e.RehearsalBegun, facts: Facts) -> str:
    target = facts.sessions[event.session].target
    return f"merged beside {target} to be gated, not to land: tree {event.staged.tree[:10]}"


def _aside(event: e.SetAside, facts: Facts) -> str:
    kept = f"; its head stays as {event.ref}" if event.ref else ""
    return f"put away, {event.why}{kept}; swarmctl undo {event.session} brings it back"


CONTESTS: dict[type[e.Event], Say] = {
    e.RehearsalAsked: "is to be gated without a landing",
    e.RehearsalBegun: _begun,
    e.Rehearsed: _rehearsed,
    e.RehearsalLeft: "not gated: {event.why}",
    e.Picked: "was picked among its rivals",
    e.SetAside: _aside,
}
