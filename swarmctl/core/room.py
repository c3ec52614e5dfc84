"""Whether one more agent fits into the memory that is left. Pure: both are measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from swarmctl.core.values import dataclass

SPARE = 256 << 20
"""Left for everything else."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A running session and what its processes hold, in bytes."""

    agent: str
    held: int


def needs(agent: str, declared: int, holders: Iterable[Holder]) -> int:
    """What is known of the agent, or what one of its kind holds now when that is more."""
    return max([declared, *(holder.held for holder in holders if holder.agent == agent)])


def lack(
    wanted: Sequence[str], declared: Mapping[str, int], holders: Sequence[Holder], available: int
) -> tuple[int, int] | None:
    """(what is free, what the last of `wanted` needs) when it does not fit beside the others; None when it does.

    Whoever runs will grow to what its kind needs. Without anybody else running there is nothing to wait for.
    """
    if not wanted or (not holders and len(wanted) == 1):
        return None
    need = {agent: needs(agent, declared.get(agent, 0), holders) for agent in {*wanted, *declared}}
    growing = sum(max(0, need.get(holder.agent, 0) - holder.held) for holder in holders)
    free = available - SPARE - growing - sum(need[agent] for agent in wanted[:-1])
    return (max(0, free), need[wanted[-1]]) if need[wanted[-1]] > free else None
