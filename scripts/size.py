"""Size has a number: prints every file and function of the package that is larger than it may be, and ends with 1.

Commands of the surfaces may have more parameters, because typer makes an option of each.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60
P90_LINES = 30
PARAMETERS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def violations(root: Path) -> Iterator[str]:
    lengths: list[int] = []
    for path in sorted((root / "swarmctl").rglob("*.py")):
        name = path.relative_to(root)
        yield from _too_long(path, name)
        for function in _functions(path):
            where = f"{name}:{function.lineno} {function.name}"
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            lengths.append(length)
            if length > FUNCTION_LINES:
                yield f"{where} has {length} lines, {FUNCTION_LINES} are the most"
            if _parameters(function) > PARAMETERS and "surfaces" not in name.parts:
                yield f"{where} has {_parameters(function)} parameters, {PARAMETERS} are the most"
    for path in sorted((root / "tests").rglob("*.py")):
        yield from _too_long(path, path.relative_to(root))
    if _p90(lengths) > P90_LINES:
        yield f"one function in ten is longer than {_p90(lengths)} lines, {P90_LINES} are the most"


def _too_long(path: Path, name: Path) -> Iterator[str]:
    lines = len(path.read_text().splitlines())
    if lines > FILE_LINES:
        yield f"{name} has {lines} lines, {FILE_LINES} are the most"


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def _parameters(function: Function) -> int:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in named)


def _p90(lengths: list[int]) -> int:
    return sorted(lengths)[len(lengths) * 9 // 10] if lengths else 0


def main() -> int:
    found = list(violations(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print("\n".join(found) or "sizes are within their limits")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
