"""Fills a throwaway repository with a small swarm and draws screens of the cockpit over it, as SVGs.

The agents are a stand-in of the names of real ones: it prints what they might, and does what its task says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = "132x34"
PICTURES = {
    "home": (),
    "diff": ("slash", *"cents", "enter", "d"),
    "compare": ("slash", *"zero", "enter", "c"),
    "money": ("$",),
}
"""Their names, and the keys that lead there."""
PATIENCE_S = 60.0
SWARMCTL = (sys.executable, "-m", "swarmctl.surfaces.cli.entry")
FILES = {
    "prices.py": "RATE = 1.19\n\n\ndef gross(net):\n    return net * RATE\n",
    "tests.sh": "#!/bin/sh\n! grep -rn 'TODO' --include=*.py .\n",
    "swarm.toml": """\
[[gate]]
name = "style"
run = "! grep -nE ' +$' *.py"

[[gate]]
name = "tests"
run = "sh tests.sh"

[sandbox]
mode = "off"

[agent]
repair_rounds = 0
max_running = 8
""",
}
STAND_IN = r"""#!/bin/sh
b=$(printf '\033[1m'); d=$(printf '\033[2m'); g=$(printf '\033[32m'); c=$(printf '\033[36m')
y=$(printf '\033[33m'); n=$(printf '\033[0m')
case "$2" in claude) m=opus; u=0.41 ;; codex) m=gpt; u=0.23 ;; *) m=flash; u=0.04 ;; esac
printf '{"type": "call", "at": %s, "model": "%s", "in": 2140, "cached": 38200, "out": 1310, "usd": %s}\n' \
    "$(date +%s.%N)" $m $u > "$3"
case "$1" in
*rounding*) printf 'def cents(net):\n    return round(net * 100)\n' >> prices.py ;;
*retry*) printf 'def pay(order):  # TODO: retry\n    return order\n' > payments.py ;;
*discount*) printf 'def discount(total, percent):\n    return total * (100 - percent) / 100\n' > discounts.py ;;
*zero*)
    case "$2" in
    claude) printf 'def net(gross):\n    return gross / RATE if gross else 0\n' >> prices.py ;;
    *)
        printf 'def net(gross):  # TODO: zero\n    return gross / RATE\n' >> prices.py
        printf '\n\ndef is_free(gross):\n    return not gross\n' >> prices.py ;;
    esac ;;
*importer*)
    printf 'def rows(path):\n    with open(path) as file:\n        yield from file\n' > importer.py
    sleep 2
    printf '%s● %s%sEdit%s(importer.py)\n\n  esc to interrupt' "$g" "$n" "$b" "$n"
    sleep 600 ;;
*)
    printf 'ALTER TABLE orders RENAME COLUMN sum TO total;\n' > migration.sql
    printf '%s> %s%s\n\n' "$d" "$1" "$n"
    printf '%s● %s%sorders.sum%s, which four queries read, gets its new name in a migration, ' "$g" "$n" "$c" "$n"
    printf 'and a view for old readers.\n\n'
    printf '%s● %s%sWrite%s(migration.sql)\n' "$g" "$n" "$b" "$n"
    printf '%s    1 + ALTER TABLE orders RENAME COLUMN sum TO total;%s\n' "$g" "$n"
    printf '%s    2 + CREATE VIEW orders_v1 AS SELECT *, total AS sum FROM orders;%s\n\n' "$g" "$n"
    printf '%s● %s%sBash%s(psql shop_dev -f migration.sql)\n\n' "$y" "$n" "$b" "$n"
    printf '%sThis changes a database outside of the worktree.%s\n' "$b" "$n"
    printf 'Allow it? (y/n)'
    sleep 600 ;;
esac
"""
AGENT = """\
name: {name}
description: Stands in for {name}.
interactive:
  argv: [sh, {stand_in}, "{{prompt}}", {name}, "{{folder}}/usage.jsonl"]
records: [usage.jsonl]
usage:
  files: {{usage.jsonl: ""}}
  written: at
  lines:
    - {{event: call, model: model, input: in, cache_read: cached, output: out, cost: usd}}
screen:
  version: 1
  regions:
    footer: {{last: 1}}
  rules:
    - {{state: blocked, kind: permission, region: footer, all: ["Allow it\\\\? \\\\(y/n\\\\)"]}}
    - {{state: working, region: footer, all: ["esc to interrupt"]}}
"""
TASKS = (
    ("claude", "Add a discount in percent", ()),
    ("codex", "Try payments again: retry three times", ()),
    ("claude", "Say prices in cents, without rounding errors", ("--no-merge",)),
    ("claude,codex", "Give back the net of a price, of zero too", ("--no-merge",)),
    ("gemini", "Make the importer read a file row by row", ("--detach",)),
    ("claude", "Rename the column orders.sum to orders.total", ("--detach",)),
)
WANTED = ("permission", "refused", "ready", "working", "landed")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="swarmctl-home-") as name:
        place = Path(name)
        env = environment(place)
        repository = place / "shop"
        found(repository, env)
        try:
            for agent, task, options in TASKS:
                subprocess.run(
                    [*SWARMCTL, "run", task, "--agent", agent, *options], cwd=repository, env=env, check=False
                )
            await_all(repository, env)
            for picture, keys in PICTURES.items():
                shot = [*SWARMCTL, "--screenshot", str(folder.resolve() / f"{picture}.svg"), SIZE, *keys]
                subprocess.run(shot, cwd=repository, env=env, check=True)
        finally:
            subprocess.run([*SWARMCTL, "down", "--purge"], cwd=repository, env=env, check=False)


def environment(place: Path) -> dict[str, str]:
    """Nothing of the user's is read or touched."""
    folders = (("HOME", "h"), ("XDG_STATE_HOME", "s"), ("XDG_CONFIG_HOME", "c"))
    own = {name: str(place / folder) for name, folder in folders}
    runtime = place / "r"
    runtime.mkdir(mode=0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "GIT_", "SWARM", "XDG_"))}
    stand_in = place / "stand-in.sh"
    stand_in.write_text(STAND_IN)
    agents = place / "c" / "swarmctl" / "agents"
    agents.mkdir(parents=True)
    for name in {name for some, _, _ in TASKS for name in some.split(",")}:
        (agents / f"{name}.yaml").write_text(AGENT.format(name=name, stand_in=stand_in))
    return {**kept, **own, "XDG_RUNTIME_DIR": str(runtime), "GIT_CONFIG_GLOBAL": "/dev/null", "COLORTERM": "truecolor"}


def found(repository: Path, env: dict[str, str]) -> None:
    repository.mkdir()
    for name, text in FILES.items():
        (repository / name).write_text(text)
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "A shop"]):
        subprocess.run(["git", *words], cwd=repository, env=env, check=True)


def await_all(repository: Path, env: dict[str, str]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        said = subprocess.run([*SWARMCTL, "ps"], cwd=repository, env=env, capture_output=True, text=True, check=False)
        if all(word in said.stdout for word in WANTED):
            return
        time.sleep(0.2)
    raise SystemExit(f"the swarm is not as it should be:\n{said.stdout}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
