"""How claude is brought into each state for tests.real.record_screens."""

from __future__ import annotations

import json

from tests.real.pane import Look
from tests.real.provider import Provider
from tests.real.record_screens import Stage
from tests.real.scenario import Ask, Call, Fail, Gate, Run, Say, Write
from tests.real.screens_prose import PROSE, SHOWN

EVENTS = (
    *("SessionStart", "SessionEnd", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure"),
    *("PostToolBatch", "PermissionRequest", "PermissionDenied", "Notification", "Stop", "StopFailure"),
    *("SubagentStart", "SubagentStop", "PreCompact"),
)
WORKING = "esc to interrupt"


def _idle(look: Look) -> bool:
    return look.title.startswith("✳")


def _settings(stage: Stage) -> list[str]:
    hooks = {event: [{"hooks": [{"type": "command", "command": stage.hook}]}] for event in EVENTS}
    return ["--settings", json.dumps({"hooks": hooks})]


def dialogs(provider: Provider) -> None:
    stage = Stage("claude", provider, trusted=False)
    with stage.start() as pane:
        stage.shot("starting", pane.look())
        pane.wait("trust this folder")
        stage.shot("trust", pane.calm())
    stage = Stage("claude", provider)
    (stage.home.home / ".claude.json").write_text("{}")
    with stage.start() as pane:
        pane.wait(lambda look: len(look.text.strip()) > 50 or bool(look.dead))
        stage.shot("onboarding", pane.calm())


def conversation(provider: Provider) -> None:
    stage = Stage("claude", provider)
    thinking, saying = Gate(), Gate()
    stage.script(Say("Hello.", gate=thinking), Say("That is all.", first=PROSE, gate=saying), Say("The third answer."))
    with stage.start(*_settings(stage), "Say hello to me") as pane:
        thinking.wait_until_held()
        pane.wait(WORKING)
        stage.shot("working", pane.wait(r"… \(\d+s"))
        thinking.open()
        pane.wait(lambda look: "Hello." in look.text and WORKING not in look.text)
        stage.shot("idle", pane.calm())
        pane.type("Tell me about status words")
        saying.wait_until_held()
        pane.wait(SHOWN)
        stage.shot("working-prose")
        pane.type("One more thing, later")
        stage.shot("working-queued", pane.wait("edit queued messages"))
        saying.open()
        pane.wait(lambda look: "The third answer." in look.text and _idle(look))
        stage.shot("idle-queue-done", pane.calm())
        stage.script(Say(PROSE + "Here it ends."))
        pane.type("Once more the status words")
        pane.wait(lambda look: "Here it ends." in look.text and _idle(look))
        stage.shot("idle-prose", pane.calm())
        pane.type("/exit")
        stage.shot("exited", pane.wait(lambda look: bool(look.dead)))
    stage.keep_hooks()


def permissions(provider: Provider) -> None:
    stage = Stage("claude", provider)
    last = Gate()
    stage.script(
        Write(str(stage.repo / "a.txt"), "one\ntwo\n", say="I write the file."),
        Run("sleep 600; touch b", say="Now a command."),
        Ask("Which colour is it?", ("red", "blue")),
        Say("Thank you.", gate=last),
    )
    with stage.start(*_settings(stage), "Write the file, then run the command") as pane:
        pane.wait("Do you want to create")
        stage.shot("permission-write", pane.calm())
        pane.wait(lambda look: stage.heard("Notification"))
        pane.keys("Enter")
        pane.wait("Do you want to proceed")
        stage.shot("permission-shell", pane.calm())
        pane.keys("Enter")
        stage.shot("working-tool", pane.wait(lambda look: "Running" in look.text and WORKING in look.text))
        pane.keys("Escape")
        stage.shot("interrupted-tool", pane.wait("Interrupted"))
        pane.type("Ask me something")
        pane.wait("Enter to select")
        stage.shot("question", pane.calm())
        pane.keys("Enter")
        last.wait_until_held()
        pane.wait(WORKING)
        pane.keys("Escape")
        pane.wait(lambda look: WORKING not in look.text)
        stage.shot("interrupted", pane.calm())
    stage.keep_hooks()


def refusals(provider: Provider) -> None:
    stage = Stage("claude", provider)
    stage.script(
        Fail(529, "Overloaded", times=2), Say("Back again."), Fail(429, "Too many", retry_after=5), Say("Fine.")
    )
    with stage.start(*_settings(stage), "Try it") as pane:
        stage.shot("retrying-529", pane.wait("Retrying in"))
        pane.wait(lambda look: WORKING not in look.text)
        stage.shot("idle-after-529", pane.calm())
        pane.type("Try it again")
        stage.shot("retrying-429", pane.wait("Retrying in|retry"))
        pane.wait(lambda look: "Fine." in look.text and WORKING not in look.text)
        stage.script(Fail(400, "the request is wrong"))
        pane.type("And once more")
        pane.wait("API Error: 400")
        stage.shot("api-error-400", pane.calm())
        stage.script(Fail(401, "bad key", times=None))
        pane.type("And with a bad key")
        pane.wait("401")
        pane.wait(lambda look: WORKING not in look.text)
        stage.shot("api-error-401", pane.calm())
        pane.keys("C-c")
        stage.shot("idle-ctrl-c", pane.wait("Press Ctrl-C again"))
    stage.keep_hooks()


def subagents(provider: Provider) -> None:
    stage = Stage("claude", provider)
    task = {"description": "Look around", "prompt": "Look around here", "subagent_type": "general-purpose"}
    looking = Gate()
    stage.script(
        Call("Agent", task, say="I send somebody."),
        Say("I looked around.", gate=looking),
        Run("echo all is done"),
        Say("All is done."),
    )
    with stage.start(*_settings(stage), "Send somebody to look around") as pane:
        looking.wait_until_held()
        stage.shot("working-subagent", pane.wait("Look around"))
        looking.open()
        pane.wait(lambda look: "All is done." in look.text and _idle(look))
        stage.shot("idle-subagent", pane.calm())
    stage.keep_hooks()


PARTS = (dialogs, conversation, permissions, refusals, subagents)
