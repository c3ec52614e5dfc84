"""From what was typed to the tasks of a run; whatever can be refused is refused before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from swarmctl.app.choose import Chosen, check_terms
from swarmctl.core.errors import UsageFault
from swarmctl.core.task import Terms
from swarmctl.flow.task.intake import PLAN_EXAMPLE, Wanted, check_order, parse_plan
from swarmctl.flow.task.rivals import check_contests, spread

Agent = Callable[[str], Chosen]
"""From the name that a task gives, or none, to the agent that does it."""

__all__ = ["PLAN_EXAMPLE", "Several", "Wanted", "as_text", "from_plan", "from_words", "read_text"]


@dataclass(frozen=True, slots=True)
class Several:
    """How many try each task that does not say so itself."""

    attempts: int = 1
    agents: tuple[str, ...] = ()


def from_words(
    words: Sequence[str],
    command: str,
    agent: Agent,
    terms: Terms,
    several: Several | None = None,
    source: str = "the command line",
) -> list[Wanted]:
    """One task for each quoted text; `--exec` alone is a task as well."""
    if len(words) > 1 and not any(" " in word.strip() for word in words):
        hint = f'swarmctl run "{" ".join(words)}"'
        raise UsageFault(f"{len(words)} single words look like one task without quotes", hint=hint)
    prompts = list(words) or ([command] if command else [])
    if not prompts:
        raise UsageFault("no task", hint="swarmctl run 'what should be done' --exec 'command that does it'")
    wanted = [Wanted(key=f"task-{n}", prompt=prompt, command=command) for n, prompt in enumerate(prompts, start=1)]
    wanted = [_tried_by(task, several or Several()) for task in wanted]
    return _ready(wanted, agent, terms, source)


def from_plan(path: Path, agent: Agent, terms: Terms, several: Several | None = None) -> list[Wanted]:
    wanted = [_tried_by(task, several or Several()) for task in parse_plan(read_text(path), str(path))]
    return _ready(wanted, agent, terms, str(path))


def _tried_by(task: Wanted, several: Several) -> Wanted:
    """A command is the shell's, and a task that names its agents keeps them."""
    agents = several.agents if not (task.agent or task.agents or task.command) else task.agents
    return replace(task, agents=agents, attempts=several.attempts if task.attempts == 1 else task.attempts)


def read_text(path: Path) -> str:
    try:
        return as_text(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}", hint=f"ls -ld {path}") from None


def as_text(raw: bytes, source: str) -> str:
    """Every line end as it came."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageFault(f"{source}: is not UTF-8 text", hint="a task is text; convert it: iconv -t UTF-8") from None


def _ready(wanted: list[Wanted], agent: Agent, terms: Terms, source: str) -> list[Wanted]:
    """Every task has an agent: its own, the shell for a command, or the one that `agent` proposes."""
    check_order(wanted, source)
    check_contests(wanted, source)
    return [_with_agent(task, agent, terms, source) for task in spread(wanted, source)]


def _with_agent(task: Wanted, agent: Agent, terms: Terms, source: str) -> Wanted:
    if not task.agent and task.command:
        return replace(task, agent="shell")
    chosen = agent(task.agent)
    if chosen.agent == "shell" and not task.command:
        raise UsageFault(f"{source}: `{task.key}` is for the shell and has no command", hint="--exec 'CMD'")
    if chosen.profile is not None:
        check_terms(chosen.profile, terms)
    return replace(task, agent=chosen.agent, terms=replace(terms, why=chosen.why))
