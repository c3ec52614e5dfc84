"""The standard library's frozen dataclass with slots, whose methods are made when the first value is.

A command loads hundreds of such classes and has values of a few; to make the methods of all of them takes longer than
everything else it loads of ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, TypeVar, dataclass_transform

T = TypeVar("T")
PROMISED = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
"""Of a class without values somebody may want to know them."""
MADE = (*PROMISED, "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__getstate__", "__setstate__")


class _Later:
    """What a class has once it is complete; who asks for it completes the class."""

    def __init__(self, name: str, complete: Callable[[], None]) -> None:
        self._name = name
        self._complete = complete

    def __get__(self, _value: object, owner: type) -> Any:
        self._complete()
        return getattr(owner, self._name)


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def dataclass(*, frozen: Literal[True], slots: Literal[True]) -> Callable[[type[T]], type[T]]:
    """As `dataclasses.dataclass`, for this one way to call it."""
    return _prepared


def _prepared(kind: type[T]) -> type[T]:
    """The same class with its slots, and no method of a dataclass yet."""
    make: Any = type(kind)
    body = {name: value for name, value in vars(kind).items() if name not in ("__dict__", "__weakref__")}
    own = [name for name, hint in body.get("__annotations__", {}).items() if "ClassVar" not in str(hint)]
    inherited = {name for base in kind.__mro__[1:] for name in vars(base).get("__slots__", ())}

    def complete() -> None:
        """Two threads may do it at once: each makes it all, and one is as good as the other."""
        whole = dataclasses.dataclass(frozen=True, slots=True)(make(kind.__name__, kind.__bases__, dict(body)))
        for name in (*MADE, "__init__"):
            if name in vars(whole):
                setattr(prepared, name, vars(whole)[name])

    def begin(self: Any, *args: Any, **kwargs: Any) -> None:
        complete()
        prepared.__init__(self, *args, **kwargs)

    def unpickle(self: Any, state: Any) -> None:
        complete()
        getattr(prepared, "__setstate__")(self, state)  # noqa: B009

    later = {name: _Later(name, complete) for name in PROMISED}
    first = {"__init__": begin, "__setstate__": unpickle, "__qualname__": kind.__qualname__}
    slots = {"__slots__": tuple(name for name in own if name not in inherited)}
    rest = {name: value for name, value in body.items() if name not in own}
    prepared: type[T] = make(kind.__name__, kind.__bases__, {**rest, **later, **slots, **first})
    return prepared
