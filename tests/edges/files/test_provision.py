"""Provisioning stays inside: nothing foreign comes in, nothing of the checkout is overwritten."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from swarmctl.core.config import Command, WorktreeSettings
from swarmctl.core.ports import Provisioned
from swarmctl.edges.files.approvals import asker, digest_of
from swarmctl.edges.files.provision import FileProvisioner
from tests.fakes.files import Approvals, PlainRunner


class Bench:
    """A checkout with ignored files, and a worktree of it."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.place = root, place
        self.approvals = Approvals()
        self.own_setup = True

    def provisioner(self) -> FileProvisioner:
        return FileProvisioner(
            root=self.root,
            runner=PlainRunner(),
            approved=self.approvals,
            ignored_files=self._ignored,
            own_setup=lambda: self.own_setup,
        )

    def provision(
        self, copy: tuple[str, ...] = (), link: tuple[str, ...] = (), setup: Command | None = None, limit: float = 30
    ) -> Provisioned:
        settings = WorktreeSettings(copy=copy, link=link, setup=setup, setup_timeout_s=limit)
        return self.provisioner().provision(str(self.place), settings, {"SWARM_PORT": "20000"}, str(self.log))

    @property
    def log(self) -> Path:
        return self.root.parent / "logs" / "setup.log"

    def file(self, path: str, text: str = "x", mode: int = 0o644) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)
        return target

    def _ignored(self) -> list[str]:
        argv = ["git", "-C", str(self.root), "ls-files", "-z", "--others", "--ignored", "--exclude-standard"]
        out = subprocess.run([*argv, "--directory"], check=True, capture_output=True, text=True).stdout
        return [path for path in out.split("\0") if path]


@pytest.fixture
def bench(repo: Path, tmp_path: Path) -> Bench:
    place = tmp_path / "state" / "wt"
    subprocess.run(["git", "-C", str(repo), "worktree", "add", "-q", "--detach", str(place)], check=True)
    return Bench(repo, place)


def test_a_secret_is_copied_with_its_mode(bench: Bench) -> None:
    bench.file(".env", "KEY=1", 0o600)
    bench.file("bin/tool", "#!/bin/sh\n", 0o755)
    made = bench.provision(copy=(".env", "bin/*", "not-there"))
    assert made == Provisioned(True, "", (".env", "bin/tool"))
    assert (bench.place / ".env").read_text() == "KEY=1"
    assert (bench.place / ".env").stat().st_mode & 0o777 == 0o600
    assert (bench.place / "bin/tool").stat().st_mode & 0o777 == 0o755


def test_a_file_of_the_checkout_is_never_overwritten(bench: Bench) -> None:
    bench.file("app.py", "changed by the user")
    bench.provision(copy=("app.py",), link=("README.md",))
    assert "answer" in (bench.place / "app.py").read_text()
    assert not (bench.place / "README.md").is_symlink()


def test_doing_it_twice_changes_nothing(bench: Bench) -> None:
    bench.file("node_modules/a/index.js")
    bench.file("cfg/deep/.env", "KEY=1")
    first = bench.provision(copy=("cfg",), link=("node_modules",))
    (bench.place / "cfg/deep/.env").write_text("the agent's")
    assert bench.provision(copy=("cfg",), link=("node_modules",)) == first
    assert (bench.place / "cfg/deep/.env").read_text() == "the agent's"
    assert (bench.place / "node_modules").readlink() == bench.root / "node_modules"


def test_a_copy_that_was_cut_short_is_made_again(bench: Bench) -> None:
    bench.file(".env", "whole")
    (bench.place / "..env.swarm-part").write_text("who")
    assert bench.provision(copy=(".env",)).ok
    assert (bench.place / ".env").read_text() == "whole"
    assert sorted(path.name for path in bench.place.iterdir()) == [".env", ".git", "README.md", "app.py"]


@pytest.mark.parametrize("pattern", ["/etc/passwd", "../secret", "a/../../secret", "~/x", "", "a**b"])
def test_a_pattern_that_leads_outside_is_refused(bench: Bench, pattern: str) -> None:
    (bench.root.parent / "secret").write_text("s")
    for kind in ("copy", "link"):
        made = bench.provision(**{kind: (pattern,)})  # type: ignore[arg-type]
        assert not made.ok
        assert "inside the repository" in made.words


def test_a_link_that_leads_outside_is_refused_until_it_is_approved(bench: Bench) -> None:
    outside = bench.root.parent / "shared"
    outside.mkdir()
    (bench.root / "node_modules").symlink_to(outside)
    settings = WorktreeSettings(link=("node_modules",))
    made = bench.provision(link=("node_modules",))
    assert (made.ok, (bench.place / "node_modules").is_symlink()) == (False, False)
    assert "node_modules leads outside the repository" in made.words
    bench.approvals.given = set(bench.provisioner().wanted(settings))
    assert bench.provision(link=("node_modules",)).ok
    assert (bench.place / "node_modules").resolve() == outside


def test_a_link_inside_a_copied_folder_cannot_lead_outside(bench: Bench) -> None:
    bench.file("cfg/a")
    (bench.root / "cfg/inner").symlink_to("a")
    assert bench.provision(copy=("cfg",)).ok
    assert str((bench.place / "cfg/inner").readlink()) == "a"
    (bench.root / "cfg/outer").symlink_to("/etc/passwd")
    made = bench.provision(copy=("cfg",))
    assert not made.ok
    assert not (bench.place / "cfg/outer").is_symlink()


def test_a_link_of_the_checkout_cannot_lead_a_copy_out_of_the_worktree(bench: Bench) -> None:
    bench.file("cfg/.env", "KEY=1")
    outside = bench.root.parent / "outside"
    outside.mkdir()
    (bench.place / "cfg").symlink_to(outside)
    made = bench.provision(copy=("cfg/.env",))
    assert not made.ok
    assert "outside the worktree" in made.words
    assert list(outside.iterdir()) == []


def test_worktreeinclude_copies_what_is_ignored_and_matches(bench: Bench) -> None:
    bench.file(".gitignore", ".env*\nlocal/\nbuild/\n.worktreeinclude\n.gitignore\n")
    bench.file(".worktreeinclude", "# secrets\n.env.*\n!.env.public\nlocal/*.json\napp.py\n")
    for path in (".env", ".env.local", ".env.public", "local/a.json", "local/b.txt", "build/x"):
        bench.file(path)
    made = bench.provision()
    assert made.made == (".env.local", "local/a.json")
    assert not (bench.place / "build").exists()


def test_worktrees_inside_the_checkout_are_no_source(bench: Bench, repo: Path) -> None:
    inner = repo / "worktrees" / "a"
    subprocess.run(["git", "-C", str(repo), "worktree", "add", "-q", "--detach", str(inner)], check=True)
    bench.place = inner
    bench.file(".env")
    bench.file("worktrees/b/.env")
    assert bench.provision(copy=("**/.env",)).made == (".env",)


def test_setup_runs_in_the_worktree_with_the_sessions_variables(bench: Bench) -> None:
    made = bench.provision(setup='echo "$SWARM_PORT" > made; echo said')
    assert made.ok
    assert (bench.place / "made").read_text() == "20000\n"
    assert bench.log.read_text() == "said\n"


@pytest.mark.parametrize(
    ("setup", "limit", "words"),
    [
        ("echo broken; exit 3", 30.0, "setup ended with 3: broken (log: "),
        (("no-such-program",), 30.0, "setup command not found (log: "),
        ("exec sleep 60", 0.05, "setup ran longer than 0.05 s (log: "),
        ("kill -9 $$", 30.0, "setup was killed by signal 9 (log: "),
    ],
)
def test_a_failed_setup_says_how(bench: Bench, setup: Command, limit: float, words: str) -> None:
    made = bench.provision(setup=setup, limit=limit)
    assert not made.ok
    assert made.words.startswith(words)


def test_setup_of_the_repository_waits_for_approval_of_its_text(bench: Bench) -> None:
    bench.own_setup = False
    made = bench.provision(setup="touch ran")
    assert (made.ok, (bench.place / "ran").exists()) == (False, False)
    assert "swarmctl approve" in made.words
    wanted = bench.provisioner().wanted(WorktreeSettings(setup="touch ran"))
    approve: Callable[[str, bytes], bool] = asker({digest_of(*request) for request in wanted})
    bench.approvals.given = {request for request in wanted if approve(*request)}
    assert bench.provision(setup="touch ran").ok
    assert not bench.provision(setup="touch ran; touch more").ok
