"""What agents may cost: the caps in force, where each comes from, and changing those in the person's own file.

Of that file only the caps change; one that is not understood stays as it is. The supervisor reads it again by itself.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from swarmctl.app.here import Here, own_file
from swarmctl.core.errors import UsageFault
from swarmctl.core.money import MICRO, MOST, dollars, micros_of
from swarmctl.edges.files.paths import private_dir, unwritable, write_atomically
from swarmctl.edges.files.settings import check_own, load_all
from swarmctl.edges.files.toml_change import CannotChange, with_numbers

Whose = Literal["", "own", "repository", "environment"]
TABLE = ("budget", "agents")
NAMES = ("task_usd", "run_usd", "day_usd")


@dataclass(frozen=True, slots=True)
class Cap:
    name: str
    usd: float | None
    whose: Whose
    source: str
    """The file or the variable that sets it."""


def caps_of(place: Here) -> list[Cap]:
    """Of a task, of a run, of a day."""
    loaded = load_all(place.repository.root, own_file(), os.environ)
    found = []
    for name in NAMES:
        source = loaded.origins.get(f"budget.agents.{name}", "")
        found.append(Cap(name, getattr(loaded.settings.budget_agents, name), _whose(source), source))
    return found


def _whose(source: str) -> Whose:
    if not source:
        return ""
    if "/" not in source:
        return "environment"
    return "own" if source == str(own_file()) else "repository"


def amount_of(words: str) -> float | None:
    """Dollars as a person writes them; None for nothing."""
    text = words.strip().removeprefix("$").strip()
    if not text:
        return None
    try:
        usd = float(text)
    except ValueError:
        usd = math.nan
    if not (0 <= usd <= MOST / MICRO):
        raise UsageFault(f"`{words.strip()}` is no amount in dollars", hint="write 5 or 2.50; nothing for no cap")
    return usd


def set_caps(place: Here, wanted: Mapping[str, float | None]) -> list[Cap]:
    """Those that differ are written; what is in force afterwards."""
    known = {cap.name: cap for cap in caps_of(place)}
    changes = {name: usd for name, usd in wanted.items() if usd != known[name].usd}
    for name, usd in changes.items():
        _refuse_what_would_not_count(known[name], usd)
    if changes:
        _write(changes)
    return caps_of(place)


def _refuse_what_would_not_count(cap: Cap, usd: float | None) -> None:
    if cap.whose == "environment":
        raise UsageFault(f"{cap.source} sets {cap.name}, and wins over every file", hint=f"unset {cap.source}")
    if cap.whose == "repository" and usd is None:
        held = dollars(micros_of(cap.usd or 0.0))
        hint = "write a larger amount, or change that file"
        raise UsageFault(f"{cap.source} caps it at {held}, which your own file can only replace", hint=hint)


def _write(changes: Mapping[str, float | None]) -> None:
    """A link stays one."""
    file = own_file().resolve()
    try:
        raw = file.read_bytes() if file.exists() else b""
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise UsageFault(f"{file}: is not UTF-8 text", hint="make it so, or change it by hand") from error
    except OSError as error:
        raise unwritable(file, error) from error
    check_own(text, str(file))
    try:
        changed = with_numbers(text, TABLE, changes)
    except CannotChange as error:
        hint = f"change {', '.join(changes)} there by hand"
        raise UsageFault(f"{file}: {error.message}", hint=hint) from error
    check_own(changed, str(file))
    if not file.parent.exists():
        private_dir(file.parent)
    try:
        write_atomically(file, changed, mode)
    except OSError as error:
        raise unwritable(file.parent, error) from error
