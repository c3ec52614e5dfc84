"""Several attempts in a real terminal: compared, picked in vain, picked, and one of the others brought back."""

from __future__ import annotations

from swarmctl.core.session import Stage
from tests.e2e.terminal import Terminal
from tests.e2e.world import World, until

GATE = """\
[[gate]]
name = "tests"
run = "test ! -f {deny} && test ! -f bad.txt"
"""
COMMAND = """\
n=1
while ! mkdir {marks}/$n 2>/dev/null; do n=$((n+1)); done
case $n in
1) printf 'one\\ntwo\\n' > made.txt ;;
2) echo one > made.txt ;;
*) echo x > bad.txt ;;
esac
"""


def test_attempts_are_compared_and_picked_and_a_refusal_leaves_the_others_alone(
    world: World, terminal: Terminal
) -> None:
    deny, marks = world.home / "deny", world.home / "marks"
    marks.mkdir()
    world.settings(GATE.format(deny=deny))
    run = ("run", "make it", "--exec", COMMAND.format(marks=marks), "--attempts", "3", "--json")
    ranks = {int(task["rank"]): str(task["session"]) for task in world.swarmctl(*run, rc=0).tasks}
    terminal.open("one", 140, 40)
    terminal.type("one")
    terminal.shows("one", "1/3 make it", "2/3 make it", "3/3 make it")

    terminal.press("one", "c")
    terminal.shows("one", f"1  {ranks[1]}  best", f"2  {ranks[2]}", f"3  {ranks[3]}", "1 line more", "refused")
    deny.touch()
    assert "bad.txt" in terminal.shows("one", "made.txt")
    terminal.press("one", "Left", "Left", "p")
    terminal.shows("one", f"Pick {ranks[1]}?", "2 other attempts")
    terminal.press("one", "Enter")
    terminal.shows("one", f"{ranks[1]} did not land: refused")
    assert {session.place for session in world.facts().sessions.values()} == {"present"}

    deny.unlink()
    terminal.lacks("one", "stands in the queue")
    terminal.press("one", "p")
    terminal.shows("one", f"Pick {ranks[1]}?")
    terminal.press("one", "Enter")
    terminal.shows("one", f"{ranks[1]} landed; the other", f"{ranks[1]} was picked and landed", "put away")
    assert world.session(ranks[1]).stage is Stage.LANDED
    assert world.text("made.txt") == "one"

    until(lambda: states(terminal).count("put away") == 2, "both others to be put away on the screen")
    terminal.press("one", "Right", "u")
    until(lambda: world.session(ranks[2]).place == "present", "the second one to be back")
    until(lambda: states(terminal).count("put away") == 1, "the second one to be back on the screen")


def states(terminal: Terminal) -> str:
    """What the screen says of the three."""
    return next((line for line in terminal.screen("one").splitlines() if line.startswith(" state")), "")
