"""Small words of the app: lines of the wire, capped logs, and which session a person means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.app import archive, line
from swarmctl.app.find import find_session
from swarmctl.app.line import Lines, fault_from_plain, fault_to_plain, pack, unpack
from swarmctl.core.errors import FAULTS, SwarmError, UsageFault
from swarmctl.core.ids import SessionId
from tests.fakes.desk import World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"")), max_size=6), st.data())
def test_however_a_stream_is_cut_the_lines_are_the_same(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(message + b"\n" for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    lines = Lines()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += lines.feed(stream[start:end])
    assert found == [message for message in messages if message]


@settings(max_examples=25)
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_any_message_is_one_line_that_reads_back(message: dict[str, object]) -> None:
    packed = pack(message)
    assert packed.count(b"\n") == 1 and packed.endswith(b"\n")
    assert unpack(packed) == message


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"1", b"null", b"\xff\xfe", b'"x"', b"{}{}"])
def test_a_line_that_is_no_message_is_an_empty_one(raw: bytes) -> None:
    assert unpack(raw) == {}


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("pieces", [1, 3])
def test_a_line_that_is_too_long_is_an_error_however_it_comes(
    monkeypatch: pytest.MonkeyPatch, ended: bool, pieces: int
) -> None:
    monkeypatch.setattr(line, "MAX_LINE", 10)
    lines, stream = Lines(), b"x" * 12 + b"\n" * ended
    size = len(stream) // pieces + 1
    assert Lines().feed(b"x" * 10 + b"\n") == [b"x" * 10]
    with pytest.raises(SwarmError, match="too long"):
        for start in range(0, len(stream), size):
            lines.feed(stream[start : start + size])


@pytest.mark.parametrize("kind", FAULTS.values())
def test_a_fault_comes_back_as_what_it_was(kind: type[SwarmError]) -> None:
    back = fault_from_plain(fault_to_plain(kind("no such thing", hint="try ps")))
    assert (type(back), back.message, back.hint) == (kind, "no such thing", "try ps")
    assert type(fault_from_plain({"kind": "Exception"})) is SwarmError


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_a_capped_text_keeps_its_beginning_and_its_end(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "CAP", 20)
        kept = archive.capped(text)
    if len(text) <= 20:
        assert kept == text
    else:
        begin, _, end = kept.partition(archive.CUT)
        assert begin == text[:5] or (text.startswith(f"{begin}\n") and "\n" not in text[len(begin) + 1 : 5])
        assert end == text[-15:] or (text.endswith(f"\n{end}") and "\n" not in text[-15 : -len(end) - 1])


def test_a_text_is_cut_between_lines() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "CAP", 20)
        assert archive.capped("ab\nsecret secret secret\nyz\n") == f"ab{archive.CUT}yz\n"


def world_of(*names: str) -> World:
    world = World()
    ids = iter(names)
    world.shop.new_id = lambda: next(ids)
    for name in names:
        world.submit(f"Fix {name[0]}", waits=False)
    world.go()
    return world


def test_a_session_is_meant_by_its_id_its_branch_its_task_or_a_beginning_of_one() -> None:
    world = world_of("abc12", "abd34", "x9876")
    session = world.session(SessionId("x9876"))
    for name in ("x9876", "x9", session.task, session.branch, "fix-x", "fix-x-x9876"):
        assert find_session(world.facts, name) == session


def test_a_beginning_of_several_is_refused_with_their_names() -> None:
    world = world_of("abc12", "abd34")
    with pytest.raises(UsageFault, match="`ab` could be abc12, abd34"):
        find_session(world.facts, "ab")
    assert find_session(world.facts, "abc").id == "abc12"


def test_a_whole_name_is_not_ambiguous_with_a_longer_one() -> None:
    world = world_of("ab", "abc")
    assert find_session(world.facts, "ab").id == "ab"


@pytest.mark.parametrize("name", ["", "nothing", "swarm/", "%", "*"])
def test_what_names_no_session_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(UsageFault) as caught:
        find_session(world_of("abc12").facts if name != "swarm/" else World().facts, name)
    assert caught.value.hint
