"""The one place that starts git: argv only, a scrubbed environment, disarmed, never prompting, always ending.

What an agent may have planted in a repository (hooks, fsmonitor, `ext::` remotes) does not run in these calls.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault

Arg = str | bytes | Path

DISARMED = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "core.splitIndex": "false",
    "protocol.ext.allow": "never",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "commit.gpgSign": "false",
    "submodule.recurse": "false",
    "i18n.commitEncoding": "UTF-8",
    "advice.detachedHead": "false",
}
SILENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "/bin/false",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "LC_ALL": "C",
}
KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
"""Where the user's own settings are, as HOME is; everything else named GIT_ stays outside."""
DEFAULT_TIMEOUT_S = 300.0
HINTS = (
    ("No space left", "free some space, then try again"),
    ("Read-only file system", "make the disk writable, then try again"),
    ("Permission denied", "check who owns the repository's files"),
    (".lock': File exists", "another git command runs there; if none does, remove the lock file"),
    ("dubious ownership", "check who owns the repository's files"),
)


@dataclass(frozen=True, slots=True)
class Output:
    rc: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return decode(self.out).strip()

    @property
    def fields(self) -> list[bytes]:
        """What `-z` separates."""
        return [field for field in self.out.split(b"\0") if field]

    @property
    def complaint(self) -> str:
        """The line of git's that says most."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        loud = [line for line in lines if line.startswith(("fatal:", "error:"))]
        best = (loud or lines or ["no words"])[0]
        return best.removeprefix("fatal:").removeprefix("error:").strip()


@dataclass(frozen=True)
class Git:
    """Git aimed at one git directory and, for what touches files, one work tree; neither is ever discovered."""

    git_dir: Path
    work_tree: Path | None = None
    config: tuple[tuple[str, str], ...] = ()
    """Settings on top of the disarming ones."""
    env: tuple[tuple[str, str], ...] = ()
    holds: tuple[int, ...] = ()
    """Descriptors of locks that git keeps held should this process die before it."""

    def having(self, config: Iterable[tuple[str, str]]) -> Git:
        return replace(self, config=(*self.config, *config))

    def told(self, env: Mapping[str, str]) -> Git:
        return replace(self, env=(*self.env, *env.items()))

    def holding(self, *descriptors: int) -> Git:
        return replace(self, holds=(*self.holds, *descriptors))

    def ask(self, *args: Arg, stdin: bytes = b"", timeout: float = DEFAULT_TIMEOUT_S) -> Output:
        """Run to the end, whatever the exit code says."""
        return _finish(self._spawn(args, subprocess.PIPE), stdin, timeout)

    def start(self, *args: Arg, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Leave it running, with pipes to talk over; unless `stderr` is one, nobody hears what it complains of."""
        return self._spawn(args, stderr)

    def run(self, *args: Arg, stdin: bytes = b"", timeout: float = DEFAULT_TIMEOUT_S) -> Output:
        """Run to the end; anything but success is an `EnvironmentFault`."""
        output = self.ask(*args, stdin=stdin, timeout=timeout)
        if output.rc != 0:
            raise fault(args, output)
        return output

    def text(self, *args: Arg, stdin: bytes = b"") -> str:
        return self.run(*args, stdin=stdin).text

    def _spawn(self, args: Iterable[Arg], stderr: int) -> subprocess.Popen[bytes]:
        where = self.work_tree or self.git_dir
        argv: list[Arg] = ["git"]
        for key, value in DISARMED.items():
            argv += ["-c", f"{key}={value}"]
        argv += args
        try:
            return subprocess.Popen(
                argv,
                cwd=where,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                pass_fds=self.holds,
            )
        except FileNotFoundError as error:
            if not where.is_dir():
                raise EnvironmentFault(f"{where}: no such directory", hint="swarmctl doctor") from error
            raise EnvironmentFault("git is not installed", hint="sudo apt-get install git") from error
        except OSError as error:
            raise EnvironmentFault(f"git could not start: {error.strerror}", hint="swarmctl doctor") from error

    def _environment(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in KEPT}
        env |= SILENT
        env["GIT_DIR"] = str(self.git_dir)
        if self.work_tree is not None:
            env["GIT_WORK_TREE"] = str(self.work_tree)
        return env | dict(self.env) | config_env(self.config, {})


def _finish(child: subprocess.Popen[bytes], stdin: bytes, timeout: float) -> Output:
    try:
        out, err = child.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        killed(child)
        return Output(rc=-signal.SIGKILL, out=b"", err=f"fatal: no answer within {timeout:g} s")
    except BaseException:
        killed(child)
        raise
    return Output(child.returncode, out, decode(err))


def killed(child: subprocess.Popen[bytes]) -> None:
    """Gone, with all that it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                pass
    child.wait()


def config_env(config: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> dict[str, str]:
    """`config` as `GIT_CONFIG_*` variables, after those that `environ` holds already."""
    count = environ.get("GIT_CONFIG_COUNT", "0")
    start = int(count) if count.isdigit() else 0
    env: dict[str, str] = {}
    for number, (key, value) in enumerate(config, start):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    if env:
        env["GIT_CONFIG_COUNT"] = str(start + len(env) // 2)
    return env


def session_git_env(hooks_dir: Path, environ: Mapping[str, str] | None = None, *, ignored: str = "") -> dict[str, str]:
    """Variables that make a session's own git use `hooks_dir` and ignore what the file `ignored` says, if any.

    They come after what `environ` has of `GIT_CONFIG_*`.
    """
    ignoring = [("core.excludesFile", ignored)] if ignored else []
    return config_env([("core.hooksPath", str(hooks_dir)), *ignoring], environ or {})


def fault(args: Iterable[Arg], output: Output) -> EnvironmentFault:
    verb = next((str(arg) for arg in args if not str(arg).startswith("-")), "git")
    hint = next((hint for words, hint in HINTS if words in output.err), "swarmctl doctor")
    return EnvironmentFault(f"git {verb}: {output.complaint}", hint=hint)


def decode(raw: bytes) -> str:
    """Text for people and logs: bytes that are not UTF-8 show as escapes."""
    return raw.decode("utf-8", "backslashreplace")
