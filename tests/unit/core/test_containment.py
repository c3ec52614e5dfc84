"""Whether a start is fenced in, why, and what is refused."""

from __future__ import annotations

import pytest

from swarmctl.core.agent import Permission
from swarmctl.core.config import Fenced, SandboxSettings
from swarmctl.core.containment import Containment, Tier, decide, in_words, objection, trifecta

BROKEN = "bubblewrap is not installed"


@pytest.mark.parametrize(
    ("mode", "fenced", "permission", "trouble", "tier"),
    [
        ("auto", "tested", "edit", "", "fenced"),
        ("auto", "untested", "edit", "", "none"),
        ("auto", "own", "edit", "", "own"),
        ("auto", "own", "all", "", "fenced"),
        ("auto", "untested", "all", "", "fenced"),
        ("auto", "tested", "edit", BROKEN, "none"),
        ("auto", "tested", "all", BROKEN, "none"),
        ("on", "untested", "edit", "", "fenced"),
        ("on", "own", "edit", "", "fenced"),
        ("on", "tested", "edit", BROKEN, "none"),
        ("off", "tested", "edit", "", "none"),
        ("off", "own", "all", "", "none"),
    ],
)
def test_who_is_fenced_in(mode: str, fenced: Fenced, permission: Permission, trouble: str, tier: Tier) -> None:
    found = decide(SandboxSettings(mode=mode), fenced, permission, trouble)  # type: ignore[arg-type]
    assert found.tier == tier
    assert found.why == trouble if trouble else found.why


def refused(settings: SandboxSettings, found: Containment, permission: Permission = "edit") -> str:
    return objection(settings, found, permission, trifecta(found))[0]


FENCED = Containment("fenced", "[sandbox] mode is auto")
NONE = Containment("none", BROKEN)


def test_permission_mode_all_needs_the_sandbox_and_says_what_is_missing() -> None:
    assert BROKEN in refused(SandboxSettings(), NONE, "all")
    assert "needs the sandbox" in refused(SandboxSettings(), Containment("own", "it brings its own"), "all")
    assert refused(SandboxSettings(), FENCED, "all") == ""


def test_nothing_is_refused_by_default() -> None:
    assert [refused(SandboxSettings(), found) for found in (FENCED, NONE, Containment("own", "so"))] == ["", "", ""]


def test_a_sandbox_that_was_insisted_on_is_not_left_out_in_silence() -> None:
    assert BROKEN in refused(SandboxSettings(mode="on"), NONE)
    assert BROKEN in refused(SandboxSettings(network="off"), NONE)


def test_the_three_together_can_be_forbidden_and_any_one_less_is_enough() -> None:
    forbid = SandboxSettings(trifecta="forbid")
    assert "trifecta" in refused(forbid, NONE)
    assert refused(forbid, FENCED) == ""
    assert refused(forbid, Containment("fenced", "so", network=False)) == ""


def test_every_leg_says_why() -> None:
    words = in_words(trifecta(Containment("fenced", "so", network=False)))
    assert words.count(": no (") == 3
    assert in_words(trifecta(NONE)).count(": yes (") == 3


def test_the_decision_speaks_for_itself() -> None:
    assert Containment("fenced", "mode is on", network=False).words == (
        "writes in its worktree only, without network: mode is on"
    )
