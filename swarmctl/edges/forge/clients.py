"""`gh` and `glab` by argv: requests to merge a branch, and issues. What they are given is data, never a shell's text.

Whose account it is, and over which wire it goes, is theirs to know: no token passes through here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.values import dataclass

Program = Literal["gh", "glab"]

TIMEOUT_S = 60.0
LONGEST_BODY = 60_000
"""Both forges take 64 KB, and the kernel 128 KB for one argument."""
LONGEST_TITLE = 200
QUIET = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GLAB_CHECK_UPDATE": "false",
    "NO_PROMPT": "1",
    "NO_COLOR": "1",
    "PAGER": "cat",
}
SCRUBBED = ("GIT_", "SWARM")
ADDRESS = re.compile(r"https?://[^\s\"'<>]+/(?:pull|merge_requests)/\d+")


@dataclass(frozen=True, slots=True)
class Issue:
    number: int
    title: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Request:
    """What asks for a branch to be merged on a forge."""

    branch: str
    target: str
    title: str
    body: str
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    url: str
    existed: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    program: Program
    cwd: Path

    def open(self, request: Request) -> Opened:
        """Its address; the one that is there already for a branch that has one."""
        title, body = request.title[:LONGEST_TITLE], _cut(request.body)
        if self.program == "gh":
            words = ["pr", "create", f"--head={request.branch}", f"--base={request.target}", f"--title={title}"]
            done = self._run(*words, "--body-file=-", *(["--draft"] if request.draft else []), stdin=body)
        else:
            words = ["mr", "create", f"--source-branch={request.branch}", f"--target-branch={request.target}"]
            words += [f"--title={title}", f"--description={body}", "--yes"]
            done = self._run(*words, *(["--draft"] if request.draft else []))
        found = ADDRESS.findall(done.stdout + "\n" + done.stderr)
        if done.returncode == 0 and found:
            return Opened(found[-1])
        if "already exists" in done.stderr and found:
            return Opened(found[-1], existed=True)
        raise self._fault(done, f"opened no request for {request.branch}")

    def issue(self, number: int) -> Issue:
        if number < 1:
            raise UsageFault(f"{number} is no issue", hint="swarmctl run --issue 12")
        if self.program == "gh":
            done = self._run("issue", "view", str(number), "--json=number,title,body,url")
        else:
            done = self._run("issue", "view", str(number), "--output=json")
        if done.returncode != 0:
            raise self._fault(done, f"knows no issue {number}")
        try:
            plain: Mapping[str, Any] = json.loads(done.stdout)
            body, url = plain.get("body", plain.get("description")), plain.get("url", plain.get("web_url"))
            return Issue(number, str(plain["title"]), str(body or ""), str(url or ""))
        except (ValueError, KeyError, AttributeError) as error:
            raise EnvironmentFault(f"{self.program} answers something else than an issue", hint="upgrade it") from error

    def _run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(SCRUBBED)} | QUIET
        try:
            return subprocess.run(
                [self.program, *words],
                cwd=self.cwd,
                env=env,
                input=stdin,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT_S,
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EnvironmentFault(
                f"{self.program} gave no answer within {TIMEOUT_S:g} s", hint="try again when the network is back"
            ) from None
        except OSError as error:
            raise EnvironmentFault(f"{self.program}: {error.strerror}", hint="swarmctl doctor") from error

    def _fault(self, done: subprocess.CompletedProcess[str], what: str) -> Refused | EnvironmentFault:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = lines[0][:300] if lines else f"it ended with {done.returncode}"
        if "auth login" in done.stderr or "not logged in" in done.stderr.lower():
            return EnvironmentFault(f"{self.program} is not logged in: {said}", hint=f"{self.program} auth login")
        return Refused(f"{self.program} {what}: {said}", hint=f"{self.program} auth status")


def client_for(url: str, cwd: Path) -> Client:
    """The one that the remote's address asks for, else the one that is here."""
    host = urlsplit(url).hostname if "://" in url else url.partition("@")[2].partition(":")[0]
    order: tuple[Program, ...] = ("glab", "gh") if "gitlab" in (host or "") else ("gh", "glab")
    for program in order:
        if shutil.which(program):
            return Client(program, cwd)
    raise EnvironmentFault(
        "neither gh nor glab is installed, which know how to talk to a forge",
        hint="https://cli.github.com or https://gitlab.com/gitlab-org/cli",
    )


def _cut(body: str) -> str:
    body = body.replace("\0", "")
    while len(body.encode("utf-8", "replace")) > LONGEST_BODY:
        body = body[: len(body) * 9 // 10] + "\n…\n"
    return body
