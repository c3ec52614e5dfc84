"""git's settings are read again when they changed or were forgotten, and only so many places are remembered."""

from __future__ import annotations

import pytest

from swarmctl.edges.git.command import Git
from swarmctl.edges.git.settings import Settings
from tests.edges.git.conftest import Place


def test_only_the_last_places_are_remembered_and_each_answers_right(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarmctl.edges.git.settings.REMEMBERED", 2)
    settings = Settings()
    folders = [Git(place.repository.common / "worktrees" / place.add(name).name) for name in ("one", "two", "three")]
    place.git("config", "swarm.test", "old")
    assert [settings.of(git)["swarm.test"] for git in folders] == [("old",)] * 3

    place.git("config", "swarm.test", "new")

    assert [settings.of(git)["swarm.test"] for git in folders] == [("new",)] * 3
    assert len(settings._read) == 2
