"""A pane's output for followers: from the first byte, for as long as somebody follows, at nobody's expense."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.edges.shell import procfs
from swarmctl.edges.tmux import tap
from swarmctl.edges.tmux.feed import PaneFeed, follow, history
from tests.fakes.processes import type_into, until

ABCDE = SessionId("abcde")


def following(place: Any, started: Any) -> PaneFeed:
    return follow(place.host.server.socket, started.pane, ABCDE)


def gathered(feed: PaneFeed, wanted: Callable[[bytes], bool]) -> bytes:
    data = b""

    def look() -> bool:
        nonlocal data
        data += b"".join(feed.read(0.05))
        return wanted(data)

    assert until(look), data
    return data


def piped(place: Any, started: Any) -> bool:
    argv = ["tmux", "-S", place.host.server.socket, "display-message", "-p", "-t", started.pane, "#{pane_pipe}"]
    return subprocess.run(argv, capture_output=True, check=False).stdout == b"1\n"


def tap_of(place: Any) -> int:
    return next(pid for pid in procfs.pids() if f"{place.host.server.socket}.abcde.tap" in procfs.cmdline(pid)[-1:])


def test_history_and_what_comes_join_without_a_seam(place: Any) -> None:
    started = place.start("abcde", "i=0; while :; do i=$((i+1)); echo line $i; done")
    assert until(lambda: "line 500" in place.screen(started, "abcde"))
    feed = following(place, started)
    lines = gathered(feed, lambda data: len(data) > 300_000).split(b"\r\n")[:-1]
    feed.close()
    first = int(lines[0].split()[1])
    assert [int(line.split()[1]) for line in lines] == list(range(first, first + len(lines)))


def test_the_pipe_closes_with_the_last_follower(place: Any) -> None:
    started = place.start("abcde", "while :; do echo more; sleep 0.02; done")
    first, second = following(place, started), following(place, started)
    assert piped(place, started)
    first.close()
    gathered(second, lambda data: data.count(b"more") > 20)
    assert piped(place, started)
    second.close()
    assert until(lambda: not piped(place, started))
    assert list(Path(place.host.server.folder).glob("*.tap")) == []


def test_a_late_follower_gets_what_the_first_one_got(place: Any) -> None:
    started = place.start("abcde", "echo one; while read -r line; do echo got $line; done")
    assert until(lambda: "one" in place.screen(started, "abcde"))
    first = following(place, started)
    type_into(place.host, started.pane, ABCDE, "two")
    seen = gathered(first, lambda data: b"got two" in data)
    second = following(place, started)
    assert gathered(second, lambda data: b"got two" in data) == seen
    assert seen.startswith(b"one\r\n")
    first.close()
    second.close()


def test_a_feed_ends_with_the_pane_and_nothing_is_missing(place: Any) -> None:
    started = place.start("abcde", "read -r line; seq 20000; echo last words")
    feed = following(place, started)
    type_into(place.host, started.pane, ABCDE, "go")
    assert until(lambda: not place.processes.alive(started.process))
    assert until(lambda: "last words" in place.screen(started, "abcde"))
    place.host.close(started.pane, ABCDE)
    data = gathered(feed, lambda _: feed.over)
    feed.close()
    assert data.endswith(b"\r\n19999\r\n20000\r\nlast words\r\n")


def test_a_follower_that_does_not_read_costs_the_agent_nothing_and_hears_of_the_gap(place: Any) -> None:
    count = place.folder / "count"
    script = "read -r line; yes words | head -c 20000000; echo done > count; sleep 1000"
    started = place.start("abcde", script)
    feed = following(place, started)
    type_into(place.host, started.pane, ABCDE, "go")
    assert until(count.exists)
    pid = tap_of(place)
    assert int(procfs.read(f"/proc/{pid}/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") < 40_000_000
    assert until(lambda: b"" in feed.read(0.05))
    feed.close()


def test_a_killed_tap_ends_the_feed_and_can_be_opened_again(place: Any) -> None:
    started = place.start("abcde", "echo one; while read -r line; do echo got $line; done")
    assert until(lambda: "one" in place.screen(started, "abcde"))
    feed = following(place, started)
    gathered(feed, lambda data: b"one" in data)
    os.kill(tap_of(place), signal.SIGKILL)
    gathered(feed, lambda _: feed.over)
    feed.close()
    again = follow(place.host.server.socket, started.pane, ABCDE, anew=False)
    type_into(place.host, started.pane, ABCDE, "two")
    assert b"one" not in gathered(again, lambda data: b"got two" in data)
    again.close()


def test_only_the_sessions_own_pane_is_followed(place: Any) -> None:
    started = place.start("abcde", "sleep 1000")
    for pane, session in ((started.pane, "other"), ("%99", "abcde"), ("abcde", "abcde"), ("", "abcde")):
        with pytest.raises(EnvironmentFault, match="no terminal any more"):
            follow(place.host.server.socket, pane, SessionId(session))
    assert not piped(place, started)


def test_without_a_server_there_is_nothing_to_follow(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        follow(str(tmp_path / "none" / "socket"), "%1", ABCDE)


@pytest.mark.parametrize("name", ["#(touch canary)", "it's %H #{pane_id}", '$(touch canary)"'])
def test_a_hostile_path_of_the_tap_is_just_a_path(place: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.folder / name
    folder.mkdir()
    program = folder / "tap.py"
    program.symlink_to(tap.__file__)
    monkeypatch.setattr("swarmctl.edges.tmux.feed.TAP", str(program))
    started = place.start("abcde", "echo one; sleep 1000")
    feed = following(place, started)
    gathered(feed, lambda data: b"one" in data)
    feed.close()
    assert not list(place.folder.rglob("canary"))


@pytest.mark.parametrize(
    ("captured", "printed"),
    [
        ((b"0", b"one  ", b"two", b"", b""), b"one\r\ntwo\r\n"),
        ((b"7", b"one", b"Name?  ", b""), b"one\r\nName?  "),
        ((b"7screen", b"one", b"two"), b"one\r\ntwo\r\n"),
        ((b"0", b"", b""), b""),
        ((b"0",), b""),
    ],
)
def test_a_history_ends_its_last_line_unless_the_cursor_stands_in_it(
    captured: tuple[bytes, ...], printed: bytes
) -> None:
    assert history(captured) == printed
