"""The command reference, made from the commands: `docs/cli.md`, the text of `swarmctl --help`, a list for other faces.

`python -m swarmctl.surfaces.cli.reference` writes them; a test checks that they are what the commands say.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from swarmctl.surfaces.cli.main import application

CLI_MD = Path(__file__).parents[3] / "docs" / "cli.md"
OVERVIEW_PY = Path(__file__).with_name("overview.py")
VERBS_PY = Path(__file__).parents[1] / "words" / "verbs.py"

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Start", ("init", "doctor", "demo")),
    ("Ask", ("ask", "route", "council")),
    ("Work", ("run", "adopt", "resume", "sync", "handoff", "stop", "send", "answer", "attach")),
    ("Look", ("next", "ps", "show", "why", "logs", "diff", "compare", "path", "cost", "budget", "statusline", "web")),
    ("Land", ("merge", "pick", "queue", "land", "approve", "gate", "hooks", "push", "pr", "learn")),
    ("Keep and clean", ("undo", "rm", "gc", "up", "down")),
)

HEAD = """\
Usage: swarmctl [COMMAND …]

Run a swarm of coding agents from a terminal: each in its own worktree and tmux
window, landing only what passed its gates on the exact tree that lands.

Alone in a terminal it opens the cockpit, which has a key for most of this;
swarmctl --screenshot FILE.svg [120x40 [KEY…]] draws what these keys lead to.

"""

EXITS = """\
Exit codes: 0 answered, landed, ready or detached; 1 refused, conflict, failed or not known; 2 usage;
3 environment; 4 budget; 5 waits for a person; 6 no work; 7 unknown; 130 interrupted.
"""


def overview() -> str:
    known = commands()
    lines = HEAD.splitlines()
    for title, names in GROUPS:
        lines.append(f"{title}:")
        lines += [f"  {name:<11} {summary(known[name])}" for name in names]
        lines.append("")
    lines += [
        "First:  swarmctl init --commit",
        "Then:   swarmctl run \"what should be done\" --exec 'command that does it'",
        "",
    ]
    return "\n".join(lines) + EXITS + "swarmctl COMMAND --help tells more; --debug shows tracebacks; --version.\n"


def summary(command: Any) -> str:
    """Its first sentence, without what follows a colon or a semicolon."""
    words = " ".join((command.help or "").split("\n\n")[0].split())
    return re.split(r"[.;:] |\.$", words)[0]


def commands() -> dict[str, Any]:
    """By name; typer's commands and groups have no common type that it exports."""
    group: Any = typer.main.get_command(application())
    return dict(group.commands)


def reference() -> str:
    parts = ["# Command line\n\nMade from the commands by `python -m swarmctl.surfaces.cli.reference`.\n", EXITS]
    for _, names in GROUPS:
        for name in names:
            parts += [_page(words, command) for words, command in every(name, commands()[name])]
    return "\n".join(parts)


def every(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command, and all that are below it, by the words that call them."""
    yield name, command
    if isinstance(command, TyperGroup):
        for inner, each in sorted(command.commands.items()):
            yield f"{name} {inner}", each


def _page(words: str, command: Any) -> str:
    context = typer.Context(command, info_name=f"swarmctl {words}", max_content_width=100, terminal_width=100)
    return f"## {words}\n\n```text\n{command.get_help(context).strip()}\n```\n"


def overview_module(text: str) -> str:
    head = '"""The text of `swarmctl --help`, made by `swarmctl.surfaces.cli.reference`, so that it needs no import."""'
    return f'{head}\n\nOVERVIEW = """\\\n{text}"""\n'


VERBS_HEAD = '''\
"""Every command of the command line, made by `swarmctl.surfaces.cli.reference`, so that other faces know them."""

from typing import NamedTuple


class Verb(NamedTuple):
    name: str
    usage: str
    """Its arguments; what may be left out stands in brackets."""
    help: str
    group: str


# fmt: off
VERBS = (
'''


def verbs_module() -> str:
    known, lines = commands(), []
    for group, names in GROUPS:
        for name in names:
            for words, command in every(name, known[name]):
                if isinstance(command, TyperGroup):
                    continue
                usage = " ".join(_arguments(command))
                lines.append(f"    Verb({words!r}, {usage!r}, {summary(command)!r}, {group!r}),\n")
    return f"{VERBS_HEAD}{''.join(lines)})\n"


def _arguments(command: Any) -> Iterator[str]:
    for each in command.params:
        if each.param_type_name == "argument":
            yield (each.metavar or each.name.upper()) + ("…" if each.nargs != 1 and "…" not in each.metavar else "")
        elif each.required:
            yield f"{each.opts[0]} {each.metavar or each.name.upper()}"


if __name__ == "__main__":
    CLI_MD.parent.mkdir(exist_ok=True)
    CLI_MD.write_text(reference())
    OVERVIEW_PY.write_text(overview_module(overview()))
    VERBS_PY.write_text(verbs_module())
    sys.stdout.write(f"{CLI_MD}\n{OVERVIEW_PY}\n{VERBS_PY}\n")
