"""By which ways a person would be told, and whether each can work here; found out without sending anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit

from swarmctl.core.config import NotifySettings
from swarmctl.core.values import dataclass

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    ok: bool | None
    """None: it may reach nobody, and nothing is wrong."""
    words: str
    hint: str = ""


def desktop_way(settings: NotifySettings, environ: Mapping[str, str]) -> Literal["notify-send", "bell", "none"]:
    if settings.desktop != "auto":
        return settings.desktop
    return "notify-send" if shutil.which("notify-send") and _has_display(environ) else "bell"


def channels(settings: NotifySettings, environ: Mapping[str, str], *, tmux: bool) -> Iterator[Channel]:
    way = desktop_way(settings, environ)
    if way == "notify-send":
        yield _pop_up(environ)
    elif way == "bell":
        words = "in the terminals that show a session" if tmux else "nowhere: without tmux no terminal shows a session"
        yield Channel("bell", True if tmux else None, words, "" if tmux else '[notify] ntfy = "https://ntfy.sh/TOPIC"')
    if settings.command is not None:
        yield _command(settings)
    for name, url in (("webhook", settings.webhook), ("ntfy", settings.ntfy)):
        if url:
            yield _address(name, url)


def _pop_up(environ: Mapping[str, str]) -> Channel:
    if not shutil.which("notify-send"):
        return Channel("notify-send", False, "is not installed", "sudo apt-get install libnotify-bin")
    if not _has_display(environ):
        return Channel("notify-send", False, "there is no display", '[notify] desktop = "bell"')
    return Channel("notify-send", True, "on this desktop")


def _command(settings: NotifySettings) -> Channel:
    command = settings.command or ""
    program = "sh" if isinstance(command, str) else command[0]
    if not shutil.which(program):
        return Channel("command", False, f"{program} is not installed", "[notify] command")
    return Channel("command", True, command if isinstance(command, str) else " ".join(command))


def _address(name: str, url: str) -> Channel:
    """The host only: the rest may be a secret."""
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host:
        return Channel(name, False, "is no address of the web", f'[notify] {name} = "https://…"')
    return Channel(name, True, f"to {host}{'' if scheme == 'https' else ', unencrypted'}")


def _has_display(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name) for name in DISPLAYS)
