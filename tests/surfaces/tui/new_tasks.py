"""The dialog of a new task as tests open it and write into it."""

from __future__ import annotations

from typing import Any, ClassVar

from swarmctl.app.here import Here
from swarmctl.surfaces.tui.new_task import NewTask
from tests.surfaces.tui.stage import Scene

AGENTS = {"claude": "2.1.300", "aider": "aider 0.86.1", "mini": "mini 2.1.0"}
"""Those that are installed, and what they say their version is."""


def dialog(scene: Scene) -> NewTask:
    found = scene.app.screen
    assert isinstance(found, NewTask)
    return found


async def opened(scene: Scene) -> NewTask:
    await scene.press("n")
    await scene.shows("New task", "best installed")
    return dialog(scene)


async def write(scene: Scene, words: str) -> None:
    await scene.press(*("space" if char == " " else "at" if char == "@" else char for char in words))


class Busy(Here):
    """Its supervisor takes every run."""

    def client(self, tell: object = None) -> Any:
        return Taking()


class Taking:
    asked: ClassVar[list[dict[str, Any]]] = []

    def ask(self, kind: str, args: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(args)
        return {"tasks": [{"id": "t1", "title": "sort"}], "target": "main"}

    def hang_up(self) -> None:
        pass
