"""All commands as one typer application; an error is one line, a hint and an exit code, without a traceback."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from swarmctl.core.errors import SwarmError
from swarmctl.core.outcome import ExitCode
from swarmctl.surfaces.cli import adopt, change, forge, house, learn, look, money, onward, out, person, work
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer(
    name="swarmctl",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
PARTS = (
    work.app,
    onward.app,
    adopt.app,
    look.app,
    money.app,
    change.app,
    person.app,
    learn.app,
    forge.app,
    house.app,
)
for part in PARTS:
    app.registered_commands += part.registered_commands
    app.registered_groups += part.registered_groups


@app.callback()
def options() -> None:
    """Run a swarm of coding agents from a terminal; what lands passed its gates, and nothing is ever lost."""


def run(argv: Sequence[str]) -> int:
    debug = "--debug" in argv
    command = typer.main.get_command(app)
    try:
        code = command.main([arg for arg in argv if arg != "--debug"], prog_name="swarmctl", standalone_mode=False)
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
