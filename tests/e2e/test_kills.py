"""SIGKILL anywhere: nothing written is lost, nothing lands unproven or twice, and `resume` or `merge` goes on."""

from __future__ import annotations

import pytest

from tests.e2e.kills import play, play_steps, step_plans
from tests.e2e.world import World

FEW = 4
SEEDS = [pytest.param(seed, marks=[pytest.mark.soak] if seed > FEW else []) for seed in range(1, 15)]


@pytest.mark.parametrize("plans", step_plans(), ids=lambda plans: plans[0].replace(" ", "-"))
@pytest.mark.parametrize("host", ["tmux", "process"])
def test_the_supervisor_may_die_beside_every_recorded_step(bare_world: World, plans: list[str], host: str) -> None:
    tally = play_steps(plans, bare_world, host)

    assert tally.total == len(plans), f"only {tally.kills}"


@pytest.mark.parametrize("seed", SEEDS)
def test_anything_may_die_at_any_moment(bare_world: World, seed: int) -> None:
    print(f"repeat: pytest tests/e2e/test_kills.py -k 'moment and {seed}'")

    tally = play(seed, bare_world, rest_too=seed % 4 == 0)

    assert tally.landed and tally.marks
