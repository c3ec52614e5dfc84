"""Who does a new task: several agents, a command, what an issue asks; said before it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from swarmctl.app.drafts import draft, keep_draft
from swarmctl.surfaces.tui import new_task, submit
from swarmctl.surfaces.tui.new_task import NewTask, in_fields
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.new_tasks import Busy, Taking, dialog, opened, write
from tests.surfaces.tui.stage import Scene, Stage, play

pytestmark = pytest.mark.usefixtures("agents")


def test_several_agents_are_marked_and_what_they_start_is_said_before(stage: Stage, repo: Path) -> None:
    (repo / "swarm.toml").write_text("[agent]\nmax_running = 3\n")

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await scene.shows("1 session: claude · Claude Code")
        await scene.press("tab", "enter")
        await scene.shows("Who does it?", "⏎ this one   space mark several")
        await scene.press("down", "space", "down", "space")
        await scene.shows("[✓] claude", "[✓] aider", "⏎ take claude, aider")
        await scene.press("enter")
        await scene.shows("claude, aider", "2 sessions: claude, aider", "you pick the one to land")
        assert found.fields()["agent"] == "claude,aider"
        assert found.pick("attempts").values == ["1", "2", "3", "4"] and found.pick("lands").disabled
        found.pick("attempts").value = "2"
        await scene.shows("2 attempts each", "4 sessions: 2 claude, 2 aider", "3 at a time")
        found.agents.wish("claude")
        found.pick("attempts").value = "1"
        await scene.shows("1 session: claude", "stops at ready")
        assert not found.pick("lands").disabled and len(found.pick("attempts").values) == 8

    play(stage, act, (160, 40))


def test_only_what_all_of_them_take_can_be_chosen(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.agents.wish("claude,mini")
        await scene.shows("not with mini")
        assert found.pick("permission").values == ["all"]
        found.agents.wish("claude")
        await scene.lacks("not with mini")

    play(stage, act)


def test_an_agent_that_cannot_be_used_or_is_none_says_so_before_anything_is_sent(stage: Stage) -> None:
    keep_draft(stage.place, "new", {"prompt": "sort", "agent": "nosuch"})

    async def act(scene: Scene) -> None:
        await scene.press("n")
        await scene.shows("✗ nosuch  no agent of that name is known here")
        assert dialog(scene).fields()["agent"] == "nosuch", "nobody else does it instead"
        await scene.press("tab", "enter")
        await scene.shows("[✓] ✗ nosuch")
        await scene.press("escape")
        dialog(scene).agents.wish("claude,codex")
        await scene.shows("✗ codex  codex is not installed")
        await scene.press("ctrl+s")
        await scene.shows("codex is not installed", "install it: ", "or take another: the field agent")
        assert "--agent" not in scene.text
        assert draft(stage.place, "new")["prompt"] == "sort"

    play(stage, act)


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        (
            "--exec 'CMD' runs a command, --agent NAME an agent",
            "the field command runs a command, the field agent an agent",
        ),
        ("choose one: --agent claude|codex", "choose one: the field agent claude|codex"),
        ("--permission all or edit", "may: everything unasked or edit files unasked"),
        ("--mode headless", "runs: headless"),
        ("leave out --model", "leave out the field model"),
        ("swarmctl init --agents", "swarmctl init --agents"),
    ],
)
def test_a_refusal_speaks_of_the_fields_of_the_dialog(hint: str, said: str) -> None:
    assert in_fields(hint) == said


def test_each_of_them_does_the_same_so_many_times_as_on_the_command_line(stage: Stage) -> None:
    stage.place = Busy(stage.place.repository, stage.place.paths)
    Taking.asked.clear()

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await write(scene, "sort")
        found.agents.wish("claude,aider")
        found.pick("attempts").value = "2"
        await scene.press("ctrl+s")
        await scene.shows("sort: 4 sessions: 2 claude, 2 aider; c compares them")

    play(stage, act)
    (asked,) = Taking.asked
    assert [task["agent"] for task in asked["tasks"]] == ["claude", "claude", "aider", "aider"]
    assert {(task["prompt"], task["contest"]) for task in asked["tasks"]} == {("sort", "task-1")}
    assert draft(stage.place, "last")["agent"] == "claude,aider" and draft(stage.place, "new") == {}
    assert "attempts" not in draft(stage.place, "last"), "the next task is not paid for twice unasked"


def test_a_command_is_run_by_the_shell_and_not_remembered(stage: Stage) -> None:
    stage.place = Busy(stage.place.repository, stage.place.paths)
    Taking.asked.clear()

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.query_one("#command", Input).value = "make $NAMES"
        await scene.shows("1 session: shell")
        assert found.agents.disabled
        found.pick("attempts").value = "2"
        await scene.shows("2 sessions: 2 shell")
        await scene.press("ctrl+s")
        await scene.shows("sort: 2 sessions: 2 shell")
        await scene.press("n")
        await opened_again(scene)
        assert dialog(scene).fields()["command"] == ""

    play(stage, act)
    (asked,) = Taking.asked
    assert [(task["agent"], task["command"]) for task in asked["tasks"]] == [("shell", "make $NAMES")] * 2


async def opened_again(scene: Scene) -> None:
    await scene.until(lambda: isinstance(scene.app.screen, NewTask), "the dialog")
    await scene.shows("best installed")


def test_an_issue_is_read_into_the_editor_or_it_is_said_why_not(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.editor.begin_with("first")
        number = found.query_one("#issue", Input)
        number.focus()
        await scene.press("7", "enter")
        await scene.shows("issue 7 cannot be read: this repository has no remote")
        monkeypatch.setattr(new_task, "issue_as_task", lambda _place, number: f"Issue {number}\n\nIt crashes.")
        number.focus()
        await scene.press("enter")
        await scene.until(lambda: found.editor.text == "first\n\nIssue 7\n\nIt crashes.", "the issue")
        assert number.value == "" and found.editor.has_focus
        number.focus()
        await scene.press("4")
        number.post_message(Paste("9" * 60 + "x"))
        await scene.press("2", "x", "enter")
        await scene.shows("Issue 42")

    play(stage, act)


def test_an_issue_that_cannot_be_read_while_the_task_is_sent_lets_nobody_send_it_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.place = Busy(stage.place.repository, stage.place.paths)
    Taking.asked.clear()
    read = Held(monkeypatch, new_task, "issue_as_task")
    run = Held(monkeypatch, submit, "run")
    read.fails = lambda *_: True

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await write(scene, "sort")
        read.hold()
        run.hold()
        found.query_one("#issue", Input).focus()
        await scene.press("7", "enter")
        await scene.until(lambda: read.done == 1, "the issue to be read")
        await scene.press("ctrl+s")
        await scene.shows("asking the supervisor …")
        read.let_go()
        await scene.shows("that cannot be read", "asking the supervisor …")
        await scene.press("ctrl+s")
        run.let_go()
        await scene.shows("sort: by claude")

    play(stage, act)
    assert len(run.calls) == 1
