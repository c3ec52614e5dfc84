"""What `ask` and `route` print, without typer: the answer is data, who gave it on what proof is narration."""

import sys
from collections.abc import Callable

from swarmctl.app.asking import Answered, ask, place_here, routed
from swarmctl.core.council import Kind, Route, Status, Step, Tier
from swarmctl.core.errors import SwarmError, UsageFault
from swarmctl.core.outcome import ExitCode
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.words.plain import one_line

LONGEST = 1 << 22
TIERS = (Tier.RULES.value, Tier.EXACT.value)
EXITS = {Status.ANSWERED: ExitCode.OK, Status.ABSTAINED: ExitCode.REFUSED, Status.ERROR: ExitCode.ENVIRONMENT}


class Wanted:
    """What was typed."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.file = ""
        self.follow_up = False
        self.as_json = False
        self.explain = False
        self.tier = ""


def asked(wanted: Wanted) -> int:
    """Ask, print, and the exit code."""
    last = tier_of(wanted.tier)
    text = text_of(wanted)
    answered = ask(text, place_here(), follow_up=wanted.follow_up, last=last)
    if answered.complaint:
        out.say(f"not recorded: {one_line(answered.complaint.message)}")
    if wanted.as_json:
        _as_json(answered)
    else:
        _as_text(answered, text, wanted.explain)
    return int(EXITS[answered.reply.status])


def tier_of(name: str) -> "Tier | None":
    if name and name not in TIERS:
        raise UsageFault(f"no tier `{one_line(name)}`", hint=f"--tier {' or '.join(TIERS)}")
    return Tier(name) if name else None


def text_of(wanted: Wanted) -> str:
    """The question, and what a file or the standard input holds after it."""
    words = wanted.words
    if len(words) > 1:
        raise UsageFault(
            f"{len(words)} words look like one question without quotes", hint=f"swarmctl ask {quoted(' '.join(words))}"
        )
    parts = [each for each in words if each != "-"]
    if "-" in words or wanted.file == "-" or (not words and not wanted.file and not sys.stdin.isatty()):
        parts.append(_read_from(sys.stdin.fileno(), "standard input"))
    elif wanted.file:
        parts.append(_read_from(wanted.file, wanted.file))
    text = "\n".join(parts)
    if not text.strip():
        raise UsageFault("there is no question", hint='swarmctl ask "QUESTION"')
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UsageFault("the question is not UTF-8 text", hint='swarmctl ask "QUESTION"')
    return text


def quoted(text: str) -> str:
    """As a shell takes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`") + '"'


def _read_from(source: "str | int", name: str) -> str:
    try:
        with open(source, "rb", closefd=not isinstance(source, int)) as file:
            raw = file.read(LONGEST + 1)
    except OSError as error:
        raise UsageFault(f"{name} cannot be read: {error.strerror}", hint="swarmctl ask -f FILE") from error
    if len(raw) > LONGEST:
        raise UsageFault(f"{name} holds more than {LONGEST >> 20} MB", hint="ask about a part of it")
    try:
        return raw.decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise UsageFault(f"{name} is not UTF-8 text", hint="swarmctl ask -f FILE") from error


def _as_json(answered: Answered) -> None:
    reply = answered.reply
    out.data(
        {
            "status": reply.status.value,
            "answer": reply.answer,
            "tier": reply.tier.value if reply.tier else None,
            "confidence": reply.confidence,
            "proof": reply.proof if reply.status is Status.ANSWERED else "",
            "cost_usd": cost(reply.steps),
            "latency_ms": round(answered.latency_us / 1000, 3),
            "id": answered.id,
        }
    )


def cost(steps: "tuple[Step, ...]") -> float:
    return sum(step.cost_micro for step in steps) / 1e6


def _as_text(answered: Answered, text: str, explain: bool) -> None:
    reply = answered.reply
    if reply.status is Status.ANSWERED:
        out.text(out.visible(reply.answer))
    else:
        out.say("I don't know")
    if explain:
        out.say(f"class {reply.route.kind.value}, risk {reply.route.risk.value}")
        for line in steps_of(reply.steps):
            out.say(line)
    name = f" · {answered.id}" if answered.id else ""
    if reply.status is Status.ANSWERED:
        who = ", ".join(dict.fromkeys(step.who for step in reply.steps if step.verdict == "answered"))
        tier = reply.tier.value if reply.tier else ""
        out.say(f"{tier} · {who} · confidence {reply.confidence:g} · ${cost(reply.steps):g}{name}")
        out.say(one_line(reply.proof))
        return
    out.say(f"{one_line(reply.proof)}{name}")
    out.say(f"hint: swarmctl run {quoted(one_line(text[:200]))}")


def steps_of(steps: "tuple[Step, ...]") -> "list[str]":
    """One line for each."""
    return [
        one_line(f"{step.tier.value:<6} {step.who}: {step.verdict}, {step.why} ({step.took_us / 1000:.1f} ms)")
        for step in steps
    ]


def route(words: "list[str]", as_json: bool) -> int:
    wanted = Wanted()
    wanted.words = words
    decision = routed(text_of(wanted), place_here())
    if as_json:
        out.data(plain_route(decision))
        return 0
    out.text(f"{decision.kind.value}, risk {decision.risk.value}: {' → '.join(tier.value for tier in decision.tiers)}")
    for reason in decision.reasons:
        out.text(f"  {one_line(reason)}")
    return 0


def plain_route(decision: Route) -> "dict[str, object]":
    return {
        "class": decision.kind.value,
        "risk": decision.risk.value,
        "tier": tier_for(decision).value,
        "tiers": [tier.value for tier in decision.tiers],
        "reasons": list(decision.reasons),
    }


def tier_for(decision: Route) -> Tier:
    """Who is expected to answer."""
    asks = decision.kind in (Kind.EXACT, Kind.LOCAL) and Tier.EXACT in decision.tiers
    return Tier.EXACT if asks else decision.tiers[-1]


# --- before typer loads -----------------------------------------------------------------------------------------------

FLAGS = {"-c": "follow_up", "--continue": "follow_up", "--json": "as_json", "--explain": "explain"}
VALUES = {"-f": "file", "--file": "file", "--tier": "tier"}


def fast_ask(argv: "list[str]") -> "int | None":
    """None when the long way has to say what is wrong."""
    wanted, rest = Wanted(), list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            wanted.words += rest
            break
        if word in FLAGS:
            setattr(wanted, FLAGS[word], True)
        elif word in VALUES:
            if not rest:
                return None
            setattr(wanted, VALUES[word], rest.pop(0))
        elif word.startswith("-") and word != "-" and not is_question(word):
            return None
        else:
            wanted.words.append(word)
    return _said(lambda: asked(wanted))


def fast_route(argv: "list[str]") -> "int | None":
    words = [each for each in argv if each != "--json"]
    if any(word.startswith("-") and word != "-" and not is_question(word) for word in words):
        return None
    return _said(lambda: route(words, len(words) < len(argv)))


def is_question(word: str) -> bool:
    """`-2^2` and `-(3+4)` are, `-x` and `--what` are not."""
    return " " in word or word[1:2].isdigit() or word[1:2] in ("(", ".")


def _said(work: "Callable[[], int]") -> int:
    try:
        return work()
    except SwarmError as error:
        out.fault(error)
        return int(error.exit_code)
