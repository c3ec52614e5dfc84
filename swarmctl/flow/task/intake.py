"""From what a person gave to what the log keeps: titles, plan files, and what refuses a bad request at once."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from swarmctl.core.errors import UsageFault
from swarmctl.core.task import Terms

TITLE_LENGTH = 72
HEADING = re.compile(r"^#{1,6}\s+")
"""As Markdown marks one."""
PROMPT_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One task as it was asked for; `after` holds the keys of other tasks of the same request."""

    key: str
    prompt: str
    title: str = ""
    agent: str = ""
    command: str = ""
    check: str = ""
    after: tuple[str, ...] = ()
    terms: Terms = field(default_factory=Terms)
    attempts: int = 1
    """How many are to try it, for each agent."""
    agents: tuple[str, ...] = ()
    """Instead of one agent."""
    contest: str = ""
    """The key of the task that it is one of several attempts at."""


def title_of(prompt: str) -> str:
    """The first line that says something, cut at a word; a heading without its marks."""
    line = next((line.strip() for line in prompt.splitlines() if line.strip()), "task")
    line = HEADING.sub("", line)
    line = "".join(char if char.isprintable() else " " for char in line)
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:- ") + "…"


PLAN_EXAMPLE = """\
[[task]]
key = "parser"
title = "Make the parser accept empty input"
prompt = "Empty input crashes parse(). Return an empty list instead."
agent = "shell"
exec = "python tools/fix_parser.py"
check = "pytest -q tests/test_parser.py"

[[task]]
key = "docs"
prompt = "Describe the new behaviour in README.md"
exec = "python tools/write_docs.py"
after = ["parser"]

[[task]]
key = "names"
prompt = "Find better names for what lib/ exports"
agents = ["claude", "codex"]
attempts = 2
"""

_TASK_KEYS: dict[str, type] = {
    "key": str,
    "title": str,
    "prompt": str,
    "agent": str,
    "exec": str,
    "check": str,
    "after": list,
    "attempts": int,
    "agents": list,
}

_SPOKEN: dict[type, str] = {str: "text in quotes", list: "a list of keys", int: "a whole number"}


def parse_plan(text: str, source: str) -> list[Wanted]:
    """The tasks of a plan file. A dependent task starts from the landed commit of what it names in `after`."""
    try:
        plan = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageFault(f"{source}: {error}", hint="swarmctl run --help shows a full plan") from None
    extra = set(plan) - {"task"}
    if extra or not isinstance(plan.get("task"), list) or not plan["task"]:
        what = f"unknown table [{min(extra)}]" if extra else "no [[task]] in it"
        raise UsageFault(f"{source}: {what}", hint="a plan is a list of [[task]] tables; see swarmctl run --help")
    wanted = [_task(entry, number, source) for number, entry in enumerate(plan["task"], start=1)]
    check_order(wanted, source)
    return wanted


def _task(entry: Any, number: int, source: str) -> Wanted:
    where = f"{source}: task {number}"
    if not isinstance(entry, dict):
        raise UsageFault(f"{where}: is not a table", hint="write [[task]] and its keys below it")
    for name, value in entry.items():
        if name not in _TASK_KEYS:
            near = difflib.get_close_matches(name, _TASK_KEYS, n=1)
            raise UsageFault(f"{where}: unknown key `{name}`", hint=f"did you mean `{near[0]}`?" if near else "")
        if not isinstance(value, _TASK_KEYS[name]) or isinstance(value, bool):
            raise UsageFault(f"{where}: `{name}` must be {_SPOKEN[_TASK_KEYS[name]]}")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise UsageFault(f"{where}: `{name}` must be {_SPOKEN[list]}")
    if entry.get("agent") and entry.get("agents"):
        raise UsageFault(f"{where}: `agent` and `agents` at once", hint="put all of them into `agents`")
    prompt = entry.get("prompt", "") or entry.get("title", "")
    return Wanted(
        key=entry.get("key", "") or f"task-{number}",
        prompt=prompt,
        title=entry.get("title", ""),
        agent=entry.get("agent", ""),
        command=entry.get("exec", ""),
        check=entry.get("check", ""),
        after=tuple(entry.get("after", ())),
        attempts=entry.get("attempts", 1),
        agents=tuple(entry.get("agents", ())),
    )


def _can_be_written(text: str) -> bool:
    """Bytes that are not UTF-8 pass as they came; half of a pair, which JSON can say, is nothing."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def check_order(wanted: list[Wanted], source: str) -> None:
    """Keys are unique, prompts say something, and `after` names earlier or later tasks without a circle."""
    keys = [task.key for task in wanted]
    for task in wanted:
        if keys.count(task.key) > 1:
            raise UsageFault(f"{source}: two tasks are called `{task.key}`")
        if not task.prompt.strip() and not task.command.strip():
            raise UsageFault(f"{source}: task `{task.key}` is empty", hint="give it a prompt")
        if len(task.prompt) > PROMPT_LIMIT:
            raise UsageFault(f"{source}: the prompt of `{task.key}` is over {PROMPT_LIMIT:,} characters")
        if any("\0" in text for text in (task.key, task.prompt, task.title, task.agent, task.command, task.check)):
            raise UsageFault(f"{source}: a task holds a NUL character", hint="leave it out")
        if not all(_can_be_written(text) for text in (task.key, task.prompt, task.title, task.command, task.check)):
            raise UsageFault(f"{source}: a task holds half a character (a lone surrogate)", hint="leave it out")
        for name in task.after:
            if name not in keys:
                near = difflib.get_close_matches(name, keys, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(keys)}"
                raise UsageFault(f"{source}: `{task.key}` comes after `{name}`, which is not there", hint=hint)
    after = {task.key: set(task.after) for task in wanted}
    while after:
        free = {key for key, needs in after.items() if not needs}
        if not free:
            raise UsageFault(f"{source}: these tasks wait for each other: {', '.join(sorted(after))}")
        after = {key: needs - free for key, needs in after.items() if key not in free}
