"""The command that shows the cockpit in a browser."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from swarmctl.app.here import here
from swarmctl.core.errors import EnvironmentFault
from swarmctl.surfaces.cli import out

app = typer.Typer()


@app.command()
def web(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: one that is free.")] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show the cockpit in a browser of this machine. Who has the address that it prints can do what you can do.

    It listens on 127.0.0.1 alone. From another machine: ssh -L 8000:127.0.0.1:8000 HOST, and the same address there.
    """
    here()
    if find_spec("textual_serve") is None:
        raise EnvironmentFault("what serves a page is not installed", hint="pip install 'swarmctl[web]'")
    from swarmctl.surfaces.tui.serving import serve

    serve(port, _tell_in_json if as_json else _tell)


def _tell_in_json(address: str) -> None:
    out.data({"kind": "web", "address": address})


def _tell(address: str) -> None:
    out.text(address)
    out.say(
        "Keep this address to yourself: who has it can do what you can do. Ctrl-C closes the page; nothing else stops."
    )
