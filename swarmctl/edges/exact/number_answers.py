"""What is said to each question of whole numbers, each with its check; None beyond what is bounded."""

from __future__ import annotations

import re
from math import comb, gcd, isqrt, lcm, prod

from swarmctl.core.council import Found
from swarmctl.edges.exact import primes

MOST_BITS = 4096
MOST_LISTED = 200
SIEVED = 2_000_000


def _number(text: str) -> int:
    return int(text.replace(",", "").replace(" ", "")) if len(text) <= 60 else primes.PROVEN


def _numbers(text: str) -> list[int]:
    return [int(part[:60]) for part in re.findall(r"\d+", text)]


def _yes(right: bool, proof: str) -> Found:
    return Found("yes" if right else "no", proof)


def prime(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    if number >= primes.PROVEN:
        return None
    right, why = _primality(number)
    asked = found.groupdict().get("what") or "prime"
    if "or" in asked.split():
        return Found("prime" if right else "composite", why) if number > 1 else None
    if "composite" in asked:
        return _yes(not right and number > 3, why)
    return _yes(right, why)


def _primality(number: int) -> tuple[bool, str]:
    if number < 2:
        return False, "a prime is greater than 1"
    if primes.is_prime(number):
        if number < 10**12:
            return True, f"no prime up to {isqrt(number)} (the root of {number}) divides it"
        return True, "Miller-Rabin with the primes 2 to 41, which is exact for numbers below 3.3e24"
    parts = primes.factors(number)
    if parts is None:
        return False, "it fails the test of Miller-Rabin, which no prime does"
    return False, f"{number} = {primes.written(parts)}"


def factorised(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    parts = primes.factors(number) if number > 1 else None
    if not parts:
        return None
    return Found(primes.written(parts), f"{primes.written(parts)} = {number}, and {_all(parts)} prime")


def _all(parts: dict[int, int]) -> str:
    names = ", ".join(map(str, parts))
    return f"{names} are" if len(parts) > 1 else f"{names} is"


def divisors(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    every = primes.divisors(number) if 0 < number <= primes.MOST_FACTORED else None
    parts = primes.factors(number)
    if not every or parts is None:
        return None
    what = found.groupdict().get("what") or ""
    if what.startswith(("how many", "number", "count")):
        powers = "*".join(f"({times}+1)" for times in parts.values()) or "1"
        return Found(str(len(every)), f"{number} = {primes.written(parts)}, so {powers} = {len(every)}")
    if what.startswith("sum"):
        return Found(str(sum(every)), f"{_shown(every, ' + ')} = {sum(every)}")
    if len(every) > MOST_LISTED:
        return None
    return Found(", ".join(map(str, every)), f"{number} = {primes.written(parts)}, which has {len(every)} divisors")


def _shown(numbers: list[int], between: str) -> str:
    words = [str(number) for number in numbers]
    return between.join(words if len(words) <= 12 else [*words[:5], "...", words[-1]])


def common_divisor(found: re.Match[str]) -> Found | None:
    numbers = _numbers(found["all"])
    if not any(numbers) or len(numbers) < 2:
        return None
    result = gcd(*numbers)
    if len(numbers) == 2 and all(numbers):
        return Found(str(result), primes.euclid(max(numbers), min(numbers)))
    return Found(str(result), ", ".join(f"{number} = {result}*{number // result}" for number in numbers))


def common_multiple(found: re.Match[str]) -> Found | None:
    numbers = _numbers(found["all"])
    if not all(numbers) or len(numbers) < 2:
        return None
    result = lcm(*numbers)
    return Found(str(result), ", ".join(f"{result} = {number}*{result // number}" for number in numbers))


def coprime(found: re.Match[str]) -> Found | None:
    numbers = _numbers(found["all"])
    if len(numbers) != 2:
        return None
    return _yes(gcd(*numbers) == 1, f"gcd({numbers[0]}, {numbers[1]}) = {gcd(*numbers)}")


def divisible(found: re.Match[str]) -> Found | None:
    number, by = _number(found["n"]), _number(found["by"])
    if by == 0:
        return None
    return _yes(number % by == 0, f"{number} = {by}*{number // by} + {number % by}")


def nth_prime(found: re.Match[str]) -> Found | None:
    nth = _number(found["n"])
    if not 1 <= nth <= 100_000:
        return None
    every = primes.primes_below(8000 if nth <= 1000 else 1_299_710)
    return Found(str(every[nth - 1]), f"{nth - 1} primes are smaller than {every[nth - 1]}, which is prime")


def next_prime(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    if number > 10**18:
        return None
    up = not re.search(r"before|below|smaller|less|under|previous|largest|greatest", found["what"])
    place = number + 1 if up else number - 1
    while place >= 2 and not primes.is_prime(place):
        place += 1 if up else -1
    if place < 2:
        return None
    return Found(str(place), f"{place} is prime, and none between it and {number} is")


def primes_up_to(found: re.Match[str]) -> Found | None:
    high = _number(found["n"]) + (found["bound"] not in ("below", "less than", "under", "smaller than", "before"))
    if high > SIEVED:
        return None
    every = primes.primes_below(high)
    counted = found["what"].startswith(("how many", "number", "count"))
    if counted:
        return Found(str(len(every)), f"{_shown(every, ', ')}" if every else "the first prime is 2")
    if not every or len(every) > MOST_LISTED:
        return None
    return Found(", ".join(map(str, every)), f"{len(every)} primes; no other number in that range is prime")


def primes_between(found: re.Match[str]) -> Found | None:
    """Only where it does not matter whether the ends are counted."""
    low, high = _number(found["low"]), _number(found["high"])
    if not low < high <= SIEVED or primes.is_prime(low) or primes.is_prime(high):
        return None
    every = [prime for prime in primes.primes_below(high) if prime > low]
    if found["what"].startswith(("how many", "number", "count")):
        return Found(str(len(every)), f"{_shown(every, ', ')}" if every else "every one of them has a divisor")
    if not every or len(every) > MOST_LISTED:
        return None
    return Found(", ".join(map(str, every)), f"{len(every)} primes; no other number in that range is prime")


def extreme_factor(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    parts = primes.factors(number) if number > 1 else None
    if not parts:
        return None
    one = min(parts) if found["what"] in ("smallest", "least", "lowest") else max(parts)
    return Found(str(one), f"{number} = {primes.written(parts)}")


def first_primes(found: re.Match[str]) -> Found | None:
    count = _number(found["n"])
    if not 1 <= count <= MOST_LISTED:
        return None
    every = primes.primes_below(1300)[:count]
    if (found.groupdict().get("what") or "").startswith("sum"):
        return Found(str(sum(every)), f"{_shown(every, ' + ')} = {sum(every)}")
    return Found(", ".join(map(str, every)), f"the first {count} numbers with no divisor but 1 and themselves")


def power_mod(found: re.Match[str]) -> Found | None:
    base, power, mod = int(found["a"]), int(found["b"]), int(found["m"])
    if max(base, abs(power), mod).bit_length() > MOST_BITS or mod < 1:
        return None
    if power < 0 and gcd(base, mod) != 1:
        return Found("does not exist", f"gcd({base}, {mod}) = {gcd(base, mod)}, not 1")
    result = pow(base, power, mod)
    if power < 0:
        inverse = pow(base, -1, mod)
        return Found(str(result), f"{base}*{inverse} = {base * inverse} leaves {base * inverse % mod} divided by {mod}")
    small = power * max(base, 2).bit_length() <= 200
    whole = f"{base}^{power} = {base**power} = {mod}*{base**power // mod} + {result}" if small else ""
    return Found(str(result), whole or f"by squaring: pow({base}, {power}, {mod}) in Python")


def inverse(found: re.Match[str]) -> Found | None:
    number, mod = _number(found["a"]), _number(found["m"])
    if mod < 2:
        return None
    if gcd(number, mod) != 1:
        return Found("does not exist", f"gcd({number}, {mod}) = {gcd(number, mod)}, not 1")
    result = pow(number, -1, mod)
    return Found(str(result), f"{number}*{result} = {number * result} = {mod}*{number * result // mod} + 1")


def remainder(found: re.Match[str]) -> Found | None:
    number, by = _number(found["n"]), _number(found["by"])
    if not by:
        return None
    return Found(str(number % by), f"{number} = {by}*{number // by} + {number % by}")


def fibonacci(found: re.Match[str]) -> Found | None:
    nth = _number(found["n"])
    if not 1 <= nth <= 1000:
        return None
    before, now = 0, 1
    for _ in range(nth - 1):
        before, now = now, before + now
    return Found(str(now), f"F({nth}) with F(1) = F(2) = 1 and each the sum of the two before it")


def totient(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    parts = primes.factors(number)
    if not parts:
        return Found("1", "1 is counted itself") if number == 1 else None
    result = prod(prime ** (times - 1) * (prime - 1) for prime, times in parts.items())
    return Found(str(result), f"{number} = {primes.written(parts)}, and each prime p^k counts p^(k-1)*(p-1)")


def choose(found: re.Match[str]) -> Found | None:
    total, taken = _number(found["n"]), _number(found["k"])
    if total > 1000 or taken > total:
        return None
    return Found(str(comb(total, taken)), f"{total}!/({taken}!*{total - taken}!) = {comb(total, taken)}")


def square(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    root = isqrt(number)
    if root * root == number:
        return _yes(True, f"{root}^2 = {number}")
    return _yes(False, f"{root}^2 = {root * root} and {root + 1}^2 = {(root + 1) ** 2}")


def cube(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    if number > 10**15:
        return None
    root = round(number ** (1 / 3))
    root -= root**3 > number
    if root**3 == number:
        return _yes(True, f"{root}^3 = {number}")
    return _yes(False, f"{root}^3 = {root**3} and {root + 1}^3 = {(root + 1) ** 3}")


def perfect(found: re.Match[str]) -> Found | None:
    number = _number(found["n"])
    every = primes.divisors(number) if 1 < number <= 10**12 else None
    if not every:
        return None
    return _yes(sum(every) == 2 * number, f"{_shown(every[:-1], ' + ')} = {sum(every) - number}")


def parity(found: re.Match[str]) -> Found | None:
    number = int(found["n"].replace(",", ""))
    word = "odd" if number % 2 else "even"
    if "or" in found["what"].split():
        return Found(word, f"{number} = 2*{number // 2} + {number % 2}")
    return _yes(found["what"] == word, f"{number} = 2*{number // 2} + {number % 2}")


def power_of(found: re.Match[str]) -> Found | None:
    number, base = _number(found["n"]), _number(found["by"])
    if base < 2 or number < 1 or len(found["n"]) > 40:
        return None
    power = 0
    while base ** (power + 1) <= number:
        power += 1
    if base**power == number:
        return _yes(True, f"{base}^{power} = {number}")
    return _yes(False, f"{base}^{power} = {base**power} and {base}^{power + 1} = {base ** (power + 1)}")


def digit_sum(found: re.Match[str]) -> Found | None:
    digits = found["n"].replace(",", "")
    result = sum(map(int, digits))
    return Found(str(result), f"{' + '.join(digits) if len(digits) <= 20 else 'its digits added up'} = {result}")


def sum_to(found: re.Match[str]) -> Found | None:
    low, high = int(found["low"]), int(found["high"])
    kind = (found["kind"] or "").strip()
    if not low <= high <= 10**12:
        return None
    step = 2 if kind in ("even", "odd") else 1
    low += (kind == "even" and low % 2) or (kind == "odd" and low % 2 == 0)
    high -= (kind == "even" and high % 2) or (kind == "odd" and high % 2 == 0)
    if low > high:
        return None
    count = (high - low) // step + 1
    total = (low + high) * count // 2
    return Found(str(total), f"{count} numbers with the mean ({low} + {high})/2: {count}*({low} + {high})/2 = {total}")


def sum_first(found: re.Match[str]) -> Found | None:
    count, kind = _number(found["n"]), found["kind"].split()[0]
    if not 1 <= count <= 10**9:
        return None
    if kind == "odd":
        return Found(str(count**2), f"1 + 3 + ... + {2 * count - 1} = {count}^2")
    if kind == "even":
        return Found(str(count * (count + 1)), f"2 + 4 + ... + {2 * count} = {count}*{count + 1}")
    if kind in ("squares", "square"):
        return Found(str(count * (count + 1) * (2 * count + 1) // 6), f"n(n+1)(2n+1)/6 with n = {count}")
    if kind in ("cubes", "cube"):
        return Found(str((count * (count + 1) // 2) ** 2), f"(n(n+1)/2)^2 with n = {count}")
    return Found(str(count * (count + 1) // 2), f"n(n+1)/2 with n = {count}")
