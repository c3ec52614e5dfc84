"""Frozen dataclasses to plain JSON values and back, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
Builder = Callable[[Any], Any]


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


def from_plain(kind: type[T], plain: Any) -> T:
    """The value of `kind` that `to_plain` came from; a missing field takes its default."""
    return typing.cast(T, _builder(typing.cast(Any, kind))(plain))


@cache
def _builder(hint: Any) -> Builder:
    """Worked out once for each type, because a whole history goes through here."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _fields_builder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    origin = typing.get_origin(hint)
    if origin is tuple:
        item = _builder(typing.get_args(hint)[0])
        return tuple if item is _as_it_is else lambda plain: tuple(item(each) for each in plain)
    if origin in (types.UnionType, typing.Union):
        return _union_builder(typing.get_args(hint))
    return _as_it_is


def _as_it_is(plain: Any) -> Any:
    return plain


def _fields_builder(kind: type) -> Builder:
    builders = {name: _builder(hint) for name, hint in typing.get_type_hints(kind).items()}
    built = {name: builder for name, builder in builders.items() if builder is not _as_it_is}

    def build(plain: dict[str, Any]) -> Any:
        values = dict(plain)
        for name, builder in built.items():
            if name in values:
                values[name] = builder(values[name])
        return kind(**values)

    return build


def _union_builder(options: tuple[Any, ...]) -> Builder:
    """`None`, text where text may stand, or the one other thing there is."""
    others = [option for option in options if option not in (type(None), str)]
    other = _builder(others[0]) if others else _as_it_is
    if other is _as_it_is:
        return _as_it_is
    return lambda plain: plain if plain is None or (isinstance(plain, str) and str in options) else other(plain)
