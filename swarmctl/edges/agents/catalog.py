"""Agent definitions by name: the repository's when approved, then the user's, then those that come with swarmctl.

A repository's definition that nobody approved is as good as absent, and is said so.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from swarmctl.core.agent import Order, Profile, Start
from swarmctl.core.errors import EnvironmentFault, SwarmError, UsageFault
from swarmctl.core.handmade import Conversation
from swarmctl.core.values import dataclass
from swarmctl.edges.agents.history import newest
from swarmctl.edges.agents.reader import read_agent
from swarmctl.edges.agents.spec import AgentSpec
from swarmctl.edges.agents.start import PROMPT_FILE, allowed_env, start_of, write_files

REPOSITORY_FOLDER = ".swarm/agents"


@dataclass(frozen=True, slots=True)
class Catalog:
    """Implements the port `Agents`; files are read at each question, so that an edit counts at once."""

    packaged: Path
    user: Path
    approved: Callable[[str, bytes], bool]
    repository: Path | None = field(default=None)
    """The top of the user's checkout."""
    _parsed: dict[Path, tuple[bytes, AgentSpec]] = field(default_factory=dict, compare=False, repr=False)

    def check(self, name: str) -> None:
        self.get(name)

    def profile(self, name: str) -> Profile:
        return self.get(name).profile()

    def start(self, name: str, order: Order) -> Start:
        spec = self.get(name)
        start = start_of(spec, order)
        Path(order.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        write_files(spec, Path(order.folder), start.stdin)
        return start

    def ended(self, folder: str) -> None:
        with suppress(OSError):
            Path(folder, PROMPT_FILE).unlink()

    def env(self, name: str, environ: Mapping[str, str]) -> dict[str, str]:
        return allowed_env(self.get(name), environ)

    def private_to_others(self, name: str) -> tuple[str, ...]:
        return tuple(path for spec in self.all() if spec.name != name for path in spec.homes)

    def conversation(self, name: str, folder: str, environ: Mapping[str, str]) -> Conversation | None:
        rules = self.get(name).history
        return newest(rules, folder, allowed_env(self.get(name), environ)) if rules else None

    def get(self, name: str) -> AgentSpec:
        for path, from_repository in self._places(name):
            raw = _bytes(path)
            if raw is None or (from_repository and not self.approved(self._subject(path), raw)):
                continue
            return self._parse(path, raw)
        raise self._missing(name)

    def _parse(self, path: Path, raw: bytes) -> AgentSpec:
        known = self._parsed.get(path)
        if known is None or known[0] != raw:
            known = self._parsed[path] = (raw, _read(path, raw))
        return known[1]

    def all(self) -> list[AgentSpec]:
        """Every agent that may run, by name."""
        return [self.get(name) for name in self.names()]

    def sifted(self) -> tuple[list[AgentSpec], dict[str, SwarmError]]:
        """Those that can be read, and of the others what is wrong with them."""
        found, bad = [], {}
        for name in self.names():
            try:
                found.append(self.get(name))
            except SwarmError as error:
                bad[name] = error
        return found, bad

    def names(self) -> list[str]:
        names = {path.stem for folder in self._folders() for path in folder.glob("*.yaml")}
        unapproved = {Path(subject).stem for subject in self.unapproved()}
        return [name for name in sorted(names) if name not in unapproved or self._elsewhere(name)]

    def wanted(self) -> list[tuple[str, bytes]]:
        """(subject, content) of every definition that comes with the repository: each needs approval."""
        if self.repository is None:
            return []
        paths = sorted((self.repository / REPOSITORY_FOLDER).glob("*.yaml"))
        return [(self._subject(path), raw) for path in paths if (raw := _bytes(path)) is not None]

    def unapproved(self) -> list[str]:
        """Subjects that wait for approval; until then the agent of that name is another one, or none."""
        return [subject for subject, raw in self.wanted() if not self.approved(subject, raw)]

    def _folders(self) -> list[Path]:
        own = [self.repository / REPOSITORY_FOLDER] if self.repository else []
        return [*own, self.user, self.packaged]

    def _places(self, name: str) -> list[tuple[Path, bool]]:
        if not name or "/" in name or name.startswith("."):
            return []
        first = self.repository / REPOSITORY_FOLDER if self.repository else None
        return [(folder / f"{name}.yaml", folder == first) for folder in self._folders()]

    def _elsewhere(self, name: str) -> bool:
        return any((folder / f"{name}.yaml").is_file() for folder in (self.user, self.packaged))

    def _subject(self, path: Path) -> str:
        return f"agent {REPOSITORY_FOLDER}/{path.name}"

    def _missing(self, name: str) -> UsageFault:
        if any(subject == f"agent {REPOSITORY_FOLDER}/{name}.yaml" for subject in self.unapproved()):
            return UsageFault(
                f"agent {name} comes with this repository and nobody approved it yet",
                hint=f"read {REPOSITORY_FOLDER}/{name}.yaml, then: swarmctl approve {REPOSITORY_FOLDER}/{name}.yaml",
            )
        names = self.names()
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        near = f"; did you mean {close[0]}?" if close else ""
        return UsageFault(f"there is no agent {name!r}{near}", hint=f"choose one: --agent {'|'.join(names)}")


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EnvironmentFault(f"cannot read {path}: {error.strerror}", hint=f"chmod u+r {path}") from error


def _read(path: Path, raw: bytes) -> AgentSpec:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageFault(f"{path}:1: is not UTF-8 text", hint="save it as UTF-8") from error
    spec = read_agent(text, str(path))
    if spec.name != path.stem:
        raise UsageFault(f"{path}:1: is called {spec.name!r}", hint=f"rename the file to {spec.name}.yaml")
    return spec
