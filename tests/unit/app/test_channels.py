"""What the doctor says of each way to a person, before it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.app.channels import channels, desktop_way
from swarmctl.core.config import NotifySettings

Case = tuple[NotifySettings, dict[str, str], bool, list[tuple[str, bool | None, str]]]
DISPLAY = {"DISPLAY": ":0"}
CASES: dict[str, Case] = {
    "a bell with tmux": (NotifySettings(), {}, True, [("bell", True, "terminals that show")]),
    "a bell without": (NotifySettings(), {}, False, [("bell", None, "nowhere")]),
    "a desktop": (NotifySettings(), DISPLAY, True, [("notify-send", True, "this desktop")]),
    "no display": (NotifySettings(desktop="notify-send"), {}, True, [("notify-send", False, "no display")]),
    "nothing": (NotifySettings(desktop="none"), DISPLAY, True, []),
    "a missing command": (
        NotifySettings(desktop="none", command=("nowhere-to-be-found",)),
        {},
        True,
        [("command", False, "nowhere-to-be-found is not installed")],
    ),
    "addresses": (
        NotifySettings(desktop="none", webhook="https://example.org/hook/s3cret", ntfy="ntfy.example"),
        {},
        True,
        [("webhook", True, "to example.org"), ("ntfy", False, "no address")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_way_says_whether_it_can_work(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, environ, tmux, expected = CASES[name]
    program = tmp_path / "notify-send"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = list(channels(settings, environ, tmux=tmux))
    assert [(each.name, each.ok) for each in found] == [(name, ok) for name, ok, _ in expected]
    for each, (_, ok, words) in zip(found, expected, strict=True):
        assert words in each.words and "s3cret" not in each.words
        assert bool(each.hint) == (ok is not True)


def test_without_the_program_a_display_is_no_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert desktop_way(NotifySettings(), DISPLAY) == "bell"
    (only,) = channels(NotifySettings(desktop="notify-send"), DISPLAY, tmux=True)
    assert (only.ok, only.words) == (False, "is not installed")
