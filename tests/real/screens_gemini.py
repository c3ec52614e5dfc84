"""How gemini is brought into each state for tests.real.record_screens."""

from __future__ import annotations

from tests.real.pane import Look
from tests.real.provider import Provider
from tests.real.record_screens import Stage
from tests.real.scenario import Fail, Gate, Run, Say, Write
from tests.real.screens_prose import PROSE, SHOWN


def _ready(look: Look) -> bool:
    return "Ready" in look.title


def dialogs(provider: Provider) -> None:
    stage = Stage("gemini", provider, trusted=False)
    with stage.start() as pane:
        stage.shot("starting", pane.look())
        pane.wait("trust the files")
        stage.shot("trust", pane.calm())


def conversation(provider: Provider) -> None:
    stage = Stage("gemini", provider)
    thinking, saying = Gate(), Gate()
    stage.script(Say("Hello.", gate=thinking), Say("That is all.", first=PROSE, gate=saying))
    with stage.start("-i", "Say hello to me") as pane:
        thinking.wait_until_held()
        stage.shot("working", pane.wait("esc to cancel"))
        thinking.open()
        pane.wait(lambda look: "Hello." in look.text and _ready(look))
        stage.shot("idle", pane.calm())
        pane.type("Tell me about status words")
        saying.wait_until_held()
        pane.wait(SHOWN)
        stage.shot("working-prose")
        saying.open()
        pane.wait(lambda look: "That is all." in look.text and _ready(look))
        stage.shot("idle-prose", pane.calm())
        pane.keys("C-c")
        pane.wait("again to exit")
        pane.keys("C-c")
        stage.shot("exited", pane.wait(lambda look: bool(look.dead)))


def permissions(provider: Provider) -> None:
    stage = Stage("gemini", provider)
    last = Gate()
    stage.script(
        Write(str(stage.repo / "a.txt"), "one\ntwo\n", say="I write the file."),
        Run("sleep 600", say="Now a command."),
        Say("Thank you.", gate=last),
    )
    with stage.start("-i", "Write the file, then run the command") as pane:
        pane.wait("Apply this change")
        stage.shot("permission-write", pane.calm())
        pane.keys("Enter")
        pane.wait("Allow execution")
        stage.shot("permission-shell", pane.calm())
        pane.keys("Enter")
        pane.wait(lambda look: "Allow execution" not in look.text)
        stage.shot("working-tool", pane.wait("esc to cancel"))
        pane.keys("Escape")
        pane.wait(_ready)
        stage.shot("interrupted-tool", pane.calm())


def refusals(provider: Provider) -> None:
    stage = Stage("gemini", provider)
    stage.script(Fail(400, "the request is wrong", times=3))
    with stage.start("-i", "Try it") as pane:
        pane.wait("API Error")
        stage.shot("api-error-400", pane.calm())


PARTS = (dialogs, conversation, permissions, refusals)
