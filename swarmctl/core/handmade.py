"""What a person made without swarmctl, as it is found before anything of it is taken over."""

from __future__ import annotations

from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Handmade:
    """A linked worktree of a person's own, fit to be taken over."""

    path: str
    branch: str
    head: str
    fork: str
    """Where its branch left the target."""
    subject: str
    """Of its newest commit since; empty when it has none of its own."""
    uncommitted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What an agent keeps of a conversation that it had in some folder."""

    id: str
    prompt: str
    """What it was told first; empty when nobody can tell."""
    at: float
    """When it was written to last."""
