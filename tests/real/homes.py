"""A home of its own for each real CLI: the environment and files with which it speaks to the local provider only.

Nothing of the user's is read, and no dialog about accounts or trust is in the way unless a test asks for it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.world import World

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".agents-cache"
LOCKS = Path(__file__).parent / "locks"
AGENTS = ("claude", "codex", "opencode", "gemini")
MODELS = {
    "claude": "claude-sonnet-4-5",
    "codex": "scripted-1",
    "opencode": "m",
    "gemini": "gemini-2.5-flash",
    "aider": "openai/gpt-4o",
    "mini": "openai/gpt-4o",
}
PASSED_ON = ("PATH", "LANG", "LC_ALL", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")


@dataclass(frozen=True)
class Home:
    """Where one CLI runs: its binary, its whole environment, its home folder and a repository to work in."""

    agent: str
    binary: Path
    env: Mapping[str, str]
    home: Path
    repo: Path

    def argv(self, *arguments: str) -> list[str]:
        return [str(self.binary), *arguments]


def installed(agent: str) -> bool:
    """Whether `scripts/install-agents` finished with the locks that are here now."""
    stamp = CACHE / agent / "stamp"
    locks = sorted((LOCKS / agent).iterdir())
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in locks)).hexdigest()
    return stamp.is_file() and stamp.read_text().strip() == wanted


def need(agent: str) -> Path:
    """The binary of an installed agent, else the test is skipped with the line to type."""
    if not installed(agent):
        pytest.skip(f"{agent} is not installed: scripts/install-agents {agent}")
    return CACHE / "bin" / agent


def make_home(agent: str, folder: Path, repo: Path, url: str, *, trusted: bool = True) -> Home:
    """A home under `folder` for `agent`, which asks its model at `url` (see `Conversation.url`)."""
    binary = need(agent)
    home = folder / "home"
    temporary = folder / "tmp"
    for path in (home, temporary):
        path.mkdir(parents=True, exist_ok=True)
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    env |= {"HOME": str(home), "TERM": "xterm-256color", "SHELL": "/bin/sh", "NO_PROXY": "127.0.0.1"}
    # codex refuses a home inside the folder for temporary files, and a test's folder usually is inside /tmp
    env |= {"TMPDIR": str(temporary)}
    env |= _BUILDERS[agent](home, repo, url, trusted)
    return Home(agent, binary, env, home, repo)


def at_home(world: World, agent: str, url: str, **env: str) -> Home:
    """In this world the agent is installed, finds the provider, and finds nothing of the user's."""
    need(agent)
    home = make_home(agent, world.home / "agent", world.repo, url)
    world.extra_env |= {**home.env, "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}", **env}
    return home


def _claude(home: Path, repo: Path, url: str, trusted: bool) -> dict[str, str]:
    projects = {str(repo): {"hasTrustDialogAccepted": True}} if trusted else {}
    (home / ".claude.json").write_text(json.dumps({"hasCompletedOnboarding": True, "projects": projects}))
    return {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_AUTH_TOKEN": "x",
        "ANTHROPIC_MODEL": MODELS["claude"],
        "CLAUDE_CODE_MAX_RETRIES": "2",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }


def _codex(home: Path, repo: Path, url: str, trusted: bool) -> dict[str, str]:
    folder = home / "codex"
    folder.mkdir()
    lines = [
        f'model = "{MODELS["codex"]}"',
        'model_provider = "local"',
        "check_for_update_on_startup = false",
        "[model_providers.local]",
        'name = "local"',
        f'base_url = "{url}/v1"',
        'env_key = "OPENAI_API_KEY"',
        'wire_api = "responses"',
    ]
    if trusted:
        lines += [f'[projects."{repo}"]', 'trust_level = "trusted"']
    (folder / "config.toml").write_text("\n".join(lines) + "\n")
    return {"CODEX_HOME": str(folder), "OPENAI_API_KEY": "x"}


def _opencode(home: Path, repo: Path, url: str, trusted: bool) -> dict[str, str]:
    cost = {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}
    model = {"name": "m", "cost": cost, "limit": {"context": 200_000, "output": 32_000}}
    options = {"baseURL": f"{url}/v1", "apiKey": "x"}
    provider = {"npm": "@ai-sdk/anthropic", "options": options, "models": {MODELS["opencode"]: model}}
    config = {
        "autoupdate": False,
        "share": "disabled",
        "model": f"local/{MODELS['opencode']}",
        "small_model": f"local/{MODELS['opencode']}",
        "provider": {"local": provider},
    }
    return {
        "OPENCODE_CONFIG_CONTENT": json.dumps(config),
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "NPM_CONFIG_REGISTRY": url,
    }


def _gemini(home: Path, repo: Path, url: str, trusted: bool) -> dict[str, str]:
    folder = home / ".gemini"
    folder.mkdir()
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "general": {"enableAutoUpdate": False},
        "privacy": {"usageStatisticsEnabled": False},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    env = {"GEMINI_API_KEY": "x", "GOOGLE_GEMINI_BASE_URL": url, "GEMINI_MODEL": MODELS["gemini"]}
    return env | ({"GEMINI_CLI_TRUST_WORKSPACE": "true"} if trusted else {})


def _aider(home: Path, repo: Path, url: str, trusted: bool) -> dict[str, str]:
    """With a list of prices of its own, which it would else fetch, and names each model that is not on it REDACTED."""
    folder = home / ".aider" / "caches"
    folder.mkdir(parents=True)
    price = {
        "input_cost_per_token": 2.5e-06,
        "output_cost_per_token": 1e-05,
        "mode": "chat",
        "max_input_tokens": 128000,
    }
    listed = {name: {"litellm_provider": "openai", **price} for name in (MODELS["aider"], "gpt-4o-mini")}
    (folder / "model_prices_and_context_window.json").write_text(json.dumps(listed))
    return {"OPENAI_API_KEY": "x", "OPENAI_API_BASE": f"{url}/v1", "AIDER_MODEL": MODELS["aider"]}


def _mini(home: Path, repo: Path, url: str, trusted: bool) -> dict[str, str]:
    return {"OPENAI_API_KEY": "x", "OPENAI_API_BASE": f"{url}/v1", "MSWEA_MODEL_NAME": MODELS["mini"]}


_BUILDERS = {
    "claude": _claude,
    "codex": _codex,
    "opencode": _opencode,
    "gemini": _gemini,
    "aider": _aider,
    "mini": _mini,
}


@dataclass(frozen=True)
class Errand:
    """One unattended run: the arguments, and the prompt where it goes through stdin."""

    arguments: Sequence[str]
    stdin: str = ""


def headless(agent: str, prompt: str, *, may_write: bool = True, resume: str | None = None) -> Errand:
    """What to type for one unattended run; without `may_write` the agent's own permissions stand in the way."""
    if agent == "claude":
        mode = "acceptEdits" if may_write else "default"
        more = ["--resume", resume] if resume else []
        return Errand(["-p", prompt, "--output-format", "json", "--permission-mode", mode, *more])
    if agent == "codex":
        sandbox = ["-s", "workspace-write" if may_write else "read-only"]
        more = ["resume", resume] if resume else []
        return Errand(["exec", *sandbox, "--json", *more, prompt])
    if agent == "opencode":
        # as an argument the prompt would reach the model in quotation marks
        return Errand(["run", "--format", "json", *(["-s", resume] if resume else [])], prompt)
    mode = "auto_edit" if may_write else "default"
    more = ["--resume", resume] if resume else []
    return Errand(["-p", prompt, "--approval-mode", mode, "-o", "stream-json", *more])
