"""Sessions in windows: aimed at exactly, typed into faithfully, captured truly, and deaf to what text pretends."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import libtmux
import pytest

from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Started
from swarmctl.core.session import Exit
from swarmctl.edges.tmux.framing import Reply
from tests.fakes.processes import type_into, until

ABCDE = SessionId("abcde")
KEEP = "stty raw -echo; : > got; echo ready; exec cat > got"
"""An agent that takes bytes as they come and keeps them."""


def tmux(place: Any, *words: str) -> str:
    argv = ["tmux", "-S", place.host.server.socket, *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout


def keeper(place: Any) -> tuple[Started, Path]:
    started: Started = place.start("abcde", KEEP)
    assert until(lambda: "ready" in place.screen(started, "abcde"))
    return started, place.folder / "got"


def test_the_pane_process_is_the_wrapper_and_carries_the_sessions_mark(place: Any) -> None:
    started = place.start("abcde", "sleep 1000")
    pane = place.host.panes()[started.pane]
    assert (pane.session, pane.pid, pane.dead) == ("abcde", started.process.pid, False)


def test_windows_are_named_by_id_and_titles_stay_out(place: Any) -> None:
    place.start("abcde", "printf '\\033]0;#(touch canary)\\007\\033kevil\\033\\\\'; echo ready; sleep 1000")
    started = Started(place.processes.found(place.run_dir("abcde")), next(iter(place.host.panes())))
    assert until(lambda: "ready" in place.screen(started, "abcde"))
    [session] = libtmux.Server(socket_path=place.host.server.socket).sessions
    assert [window.window_name for window in session.windows] == ["hub", "abcde"]


@pytest.mark.parametrize("session", ["", "a b", "#(touch canary)", "a;b", "-t", "a\nkill-server", "é", "%1", "=x:y"])
def test_only_an_id_names_a_session(place: Any, session: str) -> None:
    with pytest.raises(UsageFault):
        place.host.start(place.launch(session, "true"))


def test_agents_have_the_foreground_of_a_terminal_of_a_fixed_size(place: Any) -> None:
    started = place.start("abcde", "stty size; ps -o stat= -p $$; sleep 1000")
    assert until(lambda: "+" in place.screen(started, "abcde"))
    assert place.screen(started, "abcde").startswith("50 200\n")


def test_no_tmux_reaches_the_agent(place: Any) -> None:
    started = place.start("abcde", "env; echo end", env={"TMUX": "/tmp/theirs,1,0", "TMUX_PANE": "%7"})
    assert until(lambda: "\nend" in place.screen(started, "abcde"))
    screen = place.screen(started, "abcde")
    assert "TMUX=" not in screen
    assert "TMUX_PANE" not in screen
    assert "TERM=screen-256color" in screen


HOSTILE = [
    "#(touch canary)",
    "##(touch canary)",
    "#{l:#(touch canary)}",
    "$(touch canary) `touch canary`",
    "; run-shell 'touch canary'",
    "'; run-shell \"touch canary\"; '",
    "\\; run-shell 'touch canary' ;",
    '" ; touch canary ; "',
    "-t =swarm: -X",
    "--",
    "-",
    "%end 1 1 1",
    "~ * ? [a] {a,b} %H",
    "line one\nrun-shell 'touch canary'\n\nkill-server",
    "C-c Enter",
    "trailing;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_arrives_as_it_is_and_runs_nothing(place: Any, text: str) -> None:
    started, got = keeper(place)
    type_into(place.host, started.pane, ABCDE, text)
    wanted = text.replace("\n", "\r").encode() + b"\r"
    assert until(lambda: got.exists() and got.read_bytes() == wanted)
    assert not list(place.folder.rglob("canary")) and not list(Path.cwd().glob("canary"))
    assert place.lost == []


@pytest.mark.parametrize("word", HOSTILE)
def test_arguments_arrive_as_they_are_and_run_nothing(place: Any, word: str) -> None:
    script = 'import sys; open("got", "w").write(sys.argv[1])'
    place.host.start(place.launch("abcde", sys.executable, "-c", script, word))
    got = place.folder / "got"
    assert until(lambda: place.processes.exit_of(place.run_dir("abcde")) is not None)
    assert got.read_text() == word
    assert not list(place.folder.rglob("canary"))


@pytest.mark.parametrize("name", ["#(touch canary)", "a b;", "it's %H #{pane_id}", '$(touch canary)"', "-x;"])
def test_a_hostile_folder_is_just_a_folder(place: Any, name: str) -> None:
    folder = place.folder / name
    folder.mkdir()
    launch = place.launch("abcde", "sh", "-c", "pwd > here; while read -r line; do echo got $line; done")
    started = place.host.start(type(launch)(ABCDE, 1, launch.argv, str(folder), f"{folder}/run", launch.env))
    here = folder / "here"
    assert until(lambda: here.exists() and here.read_text().endswith("\n"))
    assert here.read_text() == f"{folder}\n"
    type_into(place.host, started.pane, ABCDE, "hello")
    assert until(lambda: "got hello" in place.screen(started, "abcde"))
    assert not list(place.folder.rglob("canary"))
    assert place.processes.stop(started.process, place.marker("abcde"), 0.0)


@pytest.mark.parametrize("text", ["\x1b[201~ evil", "\x03", "a\x00b", "\x9b31m"])
def test_control_characters_are_not_typed(place: Any, text: str) -> None:
    started, got = keeper(place)
    with pytest.raises(UsageFault):
        type_into(place.host, started.pane, ABCDE, text)
    assert got.read_bytes() == b""


def test_a_terminal_that_edits_lines_is_told_from_one_that_hands_over_keys(place: Any) -> None:
    """The first would cut what is too long for it, so nothing of that is typed into it."""
    lines = place.start("lines", "exec cat")
    keys, _ = keeper(place)
    assert place.host.keyboard.look(lines.pane, SessionId("lines")).edits
    assert not place.host.keyboard.look(keys.pane, ABCDE).edits


def test_text_that_is_not_utf8_is_refused(place: Any) -> None:
    started, got = keeper(place)
    with pytest.raises(UsageFault, match="UTF-8"):
        type_into(place.host, started.pane, ABCDE, "caf\udce9")
    assert got.read_bytes() == b""


def test_a_long_paste_is_bracketed_and_enter_comes_apart(place: Any) -> None:
    started = place.start("abcde", f"printf '\\033[?2004h'; {KEEP}")
    got = place.folder / "got"
    assert until(lambda: "ready" in place.screen(started, "abcde"))
    text = "\n".join(f"{number}: the quick brown fox, é and 猫" for number in range(200))
    type_into(place.host, started.pane, ABCDE, text)
    wanted = b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~\r"
    assert until(lambda: got.read_bytes() == wanted)


def test_copy_mode_is_left_before_typing(place: Any) -> None:
    started, got = keeper(place)
    tmux(place, "copy-mode", "-t", started.pane)
    type_into(place.host, started.pane, ABCDE, "hello")
    assert until(lambda: got.read_bytes() == b"hello\r")


def test_sends_to_one_pane_do_not_mix(place: Any) -> None:
    started, got = keeper(place)
    texts = [f"{letter * 2000}" for letter in "abcd"]
    threads = [threading.Thread(target=type_into, args=(place.host, started.pane, ABCDE, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert until(lambda: got.read_bytes().count(b"\r") == 4)
    assert sorted(got.read_text().split()) == texts


def test_a_pane_of_another_session_is_not_typed_into(place: Any) -> None:
    started, got = keeper(place)
    for pane, session in ((started.pane, "other"), ("%99", "abcde"), ("abcde", "abcde"), ("", "abcde")):
        with pytest.raises(EnvironmentFault):
            type_into(place.host, pane, SessionId(session), "wrong")
    place.host.close(started.pane, SessionId("other"))
    with pytest.raises(EnvironmentFault):
        place.host.capture(started.pane, SessionId("other"))
    assert place.processes.alive(started.process)
    assert got.read_bytes() == b""


def test_a_pane_id_of_a_former_server_is_not_the_session_any_more(place: Any) -> None:
    old = place.start("abcde", "sleep 1000")
    tmux(place, "kill-server")
    assert until(lambda: place.lost == ["lost"])
    new = place.start("other", KEEP)
    assert new.pane == old.pane
    with pytest.raises(EnvironmentFault):
        type_into(place.host, old.pane, ABCDE, "for the dead")
    place.host.close(old.pane, ABCDE)
    assert place.processes.alive(new.process)


def test_the_history_is_captured_whole(place: Any) -> None:
    started = place.start(
        "abcde", "i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo line $i; done; echo 'é 猫'; sleep 1000"
    )
    assert until(lambda: "猫" in place.screen(started, "abcde"))
    lines = place.screen(started, "abcde").splitlines()
    assert (lines[0], lines[4999], lines[5000], len(lines)) == ("line 1", "line 5000", "é 猫", 5001)


def test_output_that_imitates_the_framing_is_still_captured_whole(place: Any) -> None:
    lines = ["%end 1 2 1", "%begin 1 3 1", "%error 1 3 1", "%exit"]
    started = place.start("abcde", f"printf '%s\\n' {shlex.join(lines)} 'last line'; sleep 1000")
    assert until(lambda: place.screen(started, "abcde").endswith("last line\n"))
    assert place.screen(started, "abcde").splitlines() == [*lines, "last line"]


def test_a_capture_cut_short_by_forged_framing_is_not_believed(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started = place.start("abcde", "echo whole; sleep 1000")
    assert until(lambda: "whole" in place.screen(started, "abcde"))
    ask = place.host.server.ask

    def forged(*commands: tuple[str, ...]) -> list[Reply]:
        if commands[0][0] == "capture-pane":
            return [Reply(True, b"cut"), Reply(True, b"%end 5 6 1\nnonce")]
        replies: list[Reply] = ask(*commands)
        return replies

    monkeypatch.setattr(place.host.server, "ask", forged)
    assert place.screen(started, "abcde") == "whole\n"


def test_the_screen_of_an_ended_agent_stays_until_it_is_closed(place: Any) -> None:
    started = place.start("abcde", "echo last words; exit 3")
    assert until(lambda: place.processes.exit_of(place.run_dir("abcde")) == Exit(3))
    assert until(lambda: not place.processes.alive(started.process))
    assert "last words" in place.screen(started, "abcde")
    place.host.close(started.pane, ABCDE)
    assert place.host.panes() == {}


def test_a_killed_wrapper_is_told_by_its_signal(place: Any) -> None:
    started = place.start("abcde", "echo ready; sleep 1000")
    assert until(lambda: "ready" in place.screen(started, "abcde"))
    place.processes.signal([started.process], 9)
    status = Path(f"/proc/{started.process.pid}/status")
    assert until(lambda: not place.processes.alive(started.process)), status.read_text()
    place.start("other", "exit 0")
    seen = {}

    def told() -> bool:
        seen.update(place.host.panes())
        return bool(seen[started.pane].exit == Exit(None, 9))

    assert until(told), seen


def test_many_agents_start_at_once(place: Any) -> None:
    names = [f"s{number}" for number in range(20)]
    found: dict[str, Started] = {}

    def begin(name: str) -> None:
        found[name] = place.start(name, "sleep 1000")

    threads = [threading.Thread(target=begin, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {pane.session for pane in place.host.panes().values()} == set(names)
    assert len({started.process.pid for started in found.values()}) == 20
    assert all(place.host.panes()[one.pane].pid == one.process.pid for one in found.values())


def test_an_agent_started_by_a_dead_supervisor_is_found_with_its_pane(place: Any) -> None:
    script = f"""
import os, sys
sys.path[:0] = {[str(Path(__file__).resolve().parents[3])]!r}
from pathlib import Path
from swarmctl.core.ports import Launch
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.tmux.host import TmuxHost
env = {{"PATH": os.environ["PATH"], "SWARM_MARKER": {place.marker("abcde")!r}}}
host = TmuxHost("swarm-test", Path({str(place.runtime)!r}), Launches(), LinuxProcesses())
folder = {str(place.folder)!r}
host.start(Launch("abcde", 1, ("sleep", "1000"), folder, {place.run_dir("abcde")!r}, env))
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == -9
    again = place.host.start(place.launch("abcde", "sleep", "1000"))
    assert place.processes.alive(again.process)
    assert place.host.panes()[again.pane].pid == again.process.pid
    assert len(place.host.panes()) == 1


def test_a_wrapper_that_cannot_start_is_a_fault_and_leaves_no_window(place: Any) -> None:
    launch = place.launch("abcde", "true")
    Path(launch.run_dir).mkdir(parents=True)
    Path(launch.run_dir, "pid").mkdir()
    with pytest.raises(EnvironmentFault, match="wrapper"):
        place.host.start(launch)
    assert place.host.panes() == {}
    Path(launch.run_dir, "pid").rmdir()


def test_a_window_whose_opener_died_before_marking_it_is_adopted(place: Any) -> None:
    started = place.start("abcde", "sleep 1000")
    tmux(place, "set-option", "-p", "-u", "-t", started.pane, "@swarm_session")
    assert place.host.panes() == {}
    assert place.host.start(place.launch("abcde", "sleep", "1000")) == started
    assert place.host.panes()[started.pane].session == "abcde"


def test_a_command_that_was_carried_out_unheard_makes_no_second_agent(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.host.server.ensure()
    ask = place.host.server.ask

    def twice(*commands: tuple[str, ...]) -> list[Reply]:
        if commands[0][0] == "new-window":
            ask(*commands)
        replies: list[Reply] = ask(*commands)
        return replies

    monkeypatch.setattr(place.host.server, "ask", twice)
    started = place.start("abcde", "echo ran >> count; sleep 1000")
    assert until(lambda: (place.folder / "count").exists() and (place.folder / "count").read_text().endswith("\n"))
    assert place.host.panes()[started.pane].pid == started.process.pid
    assert until(lambda: len([pane for pane in place.host.panes().values() if not pane.dead]) == 1)
    assert (place.folder / "count").read_text() == "ran\n"
