"""What an agent plants in the repository (hooks, fsmonitor, filters, drivers, transports) does not run in our git."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.core.ports import Moved
from swarmctl.edges.git.command import session_git_env
from tests.edges.git.conftest import AT, Place, Shell, open_place, proof_of

HOOKS = ("pre-commit", "post-checkout", "post-merge", "reference-transaction", "post-index-change", "pre-auto-gc")


def canary(tmp_path: Path, name: str) -> str:
    script = tmp_path / f"plant-{name}"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\ncat\n")
    script.chmod(0o755)
    return str(script)


def plant(place: Place, tmp_path: Path, path: Path) -> None:
    for name in HOOKS:
        hook = place.repo / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-hook\n")
        hook.chmod(0o755)
    settings = {
        "core.fsmonitor": canary(tmp_path, "fsmonitor"),
        "core.hooksPath": str(place.repo / ".git" / "hooks"),
        "core.sshCommand": canary(tmp_path, "ssh"),
        "core.pager": canary(tmp_path, "pager"),
        "core.editor": canary(tmp_path, "editor"),
        "filter.evil.clean": canary(tmp_path, "clean"),
        "filter.evil.smudge": canary(tmp_path, "smudge"),
        "filter.evil=odd.process": canary(tmp_path, "process"),
        "filter.evil=odd.required": "true",
        "merge.evil.driver": f"{canary(tmp_path, 'merge')} %A",
        "diff.evil.textconv": canary(tmp_path, "textconv"),
        "diff.external": canary(tmp_path, "diff"),
        "gpg.program": canary(tmp_path, "gpg"),
        "commit.gpgSign": "true",
        "credential.helper": f"!{canary(tmp_path, 'credential')}",
        "protocol.ext.allow": "always",
        "gc.auto": "1",
        "merge.autoStash": "true",
    }
    for key, value in settings.items():
        place.git("config", key, value, cwd=path)
    (path / ".gitattributes").write_text("*.txt filter=evil\n*.odd filter=evil=odd\n*.py merge=evil diff=evil\n")
    (path / ".git-blame").write_text("x\n")


def test_nothing_planted_runs_in_the_whole_life_of_a_session(place: Place, tmp_path: Path) -> None:
    path = place.add("agent")
    plant(place, tmp_path, path)
    for name in ("new.txt", "new.odd", "app.py"):
        (path / name).write_text("work\n")
    place.worktrees.uncommitted()
    place.worktrees.base("main", fetch=True)
    checkpoint = place.worktrees.checkpoint(str(path), "refs/swarm/checkpoint/agent", "c")
    work = place.worktrees.commit_work(str(path), "swarm/agent", place.base, "The task\n")
    assert work.stopped == ""
    place.worktrees.fill_pool(work.head, 1)
    place.worktrees.add(str(place.state / "worktrees" / "next"), "swarm/next", work.head)
    merge = place.staged(work.head)
    bench = place.state / "integration" / "main"
    place.integration.check_out(str(bench), merge.commit)
    place.integration.commit_fix(str(bench), merge, "fix\n")
    place.integration.changed(merge.base, merge.commit)
    assert place.integration.land(proof_of(merge), "main") == Moved(merge.commit)
    place.integration.revert(merge.base, merge.commit, merge.commit, "undo\n", AT)
    trash = str(place.state / "trash" / "agent")
    place.worktrees.remove(str(path), trash, "refs/swarm/trash/agent", "rm")
    place.worktrees.restore(str(path), trash, "swarm/agent", work.head, checkpoint)
    assert sorted(file.name for file in tmp_path.glob("ran-*")) == []
    assert (path / "new.txt").read_text() == "work\n"


def test_a_planted_merge_driver_does_not_decide_a_merge(place: Place, tmp_path: Path) -> None:
    (place.repo / ".gitattributes").write_text("*.py merge=evil\n")
    place.git("add", "-A")
    place.git("commit", "-q", "-m", "attributes")
    head = place.branch("task", {"app.py": "def answer() -> int:\n    return 42\n# theirs\n"})
    (place.repo / "app.py").write_text("# ours\ndef answer() -> int:\n    return 42\n")
    place.git("commit", "-q", "-am", "ours")
    place.git("config", "merge.evil.driver", f"{canary(tmp_path, 'merge')} %A %B")
    merge = place.staged(head)
    assert not list(tmp_path.glob("ran-*"))
    assert place.integration.read(merge.commit, "app.py") == b"# ours\ndef answer() -> int:\n    return 42\n# theirs\n"


def test_a_planted_replacement_does_not_change_what_a_commit_holds(place: Place) -> None:
    head = place.branch("task", {"app.py": "the work\n"})
    other = place.branch("other", {"app.py": "something else\n"})
    place.git("replace", head, other)
    merge = place.staged(head)
    assert place.integration.read(merge.commit, "app.py") == b"the work\n"
    bench = place.state / "integration" / "main"
    place.integration.check_out(str(bench), merge.commit)
    assert (bench / "app.py").read_text() == "the work\n"


def test_planted_grafts_do_not_change_where_a_branch_comes_from(place: Place) -> None:
    first = place.base
    head = place.branch("task", {"new.txt": "the work\n"})
    (place.repository.common / "info").mkdir(exist_ok=True)
    (place.repository.common / "info" / "grafts").write_text(f"{head}\n")
    assert place.repository.contains(head, first)


def test_a_filter_of_the_users_own_still_runs(repo: Path, tmp_path: Path) -> None:
    git = Shell(repo)
    git("config", "filter.upper.clean", "tr a-z A-Z")
    git("config", "filter.upper.smudge", "tr A-Z a-z")
    place = open_place(repo, tmp_path / "state")
    path = place.add("agent")
    (path / ".gitattributes").write_text("*.up filter=upper\n")
    (path / "word.up").write_text("word\n")
    work = place.worktrees.commit_work(str(path), "swarm/agent", place.base, "The task\n")
    assert place.integration.read(work.head, "word.up") == b"WORD\n"
    git("config", "filter.upper.clean", canary(tmp_path, "changed"))
    (path / "word.up").write_text("other\n")
    again = place.worktrees.commit_work(str(path), "swarm/agent", place.base, "The task\n")
    assert place.integration.read(again.head, "word.up") == b"other\n"
    assert not list(tmp_path.glob("ran-*"))


def test_a_transport_planted_since_is_not_used_and_the_notice_names_the_setting(place: Place, tmp_path: Path) -> None:
    place.git("config", "remote.origin.url", f"ext::{canary(tmp_path, 'ext')}")
    base = place.worktrees.base("main", fetch=True)
    assert base.commit == place.base
    assert "remote.origin.url" in base.notice
    assert base.notice.endswith("; after a look: swarmctl down, and they count")
    place.git("config", "core.sshCommand", canary(tmp_path, "ssh"))
    assert place.worktrees.base("main", fetch=True).notice.endswith("; after a look: swarmctl approve")
    assert not list(tmp_path.glob("ran-*"))


def test_what_git_inherits_from_a_hook_of_another_repository_does_not_aim_ours(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    place.git("init", "-q", str(other))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    path = place.state / "worktrees" / "agent"
    place.worktrees.add(str(path), "swarm/agent", place.worktrees.base("main", fetch=False).commit)
    (path / "new.txt").write_text("x\n")
    place.worktrees.commit_work(str(path), "swarm/agent", place.worktrees.base("main", fetch=False).commit, "T\n")
    monkeypatch.undo()
    assert place.git("log", "-1", "--format=%an", "swarm/agent") != "Somebody Else"
    assert not (other / "index").exists()


def test_a_nested_repository_cannot_make_us_reach_out(place: Place, tmp_path: Path) -> None:
    path = place.add("agent")
    nested = path / "vendor"
    place.git("init", "-q", str(nested), cwd=path)
    (nested / "inner.txt").write_text("x\n")
    place.git("add", "-A", cwd=nested)
    place.git("commit", "-q", "-m", "inner", cwd=nested)
    for prefix in ("/", f"{nested}/", f"{nested}/.git", str(place.repo)):
        place.git("config", "--add", "url.ssh://evil.invalid/.insteadOf", prefix, cwd=path)
    place.git("config", "core.sshCommand", canary(tmp_path, "ssh"), cwd=path)
    place.git("config", "core.fsmonitor", canary(tmp_path, "fsmonitor"), cwd=nested)
    place.worktrees.checkpoint(str(path), "refs/swarm/checkpoint/agent", "c")
    assert not list(tmp_path.glob("ran-*"))
    assert place.git("log", "-1", "--format=%s", "refs/swarm/checkpoint/agent-nested/0/HEAD") == "inner"


def test_a_sessions_git_gets_our_hooks_after_what_the_caller_configured() -> None:
    environ = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "A"}
    assert session_git_env(Path("/hooks"), environ) == {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_1": "core.hooksPath",
        "GIT_CONFIG_VALUE_1": "/hooks",
    }
    assert session_git_env(Path("/hooks"))["GIT_CONFIG_COUNT"] == "1"
