"""A person who looks elsewhere is told what needs one: by every way that is set, together, once, and never again."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from swarmctl.core import events as e
from tests.e2e.world import World, until

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "notification.json").read_text())
FAKE_NOTIFY_SEND = """#!/bin/sh
[ "$1" = --app-name=swarmctl ] && [ "$2" = -- ] && [ $# = 4 ] || exit 64
printf '%s\\n%s\\n---\\n' "$3" "$4" >> "$HOME_OF_TEST/popped"
"""


@dataclass
class Inbox:
    """A web server that keeps what it is sent."""

    answer: int = 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.got.append((self.path, dict(self.headers), body))
                self.send_response(inbox.answer)
                if inbox.answer == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.server.shutdown()
    inbox.server.server_close()


def told_by(world: World, text: str) -> None:
    """The person's own settings."""
    place = world.home / "config" / "swarmctl" / "config.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"[notify]\n{text}\n")
    world.extra_env |= {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}


def has_notify_send(world: World) -> Path:
    program = world.home / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(FAKE_NOTIFY_SEND)
    program.chmod(0o755)
    path = f"{program.parent}:{world.env['PATH']}"
    world.extra_env |= {"PATH": path, "DISPLAY": ":99", "HOME_OF_TEST": str(world.home)}
    return world.home / "popped"


def popped(file: Path) -> list[str]:
    return file.read_text().split("\n---\n")[:-1] if file.exists() else []


def fails(world: World, title: str) -> None:
    world.swarmctl("run", title, "--exec", "echo x > x; exit 3", rc=1)


def test_a_display_shows_what_failed_once_and_not_again_after_a_restart(world: World) -> None:
    shown = has_notify_send(world)
    fails(world, "mend <b>it</b> \x1b]0;owned\x07")
    until(lambda: popped(shown), "a notification")
    world.swarmctl("down", rc=0)
    world.swarmctl("up", rc=0)
    fails(world, "another one")
    until(lambda: len(popped(shown)) > 1, "another notification")

    first, second = popped(shown)
    assert first.splitlines()[0].startswith("failed: mend <b>it</b>")
    assert "the agent ended with code 3" in first
    assert second.splitlines()[0] == "failed: another one"
    assert "\x1b" not in first


def test_what_comes_together_is_one_and_who_landed_unseen_is_told(world: World) -> None:
    shown = has_notify_send(world)
    world.extra_env["SWARMCTL__MERGE__AUTO"] = "true"
    world.swarmctl("run", "a thing", "another thing", "--exec", 'echo x > "$SWARM_SESSION"', "--detach", rc=0)
    until(lambda: sum(map(told, popped(shown))) == 2, "both landings to be told")

    assert all("landed" in each for each in popped(shown))


def told(words: str) -> int:
    """How many facts a notification holds."""
    first = words.split(" ", 1)[0]
    return int(first) if first.isdigit() else 1


def test_a_landing_that_somebody_waits_for_is_not_told(world: World) -> None:
    shown = has_notify_send(world)
    world.swarmctl("run", "a thing", "--exec", "echo x > x", rc=0)
    fails(world, "the next one")
    until(lambda: popped(shown), "a notification")

    assert [each.splitlines()[0] for each in popped(shown)] == ["failed: the next one"]


def test_a_command_and_a_webhook_and_ntfy_get_what_happened_masked(world: World, inbox: Inbox) -> None:
    script = 'cat > "$HOME_OF_TEST/stdin"; echo "$SWARM_NEED|$SWARM_TITLE|$SWARM_COUNT" > "$HOME_OF_TEST/variables"'
    told_by(
        world,
        f"desktop = 'none'\ncommand = '''{script}'''\nwebhook = '{inbox.url}/hook/s3cr3t'\nntfy = '{inbox.url}/topic'",
    )
    world.extra_env["HOME_OF_TEST"] = str(world.home)
    fails(world, "use password=hunter2hunter2 größe")
    until(lambda: len(inbox.got) == 2, "two posts")
    world.await_words(world.home / "variables")

    by_path = {path: (headers, body) for path, headers, body in inbox.got}
    plain = json.loads(by_path["/hook/s3cr3t"][1])
    jsonschema.Draft202012Validator(SCHEMA).validate(plain)
    assert plain == json.loads((world.home / "stdin").read_text())
    assert plain["facts"][0]["session"] == world.session().id
    assert plain["repository"] == str(world.repo)
    assert "hunter2" not in json.dumps(plain)
    assert "[masked]" in plain["title"]
    headers, body = by_path["/topic"]
    assert headers["Title"] == "swarmctl: failed: use password=[masked] gr??e"
    assert "the agent ended with code 3" in body.decode()
    assert (world.home / "variables").read_text().startswith("failed|failed: use password=[masked]")


@pytest.mark.parametrize("answer", [500, 302])
def test_a_way_that_fails_is_said_once_without_its_address(world: World, inbox: Inbox, answer: int) -> None:
    inbox.answer = answer
    told_by(world, f"desktop = 'none'\nwebhook = '{inbox.url}/hook/s3cr3t'")
    fails(world, "one")
    until(lambda: len(inbox.got) == 1, "a post")
    fails(world, "two")
    until(lambda: len(inbox.got) == 2, "another post")
    said = until(lambda: [n for n in world.events(e.Noticed) if "could not notify" in n.text], "a word about it")
    world.swarmctl("down", rc=0)

    assert [path for path, _, _ in inbox.got] == ["/hook/s3cr3t"] * 2
    assert [n.text for n in said] == [f"could not notify by webhook: 127.0.0.1 answers {answer}"]
    assert len([n for n in world.events(e.Noticed) if "could not notify" in n.text]) == 1


def test_what_is_switched_off_is_not_told(world: World, inbox: Inbox) -> None:
    told_by(world, f"desktop = 'none'\non = ['ready']\nwebhook = '{inbox.url}/hook'")
    fails(world, "one")
    world.swarmctl("run", "two", "--exec", "echo y > y", "--detach", rc=0)
    until(lambda: inbox.got, "a post")

    assert [fact["fact"] for _, _, body in inbox.got for fact in json.loads(body)["facts"]] == ["ready"]


def test_a_repository_cannot_say_where_anybody_is_told(world: World, inbox: Inbox) -> None:
    world.put("swarm.toml", f"[notify]\nwebhook = '{inbox.url}/theirs'\n")

    said = world.swarmctl("run", "one", "--exec", "exit 3", rc=2)

    assert "swarm.toml:1: [notify] is yours to set" in said.err
    assert inbox.got == []
