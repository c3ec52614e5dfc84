"""Strategies for values of the core: any dataclass from its type hints, and histories that the state machine allows."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from functools import cache
from typing import Any

from hypothesis import strategies as st

from swarmctl.core import events as e
from swarmctl.core.gate import GateResult, Proof, Verdict
from swarmctl.core.machine import TRANSITIONS, Facts, apply
from swarmctl.core.money import Hold, Tokens, Use
from swarmctl.core.session import Session

TEXT = st.text(max_size=12)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: INTEGERS,
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}
NEEDS_RUN = (e.RunLeft, e.RunJoined, e.TaskAdded)
NEEDS_TASK = (e.TaskFinished, e.TaskReopened, e.SessionPlanned)
MONEY = (e.Reserved, e.Used, e.Settled, e.CapNeared)
_NAMES_SESSION = tuple(
    kind
    for kind in e.EVENTS.values()
    if "session" in kind.__dataclass_fields__ and kind is not e.SessionPlanned and kind not in MONEY
)
OPENING = {1: e.RunSubmitted, 2: e.TaskAdded, 3: e.SessionPlanned}
BACK = (e.SessionKept, e.Dequeued, e.Withdrawn, e.RaceLost, e.SessionEmpty, e.Unparked)
NEEDS_NOTHING = (e.RunSubmitted, e.CommandDone, e.Approved, e.Noticed, e.HookRan, e.SupervisorStarted)


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value that the type hint allows."""
    if hint in SCALARS:
        return SCALARS[hint]
    if hint is Proof:
        return proofs()
    if isinstance(hint, typing.NewType):
        return values(hint.__supertype__)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([values(each) for each in arguments])
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return built(hint)


def built(kind: type[Any], **given: Any) -> st.SearchStrategy[Any]:
    """Any value of a dataclass whose fields named in `given` hold just that."""
    hints = typing.get_type_hints(kind)
    fields = {
        field.name: st.just(given[field.name]) if field.name in given else values(hints[field.name])
        for field in dataclasses.fields(kind)
    }
    return st.builds(kind, **fields)


@st.composite
def proofs(draw: st.DrawFn) -> Proof:
    tree = draw(TEXT)
    names = tuple(draw(st.lists(TEXT, unique=True, max_size=3)))
    results = tuple(draw(built(GateResult, gate=name, tree=tree, verdict=Verdict.PASS)) for name in names)
    return typing.cast(Proof, draw(built(Proof, tree=tree, promised=names, results=results)))


@st.composite
def histories(draw: st.DrawFn, longest: int = 60) -> list[e.Event]:
    """Events that may follow one another in this order, from an empty ledger."""
    facts = Facts()
    events: list[e.Event] = []
    for seq in range(1, draw(st.integers(1, longest)) + 1):
        kind = OPENING.get(seq)
        event = draw(_next(facts, seq, kind))
        for row in apply(facts, e.Stamped(seq, float(seq), event)):
            facts.put(row)
        events.append(event)
    return events


@st.composite
def _next(draw: st.DrawFn, facts: Facts, seq: int, kind: type[e.Event] | None) -> e.Event:
    kinds: list[type[e.Event]] = list(NEEDS_NOTHING)
    given: dict[str, Any] = {"run": f"r{seq}"}
    if facts.runs:
        kinds += NEEDS_RUN
        given |= {"run": draw(st.sampled_from(list(facts.runs))), "task": f"t{seq}"}
    if facts.tasks:
        kinds += NEEDS_TASK
    session = draw(st.sampled_from(list(facts.sessions.values()))) if facts.sessions else None
    if session is not None:
        kinds += _fitting(session)
        if kind is None and draw(st.integers(0, 3)) == 0:
            return draw(_of_money(facts, session, seq))
    kind = kind or draw(st.sampled_from(kinds))
    if kind is e.RunSubmitted:
        given["run"] = f"r{seq}"
    if kind in NEEDS_TASK:
        given["task"] = draw(st.sampled_from(list(facts.tasks)))
    if kind is e.SessionPlanned:
        given["session"] = f"s{seq}"
    elif session is not None or kind in (e.Noticed, e.HookRan):
        given["session"] = session.id if session else None
    known = {name: value for name, value in given.items() if name in kind.__dataclass_fields__}
    return typing.cast(e.Event, draw(built(kind, **known)))


@st.composite
def _of_money(draw: st.DrawFn, facts: Facts, session: Session, seq: int) -> e.Event:
    """A reservation, or what becomes of one."""
    unsettled = [entry for entry in facts.entries.values() if entry.how in ("open", "expired")]
    if not unsettled or draw(st.booleans()):
        scopes = draw(st.lists(st.sampled_from(["task:t", "run:r", "day:d", "project"]), unique=True, max_size=4))
        amount = draw(st.integers(0, 10**7))
        reserved = built(
            e.Reserved,
            session=session.id,
            entry=f"e{seq}",
            task=session.task,
            run=session.run,
            attempt=seq,
            amount=amount,
            holds=tuple(Hold(scope) for scope in scopes),
        )
        return typing.cast(e.Event, draw(reserved))
    entry = draw(st.sampled_from(unsettled))
    if draw(st.booleans()):
        how = draw(st.sampled_from(["actual", "unknown", "unused", "expired"]))
        return e.Settled(entry.session, entry.id, typing.cast(Any, how))
    counts = st.builds(Tokens, *[st.integers(0, 10**9)] * 4)
    uses = st.builds(Use, TEXT, counts, st.none() | st.integers(0, 10**7), st.booleans(), TEXT)
    return e.Used(entry.session, entry.id, tuple(draw(st.lists(uses, max_size=3))), draw(TEXT))


def _fitting(session: Session) -> list[type[e.Event]]:
    """Kinds that the session's stage allows, those that move it on several times over so that histories get far."""
    moving = [kind for kind, (allowed, _) in TRANSITIONS.items() if session.stage in allowed]
    onward = [kind for kind in moving if kind not in BACK]
    resting = [kind for kind in _NAMES_SESSION if kind not in TRANSITIONS]
    return onward * 12 + moving + resting
