"""The cockpit as a page in a browser of this machine, at an address that nobody guesses.

The library lets in whoever reaches its port, and whatever page the same browser shows: each could tell agents what to
do. Here the path holds a secret, and who asks by another name, or out of another page, is refused.
"""

from __future__ import annotations

import os
import secrets
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

from swarmctl.core.errors import EnvironmentFault

HOST = "127.0.0.1"
PAGE = Path(__file__).with_name("page")
LEAVING_S = 1.0
"""So long a page is asked to close before it is closed."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guarded(Server):
    def __init__(self, port: int) -> None:
        cockpit = shlex.join([sys.executable, "-m", "swarmctl.surfaces.cli.entry"])
        self.origin = f"http://{HOST}" if port == 80 else f"http://{HOST}:{port}"
        self.secret = secrets.token_urlsafe(24)
        super().__init__(
            cockpit, host=HOST, port=port, title="swarmctl", public_url=self.origin, templates_path=str(PAGE)
        )

    @property
    def address(self) -> str:
        return f"{self.origin}/{self.secret}/"

    async def application(self) -> web.Application:
        root = web.Application(middlewares=[self._admit])
        root.add_subapp(f"/{self.secret}", await self._make_app())
        root.on_response_prepare.append(self._close_off)
        return root

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if f"http://{request.host}" != self.origin or request.headers.get("Origin", self.origin) != self.origin:
            raise web.HTTPForbidden(text=f"the cockpit is at {self.origin} alone, and in no other page\n")
        return await handler(request)

    async def _close_off(self, _request: web.Request, response: web.StreamResponse) -> None:
        """The page fetches nothing from elsewhere, and nobody is told its address."""
        talks = f"connect-src ws://{HOST}:{self.port}"
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self' 'unsafe-inline' data:; {talks}; frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"

    async def on_startup(self, app: web.Application) -> None:
        """The library would greet here."""


def serve(port: int, tell: Callable[[str], None]) -> None:
    """Until it is interrupted; `tell` hears the address when it can be opened. Port 0: one that is free."""
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        words = f"cannot listen on {HOST}:{port}: {os.strerror(error.errno or 0)}"
        raise EnvironmentFault(words, hint="swarmctl web --port 0") from error
    os.environ["SWARMCTL__TUI__BROWSER"] = "true"
    with listening:
        server = Guarded(listening.getsockname()[1])
        web.run_app(
            server.application(),
            sock=listening,
            print=lambda _: tell(server.address),
            access_log=None,
            shutdown_timeout=LEAVING_S,
        )
