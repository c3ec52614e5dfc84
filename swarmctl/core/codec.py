"""Frozen dataclasses to plain JSON values and back, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def from_plain(kind: type[T], plain: Any) -> T:
    """The value of `kind` that `to_plain` came from; a missing field takes its default."""
    return typing.cast(T, _build(kind, plain))


def _build(hint: Any, plain: Any) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return hint(**{name: _build(hints[name], item) for name, item in plain.items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(plain)
    origin = typing.get_origin(hint)
    if origin is tuple:
        item = typing.get_args(hint)[0]
        return tuple(_build(item, each) for each in plain)
    if origin in (types.UnionType, typing.Union):
        return _build_union(typing.get_args(hint), plain)
    return plain


def _build_union(options: tuple[Any, ...], plain: Any) -> Any:
    if plain is None:
        return None
    if isinstance(plain, str) and str in options:
        return plain
    return _build(next(option for option in options if option not in (type(None), str)), plain)
