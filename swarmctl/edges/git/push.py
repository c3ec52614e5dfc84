"""Bring a session's own branch to the remote that the user works with: no other ref, never forced.

The user's own pre-push hook runs, as it does when he pushes.
"""

from __future__ import annotations

from pathlib import Path

from swarmctl.core.errors import EnvironmentFault, Refused
from swarmctl.core.listing import in_short
from swarmctl.core.values import dataclass
from swarmctl.edges.git.bases import quiet_ssh, reaching_out
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.repository import Repository, branch_ref

TIMEOUT_S = 300.0
OURS = "swarm/"


@dataclass(frozen=True, slots=True)
class Remote:
    name: str
    url: str


def remote_for(repository: Repository, target: str) -> Remote:
    """Where the user pushes what goes to `target`."""
    config = repository.config()
    wanted = (f"branch.{target}.pushremote", "remote.pushdefault", f"branch.{target}.remote")
    names = [config[key][-1] for key in wanted if config.get(key)]
    known = remotes(repository)
    names += ["origin", *(known if len(known) == 1 else [])]
    for name in names:
        urls = config.get(f"remote.{name}.pushurl") or config.get(f"remote.{name}.url")
        if urls and not name.startswith("-"):
            return Remote(name, urls[-1])
    if known:
        hint = f"git config remote.pushDefault {sorted(known)[0]}"
        raise Refused(f"none of the remotes {', '.join(sorted(known))} is the one to push to", hint=hint)
    raise Refused("this repository has no remote to push to", hint="git remote add origin URL")


def remotes(repository: Repository) -> list[str]:
    return [key[7:-4] for key in repository.config() if key.startswith("remote.") and key.endswith(".url")]


def push(repository: Repository, remote: str, branch: str, commit: str, hooks: Path) -> None:
    """The remote's branch holds this commit afterwards; `hooks` hand over to the user's own."""
    ref = branch_ref(branch)
    if not branch.startswith(OURS) or not commit:
        raise Refused(f"there is no branch {branch} of a session to push", hint="swarmctl ps")
    planted = reaching_out(repository)
    if planted:
        words = f"git settings changed since swarmctl knows this repository: {in_short(planted, 3)}"
        raise Refused(f"nothing was pushed: {words}", hint="swarmctl approve, after a look")
    told = quiet_ssh(repository).told({"SWARM_MAY_PUSH": "1"})
    git = Git(told.git_dir, repository.root, told.config, told.env)
    output = git.ask(
        "-c", f"core.hooksPath={hooks}", "push", "--porcelain", "--no-follow-tags", "--no-recurse-submodules",
        "--no-force-with-lease", "--", remote, f"{commit}:{ref}", timeout=TIMEOUT_S,
    )  # fmt: skip
    if output.rc == 0:
        return
    refused = next((line for line in output.text.splitlines() if line.startswith("!")), "")
    if "[rejected]" in refused:
        words = f"{remote} has commits on {branch} that are not the session's; nothing is forced"
        raise Refused(words, hint=f"git fetch {remote}, and look what is there")
    if refused:
        why = refused.rpartition("\t")[2]
        raise Refused(f"{remote} refused {branch}: {why}", hint=f"git push --dry-run {remote}")
    raise EnvironmentFault(f"git push: {output.complaint}", hint=f"git push --dry-run {remote}")
