"""Which lines, or which tests, mention a name as a whole word; what they do with it, it does not say."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.operands import codey, parts, pattern, wanted
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.tree import Hit, Tree, clipped, command, count, found, listed, shown

NAME = "mentions"
HINT = re.compile(r"\b(?:mention\w*|used|uses?|test(?:s|ed)?|referenced?|references|occurrences?|usages?)\b", re.I)
_HERE = r"(?: in (?:this|the|our) (?:repo|repository|project|codebase|code))?"
_TESTS = pattern(
    r"(?:which|what) (?:tests?|test files?) (?:mention|reference|contain|name)s? SYMBOL",
    r"(?:where|in which tests?|in what tests?)(?:'s| is|s) SYMBOL mentioned in (?:the )?tests",
    r"in (?:which|what) (?:tests?|test files?) is SYMBOL (?:mentioned|referenced)",
    r"(?:list )?(?:all )?(?:the )?(?:tests|test files) (?:that|which) (?:mention|reference|contain|name) SYMBOL",
    r"(?:list )?(?:all )?(?:the )?(?:tests|test files) mentioning SYMBOL",
    r"(?:do|does) any (?:of (?:the|our) )?tests? (?:mention|reference) SYMBOL",
    r"is SYMBOL mentioned in (?:the|any|our) tests?",
    r"how many (?:tests|test files) mention SYMBOL",
)
_ALL = pattern(
    rf"where(?:'s| is|s) SYMBOL (?:mentioned|referenced){_HERE}",
    rf"(?:which|what) (?:files?|lines?) (?:mention|reference)s? SYMBOL{_HERE}",
    rf"(?:list )?(?:all )?(?:the )?(?:mentions|occurrences) of SYMBOL{_HERE}",
    rf"(?:list )?(?:all )?(?:the )?(?:files|lines) (?:that|which) mention SYMBOL{_HERE}",
    rf"(?:list )?(?:all )?(?:the )?(?:files|lines) mentioning SYMBOL{_HERE}",
    rf"is SYMBOL mentioned (?:anywhere|somewhere){_HERE}",
    rf"how many (?:lines|files) mention SYMBOL{_HERE}",
)
_FOLDERS = frozenset(("test", "tests", "__tests__", "spec", "specs"))
_FILE = re.compile(r"test_.*\.py|.*_test\.\w+|.*[.](?:test|spec)\.\w+|.*Tests?\.(?:java|kt|cs)|.*_spec\.rb")


def answer(asked: Asked, tree: Tree) -> Found | None:
    text = bare(asked.text)
    in_tests = _TESTS.fullmatch(text)
    matched = in_tests or _ALL.fullmatch(text)
    if not matched:
        return None
    said = parts(matched)
    name = wanted(said["symbol"])
    hits = tree.grep("-I", "-w", "-F", "-e", name, "--") if name else None
    if hits is None or not (hits or codey(said["symbol"], said.get("noun", ""))):
        return None
    proof = command("git", "grep", "-n", "-I", "-w", "-F", "-e", name)
    if not in_tests:
        return found(_told(name, hits, "text file"), proof, (hit.path for hit in hits)) if hits else _none(name, tree)
    seen = [hit for hit in hits if is_test(hit.path)]
    if seen:
        return found(_told(name, seen, "test file"), proof, (hit.path for hit in seen))
    if tree.files is None:
        return None
    tests = sum(is_test(path) for path in tree.files)
    return found(f"no test file mentions {name} (of {count(tests, 'tracked test file')})", proof, ())


def _none(name: str, tree: Tree) -> Found | None:
    if tree.files is None:
        return None
    words = f"no tracked text file mentions {name} (of {count(len(tree.files), 'tracked file')})"
    return found(words, command("git", "grep", "-I", "-w", "-F", "-e", name), ())


def is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return not _FOLDERS.isdisjoint(folders) or _FILE.fullmatch(name) is not None


def _told(name: str, hits: list[Hit], what: str) -> str:
    files = len({hit.path for hit in hits})
    verb = "mentions" if files == 1 else "mention"
    head = f"{count(files, what)} {verb} {name}, in {count(len(hits), 'line')}"
    return listed(head, (f"{shown(hit.path)}:{hit.line} {clipped(hit.text)}" for hit in hits))
