"""Answers to an agent's question: a file that its waiting hook reads, or a request to the agent's own server."""

from __future__ import annotations

import json
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.agents.planting import plant

PATIENCE_S = 5.0
REPLIES = {"allow": "once", "deny": "reject"}


def by_file(folder: str, request: str, answer: str, why: str) -> None:
    """Whole at any instant; the hook that waits for it prints it to its agent."""
    content = json.dumps({"answer": answer, "why": why})
    plant(Path(folder), Path(request).name, content.encode())


def by_http(port: int, request: str, answer: str) -> None:
    """To the agent's server on this machine, past any proxy."""
    import urllib.error
    import urllib.parse
    import urllib.request

    url = f"http://127.0.0.1:{port}/permission/{urllib.parse.quote(request, safe='')}/reply"
    body = json.dumps({"reply": REPLIES[answer]}).encode()
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(asked, timeout=PATIENCE_S):
            return
    except (urllib.error.URLError, OSError, ValueError) as error:
        words = f"the agent did not take the answer: {error}"
        raise EnvironmentFault(words, hint="answer at its terminal: swarmctl attach ID") from error
