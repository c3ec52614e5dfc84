"""Words that need no conversion reach a command without pydantic, whose loading takes longer than most commands do.

Everything else, and every refusal, is typer's own.
"""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import typer

OWN = "_runtime_param"
"""Where typer keeps what converts a parameter's values, once that is made; a typer without it converts all of them."""


class AsTyped:
    """Takes the place of what converts one parameter's values until one comes that has to be converted."""

    def __init__(self, parameter: Any) -> None:
        self._parameter = parameter

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        kind = self._parameter.type_descriptor.annotation
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if several and get_origin(kind) is list and all(fits(each, get_args(kind)[0]) for each in value):
            return list(value)
        if not several and fits(value, kind):
            return value
        return self._own().coerce(value, param=param, ctx=ctx)

    def __getattr__(self, name: str) -> Any:
        """A typer that asks for something else is answered by its own."""
        return getattr(self._own(), name)

    def _own(self) -> Any:
        setattr(self._parameter, OWN, None)
        return self._parameter.get_runtime_param()


def fits(value: Any, kind: Any) -> bool:
    """Text that is text, one of the words that may stand there, or a number by default: what is typed is text."""
    if type(value) is str and kind is str:
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    if get_origin(kind) is Literal:
        return type(value) is str and value in get_args(kind)
    return type(value) is int and kind is int


def take_words_as_typed(command: Any, parent: typer.Context | None = None) -> None:
    """In every parameter of a command, or of a group's commands."""
    context = typer.Context(command, parent=parent, **command.context_settings)
    for parameter in command.get_params(context):
        if OWN in vars(parameter) and hasattr(parameter, "type_descriptor"):
            setattr(parameter, OWN, AsTyped(parameter))
    for each in getattr(command, "commands", {}).values():
        take_words_as_typed(each, context)
