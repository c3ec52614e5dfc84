"""What agents say by their hooks and their output: read from the spool, taken into the ledger once, and weighed.

A word can change what is believed of a session, end its turn or ask a question; it never commands anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from swarmctl.app.holding import limited
from swarmctl.app.senses import Senses, change_of, is_news
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.agent import Profile
from swarmctl.core.evidence import Belief, Evidence
from swarmctl.core.fields import fields_of, look_up
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import known_profile
from swarmctl.core.session import Session, SpoolPlace, Stage
from swarmctl.edges.files.spool import SpoolLine
from swarmctl.flow.session.hearing import Heard, hear
from swarmctl.loops.engine.engine import Engine

CLAIM_EVERY_S = 1.0
"""Words that change no state are kept this often at the most: an agent may say a lot."""
HEARS = (Stage.RUNNING, Stage.ENDED)
"""Where the end of a turn still counts: the word may come after the process that said it."""


@dataclass(slots=True)
class _Taken:
    """One session while words are taken in: what it is believed to do after each of them."""

    session: Session
    belief: Belief
    conversation: str
    has_ended: bool
    events: list[e.Event]


class Ears:
    def __init__(self, wired: Wired, engine: Engine) -> None:
        self._wired = wired
        self._engine = engine
        self._clock = wired.desk.clock
        self._heard: dict[SessionId, SpoolPlace] = {}
        """How far each spool was read; the ledger knows it as of the last word that it took."""
        self._caught_up: set[tuple[SessionId, int, Stage]] = set()
        self._claimed_at: dict[SessionId, float] = {}
        self.transcripts: dict[tuple[SessionId, int], str] = {}
        """Where each attempt's agent says that it writes down the conversation."""
        self.senses = Senses(self._clock)

    def catch_up(self) -> None:
        """What was said before anybody listened: to a supervisor that is gone, or by an earlier attempt."""
        waiting: set[tuple[SessionId, int, Stage]] = {
            (session.id, session.attempt, session.stage)
            for session in list(self._engine.facts.live.values())
            if session.stage in (Stage.PLANNED, Stage.PROVISIONED, Stage.RUNNING)
        }
        for key in waiting - self._caught_up:
            self.hear({key[0]})
        if waiting != self._caught_up:
            self._let_go()
        self._caught_up = waiting

    def _let_go(self) -> None:
        """Of who is at rest or over; a word that comes later is read from where the ledger knows."""
        active = {session.id for session in list(self._engine.facts.live.values()) if session.active}
        self._heard = {name: place for name, place in self._heard.items() if name in active}
        self._claimed_at = {name: at for name, at in self._claimed_at.items() if name in active}

    def hear(self, sessions: set[str]) -> None:
        """Take in what the sessions' hooks appended: each word in one transaction with how far they were read."""
        for name in sessions:
            session = self._engine.facts.sessions.get(SessionId(name))
            if session is None or session.stage is Stage.LAUNCHING:
                continue  # Read once it runs.
            with self._engine.apart(session.id):
                self._hear(session)

    def _hear(self, session: Session) -> None:
        before = self._heard.get(session.id, session.heard)
        lines, end, forged = self._wired.read_spool(session, before)
        self._engine.append_from(self._take_in(session.id, lines, before, end, forged))
        self._heard[session.id] = end

    def _take_in(
        self, name: SessionId, lines: list[SpoolLine], before: SpoolPlace, end: SpoolPlace, forged: int
    ) -> Callable[[], list[e.Event]]:
        def decide() -> list[e.Event]:
            session = self._engine.facts.sessions[name]
            found = self._found(session, lines)
            if forged:
                found.append(e.Noticed(name, f"{forged} lines with a wrong token were ignored"))
            last = max((at for at, event in enumerate(found) if isinstance(event, e.StateChanged)), default=None)
            if last is not None:
                claim = found[last]
                assert isinstance(claim, e.StateChanged)
                found[last] = replace(claim, heard=end)
            elif end != before and (found or session.stage is not Stage.RUNNING):
                found.append(e.WordsRead(name, end))
            return found

        return decide

    def _found(self, session: Session, lines: list[SpoolLine]) -> list[e.Event]:
        profile = known_profile(self._wired.desk.agents, session.agent)
        taken = _Taken(session, self.senses.belief(session), session.talk.conversation, bool(session.talk.ended), [])
        for line in lines:
            heard = hear(profile, line.event, line.payload, line.at or self._clock.now(), line.text)
            if heard.conversation and not taken.conversation:
                taken.conversation = heard.conversation
                taken.events.append(e.ConversationKnown(session.id, heard.conversation))
            if heard.conversation in ("", taken.conversation):
                self._note_transcript(session, profile, line)
                self._judge(taken, heard, line)
        return taken.events

    def _note_transcript(self, session: Session, profile: Profile | None, line: SpoolLine) -> None:
        key, field = (session.id, session.attempt), profile.transcript.path if profile and profile.transcript else ""
        if field and key not in self.transcripts and isinstance(path := look_up(fields_of(line.payload), field), str):
            self.transcripts[key] = path

    def _judge(self, taken: _Taken, heard: Heard, line: SpoolLine) -> None:
        session = taken.session
        if session.stage not in HEARS:
            return
        if heard.evidence is not None and session.stage is Stage.RUNNING:
            self._believe(taken, heard.evidence, told=line.text)
        if heard.ask and (request := line.ask or heard.request):
            taken.events.append(e.PermissionAsked(session.id, request, heard.said))
        if heard.turn == "begins":
            self._began(taken, line)
        elif heard.turn and not taken.has_ended:
            taken.has_ended = True
            taken.events.append(e.TurnEnded(session.id, heard.turn == "ends", heard.said))
            if heard.limit is not None:
                taken.events.append(limited(session, heard.limit, self._wired.desk.agents))

    def _began(self, taken: _Taken, line: SpoolLine) -> None:
        """Whoever types a text waits for this word; a turn that was over is followed by another.

        Of an agent that does one whole task it counts also when it is read after the end.
        """
        self._wired.listeners.began(taken.session.id, line.payload, line.at or self._clock.now())
        waits = taken.has_ended or taken.session.talk.delivery.fate == "queued"
        if waits and (taken.session.stage is Stage.RUNNING or taken.session.talk.mode == "headless"):
            taken.has_ended = False
            taken.events.append(e.TurnBegan(taken.session.id))

    def _believe(self, taken: _Taken, evidence: Evidence, told: str) -> None:
        before, now = taken.belief, self._clock.monotonic()
        taken.belief = belief = self.senses.weigh(taken.session, (evidence,), before)
        is_late = now - self._claimed_at.get(taken.session.id, -CLAIM_EVERY_S) >= CLAIM_EVERY_S
        if is_news(belief, before) or (told and is_late):
            self._claimed_at[taken.session.id] = now
            taken.events.append(change_of(taken.session, belief))
