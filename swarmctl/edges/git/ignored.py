"""What git ignores in the user's checkout: the candidates for `.worktreeinclude`."""

from __future__ import annotations

from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.repository import Repository


def ignored_files(repository: Repository) -> list[str]:
    """Relative paths; a folder that is ignored as a whole ends in a slash."""
    checkout = repository.guarded(Git(repository.common, repository.root))
    listed = checkout.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    return [decode(path) for path in listed.fields]
