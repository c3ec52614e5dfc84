"""Tell a person what needs one: what comes together as one, nothing twice, also not by the next supervisor.

What will be told is written down first: after a kill in between it is not told, rather than told again.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from swarmctl.app.channels import DISPLAYS, desktop_way
from swarmctl.app.wire import Wired
from swarmctl.app.worth_telling import Message, Told, message_of, standing
from swarmctl.core.config import Command, NotifySettings
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, Noticed
from swarmctl.core.ports import Finished
from swarmctl.edges.files.paths import write_atomically
from swarmctl.edges.notify.web import post
from swarmctl.edges.tmux.clients import ring
from swarmctl.edges.tmux.host import TmuxHost
from swarmctl.loops.engine.engine import Engine

GATHER_S = 2.0
"""What happens in so short a time is told together; what is over by then is not told."""
LOOK_EVERY_S = 0.5
LONGEST = 300
"""Of a title or a reason, in characters."""
DESKTOP = (*DISPLAYS, "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XAUTHORITY")
SCRUBBED = ("GIT_", "SWARM", "TMUX")
NAME = "swarmctl"


class Notifier:
    def __init__(self, wired: Wired, engine: Engine) -> None:
        self._wired = wired
        self._engine = engine
        self._clock = wired.desk.clock
        self._file = wired.paths.root / "told.json"
        self._seen = -1
        self._look_at = 0.0
        self._tell_at = math.inf
        self._failing: set[str] = set()
        self._told = _read(self._file)
        if self._told is None:
            self._told = {told.about: told.key for told in standing(engine.facts, ())}
            self._keep(self._told)

    def look(self) -> None:
        """Whenever something may have changed; sends in the engine's threads and returns at once."""
        now = self._clock.monotonic()
        if self._engine.facts.seq != self._seen and now >= self._look_at:
            self._seen, self._look_at = self._engine.facts.seq, now + LOOK_EVERY_S
            fresh = bool(self._fresh())
            self._tell_at = min(self._tell_at, now + GATHER_S) if fresh else math.inf
        if now >= self._tell_at:
            self._tell_at = math.inf
            self._tell()

    def next_due(self) -> float:
        """When to look again, on the monotonic clock."""
        return min(self._tell_at, self._look_at if self._engine.facts.seq != self._seen else math.inf)

    @property
    def _settings(self) -> NotifySettings:
        return self._wired.desk.settings().notify

    def _standing(self) -> list[Told]:
        return list(standing(self._engine.facts, frozenset(self._wired.shop.awaited)))

    def _fresh(self) -> list[Told]:
        on, before = self._settings.on, self._told or {}
        return [told for told in self._standing() if told.fact in on and before.get(told.about) != told.key]

    def _tell(self) -> None:
        fresh = self._fresh()
        if not fresh:
            return
        stay = set(self._engine.facts.live) | {told.about for told in fresh}
        told = {about: key for about, key in (self._told or {}).items() if about in stay}
        told |= {each.about: each.key for each in self._standing()}
        if self._keep(told):
            self._told = told
            message = message_of(fresh, self._shown)
            self._engine.work(("notify", str(self._engine.facts.seq)), lambda: self._send(message))

    def _keep(self, told: Mapping[str, str]) -> bool:
        """What cannot be written down is told when it can be."""
        with suppress(OSError, SwarmError):
            write_atomically(self._file, json.dumps({"v": 1, "told": told}))
            return True
        return False

    def _shown(self, told: Told, words: str) -> str:
        """Masked, on one line, and nothing that a terminal would obey."""
        masked = self._wired.archive.shown(told.session, words) if told.session else words
        plain = "".join(char if char.isprintable() else " " for char in masked)
        return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"

    def _send(self, message: Message) -> Iterator[Event]:
        """By every way there is; one that fails is said once, until it works again."""
        for way, send in self._ways().items():
            why = send(message)
            if why and way not in self._failing:
                self._failing.add(way)
                yield Noticed(None, f"could not notify by {way}: {why}")
            elif not why:
                self._failing.discard(way)

    def _ways(self) -> dict[str, Callable[[Message], str]]:
        settings = self._settings
        ways: dict[str, Callable[[Message], str]] = {}
        desktop = desktop_way(settings, {**self._wired.shop.environ, **self._desktop()})
        if desktop == "notify-send":
            ways["notify-send"] = self._pop_up
        elif desktop == "bell":
            ways["bell"] = self._ring
        if settings.command is not None:
            ways["command"] = lambda message: self._run("command", settings.command or "", message)
        if settings.webhook:
            ways["webhook"] = lambda message: self._post(settings.webhook, message)
        if settings.ntfy:
            ways["ntfy"] = lambda message: self._publish(settings.ntfy, message)
        return ways

    def _pop_up(self, message: Message) -> str:
        """The text is markup to many a desktop, the title is none."""
        text = html.escape(message.text, quote=False)
        return self._run("notify-send", ("notify-send", f"--app-name={NAME}", "--", message.title, text), message)

    def _ring(self, message: Message) -> str:
        host = self._wired.desk.host
        if isinstance(host, TmuxHost):
            ring(host.server, message.title, message.text.replace("\n", " · "))
        return ""

    def _run(self, way: str, command: Command, message: Message) -> str:
        root = str(self._wired.repository.root)
        seen = {k: v for k, v in self._wired.shop.environ.items() if not k.startswith(SCRUBBED)}
        try:
            finished = self._wired.desk.runner.run(
                command,
                cwd=str(self._wired.paths.root),
                env={**seen, **self._desktop(), **message.variables(root)},
                timeout_s=self._settings.timeout_s,
                log=str(self._wired.paths.logs / "notify" / f"{way}.log"),
                stdin=json.dumps(message.plain(root)).encode(),
            )
        except SwarmError as error:
            return error.message
        return _why_not(finished, self._settings.timeout_s)

    def _desktop(self) -> dict[str, str]:
        """Where the desktop is that the person last came from; the supervisor may be older than it."""
        last = next(reversed(list(self._wired.shop.envs.values())), {})
        return {name: last[name] for name in DESKTOP if name in last}

    def _post(self, url: str, message: Message) -> str:
        body = json.dumps(message.plain(str(self._wired.repository.root))).encode()
        return post(url, body, {"Content-Type": "application/json"}, self._settings.timeout_s)

    def _publish(self, url: str, message: Message) -> str:
        title = f"{NAME}: {message.title}".encode("ascii", "replace").decode()
        headers = {"Title": title, "Tags": "robot", "Content-Type": "text/plain; charset=utf-8"}
        return post(url, message.text.encode(), headers, self._settings.timeout_s)


def _read(file: Path) -> dict[str, str] | None:
    """None before anything was told, and for a file that says nothing: what stands by then is taken for told."""
    try:
        told = json.loads(file.read_text())["told"]
        return {str(about): str(key) for about, key in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _why_not(finished: Finished, limit: float) -> str:
    """Empty when it went well."""
    if finished.rc == 0 and not finished.timed_out:
        return ""
    if finished.not_found:
        return "command not found"
    if finished.timed_out:
        return f"it ran longer than {limit:g} s"
    how = f"it ended with {finished.rc}" if finished.rc is not None else f"it was killed by signal {finished.signal}"
    return ": ".join([how, *(line[:200] for line in finished.tail.strip().splitlines()[-1:])])
