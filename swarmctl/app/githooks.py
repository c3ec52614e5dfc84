"""Git hooks: in sessions' worktrees by environment alone, in the user's own checkout only when asked.

Whatever hook the user has (husky, pre-commit) still runs: ours hand over to it. No configuration is edited.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from swarmctl.app.here import Here
from swarmctl.core.errors import Refused
from swarmctl.edges.files.paths import StatePaths, write_atomically
from swarmctl.edges.git.hooks import HOOK_NAMES, hooks_dir
from swarmctl.edges.git.repository import Repository

MARK = "# Made by swarmctl; `swarmctl hooks uninstall` takes it out."
BEFORE = ".before-swarmctl"

CHAIN = """\
hook="$SWARM_USER_HOOKS/$(basename "$0")"
if [ -x "$hook" ]; then exec "$hook" "$@"; fi
exit 0
"""

SESSION_SCRIPTS = {
    "pre-commit": """\
if [ "${SWARM_COMMIT_GATES:-0}" != 0 ]; then
  "$SWARM_PYTHON" -m swarmctl.surfaces.cli.entry gate --stage commit >&2 || exit 1
fi
""",
    "commit-msg": """\
git interpret-trailers --in-place --if-exists doNothing \\
  --trailer "Swarm-Task: $SWARM_TASK" --trailer "Swarm-Session: $SWARM_SESSION" \\
  --trailer "Swarm-Agent: $SWARM_AGENT" "$1" || exit 1
""",
    "pre-push": """\
if [ "${SWARM_MAY_PUSH:-0}" != 1 ]; then
  echo "swarmctl: sessions do not push; their work lands through the merge queue" >&2
  exit 1
fi
""",
}


def session_hooks(paths: StatePaths, repository: Repository) -> Path:
    """What sessions' git uses as `core.hooksPath`: every hook that git knows, each handing over to the user's."""
    for name in HOOK_NAMES:
        head = (
            f"#!/bin/sh\nSWARM_PYTHON={_word(sys.executable)}\nSWARM_USER_HOOKS={_word(str(hooks_dir(repository)))}\n"
        )
        text = head + SESSION_SCRIPTS.get(name, "") + CHAIN
        place = paths.hooks / name
        if not place.exists() or place.read_text() != text:
            write_atomically(place, text, mode=0o700)
    return paths.hooks


def install(here: Here) -> list[str]:
    """`pre-commit` and `pre-push` in the user's checkout; what was there moves aside and runs first."""
    folder = hooks_dir(here.repository)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, stage in (("pre-commit", "commit"), ("pre-push", "merge")):
        place = folder / name
        if place.exists() and MARK in place.read_text(errors="replace"):
            continue
        if place.exists() or place.is_symlink():
            aside = folder / f"{name}{BEFORE}"
            if aside.exists():
                raise Refused(f"{aside} is in the way", hint=f"move {aside} elsewhere, then try again")
            place.rename(aside)
        write_atomically(place, _checkout_script(name, stage), mode=0o755)
        made.append(str(place))
    return made


def uninstall(here: Here) -> list[str]:
    folder = hooks_dir(here.repository)
    gone = []
    for name in ("pre-commit", "pre-push"):
        place, aside = folder / name, folder / f"{name}{BEFORE}"
        if not place.exists() or MARK not in place.read_text(errors="replace"):
            continue
        if aside.exists() or aside.is_symlink():
            aside.replace(place)
        else:
            place.unlink()
        gone.append(str(place))
    return gone


def _checkout_script(name: str, stage: str) -> str:
    before = f'before="$(dirname "$0")/{name}{BEFORE}"\nif [ -x "$before" ]; then "$before" "$@" || exit 1; fi\n'
    if name == "pre-push":
        before += 'if [ "${SWARM_MAY_PUSH:-0}" = 1 ]; then exit 0; fi\n'  # Of a session's branch, not of this checkout.
    program = _word(shutil.which("swarmctl") or sys.argv[0])
    return f"#!/bin/sh\n{MARK}\n{before}exec {program} gate --stage {stage} </dev/null\n"


def _word(text: str) -> str:
    """One word of `sh`, whatever it holds."""
    return "'" + text.replace("'", "'\\''") + "'"
