"""From what was typed to the tasks of a run; whatever can be refused is refused before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from swarmctl.core.errors import UsageFault
from swarmctl.flow.task.intake import PLAN_EXAMPLE, Wanted, check_order, parse_plan

__all__ = ["PLAN_EXAMPLE", "Wanted", "from_plan", "from_words", "read_text"]


def from_words(words: Sequence[str], command: str, agent: str) -> list[Wanted]:
    """One task for each quoted text; `--exec` alone is a task as well."""
    if len(words) > 1 and not any(" " in word.strip() for word in words):
        hint = f'swarmctl run "{" ".join(words)}"'
        raise UsageFault(f"{len(words)} single words look like one task without quotes", hint=hint)
    prompts = list(words) or ([command] if command else [])
    if not prompts:
        raise UsageFault("no task", hint="swarmctl run 'what should be done' --exec 'command that does it'")
    wanted = [Wanted(key=f"task-{n}", prompt=prompt, command=command) for n, prompt in enumerate(prompts, start=1)]
    return _ready(wanted, agent, "the command line")


def from_plan(path: Path, agent: str) -> list[Wanted]:
    return _ready(parse_plan(read_text(path), str(path)), agent, str(path))


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageFault(f"{path}: is not UTF-8 text", hint="a task is text; convert it: iconv -t UTF-8") from None
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}", hint=f"ls -ld {path}") from None


def _ready(wanted: list[Wanted], agent: str, source: str) -> list[Wanted]:
    """Every task has an agent: its own, the one named for the run, or the shell for a command."""
    named = [replace(task, agent=task.agent or ("shell" if task.command else agent)) for task in wanted]
    check_order(named, source)
    for task in named:
        if not task.agent or task.agent == "auto":
            hint = "--exec 'CMD' runs a command, --agent NAME an agent; swarmctl doctor lists them"
            raise UsageFault(f"{source}: `{task.key}` names no agent", hint=hint)
        if task.agent == "shell" and not task.command:
            raise UsageFault(f"{source}: `{task.key}` is for the shell and has no command", hint="--exec 'CMD'")
    return named
