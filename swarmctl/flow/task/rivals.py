"""From one task that several are to try to the entries of a contest, each with the same words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from swarmctl.core.contest import MOST
from swarmctl.core.errors import UsageFault
from swarmctl.flow.task.intake import Wanted


def spread(wanted: Sequence[Wanted], source: str) -> list[Wanted]:
    """Every task by itself, or as its entries: so many for each of its agents."""
    return [entry for task in wanted for entry in _entries(task, source)]


def _entries(task: Wanted, source: str) -> list[Wanted]:
    agents = task.agents or (task.agent,)
    twice = [name for name, count in Counter(agents).items() if count > 1]
    if twice:
        hint = "name each agent once; --attempts N starts each N times"
        raise UsageFault(f"{source}: `{task.key}` names the agent {twice[0]} twice", hint=hint)
    if task.attempts < 1:
        raise UsageFault(f"{source}: `{task.key}` wants {task.attempts} attempts", hint="one at least")
    count = task.attempts * len(agents)
    if count > MOST:
        words = f"{source}: `{task.key}` would start {count} sessions for one task, where {MOST} are the most"
        raise UsageFault(words, hint="fewer attempts, or fewer agents")
    if count == 1:
        return [replace(task, agent=agents[0], agents=())]
    alone = replace(task, attempts=1, agents=(), contest=task.key)
    named = [agent for agent in agents for _ in range(task.attempts)]
    return [replace(alone, key=f"{task.key}/{number}", agent=agent) for number, agent in enumerate(named, start=1)]


def check_contests(wanted: Sequence[Wanted], source: str) -> None:
    """Nothing waits for what lands only once a person picked it, and none is larger than it may be."""
    entries = {task.key for task in wanted if _several(task)} | {task.contest for task in wanted if task.contest}
    for task in wanted:
        if awaited := [name for name in task.after if name in entries]:
            words = f"{source}: `{task.key}` comes after `{awaited[0]}`, of which nothing lands before one is picked"
            raise UsageFault(words, hint="run it by itself, after swarmctl pick")
    for contest, count in Counter(task.contest for task in wanted if task.contest).items():
        if count > MOST:
            raise UsageFault(f"{source}: `{contest}` has {count} entries, where {MOST} are the most")


def _several(task: Wanted) -> bool:
    return bool(task.contest) or task.attempts > 1 or len(task.agents) > 1
