"""A text goes where the rules say, for reasons that can be read, however long it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import swarmctl.flow.route
from swarmctl.core.council import Kind, Risk, Tier
from swarmctl.core.errors import UsageFault
from swarmctl.flow.route.decide import decide
from swarmctl.flow.route.rules import Rules, parse, parse_repository
from swarmctl.flow.route.view import END, look

DEFAULT = parse((Path(swarmctl.flow.route.__file__).parent / "default.toml").read_text(), "default.toml")


@pytest.mark.parametrize("example", DEFAULT.examples, ids=lambda each: each.text[:40])
def test_each_example_of_the_rules_goes_where_it_should(example: object) -> None:
    assert hasattr(example, "text") and hasattr(example, "kind") and hasattr(example, "risk")
    route = decide(example.text, DEFAULT)
    assert route.kind == example.kind
    assert example.risk in (None, route.risk)


def test_there_is_an_example_of_every_kind_and_every_risk() -> None:
    assert {each.kind for each in DEFAULT.examples} == set(Kind)
    assert {each.risk for each in DEFAULT.examples} - {None} == set(Risk)


def test_only_the_two_ends_of_a_long_text_are_looked_at() -> None:
    middle = "x" * 5_000 + " rm -rf " + "x" * 5_000
    assert decide(f"fix the build {middle}", DEFAULT).risk is Risk.LOW
    assert decide(f"fix the build {middle} and rm -rf it", DEFAULT).risk is Risk.HIGH
    assert len(look("y" * 1_000_000).plain) <= 2 * END + 1


def test_the_highest_risk_counts_and_says_why() -> None:
    route = decide("Delete the migration in production", DEFAULT)
    assert route.risk is Risk.HIGH
    assert "says `production`" in route.reasons[1]


def test_a_text_that_no_rule_fits_is_other_and_may_be_handed_over() -> None:
    route = decide("a blue bird", DEFAULT)
    assert (route.kind, route.risk) == (Kind.OTHER, Risk.LOW)
    assert route.tiers == (Tier.RULES, Tier.EXACT, Tier.AGENT)
    assert route.reasons == ("class other: no rule fits",)


def test_own_rules_come_before_ours() -> None:
    own = parse('[[class]]\nname = "birds"\nkind = "plan"\nwords = ["bird"]\ntiers = ["agent"]\n', "own.toml")
    route = decide("a blue bird", DEFAULT.after(own))
    assert (route.kind, route.tiers) == (Kind.PLAN, (Tier.AGENT,))
    assert route.reasons == ("class plan: birds, says `bird`",)


def test_a_repository_may_raise_the_risk_and_never_lower_it() -> None:
    theirs = parse_repository(
        '[[risk]]\nlevel = "high"\nwords = ["bird"]\n[[risk]]\nlevel = "low"\nwords = ["rm"]\n', "r"
    )
    assert decide("a blue bird", DEFAULT.after(theirs)).risk is Risk.HIGH
    assert decide("rm -rf /", DEFAULT.after(theirs)).risk is Risk.HIGH


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[class]]\nkind = "exact"\n', "not a repository's to say"),
        ('[[risk]]\nlevel = "high"\nmatch = "(a+)+$"\n', "no key `match`"),
        ('[[example]]\ntext = "x"\nkind = "exact"\n', "not a repository's to say"),
    ],
)
def test_a_repository_has_no_say_in_classes_and_no_patterns(text: str, words: str) -> None:
    with pytest.raises(UsageFault, match=words):
        parse_repository(text, ".swarm/rules.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = ", "own.toml"),
        ("[[rule]]\n", "no key `rule`"),
        ("class = 1\n", "`class` is not a table"),
        ('[[class]]\nkind = "nosuch"\n', "no kind `nosuch`"),
        ('[[class]]\nkind = "exact"\ntiers = ["memo"]\n', "no tier `memo`"),
        ('[[class]]\nkind = "exact"\ntiers = "exact"\n', "a list of names"),
        ('[[class]]\nkind = "exact"\nhas = ["nosuch"]\n', "no feature `nosuch`"),
        ('[[class]]\nkind = "exact"\nwords = "one"\n', "a list of words"),
        ('[[class]]\nkind = "exact"\nmatch = "("\n', "no pattern"),
        ('[[class]]\nkind = "exact"\nmax_chars = -1\n', "is a number"),
        ('[[risk]]\nlevel = "extreme"\n', "no level `extreme`"),
        ('[[risk]]\nlevel = "high"\nword = ["x"]\n', "no key `word`"),
        ("#" * 100_001, "longer than"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_file(text: str, words: str) -> None:
    with pytest.raises(UsageFault, match=words) as refused:
        parse(text, "own.toml")
    assert "own.toml" in refused.value.message
    assert refused.value.hint


@given(st.text(max_size=6_000))
def test_any_text_has_a_route_and_always_the_same(text: str) -> None:
    route = decide(text, DEFAULT)
    assert route == decide(text, DEFAULT)
    assert route.tiers and route.reasons


def test_without_rules_everything_is_other() -> None:
    assert decide("what is 2+2?", Rules((), ())).kind is Kind.OTHER
