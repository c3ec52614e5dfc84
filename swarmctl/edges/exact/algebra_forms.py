"""What is asked of `algebra`, from words to a request for its child; None when a part of it is not understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from swarmctl.edges.exact.formula import Tree, letters, parsed

Request = dict[str, Any]


def understood(text: str) -> Request | None:
    for pattern, request_of in FORMS:
        found = pattern.fullmatch(text)
        request = request_of(found) if found else None
        if request is not None:
            return request
    return None


def _sides(text: str) -> list[Tree] | None:
    parts = [parsed(part) for part in text.split("=")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return None
    return [parts[0], parts[1]]


def _solve(found: re.Match[str]) -> Request | None:
    text, wanted = found["it"], _group(found, "for")
    pieces = [piece for piece in re.split(r"\s*(?:,|;|\band\b)\s*", text) if piece]
    if len(pieces) > 1:
        return _system(pieces, text)
    sides = _sides(text) if "=" in text else None
    if sides is None:
        return None
    known = letters(sides[0]) | letters(sides[1])
    if not wanted and len(known) != 1:
        return None
    if wanted and wanted not in known:
        return None
    return {"op": "solve", "sides": sides, "for": wanted or next(iter(known)), "decimal": "." in text}


def _system(pieces: list[str], text: str) -> Request | None:
    equations = [_sides(piece) for piece in pieces]
    if None in equations or len(equations) > 6:
        return None
    known = set[str]().union(*(letters(side) for sides in equations if sides for side in sides))
    if not 2 <= len(known) <= 6:
        return None
    return {"op": "system", "equations": equations, "decimal": "." in text}


def _solve_both(found: re.Match[str]) -> Request | None:
    """`solve … for x and y`: exactly the letters that are in it."""
    request = _solve(found)
    wanted = set(re.findall(r"\b[a-zA-Z]\b", found["all"]))
    if request is None or request["op"] != "system":
        return None
    known = set[str]().union(*(letters(side) for sides in request["equations"] for side in sides))
    return request if wanted == known else None


def _roots(found: re.Match[str]) -> Request | None:
    tree = _expression(found["it"].removesuffix("= 0").removesuffix("=0"))
    if tree is None or len(letters(tree)) != 1:
        return None
    return {"op": "solve", "sides": [tree, ["n", "0"]], "for": next(iter(letters(tree))), "decimal": "." in found["it"]}


def _expression(text: str) -> Tree | None:
    return parsed(re.sub(r"\A(?:[fgy]|[fg] ?\(x\)) ?= ?", "", text))


def _bare_equation(found: re.Match[str]) -> Request | None:
    """Nothing but an equation; x = 5 asks nothing."""
    request = _solve(found)
    if request is None or request["op"] != "solve":
        return None
    kinds = {side[0] for side in request["sides"]}
    return None if "v" in kinds and kinds & {"n", "neg"} else request


def _of(operation: str) -> Callable[[re.Match[str]], Request | None]:
    def understood(found: re.Match[str]) -> Request | None:
        tree = _expression(found["it"])
        return {"op": operation, "of": tree} if tree and letters(tree) else None

    return understood


def _by(found: re.Match[str], tree: Tree) -> str:
    """The letter that it goes by; empty when it is not said and not plain."""
    known = letters(tree)
    if said := _group(found, "by") or _group(found, "by2"):
        return said
    return next(iter(known)) if len(known) == 1 else ""


def _derivative(found: re.Match[str]) -> Request | None:
    tree = _expression(found["it"])
    by = _by(found, tree) if tree else ""
    if not tree or not by or not letters(tree):
        return None
    if _group(found, "order") != _group(found, "again") and "again" in found.groupdict():
        return None
    order = {"²": 2, "³": 3, "second": 2, "third": 3, "2nd": 2, "3rd": 3, "2": 2, "3": 3}.get(
        _group(found, "order").lower(), 1
    )
    request: Request = {"op": "derivative", "of": tree, "by": by, "order": order}
    if place := _group(found, "at"):
        at = parsed(place)
        if at is None or letters(at) or _group(found, "atname") not in ("", by):
            return None
        request["at"] = at
    return request


def _integral(found: re.Match[str]) -> Request | None:
    tree = _expression(found["it"])
    by = _by(found, tree) if tree else ""
    if not tree or not by:
        return None
    request: Request = {"op": "integral", "of": tree, "by": by}
    if not _group(found, "low"):
        return request if letters(tree) else None
    low, high = _bound(found["low"]), _bound(found["high"])
    return {**request, "from": low, "to": high} if low and high else None


def _bound(text: str) -> Tree | None:
    infinite = re.fullmatch(r"([+-]|minus |negative |plus )? ?(?:infinity|inf|oo|∞)", text.strip(), re.IGNORECASE)
    if infinite:
        negative = (infinite[1] or "").strip().lower() in ("-", "minus", "negative")
        return ["neg", ["c", "oo"]] if negative else ["c", "oo"]
    tree = parsed(text)
    return tree if tree and not letters(tree) else None


def _limit(found: re.Match[str]) -> Request | None:
    tree, place = _expression(found["it"]), _bound(found["to"])
    if not tree or not place or not letters(tree) <= {found["by"]}:
        return None
    side = {"right": "+", "above": "+", "left": "-", "below": "-"}.get(_group(found, "side").lower(), "")
    return {"op": "limit", "of": tree, "by": found["by"], "to": place, "side": side}


def _total(found: re.Match[str]) -> Request | None:
    by = _group(found, "by")
    tree, low, high = parsed(found["it"], by), _bound(found["low"]), _bound(found["high"])
    if not tree or not low or not high or len(letters(tree)) != 1 or by not in ("", *letters(tree)):
        return None
    return {"op": "sum", "of": tree, "by": by or next(iter(letters(tree))), "from": low, "to": high}


def _value(found: re.Match[str]) -> Request | None:
    tree = _expression(found["it"])
    at: dict[str, Tree] = {}
    for piece in re.split(r"\s*(?:,|\band\b)\s*", found["at"]):
        given = re.fullmatch(r"([a-zA-Z]) ?= ?(.+)", piece)
        value = parsed(given[2]) if given else None
        if given is None or value is None or letters(value) or given[1] in at:
            return None
        at[given[1]] = value
    return {"op": "value", "of": tree, "at": at} if tree and letters(tree) == set(at) else None


def _group(found: re.Match[str], name: str) -> str:
    return (found.groupdict().get(name) or "").strip()


# --- the forms --------------------------------------------------------------------------------------------------------

Form = tuple[re.Pattern[str], Callable[[re.Match[str]], Request | None]]
_THING = (
    r"(?:the |this |following |linear |quadratic |cubic |simultaneous |system of |system |equations? |expression "
    r"|polynomial |function |:)*"
)
_V = r"[a-zA-Zθ]"
_WRT = rf"(?:(?:,? (?:with respect to|wrt|w\.r\.t\.|by|in) (?P<by>{_V}))|(?: ?d(?P<by2>{_V})))?"
_ORDER = r"(?:partial )?(?:(?P<order>first|second|third|2nd|3rd) )?"


def _form(pattern: str, request_of: Callable[[re.Match[str]], Request | None]) -> Form:
    return re.compile(pattern, re.IGNORECASE), request_of


_EQ = rf"{_THING}(?P<it>[^=]+=.+?)"
FORMS = (
    _form(r"(?P<it>[^=]+=[^=]+)", _bare_equation),
    _form(
        rf"(?:solve|solution to|solutions? (?:of|to|for)|values? of (?P<for>{_V}) "
        rf"(?:if|in|when|such that|for which|that solves?)) ?:? ?{_EQ}",
        _solve,
    ),
    _form(rf"solve ?:? ?{_EQ},? for (?P<all>{_V}(?:(?: ?, ?| and |, and ){_V})+)", _solve_both),
    _form(rf"solve ?:? ?{_EQ},? (?:for|in) (?P<for>{_V})", _solve),
    _form(rf"solve (?:for|in) (?P<for>{_V}) ?[:,]? ?(?:in |if |when |given )?{_EQ}", _solve),
    _form(
        rf"solve (?:for|in) (?P<all>{_V}(?:(?: ?, ?| and |, and ){_V})+) ?[:,]? ?(?:in |if |when |given )?{_EQ}",
        _solve_both,
    ),
    _form(rf"what values? of (?P<for>{_V}) (?:makes?|satisf(?:y|ies)|solves?|gives?) {_EQ}(?: true)?", _solve),
    _form(
        rf"(?:find )?(?P<all>{_V}(?:(?: ?, ?| and |, and ){_V})+),? (?:if|when|where|given|given that|such that) {_EQ}",
        _solve_both,
    ),
    _form(
        rf"(?:find )?(?P<for>{_V})"
        rf"(?: ?:|,? (?:if|in|when|where|given|given that|such that|so that)) {_EQ}",
        _solve,
    ),
    _form(
        rf"(?:if|given|given that|when|suppose|for) {_EQ},? ?(?:then )?"
        rf"(?:what is|what's|whats|find|solve for|determine|what does|what must) (?P<for>{_V})(?: be| equal)?",
        _solve,
    ),
    _form(rf"{_EQ},? (?:solve for|find|what is|what's|solve for) (?P<for>{_V})", _solve),
    _form(rf"{_EQ}, ?(?P<for>{_V})", _solve),
    _form(rf"(?:find )?(?:the )?(?:real )?(?:roots?|zeros?|zeroes) of {_THING}(?P<it>.+)", _roots),
    _form(
        rf"(?:factor|factorise|factorize|factorisation of|factorization of|factored form of) {_THING}(?P<it>.+?)"
        rf"(?: completely)?",
        _of("factor"),
    ),
    _form(
        rf"(?:expand|multiply out|expansion of|expanded form of|expand out) {_THING}(?P<it>.+)",
        _of("expand"),
    ),
    _form(
        rf"(?:simplify|simplification of|simplified form of|simplest form of) {_THING}(?P<it>.+)",
        _of("simplify"),
    ),
    _form(rf"(?:the )?{_ORDER}(?:derivative|differential) of {_THING}(?P<it>.+?){_WRT}", _derivative),
    _form(
        rf"(?:the )?{_ORDER}derivative of {_THING}(?P<it>.+?){_WRT},? (?:at|when|for|where) (?:the point )?(?:"
        rf"(?P<atname>{_V}) ?= ?)?(?P<at>[^=]+)",
        _derivative,
    ),
    _form(
        rf"(?:the )?{_ORDER}derivative,? with respect to (?P<by>{_V}),? of {_THING}(?P<it>.+)",
        _derivative,
    ),
    _form(rf"(?:differentiate|derive) {_THING}(?P<it>.+?){_WRT}", _derivative),
    _form(
        r"d(?:\^?(?P<order>[23²³]))? ?/ ?d(?P<by>[a-zA-Z])(?:\^?(?P<again>[23²³]))? (?:of )?(?P<it>.+)",
        _derivative,
    ),
    _form(r"d ?/ ?d(?P<by>[a-zA-Z])(?P<it>[(\[].+)", _derivative),
    _form(
        rf"(?:the )?(?:indefinite |definite )?(?:integral|antiderivative|anti-derivative|primitive) of {_THING}"
        rf"(?P<it>.+?){_WRT}",
        _integral,
    ),
    _form(rf"(?:integrate|∫) ?{_THING}(?P<it>.+?){_WRT}", _integral),
    _form(
        rf"(?:(?:the )?(?:definite )?integral of|integrate|∫) ?{_THING}(?P<it>.+?){_WRT},? "
        rf"(?:from|between|over) (?:{_V} ?= ?)?(?P<low>.+?) (?:to|and) (?:{_V} ?= ?)?(?P<high>.+?)",
        _integral,
    ),
    _form(
        rf"(?:(?:the )?(?:definite )?integral|integrate) from (?P<low>.+?) to (?P<high>.+?) of {_THING}"
        rf"(?P<it>.+?){_WRT}",
        _integral,
    ),
    _form(
        rf"(?:the )?lim(?:it)?(?: of)? {_THING}(?P<it>.+?),? (?:as|when|for) (?P<by>{_V}) ?"
        rf"(?:approaches|->|→|tends to|goes to|tending to|going to|approaching) ?(?P<to>.+?)(?: from (?:the )?"
        rf"(?P<side>left|right|above|below))?",
        _limit,
    ),
    _form(
        rf"(?:the )?lim(?:it)? (?:as )?\(?(?P<by>{_V}) ?(?:approaches|->|→|tends to|goes to) ?(?P<to>[^ )]+)\)?"
        rf"(?: of)? (?P<it>.+)",
        _limit,
    ),
    _form(
        rf"(?:the )?sum of {_THING}(?P<it>.+?),? (?:for|from|as|with|where|when) (?P<by>{_V}) ?"
        rf"(?:=|from|goes from|runs from|in|between) ?(?P<low>.+?) ?(?:to|through|up to|\.\.|and) ?(?:"
        rf"{_V} ?= ?)?(?P<high>.+?)",
        _total,
    ),
    _form(r"(?:the )?sum of (?P<it>[^=]+?) from (?P<low>[^ =]+) to (?P<high>[^ =]+)", _total),
    _form(
        rf"(?:the )?sum (?:for |from |over )?(?P<by>{_V}) ?(?:=|from) ?(?P<low>.+?) (?:to|through|up to) "
        rf"(?P<high>.+?) of (?P<it>.+)",
        _total,
    ),
    _form(
        rf"(?:evaluate |compute )?{_THING}(?P<it>.+?),? (?:at|when|if|for|where|with|given) (?P<at>{_V} ?= ?.+)",
        _value,
    ),
    _form(
        rf"(?:if|when|for|given|with|let) (?P<at>{_V} ?= ?.+?),? ?(?:then )?"
        rf"(?:what is|what's|whats|evaluate|compute|calculate|find) (?:the value of )?(?P<it>.+)",
        _value,
    ),
)
