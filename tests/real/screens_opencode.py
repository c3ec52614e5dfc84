"""How opencode is brought into each state for tests.real.record_screens."""

from __future__ import annotations

from dataclasses import replace

from tests.real.provider import Provider
from tests.real.record_screens import Stage
from tests.real.scenario import Ask, Fail, Gate, Run, Say, Write
from tests.real.screens_prose import PROSE, SHOWN

WORKING = "esc (again to )?interrupt"
ASKING = '{"edit":"ask","bash":"ask"}'


def _stage(provider: Provider) -> Stage:
    stage = Stage("opencode", provider)
    stage.home = replace(stage.home, env={**stage.home.env, "OPENCODE_PERMISSION": ASKING})
    return stage


def conversation(provider: Provider) -> None:
    stage = _stage(provider)
    thinking, saying = Gate(), Gate()
    stage.script(Say("Hello.", gate=thinking), Say("That is all.", first=PROSE, gate=saying), Say("The third."))
    with stage.start("--prompt", "Say hello to me") as pane:
        stage.shot("starting", pane.look())
        thinking.wait_until_held()
        stage.shot("working", pane.wait(WORKING))
        thinking.open()
        pane.wait(lambda look: "Hello." in look.text and "interrupt" not in look.text)
        stage.shot("idle", pane.calm())
        pane.type("Tell me about status words")
        saying.wait_until_held()
        pane.wait(SHOWN)
        stage.shot("working-prose")
        pane.type("One more thing, later")
        stage.shot("working-queued", pane.wait("QUEUED"))
        saying.open()
        pane.wait("The third.")
        stage.shot("idle-queue-done", pane.calm())
        stage.script(Say(PROSE + "Here it ends."))
        pane.type("Once more the status words")
        pane.wait(lambda look: "Here it ends." in look.text and "Build" in look.text.split("Here it ends.")[-1])
        stage.shot("idle-prose", pane.calm())
        pane.keys("C-c")
        stage.shot("exited", pane.wait(lambda look: bool(look.dead)))


def permissions(provider: Provider) -> None:
    stage = _stage(provider)
    last = Gate()
    stage.script(
        Write(str(stage.repo / "a.txt"), "one\ntwo\n", say="I write the file."),
        Run("sleep 600", say="Now a command."),
        Ask("Which colour is it?", ("red", "blue")),
        Say("Thank you.", gate=last),
    )
    with stage.start("--prompt", "Write the file, then run the command") as pane:
        pane.wait("Permission required")
        stage.shot("permission-write", pane.calm())
        pane.keys("Enter")
        pane.wait(lambda look: "Permission required" in look.text and "sleep 600" in look.text)
        stage.shot("permission-shell", pane.calm())
        pane.keys("Enter")
        pane.wait(lambda look: "Permission required" not in look.text)
        stage.shot("working-tool", pane.wait(WORKING))
        pane.keys("Escape")
        stage.shot("working-escape-once", pane.wait("again to interrupt"))
        pane.keys("Escape")
        pane.wait(lambda look: "to interrupt" not in look.text and "esc interrupt" not in look.text)
        stage.shot("interrupted-tool", pane.calm())
        pane.type("Ask me something")
        pane.wait("Which colour")
        stage.shot("question", pane.calm())
        pane.keys("Enter")
        last.wait_until_held()
        pane.wait(WORKING)
        pane.keys("Escape")
        pane.wait("again to interrupt")
        pane.keys("Escape")
        pane.wait(lambda look: "to interrupt" not in look.text and "esc interrupt" not in look.text)
        stage.shot("interrupted", pane.calm())


def refusals(provider: Provider) -> None:
    stage = _stage(provider)
    stage.script(
        Fail(529, "Overloaded", times=2), Say("Back again."), Fail(429, "Too many", retry_after=8), Say("Fine.")
    )
    with stage.start("--prompt", "Try it") as pane:
        stage.shot("retrying-529", pane.wait("retrying|Overloaded"))
        pane.wait("Back again.")
        stage.shot("idle-after-529", pane.calm())
        pane.type("Try it again")
        stage.shot("retrying-429", pane.wait("retrying|Too many"))
        pane.wait("Fine.")
        stage.script(Fail(400, "the request is wrong"))
        pane.type("And once more")
        pane.wait("request is wrong")
        stage.shot("api-error-400", pane.calm())
        stage.script(Fail(401, "bad key", times=None))
        pane.type("And with a bad key")
        pane.wait("bad key[^\\n]*\\n(.*\\n)*.*bad key")
        stage.shot("api-error-401", pane.calm())


PARTS = (conversation, permissions, refusals)
