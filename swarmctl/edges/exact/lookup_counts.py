"""How many tracked files, or lines of them, a language has, told by the ends of their names."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import parts, pattern, unquoted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Tree, command, count, found, shown

NAME = "counts"
HINT = re.compile(r"\b(?:how many|number of|count|loc|lines|files)\b", re.IGNORECASE)
ENDS: dict[str, tuple[str, ...]] = {
    "python": ("py", "pyi", "pyw"),
    "javascript": ("js", "jsx", "mjs", "cjs"),
    "typescript": ("ts", "tsx", "mts", "cts"),
    "rust": ("rs",),
    "go": ("go",),
    "golang": ("go",),
    "java": ("java",),
    "kotlin": ("kt", "kts"),
    "ruby": ("rb",),
    "c": ("c", "h"),
    "c++": ("cpp", "cc", "cxx", "hpp", "hh", "hxx"),
    "c#": ("cs",),
    "swift": ("swift",),
    "php": ("php",),
    "lua": ("lua",),
    "haskell": ("hs",),
    "shell": ("sh", "bash", "zsh"),
    "html": ("html", "htm"),
    "css": ("css",),
    "markdown": ("md", "markdown"),
    "toml": ("toml",),
    "yaml": ("yaml", "yml"),
    "json": ("json",),
    "sql": ("sql",),
}
_LANG = (
    r"(?P<lang>python|javascript|typescript|rust|golang|go|java|kotlin|ruby|c\+\+|c#|c|swift|php|lua|haskell|shell|html"
    r"|css|markdown|toml|yaml|json|sql|\.\w{1,10}|\*\.\w{1,10})"
)
_THERE = r"(?: (?:are there|are tracked|are|are there in total|do we have|do i have|exist|there are|in total|has git))?"
_REPO = r"(?:this|the|our) (?:repo|repository|project|codebase|tree|code base)"
_IN = rf"(?: (?:in|under|of|inside) (?:(?P<all>{_REPO})|PATH))?"
_FILES = pattern(
    rf"how many (?:tracked )?{_LANG} (?:source |code )?files{_THERE}{_IN}(?: are there)?",
    rf"how many files of {_LANG}(?: code)?{_THERE}{_IN}",
    rf"(?:number|count) of {_LANG} files{_THERE}{_IN}",
    rf"count (?:all )?(?:the )?{_LANG} files{_IN}",
    rf"how many {_LANG} files does (?P<all>this (?:repo|repository|project)) have",
)
_LINES = pattern(
    rf"how many lines of {_LANG}(?: code)?{_THERE}{_IN}(?: are there)?",
    rf"how many {_LANG} lines{_THERE}{_IN}",
    rf"how many lines of code are (?:there )?in {_LANG}",
    rf"how much {_LANG}(?: code)? (?:is there|do we have),? in lines{_IN}",
    rf"(?:number|count) of (?:{_LANG} lines|lines of {_LANG.replace('lang', 'tongue')}(?: code)?){_THERE}{_IN}",
    rf"lines of {_LANG}(?: code)?{_THERE}{_IN}",
    rf"how many lines of {_LANG}(?: code)? does (?P<all>this (?:repo|repository|project)) have",
)
_EVERY = pattern(
    rf"how many tracked files{_THERE}{_IN}",
    rf"how many files (?:are (?:there|tracked)|do we have|does git track|are tracked by git){_IN}",
    r"how many files does (?P<all>this (?:repo|repository|project)) have",
    rf"(?:number|count) of (?:tracked )?files{_IN}",
    rf"how many files (?:are )?in (?:(?P<all>{_REPO})|PATH)",
)


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    files, lines = _FILES.fullmatch(text), _LINES.fullmatch(text)
    matched = files or lines or _EVERY.fullmatch(text)
    if not matched or tree.files is None:
        return None
    said = parts(matched)
    where = tree.folder(unquoted(said["path"])) if "path" in said else ""
    if where is None:
        return None
    named = said.get("lang", said.get("tongue", "")).lower()
    ends = (named.lstrip("*."),) if named.startswith((".", "*.")) else ENDS.get(named, ())
    paths = [path for path in tree.files if _counts(path, where, ends)]
    if not paths and not where and not named.startswith((".", "*")) and named not in ENDS:
        return None
    place = f" in {shown(where)}" if where else ""
    globs = [f":(glob){where + '/' if where else ''}**/*.{end}" for end in ends] or ([where] if where else [])
    suffix = f" ({', '.join(f'*.{end}' for end in ends)})" if ends else ""
    if lines:
        return _lines(paths, globs, f"{suffix}{place}", tree)
    proof = command("git", "ls-files", "--", *globs) if globs else "git ls-files"
    return found(f"{count(len(paths), 'tracked file')}{suffix}{place}", proof, ())


def _counts(path: str, where: str, ends: tuple[str, ...]) -> bool:
    if where and not path.startswith(where + "/"):
        return False
    name = path.rpartition("/")[2]
    return not ends or (name.rpartition(".")[2] in ends and "." in name)


def _lines(paths: list[str], globs: list[str], what: str, tree: Tree) -> Found | None:
    flags = ("grep", "-c", "-z", "-a", "--no-color", "--no-recurse-submodules", "-e", "", "--", *globs)
    raw = tree.git(*flags)
    if raw is None:
        return None
    numbers = [int(number) for number in re.findall(rb"[^\0]+\0(\d+)\n", raw)]
    words = f"{count(sum(numbers), 'line')} in {count(len(paths), 'tracked file')}{what}"
    return found(words, command("git", "grep", "-c", "-a", "-e", "", "--", *globs), ())
