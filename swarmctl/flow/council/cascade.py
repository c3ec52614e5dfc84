"""A question through the tiers in order: each answers, passes or abstains, and each is a step that can be read.

An answer counts only when it is the only one: tools that say different things are silence. What few
questions need is loaded when one does: people wait for the start of this.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from swarmctl.core.council import Asked, Found, Reply, Route, Status, Step, Tier, Tool


class Council(NamedTuple):
    tools: Sequence[Tool]
    bare: Callable[[str], str]
    """The question without the words around it."""
    ticks: Callable[[], float]
    """Seconds that only go on."""


class _Talk:
    """One question on its way through the tiers."""

    def __init__(self, council: Council) -> None:
        self.council = council
        self.steps: list[Step] = []
        self.failed = False

    def note(self, tier: Tier, who: str, verdict: str, why: str, since: float) -> None:
        took = round((self.council.ticks() - since) * 1e6)
        self.steps.append(Step(tier, who, verdict, why, took))


class Heard(NamedTuple):
    """What was said to a question, and how the question was read."""

    reply: Reply
    read_as: str


def deliberate(asked: Asked, route: Route, council: Council) -> Heard:
    """The tiers of `route`, in order."""
    talk = _Talk(council)
    talk.note(Tier.RULES, "rules", "passed", "; ".join(route.reasons), council.ticks())
    if Tier.EXACT not in route.tiers:
        return Heard(_silent(talk, route, "the exact tools were not asked"), asked.text)
    read_as, found = _exactly(talk, asked)
    if isinstance(found, str):
        return Heard(_silent(talk, route, found), asked.text)
    reply = Reply(Status.ANSWERED, found.answer, Tier.EXACT, 1.0, found.proof, route, tuple(talk.steps), found.reads)
    return Heard(reply, read_as)


def at_once(asked: Asked, council: Council) -> tuple[Found | None, bool]:
    """What the tools say to the text as it stands, as one question; and whether one of them failed."""
    talk = _Talk(council)
    return _whole(talk, asked), talk.failed


def _silent(talk: _Talk, route: Route, why: str) -> Reply:
    status = Status.ERROR if talk.failed else Status.ABSTAINED
    return Reply(status, "", None, 0.0, why, route, tuple(talk.steps))


def _exactly(talk: _Talk, asked: Asked) -> tuple[str, Found | str]:
    """The question as it was read and its answer, or why there is none."""
    if asked.before and (program := _written(talk, asked)):
        return asked.text, program
    meant: tuple[str, ...] = (asked.text,)
    if asked.before:
        from swarmctl.flow.council.followup import readings

        meant = readings(asked)
    for text in meant:
        found = _whole(talk, dataclasses.replace(asked, text=text))
        if found and text not in (asked.text, asked.text.strip()):
            return text, dataclasses.replace(found, proof=f"read as `{text}`: {found.proof}")
        if found:
            return text, found
    from swarmctl.flow.council.parts import parts

    several = parts(asked.text)
    if not several:
        return asked.text, "no exact tool understands every word of it"
    return asked.text, _together(talk, asked, several)


def _written(talk: _Talk, asked: Asked) -> Found | None:
    from swarmctl.flow.council.in_python import in_python

    since = talk.council.ticks()
    program = in_python(asked, talk.council.bare)
    if program:
        talk.note(Tier.EXACT, "python", "answered", program.proof, since)
    return program


def _differ(answers: Sequence[str]) -> bool:
    from swarmctl.flow.council.normal import normal

    return len(set(map(normal, answers))) > 1


def _together(talk: _Talk, asked: Asked, several: Iterable[str]) -> Found | str:
    """Every part answered, or nothing."""
    founds = []
    for part in several:
        found = _whole(talk, dataclasses.replace(asked, text=part, before=()))
        if found is None:
            return f"no exact tool understands this part of it: {part}"
        founds.append(found)
    return Found(
        "\n".join(found.answer for found in founds),
        "; ".join(found.proof for found in founds),
        tuple(dict.fromkeys(path for found in founds for path in found.reads)),
    )


def _whole(talk: _Talk, asked: Asked) -> Found | None:
    """What the tools say that understand all of it, when all say the same."""
    passed, said = [], []
    for tool in talk.council.tools:
        since = talk.council.ticks()
        try:
            if not tool.may(asked):
                passed.append(tool.name)
                continue
            found = tool.answer(asked)
        except Exception as error:
            talk.failed = True
            talk.note(Tier.EXACT, tool.name, "abstained", f"failed: {type(error).__name__}: {error}", since)
            continue
        if found is None:
            talk.note(Tier.EXACT, tool.name, "abstained", "does not understand every word of it", since)
        else:
            said.append((tool.name, found))
            talk.note(Tier.EXACT, tool.name, "answered", f"{found.answer} ({found.proof})", since)
    if passed:
        talk.note(Tier.EXACT, ", ".join(passed), "passed", "not a question for it", talk.council.ticks())
    if len(said) > 1 and _differ([found.answer for _, found in said]):
        why = "; ".join(f"{name} says {found.answer}" for name, found in said)
        talk.note(Tier.EXACT, "all", "abstained", f"they differ: {why}", talk.council.ticks())
        return None
    return said[0][1] if said else None
