"""Panes of a tmux that is a person's own: found by every name, and left alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from swarmctl.core.errors import SwarmError
from swarmctl.edges.tmux.foreign import pane_of, require_client, socket_of, view_argv
from swarmctl.edges.tmux.server import MARK


@dataclass
class Own:
    socket: str

    def tmux(self, *words: str) -> str:
        argv = ["tmux", "-S", self.socket, "-f", "/dev/null", *words]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    made = Own(str(tmp_path_factory.mktemp("own") / "s"))
    made.tmux("new-session", "-d", "-s", "work", "-n", "a window", "cat")
    made.tmux("split-window", "-t", "work:0", "cat")
    made.tmux("new-window", "-t", "work", "-n", "logs", "cat")
    yield made
    made.tmux("kill-server")


@pytest.mark.parametrize(
    ("name", "pane"),
    [("%1", "%1"), ("work:0.1", "%1"), ("work:a window.0", "%0"), ("work:1", "%2"), ("work:logs", "%2")],
)
def test_a_pane_is_found_by_its_id_and_by_where_it_is(own: Own, name: str, pane: str) -> None:
    found = pane_of(own.socket, name)

    assert (found.server, found.pane) == (own.socket, pane)
    assert str(found.pid) == own.tmux("display-message", "-p", "-t", pane, "#{pane_pid}")


@pytest.mark.parametrize("name", ["%9", "work:0", "wor:1", "work:9.0"])
def test_a_name_that_is_nobodys_or_not_one_panes_is_refused_with_a_hint(own: Own, name: str) -> None:
    with pytest.raises(SwarmError, match="no pane") as refused:
        pane_of(own.socket, name)

    assert "list-panes" in refused.value.hint


def test_a_name_that_several_panes_have_is_refused_with_their_ids(own: Own) -> None:
    own.tmux("new-window", "-t", "work", "-n", "logs", "cat")

    with pytest.raises(SwarmError, match="several panes: %2, %3") as refused:
        pane_of(own.socket, "work:logs")

    assert "adopt %2" in refused.value.hint
    assert pane_of(own.socket, "%3").pane == "%3"


def test_a_window_that_two_sessions_share_is_one_pane(own: Own) -> None:
    own.tmux("new-session", "-d", "-t", "work", "-s", "beside")

    assert pane_of(own.socket, "%2").pane == "%2"


def test_a_dead_pane_a_sessions_pane_and_a_server_that_is_none_are_refused(own: Own, tmp_path: Path) -> None:
    own.tmux("set-option", "-g", "remain-on-exit", "on")
    dead = own.tmux("new-window", "-P", "-F", "#{pane_id}", "true")
    own.tmux("set-option", "-p", "-t", "%0", MARK, "abcde")
    while own.tmux("display-message", "-p", "-t", dead, "#{pane_dead}") != "1":
        pass
    (tmp_path / "file").touch()

    for server, name, words in (
        (own.socket, dead, "nothing runs"),
        (own.socket, "%0", "session abcde"),
        (str(tmp_path / "none"), "%0", "no tmux server"),
        (str(tmp_path / "file"), "%0", "not a tmux server of yours"),
    ):
        with pytest.raises(SwarmError, match=words):
            pane_of(server, name)


def test_the_server_is_the_one_that_was_named_else_the_one_around_the_caller() -> None:
    around = {"TMUX": "/tmp/tmux-1/work,77,0", "TMUX_TMPDIR": "/run/t"}
    folder = f"/run/t/tmux-{os.getuid()}"

    assert socket_of("", "/tmp/s", around) == "/tmp/s"
    assert socket_of("mine", "", around) == f"{folder}/mine"
    assert socket_of("", "", around) == "/tmp/tmux-1/work"
    assert socket_of("", "", {"TMUX_TMPDIR": "/run/t"}) == f"{folder}/default"


def test_a_person_gets_to_the_pane_by_the_shortest_way(own: Own) -> None:
    assert view_argv({}, own.socket, "%1")[-3:] == ("attach-session", "-t", "%1")
    assert view_argv({"TMUX": f"{own.socket},1,0"}, own.socket, "%1")[3:] == ("switch-client", "-t", "%1")
    elsewhere = view_argv({"TMUX": "/tmp/other,1,0"}, own.socket, "%1")
    assert elsewhere[:4] == ("tmux", "-S", "/tmp/other", "display-popup")
    assert elsewhere[-3:] == ("attach-session", "-t", "%1")


def test_where_nobody_looks_at_the_tmux_around_nothing_can_be_opened_in_it(own: Own) -> None:
    require_client({}, "hint")
    with pytest.raises(SwarmError, match="no terminal is attached") as refused:
        require_client({"TMUX": f"{own.socket},1,0"}, "tmux attach")

    assert refused.value.hint == "tmux attach"
