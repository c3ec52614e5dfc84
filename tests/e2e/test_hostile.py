"""Agents, gates, names and neighbours that mean harm: no canary sings, nothing lands unproven, nothing is lost."""

from __future__ import annotations

import itertools
import os
import random
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from swarmctl.surfaces.cli.main import run as typed
from tests.e2e.judging import script
from tests.e2e.world import World, until

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b5n\x1b]52;c;Zm9v\x07\x1bc\u202egnp"
RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NOBODY = 65534


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A folder in which nothing may ever appear."""
    path = tmp_path / "canary"
    path.mkdir()
    return path


@pytest.fixture
def host() -> str:
    return "process"


def sung(canary: Path) -> list[str]:
    return sorted(path.name for path in canary.iterdir())


# --- T1: names --------------------------------------------------------------------------------------------------------

PIECES = (
    "$(touch {})", "`touch {}`", ";touch {};", "|touch {}", "&touch {}&", "#(touch {})", "\ntouch {}\n", "'", '"', "\\",
    "-rf", "--help", "--force", "-c", "..", "../..", "/", "~", "*", "?", "[a]", "@{{-1}}", "HEAD", "refs/heads/main",
    "main^", ":/First", "%s", "%n", "{{}}", "\t", "\r", " ", "\x1b]0;x\x07", "\u202e", "é", "🦊", "a" * 300, ".lock",
    "\x7f", "<!--", "${{IFS}}", "!", "=main", "%0", "{{window}}", "ext::sh -c touch% {}", "--upload-pack=touch {}",
)  # fmt: skip


def hostile_names(canary: Path, count: int) -> list[str]:
    dice = random.Random(20)
    names = []
    for number in range(count):
        parts = dice.sample(PIECES, dice.randint(1, 4))
        names.append("".join(part.format(canary / f"name-{number}") for part in parts))
    return names


def test_hostile_titles_and_prompts_become_sessions_and_nothing_else(world: World, canary: Path) -> None:
    prompts = [name for name in hostile_names(canary, 24) if name.strip()]
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "8"

    said = world.swarmctl("run", *(["--exec", "echo hi > made"]), "--no-merge", "--json", "--", *prompts, rc=0)

    assert [task["outcome"] for task in said.tasks] == ["ready"] * len(prompts)
    assert all(re.fullmatch(r"swarm/[a-z0-9-]{1,40}-[a-z0-9]{5}", task["branch"]) for task in said.tasks)
    assert sung(canary) == []
    assert world.files() == {"README.md", "shared.txt"}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("count", [180, pytest.param(500, marks=pytest.mark.soak)])
def test_hostile_names_reach_every_command_and_run_nothing(
    world: World, canary: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], count: int
) -> None:
    world.swarmctl("run", "keep me", "--exec", "echo hi > made", "--no-merge", rc=0)
    before, kept = world.head(), world.session()
    for name, value in world.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(world.repo)
    ways = (
        ["show"], ["why"], ["logs"], ["diff"], ["path"], ["merge"], ["rm"], ["stop"], ["resume"], ["undo"],
        ["approve"], ["attach"], ["send"], ["run", "x", "--exec", "true", "--target"], ["gate", "--stage"],
        ["run", "x", "--agent"], ["run", "-f"], ["run", "--plan"],
    )  # fmt: skip
    for number, name in enumerate(hostile_names(canary, count)):
        way = ways[number % len(ways)]
        words = [*way, name] if way[-1].startswith("-") else [*way, "--", name]
        code = typed([*words, "a message"] if way == ["send"] else words)

        out, err = capfd.readouterr()
        assert code in (1, 2, 3), f"{words}: {code}"
        assert "Traceback" not in err
        assert RAW.search(out + err) is None, repr(out + err)
    assert sung(canary) == []
    assert world.head() == before
    assert world.head(f"refs/heads/{kept.branch}") == kept.head


# --- T3: what an agent leaves in git ----------------------------------------------------------------------------------

PLANT = """\
sing() { printf '#!/bin/sh\\ntouch %s/%s\\ncat\\n' '@CANARY@' "$1" > '@TOOLS@'/"$1"; chmod +x '@TOOLS@'/"$1"; }
common=$(git rev-parse --git-common-dir)
own=$(git rev-parse --git-dir)
for name in fsmonitor pager editor sequence external ssh alias clean smudge textconv driver askpass gpg hook; do
  sing $name
done
plant() { git config --file "$1" "$2" "$3"; }
git config --file "$common/config" extensions.worktreeConfig true
for file in "$common/config" "$own/config.worktree" "$common/config.worktree"; do
  plant "$file" core.fsmonitor '@TOOLS@/fsmonitor'
  plant "$file" core.pager '@TOOLS@/pager'
  plant "$file" core.editor '@TOOLS@/editor'
  plant "$file" sequence.editor '@TOOLS@/sequence'
  plant "$file" diff.external '@TOOLS@/external'
  plant "$file" core.sshCommand '@TOOLS@/ssh'
  plant "$file" core.askPass '@TOOLS@/askpass'
  plant "$file" gpg.program '@TOOLS@/gpg'
  plant "$file" commit.gpgSign true
  plant "$file" alias.status '!@TOOLS@/alias'
  plant "$file" alias.merge '!@TOOLS@/alias'
  plant "$file" filter.sing.clean '@TOOLS@/clean'
  plant "$file" filter.sing.smudge '@TOOLS@/smudge'
  plant "$file" diff.sing.textconv '@TOOLS@/textconv'
  plant "$file" merge.sing.driver '@TOOLS@/driver'
  plant "$file" core.hooksPath '@TOOLS@/hooks'
done
mkdir -p '@TOOLS@/hooks' "$common/hooks" "$common/info"
for name in pre-commit post-commit post-checkout post-merge pre-merge-commit commit-msg prepare-commit-msg \\
  reference-transaction post-index-change post-rewrite pre-push post-update; do
  cp '@TOOLS@/hook' "$common/hooks/$name"
  cp '@TOOLS@/hook' "@TOOLS@/hooks/$name"
done
printf '* filter=sing diff=sing merge=sing\\n' > .gitattributes
printf '* filter=sing diff=sing merge=sing\\n' > "$common/info/attributes"
echo more >> shared.txt
echo made > made.txt
"""


def test_nothing_that_an_agent_plants_in_git_runs_in_our_calls(world: World, canary: Path) -> None:
    tools = world.home / "tools"
    tools.mkdir()
    world.settings('[[gate]]\nname = "ok"\nrun = "test -f made.txt"\n')
    plant = script(world, PLANT.replace("@CANARY@", str(canary)).replace("@TOOLS@", str(tools)))

    said = world.swarmctl("run", "plant", "--exec", plant, "--json")
    later = world.swarmctl("run", "after it", "--exec", "echo later > later.txt", "--json")
    world.swarmctl("run", "kept", "--exec", "echo kept > kept.txt", "--no-merge", rc=0)
    kept = world.session("kept").id
    for words in (["diff", kept], ["show", kept], ["rm", kept], ["undo", kept], ["doctor"], ["queue"], ["merge", kept]):
        world.swarmctl(*words)

    assert sung(canary) == []
    assert said.task["outcome"] == later.task["outcome"] == "landed"
    assert world.facts().tasks[world.session("kept").task].outcome == "landed"


# --- T11: terminal escapes --------------------------------------------------------------------------------------------


def test_no_face_lets_a_raw_escape_through(world: World) -> None:
    world.put("gate.sh", "printf '\\033]0;owned\\007\\033[2J'; exit 1\n")
    world.settings('[[gate]]\nname = "gate"\nrun = "sh gate.sh"\n')
    noise = script(
        world,
        "printf '\\033]0;owned\\007\\033[2Jhello\\033]52;c;Zm9v\\007'\n"
        "printf '\\033]0;owned\\007\\n' > \"$(printf 'a\\033[31mb')\"\n",
    )
    plan = world.home / "plan.toml"
    plan.write_text(
        f"[[task]]\ntitle = {toml(ESCAPES)}\nprompt = {toml(ESCAPES)}\nexec = {toml(noise)}\ncheck = {toml('true')}\n"
    )
    ran = world.swarmctl("run", "--plan", str(plan))
    name = next(iter(world.facts().sessions))

    faces = [ran] + [
        world.swarmctl(*words)
        for words in (
            ["ps"],
            ["ps", "--all"],
            ["show", name],
            ["why", name],
            ["logs", name],
            ["logs", "--gates", name],
            ["diff", "--stat", name],
            ["queue"],
            ["doctor"],
            ["ps", "--json"],
            ["show", "--json", name],
            ["why", "--json", name],
            ["diff", "--json", name],
            ["approve"],
        )
    ]

    for said in faces:
        assert RAW.search(without_colours(said.out + said.err)) is None, repr(said.out + said.err)
    shown = on_a_terminal(world, ["diff", name])
    assert "owned" in shown
    assert RAW.search(shown.replace("\r\n", "\n")) is None, repr(shown)


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;:]*m", "", text)


def toml(text: str) -> str:
    return '"' + "".join(c if c.isalnum() or c in " /.-_>" else f"\\U{ord(c):08x}" for c in text) + '"'


def on_a_terminal(world: World, words: list[str]) -> str:
    """What `swarmctl` writes where stdout is a terminal."""
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*world.program, *words], cwd=world.repo, env=world.env, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        shown += chunk
    os.close(master)
    assert process.wait() == 0
    return shown.decode()


# --- T12: the wrong target --------------------------------------------------------------------------------------------


def test_stopping_one_session_leaves_another_with_the_same_beginning_alone(world: World) -> None:
    world.start("run", "sleep a", "sleep a b", "--exec", "echo up > up; exec sleep 60")
    first, second = world.await_stage(Stage.RUNNING, 2)

    ambiguous = world.swarmctl("stop", "sleep-a")
    world.swarmctl("stop", first.id, rc=0)
    world.await_facts(lambda facts: facts.sessions[first.id].stage is Stage.KEPT, "the first to stop")

    assert ambiguous.rc == 2
    assert "could be" in ambiguous.err
    assert world.facts().sessions[second.id].stage is Stage.RUNNING


# --- T13: another user ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_can_neither_connect_nor_read(world: World) -> None:
    world.swarmctl("run", "x", "--exec", "echo hi > f", rc=0)
    world.home.chmod(0o755)
    for parent in world.home.parents:
        if parent.owner() == "root" and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    (sock,) = until(lambda: list(world.runtime.glob("**/*.sock")), "the supervisor's socket")
    files = [world.database, world.state / "spool.key", world.state / "logs"]

    def as_nobody(code: str) -> subprocess.CompletedProcess[str]:
        become = f"import os, socket; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        return subprocess.run([sys.executable, "-c", become + code], capture_output=True, text=True, check=False)

    door = as_nobody(f"socket.socket(socket.AF_UNIX).connect({str(sock)!r})")
    reads = [as_nobody(f"os.listdir({str(f)!r}) if os.path.isdir({str(f)!r}) else open({str(f)!r})") for f in files]
    with socket.socket(socket.AF_UNIX) as own:
        own.connect(str(sock))

    assert "PermissionError" in door.stderr
    assert all("PermissionError" in read.stderr or "FileNotFound" in read.stderr for read in reads)
    assert (sock.stat().st_mode & 0o777) == 0o600
    assert (world.state.stat().st_mode & 0o777) == 0o700


# --- T16: history -----------------------------------------------------------------------------------------------------


def test_no_command_rewrites_the_target_or_drops_unlanded_work(world: World) -> None:
    remote = world.home / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    world.git("remote", "add", "origin", str(remote))
    world.git("push", "-q", "origin", "main")
    theirs = world.git("rev-parse", "refs/remotes/origin/main")
    tips = [world.head()]
    world.swarmctl("run", "one", "--exec", "echo one > one.txt", rc=0)
    tips.append(world.head())
    world.swarmctl("run", "kept", "--exec", "echo kept > kept.txt", "--no-merge", rc=0)
    kept = world.session("kept")
    for words in (["undo"], ["rm", kept.id], ["gc"], ["undo", kept.id], ["rm", kept.id], ["land"], ["down"], ["gc"]):
        world.swarmctl(*words)
        tips.append(world.head())
    world.swarmctl("down", "--purge", rc=0)
    tips.append(world.head())

    for older, newer in itertools.pairwise(tips):
        world.git("merge-base", "--is-ancestor", older, newer)
    assert world.head(f"refs/heads/{kept.branch}") == kept.head
    assert world.git("-C", str(remote), "rev-parse", "refs/heads/main") == theirs
