"""The queue in a real terminal: what was refused, gated once more by a key, and attempts that only were gated."""

from __future__ import annotations

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.world import World

GATE = """\
[[gate]]
name = "tests"
run = "echo looking at made.txt; test ! -f {deny} && ! grep -q bad made.txt && echo all is fine"
"""
ATTEMPT = "if mkdir {mark} 2>/dev/null; then echo bad > made.txt; else echo good > made.txt; fi"


def test_what_was_refused_is_read_and_lands_by_a_key_once_it_is_mended(world: World, terminal: Terminal) -> None:
    deny = world.home / "deny"
    world.settings(GATE.format(deny=deny))
    deny.touch()
    name = str(world.swarmctl("run", "make it", "--exec", "echo x > made.txt", "--json", rc=1).tasks[0]["session"])
    terminal.open("one", 120, 40)
    terminal.type("one")
    terminal.shows("one", "make it")

    terminal.press("one", "g")
    terminal.shows("one", "refused  1", f"{name}  ·  refused: tests", "log of tests", "looking at made.txt")
    terminal.press("one", "Enter")
    terminal.shows("one", f"{name}  tests", "1 lines", "looking at made.txt")
    terminal.press("one", "q")
    terminal.shows("one", "refused  1")
    deny.unlink()
    terminal.press("one", "m")
    terminal.shows("one", "landed  1", "proof: tests on tree", "asked by  a person: merge", f"session {name}")
    assert world.session(name).stage is Stage.LANDED
    terminal.press("one", "j")
    terminal.shows("one", f"{name}  ·  tests  ·  pass", "all is fine")


def test_attempts_that_were_gated_are_no_landings(world: World, terminal: Terminal) -> None:
    world.settings(GATE.format(deny=world.home / "deny"))
    made = ATTEMPT.format(mark=world.home / "mark")
    tasks = world.swarmctl("run", "make it", "--exec", made, "--attempts", "2", "--json", rc=0).tasks
    green, red = (str(task["session"]) for task in sorted(tasks, key=lambda task: int(task["rank"])))
    terminal.open("one", 120, 40)
    terminal.type("one")
    terminal.shows("one", "1/2 make it")

    terminal.press("one", "g")
    seen = terminal.shows("one", "gated without a landing  2", f"◇ green    {green}", f"◆ red      {red}")
    assert "refused  1" not in seen and "landed  1" not in seen
    terminal.press("one", "m")
    terminal.shows("one", "was to be gated, not to land")
    if seen.index(green) < seen.index(red):
        terminal.press("one", "j", "j")
    terminal.shows("one", f"{red}  ·  was gated, and does not land: tests", "looking at made.txt")
