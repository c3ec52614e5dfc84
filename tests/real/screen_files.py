"""The recorded screens under tests/fixtures/screens, as values: what was written is what is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SCREENS = Path(__file__).resolve().parents[1] / "fixtures" / "screens"
HEADERS = ("agent", "state", "title", "size", "cursor", "command")
END = "---"


@dataclass(frozen=True)
class Screen:
    """One look at a real agent. `state` is the file's name: the state, then notes after dashes."""

    agent: str
    state: str
    title: str
    size: str
    cursor: str
    command: str
    text: str

    @property
    def name(self) -> str:
        """The agent without its version."""
        return self.agent.split()[0]

    def write(self) -> Path:
        path = SCREENS / self.name / f"{self.state}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = [f"{name}: {getattr(self, name)}".rstrip() for name in HEADERS]
        path.write_text("\n".join([*head, END, self.text]))
        return path


def read(path: Path) -> Screen:
    head, _, text = path.read_text().partition(f"\n{END}\n")
    given = dict(line.split(":", 1) for line in head.split("\n"))
    return Screen(**{name: given[name].removeprefix(" ") for name in HEADERS}, text=text)


def all_screens(agent: str | None = None) -> list[Screen]:
    return [read(path) for path in sorted(SCREENS.glob(f"{agent or '*'}/*.txt"))]
