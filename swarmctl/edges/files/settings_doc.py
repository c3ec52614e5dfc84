"""The table of docs/config.md, from the dataclasses that hold the settings."""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

from swarmctl.core.config import GateSpec, HookSpec
from swarmctl.edges.files.settings_keys import SECTIONS, hints_of

WORDS = {
    "merge.target": "The branch that work lands on; empty: the branch of the checkout, or the remote's default.",
    "merge.strategy": "How a session's commits become the landed ones.",
    "merge.auto": "Land sessions that nobody waits for as soon as they are ready.",
    "gate.name": "What every face calls it; each name once.",
    "gate.run": "The check. It passes when it ends with 0, in time, with the tests it promised.",
    "gate.stage": "`merge`: on the tree that would land. `commit`: in the session's worktree, at each commit.",
    "gate.when": "Globs; the gate applies when a changed path matches one. Empty: always.",
    "gate.timeout_s": "Longer than this is not green.",
    "gate.min_tests": "Fewer tests than this is not green, whatever the exit code says.",
    "gate.count": "How tests are counted: `pytest`, `tap`, `junit:PATH`, or a pattern with one group.",
    "gate.env": "The caller's variables that it may see besides `PATH`, `HOME`, `LANG` and `TMPDIR`.",
    "gate.autofix": "Runs once when the gate fails, is committed apart, then the gate runs again once.",
    "gate.protects": "Files whose change by a session needs `swarmctl approve`, besides those named in `run`.",
    "worktree.root": "Where worktrees live, relative to the repository; empty: under the state directory.",
    "worktree.copy": "Globs of files and folders copied from the checkout into each worktree.",
    "worktree.link": "Globs of files and folders that each worktree shares with the checkout by a link.",
    "worktree.setup": "Runs in each fresh worktree; from the repository's file it needs one approval.",
    "worktree.setup_timeout_s": "Longer than this is a failed setup.",
    "worktree.ports": "How many neighbouring ports each session gets as `SWARM_PORT`, `SWARM_PORT_1`, …",
    "worktree.pool": "Parked worktrees kept ready so that a session starts without waiting for a checkout.",
    "agent.default": "The agent of a task that names none.",
    "agent.host": "Where agents run: in a tmux server of their own, or as plain processes; `auto`: tmux where it is.",
    "agent.max_running": "Sessions at once; the rest wait in order. Who waits for a run of its own lends it a place.",
    "agent.time_limit_s": "A session that runs longer is stopped at a safe point.",
    "agent.repair_rounds": "How often a refused gate goes back to its agent, with what it printed, before a person.",
    "agent.checkpoint_every_s": "How often a running session's work is checkpointed when something changed.",
    "hooks.run": "A command for the event.",
    "hooks.timeout_s": "Longer than this is a failed hook.",
    "notify.on": "What you are told. Yours alone to set: a repository's file that has `[notify]` is refused.",
    "notify.desktop": "`auto`: notify-send where it is and a display is, else a bell in terminals that show a session.",
    "notify.command": "Runs with what happened as JSON on stdin and in `SWARM_*` variables.",
    "notify.webhook": "Gets the same JSON by POST.",
    "notify.ntfy": "A topic's address, such as `https://ntfy.sh/TOPIC`.",
    "notify.timeout_s": "Longer than this is a failed notification, which is said once.",
    "budget.agents.task_usd": "Dollars that the agents of one task may cost. Not set: shown, not capped.",
    "budget.agents.run_usd": "The same for one `swarmctl run`.",
    "budget.agents.day_usd": "The same for one day.",
    "budget.agents.start_usd": "What one start is taken to cost at worst while there is no history of its like.",
    "tui.theme": "The cockpit's colours: `auto`, `swarm-dark`, `swarm-light`, or a theme of Textual's.",
    "tui.keys": 'Other keys in the cockpit, such as `merge = "M"`; names are in docs/tui.md. Yours alone, as all here.',
    "tui.back": "The key that leaves a session's terminal: `f12`, `ctrl+g`, `alt+q`.",
    "tui.browser": "Open also under `textual serve` and the like, which let in whoever reaches their port.",
    "trash.days": "Removed worktrees are kept for so long.",
    "trash.max_gb": "The oldest go earlier when the trash is larger than this.",
    "sandbox.mode": "`auto`: for agents tested in it, where the machine can. `on`: nothing starts without it.",
    "sandbox.network": "`off`: loopback only, so that not even a model on this machine can be reached.",
    "sandbox.write": "Paths it may change besides its worktree and the agent's own; `PATH/` is made when missing.",
    "sandbox.read": "Paths it may read although they would be hidden, such as `~/.aws`.",
    "sandbox.hide": "Paths to hide besides credentials, personal folders and other agents' settings.",
    "sandbox.outside": "A session without a sandbox, and something outside changed: say so, or do not land it either.",
    "sandbox.trifecta": "`forbid`: nothing starts that has private data, untrusted content and a way out together.",
}


def render() -> str:
    rows = ["| key | value | default | what it does |", "|---|---|---|---|"]
    sections = {**SECTIONS, "gate": GateSpec, "hooks": HookSpec}
    for section, kind in sections.items():
        for field in dataclasses.fields(kind):
            if (section, field.name) != ("hooks", "event"):
                rows.append(_row(section, kind, field))
    return "\n".join(rows) + "\n"


def _row(section: str, kind: type, field: dataclasses.Field[Any]) -> str:
    name = f"{section}.{field.name}"
    shown = {"gate": f"[[gate]] {field.name}", "hooks": f"[hooks] EVENT {field.name}"}.get(
        section, f"[{section}] {field.name}"
    )
    if field.name.endswith("_s"):
        shown += f"`, `{field.name[:-2]}"
    value = _value(hints_of(kind)[field.name])
    if field.name.endswith("_s"):
        value = "seconds, or a duration"
    return f"| `{shown}` | {value} | {_default(field)} | {WORDS[name]} |"


def _value(hint: Any) -> str:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return " ".join(f"`{option}`" for option in options)
    if origin in (types.UnionType, typing.Union):
        return "command" if str in options else "number"
    if origin is tuple and typing.get_origin(options[0]) is typing.Literal:
        return "list of " + _value(options[0])
    if origin is tuple:
        return "list of strings"
    if origin is Mapping:
        return "table of strings"
    return {str: "string", bool: "`true` `false`"}.get(hint, "number")


def _default(field: dataclasses.Field[Any]) -> str:
    default = field.default
    if default is dataclasses.MISSING:
        return "required" if field.default_factory is dataclasses.MISSING else "none"
    if default in (None, "", ()):
        return "none"
    if isinstance(default, tuple):
        return "all"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(render())
