"""What people ask of versions, in patterns that hold the whole question, and what is said to each."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cmp_to_key

from swarmctl.core.council import Found
from swarmctl.edges.exact.ranges import VERSION, Version, allowed, compared, version

Told = Callable[[re.Match[str]], Found | None]
_SIGNS = {-1: "<", 0: "=", 1: ">"}
_NEWER = r"newer|later|more recent|greater|higher|bigger|larger|>"
_OLDER = r"older|earlier|less recent|less|lower|smaller|<"
_VALID = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-z-][0-9a-z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-z-][0-9a-z-]*))*))?"
    r"(?:\+([0-9a-z-]+(?:\.[0-9a-z-]+)*))?"
)


def _pair(found: re.Match[str], clearly: bool) -> tuple[Version, Version] | None:
    """Both versions, when they cannot be decimal numbers and their build metadata does not differ."""
    one, other = version(found["a"]), version(found["b"])
    if not one or not other or one.build != other.build or _disputed(one, other):
        return None
    if not clearly and (len(one.numbers) < 3 or len(other.numbers) < 3):
        return None
    return one, other


def _disputed(one: Version, other: Version) -> bool:
    """`rc2` is after `rc10` by its letters, and before it to everybody else."""
    left, right = next(((a, b) for a, b in zip(one.before, other.before, strict=False) if a != b), ("", ""))
    first, second = (re.fullmatch(r"([a-z-]+)(\d+)", part) for part in (left, right))
    if not first or not second or first[1] != second[1] or one.numbers != other.numbers:
        return False
    return (int(first[2]) < int(second[2])) != (left < right)


def _because(one: Version, other: Version) -> str:
    """The first place in which they differ."""
    order = _SIGNS[compared(one, other)]
    for place, (left, right) in enumerate(zip((*one.numbers, 0, 0, 0, 0), (*other.numbers, 0, 0, 0, 0), strict=False)):
        if left != right:
            return f"number {place + 1} from the left: {left} {order} {right}"
    if one.before != other.before:
        names = [".".join(each.before) or "release" for each in (one, other)]
        return f"same numbers; {names[0]} {order} {names[1]} (a pre-release comes before its release)"
    return "every number is the same"


def _is(found: re.Match[str]) -> Found | None:
    how = found["how"].strip()
    clearly = "version" in found[0] or "v" in found["a"][:1] or how in ("newer", "older", "later", "more recent")
    pair = _pair(found, clearly)
    if not pair:
        return None
    order = compared(*pair)
    words = {">=": (0, 1), "<=": (-1, 0), "=": (0,), "==": (0,), "!=": (-1, 1)}
    wanted = words.get(how) or ((1,) if re.fullmatch(_NEWER, how) else (-1,))
    right = order in wanted
    return Found("yes" if right else "no", f"{found['a']} {_SIGNS[order]} {found['b']}: {_because(*pair)}")


def _which(found: re.Match[str]) -> Found | None:
    clearly = "version" in found[0] or not re.search(r"greater|higher|bigger|larger|less|lower|smaller", found["how"])
    pair = _pair(found, clearly)
    if not pair or compared(*pair) == 0:
        return None
    newer = re.search(r"newe|late|recent|great|high|bigg|larg", found["how"]) and "less" not in found["how"]
    one = (compared(*pair) > 0) == bool(newer)
    return Found(found["a" if one else "b"], f"{found['a']} {_SIGNS[compared(*pair)]} {found['b']}: {_because(*pair)}")


def _compare(found: re.Match[str]) -> Found | None:
    pair = _pair(found, "version" in found[0])
    if not pair:
        return None
    return Found(f"{found['a']} {_SIGNS[compared(*pair)]} {found['b']}", _because(*pair))


def _listed(found: re.Match[str]) -> Found | None:
    names = re.findall(VERSION, found["all"])
    every = [version(name) for name in names]
    known = [each for each in every if each]
    if len(known) != len(every) or len({(each.numbers, each.before) for each in known}) != len(known):
        return None
    if "version" not in found[0] and any(len(each.numbers) < 3 for each in known):
        return None
    if any(each.build for each in known):
        return None
    place = {name: each for name, each in zip(names, known, strict=True)}
    ordered = sorted(names, key=cmp_to_key(lambda a, b: compared(place[a], place[b])))
    chain = " < ".join(ordered)
    how = found["how"]
    if how.startswith("sort"):
        down = bool(re.search("descending|newest first|latest first", found[0]))
        return Found(", ".join(reversed(ordered) if down else ordered), chain)
    newest = bool(re.search(r"newest|latest|highest|greatest|largest", how))
    return Found(ordered[-1] if newest else ordered[0], chain)


def _range(found: re.Match[str]) -> Found | None:
    wanted = version(found["v"])
    if not wanted or wanted.build or len(wanted.numbers) > 3 or not re.search(r"\d|\*", found["r"]):
        return None
    if re.fullmatch(VERSION, found["r"]):
        return None
    many = [wanted]
    if len(wanted.numbers) < 3:
        rest = 3 - len(wanted.numbers)
        many = [Version((*wanted.numbers, *(fill,) * rest)) for fill in (0, 10**9)]
    said = {allowed(found["r"], each) for each in many}
    answer = said.pop() if len(said) == 1 else None
    if answer is None:
        return None
    about = "; a pre-release only beside one of its own numbers (node-semver)" if wanted.before else ""
    return Found("yes" if answer[0] else "no", f"{found['r']} is {answer[1]}{about}")


def _valid(found: re.Match[str]) -> Found | None:
    text = found["v"]
    if _VALID.fullmatch(text):
        return Found("yes", f"{text} is MAJOR.MINOR.PATCH as the grammar of semver.org has it")
    return Found("no", f"{text} is not MAJOR.MINOR.PATCH, each a number without leading zeros (semver.org)")


def _bumped(found: re.Match[str]) -> Found | None:
    text = found["v"]
    known = version(text)
    if not known or len(known.numbers) != 3 or known.before or known.build:
        return None
    place = {"major": 0, "minor": 1, "patch": 2}[found["part"]]
    numbers = (*known.numbers[:place], known.numbers[place] + 1, 0, 0)[:3]
    word = ("v" if text.startswith("v") else "") + ".".join(map(str, numbers))
    return Found(word, f"{found['part']} of {text} plus one, what is right of it set to 0")


_A, _B = rf"(?:version )?(?P<a>{VERSION})", rf"(?:version )?(?P<b>{VERSION})"
_HOW = rf"(?P<how>{_NEWER}|{_OLDER})"
_MOST = r"(?P<how>newer|newest|latest|more recent|most recent|older|oldest|greater|higher|lower|later|earlier)"
_R = r"(?P<r>[\^~<>=!]*\s?v?[\dx*][\dx*.a-z<>=!^~|, -]*?)"
_VQ = rf"(?:version )?(?P<v>{VERSION})"
_ALLOWS = r"(?:allow|include|accept|match|cover|permit|contain|allow for)"
_Q = r"[`'\"]?"
_RANGE = r"(?:the )?(?:semver |version )?(?:range |constraint |requirement )?"
_MANY = rf"(?P<all>{VERSION}(?:(?: ?, ?and |, ?| and | or |, ?or ){VERSION})+)"

_EVERY: tuple[tuple[str, Told], ...] = (
    (rf"is {_A}(?: a)? {_HOW}(?: version)? than {_B}", _is),
    (rf"is {_A} ?(?P<how>>=|<=|==|!=|>|<|=) ?{_B}", _is),
    (rf"which(?: version)? is(?: the)? {_MOST}(?: version)?[,:]? ?(?:of |between )?{_A},? (?:or|and) {_B}", _which),
    (rf"{_A} or {_B},? which(?: one| version)? is {_MOST}", _which),
    (rf"between {_A} and {_B},? which(?: one| version)? is {_MOST}", _which),
    (rf"compare(?: the)?(?: semver)?(?: versions?)? {_A} (?:and|with|to|vs\.?|against) {_B}", _compare),
    (
        rf"(?:which is )?(?:the )?(?P<how>newest|latest|oldest|highest|lowest|most recent|earliest)(?: version)?"
        rf"(?: of| among| out of|[:,])? ?(?:the versions )?:? ?{_MANY}",
        _listed,
    ),
    (
        rf"(?P<how>sort)(?: the| these)?(?: semver)? versions:? ?{_MANY}"
        r"(?:,? (?:in )?(?:ascending|descending)(?: order)?|,? (?:newest|latest|oldest) first)?",
        _listed,
    ),
    (rf"(?:does|do|would|will|can) {_RANGE}{_Q}{_R}{_Q} {_ALLOWS} {_Q}{_VQ}{_Q}", _range),
    (
        rf"(?:does|do|would|will) {_Q}{_VQ}{_Q}"
        rf" (?:satisfy|match|meet|fit|fall within|fall in|fulfil|fulfill) {_RANGE}{_Q}{_R}{_Q}",
        _range,
    ),
    (
        rf"is {_Q}{_VQ}{_Q}"
        rf" (?:in|within|inside|compatible with|allowed by|covered by|included in|permitted by|matched by) "
        rf"{_RANGE}{_Q}{_R}{_Q}",
        _range,
    ),
    (rf"is {_Q}(?P<v>[0-9a-z.+-]+){_Q} (?:a )?valid (?:semver|semantic version)(?: version| number)?", _valid),
    (rf"(?:the )?next (?P<part>major|minor|patch)(?: version| release)? (?:after|of|for|from) {_VQ}", _bumped),
    (rf"bump (?:the )?(?P<part>major|minor|patch)(?: version)?(?: of| for| in)? {_VQ}", _bumped),
    (rf"{_VQ} with (?:the |a )?(?P<part>major|minor|patch)(?: version)? bump(?:ed)?", _bumped),
)
FORMS = tuple((re.compile(text), answered) for text, answered in _EVERY)
