"""What an agent definition says, and what follows from it: the argv to start, and the variables the agent may see.

An argument is either literal or one whole placeholder; nothing is ever pasted into the middle of one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from swarmctl.core.errors import UsageFault

PromptChannel = Literal["argv", "stdin", "env", "typed"]
HookChannel = Literal["none", "spool"]

PLACEHOLDERS = {
    "{prompt}": "the task's prompt",
    "{command}": "the command of `--exec`",
    "{python}": "the interpreter that runs swarmctl",
    "{fake_agent}": "the scriptable agent that comes with swarmctl",
}
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
LONGEST_ARGUMENT = 100_000
"""Bytes; the kernel takes 128 KiB for one argument or variable, name and all."""
FROM_ENV = ("sh", "-c", 'printf "%s" "$SWARM_PROMPT" | "$@"', "swarm-prompt")


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """One agent, as its YAML file describes it."""

    name: str = field(metadata={"doc": "What `--agent` calls it: small letters, digits and dashes; the file's name."})
    description: str = field(metadata={"doc": "One line for people."})
    argv: tuple[str, ...] = field(metadata={"doc": "Program and arguments. A placeholder stands alone in its element."})
    prompt: PromptChannel = field(
        default="argv",
        metadata={"doc": "How the prompt arrives: in `argv`, on `stdin`, in `env` as `SWARM_PROMPT`, or `typed`."},
    )
    env: tuple[str, ...] = field(
        default=(), metadata={"doc": "Names or globs of the caller's variables it may see besides the base list."}
    )
    hooks: HookChannel = field(
        default="none", metadata={"doc": "`spool` when its hooks call `swarmctl-hook`; `none` when it has none."}
    )
    interactive: bool = field(default=False, metadata={"doc": "It stays and waits for the next prompt."})
    level: int = field(
        default=1, metadata={"doc": "How far it is supported: 1 runs, 2 reports its state, 3 is fully driven."}
    )


def launch_argv(spec: AgentSpec, prompt: str, command: str) -> tuple[str, ...]:
    """The argv that starts the agent; a prompt on stdin is piped from `SWARM_PROMPT`, which every session has."""
    if "{command}" in spec.argv and not command.strip():
        raise UsageFault(f"agent {spec.name} needs a command", hint="give it one: swarmctl run --exec 'COMMAND'")
    values = {
        "{prompt}": prompt,
        "{command}": command,
        "{python}": sys.executable,
        "{fake_agent}": str(Path(__file__).with_name("fake_agent.py")),
    }
    argv = tuple(values.get(element, element) for element in spec.argv)
    for text in argv if spec.prompt in ("argv", "typed") else (*argv, prompt):
        _check_argument(text)
    return (*FROM_ENV, *argv) if spec.prompt == "stdin" else argv


def allowed_env(spec: AgentSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables that this agent may see."""
    allowed = (*BASE_ENV, *spec.env)
    return {
        name: value
        for name, value in environ.items()
        if not _matches(name, NEVER_ENV)
        and (name in allowed or (_matches(name, allowed) and not SECRET_NAME.search(name)))
    }


def problem_with(spec: AgentSpec) -> tuple[str, str]:
    """(key, words) of what no type can say; empty when the definition makes sense."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", spec.name):
        return "name", "must be 1 to 40 small letters, digits and inner dashes"
    if not spec.argv or not spec.argv[0] or spec.argv[0] in ("{prompt}", "{command}"):
        return "argv", "must start with a program"
    for element in spec.argv:
        stray = re.search(r"\{[a-z_]+\}", element)
        if stray and element not in PLACEHOLDERS:
            known = ", ".join(PLACEHOLDERS)
            return "argv", f"{element!r}: a placeholder stands alone in its element and is one of {known}"
    if spec.prompt == "argv" and not {"{prompt}", "{command}"} & set(spec.argv):
        return "argv", "must hold {prompt} or {command} when the prompt arrives by argv"
    if spec.prompt != "argv" and "{prompt}" in spec.argv:
        return "prompt", "must be argv when argv holds {prompt}"
    if not 1 <= spec.level <= 3:
        return "level", "must be 1, 2 or 3"
    return "", ""


def _check_argument(text: str) -> None:
    if "\0" in text:
        raise UsageFault("a prompt or command must not hold a NUL character", hint="take it out and try again")
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST_ARGUMENT:
        raise UsageFault(
            "a prompt or command must be shorter than 100 kB",
            hint="put the text into a file of the repository and name the file in the prompt",
        )


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
