"""`logs -f` on a terminal, in a pipe, or as NDJSON: whole lines, and a question as soon as it is asked."""

from __future__ import annotations

from swarmctl.app.follow import Followed
from swarmctl.surfaces.cli import out


def show_all(followed: Followed, as_json: bool) -> None:
    """Until the session ends, or nobody reads any more."""
    asked = ""
    for shown in followed.parts():
        text = "".join(f"{line}\n" for line in shown.lines)
        if as_json:
            goes_on = out.data({"kind": "logs", "session": followed.id, "text": text}) if text else out.is_read()
        else:
            begun = continued(asked, text)
            if text:
                asked = ""
            if shown.question and not asked:
                asked = shown.question
                begun += asked
            goes_on = out.beginning(begun) if begun else out.is_read()
        if not goes_on:
            return


def continued(asked: str, text: str) -> str:
    """What is new in it after a question that was shown already."""
    if not asked or not text:
        return text
    return text.removeprefix(asked) if text.startswith(asked) else f"\n{text}"
