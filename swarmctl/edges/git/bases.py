"""Where a session starts from: the freshest commit of the target that can be had within five seconds, unprompted."""

from __future__ import annotations

import os
from dataclasses import dataclass

from swarmctl.core.errors import UsageFault
from swarmctl.core.listing import in_short
from swarmctl.core.ports import Base
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.fetches import Fetches
from swarmctl.edges.git.repository import Repository, branch_ref
from swarmctl.edges.git.settings import Config
from swarmctl.edges.git.trust import LASTING

FETCH_TIMEOUT_S = 5.0
REACHES_OUT = ("core.sshcommand", "core.gitproxy", "core.askpass", "core.alternaterefscommand")
REACHES_OUT_IN = ("credential.", "url.", "http.", "ssh.", "remote.")


@dataclass(frozen=True)
class _Upstream:
    remote: str
    branch: str

    @property
    def ref(self) -> str:
        return f"refs/remotes/{self.remote}/{self.branch}"

    @property
    def name(self) -> str:
        return f"{self.remote}/{self.branch}"


def find_base(repository: Repository, target: str, fetches: Fetches | None) -> Base:
    """Without `fetches`, from what is here."""
    config = repository.config()
    branch = target or _default_target(repository)
    ref = branch_ref(branch)
    upstream = _upstream(config, branch)
    notice = _fresh(repository, upstream, fetches) if fetches and upstream else ""
    local = repository.commit_of(ref)
    remote = repository.commit_of(upstream.ref) if upstream else ""
    if not local and not remote:
        raise UsageFault(f"there is no branch {branch}", hint="git branch --list; or set [merge] target in swarm.toml")
    if not upstream or not remote:
        return Base(local, branch, branch, notice)
    return _choose(repository, branch, (local, remote), upstream.name, notice)


def _choose(repository: Repository, branch: str, both: tuple[str, str], upstream: str, notice: str) -> Base:
    local, remote = both
    if not local:
        return Base(remote, branch, upstream, notice)
    if local == remote or repository.contains(local, remote):
        return Base(local, branch, branch, notice)
    if repository.contains(remote, local):
        return Base(remote, branch, upstream, notice)
    apart = f"{branch} and {upstream} have diverged: starting from {branch}"
    return Base(local, branch, branch, f"{notice}; {apart}" if notice else apart)


def _default_target(repository: Repository) -> str:
    """The checkout's branch; where HEAD is detached, the remote's default."""
    head = repository.git.ask("symbolic-ref", "--quiet", "HEAD").text
    if head.startswith("refs/heads/"):
        return head.removeprefix("refs/heads/")
    remote_head = repository.git.ask("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD").text
    if remote_head:
        return remote_head.removeprefix("refs/remotes/origin/")
    raise UsageFault(
        "HEAD is detached, so there is no branch to land on", hint="git switch BRANCH, or name one with --target"
    )


def trunks(repository: Repository) -> set[str]:
    """Branches that work lands on, whichever the checkout is on now."""
    there = repository.git.ask("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD").text
    return {"main", "master", there.removeprefix("refs/remotes/origin/")}


def _upstream(config: Config, branch: str) -> _Upstream | None:
    """What the user configured for the branch, else the branch of the same name at `origin`."""
    remote = (config.get(f"branch.{branch}.remote") or ("",))[-1]
    merges = (config.get(f"branch.{branch}.merge") or ("",))[-1]
    if remote and remote != "." and merges.startswith("refs/heads/") and f"remote.{remote}.url" in config:
        return _Upstream(remote, merges.removeprefix("refs/heads/"))
    if "remote.origin.url" in config:
        return _Upstream("origin", branch)
    return None


def _fresh(repository: Repository, upstream: _Upstream, fetches: Fetches) -> str:
    """Why the upstream may not be as fresh as it should, in words, or nothing."""
    planted = reaching_out(repository)
    if planted:
        step = "swarmctl approve" if any(map(LASTING.fullmatch, planted)) else "swarmctl down, and they count"
        words = f"git settings changed meanwhile ({in_short(planted, 3)}); after a look: {step}"
        return f"{upstream.name} was not fetched: {words}"
    return fetches.shared(upstream, lambda: _fetch(repository, upstream))


def reaching_out(repository: Repository) -> list[str]:
    """Settings that run programs when a remote is talked to, that came later and that nobody approved."""
    return [key for key in repository.planted() if key in REACHES_OUT or key.startswith(REACHES_OUT_IN)]


def _fetch(repository: Repository, upstream: _Upstream) -> str:
    """One ref, no prompt, no waiting."""
    output = quiet_ssh(repository).ask(
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        "--",
        upstream.remote,
        f"+refs/heads/{upstream.branch}:{upstream.ref}",
        timeout=FETCH_TIMEOUT_S,
    )
    if output.rc == 0 or "couldn't find remote ref" in output.err:
        return ""
    return f"{upstream.name} could not be fetched ({output.complaint})"


def quiet_ssh(repository: Repository) -> Git:
    """ssh that never asks, unless the user chose a command of their own."""
    own = {name: os.environ[name] for name in ("GIT_SSH_COMMAND", "GIT_SSH") if name in os.environ}
    if not own and "core.sshcommand" not in repository.config():
        own = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=4"}
    return repository.git.told(own)
