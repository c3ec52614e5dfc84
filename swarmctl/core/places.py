"""Where things are kept under the state directory: strings only, nothing is created here."""

from __future__ import annotations

from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    state: str
    worktrees: str

    def worktree(self, branch: str) -> str:
        return f"{self.worktrees}/{branch.rpartition('/')[2]}"

    def run_dir(self, session: SessionId, attempt: int) -> str:
        return f"{self.state}/run/{session}/{attempt}"

    def agent_files(self, session: SessionId) -> str:
        """What an agent is given of its own: settings, hooks, plugins."""
        return f"{self.state}/agent/{session}"

    def answers(self, session: SessionId) -> str:
        """Answers to the questions of its agent, one file each; not among its files, where it could answer itself."""
        return f"{self.state}/answers/{session}"

    def marker(self, session: SessionId) -> str:
        """What every process of a session carries in its environment, so that none can hide; unique on the machine."""
        return f"{self.state.rpartition('/')[2]}-{session}"

    def trash(self, session: SessionId) -> str:
        return f"{self.state}/trash/{session}"

    def logs(self, session: SessionId) -> str:
        return f"{self.state}/logs/{session}"

    def spool(self, session: SessionId) -> str:
        return f"{self.state}/spool/{session}"

    def integration(self, target: str) -> str:
        return f"{self.state}/integration/{target.replace('/', '-')}"
