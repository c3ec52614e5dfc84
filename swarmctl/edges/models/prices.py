"""Prices of models, from the data inside the package `genai-prices`: no network, and none for a model it does not know.

The package takes 0.2 s and 30 MB, so it is loaded by the first question, in the process that asks.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from swarmctl.core.money import MICRO, MOST, Tokens
from swarmctl.core.values import dataclass

RELEASED = {"0.2.3": "2026-11-10"}
"""When a release of the package, and so its prices, appeared."""
VARIANT = re.compile(r"\[[^\]]*\]$")


@dataclass(frozen=True, slots=True)
class Price:
    micros: int
    source: str
    """Whose price it is and of when."""


def price_of(model: str, provider: str, tokens: Tokens, at: float) -> Price | None:
    """What the tokens cost at a time, at the list prices of the provider; of the model's own maker without one."""
    import genai_prices

    usage = genai_prices.Usage(
        input_tokens=tokens.input + tokens.cache_write + tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        cache_read_tokens=tokens.cache_read,
        output_tokens=tokens.output,
    )
    name = VARIANT.sub("", model)
    for owner in dict.fromkeys((provider or None, None)):
        try:
            found = genai_prices.calc_price(
                usage, name, provider_id=owner, genai_request_timestamp=datetime.fromtimestamp(at, UTC)
            )
        except (LookupError, ValueError):
            continue
        return Price(min(round(found.total_price * MICRO), MOST), source())
    return None


def source() -> str:
    from genai_prices import __version__

    released = RELEASED.get(__version__)
    return f"genai-prices {__version__}{f' of {released}' if released else ''}"
