"""The names in questions about a repository, as patterns: a symbol, a path; and whether a name looks like code."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import count

_NOUN = (
    r"(?:the )?(?:function|method|class|symbol|constant|variable|type|exception|dataclass|enum|attribute|name"
    r"|identifier)"
)
SYMBOL = rf"(?:(?P<noun>{_NOUN}) |the )?(?P<symbol>`[\w.]+(?:\(\))?`|'[\w.]+'|\"[\w.]+\"|[\w.]+\w(?:\(\))?|\w)"
SYMBOL += r"(?: (?:function|method|class|constant|variable|symbol))?"
"""One name, dotted or not; `wanted` says which."""
PATH = r"(?:(?:the )?(?:file|module|folder|directory) )?(?P<path>`[^`\n]+`|\"[^\"\n]+\"|'[^'\n]+'|[\w./@+-]*\w/?)"
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_CODE = re.compile(r"_|\.|[a-z0-9][A-Z]|[A-Z]{2}|[A-Z][a-z]+[A-Z]")
_ENDS = (
    "asm astro awk bash bat c cc cjs clj cmd cpp cr cs cts cu cxx d dart el elm erl ex exs f90 fish fs glsl go gradle"
    " graphql groovy h hh hpp hs hxx ipynb java jl js jsx kt kts lisp lua m metal mjs ml mm mts nim pas php pl pm proto"
    " ps1 pxd pyx r rb rkt rs scala scm sh sol sql svelte swift tcl tf ts tsx v vb vue wgsl zig zsh"
)
_STANDING_FOR = (
    "i me my you your he him his she her it its we us our they them their this that these those one ones who what which"
    " where when why how all any some none each every everything anything something nothing everybody anybody somebody"
    " nobody everyone anyone someone else other others the a an and or not no yes here there"
)
_NOBODY = frozenset(_STANDING_FOR.split())
"""Words that stand for a thing, and are a symbol only in quotes."""
CODE_FILES = frozenset(_ENDS.split())
"""How files of code end, but for Python's."""


class Wordings:
    """Ways to say one thing; the patterns are compiled when a question is first held against them."""

    def __init__(self, wordings: tuple[str, ...]) -> None:
        self._wordings = wordings

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        made = (each.replace(" ", r"\s+").replace("SYMBOL", SYMBOL).replace("PATH", PATH) for each in self._wordings)
        return re.compile("|".join(f"(?:{_numbered(each, at)})" for at, each in enumerate(made)), re.IGNORECASE)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._pattern.fullmatch(text)


def pattern(*wordings: str) -> Wordings:
    """Any of these wordings, whole; a blank is any white space, SYMBOL and PATH are names."""
    return Wordings(wordings)


def _numbered(wording: str, at: int) -> str:
    """A name may stand in several wordings, and in several places of one."""
    each = count()
    return re.sub(r"\(\?P<(\w+)>", lambda name: f"(?P<{name[1]}_{at}_{next(each)}>", wording)


def parts(found: re.Match[str]) -> dict[str, str]:
    """What each name of the pattern stands for, whichever wording it was."""
    return {name.split("_")[0]: text for name, text in found.groupdict().items() if text is not None}


def wanted(raw: str) -> str:
    """The symbol without what it is quoted in; empty when it is none."""
    name = raw.strip("`'\"").removesuffix("()")
    return name if _DOTTED.fullmatch(name) and raw.lower() not in _NOBODY else ""


def codey(raw: str, noun: str = "") -> bool:
    """Nobody writes a plain word so."""
    return bool(noun) or raw[0] == "`" or raw.endswith("()") or _CODE.search(raw) is not None


def unquoted(raw: str) -> str:
    return raw[1:-1] if raw[0] in "`\"'" else raw


def module_of(path: str) -> str:
    """The dotted name of a Python file, from the top of the repository."""
    bare = path.rpartition(".")[0].removesuffix("/__init__")
    return bare.replace("/", ".")
