"""Records what real CLIs show in each state, and what their hooks say: python -m tests.real.record_screens AGENT…

Every screen comes from the unmodified CLI in a real terminal, brought into its state by the local provider. The formats
are in tests/fixtures/screens/README.md. A part that fails is said and left out; the others are still recorded.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.real.homes import AGENTS, LOCKS, ROOT, Home, make_home
from tests.real.pane import Look, Pane
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Turn
from tests.real.screen_files import Screen

HOOKS = ROOT / "tests" / "fixtures" / "hooks"
PLACE = Path("/tmp/person")
SHOWN_AS = "/home/person"
KEEP = """#!/bin/sh
f=$(mktemp "$1/$(date +%s%N).XXXXXX")
cat > "$f" && mv "$f" "$f.json"
"""


class Stage:
    """One run of one CLI: a scripted provider, a fresh home, a pane, and the fixtures that it yields."""

    def __init__(self, agent: str, provider: Provider, *, trusted: bool = True) -> None:
        place = PLACE / agent
        shutil.rmtree(place, ignore_errors=True)
        self.agent = agent
        self.repo = place / "project"
        self.repo.mkdir(parents=True)
        self.talk: Conversation = provider.script("screens")
        self.home: Home = make_home(agent, place, self.repo, self.talk.url, trusted=trusted)
        self.spool = place / "hooks"
        self.spool.mkdir()
        keep = place / "keep"
        keep.write_text(KEEP)
        keep.chmod(0o755)
        self.hook = f"{keep} {self.spool}"
        git = ["git", "-c", "init.defaultBranch=main", "-c", "user.name=Person", "-c", "user.email=person@example.org"]
        for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "First"]):
            subprocess.run([*git, "-C", str(self.repo), *arguments], check=True)
        self.pane: Pane

    def start(self, *arguments: str) -> Pane:
        self.pane = Pane(self.home, arguments)
        return self.pane

    def script(self, *turns: Turn) -> None:
        self.talk.then(*turns)

    def shot(self, state: str, look: Look | None = None) -> None:
        """Keep a look, now or one taken before, as the fixture of `state`, which may carry a note after a dash."""
        look = look or self.pane.look()
        agent = f"{self.agent} {version_of(self.agent)}"
        Screen(agent, state, look.title, look.size, look.cursor, look.command, look.text).write()
        print(f"  {state}: {look.title!r}", flush=True)

    def heard(self, event: str) -> bool:
        """Whether a hook has reported this event."""
        return any(json.loads(path.read_text())["hook_event_name"] == event for path in self.spool.glob("*.json"))

    def keep_hooks(self) -> None:
        """The first payload of each event, and of each tool or kind within it."""
        seen: set[Path] = set()
        for path in sorted(self.spool.glob("*.json")):
            payload = json.loads(path.read_text())
            event = payload["hook_event_name"]
            more = payload.get("tool_name") or payload.get("notification_type") or payload.get("reason")
            name = "-".join(part for part in (event, more or payload.get("source")) if part)
            kept = HOOKS / self.agent / f"{name}.json"
            if kept in seen:
                continue
            seen.add(kept)
            kept.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(payload, indent=2, ensure_ascii=False, sort_keys=True)
            kept.write_text(text.replace(str(PLACE), SHOWN_AS).replace("tmp-person", "home-person") + "\n")
            print(f"  hook {name}", flush=True)


def version_of(agent: str) -> str:
    dependencies = json.loads((LOCKS / agent / "package.json").read_text())["dependencies"]
    return str(next(iter(dependencies.values())))


Part = Callable[[Provider], None]


def record(agent: str, parts: Sequence[Part], only: Sequence[str]) -> int:
    failed = 0
    for part in parts:
        if only and part.__name__ not in only:
            continue
        print(f"{agent}: {part.__name__}", flush=True)
        with Provider() as provider:
            try:
                part(provider)
            except Exception:
                failed += 1
                traceback.print_exc()
    return failed


def main(arguments: Sequence[str]) -> int:
    from tests.real import screens_claude, screens_codex, screens_gemini, screens_opencode

    parts = {
        "claude": screens_claude.PARTS,
        "codex": screens_codex.PARTS,
        "opencode": screens_opencode.PARTS,
        "gemini": screens_gemini.PARTS,
    }
    agents = [name for name in arguments if name in AGENTS] or list(AGENTS)
    only = [name for name in arguments if name not in AGENTS]
    return 1 if sum(record(agent, parts[agent], only) for agent in agents) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
