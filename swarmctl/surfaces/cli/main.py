"""All commands as one typer application; an error is one line, a hint and an exit code, without a traceback.

Only the module of the command that is called is loaded: to load all of them takes longer than what most of them do.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer
from typer.models import CommandInfo

from swarmctl.core.errors import SwarmError
from swarmctl.core.outcome import ExitCode
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.words_as_typed import take_words_as_typed
from swarmctl.surfaces.words.plain import one_line

MODULES = {
    "work": ("run", "resume", "merge", "land", "undo"),
    "onward": ("sync", "handoff"),
    "contests": ("compare", "pick"),
    "adopt": ("adopt",),
    "look": ("ps", "show", "why", "logs", "diff", "queue", "path"),
    "money": ("cost", "budget"),
    "change": ("stop", "rm", "approve", "send", "answer", "attach"),
    "person": ("next", "statusline"),
    "learn": ("learn",),
    "ask": ("ask", "route"),
    "council": ("council",),
    "forge": ("push", "pr"),
    "house": ("init", "doctor", "gate", "gc", "demo", "hooks"),
    "updown": ("up", "down"),
    "web": ("web",),
}
"""The commands of each module beside this one."""


def application(name: str = "") -> typer.Typer:
    """With the command of this name alone where there is one, else with all of them."""
    app = typer.Typer(
        name="swarmctl",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(options)
    wanted = [module for module, names in MODULES.items() if name in names]
    for module in wanted or MODULES:
        part: typer.Typer = import_module(f"swarmctl.surfaces.cli.{module}").app
        app.registered_commands += [each for each in part.registered_commands if not wanted or name_of(each) == name]
        app.registered_groups += [each for each in part.registered_groups if not wanted or each.name == name]
    return app


def name_of(command: CommandInfo) -> str:
    return command.name or (command.callback.__name__ if command.callback else "")


def options() -> None:
    """Run a swarm of coding agents from a terminal; what lands passed its gates, and nothing is ever lost."""


def run(argv: Sequence[str]) -> int:
    debug = "--debug" in argv
    words = [arg for arg in argv if arg != "--debug"]
    command = typer.main.get_command(application(words[0] if words else ""))
    take_words_as_typed(command)
    try:
        code = command.main(words, prog_name="swarmctl", standalone_mode=False)
    except SwarmError as error:
        if debug:
            raise
        out.fault(error)
        return int(error.exit_code)
    except typer.Exit as leave:
        return leave.exit_code
    except typer.TyperException as error:
        out.say(f"swarmctl: {one_line(error.format_message())}")
        context = getattr(error, "ctx", None)
        out.say(f"hint: {context.command_path if context else 'swarmctl'} --help")
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return int(ExitCode.INTERRUPTED)
    except OSError as error:
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        out.say(f"swarmctl: {one_line(where)}{error.strerror or error}")
        return int(ExitCode.ENVIRONMENT)
    return int(code or 0)
