"""The page's guard, as far as no browser is needed to see it."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from swarmctl.surfaces.tui.serving import Guarded


async def page(request: web.Request) -> web.StreamResponse:
    return web.Response()


@pytest.mark.parametrize(
    ("port", "host", "origin"),
    [(8000, "127.0.0.1:8000", "http://127.0.0.1:8000"), (80, "127.0.0.1", "http://127.0.0.1")],
)
def test_a_browser_that_opens_the_address_is_let_in_by_the_name_that_it_gives(
    port: int, host: str, origin: str
) -> None:
    """It leaves out the port that every page has."""
    guarded = Guarded(port)
    assert guarded.address.startswith(f"{origin}/") and len(guarded.secret) >= 32

    def asks(host: str, origin: str) -> web.StreamResponse:
        request = make_mocked_request("GET", f"/{guarded.secret}/", {"Host": host, "Origin": origin})
        return asyncio.run(guarded._admit(request, page))

    assert asks(host, origin).status == 200
    for name, whence in ((host, "http://127.0.0.1:1"), (host, "null"), (f"{host}0", origin), ("", origin)):
        with pytest.raises(web.HTTPForbidden):
            asks(name, whence)
