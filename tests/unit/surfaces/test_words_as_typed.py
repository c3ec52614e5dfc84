"""What reaches a command is the same with typer's own conversion and without it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer

from swarmctl.surfaces.cli.words_as_typed import take_words_as_typed

Seen = dict[str, Any]


def sample(seen: Seen) -> Any:
    app = typer.Typer(rich_markup_mode=None)

    @app.command()
    def go(
        name: str,
        others: Annotated[list[str] | None, typer.Argument()] = None,
        by: Annotated[Literal["agent", "day"], typer.Option()] = "agent",
        times: Annotated[int, typer.Option(min=1)] = 3,
        seconds: Annotated[float | None, typer.Option()] = None,
        tag: Annotated[list[str] | None, typer.Option()] = None,
        file: Annotated[Path | None, typer.Option()] = None,
        loud: bool = False,
    ) -> None:
        seen.update(locals())

    @app.command()
    def rest() -> None:
        seen["rest"] = True

    return typer.main.get_command(app)


def told(command: Any, seen: Seen, argv: list[str]) -> tuple[object, str]:
    try:
        command.main(argv, prog_name="sample", standalone_mode=False)
    except typer.TyperException as error:
        return type(error), error.format_message()
    return {name: (type(value), value) for name, value in seen.items() if name != "seen"}, ""


def test_whatever_else_a_converter_can_do_it_can_do_as_well() -> None:
    plain, quick = sample({}), sample({})
    take_words_as_typed(quick)
    (theirs, *_), (ours, *_) = plain.commands["go"].params, quick.commands["go"].params
    quicker = ours.get_runtime_param()
    assert type(quicker) is not type(theirs.get_runtime_param())
    assert quicker.annotation is theirs.get_runtime_param().annotation is str
    assert ours.get_runtime_param() is not quicker, "from then on it converts by itself"
    with pytest.raises(AttributeError):
        _ = quicker.nobody_has_this


@pytest.mark.parametrize(
    "words",
    [
        "rest",
        "go a",
        "go a b c",
        "go ä猫 --by day --loud",
        "go a --by Day",
        "go a --by week",
        "go",
        "go a --times 5",
        "go a --times 0",
        "go a --times five",
        "go a --seconds 1.5 --file x/y",
        "go a --tag x --tag y",
        "go \udcff b",
        "go a b\udcff",
        "go a --nothing",
    ],
)
def test_a_command_gets_what_typer_would_give_it(words: str) -> None:
    theirs: Seen = {}
    ours: Seen = {}
    plain, quick = sample(theirs), sample(ours)
    take_words_as_typed(quick)
    assert told(quick, ours, words.split(" ")) == told(plain, theirs, words.split(" "))
