"""Agents that reach for what is not theirs, with a fence around them and without: contained or told, nothing lost."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.edges.sandbox.bubblewrap import Bubblewrap
from tests.e2e.world import World


def person_in(folder: Path) -> Path:
    """The home of the user, with what a person has there."""
    home = folder / "person"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("secret\n")
    (home / ".bashrc").write_text("# mine\n")
    (home / ".gitconfig").write_text(Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text())
    return home


def opened(world: World) -> World:
    person = person_in(world.home)
    world.extra_env |= {"HOME": str(person), "GIT_CONFIG_GLOBAL": str(person / ".gitconfig")}
    return world


def fenced(world: World) -> World:
    if trouble := Bubblewrap(world.repo, world.repo / ".git").trouble():
        pytest.skip(f"NO SANDBOX HERE: {trouble}")
    world.extra_env["SWARMCTL__SANDBOX__MODE"] = "on"
    return world


def with_remote(world: World) -> Path:
    remote = world.home / "remote.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(world.repo), str(remote)], check=True)
    world.git("remote", "add", "origin", str(remote))
    return remote


@pytest.fixture
def open_world(world: World) -> World:
    return opened(world)


@pytest.fixture
def fenced_world(open_world: World) -> World:
    return fenced(open_world)


@pytest.fixture(scope="module")
def harmed_world(common_world: World) -> World:
    with_remote(common_world)
    return fenced(opened(common_world))


def command(world: World, script: str, *more: str) -> str:
    """Run one command as a session to its end; the id of the session."""
    said = world.swarmctl("run", "x", "--exec", script, "--json", *more)
    return said.session


def contained(world: World) -> str:
    (event,) = world.events(e.Contained)
    return str(event.containment.tier)


def outside(world: World) -> list[str]:
    return [path for event in world.events(e.WentOutside) for path in event.paths]


HARM = {
    "the terminal server": "tmux kill-server; tmux -S $TMPDIR/x kill-server; ls -d /tmp/tmux-* /run/user/* 2>/dev/null",
    "another worktree": "git worktree remove --force --force {other}; rm -rf {other}",
    "the remote": "git push --force origin HEAD:main; git -c core.hooksPath=/dev/null push --force {remote} HEAD:main",
    "its parent": "rm -rf ../* ..",
    "the shell's start-up file": "echo evil >> $HOME/.bashrc",
    "the repository's hooks": "echo evil > {repo}/.git/hooks/pre-commit; git config core.hooksPath /dev/null",
    "the user's branch": "git update-ref refs/heads/main HEAD~0 HEAD~0; git branch -D main; git tag v1",
    "the user's files": "rm -rf {repo}/shared.txt {repo}/README.md",
    "the state folder": "rm -rf {state}; echo x > {state}/swarm.db",
    "a secret": "cat $HOME/.ssh/id_ed25519",
    "everybody": "kill -9 -1",
}


@pytest.mark.parametrize("what", HARM)
def test_a_fenced_agent_reaches_nothing_of_it_and_its_own_work_lands(harmed_world: World, what: str) -> None:
    world, remote = harmed_world, harmed_world.home / "remote.git"
    kept = command(world, "echo kept > kept.txt", "--no-merge")
    other = Path(world.facts().sessions[kept].worktree)  # type: ignore[index]
    before = world.status(), world.head(), world.git("-C", str(remote), "rev-parse", "main"), everything(world)

    names = {"other": other, "repo": world.repo, "remote": remote, "state": world.state}
    script = f"({HARM[what].format(**names)}) ; cd $SWARM_WORKTREE && echo work > work.txt"
    harmful = command(world, script, "--no-merge")

    session = world.facts().sessions[harmful]  # type: ignore[index]
    after = world.status(), world.head(), world.git("-C", str(remote), "rev-parse", "main"), everything(world)
    assert after == before
    assert (other / "kept.txt").read_text() == "kept\n"
    assert "secret" not in world.swarmctl("logs", harmful).out
    assert outside(world) == []
    if what != "everybody":
        assert session.outcome is Outcome.READY, session.reason


def everything(world: World) -> dict[str, bytes]:
    """The home of the person, the hooks and the settings of the repository."""
    git = world.repo / ".git"
    files = [p for p in (world.home / "person").rglob("*") if p.is_file()]
    files += [git / "config", *(git / "hooks").iterdir()]
    return {str(path): path.read_bytes() for path in files}


def test_a_fenced_agent_commits_by_itself_through_the_gates_of_the_house(fenced_world: World) -> None:
    fenced_world.settings('[[gate]]\nname = "fine"\nrun = "test -f good.txt"\nstage = "commit"\n')
    script = (
        "echo x > bad.txt; git add -A; git commit -qm bad && exit 9; touch good.txt; git add -A; git commit -qm good"
    )

    command(fenced_world, script)

    (session,) = fenced_world.facts().sessions.values()
    assert session.outcome is Outcome.LANDED, fenced_world.swarmctl("logs", session.id).out
    assert contained(fenced_world) == "fenced"
    assert {"bad.txt", "good.txt"} <= fenced_world.files()


@pytest.mark.parametrize("host", ["tmux", "process"])
def test_a_fenced_agent_is_heard_stopped_and_leaves_nothing_behind(fenced_world: World) -> None:
    typed = fenced_world.begin("event working in here\nwrite f.txt hi\nsleep 600", more=("--no-merge",))
    fenced_world.await_facts(
        lambda facts: any("in here" in s.state_why for s in facts.sessions.values()), "its words to arrive"
    )
    (session,) = fenced_world.await_stage(Stage.RUNNING)
    fenced_world.swarmctl("stop", session.id, rc=0)
    typed.answer()
    facts = fenced_world.idle()
    assert facts.sessions[session.id].outcome is Outcome.INTERRUPTED
    assert "f.txt" in fenced_world.git("diff", "--name-only", session.base, facts.sessions[session.id].checkpoint)
    assert not any("bwrap" in words for words in fenced_world.ours().values())


def test_the_exit_of_a_fenced_agent_is_its_own(fenced_world: World) -> None:
    session = command(fenced_world, "exit 37")
    assert "code 37" in fenced_world.facts().sessions[session].reason  # type: ignore[index]


def test_without_network_a_session_says_so(fenced_world: World) -> None:
    fenced_world.extra_env["SWARMCTL__SANDBOX__NETWORK"] = "off"
    command(fenced_world, "ls /sys/class/net > nets.txt; cat /proc/net/dev > devices.txt", "--no-merge")
    (session,) = fenced_world.facts().sessions.values()
    devices = (Path(session.worktree) / "devices.txt").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]
    assert "without network" in fenced_world.swarmctl("show", session.id).out


# --- without a fence --------------------------------------------------------------------------------------------------

TOUCHED = {
    "~/.bashrc": "echo evil >> $HOME/.bashrc",
    ".git/hooks/pre-commit": "echo evil > {repo}/.git/hooks/pre-commit",
    ".git/config": "git config core.hooksPath /dev/null",
    "checkout shared.txt": "echo evil > {repo}/shared.txt",
    "ref refs/tags/v1": "git tag v1",
}


@pytest.mark.parametrize("name", TOUCHED)
def test_what_an_open_session_touched_outside_is_told_and_can_refuse_the_landing(open_world: World, name: str) -> None:
    open_world.extra_env["SWARMCTL__SANDBOX__OUTSIDE"] = "refuse"
    session = command(open_world, f"{TOUCHED[name].format(repo=open_world.repo)}; echo work > work.txt")

    found = open_world.facts().sessions[session]  # type: ignore[index]
    assert contained(open_world) == "none"
    assert name in outside(open_world)
    assert found.outcome is Outcome.BLOCKED
    assert "outside its worktree" in found.reason
    assert name in open_world.swarmctl("show", session).out
    assert "work.txt" not in open_world.files()


def test_by_default_it_is_told_and_lands(open_world: World) -> None:
    session = command(open_world, "echo evil >> $HOME/.bashrc; echo work > work.txt")
    assert outside(open_world) == ["~/.bashrc"]
    assert open_world.facts().sessions[session].outcome is Outcome.LANDED  # type: ignore[index]
    assert "~/.bashrc" in open_world.swarmctl("why", session).out


def test_two_landings_of_ours_are_nobodys_doing(open_world: World) -> None:
    open_world.swarmctl("run", "a one", "b two", "--exec", "echo x > $SWARM_SESSION.txt", rc=0)
    assert outside(open_world) == []


UNFENCED = {
    "refs, settings and the remote": (
        "git push --force origin HEAD:main; git branch -D main; git update-ref -d refs/heads/{branch}; "
        "git for-each-ref refs/swarm --format='delete %(refname)' | git update-ref --stdin; "
        "git reflog expire --expire=now --all; git gc -q --prune=now; git config core.hooksPath /dev/null",
        ("made anew: ", ".git/config"),
    ),
    "its own worktree": (
        "git add -A; git commit -qm mine; git -C {repo} worktree remove -f -f $SWARM_WORKTREE",
        ("its worktree was removed", "swarmctl undo"),
    ),
    "its parent and its neighbours": (
        "git add -A; git commit -qm mine; git worktree remove -f -f {other}; rm -rf ../* ..",
        ("its worktree was removed",),
    ),
    "who watches it": ("tmux kill-server; tmux -S {tmux} kill-server; kill -9 {supervisor}; sleep 0.5", ()),
}


def test_without_a_fence_nothing_that_anybody_had_finished_is_lost(open_world: World) -> None:
    """One world after the other would take a minute; here each attempt is made upon the last one's ruins."""
    world, remote = open_world, with_remote(open_world)
    for number, (what, (harm, words)) in enumerate(UNFENCED.items()):
        kept = command(world, f"echo kept > kept{number}", "--no-merge")
        before = world.facts().sessions[kept]  # type: ignore[index]
        names = {
            "tmux": next(path for path in world.runtime.rglob("swarm-*") if path.is_socket()),
            "repo": world.repo,
            "other": before.worktree,
            "branch": before.branch,
            "supervisor": world.supervisor(),
        }
        harmful = command(
            world, f"echo work > work{number}; ({harm.format(**names)}) >/dev/null 2>&1; true", "--no-merge"
        )

        told = world.swarmctl("why", harmful).out
        assert [each for each in words if each not in told] == [], f"{what}: {told}"
        assert len([e for e in world.events(e.WentOutside) if e.session == harmful]) <= 1, what
        for session, name in ((kept, f"kept{number}"), (harmful, f"work{number}")):
            said = world.swarmctl("merge", session)
            assert (said.rc, name in world.files()) == (0, True), f"{what}: {said.err}"
        assert world.git("-C", str(remote), "log", "--format=%s", "main") == "First", what
    assert world.swarmctl("doctor").rc == 0


# --- words ------------------------------------------------------------------------------------------------------------


def test_what_holds_a_session_and_the_three_legs_are_shown(open_world: World) -> None:
    session = command(open_world, "echo work > work.txt")
    shown = open_world.swarmctl("show", session).out
    assert "not contained" in shown
    assert "private data: yes" in shown


def test_the_three_together_can_be_forbidden(open_world: World) -> None:
    open_world.extra_env["SWARMCTL__SANDBOX__TRIFECTA"] = "forbid"
    said = open_world.swarmctl("run", "x", "--exec", "echo work > work.txt", rc=1)
    assert "trifecta" in said.err and "hint: take one away" in said.err
    assert open_world.facts().tasks == {}


def test_everything_unasked_outside_of_a_sandbox_is_refused_before_anything_starts(open_world: World) -> None:
    open_world.extra_env["SWARMCTL__SANDBOX__MODE"] = "off"
    said = open_world.swarmctl("run", "x", "--agent", "fake", "--permission", "all", rc=1)
    assert "permission mode all needs the sandbox" in said.err and "hint: --permission edit" in said.err
    assert open_world.facts().tasks == {}


def test_the_doctor_says_what_the_sandbox_can_do_here(open_world: World) -> None:
    said = open_world.swarmctl("doctor").out
    trouble = Bubblewrap(open_world.repo, open_world.repo / ".git").trouble()
    assert trouble in said
    lines = [line for line in said.splitlines() if "sandbox" in line or "trifecta" in line]
    fake = [line for line in lines if "fake" in line]
    assert any("not contained: nobody tested this agent" in line for line in fake) or trouble
    assert any("private data: yes" in line and "a way out: yes" in line for line in fake)
    assert trouble or any("claude" in line and "writes in its worktree only" in line for line in lines)
    assert "bell: in the terminals that show a session" in said
