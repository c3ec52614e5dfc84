"""`swarmctl-hook EVENT [TEXT]`: append one line of JSON to the session's spool, from an agent's own hook.

An agent never fails because of it: everything but a wrong call ends with 0. Nothing is imported that costs start-up.
With `--answer` it stays until somebody answered the agent's question, and prints the answer as the agent wants it.
"""

from __future__ import annotations

import os
import sys

USAGE = (
    "usage: swarmctl-hook [--answer] EVENT [TEXT]   (EVENT: 1 to 64 letters, digits, . _ -; JSON may come on stdin)\n"
)
PAYLOAD_LIMIT = 64 * 1024
TEXT_LIMIT = 4096
DRAIN_LIMIT = 16 * 1024 * 1024
PATIENCE_MS = 1000
"""How long stdin may stay silent before it is left alone."""
LOOK_EVERY_S = 0.1
ANSWERS = ("allow", "deny")


def main(argv: list[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    asks = words[:1] == ["--answer"]
    words = words[1:] if asks else words
    if words[:1] in (["-h"], ["--help"]):
        sys.stdout.write(USAGE)
        return 0
    if len(words) not in (1, 2) or not _is_event(words[0]):
        sys.stderr.write(USAGE)
        return 2
    spool = os.environ.get("SWARM_SPOOL")
    if spool:
        request = os.urandom(8).hex() if asks else ""
        try:
            _append(spool, _line(words[0], "".join(words[1:]), _stdin(), request))
        except OSError:
            return 0
        if asks:
            _wait(words[0], request)
    return 0


def _is_event(word: str) -> bool:
    return 0 < len(word) <= 64 and word.isascii() and word.replace(".", "").replace("_", "").replace("-", "").isalnum()


def _wait(event: str, request: str) -> None:
    """Until the answer lies in the session's folder; whoever asked may end this at any moment."""
    folder = os.environ.get("SWARM_ANSWERS")
    if not folder:
        return
    import json
    import time
    from pathlib import Path

    path = Path(folder, request)
    while not path.exists():
        time.sleep(LOOK_EVERY_S)
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(said, dict) and said.get("answer") in ANSWERS:
        decision = {"behavior": said["answer"]}
        if said.get("why") and said["answer"] == "deny":
            decision["message"] = said["why"]
        output = {"hookEventName": event, "decision": decision}
        sys.stdout.write(json.dumps({"hookSpecificOutput": output}) + "\n")


def _line(event: str, text: str, payload: bytes, request: str) -> bytes:
    import time
    from _json import encode_basestring_ascii as quoted

    token = os.environ.get("SWARM_TOKEN", "")
    said = payload[:PAYLOAD_LIMIT].decode("utf-8", "replace")
    fields = (
        f'"token":{quoted(token)},"event":{quoted(event)},"at":{time.time():.6f}',
        f'"text":{quoted(text[:TEXT_LIMIT])},"payload":{quoted(said)}',
        *([f'"ask":{quoted(request)}'] if request else []),
    )
    # The leading newline ends a line that a killed or full-disk writer left torn.
    return f'\n{{"v":1,{",".join(fields)}}}\n'.encode()


def _append(spool: str, line: bytes) -> None:
    how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.open(spool, how, 0o600)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def _stdin() -> bytes:
    """What comes on stdin until it ends; a terminal, a closed one and one that stays silent give nothing."""
    import select

    try:
        if os.isatty(0):
            return b""
        poll = select.poll()
        poll.register(0, select.POLLIN)
    except OSError:
        return b""
    kept, seen = b"", 0
    while seen < DRAIN_LIMIT and poll.poll(PATIENCE_MS):
        chunk = os.read(0, PAYLOAD_LIMIT)
        if not chunk:
            break
        seen += len(chunk)
        kept += chunk[: PAYLOAD_LIMIT - len(kept)]
    return kept


if __name__ == "__main__":
    raise SystemExit(main())
