from __future__ import annotations

from pathlib import Path

from tests.edges.git.conftest import Place


def bench_of(place: Place) -> tuple[Path, str]:
    head = place.branch("task", {".gitignore": "*.cache\nvenv/\n", "work.txt": "done\n"})
    bench = place.state / "integration" / "main"
    commit = place.staged(head).commit
    assert place.integration.check_out(str(bench), commit)
    return bench, commit


def test_what_one_gate_leaves_is_gone_for_the_next_ignored_or_not(place: Place) -> None:
    bench, commit = bench_of(place)
    (bench / "left.txt").write_text("by a gate\n")
    (bench / "poison.cache").write_text("by a gate\n")
    (bench / "venv").mkdir()
    (bench / "venv" / "module.py").write_text("by a gate\n")
    assert place.integration.check_out(str(bench), commit) is False
    assert sorted(path.name for path in bench.iterdir()) == [".git", ".gitignore", "README.md", "app.py", "work.txt"]


def test_what_provisioning_made_stays_and_what_came_later_goes(place: Place) -> None:
    bench, commit = bench_of(place)
    (bench / "venv").mkdir()
    (bench / "venv" / "module.py").write_text("by the setup\n")
    (bench / "copied.env").write_text("by the settings\n")
    place.integration.exclude(str(bench), ("copied.env",))
    (bench / "poison.cache").write_text("by a gate\n")
    place.integration.check_out(str(bench), commit)
    assert (bench / "venv" / "module.py").read_text() == "by the setup\n"
    assert (bench / "copied.env").exists()
    assert not (bench / "poison.cache").exists()


def test_rules_that_an_agent_wrote_hide_nothing_from_the_cleaning(place: Place) -> None:
    bench, commit = bench_of(place)
    info = place.repository.common / "info"
    info.mkdir(exist_ok=True)
    (info / "exclude").write_text("hidden.txt\n")
    (bench / "hidden.txt").write_text("by a gate\n")
    place.integration.check_out(str(bench), commit)
    assert not (bench / "hidden.txt").exists()
