"""The recorded screens and payloads are whole, and hold nothing of the machine that they were recorded on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.real import screen_files
from tests.real.homes import LOCKS
from tests.real.screen_files import SCREENS, Screen

HOOKS = SCREENS.parent / "hooks"
STATES = ("working", "idle", "permission", "interrupted", "exited", "api-error")
MACHINE = ("/root", "/work", "pytest-", "ANTHROPIC_")


def named(screen: Screen) -> str:
    return f"{screen.name}/{screen.state}"


@pytest.mark.parametrize("screen", screen_files.all_screens(), ids=named)
def test_a_screen_fits_its_size(screen: Screen) -> None:
    columns, rows = map(int, screen.size.split("x"))
    lines = screen.text.removesuffix("\n").split("\n")
    assert len(lines) <= rows
    assert max(len(line) for line in lines) <= columns
    assert not [word for word in MACHINE if word in screen.text]


@pytest.mark.parametrize("agent", ["claude", "codex", "opencode"])
def test_every_main_state_was_recorded_at_the_pinned_version(agent: str) -> None:
    screens = screen_files.all_screens(agent)
    seen = [screen.state for screen in screens]
    assert [state for state in STATES if not any(name.startswith(state) for name in seen)] == []
    assert {"working-prose", "idle-prose"} <= set(seen)
    pinned = json.loads((LOCKS / agent / "package.json").read_text())["dependencies"].values()
    assert {screen.agent.split()[1] for screen in screens} == set(pinned)


@pytest.mark.parametrize("path", sorted(HOOKS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_payload_names_its_event_and_its_session(path: Path) -> None:
    payload = json.loads(path.read_text())
    assert path.stem.split("-")[0] == payload["hook_event_name"]
    assert payload["session_id"]
    assert not [word for word in MACHINE if word in path.read_text()]


def test_a_screen_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_files, "SCREENS", tmp_path)
    screen = Screen("claude 1.2", "idle-note", " ✳ a: b", "3x2", "0,0 1", "claude", "a\n---\n")
    assert screen_files.read(screen.write()) == screen
