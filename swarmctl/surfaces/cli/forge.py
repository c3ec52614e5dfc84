"""Commands for people who land on a forge: push, pr."""

from __future__ import annotations

from typing import Annotated

import typer

from swarmctl.app import forge
from swarmctl.app.here import here_to_read
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

ID = Annotated[str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def push(session: ID, as_json: JSON = False) -> None:
    """Push a session's own branch, and nothing else, to the remote that you push to; never forced.

    The remote is that of the target branch (`branch.TARGET.pushRemote`, `remote.pushDefault`, `branch.TARGET.remote`),
    else `origin`, else the only one. Your own pre-push hook runs. What the session did not commit stays where it is.
    """
    pushed = forge.push(here_to_read(), session)
    if as_json:
        out.data({"kind": "push", **_plain(pushed)})
    else:
        where = f"{pushed.remote} ({pushed.url})"
        out.text(one_line(f"pushed {pushed.session.branch} at {pushed.commit[:10]} to {where}"))


@app.command()
def pr(
    session: ID,
    draft: Annotated[bool, typer.Option("--draft", help="Not for review yet.")] = False,
    as_json: JSON = False,
) -> None:
    """Push a session's branch and open a pull or merge request for it, through gh or glab; says where it is.

    Title and text come from the task, the gates that ran and what changed. A branch that has a request already gets
    the new commits, and you are told where that one is. Log in with `gh auth login` or `glab auth login` first.
    """
    pushed, opened = forge.open_request(here_to_read(), session, draft=draft)
    if as_json:
        out.data({"kind": "pr", **_plain(pushed), "request": opened.url, "existed": opened.existed, "draft": draft})
        return
    if opened.existed:
        out.say("there is one already; it has the new commits")
    out.text(one_line(opened.url))


def _plain(pushed: forge.Pushed) -> dict[str, str]:
    return {
        "session": pushed.session.id,
        "branch": pushed.session.branch,
        "remote": pushed.remote,
        "url": pushed.url,
        "commit": pushed.commit,
    }
