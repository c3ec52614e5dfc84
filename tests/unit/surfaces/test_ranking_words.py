"""What decided about the rank of an entry, and the mark that it carries among its rivals."""

from __future__ import annotations

import pytest

from swarmctl.app.contests import Ranking, contest_of
from swarmctl.surfaces.words.ranking import place_words, why_words
from tests.fakes.desk import World
from tests.fakes.git import Files
from tests.unit.app.test_contests import asked, done, gated


def found(*work: Files | None) -> Ranking:
    world, _ = gated()
    done(world, *work)
    return contest_of(world.facts)


def said(ranking: Ranking) -> list[str]:
    names = {entry.name: f"<{number}>" for number, entry in enumerate(ranking.entries)}
    lines = [why_words(ranking, entry) for entry in ranking.entries]
    for name, short in names.items():
        lines = [line.replace(name, short) for line in lines]
    return lines


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (({"a": b"1\n"}, {"bad": b"1\n"}), ["the fewest red gates", "1 red gate more than <0>"]),
        (({"a": b"1\n"}, {"a": b"1\n2\n3\n"}), ["the fewest lines changed", "2 lines more than <0>"]),
        (({"a": b"1\n2\n"}, {"a": b"1\n", "b": b"2\n"}), ["the fewest files changed", "1 file more than <0>"]),
        (({"a": b"1\n"}, {"b": b"1\n"}), ["the same evidence as <1>", "the same evidence as <0>"]),
        (({"a": b"1\n"}, None), ["", ""]),
    ],
)
def test_what_decided_is_told_against_the_entry_before(work: tuple[Files | None, ...], words: list[str]) -> None:
    assert said(found(*work)) == words


def test_the_mark_has_the_rank_the_tie_and_how_many_there_are() -> None:
    ranking = found({"a": b"1\n"}, {"b": b"1\n"}, {"bad": b"1\n"}, None)

    assert [place_words(ranking, entry.task.id) for entry in ranking.entries] == ["=1/4", "=1/4", "3/4", "-/4"]


def test_where_all_are_red_nobody_is_first() -> None:
    ranking = found({"bad": b"1\n"}, {"bad": b"2\n"})

    assert [place_words(ranking, entry.task.id) for entry in ranking.entries] == ["-/2", "-/2"]


def test_before_any_gate_nobody_has_a_rank() -> None:
    world: World = gated()[0]
    asked(world, 2)

    ranking = contest_of(world.facts)
    assert [place_words(ranking, entry.task.id) for entry in ranking.entries] == ["-/2", "-/2"]
