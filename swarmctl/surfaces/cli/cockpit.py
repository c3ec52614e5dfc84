"""`swarmctl` alone opens the cockpit; `swarmctl --screenshot FILE` draws it. Loads no typer: people wait for it."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from swarmctl.core.errors import SwarmError, UsageFault
from swarmctl.surfaces.cli import out


def cockpit(argv: list[str]) -> int:
    """What is loaded stays: no garbage is looked for among it. git answers where we are while the screens load."""
    gc.disable()
    try:
        from swarmctl.app.here import here
        from swarmctl.surfaces.tui.pace import answer_soon

        answer_soon()
        with ThreadPoolExecutor(1) as beside:
            asked = beside.submit(here)
            from swarmctl.surfaces.tui.cockpit import open_cockpit, picture

        place = asked.result()
        if not argv:
            open_cockpit(place)
        else:
            file, size, keys = _wanted(argv)
            picture(place, file, size, keys)
            out.text(str(file))
    except SwarmError as error:
        out.fault(error)
        return int(error.exit_code)
    return 0


def _wanted(argv: list[str]) -> tuple[Path, tuple[int, int], list[str]]:
    """`--screenshot FILE [COLUMNSxROWS [KEY…]]`."""
    if len(argv) < 2:
        raise UsageFault("--screenshot needs a file", hint="swarmctl --screenshot FILE.svg [120x40 [KEY…]]")
    size = argv[2] if len(argv) > 2 else "120x40"
    columns, _, rows = size.partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and 20 <= int(columns) <= 500 and 5 <= int(rows) <= 200):
        raise UsageFault(f"`{size}` is no size of a terminal", hint="swarmctl --screenshot FILE.svg 120x40")
    return Path(argv[1]), (int(columns), int(rows)), argv[3:]
