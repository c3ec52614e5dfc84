"""Where a symbol of this repository is defined, by Python's own syntax tree; it never guesses at other languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import CODE_FILES, codey, module_of, parts, pattern, unquoted, wanted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.pyfacts import Definition, Facts, facts
from swarmctl.edges.exact.tree import Hit, Tree, command, count, found, listed, shown

NAME = "where-defined"
HINT = re.compile(r"\b(?:where|wheres|file|defin\w+|declared|declaration|location|implemented)\b", re.IGNORECASE)
_HERE = r"(?: in (?:this|the|our) (?:repo|repository|project|codebase|code))?"
_DEFINED = r"(?:defined|declared|implemented)"
_CERTAIN = pattern(
    rf"where(?:'s| is| are|s)? SYMBOL (?:is )?{_DEFINED}{_HERE}",
    rf"where (?:exactly |in (?:the|our|this) (?:code|codebase|repo|repository|project) )(?:is|are) SYMBOL {_DEFINED}",
    rf"where (?:do|did) we (?:define|declare|implement) SYMBOL{_HERE}",
    rf"(?:in )?(?:which|what) (?:file|module|place)(?:'s| is| are) SYMBOL {_DEFINED}(?: in)?{_HERE}",
    rf"(?:which|what) (?:file|module) (?:defines|declares|implements) SYMBOL{_HERE}",
    rf"(?:where(?:'s| is|s) )?(?:the )?(?:definition|declaration|implementation) of SYMBOL{_HERE}",
    rf"where (?:can|do) (?:i|we) find the (?:definition|declaration|implementation) of SYMBOL{_HERE}",
    rf"(?:where(?:'s| is|s) )?(?:the )?(?:definition|declaration) for SYMBOL{_HERE}",
    rf"(?:which|what) file (?:contains|has|holds) the (?:definition|declaration|implementation) of SYMBOL{_HERE}",
    rf"where does SYMBOL get {_DEFINED}{_HERE}",
    rf"(?:file and )?line (?:where|on which) SYMBOL is {_DEFINED}{_HERE}",
)
_LOOSE = pattern(
    rf"where(?:'s| is|s)? SYMBOL{_HERE}",
    rf"where (?:can|do) (?:i|we) find SYMBOL{_HERE}",
    rf"(?:in )?(?:which|what) file (?:can|do) (?:i|we) find SYMBOL{_HERE}",
    rf"where does SYMBOL live{_HERE}",
    rf"(?:the )?location of SYMBOL{_HERE}",
    rf"(?:which|what) file is SYMBOL in{_HERE}",
)
MOST_LINES = 5000
MOST_FILES = 200
MOST_BYTES = 3_000_000
_ENDS = CODE_FILES | {
    "py",
    "pyi",
    "md",
    "toml",
    "json",
    "yaml",
    "yml",
    "txt",
    "lock",
    "cfg",
    "ini",
    "html",
    "css",
    "xml",
}
"""A name that ends so is a file's."""
_KEYWORD = (
    r"(?:function|class|def|fn|func|struct|enum|union|type|typedef|interface|trait|const|let|var|val|static|sub|module"
    r"|namespace|macro_rules!|define|local|export|object|record)"
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    certain = _CERTAIN.fullmatch(text)
    matched = certain or _LOOSE.fullmatch(text)
    if not matched:
        return None
    said = parts(matched)
    if not certain and (file := _file(unquoted(said["symbol"]), tree)):
        return file
    name, looks = wanted(said["symbol"]), codey(said["symbol"], said.get("noun", ""))
    if not name or not (certain or looks) or name.rpartition(".")[2] in _ENDS:
        return None
    hits = tree.mentions(name.rpartition(".")[2])
    if hits is None:
        return None
    if not hits:
        return _nowhere(name, tree) if looks else None
    if any(_defines(hit, name) and tree.is_other_code(hit.path) for hit in hits):
        return None
    return _answered(name, hits, tree)


def _file(named: str, tree: Tree) -> Found | None:
    """The tracked files of that name."""
    if "." not in named or tree.files is None:
        return None
    paths = [path for path in tree.files if path == named or path.endswith("/" + named)]
    if not paths:
        return None
    proof = command("git", "ls-files", "--", f":(glob)**/{named}")
    told = (
        shown(paths[0])
        if len(paths) == 1
        else listed(f"{count(len(paths), 'tracked file')} of that name", map(shown, paths))
    )
    return found(told, proof, paths)


def _nowhere(name: str, tree: Tree) -> Found | None:
    last = name.rpartition(".")[2]
    if tree.files is None:
        return None
    words = f"no definition of {name}: none of {count(len(tree.files), 'tracked file')} mentions {last}"
    return found(words, command("git", "grep", "-a", "-w", "-F", "-e", last), ())


def _defines(hit: Hit, name: str) -> bool:
    """Whether a line of another language could define it."""
    last = re.escape(name.rpartition(".")[2])
    return re.search(rf"\b{_KEYWORD}\b.*\b{last}\b|\b{last}\b\s*(?:[:=]|\(.*\{{?\s*$)", hit.text) is not None


def _answered(name: str, hits: list[Hit], tree: Tree) -> Found | None:
    last = name.rpartition(".")[2]
    known = python_facts(hits, tree, binding(last))
    if known is None:
        return None
    rows = [(path, each) for path, made in known for each in made.definitions if is_named(name, path, each.qualified)]
    proof = command("git", "grep", "-n", "-w", "-F", "-e", last, "--", "*.py")
    if rows:
        return found(_told(name, rows), proof, (path for path, _ in rows))
    modules = sorted({each.module for _, made in known for each in made.imports if each.name == last})
    bound = any(last in made.bound or _defined(made, last) for _, made in known)
    if "." in name or bound or not modules or any(module.startswith(".") for module in modules):
        return None
    words = f"{name} is not defined in this repository: it is imported from {', '.join(map(shown, modules))}"
    return found(words, proof, (path for path, _ in known))


def _defined(made: Facts, last: str) -> bool:
    return any(each.qualified.rpartition(".")[2] == last for each in made.definitions)


def _told(name: str, rows: list[tuple[str, Definition]]) -> str:
    lines = [f"{shown(path)}:{each.line} ({shown(_what(each))})" for path, each in rows]
    return lines[0] if len(lines) == 1 else listed(f"{name} is defined {len(lines)} times", lines)


def _what(each: Definition) -> str:
    return each.qualified if each.kind == "name" else f"{each.kind} {each.qualified}"


def is_named(name: str, path: str, qualified: str) -> bool:
    """`close`, `Host.close` and `tmux.host.Host.close` all name `Host.close` of `tmux/host.py`."""
    whole = f"{module_of(path)}.{qualified}"
    return whole == name or whole.endswith("." + name)


def python_facts(hits: Sequence[Hit], tree: Tree, line: re.Pattern[str]) -> list[tuple[str, Facts]] | None:
    """Of the Python files that have such a line; None when there are too many, or one of them cannot be understood."""
    if len(hits) > MOST_LINES:
        return None
    paths = sorted({hit.path for hit in hits if line.search(hit.text) and tree.is_python(hit.path)})
    if len(paths) > MOST_FILES:
        return None
    known, size = [], 0
    for path in paths:
        content = tree.read(path)
        size += len(content or b"")
        made = facts(content) if content is not None and size <= MOST_BYTES else None
        if made is None:
            return None
        known.append((path, made))
    return known


def binding(last: str) -> re.Pattern[str]:
    """A line that may give the name a meaning: nothing but a call or a look at it leaves it alone."""
    name = re.escape(last)
    return re.compile(
        rf"\b(?:def|class)\s+{name}\b|\b{name}\s*(?:[^\s\w.(\[]|$)|\b{name}\s+(?:as|in)\b|\bas\s+{name}\b"
    )
