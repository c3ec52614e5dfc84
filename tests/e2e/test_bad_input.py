"""Repositories, disks, ledgers and settings that are not as hoped: one line, a hint, the right code, nothing lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.judging import refused, works
from tests.e2e.world import World, until

RUN = ("run", "x", "--exec", "echo hi > made")


@pytest.fixture
def host() -> str:
    return "process"


# --- repositories that cannot serve -----------------------------------------------------------------------------------


def test_places_without_a_usable_repository_are_refused_and_left_as_they_are(bare_world: World) -> None:
    world, home = bare_world, bare_world.home
    for name in ("plain", "empty", "bare.git"):
        (home / name).mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(home / "empty")], check=True)
    subprocess.run(["git", "init", "-q", "--bare", str(home / "bare.git")], check=True)

    for words in (RUN, ("ps",), ("show", "x"), ("init",), ("down",)):
        refused(world.swarmctl(*words, cwd=home / "plain"), 2, "is not in a git repository", "git init")
        refused(world.swarmctl(*words, cwd=home / "empty"), 2, "has no commit yet", "git commit")
        refused(world.swarmctl(*words, cwd=home / "bare.git"), 2, "is a bare repository", "git clone")
    assert world.swarmctl("doctor", cwd=home / "plain").rc == 3
    assert not (home / "state").exists()
    assert list((home / "plain").iterdir()) == []


def test_a_detached_head_and_a_missing_target_are_refused_before_anything_starts(world: World) -> None:
    world.git("checkout", "-q", "--detach")
    refused(world.swarmctl(*RUN), 2, "HEAD is detached", "--target")
    refused(world.swarmctl(*RUN, "--target", "nosuch"), 2, "there is no branch nosuch", "git branch --list")

    assert world.swarmctl(*RUN, "--target", "main", "--json", rc=0).task["outcome"] == "landed"
    assert world.facts().tasks.keys() == {world.session().task}
    assert world.git("status", "--porcelain") == ""


def test_what_is_not_committed_is_named_and_kept_to_the_byte(world: World) -> None:
    world.put("shared.txt", "mine\n")
    world.put("staged.txt", "staged\n")
    world.git("add", "staged.txt")
    world.put("untracked\x1b[31m.txt", "untracked\n")

    before = world.git("status", "--porcelain")
    said = world.swarmctl(*RUN, rc=0)

    assert "not in the base, because not committed: shared.txt, staged.txt" in said.err
    assert "\x1b" not in said.err
    assert world.git("status", "--porcelain") == before
    assert world.files() == {"README.md", "shared.txt", "made"}


# --- repositories that must serve -------------------------------------------------------------------------------------

NAMES = ["with space", "qu'o\"te", "new\nline", "ünï→code", "-rf", "#(touch x)", "a;b$(touch x)", "%s", "~", "trail "]


@pytest.mark.parametrize("name", NAMES)
def test_a_repository_may_be_called_anything(bare_world: World, name: str) -> None:
    world = bare_world
    world.found()
    place = world.home / name
    world.repo.rename(place)

    works(world, cwd=place)

    assert world.swarmctl("ps", cwd=place, rc=0).out.count("landed") == 1
    assert world.swarmctl("doctor", cwd=place, rc=0).err == ""
    world.swarmctl("down", cwd=place, rc=0)
    place.rename(world.repo)


KINDS = {
    "hashed with SHA-256": [
        "git init -q -b main --object-format=sha256",
        "echo a > a",
        "git add .",
        "git commit -qm 1",
    ],
    "shallow": ["git clone -q --depth 1 file://$SEED ."],
    "sparse with a config per worktree": ["git clone -q $SEED .", "git sparse-checkout set docs"],
    "with line ends converted": ["git clone -q -c core.autocrlf=true -c core.fileMode=false $SEED ."],
    "with a submodule": [
        "git clone -q $SEED .",
        "git -c protocol.file.allow=always submodule --quiet add $SEED sub",
        "git commit -qm sub",
    ],
    "with pointers of LFS": [
        "git clone -q $SEED .",
        "echo '*.bin filter=lfs diff=lfs merge=lfs -text' > .gitattributes",
        "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:4d7a\\nsize 12345\\n' > big.bin",
        "git add .",
        "git commit -qm lfs",
    ],
    "with odd names": [
        "git clone -q $SEED .",
        "touch ./-rf ./--help HEAD main CASE case 'sp ace' \"$(printf 'new\\nline')\" \"$(printf '\\377')\"",
        "ln -s /etc/passwd link; ln -s nowhere dangling; mkdir -p refs/heads; touch refs/heads/main",
        "git add -A",
        "git commit -qm names",
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_lands_in_a_repository(bare_world: World, kind: str) -> None:
    world, seed = bare_world, bare_world.home / "seed"
    (seed / "docs").mkdir(parents=True)
    (seed / "docs" / "a.md").write_text("a\r\nb\r\n")
    (seed / "b.txt").write_text("b\n")
    make = "git init -q -b main && git add . && git commit -qm one && echo c > c.txt && git add . && git commit -qm two"
    subprocess.run(["sh", "-ec", make], cwd=seed, check=True)
    world.repo.mkdir()
    lines = "\n".join(KINDS[kind])
    subprocess.run(["sh", "-ec", lines], cwd=world.repo, env={**os.environ, "SEED": str(seed)}, check=True)
    before = world.files("HEAD")

    said = world.swarmctl("run", "x", "--exec", "echo hi > made; echo more >> README.md", "--json", rc=0)

    assert said.task["outcome"] == "landed"
    assert world.files("HEAD") == before | {"made", "README.md"}
    assert world.git("status", "--porcelain") == ""
    kept = world.swarmctl("run", "y", "--exec", "echo y > y", "--no-merge", "--json", rc=0).session
    for words in (["rm", kept], ["undo", kept], ["diff", kept], ["merge", kept]):
        world.swarmctl(*words, rc=0)
    assert world.text("y", "HEAD") == "y"


def test_a_folder_that_became_a_link_is_kept_and_lands(world: World) -> None:
    world.put("docs/a.md", "a\n")
    world.put("docs/deep/b.md", "b\n")
    world.commit("Docs")

    world.swarmctl("run", "x", "--exec", "mv docs elsewhere && ln -s elsewhere docs", rc=0)

    assert world.files() == {"README.md", "shared.txt", "docs", "elsewhere/a.md", "elsewhere/deep/b.md"}
    assert world.text("docs") == "elsewhere"
    assert world.git("status", "--porcelain") == ""


def test_every_place_in_a_repository_is_the_same_repository(world: World) -> None:
    world.put("deep/er/file", "x\n")
    world.commit("Deep")
    world.git("worktree", "add", "-q", str(world.home / "linked"), "-b", "side")

    for place in (world.repo / "deep" / "er", world.repo / ".git", world.home / "linked"):
        works(world, cwd=place)
    nested = f"{' '.join(world.program)} run inner --exec 'echo inner > inner' && echo outer > outer"
    world.swarmctl("run", "outer", "--exec", nested, rc=0)

    assert len(list((world.home / "state" / "swarmctl").iterdir())) == 1
    assert {"inner", "outer"} <= world.files()


def test_a_target_checked_out_elsewhere_follows_there(world: World) -> None:
    world.git("worktree", "add", "-q", str(world.home / "linked"), "-b", "side")

    world.swarmctl(*RUN, "--target", "side", rc=0)

    assert (world.home / "linked" / "made").read_text() == "hi\n"
    assert world.git("status", "--porcelain", cwd=world.home / "linked") == ""
    assert "made" not in world.files()


# --- settings and plans -----------------------------------------------------------------------------------------------


def test_broken_settings_name_the_line_and_end_nothing_that_runs(world: World) -> None:
    typed = world.start("run", "long", "--exec", "while [ ! -f ../go ]; do sleep 0.05; done; echo l > l", "--json")
    (session,) = world.await_stage(Stage.RUNNING)
    supervisor = world.supervisor()

    world.put("swarm.toml", '[[gate]]\nnmae = "x"\n')
    refused(world.swarmctl(*RUN), 2, "swarm.toml:2: [[gate]] nmae is an unknown key; did you mean name?", "doctor")
    world.swarmctl("send", session.id, "hello", rc=0)
    (world.repo / "swarm.toml").unlink()
    (Path(session.worktree).parent / "go").touch()

    assert typed.answer().task["outcome"] == "landed"
    assert world.supervisor() == supervisor


PLANS = {
    "x": "Expected '='",
    "[foo]\na = 1\n": "unknown table [foo]",
    "[[task]]\n": "is empty",
    "[[task]]\nprompt = 3\n": "`prompt` must be text in quotes",
    '[[task]]\nprmopt = "a"\n': "unknown key `prmopt`",
    '[[task]]\nkey = "a"\nprompt = "x"\nafter = ["a"]\n': "wait for each other: a",
    '[[task]]\nkey="a"\nprompt="x"\nafter=["b"]\n[[task]]\nkey="b"\nprompt="x"\nafter=["a"]\n': "each other: a, b",
    '[[task]]\nprompt = "x"\nafter = ["zz"]\n': "comes after `zz`, which is not there",
    '[[task]]\nkey = "a"\nprompt = "x"\n[[task]]\nkey = "a"\nprompt = "y"\n': "two tasks are called `a`",
    '[[task]]\nprompt = "x\\u0000"\n': "NUL",
}


def test_broken_plans_say_what_is_wrong_and_start_nothing(world: World) -> None:
    plan = world.home / "plan.toml"
    for text, words in PLANS.items():
        plan.write_text(text)
        said = world.swarmctl("run", "--plan", str(plan), "--agent", "fake", rc=2)
        assert words in said.err.splitlines()[0], said.err
        assert str(plan) in said.err.splitlines()[0]
    plan.write_bytes(b"\xff\xfe")
    assert "is not UTF-8 text" in world.swarmctl("run", "--plan", str(plan), rc=2).err
    assert world.facts().tasks == {}


def test_prompts_of_any_content_arrive_or_are_refused(world: World) -> None:
    big = world.home / "big.txt"
    big.write_text("p" * 199_999)
    odd = world.home / "odd.txt"
    odd.write_text("-rf \u202e\x1b[31m\x07 'quo\"te' $(touch x)\r\n\n\tl\rast", newline="")

    for path in (big, odd):
        said = world.swarmctl("run", "-f", str(path), "--exec", "echo hi > made-$SWARM_SESSION", "--json", rc=0)
        assert world.facts().tasks[world.session(said.session).task].prompt == path.read_bytes().decode()
    for raw, rc in ((b"one\r\ntwo\rthree", 0), (b"\xff", 2)):
        piped = subprocess.run(
            [*world.program, "run", "-", "--exec", "echo p > piped"],
            cwd=world.repo, env=world.env, input=raw, capture_output=True, check=False,
        )  # fmt: skip
        assert (piped.returncode, b"Traceback" in piped.stderr) == (rc, False), piped.stderr
    assert "one\r\ntwo\rthree" in [task.prompt for task in world.facts().tasks.values()]
    big.write_text("p" * 200_001)
    assert "is over 200,000 characters" in world.swarmctl("run", "-f", str(big), "--exec", "true", rc=2).err
    odd.write_bytes(b"a\0b")
    assert "NUL" in world.swarmctl("run", "-f", str(odd), "--exec", "true", rc=2).err
    bytes_in_a_word = subprocess.run(
        [*world.program, "run", b"\xff\xfe", "--exec", "echo b > b", "--json"],
        cwd=world.repo, env=world.env, capture_output=True, check=False,
    )  # fmt: skip
    assert b"Traceback" not in bytes_in_a_word.stderr


# --- the ledger and the disk ------------------------------------------------------------------------------------------


def test_a_ledger_that_cannot_be_read_is_never_called_empty(world: World) -> None:
    world.swarmctl(*RUN, rc=0)
    world.swarmctl("down", rc=0)
    database = world.database
    assert database is not None
    good = database.read_bytes()
    future = sqlite3.connect(database)
    future.execute("PRAGMA user_version = 999")
    future.close()
    cases = {
        "newer swarmctl": (database.read_bytes(), "pip install --upgrade swarmctl"),
        "is not a swarmctl database": (b"garbage" * 1000, "mv "),
    }

    for words, (content, hint) in cases.items():
        database.write_bytes(content)
        for command in (("ps",), ("show", "x"), ("queue",), RUN):
            refused(world.swarmctl(*command), 3, words, hint)
        assert database.read_bytes() == content
    database.write_bytes(good)
    assert world.swarmctl("ps", rc=0).out.count("landed") == 1
    works(world)


def test_a_state_folder_that_cannot_be_written_is_said_in_one_line(world: World) -> None:
    for place in ("/proc/nowhere", "/etc/passwd"):
        world.extra_env["XDG_STATE_HOME"] = place
        refused(world.swarmctl(*RUN), 3, "cannot keep state in", "XDG_STATE_HOME")
    world.extra_env.clear()
    link = world.runtime / "l"
    link.mkdir(mode=0o700)
    (link / "swarmctl").symlink_to(world.home)
    world.extra_env["XDG_RUNTIME_DIR"] = str(link)
    refused(world.swarmctl(*RUN), 3, "not a link", "XDG_RUNTIME_DIR")
    world.extra_env.clear()
    assert world.files() == {"README.md", "shared.txt"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_disk_that_was_full_for_a_while_loses_nothing(world: World) -> None:
    disk = world.home / "state"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        world.swarmctl("run", "first", "--exec", "echo 1 > one", rc=0)
        before = world.head()
        typed = world.start("run", "fill", "--exec", "echo 2 > two; head -c 100m /dev/zero > zeros", "--json")
        until(lambda: os.statvfs(disk).f_bavail == 0, "the disk to be full")
        (zeros,) = disk.glob("swarmctl/*/worktrees/*/zeros")
        zeros.unlink()
        said = typed.answer()
        assert said.rc not in (0, 2)
        assert "Traceback" not in said.err
        assert world.head() == before
        world.swarmctl("run", "third", "--exec", "echo 3 > three", rc=0)
        assert {"one", "three"} <= world.files()
        kept = world.session("fill")
        assert world.git("cat-file", "-p", f"{kept.checkpoint or kept.head}:two") == "2"
    finally:
        world.swarmctl("down")
        subprocess.run(["umount", "-l", str(disk)], check=True)
