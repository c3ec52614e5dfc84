"""The settings in force, with the file and line or the variable that set each; and those that are a person's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from swarmctl.app.here import Here, own_file
from swarmctl.core.config import TuiSettings
from swarmctl.core.values import dataclass
from swarmctl.edges.files.settings import FILE, Loaded, line_in, load_all
from swarmctl.edges.files.settings_keys import SECTIONS


@dataclass(frozen=True, slots=True)
class Own:
    tui: TuiSettings
    loaded: Loaded | None = None

    def where(self, key: str) -> str:
        """What a complaint about `theme` or `keys.merge` begins with."""
        source = self.loaded.origins.get(f"tui.{key}", "") if self.loaded else ""
        return _with_line(source, f"tui.{key}")


@dataclass(frozen=True, slots=True)
class Held:
    key: str
    """`merge.target`."""
    value: str
    source: str
    """Empty where it is the default."""


def own_settings(place: Here) -> Own:
    loaded = _loaded(place)
    return Own(loaded.settings.tui, loaded)


def in_force(place: Here) -> list[Held]:
    loaded = _loaded(place)
    return [*_sections(loaded), *_commands(loaded)]


def files_of(place: Here) -> list[tuple[Path, bool]]:
    """Where settings are read from, the weakest first, and whether each is there."""
    paths = [place.repository.root / FILE, own_file()]
    return [(path, path.exists()) for path in paths]


def _loaded(place: Here) -> Loaded:
    return load_all(place.repository.root, own_file(), os.environ)


def _sections(loaded: Loaded) -> Iterator[Held]:
    for section, kind in SECTIONS.items():
        values = getattr(loaded.settings, section.replace(".", "_"))
        for field in fields(kind):
            key = f"{section}.{field.name}"
            yield Held(key, _shown(getattr(values, field.name)), _with_line(loaded.origins.get(key, ""), key))


def _commands(loaded: Loaded) -> Iterator[Held]:
    settings = loaded.settings
    for gate in settings.gates:
        yield Held(f"gate {gate.name}", _shown(gate.run), _with_line(loaded.origins.get("gate", ""), "gate"))
    for hook in settings.hooks:
        key = f"hooks.{hook.event}"
        yield Held(key, _shown(hook.run), _with_line(loaded.origins.get(key, ""), key))


def _with_line(source: str, key: str) -> str:
    """A variable has none."""
    return f"{source}:{line_in(Path(source), key)}" if "/" in source else source


def _shown(value: Any) -> str:
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} = {each}" for name, each in value.items())
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value).lower() if isinstance(value, bool) else str(value)
