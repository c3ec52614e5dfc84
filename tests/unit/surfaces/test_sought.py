"""Words that are searched for: whatever line has them, the ledger is asked so that its event is among the answers."""

from __future__ import annotations

import typing
from string import Formatter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from swarmctl.core import events as e
from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.machine import Facts, apply
from swarmctl.edges.store.rows import as_json
from swarmctl.surfaces.words.narrate import WORDS
from swarmctl.surfaces.words.narrate_chain import CHAIN, chain_line
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.sought import HASHED, LONGEST, MOST, NAMED, OWN, ROUNDED, sought
from tests.fakes.events import histories

TEMPLATES = [(kind, say) for table in (WORDS, CHAIN) for kind, say in table.items() if isinstance(say, str)]


def in_ascii(plain: Any) -> Any:
    """The same letter for the same letter: who is named somewhere is named so everywhere. Trees are hashes."""
    match plain:
        case str():
            return "".join(char if char.isascii() else chr(ord("a") + ord(char) % 26) for char in plain)
        case list():
            return [in_ascii(each) for each in plain]
        case dict():
            return {
                key: each.encode(errors="replace").hex() if key == "tree" else in_ascii(each)
                for key, each in plain.items()
            }
    return plain


def is_among(event: e.Event, words: str, names: list[str]) -> bool:
    """What the ledger answers, by the rule that it is asked with."""
    record, kind = as_json(to_plain(event)), type(event).__name__
    return all(
        part.run in record.lower() or not record.isascii() or "\\u" in record or kind in part.kinds
        for part in sought(words, names)
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories(longest=30))
def test_every_word_of_every_line_leads_to_its_event(history: list[e.Event]) -> None:
    facts = Facts()
    events = []
    for seq, event in enumerate(history, start=1):
        try:
            event = from_plain(type(event), in_ascii(to_plain(event)))
            rows = apply(facts, e.Stamped(seq, float(seq), event))
        except (ValueError, KeyError):
            assume(False)
        for row in rows:
            facts.put(row)
        events.append(event)
    names = [name for session in facts.sessions.values() for name in (session.agent, session.target)]
    for event in events:
        line = f"{getattr(event, 'session', '')} {type(event).__name__} {one_line(chain_line(event, facts))}"
        for word in line.casefold().split():
            assert is_among(event, word, names), (word, line)


@pytest.mark.parametrize(("kind", "template"), TEMPLATES, ids=[kind.__name__ for kind, _ in TEMPLATES])
def test_a_template_names_only_what_stands_in_the_record(kind: type[e.Event], template: str) -> None:
    parts = list(Formatter().parse(template))
    for literal, path, form, _ in parts:
        assert not (path is not None and literal and literal[-1].isalnum()), "a word of ours would run into a value"
        hint: Any = kind
        for name in (path or "").split(".")[1:]:
            hint = str if name == "value" else typing.get_type_hints(hint)[name]
        assert path is None or (hint in (str, int) or typing.get_origin(hint) is typing.Literal or named(hint))
        assert not form or form == ".10"
    assert all(not literal or not literal[0].isalnum() for literal, *_ in parts[1:])
    assert all(after[0] for after in parts[1:] if after[1] is not None), "two values would run into each other"


def named(hint: Any) -> bool:
    return getattr(hint, "__supertype__", None) is str


def test_what_says_something_by_a_function_is_known_or_asked_of_all() -> None:
    by_function = {kind for table in (WORDS, CHAIN) for kind, say in table.items() if not isinstance(say, str)}
    assert set(OWN) <= by_function
    assert {*ROUNDED, *HASHED, *NAMED} <= set(OWN)


def test_a_rare_word_is_asked_of_few_kinds_and_much_text_asks_little() -> None:
    (rare,) = sought("Xylophone", ["claude", "main"])
    assert rare.run == "xylophone" and not {"StateChanged", "Noticed", "GateFinished", "Landed"} & set(rare.kinds)
    assert {"SessionStarted"} <= set(sought("laud", ["claude"])[0].kinds)
    assert sought("… — !", []) == ()
    many = sought(" ".join(f"word{number}" for number in range(5000)) + "x" * 100_000, [])
    assert len(many) == MOST and max(len(part.run) for part in many) == LONGEST
