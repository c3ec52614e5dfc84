"""What one Python file defines, calls, imports and binds, by its syntax tree; remembered by the id of its content."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

KEPT = 512
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Definition:
    qualified: str
    line: int
    end: int
    kind: str


@dataclass(frozen=True)
class Call:
    spelled: str
    """As far as names and dots go: `self.host.close`; the last part is what is called."""
    line: int
    within: str


@dataclass(frozen=True)
class Import:
    module: str
    """With a dot in front for each level, as it is written."""
    name: str
    line: int
    alias: str = ""


@dataclass
class Facts:
    definitions: list[Definition] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    """Names that get a value otherwise: parameters, local variables, keys of a loop."""


_known: OrderedDict[str, Facts | None] = OrderedDict()


def facts(content: bytes) -> Facts | None:
    """None when it is not Python that this Python understands."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    if blob in _known:
        _known.move_to_end(blob)
        return _known[blob]
    _known[blob] = made = _parsed(content)
    if len(_known) > KEPT:
        _known.popitem(last=False)
    return made


def _parsed(content: bytes) -> Facts | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
        reader = _Reader()
        reader.inside(tree, (), True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return reader.facts


class _Reader:
    def __init__(self) -> None:
        self.facts = Facts()

    def inside(self, node: ast.AST, where: tuple[str, ...], named: bool) -> None:
        """`named`: what is bound here is a name of the module or of a class."""
        for child in ast.iter_child_nodes(node):
            self._one(child, where, named)

    def _one(self, node: ast.AST, where: tuple[str, ...], named: bool) -> None:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            self._define(node, where)
            return
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            named = False
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self._assign(node, where, named)
            for part in (node.value, getattr(node, "annotation", None)):
                if part is not None:
                    self._one(part, where, named)
            return
        else:
            self._note(node, where)
        self.inside(node, where, named)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, where: tuple[str, ...]) -> None:
        kind = "class" if isinstance(node, ast.ClassDef) else "def"
        inner = (*where, node.name)
        self.facts.definitions.append(Definition(".".join(inner), node.lineno, node.end_lineno or node.lineno, kind))
        around: list[ast.AST] = [*node.decorator_list]
        if isinstance(node, ast.ClassDef):
            around += [*node.bases, *(keyword.value for keyword in node.keywords)]
        else:
            around += [node.args, *([node.returns] if node.returns else [])]
        for part in around:
            self._one(part, where, False)
        for statement in node.body:
            self._one(statement, inner, isinstance(node, ast.ClassDef))

    def _assign(self, node: ast.Assign | ast.AnnAssign, where: tuple[str, ...], named: bool) -> None:
        targets: list[ast.expr] = [*node.targets] if isinstance(node, ast.Assign) else [node.target]
        for name, target in _targets(targets):
            if isinstance(target, ast.Name) and named:
                self._value((*where, name), node)
            elif isinstance(target, ast.Attribute) and _spelled(target.value) == "self" and len(where) > 1:
                self._value((*where[:-1], name), node)
            else:
                self.facts.bound.add(name)
        for top in targets:
            if not isinstance(top, ast.Name):
                self.inside(top, where, False)

    def _value(self, where: tuple[str, ...], node: ast.Assign | ast.AnnAssign) -> None:
        line, end = node.lineno, node.end_lineno or node.lineno
        self.facts.definitions.append(Definition(".".join(where), line, end, "name"))

    def _note(self, node: ast.AST, where: tuple[str, ...]) -> None:
        facts = self.facts
        if isinstance(node, ast.Call):
            if spelled := _spelled(node.func):
                line = node.func.end_lineno or node.lineno
                facts.calls.append(Call(spelled, line, ".".join(where)))
        elif isinstance(node, ast.Import):
            facts.imports += [Import(name.name, "", node.lineno, name.asname or "") for name in node.names]
            facts.bound.update(name.asname for name in node.names if name.asname)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            facts.imports += [Import(module, name.name, node.lineno, name.asname or "") for name in node.names]
            facts.bound.update(name.asname for name in node.names if name.asname)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            facts.bound.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.arg):
            facts.bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            facts.bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            facts.bound.add(node.rest)


def _targets(targets: list[ast.expr]) -> Iterator[tuple[str, ast.expr]]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id, target
        elif isinstance(target, ast.Attribute):
            yield target.attr, target
        elif isinstance(target, ast.Starred):
            yield from _targets([target.value])
        elif isinstance(target, ast.Tuple | ast.List):
            yield from _targets(target.elts)


def _spelled(node: ast.expr) -> str:
    """`a.b.c`; what is before the last dot may be anything, and is then left out: `.c`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_spelled(node.value)}.{node.attr}"
    return ""
