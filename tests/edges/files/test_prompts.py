"""Prompts: strict fields, a cap that holds, and values that are only values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import swarmctl
from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.files.prompts import Prompt, read_prompt

PACKAGED = sorted((Path(swarmctl.__file__).parent.parent / "prompts").glob("*.md"))
PROMPT = Prompt("Say {{name}}:\n{{text}}\n", cap=100, fields=("name", "text"), cut="text")


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_every_packaged_prompt_reads_and_keeps_its_cap(path: Path) -> None:
    prompt = read_prompt(path)

    short = prompt.render(dict.fromkeys(prompt.fields, "x"))
    long = prompt.render({**dict.fromkeys(prompt.fields, "x"), prompt.cut: "wörd " * prompt.cap + "the end"})

    assert "{{" not in short
    assert len(long.encode()) <= prompt.cap
    assert "the end" in long


def test_there_are_prompts() -> None:
    assert {path.stem for path in PACKAGED} == {"resume", "repair", "sync", "handoff"}


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert PROMPT.render({"name": "{{text}}", "text": "\\1 {{name}}"}) == "Say {{text}}:\n\\1 {{name}}\n"


@pytest.mark.parametrize("values", [{}, {"name": "a"}, {"name": "a", "text": "b", "more": "c"}])
def test_a_missing_or_foreign_field_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs exactly"):
        PROMPT.render(values)


@given(st.text(max_size=20), st.text(max_size=400))
def test_the_cap_holds_and_the_end_stays(name: str, text: str) -> None:
    prompt = Prompt("Say {{name}}:\n{{text}}|\n", cap=200, fields=("name", "text"), cut="text")

    rendered = prompt.render({"name": name, "text": text})

    assert len(rendered.encode()) <= 200
    assert rendered.endswith("|\n")
    whole = prompt.text.replace("{{name}}", name).replace("{{text}}", text)
    assert (rendered == whole.strip() + "\n") == (len((whole.strip() + "\n").encode()) <= 200) or "{{" in name + text


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\ncap: 1\n---\nx",
        "---\ncap: 1\nfields: [a]\ncut: a\nmore: 1\n---\n{{a}}",
        "---\ncap: 1\nfields: [a]\ncut: a\n---\n{{b}}",
        "---\ncap: 1\nfields: [a]\ncut: b\n---\n{{a}}",
    ],
)
def test_a_prompt_that_does_not_say_what_it_uses_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text(text)
    with pytest.raises(EnvironmentFault):
        read_prompt(tmp_path / "bad.md")
