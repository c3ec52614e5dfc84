"""Looking at an agent as a person does: in a bare terminal, in one's own tmux, without either; and talking to it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.world import World, until

KEEP = 'stty raw -echo; : > "$GOT"; echo ready; exec cat > "$GOT"'
SIZES = "trap 'stty size' WINCH; echo here I am; while :; do sleep 0.05; done"


def begin(world: World, script: str) -> str:
    world.extra_env["GOT"] = str(world.home / "got")
    said = world.swarmctl(
        "run",
        "work",
        "--exec",
        f"export GOT={shlex.quote(str(world.home / 'got'))}; {script}",
        "--detach",
        "--json",
        rc=0,
    )
    world.await_stage(Stage.RUNNING)
    return world.session(str(world.facts().tasks[said.last["tasks"][0]["id"]].session)).id


def views(world: World) -> int:
    socket = world.swarmctl("attach", world.session().id, "--json").last["argv"][3]
    argv = ["tmux", "-S", socket, "list-sessions"]
    return len(subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()) - 1


def test_a_person_attaches_resizes_and_leaves_and_the_agent_goes_on(world: World, terminal: Terminal) -> None:
    name = begin(world, SIZES)
    terminal.open("one", 100, 30)
    terminal.type("one", "attach", name)
    screen = terminal.shows("one", "29 100")
    assert screen.splitlines()[0] == "here I am"
    assert screen.rstrip("\n").splitlines()[-1].startswith(f" {name}   F12: back, it goes on")
    terminal.tmux("resize-window", "-t", "=one:", "-x", "20", "-y", "5")
    until(lambda: "4 20" in world.swarmctl("logs", name, rc=0).out, "a tiny terminal to be followed")
    terminal.tmux("resize-window", "-t", "=one:", "-x", "72", "-y", "20")
    screen = terminal.shows("one", "19 72")
    assert screen.splitlines()[:4] == ["here I am", "29 100", "4 20", "19 72"]
    terminal.press("one", "C-b", "d")
    terminal.shows("one", "[detached")
    until(lambda: views(world) == 0, "the view to be gone")
    assert world.session().stage is Stage.RUNNING
    until(lambda: "50 200" in world.swarmctl("logs", name, rc=0).out, "the window to have its own size again")
    terminal.type("one", "attach", name)
    terminal.shows("one", "here I am")


def test_the_key_that_leaves_one_view_is_the_agents_in_another(world: World, terminal: Terminal) -> None:
    name = begin(world, KEEP)
    got = world.home / "got"
    for title, key, said in (("one", "f12", "F12"), ("two", "ctrl+g", "Ctrl-g")):
        world.extra_env["SWARMCTL__TUI__BACK"] = key
        terminal.open(title, 100, 30)
        terminal.type(title, "attach", name)
        terminal.shows(title, f"{said}: back", "ready")
    terminal.press("one", "C-g")
    until(lambda: got.read_bytes() == b"\x07", f"the key to reach the agent; it got {got.read_bytes()!r}")
    terminal.press("two", "F12")
    until(lambda: got.read_bytes() == b"\x07\x1b[24~", "the other key as well")
    terminal.press("one", "C-b", "[")
    terminal.shows("one", "[0/0]")
    terminal.press("one", "F12")
    terminal.shows("one", "[detached")
    terminal.press("two", "q")
    terminal.lacks("two", "[0/0]")
    terminal.press("two", "C-g")
    terminal.shows("two", "[detached")
    assert got.read_bytes() == b"\x07\x1b[24~"


def test_two_people_with_terminals_of_different_size(world: World, terminal: Terminal) -> None:
    name = begin(world, SIZES)
    terminal.open("wide", 120, 40)
    terminal.open("small", 60, 15)
    terminal.type("wide", "attach", name)
    terminal.shows("wide", "39 120")
    terminal.type("small", "attach", name)
    terminal.shows("small", "14 60")
    assert "here I am" in terminal.screen("wide")
    terminal.press("small", "C-b", "d")
    terminal.shows("small", "[detached")
    until(lambda: views(world) == 1, "one view to stay")
    terminal.press("wide", "x")
    until(lambda: terminal.screen("wide").count("39 120") == 2, "the whole terminal to be used again")


def test_a_view_ends_with_its_agent_and_shows_no_other(world: World, terminal: Terminal) -> None:
    name = begin(world, f"echo here I am; until [ -e {shlex.quote(str(world.home / 'go'))} ]; do sleep 0.05; done")
    world.swarmctl("run", "other", "--exec", "echo somebody else; sleep 1000", "--detach", rc=0)
    world.await_stage(Stage.RUNNING, 2)
    terminal.open("one", 100, 30)
    terminal.type("one", "attach", name)
    terminal.shows("one", "here I am")
    (world.home / "go").touch()
    screen = terminal.shows("one", "[exited]")
    assert "somebody else" not in screen


def test_inside_ones_own_tmux_it_opens_in_a_popup(world: World, terminal: Terminal) -> None:
    name = begin(world, "echo here I am; sleep 1000")
    terminal.open_inside("outer", "mine", 90, 28)
    terminal.type("mine", "attach", name)
    screen = terminal.shows("outer", "here I am")
    assert f"{name}   F12: back, it goes on" in screen
    terminal.press("outer", "C-b", "d")
    until(lambda: "here I am" not in terminal.screen("outer"), "the popup to be closed")
    assert world.session().stage is Stage.RUNNING


def test_inside_a_tmux_that_nobody_looks_at_it_says_so(world: World, terminal: Terminal) -> None:
    name = begin(world, "echo here I am; sleep 1000")
    terminal.open("mine", 90, 28, bare=False)

    terminal.type("mine", "attach", name)

    assert "swarmctl: no terminal is attached" in terminal.shows("mine", "hint: tmux attach first")


def test_without_a_terminal_the_line_to_type_is_printed_and_works(world: World, terminal: Terminal) -> None:
    name = begin(world, "echo here I am; sleep 1000")
    line = world.swarmctl("attach", name, rc=0).out.strip()
    terminal.open("one", 100, 30)
    terminal.tmux("send-keys", "-t", "=one:", "-l", line)
    terminal.press("one", "Enter")
    terminal.shows("one", "here I am")


def test_a_session_is_not_attached_to_from_inside_a_session(world: World, terminal: Terminal) -> None:
    name = begin(world, "exec sh")
    terminal.open("one", 160, 30)
    terminal.type("one", "attach", name)
    terminal.shows("one", "F12: back")
    terminal.type("one", "attach", name)
    screen = terminal.shows("one", "hint:")
    assert f"this terminal is that of {name}" in screen
    assert "leave it first: Ctrl-b d" in screen


def test_a_terminal_opens_whatever_is_wrong_with_the_settings_of_the_checkout(world: World) -> None:
    name = begin(world, "exec sleep 600")
    (world.repo / "swarm.toml").write_text("<<<<<<< ours\n")

    assert name in " ".join(world.swarmctl("attach", name, "--json", rc=0).last["argv"])


def test_an_ended_session_says_where_its_words_are(world: World) -> None:
    name = begin(world, "echo bye; sleep 2")
    world.idle()
    said = world.swarmctl("attach", name, rc=1)
    assert said.err == f"swarmctl: {name} is empty; its terminal is no longer there\nhint: swarmctl logs {name}\n"
    assert world.swarmctl("logs", name, rc=0).out == "bye\n"


TEXTS = {
    "lines": "one\ntwo\n\nfour",
    "crlf": "one\r\ntwo",
    "long": "\n".join(f"{number}: the quick brown fox" for number in range(300)),
    "one long line": "x" * 8192,
    "unicode": "é 猫 👩‍👩‍👧 \u202e ​",
    "dashes": "--force -rf -- -",
    "option": "--json",
    "short option": "-f now",
    "tab": "a\tb",
    "hostile": "#(touch canary) $(touch canary) `touch canary`; run-shell 'touch canary' %H #{pane_id};",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_what_was_sent_is_what_the_agent_reads(world: World, text: str) -> None:
    name = begin(world, KEEP)
    got = world.home / "got"
    until(got.exists, "the agent to be ready")
    words = ["--", text] if text == "--json" else [text]
    world.swarmctl("send", name, *words, rc=0)
    wanted = text.replace("\r\n", "\n").replace("\n", "\r").encode() + b"\r"
    until(lambda: got.read_bytes() == wanted, f"{wanted!r}; it is {got.read_bytes()!r}", 20.0)
    assert not list(world.home.rglob("canary"))


def test_what_is_piped_in_is_submitted_once(world: World) -> None:
    name = begin(world, KEEP)
    got = world.home / "got"
    until(got.exists, "the agent to be ready")
    typed = world.start("send", name, "-", stdin="one\ntwo\n")
    assert typed.process.communicate("one\ntwo\n")[0] == f"sent to {name}\n"
    until(lambda: got.read_bytes() == b"one\rtwo\r", "both lines")


def test_a_message_that_nobody_reads_is_said_to_wait(world: World) -> None:
    name = begin(world, "sleep 1000")
    said = world.swarmctl("send", name, "hello", rc=0)
    assert said.out == f"sent to {name}; it waits unread in the terminal, because the agent does not read now\n"


def test_what_cannot_be_typed_is_refused_with_words(world: World) -> None:
    name = begin(world, "exec cat")
    long = world.swarmctl("send", name, "x" * 5000, rc=1)
    assert "no line may be longer than 4095 bytes" in long.err
    control = world.swarmctl("send", name, "a\x1b[31mb", rc=2)
    assert "control characters" in control.err
    words = world.swarmctl("send", name, "two", "words", rc=2)
    assert f'hint: swarmctl send {name} "TEXT"' in words.err
    broken = world.swarmctl("send", name, os.fsdecode(b"caf\xe9"), rc=2)
    assert "not UTF-8" in broken.err
    huge = world.start("send", name, "-", stdin="")
    assert "too many to type" in huge.process.communicate("x" * 300_000)[1]
    assert Path(world.session().worktree).is_dir()
