"""The cockpit as a page in a real browser: seen, typed into, left; and closed to everybody who was not invited."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from swarmctl.core.session import Stage
from tests.e2e.browser import PROGRAM, a_page_of, is_told, paste, shows
from tests.e2e.world import PROGRAM as SWARMCTL, Typed, World, until

FAKE = '[agent]\ndefault = "fake"\n'
pytestmark = pytest.mark.skipif(not PROGRAM, reason="no chromium: sudo apt-get install chromium")


@pytest.fixture
def served(world: World) -> Iterator[tuple[Typed, str]]:
    """The server, and the address that it told."""
    world.settings(FAKE)
    server = world.start("web", "--port", "0")
    assert server.process.stdout is not None
    yield server, server.process.stdout.readline().strip()


def cockpits(world: World) -> list[int]:
    return [pid for pid, words in world.ours().items() if words.rstrip().endswith(SWARMCTL[-1])]


def test_it_shows_the_list_and_hears_keys_and_nothing_stops_when_it_is_closed(
    world: World, served: tuple[Typed, str]
) -> None:
    server, address = served
    world.swarmctl("run", "say here I am\nwrite made.txt one\nsleep 600", "--agent", "fake", "--detach", rc=0)
    world.await_stage(Stage.RUNNING)
    with a_page_of(world, address) as page:
        shows(page, "● 1 working", "here I am", "+1 −0")
        is_told(page, "Enter", "there is no terminal here to lend")
        is_told(page, "Control+z", "a page has no shell to go back to")
        page.keyboard.press("d")
        shows(page, "change 1 of 1")
        is_told(page, "e", "there is no terminal here to lend")
        page.keyboard.press("q")
        page.keyboard.press("t")
        shows(page, "Timeline", "fake started")
        page.keyboard.press("y")
        until(lambda: '"seq": ' in page.evaluate("navigator.clipboard.readText()"), "the record in the clipboard", 30.0)
        page.set_viewport_size({"width": 800, "height": 500})
        page.keyboard.press("q")
        shows(page, "● 1 working", "here I am")
        assert cockpits(world)
    until(lambda: not cockpits(world), "the cockpit to end with its page")
    assert world.session().stage is Stage.RUNNING
    server.signal(signal.SIGINT)
    assert server.answer().rc == 0
    assert world.session().stage is Stage.RUNNING


def test_a_task_given_in_it_lands_and_its_agent_knows_nothing_of_the_browser(
    world: World, served: tuple[Typed, str]
) -> None:
    with a_page_of(world, served[1]) as page:
        shows(page, "Nothing runs here yet.")
        page.keyboard.press("n")
        shows(page, "New task", "your default")
        page.keyboard.type("write made.txt hello")
        page.keyboard.press("Control+s")
        shows(page, "◆ 1 ready")
        page.keyboard.press("m")
        shows(page, "landed", "◆ 0 ready")
        page.keyboard.press("q")
        page.get_by_text("Open it again").click()
        shows(page, "landed")
    assert world.text("made.txt") == "hello"
    supervisor = Path(f"/proc/{world.supervisor()}/environ").read_bytes().split(b"\0")
    assert not [each for each in supervisor if each.startswith((b"TEXTUAL", b"COLUMNS=", b"ROWS=", b"SWARMCTL__TUI"))]


def test_what_is_pasted_into_it_is_words_and_never_keys(world: World, served: tuple[Typed, str]) -> None:
    with a_page_of(world, served[1]) as page:
        shows(page, "Nothing runs here yet.")
        page.keyboard.press("n")
        shows(page, "New task", "your default")
        paste(page, "one\x1b[31m red\x1b[0m\n\x1b\x13two é 猫")
        page.keyboard.type("!")
        seen = shows(page, "one red", "two é 猫!", "New task")
        assert "31m" not in seen and not world.facts().tasks


def test_it_ends_with_its_server_however_that_ends(world: World, served: tuple[Typed, str]) -> None:
    server, address = served
    with a_page_of(world, address) as page:
        shows(page, "Nothing runs here yet.")
        server.signal(signal.SIGKILL)
        page.get_by_text("The cockpit was left. Nothing stopped.").wait_for()
        until(lambda: not cockpits(world), "the cockpit to end")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("page", {}, 200),
        ("page", {"Host": "rebound.example:PORT"}, 403),
        ("page", {"Host": "localhost:PORT"}, 403),
        ("/", {}, 404),
        ("/ws", {}, 404),
        ("/static/js/textual.js", {}, 404),
        ("socket", {"Origin": "http://127.0.0.1:1"}, 403),
        ("socket", {"Origin": "null"}, 403),
        ("socket", {"Origin": "http://127.0.0.1:PORT"}, 101),
    ],
)
def test_nobody_else_gets_in(
    world: World, served: tuple[Typed, str], path: str, headers: dict[str, str], status: int
) -> None:
    address = urlsplit(served[1])
    assert address.hostname == "127.0.0.1" and len(address.path) > 30
    place = {"page": address.path, "socket": f"{address.path}ws"}.get(path, path)
    told = {name: value.replace("PORT", str(address.port)) for name, value in headers.items()}
    if place.endswith("/ws"):
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        told = {**upgrade, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", **told}
    line = http.client.HTTPConnection(address.hostname, address.port or 0, timeout=30)
    line.request("GET", place, headers=told)
    answer = line.getresponse()
    assert answer.status == status
    if status == 200:
        page = answer.read().decode()
        assert "googleapis" not in page and answer.headers["Referrer-Policy"] == "no-referrer"
    line.close()


def test_a_page_without_a_guard_is_refused_unless_a_person_wants_it(world: World) -> None:
    world.extra_env["TEXTUAL_DRIVER"] = "textual.drivers.web_driver:WebDriver"
    said = world.swarmctl(rc=2)
    assert "lets in whoever reaches its port" in said.err and "hint: swarmctl web" in said.err
    world.put("swarm.toml", "[tui]\nbrowser = true\n")
    assert "no repository decides" in world.swarmctl(rc=2).err
    (world.repo / "swarm.toml").unlink()

    world.extra_env["SWARMCTL__TUI__BROWSER"] = "true"
    cockpit = world.start(stdin="")
    assert cockpit.process.stdout is not None
    assert cockpit.process.stdout.readline() == "__GANGLION__\n"
    cockpit.answer()
    assert not Path(f"/proc/{cockpit.pid}").exists()


def test_a_port_that_is_taken_is_said(world: World, served: tuple[Typed, str]) -> None:
    port = urlsplit(served[1]).port
    said = world.swarmctl("web", "--port", str(port), rc=3)
    assert said.err == (
        f"swarmctl: cannot listen on 127.0.0.1:{port}: Address already in use\nhint: swarmctl web --port 0\n"
    )
    assert served[0].process.poll() is None


def test_what_is_not_installed_is_said_with_the_line_that_installs_it(world: World) -> None:
    hiding = world.home / "hiding" / "sitecustomize.py"
    hiding.parent.mkdir()
    hiding.write_text('import sys\nsys.modules["textual_serve"] = None\n')
    world.extra_env["PYTHONPATH"] = str(hiding.parent)
    assert "hint: pip install 'swarmctl[web]'" in world.swarmctl("web", rc=3).err
