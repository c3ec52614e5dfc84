"""A class whose methods come later is the class that the standard library would have made."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from typing import Any, ClassVar

import pytest

from swarmctl.core import values
from swarmctl.core.codec import from_plain, to_plain


@values.dataclass(frozen=True, slots=True)
class Base:
    """A point."""

    x: int
    names: tuple[str, ...] = ()


@values.dataclass(frozen=True, slots=True)
class Ours(Base):
    y: float = 1.5
    more: dict[str, int] = field(default_factory=dict)
    size: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.names))

    @property
    def twice(self) -> int:
        return self.x * 2


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    x: int
    names: tuple[str, ...] = ()
    y: float = 1.5
    more: dict[str, int] = field(default_factory=dict)
    size: int = field(init=False, default=0)


def test_a_value_is_what_a_standard_one_would_be() -> None:
    value = Ours(3, ("a", "b"))
    assert (value.x, value.names, value.y, value.more, value.size, value.twice) == (3, ("a", "b"), 1.5, {}, 2, 6)
    assert repr(value) == "Ours(x=3, names=('a', 'b'), y=1.5, more={}, size=2)"
    assert value == Ours(x=3, names=("a", "b")) != Ours(4, ("a", "b"))
    assert hash(Base(1)) == hash(Base(1))
    assert not hasattr(value, "__dict__")


def test_a_value_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Base(1).x = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del Base(1).x
    with pytest.raises((AttributeError, TypeError)):
        Base(1).other = 2  # type: ignore[attr-defined]


def test_a_wrong_call_is_refused_in_the_usual_words() -> None:
    with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument: 'x'"):
        Base()  # type: ignore[call-arg]


def test_the_tools_of_the_standard_library_know_it() -> None:
    kind: Any = Ours
    assert dataclasses.is_dataclass(kind)
    assert [each.name for each in dataclasses.fields(Ours)] == [each.name for each in dataclasses.fields(Theirs)]
    assert Ours.__match_args__ == Theirs.__match_args__
    assert dataclasses.replace(Ours(3), y=2.0) == Ours(3, y=2.0)
    assert dataclasses.asdict(Base(1)) == {"x": 1, "names": ()}
    match Base(7):
        case Base(x):
            assert x == 7


def test_it_goes_through_copies_and_json() -> None:
    value = Ours(3, ("a",), more={"b": 1})
    assert copy.deepcopy(value) == copy.copy(value) == pickle.loads(pickle.dumps(value)) == value
    assert from_plain(Base, to_plain(Base(1, ("a",)))) == Base(1, ("a",))


def test_threads_that_need_a_class_at_once_all_get_it_whole() -> None:
    for _ in range(50):

        @values.dataclass(frozen=True, slots=True)
        class Fresh:
            x: int
            more: dict[str, int] = field(default_factory=dict)

        def use(number: int, kind: Any = Fresh) -> tuple[Any, Any]:
            value = kind(number)
            return value, kind(number)

        with ThreadPoolExecutor(4) as pool:
            assert all(one == other and one.more == {} for one, other in pool.map(use, range(8)))


def made() -> Any:
    """A class of which there is no value yet."""

    @values.dataclass(frozen=True, slots=True)
    class Fresh:
        x: int

    return Fresh


def test_a_value_is_unpickled_where_none_was_made_before() -> None:
    fresh = made()
    value = fresh.__new__(fresh)
    value.__setstate__([3])
    assert value == fresh(3) and hash(value) == hash(fresh(3))


def test_a_class_within_another_thing_keeps_its_whole_name() -> None:
    assert made().__qualname__ == "made.<locals>.Fresh"
    assert repr(made()(3)) == "made.<locals>.Fresh(x=3)"


def test_what_belongs_to_the_class_stays_there() -> None:
    @values.dataclass(frozen=True, slots=True)
    class Fresh:
        x: int
        most: ClassVar[int] = 8

    assert (Fresh.most, Fresh(1).most) == (8, 8)
    assert [each.name for each in dataclasses.fields(Fresh)] == ["x"]
