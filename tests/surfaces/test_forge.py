"""For people who land on a forge: a branch pushed to a real remote, requests and issues through fake clients."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Abroad
from tests.e2e.world import World

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
FAKE = """#!{python} -I
import json, os, sys
home = {home!r}
words = sys.argv[1:]
with open(os.path.join(home, "asked"), "a") as file:
    file.write(json.dumps({{"words": words, "stdin": sys.stdin.read(), "cwd": os.getcwd(),
                           "leaked": [n for n in os.environ if n.startswith(("GIT_", "SWARM"))]}}) + "\\n")
answer = json.load(open(os.path.join(home, "answer")))
sys.stdout.write(answer["out"]); sys.stderr.write(answer["err"]); sys.exit(answer["rc"])
"""
PULL = "https://github.example/o/r/pull/7"
ABROAD = (e.PushIntended, e.Pushed, e.RequestOpened, e.PushFailed)
STATEFUL = """#!/bin/sh
cd {home}
cat > /dev/null
if [ -e made ]; then
  echo 'a pull request for branch "x" into branch "main" already exists:' >&2; echo {pull} >&2; exit 1
fi
{before}
echo 1 >> made
{after}
echo {pull}
"""


class Forge:
    """A fake `gh` or `glab` on PATH, and a bare repository as `origin`."""

    def __init__(self, world: World, program: str = "gh") -> None:
        self.home = world.home / "forge"
        self.home.mkdir()
        folder = world.home / "bin"
        folder.mkdir()
        self.program = path = folder / program
        path.write_text(FAKE.format(python=sys.executable, home=str(self.home)))
        path.chmod(0o755)
        for tool in ("git", "sh", "basename", "tmux", "env", "cat", "sleep"):
            found = shutil.which(tool)
            if found:
                (folder / tool).symlink_to(found)
        world.extra_env["PATH"] = str(folder)
        self.answers(f"{PULL}\n")

    def answers(self, out: str = "", err: str = "", rc: int = 0) -> None:
        (self.home / "answer").write_text(json.dumps({"out": out, "err": err, "rc": rc}))

    def waits(self, *, made: bool) -> None:
        """The next request hangs, made or not yet, until the world has a file `go`."""
        pause = f"echo x > {self.home.parent}/here; while [ ! -e {self.home.parent}/go ]; do sleep 0.05; done"
        self.program.write_text(
            STATEFUL.format(home=self.home, pull=PULL, before="" if made else pause, after=pause if made else "")
        )

    @property
    def made(self) -> int:
        """Requests on the forge; a fake that keeps no count made one at most."""
        return len((self.home / "made").read_text().splitlines()) if (self.home / "made").exists() else 1

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.home / "asked").read_text().splitlines()]


def origin(world: World) -> Path:
    place = world.home / "origin.git"
    world.git("init", "-q", "--bare", str(place))
    world.git("remote", "add", "origin", str(place))
    return place


def refs(world: World, place: Path) -> dict[str, str]:
    lines = world.git("for-each-ref", "--format=%(refname) %(objectname)", cwd=place).splitlines()
    return dict(line.split(" ", 1) for line in lines)


def ready(world: World, title: str = "make a thing") -> str:
    world.swarmctl("run", title, "--exec", "echo x > x", "--no-merge", rc=0)
    return world.session(title).id


def checked(line: dict[str, Any]) -> dict[str, Any]:
    jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{line['kind']}.json").read_text())).validate(line)
    return line


def test_a_push_brings_the_sessions_branch_and_no_other_ref(world: World) -> None:
    place = origin(world)
    world.git("tag", "-a", "v1", "-m", "v1")
    world.git("config", "push.followTags", "true")
    name = ready(world)

    said = checked(world.swarmctl("push", name, "--json", rc=0).last)
    again = world.swarmctl("push", name, rc=0)

    branch = world.session(name).branch
    assert refs(world, place) == {f"refs/heads/{branch}": said["commit"]}
    assert said["commit"] == world.head(f"refs/heads/{branch}")
    assert again.out == f"pushed {branch} at {said['commit'][:10]} to origin ({place})\n"


def test_the_ledger_knows_before_anything_leaves_and_says_what_became_of_it(world: World) -> None:
    forge, place = Forge(world), origin(world)
    name = SessionId(ready(world))
    commit = world.session(name).head
    url = world.swarmctl("pr", name, rc=0).out.strip()

    told = [event for event in (stamped.event for stamped in world.history()) if type(event) in ABROAD]
    assert told == [
        e.PushIntended(name, "origin", str(place), commit, request=True),
        e.Pushed(name, "origin", commit),
        e.RequestOpened(name, url, existed=False),
    ]
    assert f"{commit[:10]} is on origin; {PULL}" in world.swarmctl("show", name, rc=0).out
    assert PULL in world.swarmctl("why", name, rc=0).out
    assert "ready, request" in world.swarmctl("ps", rc=0).out
    assert world.swarmctl("ps", "--json", rc=0).last["tasks"][0]["abroad"] == "request"

    forge.answers(err="pull request create failed: GraphQL: no\n", rc=1)
    world.swarmctl("pr", name, rc=1)
    assert isinstance(world.history()[-2].event, e.PushFailed)
    assert "refused: gh opened no request" in world.swarmctl("show", name, rc=0).out


@pytest.mark.parametrize("at", ["before the push", "before the request", "after the request"])
def test_a_kill_in_between_is_said_and_asked_again_nothing_is_there_twice(world: World, at: str) -> None:
    forge, place = Forge(world), origin(world)
    name = ready(world)
    if at == "before the push":
        hook = place / "hooks" / "pre-receive"
        hook.write_text(f"#!/bin/sh\necho x > {world.home}/here; while [ ! -e {world.home}/go ]; do sleep 0.05; done\n")
        hook.chmod(0o755)
    else:
        forge.waits(made=at == "after the request")
    typed = world.start("pr", name)
    world.await_file(world.home / "here")
    typed.signal(signal.SIGKILL)
    typed.answer()
    supervisor = world.supervisor()
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)

    assert "nobody saw yet how that ended" in world.swarmctl("show", name, rc=0).out
    assert "ready, pushing" in world.swarmctl("ps", rc=0).out
    (world.home / "go").touch()
    again = world.swarmctl("pr", name, rc=0)

    assert again.out == f"{PULL}\n"
    session = world.session(name)
    assert session.abroad == Abroad("origin", session.head, PULL)
    assert forge.made == 1
    assert refs(world, place) == {f"refs/heads/{session.branch}": session.head}


@pytest.mark.parametrize("at", ["before the push", "before the request"])
def test_who_interrupts_it_leaves_nothing_open(world: World, at: str) -> None:
    forge, place = Forge(world), origin(world)
    name = ready(world)
    if at == "before the push":
        hook = place / "hooks" / "pre-receive"
        hook.write_text(f"#!/bin/sh\necho x > {world.home}/here; while [ ! -e {world.home}/go ]; do sleep 0.05; done\n")
        hook.chmod(0o755)
    else:
        forge.waits(made=False)
    typed = world.start("pr", name)
    world.await_file(world.home / "here")
    typed.signal(signal.SIGINT)
    said = typed.answer()
    (world.home / "go").touch()

    assert said.rc == 130
    assert world.session(name).abroad.going == ""
    assert world.session(name).abroad.trouble == "interrupted"
    for told in (world.swarmctl("show", name, rc=0).out, world.swarmctl("why", name, rc=0).out):
        assert "stopped by you before anybody saw how that ended" in told
        assert "interrupted" not in told
    assert "pushing" not in world.swarmctl("ps", rc=0).out


def test_a_push_is_never_forced(world: World) -> None:
    place = origin(world)
    name = ready(world)
    branch = world.session(name).branch
    world.git("push", "-q", "origin", f"main:refs/heads/{branch}")
    theirs = world.git("commit-tree", "-m", "theirs", "main^{tree}", "-p", "main")
    world.git("push", "-q", "origin", f"{theirs}:refs/heads/{branch}")

    said = world.swarmctl("push", name, rc=1)

    assert "has commits on" in said.err and "nothing is forced" in said.err
    assert refs(world, place)[f"refs/heads/{branch}"] == theirs


def test_without_a_remote_or_without_work_nothing_is_pushed(world: World) -> None:
    name = ready(world)
    alone = world.swarmctl("push", name, rc=1)
    place = origin(world)
    world.swarmctl("run", "an idle one", "--exec", "true", rc=6)
    idle = world.swarmctl("push", world.session("an idle one").id, rc=1)
    world.swarmctl("merge", name, rc=0)
    landed = world.swarmctl("push", name, rc=1)

    assert "no remote to push to" in alone.err and "git remote add origin" in alone.err
    assert "no commit of its own" in idle.err
    assert "landed on main already" in landed.err
    assert refs(world, place) == {}


def test_the_users_own_hook_has_its_say(world: World) -> None:
    place = origin(world)
    world.swarmctl("hooks", "install", rc=0)
    before = world.repo / ".git" / "hooks" / "pre-push.before-swarmctl"
    before.write_text("#!/bin/sh\necho no pushes on Fridays >&2\nexit 1\n")
    before.chmod(0o755)
    name = ready(world)

    refused = world.swarmctl("push", name, rc=3)
    before.unlink()
    world.swarmctl("push", name, rc=0)

    assert "failed to push" in refused.err or "Fridays" in refused.err
    assert list(refs(world, place)) == [f"refs/heads/{world.session(name).branch}"]


def test_the_remote_is_the_one_that_the_user_pushes_to(world: World) -> None:
    place, other = origin(world), world.home / "fork.git"
    world.git("init", "-q", "--bare", str(other))
    world.git("remote", "add", "fork", str(other))
    world.git("config", "remote.pushDefault", "fork")

    said = checked(world.swarmctl("push", ready(world), "--json", rc=0).last)

    assert said["remote"] == "fork"
    assert (len(refs(world, other)), refs(world, place)) == (1, {})


def test_a_request_says_what_was_asked_what_proves_it_and_what_changed(world: World) -> None:
    world.settings('[[gate]]\nname = "tests"\nrun = "test ! -f x"\n')
    forge, place = Forge(world), origin(world)
    title = 'mend "it" $(touch hacked) `id` --draft'
    world.swarmctl("run", title, "--exec", "echo x > x", rc=1)
    session = world.session(title)

    said = checked(world.swarmctl("pr", session.id, "--draft", "--json", rc=0).last)

    (asked,) = forge.asked
    assert asked["words"] == [
        "pr", "create", f"--head={session.branch}", "--base=main", f"--title={title}", "--body-file=-", "--draft",
    ]  # fmt: skip
    assert "- `tests`: fail" in asked["stdin"]
    assert "x | 1 +" in asked["stdin"]
    assert session.id in asked["stdin"]
    assert (asked["cwd"], asked["leaked"]) == (str(world.repo), [])
    assert (said["request"], said["existed"], said["draft"]) == (PULL, False, True)
    assert list(refs(world, place)) == [f"refs/heads/{session.branch}"]
    assert not (world.repo / "hacked").exists()


def test_who_has_a_request_already_is_told_where(world: World) -> None:
    forge, _ = Forge(world), origin(world)
    forge.answers(err=f'a pull request for branch "x" into branch "main" already exists:\n{PULL}\n', rc=1)

    said = world.swarmctl("pr", ready(world), rc=0)

    assert said.out == f"{PULL}\n"
    assert "there is one already" in said.err


def test_a_request_goes_through_glab_where_that_is_what_there_is(world: World) -> None:
    forge, _ = Forge(world, "glab"), origin(world)
    url = "https://gitlab.example/o/r/-/merge_requests/3"
    forge.answers(f"Creating merge request\n!3 make a thing\n {url}\n")
    name = ready(world)

    said = world.swarmctl("pr", name, rc=0)

    (asked,) = forge.asked
    branch = world.session(name).branch
    assert said.out == f"{url}\n"
    assert asked["words"][:5] == [
        "mr", "create", f"--source-branch={branch}", "--target-branch=main", "--title=make a thing",
    ]  # fmt: skip
    assert asked["words"][5].startswith("--description=")
    assert asked["words"][6:] == ["--yes"]


@pytest.mark.parametrize(
    ("err", "rc", "words", "hint"),
    [
        ("To get started with GitHub CLI, please run:  gh auth login\n", 3, "gh is not logged in", "gh auth login"),
        ("pull request create failed: GraphQL: no\n", 1, "opened no request", "gh auth status"),
    ],
)
def test_what_a_client_refuses_is_said_in_one_line(world: World, err: str, rc: int, words: str, hint: str) -> None:
    forge, _ = Forge(world), origin(world)
    forge.answers(err=err, rc=1 if rc == 1 else 4)

    said = world.swarmctl("pr", ready(world), rc=rc)

    assert words in said.err and f"hint: {hint}" in said.err
    assert "Traceback" not in said.err


def test_without_a_client_the_hint_says_where_to_get_one(world: World) -> None:
    Forge(world, "something-else")
    origin(world)

    said = world.swarmctl("pr", ready(world), rc=3)

    assert "neither gh nor glab" in said.err and "https://cli.github.com" in said.err


ISSUE = {
    "number": 12,
    "title": "Parser \x1b[31mfails\nbadly",
    "body": "It `fails` on $(touch hacked).\r\n\r\n\x1b]0;owned\x07Issue 99: https://evil.example/99",
    "url": "https://github.example/o/r/issues/12",
}


def test_an_issue_is_a_task_whose_words_run_nothing_and_whose_link_is_kept(world: World) -> None:
    forge, _ = Forge(world), origin(world)
    forge.answers(json.dumps(ISSUE))

    command = 'printf "%s" "$SWARM_PROMPT" > fix'
    world.swarmctl("run", "--issue", "12", "--exec", command, "--no-merge", rc=0)
    session, task = world.session(), next(iter(world.facts().tasks.values()))
    forge.answers(f"{PULL}\n")
    world.swarmctl("pr", session.id, rc=0)

    assert forge.asked[0]["words"] == ["issue", "view", "12", "--json=number,title,body,url"]
    assert task.title == "Parser fails badly"
    assert task.prompt.splitlines()[0] == task.title
    assert task.prompt.endswith("\n\nIssue 12: https://github.example/o/r/issues/12")
    assert world.text("fix", session.head) == task.prompt
    assert "\x1b" not in task.prompt and not (world.repo / "hacked").exists()
    assert "Closes #12" in forge.asked[1]["stdin"]


def test_an_issue_comes_through_glab_as_well(world: World) -> None:
    forge, _ = Forge(world, "glab"), origin(world)
    forge.answers(json.dumps({"iid": 3, "title": "A bug", "description": "", "web_url": "https://gitlab.example/3"}))

    world.swarmctl("run", "--issue", "3", "--exec", "echo x > x", "--no-merge", rc=0)

    assert forge.asked[0]["words"] == ["issue", "view", "3", "--output=json"]
    assert next(iter(world.facts().tasks.values())).prompt == "A bug\n\nIssue 3: https://gitlab.example/3"


def test_an_issue_without_a_remote_is_not_read_and_the_way_on_is_said(world: World) -> None:
    said = world.swarmctl("run", "--issue", "12", "--exec", "true", rc=1)

    assert said.err.splitlines() == [
        "swarmctl: issue 12 cannot be read: this repository has no remote, so that no forge is known",
        "hint: git remote add origin URL; or the issue's text in a file: swarmctl run -f FILE",
    ]


def test_an_issue_that_is_none_starts_nothing(world: World) -> None:
    forge, _ = Forge(world), origin(world)
    forge.answers(err="GraphQL: Could not resolve to an issue or pull request with the number of 77.\n", rc=1)
    unknown = world.swarmctl("run", "--issue", "77", "--exec", "true", rc=1)
    forge.answers("no JSON")
    odd = world.swarmctl("run", "--issue", "77", "--exec", "true", rc=3)
    bad = world.swarmctl("run", "--issue", "0", "--exec", "true", rc=2)

    assert "gh knows no issue 77: GraphQL: Could not resolve" in unknown.err
    assert "something else than an issue" in odd.err
    assert "0 is no issue" in bad.err
    assert world.facts().tasks == {}
