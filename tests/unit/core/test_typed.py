"""What the ledger knows of a text that is typed: due, under way, and then what became of it."""

from __future__ import annotations

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Exit, Fate
from tests.fakes.desk import World


@pytest.mark.parametrize("fate", ["delivered", "queued", "unconfirmed"])
def test_a_text_is_under_way_until_its_fate_is_known(fate: Fate) -> None:
    world = World()
    name = world.running()
    assert world.session(name).talk.delivery.fate == ""
    world.log.append(e.TypingIntended(name, 5))
    assert world.session(name).talk.delivery.fate == "typing"
    world.log.append(e.PromptTyped(name, fate, "because"))
    assert (world.session(name).talk.delivery.fate, world.session(name).talk.delivery.why) == (fate, "because")


def test_what_an_agent_kept_is_delivered_once_it_begins_a_turn_after_it() -> None:
    world = World()
    name = world.running()
    world.log.append(e.PromptTyped(name, "queued", "it works"), e.TurnEnded(name, True, "done"), e.TurnBegan(name))
    talk = world.session(name).talk
    assert (talk.delivery.fate, talk.ended, talk.said) == ("delivered", "", "")


@pytest.mark.parametrize(("fate", "left"), [("queued", "unconfirmed"), ("delivered", "delivered")])
def test_what_an_agent_kept_to_its_end_is_not_known_to_have_been_heard(fate: Fate, left: Fate) -> None:
    world = World()
    name = world.running()
    world.log.append(e.PromptTyped(name, fate, "it works"), e.SessionEnded(name, Exit(0), "exit file"))
    assert world.session(name).talk.delivery.fate == left
