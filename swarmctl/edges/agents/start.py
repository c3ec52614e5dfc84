"""From a definition and an order to a start: the argv, the files in the session's folder, and the variables.

An argument is either literal or one whole placeholder; nothing is ever pasted into the middle of one.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from swarmctl.core.agent import Order, Start
from swarmctl.core.errors import UsageFault
from swarmctl.edges.agents.planting import make_folder, plant
from swarmctl.edges.agents.spec import AgentSpec, Way

BASE_ENV = (
    "PATH", "HOME", "LANG", "LANGUAGE", "LC_*", "TERM", "COLORTERM", "NO_COLOR", "TZ", "USER", "LOGNAME", "SHELL",
    "TMPDIR", "XDG_*", "EDITOR", "VISUAL", "PAGER", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip
"""Variables that every agent may see."""
NEVER_ENV = ("TMUX*", "GIT_*", "SWARM_*", "SWARMCTL_*")
"""Variables that no agent inherits, whatever its definition says."""
SECRET_NAME = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASS|PASSWD|PASSWORD|CREDENTIALS?|AUTH|PAT)(_|$)", re.I)
"""Such a variable passes only when it is named in full; no glob lets it in."""
NUL = "a prompt or command must not hold a NUL character"
LONGEST_ARGUMENT = 100_000
"""Bytes; the kernel takes 128 KiB for one argument or variable, name and all."""
FROM_FILE = ("sh", "-c", 'exec "$@" < "$SWARM_PROMPT_FILE"', "swarm-prompt")
PROMPT_FILE = ".prompt"
"""In the session's own folder: no argument or variable holds a prompt of any length."""


def start_of(spec: AgentSpec, order: Order) -> Start:
    """What starts the agent; a prompt on stdin comes from a file that `write_files` makes."""
    way = _way(spec, order)
    words = way.resume if order.resume else way.argv
    if "{command}" in words and not order.command.strip():
        raise UsageFault(f"agent {spec.name} needs a command", hint="give it one: swarmctl run --exec 'COMMAND'")
    argv = tuple(word for element in words for word in _words(element, spec, order))
    if way.output != "text" or way.lines:
        argv = (sys.executable, "-I", str(Path(__file__).with_name("relay.py")), *_format(way), *argv)
    for text in (*argv, order.prompt) if way.prompt in ("env", "typed") else argv:
        _check_argument(text, _elsewhere(spec, order))
    if "\0" in order.prompt:
        raise UsageFault(NUL, hint="take it out and try again")
    env = {name: "".join(_words(value, spec, order)) for name, value in spec.set.items()}
    if way.prompt == "stdin":
        env["SWARM_PROMPT_FILE"] = str(Path(order.folder) / PROMPT_FILE)
        return Start((*FROM_FILE, *argv), env, stdin=way.before + order.prompt)
    return Start(argv, env, typed=order.prompt if way.prompt == "typed" else "")


def _format(way: Way) -> tuple[str, ...]:
    """What the relay has to know of the output."""
    if way.output != "text":
        return (way.output,)
    return ("text", json.dumps([[line.name, line.match, line.to] for line in way.lines]))


def write_files(spec: AgentSpec, folder: Path, prompt: str = "") -> None:
    """For its user alone, and whole at any instant."""
    if spec.records:
        make_folder(folder)
    for name in spec.records:
        if name.endswith("/"):
            make_folder(folder, name)
    for name, content in (*spec.files.items(), *([(PROMPT_FILE, prompt)] if prompt else [])):
        plant(folder, name, content.encode("utf-8", "surrogateescape"))


def _way(spec: AgentSpec, order: Order) -> Way:
    way = spec.way(order.mode)
    if way is None:
        raise UsageFault(
            f"agent {spec.name} cannot run {order.mode}", hint="swarmctl doctor lists what each agent can do"
        )
    if order.resume and not way.resume:
        raise UsageFault(f"agent {spec.name} cannot go on with a conversation", hint="start it anew: swarmctl run")
    return way


def _words(element: str, spec: AgentSpec, order: Order) -> Iterator[str]:
    """The words that one element of the definition stands for: none, one, or the list of that name."""
    if element.startswith("{folder}/"):
        yield str(Path(order.folder) / element.removeprefix("{folder}/"))
        return
    match element:
        case "{permission}":
            yield from _permission(spec, order)
        case "{model}":
            yield from _chosen(spec, "model", order.model)
        case "{effort}":
            yield from _chosen(spec, "effort", order.effort)
        case _:
            yield _values(spec, order).get(element, element)


def _values(spec: AgentSpec, order: Order) -> dict[str, str]:
    return {
        "{prompt}": _way(spec, order).before + order.prompt,
        "{command}": order.command,
        "{id}": order.conversation,
        "{folder}": order.folder,
        "{port}": str(order.port),
        "{python}": sys.executable,
        "{fake_agent}": str(Path(__file__).with_name("fake_agent.py")),
    }


def _permission(spec: AgentSpec, order: Order) -> tuple[str, ...]:
    known = spec.permitted(_way(spec, order))
    if order.permission not in known:
        raise UsageFault(
            f"agent {spec.name} has no permission mode {order.permission}",
            hint=f"it knows {', '.join(known) or 'none'}: --permission MODE",
        )
    return known[order.permission]


def _chosen(spec: AgentSpec, key: str, value: str) -> tuple[str, ...]:
    words: tuple[str, ...] = getattr(spec, key)
    return tuple(value if word == f"{{{key}}}" else word for word in words) if value else ()


def allowed_env(spec: AgentSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables that this agent may see."""
    allowed = (*BASE_ENV, *spec.env)
    return {
        name: value
        for name, value in environ.items()
        if not _matches(name, NEVER_ENV)
        and (name in allowed or (_matches(name, allowed) and not SECRET_NAME.search(name)))
    }


def _elsewhere(spec: AgentSpec, order: Order) -> str:
    """Another mode that takes a prompt of any length, as words of a hint."""
    way = spec.way("headless")
    return "--mode headless, or " if order.mode != "headless" and way and way.prompt == "stdin" else ""


def _check_argument(text: str, elsewhere: str) -> None:
    if "\0" in text:
        raise UsageFault(NUL, hint="take it out and try again")
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST_ARGUMENT:
        raise UsageFault(
            "no prompt or command of 100 kB or more can be handed over that way",
            hint=f"{elsewhere}put the text into a file of the repository and name the file in the prompt",
        )


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
