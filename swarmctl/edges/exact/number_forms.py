"""What people ask of whole numbers, in patterns that hold the whole question."""

from __future__ import annotations

import re
from collections.abc import Callable

from swarmctl.core.council import Found
from swarmctl.edges.exact import number_answers as told

Told = Callable[[re.Match[str]], Found | None]
_N = r"\d{1,3}(?:,\d{3})+|\d{1,60}"
_ONE = rf"(?P<n>{_N})"
_BY = rf"(?P<by>{_N})"
_LIST = r"\(? ?(?P<all>\d{1,60}(?:(?: ?, ?and |, ?| and |,? & )\d{1,60}){1,9}) ?\)?"
_TH = r"(?:st|nd|rd|th)"
_IF = r"(?:(?:check|see|test|verify) )?(?:if |whether )?(?:the )?(?:number )?"
_COUNT = r"(?:how many|(?:the )?(?:number|count) of)"
_LIST_UP = r"(?:(?:list|show|name)(?: of| me)? )?(?:all )?(?:of )?(?:the )?"
_GCD = r"(?:gcd|gcf|hcf|greatest common (?:divisor|factor|denominator)|highest common (?:factor|divisor))"
_LCM = r"(?:lcm|(?:least|lowest|smallest) common multiple)"
_BOUND = r"(?P<bound>below|less than|under|smaller than|before|up to|up to and including|at most)"
_PRIME = r"prime(?:s| numbers?)?"
_KIND = r"(?P<what>prime or composite|composite or prime|prime|composite)"

_RANGE = rf"(?:between|from) (?P<low>{_N}) (?:and|to) (?P<high>{_N})"

_EVERY: tuple[tuple[str, Told], ...] = (
    (rf"is (?:the )?(?:number )?(?P<n>-\d+|{_N}) an? {_KIND}(?: number)?", told.prime),
    (rf"is (?:the )?(?:number )?(?P<n>-\d+|{_N}) {_KIND}", told.prime),
    (rf"{_IF}{_ONE} (?:is )?(?:an? )?{_KIND}(?: number)?", told.prime),
    (rf"(?:the )?prime factori[sz]ation (?:of|for) {_ONE}", told.factorised),
    (rf"(?:all )?(?:the )?prime factors of {_ONE}", told.factorised),
    (
        rf"(?:factor|factori[sz]e|decompose) (?:the )?(?:number )?{_ONE}(?: (?:in)?to (?:its )?prime"
        rf"(?:s| factors))?",
        told.factorised,
    ),
    (rf"(?:the )?factori[sz]ation of {_ONE}", told.factorised),
    (rf"{_ONE} (?:in)?to (?:its )?prime(?:s| factors)", told.factorised),
    (rf"{_LIST_UP}(?:positive )?(?:divisors|factors) of {_ONE}", told.divisors),
    (
        rf"(?P<what>(?:the )?(?:number|count) of|how many|sum of(?: all)?(?: the)?) (?:positive )?"
        rf"(?:divisors|factors) of {_ONE}",
        told.divisors,
    ),
    (rf"(?P<what>how many) (?:positive )?(?:divisors|factors) (?:does {_ONE} have|are there of {_N})", told.divisors),
    (rf"(?:the )?{_GCD}(?: of| for)? ?{_LIST}", told.common_divisor),
    (rf"(?:the )?{_LCM}(?: of| for)? ?{_LIST}", told.common_multiple),
    (rf"are {_LIST} (?:coprime|co-prime|relatively prime|mutually prime)", told.coprime),
    (rf"is {_ONE} (?:evenly |exactly )?divisible by {_BY}", told.divisible),
    (rf"{_IF}{_ONE} is (?:evenly |exactly )?divisible by {_BY}", told.divisible),
    (rf"does {_BY} (?:evenly )?divide {_ONE}(?: evenly)?", told.divisible),
    (rf"is {_ONE} a multiple of {_BY}", told.divisible),
    (rf"is {_BY} a (?:factor|divisor) of {_ONE}", told.divisible),
    (rf"(?:the )?(?P<n>\d+){_TH} prime(?: number)?", told.nth_prime),
    (
        rf"(?:the )?(?P<what>next|previous|first|smallest|largest|greatest) {_PRIME} (?:after|before)"
        rf" {_ONE}",
        told.next_prime,
    ),
    (rf"(?:the )?(?P<what>{_PRIME} (?:right |just |directly )?(?:after|before)) {_ONE}", told.next_prime),
    (
        rf"(?:the )?(?P<what>(?:next|first|smallest) {_PRIME} (?:greater|larger|bigger|higher) than)"
        rf" {_ONE}",
        told.next_prime,
    ),
    (
        rf"(?:the )?(?P<what>(?:largest|greatest|biggest) {_PRIME} (?:smaller than|less than|below|under))"
        rf" {_ONE}",
        told.next_prime,
    ),
    (rf"(?P<what>{_COUNT}) {_PRIME}(?: are there| there are| are| exist)? {_BOUND} {_ONE}", told.primes_up_to),
    (rf"(?P<what>{_LIST_UP}){_PRIME} {_BOUND} {_ONE}", told.primes_up_to),
    (rf"(?P<what>{_COUNT}) {_PRIME}(?: are there| there are| are| exist| lie)? {_RANGE}", told.primes_between),
    (rf"(?P<what>{_LIST_UP}){_PRIME} {_RANGE}", told.primes_between),
    (
        rf"(?:the )?(?P<what>smallest|least|lowest|largest|greatest|biggest|highest) "
        rf"prime (?:factor|divisor) of {_ONE}",
        told.extreme_factor,
    ),
    (rf"(?P<what>sum of )?(?:the )?first (?P<n>\d+) {_PRIME}", told.first_primes),
    (r"(?P<a>\d+) ?(?:\^|\*\*) ?(?P<b>\(?-?\d+\)?) ?\)? ?\(?(?:mod|modulo|%) (?P<m>\d+)\)?", told.power_mod),
    (
        r"(?P<a>\d+) (?:raised )?to the (?:power(?: of)? )?(?P<b>\d+)(?:st|nd|rd|th)?(?: power)? "
        r"(?:mod|modulo) (?P<m>\d+)",
        told.power_mod,
    ),
    (
        r"(?:the )?remainder (?:of|when|if) (?P<a>\d+) ?(?:\^|\*\*) ?(?P<b>\d+) (?:is )?divided by"
        r" (?P<m>\d+)",
        told.power_mod,
    ),
    (
        r"(?:the )?(?:modular |multiplicative |modular multiplicative )?inverse of (?P<a>\d+),? "
        r"(?:mod|modulo) (?P<m>\d+)",
        told.inverse,
    ),
    (rf"(?:the )?remainder (?:of|when|if|for) {_ONE} (?:is )?(?:divided|÷) by {_BY}", told.remainder),
    (r"(?:the )?(?P<n>\d+)(?:st|nd|rd|th) fibonacci(?: number)?", told.fibonacci),
    (r"fibonacci ?(?:of |\()? ?(?P<n>\d+) ?\)?", told.fibonacci),
    (rf"(?:euler'?s? )?(?:phi|totient)(?: function)? ?(?:of |\( ?){_ONE} ?\)?", told.totient),
    (r"(?P<n>\d+) choose (?P<k>\d+)", told.choose),
    (r"(?:the )?(?:binomial(?: coefficient)?|ncr|c) ?(?:of )?\( ?(?P<n>\d+) ?, ?(?P<k>\d+) ?\)", told.choose),
    (
        r"how many ways (?:are there )?(?:to|can (?:i|you|we|one)) choose (?P<k>\d+) "
        r"(?:items |things |people )?(?:from|out of) (?P<n>\d+)",
        told.choose,
    ),
    (rf"is {_ONE} a (?:perfect square|square number|square)", told.square),
    (rf"is {_ONE} a (?:perfect cube|cube number|cube)", told.cube),
    (rf"is {_ONE} a perfect number", told.perfect),
    (
        rf"is (?:the number )?(?P<n>-?(?:{_N})) (?:an )?(?P<what>even|odd|even or odd|odd or even)"
        rf"(?: number)?",
        told.parity,
    ),
    (rf"is {_ONE} a power of {_BY}", told.power_of),
    (rf"(?:the )?(?:sum of (?:all )?(?:the )?digits (?:of|in)|digit sum of) {_ONE}", told.digit_sum),
    (
        r"(?:the )?sum of (?:all )?(?:the )?(?P<kind>even |odd |natural |whole |positive )?"
        r"(?:numbers|integers) from (?P<low>\d+) (?:to|through|up to) (?P<high>\d+)",
        told.sum_to,
    ),
    (
        r"(?:the )?sum of (?:the )?first (?P<n>\d+) (?P<kind>(?:natural|positive|whole|odd|even|square) "
        r"(?:numbers|integers)|positive integers|integers|squares|cubes|perfect squares)",
        told.sum_first,
    ),
)
FORMS = tuple((re.compile(text), answered) for text, answered in _EVERY)
