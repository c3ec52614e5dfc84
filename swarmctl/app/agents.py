"""The agents that a repository may use: ours, the user's own, and those that came with it and were approved."""

from __future__ import annotations

from swarmctl.edges.agents.catalog import Catalog
from swarmctl.edges.files.approvals import Approved
from swarmctl.edges.files.paths import packaged, user_config_dir
from swarmctl.edges.git.repository import Repository


def agents_of(repository: Repository, approved: Approved) -> Catalog:
    return Catalog(packaged("agents"), user_config_dir() / "agents", approved, repository.root)
