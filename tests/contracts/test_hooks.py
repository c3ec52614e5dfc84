"""What every implementation of the user's hooks promises, real or fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from swarmctl.core.config import HookSpec
from swarmctl.core.ports import Hooks
from swarmctl.edges.hooks.user_hooks import UserHooks
from tests.fakes.files import Approvals, FakeHooks, PlainRunner

Make = Callable[[str, list[int]], Hooks]


def real(tmp_path: Path) -> Make:
    def make(event: str, codes: list[int]) -> Hooks:
        specs = [HookSpec(event, f"echo said; exit {code}") for code in codes]
        return UserHooks(
            tmp_path, PlainRunner(), tmp_path / "logs", Approvals(everything=True), lambda: specs, frozenset
        )

    return make


def fake(tmp_path: Path) -> Make:
    def ending(code: int) -> Callable[[Mapping[str, str]], str]:
        return lambda facts: f"ended with {code}: said" if code else ""

    return lambda event, codes: FakeHooks({event: [ending(code) for code in codes]})


@pytest.fixture(params=[real, fake])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    made: Make = request.param(tmp_path)
    return made


def test_with_nothing_registered_nothing_happens(make: Make, tmp_path: Path) -> None:
    assert make("post_merge", []).fire("pre_merge", {}, str(tmp_path)) == []


def test_what_is_registered_can_be_asked_before_it_runs(make: Make) -> None:
    hooks = make("post_merge", [0])
    assert hooks.any_for("post_merge")
    assert not hooks.any_for("pre_merge")


def test_success_has_no_words(make: Make, tmp_path: Path) -> None:
    [outcome] = make("pre_merge", [0]).fire("pre_merge", {"SWARM_SESSION": "abcde"}, str(tmp_path))
    assert (outcome.hook, outcome.ok, outcome.words) == ("pre_merge", True, "")


def test_a_failure_has_words(make: Make, tmp_path: Path) -> None:
    [outcome] = make("post_merge", [3]).fire("post_merge", {}, str(tmp_path))
    assert not outcome.ok
    assert "ended with 3: said" in outcome.words
    assert outcome.rc not in (0, None)


@pytest.mark.parametrize(("event", "ran"), [("pre_merge", [True, False]), ("post_merge", [True, False, True])])
def test_only_a_pre_hook_stops_at_the_first_failure(make: Make, tmp_path: Path, event: str, ran: list[bool]) -> None:
    outcomes = make(event, [0, 1, 0]).fire(event, {}, str(tmp_path))
    assert [outcome.ok for outcome in outcomes] == ran
