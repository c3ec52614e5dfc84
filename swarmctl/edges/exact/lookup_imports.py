"""Which Python files import a module or a name, by their import statements; no dynamic import counts."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.lookup_defined import python_facts
from swarmctl.edges.exact.operands import codey, module_of, parts, pattern, unquoted, wanted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.pyfacts import Import
from swarmctl.edges.exact.tree import Tree, command, count, found, listed, shown

NAME = "who-imports"
HINT = re.compile(r"\b(?:import(?:s|ed|ing|ers?)?|depends?)\b", re.IGNORECASE)
_HERE = r"(?: in (?:this|the|our) (?:repo|repository|project|codebase|code))?"
_WHAT = r"(?P<what>`[^`\n]+`|'[^'\n]+'|\"[^\"\n]+\"|[\w./-]*\w)(?: (?:module|package|library))?"
_ASKED = pattern(
    r"(?:which|what) (?:python )?(?:files?|modules?|code) (?:is |are )?import(?:s|ing)?"
    rf" (?:the )?(?:module |package |class |function )?{_WHAT}{_HERE}",
    rf"(?:who|what|which) imports (?:the )?(?:module |package |class |function )?{_WHAT}{_HERE}",
    rf"(?:where|in (?:which|what) files?)(?:'s| is|s| are) (?:the )?(?:module |package )?{_WHAT}"
    rf" (?:being )?imported(?: from| in)?{_HERE}",
    rf"where do we import {_WHAT}{_HERE}",
    rf"(?:list )?(?:all )?(?:the )?(?:files|modules|python files) (?:that|which) import {_WHAT}{_HERE}",
    rf"(?:list )?(?:all )?(?:the )?(?:files|modules) importing {_WHAT}{_HERE}",
    rf"(?:all )?(?:the )?(?:importers|imports) of {_WHAT}{_HERE}",
    rf"how many (?:python )?files import {_WHAT}{_HERE}",
    rf"is {_WHAT} imported (?:anywhere|somewhere|at all|by anything){_HERE}",
    rf"(?:does|do) (?:anything|anybody|anyone|any file|we) import {_WHAT}(?: anywhere)?{_HERE}",
)
_IMPORTING = re.compile(r"\b(?:import|require|include|use|using|from)\b")


def answer(asked: Asked, tree: Tree) -> Found | None:
    matched = _ASKED.fullmatch(bare(asked.text))
    if not matched:
        return None
    raw = parts(matched)["what"]
    path = tree.file(unquoted(raw)) if raw.strip("`'\"").endswith(".py") else None
    name = module_of(path) if path else wanted(raw)
    if not name or ("/" in raw and not path):
        return None
    last = name.rpartition(".")[2]
    hits = tree.mentions(last)
    if hits is None or any(_IMPORTING.search(hit.text) and tree.is_other_code(hit.path) for hit in hits):
        return None
    known = python_facts(hits, tree, _importing(last))
    if known is None:
        return None
    rows = [
        (where, each)
        for where, made in known
        for each in made.imports
        if _is(name, where, each, whole=path is not None)
    ]
    if not rows and not (path or codey(raw)):
        return None
    proof = command("git", "grep", "-n", "-w", "-F", "-e", last, "--", "*.py")
    lines: dict[tuple[str, int, str], list[str]] = {}
    for where, each in rows:
        lines.setdefault((where, each.line, each.module), []).append(each.name)
    shows = [
        f"{shown(where)}:{line} {shown(_written(module, names))}" for (where, line, module), names in lines.items()
    ]
    files = len({where for where, *_ in lines})
    if not rows:
        return found(f"no tracked Python file has an import of {name}", proof, (where for where, _ in known))
    verb = "imports" if files == 1 else "import"
    return found(listed(f"{count(files, 'file')} {verb} {name}", shows), proof, (where for where, *_ in lines))


def _importing(last: str) -> re.Pattern[str]:
    """A line of an import, or one that may be of an import that goes over several."""
    return re.compile(
        rf"^\s*(?:from|import)\b|;\s*(?:from|import)\b|:\s*(?:from|import)\b|^[\s\w,.()\\]*\b{last}\b[\s\w,.)\\]*(?:#.*)?$"
    )


def _written(module: str, names: list[str]) -> str:
    return f"from {module} import {', '.join(names)}" if names[0] else f"import {module}"


def _is(name: str, where: str, each: Import, *, whole: bool) -> bool:
    """A module is imported by its own name, and by whatever is imported from below it."""
    module = absolute(each.module, where)
    full = f"{module}.{each.name}" if each.name else module
    if "." in name or whole:
        ends = [full, module] if each.name else [module]
        return any(_within(one, name) for one in ends) or (whole and any(name.endswith("." + one) for one in ends))
    first = not each.module.startswith(".") and module.split(".")[0] == name
    return first or name in (each.name, module.rpartition(".")[2])


def _within(module: str, name: str) -> bool:
    return f".{module}.".find(f".{name}.") >= 0 if module != name else True


def absolute(module: str, where: str) -> str:
    """A relative import by its whole name."""
    level = len(module) - len(module.lstrip("."))
    if not level:
        return module
    package = where.split("/")[:-1]
    base = package[: len(package) - level + 1]
    return ".".join([*base, *([module[level:]] if module[level:] else [])])
