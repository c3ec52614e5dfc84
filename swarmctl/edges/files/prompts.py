"""Prompts as files: one Markdown file each, with its fields and its size cap in the front matter.

A prompt never exceeds its cap: the field named in `cut` gives way, and keeps its end. What a value holds is never read
as a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.values import dataclass

FIELD = re.compile(r"\{\{([a-z_]+)\}\}")
CUT = "[…]\n"
KEYS = {"cap", "fields", "cut"}


@dataclass(frozen=True, slots=True)
class Prompt:
    text: str
    cap: int
    """Bytes."""
    fields: tuple[str, ...]
    cut: str

    def render(self, values: Mapping[str, str]) -> str:
        if set(values) != set(self.fields):
            raise ValueError(f"needs exactly {', '.join(self.fields)}, not {', '.join(sorted(values))}")
        whole = self._fill(values)
        over = len(whole.encode()) - self.cap
        if over <= 0:
            return whole
        return self._fill({**values, self.cut: _tail(values[self.cut], over)})

    def _fill(self, values: Mapping[str, str]) -> str:
        return FIELD.sub(lambda found: values[found[1]], self.text).strip() + "\n"


def _tail(text: str, over: int) -> str:
    """Without so many bytes of its beginning, marked, and cut between characters."""
    kept = text.encode()[over + len(CUT.encode()) :]
    return CUT + kept.decode(errors="ignore") if kept else CUT.strip()


def read_prompt(path: Path) -> Prompt:
    raw = path.read_text(encoding="utf-8")
    found = re.fullmatch(r"---\n(.*?)\n---\n(.*)", raw, re.DOTALL)
    head = yaml.safe_load(found[1]) if found else None
    if not found or not isinstance(head, dict) or set(head) != KEYS:
        raise _fault(path, f"must begin with a front matter of {', '.join(sorted(KEYS))}")
    prompt = Prompt(found[2], int(head["cap"]), tuple(head["fields"]), str(head["cut"]))
    used = set(FIELD.findall(prompt.text))
    if used != set(prompt.fields) or prompt.cut not in used:
        raise _fault(path, f"uses {', '.join(sorted(used))} and names {', '.join(prompt.fields)}")
    return prompt


def _fault(path: Path, words: str) -> EnvironmentFault:
    return EnvironmentFault(f"{path} {words}", hint="install swarmctl again")
