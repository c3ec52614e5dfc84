"""How codex is brought into each state for tests.real.record_screens."""

from __future__ import annotations

import json

from tests.real.provider import Provider
from tests.real.record_screens import Stage
from tests.real.scenario import Call, Fail, Gate, Say
from tests.real.screens_prose import PROSE, SHOWN

EVENTS = ("SessionStart", "SessionEnd", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PermissionRequest", "Stop")
WORKING = "esc to interrupt"
PLAIN = ("--no-daemon", "--no-alt-screen", "-s", "workspace-write", "-a", "on-request")
HOOKED = (*PLAIN, "--dangerously-bypass-hook-trust")
OUTSIDE = {"cmd": "echo outside", "sandbox_permissions": "require_escalated", "justification": "May I?"}


def _with_hooks(stage: Stage) -> Stage:
    hooks = {event: [{"hooks": [{"type": "command", "command": stage.hook}]}] for event in EVENTS}
    (stage.home.home / "codex" / "hooks.json").write_text(json.dumps({"hooks": hooks}))
    return stage


def dialogs(provider: Provider) -> None:
    stage = Stage("codex", provider, trusted=False)
    with stage.start(*PLAIN) as pane:
        stage.shot("starting", pane.look())
        pane.wait("[Tt]rust")
        stage.shot("trust", pane.calm())
    stage = _with_hooks(Stage("codex", provider))
    with stage.start(*PLAIN, "Say hello") as pane:
        pane.wait("[Hh]ooks need review")
        stage.shot("hook-review", pane.calm())


def conversation(provider: Provider) -> None:
    stage = _with_hooks(Stage("codex", provider))
    thinking, saying = Gate(), Gate()
    stage.script(Say("Hello.", gate=thinking), Say("That is all.", first=PROSE, gate=saying))
    with stage.start(*HOOKED, "Say hello to me") as pane:
        thinking.wait_until_held()
        stage.shot("working", pane.wait(WORKING))
        thinking.open()
        pane.wait(lambda look: "Hello." in look.text and WORKING not in look.text)
        stage.shot("idle", pane.calm())
        pane.type("Tell me about status words")
        saying.wait_until_held()
        pane.wait(SHOWN)
        stage.shot("working-prose")
        saying.open()
        pane.wait(lambda look: "That is all." in look.text and WORKING not in look.text.split("That is all.")[-1])
        stage.shot("idle-prose", pane.calm())
        steered = Gate()
        stage.script(Say("The first answer.", gate=steered), Say("The steered answer."))
        pane.type("Count slowly")
        steered.wait_until_held()
        pane.type("Better count fast")
        stage.shot("working-steered", pane.look())
        steered.open()
        pane.wait("steered answer|first answer")
        stage.shot("idle-steered", pane.calm())
        pane.keys("C-c")
        stage.shot("exited", pane.wait(lambda look: bool(look.dead)))
    stage.keep_hooks()


def permissions(provider: Provider) -> None:
    stage = _with_hooks(Stage("codex", provider))
    thinking = Gate()
    stage.script(
        Call("exec_command", OUTSIDE, say="I need more."),
        Call("exec_command", {"cmd": "sleep 600", "yield_time_ms": 30_000}, say="Now a long command."),
    )
    with stage.start(*HOOKED, "Touch the file") as pane:
        pane.wait("Would you like to run")
        stage.shot("permission-shell", pane.calm())
        pane.keys("y")
        pane.wait("Now a long command")
        stage.shot("working-tool", pane.wait(r"Working \([1-9]"))
        pane.keys("Escape")
        stage.shot("interrupted-tool", pane.wait("interrupted"))
        stage.script(Call("exec_command", {"cmd": "sleep 600", "yield_time_ms": 250}), Say("It runs behind me."))
        pane.type("Start it behind you")
        pane.wait("It runs behind me.")
        stage.shot("idle-background", pane.calm())
        stage.script(Say("never", gate=thinking))
        pane.type("Think about it")
        thinking.wait_until_held()
        pane.wait(WORKING)
        pane.keys("Escape")
        pane.wait(lambda look: WORKING not in look.text)
        stage.shot("interrupted", pane.calm())
    stage.keep_hooks()


def refusals(provider: Provider) -> None:
    stage = _with_hooks(Stage("codex", provider))
    stage.script(Fail(529, "Overloaded", times=7), Say("Back again."))
    with stage.start(*HOOKED, "Try it") as pane:
        stage.shot("retrying-529", pane.wait("Reconnecting|[Rr]etry"))
        pane.wait(lambda look: "Back again." in look.text and WORKING not in look.text)
        stage.shot("idle-after-529", pane.calm())
        stage.script(Fail(429, "Too many requests", retry_after=5, times=None))
        pane.type("Try it again")
        stage.shot("retrying-429", pane.wait("Reconnecting|[Rr]etry|429"))
        pane.wait(lambda look: WORKING not in look.text)
        stage.shot("api-error-429", pane.calm())
    stage.keep_hooks()
    stage = _with_hooks(Stage("codex", provider))
    stage.script(Fail(400, "the request is wrong"), Fail(401, "bad key", times=None))
    with stage.start(*HOOKED, "And once more") as pane:
        pane.wait("request is wrong")
        stage.shot("api-error-400", pane.calm())
        pane.type("And with a bad key")
        stage.shot("retrying-401", pane.wait("Reconnecting|[Rr]etry|401"))
        pane.wait(lambda look: WORKING not in look.text and "401" in look.text)
        stage.shot("api-error-401", pane.calm())


PARTS = (dialogs, conversation, permissions, refusals)
