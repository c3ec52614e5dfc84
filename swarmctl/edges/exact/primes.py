"""Whole numbers taken apart: exact below the bound for which it is proven, and never slow."""

from __future__ import annotations

from itertools import pairwise
from math import gcd, isqrt, prod

PROVEN = 3_317_044_064_679_887_385_961_981
"""Below it, Miller-Rabin with the first 13 primes as bases is exact."""
MOST_FACTORED = 10**18
BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
ROUNDS = 200_000


def is_prime(number: int) -> bool:
    """For numbers below PROVEN."""
    if number < 2:
        return False
    for base in BASES:
        if number % base == 0:
            return number == base
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd, twos) for base in BASES)


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def factors(number: int) -> dict[int, int] | None:
    """Primes and how often, ascending; None when they are not found soon."""
    if not 1 <= number <= MOST_FACTORED:
        return None
    found: dict[int, int] = {}
    rest = number
    for small in range(2, 1000):
        while rest % small == 0:
            found[small] = found.get(small, 0) + 1
            rest //= small
    open_parts = [rest] if rest > 1 else []
    while open_parts:
        part = open_parts.pop()
        if is_prime(part):
            found[part] = found.get(part, 0) + 1
            continue
        divisor = _divisor(part)
        if divisor is None:
            return None
        open_parts += [divisor, part // divisor]
    if prod(prime**times for prime, times in found.items()) != number:
        return None
    return dict(sorted(found.items()))


def _divisor(number: int) -> int | None:
    """Pollard's rho by Brent's steps, for a composite number."""
    root = isqrt(number)
    if root * root == number:
        return root
    for shift in range(1, 12):
        slow = fast = 2
        for _ in range(ROUNDS):
            slow = (slow * slow + shift) % number
            fast = (fast * fast + shift) % number
            fast = (fast * fast + shift) % number
            divisor = gcd(abs(slow - fast), number)
            if divisor != 1:
                break
        else:
            return None
        if divisor != number:
            return divisor
    return None


def divisors(number: int) -> list[int] | None:
    parts = factors(number)
    if parts is None:
        return None
    found = [1]
    for prime, times in parts.items():
        found = [each * prime**power for each in found for power in range(times + 1)]
    return sorted(found)


def primes_below(bound: int) -> list[int]:
    """All primes smaller than `bound`."""
    sieve = bytearray([1]) * max(bound, 2)
    sieve[:2] = b"\0\0"
    for number in range(2, isqrt(max(bound, 2)) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, len(sieve), number)))
    return [number for number in range(2, bound) if sieve[number]]


def written(parts: dict[int, int]) -> str:
    """`2^3 * 3^2 * 5`"""
    return " * ".join(f"{prime}^{times}" if times > 1 else str(prime) for prime, times in parts.items()) or "1"


def euclid(one: int, other: int) -> str:
    """The remainders on the way to the greatest common divisor."""
    steps = [one, other]
    while steps[-1]:
        steps.append(steps[-2] % steps[-1])
    lines = [f"{a} mod {b} = {a % b}" for a, b in pairwise(steps) if b]
    return ", ".join(lines if len(lines) <= 6 else [*lines[:3], "...", lines[-1]])
