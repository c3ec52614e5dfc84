"""Read settings: the repository's `swarm.toml`, then the user's file, then `SWARMCTL__SECTION__KEY`; the later wins.

Tables merge key by key. A list, the set of gates and the commands of one hook event are replaced as a whole.
Anything unknown or mistyped is a `UsageFault` that names file, line and nearest key: no setting is ever ignored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swarmctl.core.config import GateSpec, HookSpec, Settings
from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.edges.files import settings_keys as keys
from swarmctl.edges.files.settings_keys import BadValue
from swarmctl.edges.files.toml_lines import KeyPath, lines_of

FILE = "swarm.toml"
PREFIX = "SWARMCTL__"
HINT = "`swarmctl doctor` shows the settings in force; docs/config.md lists every key"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and which file or variable set each key that was set: `worktree.setup`, `gate`, `hooks.EVENT`."""

    settings: Settings
    origins: Mapping[str, str] = field(default_factory=dict)
    repository_file: str = ""

    def from_repository(self, key: str) -> bool:
        """It came with the repository, so that what it runs needs approval."""
        return bool(self.repository_file) and self.origins.get(key) == self.repository_file

    @property
    def own_hooks(self) -> frozenset[str]:
        """Events whose commands the user set, not the repository."""
        return frozenset(spec.event for spec in self.settings.hooks if not self.from_repository(f"hooks.{spec.event}"))


@dataclass(slots=True)
class _Layer:
    """What one source sets, checked."""

    source: str
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    gates: tuple[GateSpec, ...] | None = None
    hooks: dict[str, tuple[HookSpec, ...]] = field(default_factory=dict)


def load(root: Path | None, user_file: Path, environ: Mapping[str, str]) -> Settings:
    return load_all(root, user_file, environ).settings


def load_all(root: Path | None, user_file: Path, environ: Mapping[str, str]) -> Loaded:
    files = [*([root / FILE] if root else []), user_file]
    layers = [
        _layer_of_text(text, str(path), shared=path != user_file)
        for path in files
        if (text := _text_of(path)) is not None
    ]
    layers += _layers_of_environment(environ)
    return _merge(layers, str(root / FILE) if root else "")


def load_at(text: str | None, source: str, user_file: Path, environ: Mapping[str, str]) -> Settings:
    """As `load`, with the repository's file given as text, as the target branch has it; None when it has none."""
    layers = [_layer_of_text(text, source, shared=True)] if text is not None else []
    own = _text_of(user_file)
    layers += [_layer_of_text(own, str(user_file), shared=False)] if own is not None else []
    return _merge([*layers, *_layers_of_environment(environ)], source).settings


def check_own(text: str, source: str) -> None:
    """Raise unless the person's own file may say this."""
    _merge([_layer_of_text(text, source, shared=False)], "")


def parse(text: str, source: str) -> Settings:
    """Settings from one text alone, such as the `swarm.toml` of the target branch."""
    return _merge([_layer_of_text(text, source, shared=True)], source).settings


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise UsageFault(f"{path}: is not UTF-8 text", hint=HINT) from error
    except OSError as error:
        raise EnvironmentFault(f"cannot read {path}: {error.strerror}", hint=f"chmod u+r {path}") from error


def _layer_of_text(text: str, source: str, *, shared: bool) -> _Layer:
    """`shared`: it comes with the repository."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        place = re.search(r"\(at line (\d+), column \d+\)", words)
        line = place[1] if place else len(text.splitlines())
        raise UsageFault(f"{source}:{line}: {words}", hint="see https://toml.io for how values are written") from error
    try:
        for name in keys.PERSONAL:
            if shared and name in tables:
                raise BadValue(f"is yours to set, in your own config.toml: {keys.PERSONAL[name]}", name)
        return _layer_of_tables(tables, source)
    except BadValue as bad:
        raise UsageFault(f"{source}:{_line_of(text, bad.at)}: {_spoken(bad)}", hint=HINT) from None


def _layer_of_tables(tables: Mapping[str, Any], source: str) -> _Layer:
    layer = _Layer(source)
    for name, value in tables.items():
        try:
            _read_section(layer, name, value)
        except BadValue as bad:
            raise BadValue(bad.words, name, *bad.at) from None
    return layer


def _read_section(layer: _Layer, name: str, value: Any) -> None:
    if name in keys.SECTIONS:
        layer.sections[name] = keys.read_table(keys.SECTIONS[name], value)
    elif name == keys.GATE:
        layer.gates = keys.read_gates(value)
    elif name == keys.HOOKS:
        layer.hooks = keys.read_hooks(value)
    elif name == keys.BUDGET:
        _read_parts(layer, name, value)
    elif name in keys.LATER:
        raise BadValue("belongs to a later version of swarmctl; this one cannot honour it, so take it out")
    else:
        raise BadValue(keys.unknown(name, keys.TOP, "section"))


def _read_parts(layer: _Layer, name: str, value: Any) -> None:
    """The sections `[name.PART]`."""
    if not isinstance(value, dict):
        raise BadValue(f"must be a table, not {keys.word_for(value)}")
    parts = [section.partition(".")[2] for section in keys.SECTIONS if section.startswith(f"{name}.")]
    for part, table in value.items():
        try:
            if part not in parts and f"{name}.{part}" not in keys.LATER:
                raise BadValue(keys.unknown(part, parts, "section"))
            _read_section(layer, f"{name}.{part}", table)
        except BadValue as bad:
            raise BadValue(bad.words, part, *bad.at) from None


def _layers_of_environment(environ: Mapping[str, str]) -> list[_Layer]:
    layers = []
    for name in sorted(environ):
        if not name.startswith(PREFIX):
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        try:
            if len(path) != (3 if path[0] == keys.BUDGET else 2) or path[0] == keys.GATE:
                raise BadValue(f"must be {PREFIX}SECTION__KEY; gates are set in a file")
            *sections, key = path
            table: dict[str, Any] = {key: _plain(".".join(sections), key, environ[name])}
            for section in reversed(sections):
                table = {section: table}
            layers.append(_layer_of_tables(table, name))
        except BadValue as bad:
            raise UsageFault(f"{name}: {_spoken(bad)}", hint=HINT) from None
    return layers


def _plain(section: str, key: str, text: str) -> Any:
    """A variable's text as the TOML value that it stands for; what must be a string stays one."""
    kind = keys.SECTIONS.get(section)
    wants_text = kind is not None and keys.hints_of(kind).get(key) is str
    if wants_text or (section == keys.HOOKS and not text.startswith("[")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(layers: list[_Layer], repository_file: str) -> Loaded:
    sections: dict[str, dict[str, Any]] = {name: {} for name in keys.SECTIONS}
    gates: tuple[GateSpec, ...] = ()
    hooks: dict[str, tuple[HookSpec, ...]] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for name, fields in layer.sections.items():
            held = sections[name]
            sections[name] = held | {key: _over(held.get(key), value) for key, value in fields.items()}
            origins |= {f"{name}.{key}": layer.source for key in _names_in(fields)}
        if layer.gates is not None:
            gates, origins[keys.GATE] = layer.gates, layer.source
        hooks |= layer.hooks
        origins |= {f"{keys.HOOKS}.{event}": layer.source for event in layer.hooks}
    settings = Settings(
        gates=gates,
        hooks=tuple(spec for event in keys.HOOK_EVENTS for spec in hooks.get(event, ())),
        **{name.replace(".", "_"): kind(**sections[name]) for name, kind in keys.SECTIONS.items()},
    )
    return Loaded(settings, origins, repository_file)


def _over(before: Any, value: Any) -> Any:
    """Tables merge key by key."""
    return {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value


def _names_in(fields: Mapping[str, Any]) -> Iterator[str]:
    for key, value in fields.items():
        yield key
        if isinstance(value, dict):
            yield from (f"{key}.{name}" for name in value)


def line_in(path: Path, key: str) -> int:
    """Where a file of settings has a key such as `tui.theme`; 1 where it cannot be told."""
    with suppress(OSError, ValueError):
        return _line_of(path.read_text(encoding="utf-8"), tuple(key.split(".")))
    return 1


def _line_of(text: str, path: KeyPath) -> int:
    """The line of the key, or of what holds it."""
    lines = lines_of(text)
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def _spoken(bad: BadValue) -> str:
    """`[worktree] cpoy is an unknown key; did you mean copy?`"""
    names = [str(part) for part in bad.at if isinstance(part, str)]
    if names[0:1] == [keys.BUDGET]:
        names = [".".join(names[:2]), *names[2:]]
    if not names:
        return bad.words
    section = f"[[{names[0]}]]" if names[0] == keys.GATE else f"[{names[0]}]"
    return " ".join([section, *(names[1:2]), bad.words])
