"""What a person's own `push` and `pr` tell the ledger: what is about to leave, and what became of it."""

from __future__ import annotations

from collections.abc import Callable

from swarmctl.app.client import Client
from swarmctl.app.commands import Answer, Context, Done, Stream
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import SessionId

TOLD: dict[str, type[e.Event]] = {
    kind.__name__: kind for kind in (e.PushIntended, e.Pushed, e.RequestOpened, e.PushFailed)
}
Tell = Callable[[e.Event], None]


def abroad(args: Answer, context: Context) -> Stream:
    """The command of that name: one such event, in the ledger once."""
    kind = TOLD.get(str(args["told"]))
    if kind is None:
        raise UsageFault(f"nobody tells {args['told']!r} of a push", hint="swarmctl push --help")
    session = find_session(context.facts, args["id"])
    event = from_plain(kind, {**args["words"], "session": session.id})
    yield Done({"session": session.id}, (event,))


def teller(client: Client, session: SessionId) -> Tell:
    """Writes to the ledger what becomes of a session's branch; the supervisor is started when it does not run."""

    def tell(event: e.Event) -> None:
        client.ask("abroad", {"id": session, "told": type(event).__name__, "words": to_plain(event)})

    return tell
