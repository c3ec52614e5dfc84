"""A session's branch on the forge: pushed, asked to be merged with what is known of it, and issues as tasks.

It is the person's own account, environment and network; the supervisor only writes down what is about to leave and
what became of it. What a kill leaves open is asked for again: the forge knows what it has, and has nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from swarmctl.app.find import find_session
from swarmctl.app.githooks import session_hooks
from swarmctl.app.here import Here
from swarmctl.app.leaving import Tell, teller
from swarmctl.core.errors import Refused, SwarmError
from swarmctl.core.events import (
    GateFinished,
    MergeStaged,
    Pushed as Arrived,
    PushFailed,
    PushIntended,
    RequestOpened,
    Stamped,
)
from swarmctl.core.gate import GateResult
from swarmctl.core.session import Session, Stage
from swarmctl.core.task import Task
from swarmctl.core.values import dataclass
from swarmctl.edges.files.secrets import clean_terminal, mask
from swarmctl.edges.forge.clients import Opened, Request, client_for
from swarmctl.edges.git.push import push as push_branch, remote_for, remotes
from swarmctl.edges.git.reading import diff

LONGEST_ISSUE = 30_000
"""In characters: some agents take their task as one argument, which may have 128 KB."""
COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


@dataclass(frozen=True, slots=True)
class Pushed:
    session: Session
    task: Task
    remote: str
    url: str
    """Of the remote, without a password."""
    commit: str
    gates: tuple[GateResult, ...]
    """What ran on its last merge, if any did."""


def push(here: Here, name: str) -> Pushed:
    wanted = _wanted(here, name)
    with _told(here, wanted, request=False) as tell:
        _push(here, wanted, tell)
    return wanted


def _wanted(here: Here, name: str) -> Pushed:
    """What would be pushed, and where to; raises `Refused` when there is nothing, or no place for it."""
    with here.board() as board:
        session = find_session(board.facts, name)
        task = board.facts.tasks[session.task]
        gates = tuple(last_gates(board.about(task), session))
    if session.stage is Stage.LANDED:
        raise Refused(f"{session.id} landed on {session.target} already", hint=f"git push REMOTE {session.target}")
    commit = here.repository.commit_of(f"refs/heads/{session.branch}")
    if commit in ("", session.base):
        verb = "undo" if session.place in ("trashed", "deleted") else "show"
        raise Refused(f"{session.id} has no commit of its own to push", hint=f"swarmctl {verb} {session.id}")
    remote = remote_for(here.repository, session.target)
    if session.adopted is not None:
        words = f"{session.branch} is a branch of your own, which swarmctl does not push"
        raise Refused(words, hint=f"git push {remote.name} {session.branch}")
    return Pushed(session, task, remote.name, mask(remote.url), commit, gates)


@contextmanager
def _told(here: Here, wanted: Pushed, *, request: bool) -> Iterator[Tell]:
    """The ledger knows before anything leaves, and hears of a refusal; a kill in between leaves the intent open."""
    client = here.client()
    tell, session = teller(client, wanted.session.id), wanted.session.id
    tell(PushIntended(session, wanted.remote, wanted.url, wanted.commit, request))
    try:
        yield tell
    except SwarmError as error:
        tell(PushFailed(session, mask(error.message)))
        raise
    except KeyboardInterrupt:
        client.hang_up()  # It may have come in the middle of a question.
        tell(PushFailed(session, "interrupted"))
        raise
    finally:
        client.hang_up()


def _push(here: Here, wanted: Pushed, tell: Tell) -> None:
    hooks = session_hooks(here.paths, here.repository)
    push_branch(here.repository, wanted.remote, wanted.session.branch, wanted.commit, hooks)
    tell(Arrived(wanted.session.id, wanted.remote, wanted.commit))


def last_gates(events: Iterable[Stamped], session: Session) -> list[GateResult]:
    """The results on the newest tree that was gated."""
    found: list[GateResult] = []
    for stamped in events:
        event = stamped.event
        if isinstance(event, MergeStaged) and event.session == session.id:
            found = []
        elif isinstance(event, GateFinished) and event.session == session.id:
            found.append(event.result)
    return found


def open_request(here: Here, name: str, *, draft: bool) -> tuple[Pushed, Opened]:
    """Pushes first; whoever has one already for the branch is told where it is."""
    pushed = _wanted(here, name)
    client = client_for(pushed.url, here.repository.root)
    stat = diff(here.repository, pushed.session.base, pushed.commit, stat=True)
    body = mask(_plain(body_of(pushed, stat)))
    title = mask(pushed.task.title)
    with _told(here, pushed, request=True) as tell:
        _push(here, pushed, tell)
        opened = client.open(Request(pushed.session.branch, pushed.session.target, title, body, draft))
        tell(RequestOpened(pushed.session.id, mask(opened.url), opened.existed))
    return pushed, opened


def body_of(pushed: Pushed, stat: str) -> str:
    """What was asked for, what proves it and what changed, in Markdown that none of it can leave its place in."""
    task, session = pushed.task, pushed.session
    asked = "" if task.command or task.prompt.strip() == task.title else f"{quoted(task.prompt.strip())}\n\n"
    issues = re.findall(r"^Issue (\d+): \S+$", task.prompt, re.M)
    closes = f"Closes #{issues[-1]}\n\n" if issues else ""
    gates = [f"- `{gate.gate}`: {gate.verdict.value}, {gate.words} (tree `{gate.tree[:10]}`)" for gate in pushed.gates]
    proof = "\n".join(gates) or "No gate ran on it yet."
    changed = fenced(stat.rstrip() or "nothing")
    origin = f"Made by `{session.agent}` in session `{session.id}` of swarmctl, from `{session.base[:10]}`."
    return f"{asked}{closes}### Gates\n\n{proof}\n\n### Changes\n\n{changed}\n\n{origin}\n"


def quoted(words: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in words.splitlines())


def fenced(words: str) -> str:
    """A fence that is longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`+", words)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{words}\n{fence}"


def issue_as_task(here: Here, number: int) -> str:
    """Its title and text as a prompt, with where it came from; whoever wrote it is not the person who runs this."""
    target = here.settings().merge.target
    if not remotes(here.repository):
        words = f"issue {number} cannot be read: this repository has no remote, so that no forge is known"
        hint = "git remote add origin URL; or the issue's text in a file: swarmctl run -f FILE"
        raise Refused(words, hint=hint)
    remote = remote_for(here.repository, target)
    issue = client_for(remote.url, here.repository.root).issue(number)
    title = " ".join(_plain(issue.title).split()) or f"Issue {number}"
    url = "".join(_plain(issue.url).split())
    body = _plain(issue.body).strip()[:LONGEST_ISSUE]
    return "\n\n".join(part for part in (title, body, f"Issue {number}: {url}") if part)


def _plain(words: str) -> str:
    """Text with line ends and tabs, and nothing that a terminal would obey."""
    return COLOUR.sub("", clean_terminal(words))
