"""The door of the council: a question becomes an answer in this process, and a row that says how.

What answers is built here and nowhere else; nothing is started, and no repository is needed.
"""

# pathlib costs 7 ms, which is much of what an exact answer may take.
# ruff: noqa: PTH118, PTH115, PTH123, PTH120, PTH109
from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from swarmctl.core.council import Asked, Reply, Route, Tier, Turn
from swarmctl.core.errors import EnvironmentFault, SwarmError, UsageFault
from swarmctl.core.ids import id_from
from swarmctl.edges.exact.phrase import bare
from swarmctl.edges.exact.table import digest as tools_digest, tools
from swarmctl.edges.files import fastpaths
from swarmctl.edges.store import asks
from swarmctl.flow.council.cascade import Council, Heard, deliberate
from swarmctl.flow.route.decide import decide
from swarmctl.flow.route.rules import Rules, parse, parse_repository

LONGEST_KEPT = 16_384
"""Characters of a question that are kept; of a longer one its beginning."""
TURNS = 10
SECRET = 15
"""A shorter word is no token of a kind that is known."""
_READS = 200


class Place(NamedTuple):
    """Where somebody asks: the repository around them and its state, or else the user's own."""

    root: str
    common: str

    def state(self, *, create: bool) -> str:
        """The folder of the record; empty when it is not there and may not be made."""
        if not self.root:
            home = fastpaths.state_home(os.environ)
            if create:
                os.makedirs(home, mode=0o700, exist_ok=True)  # noqa: PTH103
            return home
        if found := fastpaths.find(self.root):
            return found
        return _made(self.root, self.common) if create else ""


def place_here() -> Place:
    """A folder that was removed meanwhile is no repository."""
    try:
        found = fastpaths.find_git(os.getcwd())
    except OSError:
        found = None
    return Place(*found) if found else Place("", "")


def _made(root: str, common: str) -> str:
    from pathlib import Path

    from swarmctl.edges.files.paths import locate

    main = os.path.dirname(common) if common.endswith("/.git") else root
    return str(locate(Path(common), Path(main), create=True).root)


def zone_here(environ: Mapping[str, str] = os.environ) -> str:
    """The person's time zone by name; UTC where the machine does not say."""
    named = environ.get("TZ", "").lstrip(":")
    if named and not named.startswith("/") and ".." not in named:
        return named
    try:
        link = os.readlink("/etc/localtime")
    except OSError:
        return "UTC"
    return link.partition("zoneinfo/")[2] or "UTC"


# --- rules ------------------------------------------------------------------------------------------------------------


def default_rules() -> str:
    from swarmctl.flow import route

    return _text(os.path.join(os.path.dirname(route.__file__ or ""), "default.toml"))


def own_rules_file(environ: Mapping[str, str] = os.environ) -> str:
    base = environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")  # noqa: PTH111
    return os.path.join(base, "swarmctl", "rules.toml")


def rule_texts(root: str) -> list[tuple[str, str]]:
    """(file, text) of all rules that hold: the repository's, the user's, ours."""
    theirs = os.path.join(root, ".swarm", "rules.toml") if root else ""
    files = [("repository", theirs), ("own", own_rules_file())]
    found = [(f"{kind}:{path}", _text(path)) for kind, path in files if path and os.path.isfile(path)]  # noqa: PTH113
    return [*found, ("default:default.toml", default_rules())]


def rules_from(texts: Sequence[tuple[str, str]]) -> Rules:
    rules = Rules((), ())
    for name, text in reversed(texts):
        kind, _, file = name.partition(":")
        rules = rules.after(parse_repository(text, file) if kind == "repository" else parse(text, file))
    return rules


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(200_000)
    except UnicodeDecodeError as error:
        raise UsageFault(f"{path} is not UTF-8 text", hint=f"swarmctl council rules test {path}") from error
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from error


def routed(text: str, place: Place) -> Route:
    return decide(text, rules_from(rule_texts(place.root)))


# --- asking -----------------------------------------------------------------------------------------------------------


class Answered(NamedTuple):
    id: str
    """Empty when it could not be recorded."""
    reply: Reply
    latency_us: int
    complaint: SwarmError | None = None
    """Why it was not recorded."""


def ask(text: str, place: Place, *, follow_up: bool = False, last: Tier | None = None) -> Answered:
    """`last` is the tier that may still be asked."""
    began = time.perf_counter()
    texts = rule_texts(place.root)
    before = _earlier(place) if follow_up else ()
    asked = Asked(text, time.time(), zone_here(), place.root, before)
    heard = think(asked, texts, last)
    latency = round((time.perf_counter() - began) * 1e6)
    name = id_from(os.urandom(5))
    try:
        _record(place, name, asked, heard, texts, latency)
    except SwarmError as error:
        return Answered("", heard.reply, latency, error)
    except OSError as error:
        words = f"{error.filename or 'the record'}: {error.strerror}"
        return Answered(
            "", heard.reply, latency, EnvironmentFault(words, hint="set XDG_STATE_HOME to a folder of yours")
        )
    return Answered(name, heard.reply, latency)


def think(asked: Asked, texts: Sequence[tuple[str, str]], last: Tier | None = None) -> Heard:
    """The same for the same question, clock, rules and tools."""
    route = decide(asked.text, rules_from(texts))
    if last is not None:
        tiers = tuple(tier for tier in route.tiers if list(Tier).index(tier) <= list(Tier).index(last))
        route = Route(route.kind, route.risk, tiers, (*route.reasons, _no_further(last)))
    return deliberate(asked, route, council(asked.root))


def _no_further(last: Tier) -> str:
    return f"no further than {last.value}, as asked"


def council(root: str) -> Council:
    """Lookups are asked where there is a repository around."""
    return Council(tools(_git_of if root else None), bare, time.perf_counter)


def _git_of(root: str) -> Callable[..., bytes | None]:
    from swarmctl.edges.git.peek import peeker

    return peeker(root)


def _earlier(place: Place) -> tuple[Turn, ...]:
    folder = place.state(create=False)
    row = asks.find(folder, "") if folder else None
    if row is None:
        raise UsageFault("nothing was asked here yet, so nothing can be followed up", hint='swarmctl ask "QUESTION"')
    turns = [Turn(*turn) for turn in row["before"]]
    return (*turns, Turn(row["read_as"], row["answer"]))[-TURNS:]


def _record(
    place: Place, name: str, asked: Asked, heard: Heard, texts: Sequence[tuple[str, str]], latency: int
) -> None:
    reply, route = heard.reply, heard.reply.route
    rules = json.dumps(texts)
    hide = _hider(
        " ".join([asked.text, *(f"{t.question} {t.answer}" for t in asked.before), reply.answer, reply.proof])
    )
    question = hide(asked.text[:LONGEST_KEPT])
    before = [(hide(turn.question), hide(turn.answer)) for turn in asked.before]
    row = {
        "id": name,
        "at": asked.now,
        "zone": asked.zone,
        "root": asked.root,
        "head": head_of(place),
        "question": question,
        "read_as": hide(heard.read_as[:LONGEST_KEPT]),
        "whole": int(question == asked.text and before == [(t.question, t.answer) for t in asked.before]),
        "before": before,
        "kind": route.kind.value,
        "risk": route.risk.value,
        "tiers": [tier.value for tier in route.tiers],
        "reasons": [hide(each) for each in route.reasons],
        "status": reply.status.value,
        "tier": reply.tier.value if reply.tier else "",
        "confidence": reply.confidence,
        "answer": hide(reply.answer),
        "proof": hide(reply.proof),
        "reads": [(path, content_of(asked.root, path)) for path in reply.reads[:_READS]],
        "steps": [(s.tier.value, s.who, s.verdict, hide(s.why), s.took_us, s.cost_micro) for s in reply.steps],
        "rules": blake2b(rules.encode(), digest_size=8).hexdigest(),
        "tools": tools_digest(),
        "latency_us": latency,
        "cost_micro": sum(step.cost_micro for step in reply.steps),
    }
    asks.record(place.state(create=True), row, rules)


def _hider(text: str) -> Callable[[str], str]:
    """What masks secrets; nothing is loaded for a text that can hold none."""
    plain = text.casefold()
    if not (
        any(sign in plain for sign in ("key", "secret", "token", "pass", "bearer", "basic", "://", "-----"))
        or any(len(word) >= SECRET for word in text.split())
        or any(len(value) >= SECRET // 2 and value in text for value in os.environ.values())
    ):
        return str
    from swarmctl.edges.files.secrets import mask, secret_values

    known = secret_values(os.environ)
    return lambda words: mask(words, known)


def content_of(root: str, path: str) -> str:
    """What stands in a file, in short; empty when it is not there."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            return blake2b(file.read(16_000_000), digest_size=8).hexdigest()
    except OSError:
        return ""


def head_of(place: Place) -> str:
    """The commit that the checkout stands at, read without git; empty when there is none."""
    if not place.root:
        return ""
    folder = os.path.join(place.root, ".git")
    if not os.path.isdir(folder):  # noqa: PTH112
        folder = os.path.join(place.root, _line(folder).removeprefix("gitdir:").strip())
    head = _line(os.path.join(folder, "HEAD"))
    if not head.startswith("ref:"):
        return head
    ref = head[4:].strip()
    return _line(os.path.join(place.common, ref)) or _packed(place.common, ref)


def _packed(common: str, ref: str) -> str:
    try:
        with open(os.path.join(common, "packed-refs"), encoding="utf-8", errors="replace") as file:
            return next((line.split()[0] for line in file if line.rstrip().endswith(f" {ref}")), "")
    except OSError:
        return ""


def _line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.readline(4096).strip()
    except OSError:
        return ""


# --- looking back -----------------------------------------------------------------------------------------------------


class Replay(NamedTuple):
    row: Mapping[str, Any]
    again: Heard | None
    """None when the question was not kept whole."""
    same: bool
    changed: tuple[str, ...]
    """What is otherwise than it was, in words."""


def look_back(name: str, place: Place) -> Replay:
    """The recorded question once more, with its clock and its rules."""
    homes = dict.fromkeys([place.state(create=False), Place("", "").state(create=False)])
    folder, row = next(((each, row) for each in homes if each and (row := asks.find(each, name))), ("", None))
    if row is None:
        raise UsageFault(f"no question `{name}` is kept here", hint="the id is in ask --json and after the answer")
    changed = _changed(row, place)
    if not row["whole"]:
        return Replay(row, None, False, changed)
    before = tuple(Turn(*turn) for turn in row["before"])
    asked = Asked(row["question"], row["at"], row["zone"], row["root"], before)
    last = next((tier for tier in Tier if _no_further(tier) in row["reasons"]), None)
    again = think(asked, _texts(asks.rules_of(folder, row["rules"])), last)
    kept = (row["status"], row["answer"], row["proof"], row["kind"], row["risk"])
    reply = again.reply
    same = kept == (reply.status, reply.answer, reply.proof, reply.route.kind, reply.route.risk)
    return Replay(row, again, same, changed)


def _changed(row: Mapping[str, Any], place: Place) -> tuple[str, ...]:
    words = []
    there = Place(*(fastpaths.find_git(row["root"]) or ("", ""))) if row["root"] else place
    if row["root"] and (now := head_of(there)) != row["head"]:
        words.append(f"the repository moved from {row['head'][:12] or 'no commit'} to {now[:12] or 'no commit'}")
    words += [f"{path} changed" for path, then in row["reads"] if content_of(row["root"], path) != then]
    if row["tools"] != tools_digest():
        words.append("the exact tools changed")
    return tuple(words)


def _texts(kept: str) -> list[tuple[str, str]]:
    return [(name, text) for name, text in json.loads(kept)]


def recorded(place: Place) -> list[tuple[Any, ...]]:
    folder = place.state(create=False)
    return asks.figures(folder) if folder else []


def steps_of(figures: tuple[Any, ...]) -> list[Any]:
    """(tier, who, verdict, why, …) of one row of `recorded`."""
    return list(json.loads(figures[6]))
