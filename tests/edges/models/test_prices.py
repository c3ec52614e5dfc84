"""Prices: known models have one with a date, unknown ones have none, and nothing asks the network."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from swarmctl.core.money import MOST, Tokens
from swarmctl.edges.models.prices import RELEASED, price_of, source

ROOT = Path(__file__).parents[3]
AT = 1_795_266_400.0
USED = Tokens(3000, 200, 1800, 100)


def test_a_known_model_costs_what_its_maker_asks_for_each_kind_of_token() -> None:
    found = price_of("claude-sonnet-4-5", "anthropic", USED, AT)
    assert found is not None
    assert found.micros == 3000 * 3 + 200 * 3.75 + 1800 * 0.3 + 100 * 15


@pytest.mark.parametrize("model", ["claude-sonnet-4-5[1m]", "claude-sonnet-4-5-20250929"])
def test_a_variant_of_a_model_is_found(model: str) -> None:
    assert price_of(model, "anthropic", USED, AT) == price_of("claude-sonnet-4-5", "anthropic", USED, AT)


@pytest.mark.parametrize("model", ["", "scripted-1", "no such model", "?" * 500, "\x00"])
def test_a_model_that_nobody_knows_has_no_price(model: str) -> None:
    assert price_of(model, "openai", USED, AT) is None
    assert price_of(model, "", USED, AT) is None


def test_more_tokens_than_there_can_be_have_a_price_that_can_be_written() -> None:
    found = price_of("claude-sonnet-4-5", "anthropic", Tokens(10**12, 0, 0, 10**12), AT)
    assert found is not None
    assert found.micros == MOST


def test_the_locked_release_has_its_date() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    (package,) = [each for each in packages if each["name"] == "genai-prices"]
    day = str(package["wheels"][0].get("upload-time", ""))[:10]
    assert RELEASED[package["version"]] == day
    assert re.fullmatch(r"genai-prices [\d.]+( of \d{4}-\d\d-\d\d)?", source())


def test_no_socket_is_opened_for_a_price() -> None:
    code = (
        "import socket\n"
        "def never(*_): raise AssertionError('the network')\n"
        "socket.socket.connect = never\nsocket.getaddrinfo = never\n"
        "from swarmctl.core.money import Tokens\nfrom swarmctl.edges.models.prices import price_of\n"
        "assert price_of('claude-sonnet-4-5', 'anthropic', Tokens(1), 0.0) is not None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nothing_is_loaded_before_a_price_is_asked_for() -> None:
    code = "import sys, swarmctl.edges.models.prices, swarmctl.app.costs\nassert 'genai_prices' not in sys.modules\n"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
