"""What the doctor looks at, and how often."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from swarmctl.app import doctor
from swarmctl.app.here import here


def test_the_fence_and_the_agents_are_looked_at_once(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def counted(name: str) -> None:
        real = getattr(doctor, name)

        def look(*which: Any) -> Any:
            looked.append(name)
            return real(*which)

        monkeypatch.setattr(doctor, name, look)

    counted("sandbox_of")
    counted("agents_of")
    names = {check.name for check in doctor.examine(repo)}
    assert {"agent", "trifecta"} <= names
    assert sorted(looked) == ["agents_of", "sandbox_of"]


def test_what_a_run_and_the_doctor_say_of_other_gates_is_the_same(repo: Path) -> None:
    (repo / "swarm.toml").write_text('[merge]\ntarget = "main"\n')
    subprocess.run(["git", "-C", str(repo), "add", "swarm.toml"], check=True)
    subprocess.run(["git", "-C", str(repo), "commit", "-q", "-m", "Settings"], check=True)
    place = here(repo)
    target = place.settings().merge.target
    assert place.notices([], target) == [] and not place.gates_differ(target)
    with (repo / "swarm.toml").open("a") as file:
        file.write('[[gate]]\nname = "tests"\nrun = "true"\n')
    differs = f"the gates of your checkout differ from those of {target}, which count"
    assert place.notices([], target) == [f"{differs}; commit swarm.toml"]
    assert [check.words for check in doctor.examine(repo) if check.name == "gates"] == [differs]
