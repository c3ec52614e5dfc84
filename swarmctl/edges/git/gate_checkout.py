"""The private worktree that gates run in: it holds exactly one commit, checked file by file, or it is made anew.

Whatever a gate did to the index, its flags, sparse patterns, `.git` or the repository's `info` decides nothing here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.git.audit import Memory, audit
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.lock import held
from swarmctl.edges.git.making import Workshop, clear_the_way, filling, make
from swarmctl.edges.git.registry import KEPT_OUT, UNDER_WAY, Entry, entry_at, keep_out, kept_out
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.snapshot import private_index, whole_tree, words

OWN_INDEX = "swarmctl-bench-index"
"""The index as our last checkout left it; a gate's own git works with a copy."""
EXACT = (
    ("core.autocrlf", "false"),
    ("core.eol", "lf"),
    ("core.attributesFile", "/dev/null"),
    ("core.sparseCheckout", "false"),
    ("core.ignoreStat", "false"),
    ("core.trustctime", "true"),
    ("core.checkStat", "default"),
    ("core.untrackedCache", "false"),
    ("index.sparse", "false"),
)
SHARED = ("objects", "refs", "packed-refs", "reftable", "config", "shallow", "modules", "lfs")


@dataclass
class Benches:
    """The integration worktrees of one repository, and what is known of the files in each."""

    shop: Workshop
    memories: dict[Path, Memory] = field(default_factory=dict)

    def memory(self, path: Path) -> Memory:
        return self.memories.setdefault(path, Memory())

    def git(self, entry: Entry, lock: int) -> Git:
        return self.exact(filling(self.shop.repository, entry.git).holding(lock))

    def exact(self, git: Git) -> Git:
        """A git that writes files by the commit's own attributes: neither `info` nor a setting has a say."""
        common = _without_info(self.shop.repository, self.shop.state / "bench-common")
        return git.having([*EXACT, *_includes(self.shop.repository)]).told({"GIT_COMMON_DIR": str(common)})


def _without_info(repository: Repository, folder: Path) -> Path:
    """A common git directory that is the repository's in everything but `info`, which any agent may have written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in SHARED:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(repository.common / name)
    return folder


def _includes(repository: Repository) -> list[tuple[str, str]]:
    """Files that the repository's config includes by a relative path, which git would look for beside the link."""
    found = []
    for key, values in repository.config().items():
        if key == "include.path" or (key.startswith("includeif.") and key.endswith(".path")):
            relative = [value for value in values if not value.startswith(("/", "~"))]
            found += [(key, os.path.normpath(repository.common / value)) for value in relative]
    return found


def check_out(benches: Benches, path: Path, commit: str) -> bool:
    """True when the worktree had to be made."""
    shop, path = benches.shop, Path(os.path.realpath(path))
    with held(shop.lock_of(path)) as lock:
        entry = entry_at(shop.repository, path)
        if entry is not None and entry.finished and _turn_to(benches, entry, commit, lock):
            return False
        clear_the_way(shop, path, lock)
        benches.memories.pop(path, None)
        entry = make(shop, path, ["--detach", commit], lock, benches.exact)
        wrong = audit(benches.git(entry, lock), commit, benches.memory(entry.path))
        if wrong:
            raise EnvironmentFault(f"{path} does not hold {commit[:10]}: {words(wrong)}", hint="swarmctl doctor")
        shutil.copy2(entry.admin / "index", entry.admin / OWN_INDEX)
        entry.finish("gates")
        return True


def _turn_to(benches: Benches, entry: Entry, commit: str, lock: int) -> bool:
    """Whatever a gate left there goes, ignored or not; what provisioning made stays."""
    if any((entry.admin / name).exists() for name in UNDER_WAY) or not _own_git_again(entry):
        return False
    git, memory = benches.git(entry, lock), benches.memory(entry.path)
    for _ in range(2):
        if git.ask("checkout", "--quiet", "--force", "--detach", commit).rc != 0:
            return False
        if not _swept(git, entry):
            return False
        wrong = audit(git, commit, memory)
        if not wrong:
            shutil.copy2(entry.admin / "index", entry.admin / OWN_INDEX)
            return True
        if not all(_gone(entry.path, each) for each in wrong):
            return False
    return False


def _own_git_again(entry: Entry) -> bool:
    """The index, the `.git` file and the records are as our last checkout left them."""
    own, dot_git = entry.admin / OWN_INDEX, entry.path / ".git"
    words = b"gitdir: " + os.fsencode(entry.admin) + b"\n"
    if not own.exists() or dot_git.is_symlink() or not dot_git.is_file() or dot_git.read_bytes() != words:
        return False
    shutil.rmtree(entry.admin / "info", ignore_errors=True)
    (entry.admin / "index.lock").unlink(missing_ok=True)
    shutil.copy2(own, entry.admin / "index")
    return True


def _swept(git: Git, entry: Entry) -> bool:
    """Nothing is there that is neither the commit's nor of the provisioning."""
    kept = [f"--exclude={line}" for line in kept_out(entry)]
    if git.ask("clean", "-f", "-f", "-d", "-x", "-q", *kept).rc != 0:
        return False
    patterns = [f"--exclude-from={entry.admin / KEPT_OUT}"] if kept else []
    left = git.ask("ls-files", "-z", "--others", *patterns)
    return left.rc == 0 and not left.out


def _gone(root: Path, path: bytes) -> bool:
    """Out of the way, so that the next checkout writes it anew."""
    try:
        (root / os.fsdecode(path)).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def fix_tree(benches: Benches, path: Path, commit: str) -> str:
    """The tree of what stands in the gates' worktree now; every file is read, whatever the index says of it.

    Files whose line endings were never normalised look modified to git, though a checkout writes exactly these bytes.
    """
    repository, entry = benches.shop.repository, _entry(benches.shop, path)
    with held(benches.shop.lock_of(entry.path)) as lock:
        memory = benches.memory(entry.path)
        wrong = audit(benches.git(entry, lock), commit, memory)
        git = repository.guarded(entry.git).holding(lock)
        with private_index(git, commit, fresh=True) as index:
            return whole_tree(index, as_committed=memory.tracked.keys() - set(wrong))


def exclude(shop: Workshop, path: Path, paths: Iterable[str]) -> None:
    """The paths named, and what git ignores there now: the caches and environments that the setup made."""
    entry = _entry(shop, path)
    git = shop.repository.guarded(entry.git)
    ignored = git.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory").fields
    keep_out(entry, dict.fromkeys([*paths, *(decode(each).rstrip("/") for each in ignored)]))


def _entry(shop: Workshop, path: Path) -> Entry:
    entry = entry_at(shop.repository, path)
    if entry is None or not entry.ours:
        raise EnvironmentFault(f"{path} is not a worktree of swarmctl's", hint="git worktree list")
    return entry
