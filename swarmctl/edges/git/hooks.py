"""Where the user's own git hooks are, and every hook that git knows."""

from __future__ import annotations

from pathlib import Path

from swarmctl.edges.git.repository import Repository

HOOK_NAMES = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg",
    "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "post-rewrite",
)  # fmt: skip


def hooks_dir(repository: Repository) -> Path:
    """`core.hooksPath` as configured, relative to the checkout, else `hooks` in the git directory."""
    chosen = repository.config().get("core.hookspath", ("",))[-1]
    if not chosen:
        return repository.common / "hooks"
    return (repository.root / Path(chosen).expanduser()).resolve()
