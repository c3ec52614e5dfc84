"""One repository as its git directory and main work tree: found once, then always named explicitly.

Settings that run programs (filters, merge drivers) count only with the values they had when this was opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.edges.git.command import Git, Output, fault
from swarmctl.edges.git.reader import Broken, Found, Reader
from swarmctl.edges.git.settings import Config, Settings

OLDEST_GIT = (2, 38)
FALLBACK_IDENTITY = ("swarmctl", "swarmctl@localhost")
RUNS_PROGRAMS = re.compile(
    r"filter\..*\.(clean|smudge|process|required)|merge\..*\.driver|core\.(sshcommand|gitproxy|askpass)"
    r"|core\.alternaterefscommand|credential\..*|remote\..*\.(url|uploadpack|vcs|proxy)|url\..*|http\..*|ssh\..*"
)
DISARMED_FILTER = {"clean": "", "smudge": "", "process": "", "required": "false"}
PLAIN_MERGE = "git merge-file %A %O %B"
NO_COMMIT = ""
"""What git takes for a ref that must not exist, whichever hash the repository uses."""


@dataclass(frozen=True)
class Identity:
    name: str
    email: str


@dataclass(frozen=True)
class Repository:
    root: Path
    """The main work tree: the user's checkout."""
    common: Path
    """The git directory that all worktrees share."""
    trusted: Mapping[str, tuple[str, ...]]
    """Settings that run programs, as they were when the repository was opened."""
    settings: Settings = field(default_factory=Settings, compare=False, repr=False)
    reader: Reader = field(default_factory=Reader, compare=False, repr=False)
    approved: Callable[[str, bytes], bool] = field(default=lambda subject, content: False, compare=False, repr=False)
    """Whether a person said that a setting that came later may run its program."""

    @property
    def git(self) -> Git:
        """For objects and refs; touches no work tree."""
        return Git(self.common)

    def config(self, git: Git | None = None) -> Config:
        """Every setting that holds now, by its key in lower case up to the subsection."""
        return self.settings.of(git or self.git)

    def planted(self, git: Git | None = None) -> tuple[str, ...]:
        """Settings that run programs, are not what they were when the repository was opened, and nobody approved."""
        changed = [(key, v) for key, v in self.config(git).items() if _runs(key) and self.trusted.get(key) != v]
        return tuple(
            key for key, values in changed if not self.approved(f"git setting {key}", "\0".join(values).encode())
        )

    def guarded(self, git: Git) -> Git:
        """The same git with every planted filter and merge driver switched off."""
        overrides: list[tuple[str, str]] = []
        for key in self.planted(git):
            section, _, rest = key.partition(".")
            name, _, what = rest.rpartition(".")
            if section == "filter":
                overrides += [(f"filter.{name}.{part}", value) for part, value in DISARMED_FILTER.items()]
            elif section == "merge" and what == "driver":
                overrides.append((key, PLAIN_MERGE))
        return git.having(overrides)

    def identity(self) -> Identity:
        """The user's, as git has it configured for this repository."""
        config = self.config()
        name, email = config.get("user.name"), config.get("user.email")
        if name and email and name[-1] and email[-1]:
            return Identity(name[-1], email[-1])
        return Identity(*FALLBACK_IDENTITY)

    def commit_of(self, name: str, git: Git | None = None) -> str:
        """The commit that a ref, an oid or HEAD stands for; empty when there is none."""
        if git is None:
            return self.resolve(f"{name}^{{commit}}")[0]
        output = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return output.text if output.rc == 0 else ""

    def resolve(self, *names: str) -> list[str]:
        """The oid that each name stands for; empty for a name that stands for none."""
        found = [self._told(self.reader.info, name) for name in names]
        return [each.oid if each else "" for each in found]

    def objects(self, *names: str) -> list[Found | None]:
        """Each object named, with its content; None where there is none."""
        return [self._told(self.reader.contents, name) for name in names]

    def tree_of(self, name: str) -> str:
        return self.resolve(f"{name}^{{tree}}")[0] or self._no(f"{name}^{{tree}}")

    def commit(self, oid: str) -> bytes:
        """What the commit says, as git stores it."""
        found = self.objects(oid)[0]
        return found.content if found and found.kind == "commit" else self._no(oid)

    def _told(self, read: Callable[[Git, str], Found | None], name: str) -> Found | None:
        if "\n" in name:
            name = self.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name).text
        try:
            return read(self.git, name) if name else None
        except Broken as error:
            raise fault(["cat-file"], self.git.ask("cat-file", "-e", name)) from error

    def _no(self, name: str) -> NoReturn:
        raise fault(["cat-file"], Output(128, b"", f"fatal: {name} is not there"))

    def contains(self, whole: str, part: str) -> bool:
        """Whether `part` is `whole` or an ancestor of it."""
        if whole == part:
            return True
        output = self.git.ask("merge-base", "--is-ancestor", part, whole)
        if output.rc > 1:
            raise fault(["merge-base"], output)
        return output.rc == 0

    def swap(self, ref: str, new: str, old: str, why: str) -> bool:
        """Compare-and-swap; an empty `old` means that the ref must not exist. False when it held something else."""
        output = self.git.ask("update-ref", "--create-reflog", "-m", why, ref, new, old)
        return swapped(output, ["update-ref"])

    def drop(self, ref: str, old: str) -> bool:
        """Delete a ref that still holds `old`."""
        return swapped(self.git.ask("update-ref", "-d", ref, old), ["update-ref"])


def swapped(output: Output, args: list[str]) -> bool:
    if output.rc == 0:
        return True
    lost = ("but expected", "reference already exists", "unable to resolve reference", "cannot lock ref")
    if any(words in output.err for words in lost) and "No space left" not in output.err:
        return False
    raise fault(args, output)


def branch_ref(branch: str) -> str:
    """The full name of a branch; a name that git would not take is a `UsageFault`."""
    bad = r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-./]|[./]$|^@$"
    if not branch or re.search(bad, branch):
        raise UsageFault(f"{branch!r} is not a branch name", hint="git branch --list")
    return f"refs/heads/{branch}"


def open_repository(cwd: Path) -> Repository:
    """The repository that `cwd` is in, with its main work tree, also when `cwd` is inside a linked worktree."""
    probe = Git(cwd / ".git-is-not-chosen-yet", cwd)
    _check_version(probe)
    common = _common_dir(cwd)
    _check_owner(common)
    root = _main_work_tree(common, cwd)
    repository = Repository(root, common, {})
    if not repository.commit_of("HEAD") and not repository.git.ask("rev-list", "-n1", "--all").text:
        raise UsageFault(f"{root} has no commit yet", hint='git commit --allow-empty -m "First"')
    trusted = {key: values for key, values in repository.config().items() if _runs(key)}
    return replace(repository, trusted=trusted)


def git_at(root: Path) -> Git:
    """For the work tree whose top is `root`, with its own HEAD and index; there need not be a commit."""
    _check_owner(_common_dir(root))
    return Git(linked_git_dir(root), root)


def _check_version(probe: Git) -> None:
    words = probe.text("version")
    found = re.search(r"(\d+)\.(\d+)", words)
    if not found or (int(found[1]), int(found[2])) < OLDEST_GIT:
        raise EnvironmentFault(f"{words} is too old: 2.38 is needed", hint="sudo apt-get install git")


def _check_owner(common: Path) -> None:
    """git's own rule, which it leaves out where the git directory is named: foreign settings may run programs."""
    owner = common.stat().st_uid
    if owner in (os.geteuid(), int(os.environ.get("SUDO_UID", os.geteuid()))):
        return
    safe = Git(common).ask("config", "--global", "-z", "--get-all", "safe.directory").fields
    if not {b"*", os.fsencode(common), os.fsencode(common.parent)} & set(safe):
        hint = f"git config --global --add safe.directory {common.parent}"
        raise EnvironmentFault(f"{common} belongs to another user", hint=hint)


def _common_dir(cwd: Path) -> Path:
    """Walks up by hand to the nearest git directory: git itself is told where to look, never asked to search."""
    here = cwd.resolve()
    for place in (here, *here.parents):
        if _is_git_dir(place):
            git_dir = place
        elif (place / ".git").exists():
            git_dir = linked_git_dir(place)
        else:
            continue
        output = Git(git_dir, place).ask("rev-parse", "--path-format=absolute", "--git-common-dir")
        if output.rc != 0:
            raise EnvironmentFault(f"{place}: {output.complaint}", hint=f"git -C {place} status")
        return Path(output.text)
    raise UsageFault(f"{cwd} is not in a git repository", hint="git init")


def linked_git_dir(work_tree: Path) -> Path:
    """Where `.git` of a work tree leads: itself when it is a directory, else what the file names."""
    dot_git = work_tree / ".git"
    if dot_git.is_dir():
        return dot_git
    try:
        words = dot_git.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{dot_git}: {error.strerror}", hint="swarmctl doctor") from error
    if not words.startswith(b"gitdir:"):
        raise EnvironmentFault(f"{dot_git} does not name a git directory", hint="git worktree repair")
    named = Path(words.removeprefix(b"gitdir:").strip(b" \n").decode("utf-8", "surrogateescape"))
    return named if named.is_absolute() else (work_tree / named).resolve()


def _is_git_dir(place: Path) -> bool:
    return (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir()


def _main_work_tree(common: Path, cwd: Path) -> Path:
    config = Settings().of(Git(common))
    chosen = config.get("core.worktree")
    if config.get("core.bare", ("false",))[-1].lower() in ("true", "yes", "on", "1"):
        raise UsageFault(f"{common} is a bare repository", hint="swarmctl works in a clone with files: git clone")
    root = (common / chosen[-1]).resolve() if chosen else common.parent
    if not chosen and common.name != ".git":
        raise UsageFault(f"{common} has no work tree", hint=f"git clone {common}")
    if not root.is_dir():
        raise UsageFault(
            f"{root}, the work tree of {common}, does not exist", hint=f"git -C {cwd} config core.worktree"
        )
    return root


def _runs(key: str) -> bool:
    return RUNS_PROGRAMS.fullmatch(key) is not None
