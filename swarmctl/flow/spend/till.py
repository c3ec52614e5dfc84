"""Reserve before a start, settle after it: what an agent may cost at worst, what it cost, and what caps still allow.

Only the ledger's writer appends what comes out of here; a reservation that lost a race is impossible and tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from swarmctl.core.books import purse
from swarmctl.core.config import AgentBudget, Settings
from swarmctl.core.events import CapNeared, Event, Reserved, SessionKept, Settled, Used
from swarmctl.core.facts import Facts, ImpossibleEvent
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.money import STOP_AT, WARN_AT, Entry, Hold, Purse, Use, dollars, entry_id, micros_of, scope_words
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session
from swarmctl.core.usage import UsageRules
from swarmctl.core.values import dataclass

LOOKED_AT = 200
"""So many of the starts that were settled last are looked at for an estimate."""
LIKE_IT = 20
"""So many of them, by the same agent with the same model, count."""
MARGIN = 2
GRACE_S = 600.0

Room = Literal["fits", "waits", "never"]


@dataclass(frozen=True, slots=True)
class Till:
    settings: Callable[[], Settings]
    rules_of: Callable[[str], UsageRules | None]
    """Of an agent; None when it costs nothing or its definition is gone."""
    environ_of: Callable[[str, RunId], Mapping[str, str]]
    """What the agent sees of the environment that the run was asked for in."""
    read: Callable[[Entry], tuple[Use, ...]]
    today: Callable[[], str]
    now: Callable[[], float]

    # --- before a start -----------------------------------------------------------------------------------------------

    def room(self, session: Session, facts: Facts) -> Room:
        """Whether a start of its agent can be paid for: now, once others gave back what they hold, or not at all."""
        if entry_id(session.id, session.attempt) in facts.entries or not (amount := self._amount(session, facts)):
            return "fits"
        return room_in([(purse(facts, hold.scope), hold.cap) for hold in self._holds(session)], amount)

    def reserve(self, session: Session, facts: Facts) -> Iterator[Event]:
        """Before anything runs. What cannot be paid for is kept with its reason."""
        rules = self.rules_of(session.agent)
        name = entry_id(session.id, session.attempt)
        if rules is None or name in facts.entries:
            return
        room = self.room(session, facts)
        if room == "waits":
            raise ImpossibleEvent(f"{session.id} waits for money that others hold")
        if room == "never":
            yield SessionKept(session.id, Outcome.BUDGET, self._refusal(session, facts))
            return
        limit = self.settings().agent.time_limit_s
        yield Reserved(
            session=session.id,
            entry=name,
            task=session.task,
            run=session.run,
            attempt=session.attempt,
            agent=session.agent,
            model=facts.tasks[session.task].terms.model,
            day=self.today(),
            amount=self._amount(session, facts),
            plan=self._on_a_plan(session, rules),
            holds=tuple(self._holds(session)),
            deadline=self.now() + limit + GRACE_S,
        )

    def _amount(self, session: Session, facts: Facts) -> int:
        rules = self.rules_of(session.agent)
        if rules is None or self._on_a_plan(session, rules):
            return 0
        budget = self.settings().budget_agents
        caps = [hold.cap for hold in self._holds(session) if hold.cap is not None]
        worst = estimate(facts, session.agent, facts.tasks[session.task].terms.model, micros_of(budget.start_usd))
        return max(1, min([worst, *caps]))

    def _on_a_plan(self, session: Session, rules: UsageRules) -> bool:
        return bool(rules.keys) and not self.environ_of(session.agent, session.run).keys() & set(rules.keys)

    def _holds(self, session: Session) -> list[Hold]:
        return holds(session, self.today(), self.settings().budget_agents)

    def _refusal(self, session: Session, facts: Facts) -> str:
        amount = self._amount(session, facts)
        tight = [hold for hold in self._holds(session) if not _fits(purse(facts, hold.scope), hold.cap, amount)]
        words = ", ".join(cap_words(purse(facts, hold.scope), hold.cap or 0) for hold in tight)
        return f"no money for a start of {session.agent} at {dollars(amount)} or less: {words}; swarmctl budget"

    # --- while it runs, and after -------------------------------------------------------------------------------------

    def look(self, entry: Entry, facts: Facts) -> list[Event]:
        """What it used since the last look; nothing when that is nothing."""
        uses = self.read(entry)
        if not uses or uses == entry.uses:
            return []
        return [Used(entry.session, entry.id, uses, facts.sessions[entry.session].talk.conversation)]

    def settle(self, entry: Entry, facts: Facts) -> list[Event]:
        """Its start is over: by its own word, or at full price when there is none."""
        session = facts.sessions[entry.session]
        told = self.look(entry, facts)
        if told or entry.uses:
            return [*told, Settled(entry.session, entry.id, "actual")]
        never_began = session.process is None and session.attempt == entry.attempt
        sure = never_began and session.outcome is not Outcome.UNKNOWN
        sure = sure or (session.talk.limited and session.attempt == entry.attempt and self._tells(session))
        return [Settled(entry.session, entry.id, "unused" if sure else "unknown")]

    def _tells(self, session: Session) -> bool:
        """Its agent says what it uses: one that a limit stopped, and that said nothing, used nothing."""
        rules = self.rules_of(session.agent)
        return rules is not None and bool(rules.events or rules.lines)

    def close(self, session: Session, facts: Facts) -> Iterator[Event]:
        """The end of a session's start: what it used, and the caps that this brought near."""
        entry: Entry | None = facts.entries.get(entry_id(session.id, session.attempt))
        if entry is None:
            return
        if entry.how in ("open", "expired"):
            yield from self.settle(entry, facts)
        yield from self.neared(session.id, entry.scopes, facts)

    def look_around(self, facts: Facts) -> Iterator[Event]:
        """What running agents used by now; what was left open; what is overdue."""
        for entry in list(facts.open.values()):
            yield from self.look(entry, facts)
            yield from self.neared(entry.session, entry.scopes, facts)
        for entry in self.left_over(facts):
            yield from self.settle(entry, facts)
            yield from self.neared(entry.session, entry.scopes, facts)
        yield from self.expire(facts)

    def expire(self, facts: Facts) -> list[Event]:
        now = self.now()
        late = [entry for entry in list(facts.open.values()) if entry.deadline <= now]
        return [Settled(entry.session, entry.id, "expired") for entry in late]

    def left_over(self, facts: Facts) -> list[Entry]:
        """Open, though its start is over."""
        found = []
        for entry in list(facts.open.values()):
            session = facts.sessions[entry.session]
            if session.attempt != entry.attempt or not session.active:
                found.append(entry)
        return found

    # --- caps ---------------------------------------------------------------------------------------------------------

    def neared(self, session: SessionId, scopes: Iterable[str], facts: Facts) -> list[Event]:
        """Once for each cap at 80 and at 100 percent."""
        found: list[Event] = []
        for scope in scopes:
            now, cap = purse(facts, scope), cap_of(scope, self.settings().budget_agents)
            if cap is None:
                continue
            percent = percent_of(now.used, cap)
            told = now.told if now.told_cap == cap else 0
            reached = max((step for step in (WARN_AT, STOP_AT) if percent >= step), default=0)
            if reached > told:
                found.append(CapNeared(session, scope, reached, now.used, cap))
        return found

    def over(self, session: Session, facts: Facts) -> str:
        """Why its next turn may not begin; empty while no cap of its scopes is reached."""
        entry: Entry | None = facts.entries.get(entry_id(session.id, session.attempt))
        budget = self.settings().budget_agents
        for scope in entry.scopes if entry is not None else ():
            now, cap = purse(facts, scope), cap_of(scope, budget)
            if cap is not None and now.used >= cap:
                return f"the budget is used up: {cap_words(now, cap)}; its work is kept; swarmctl budget"
        return ""


def estimate(facts: Facts, agent: str, model: str, default: int) -> int:
    """Twice the dearest of the last starts like it whose cost is known; the default when there is none."""
    last: list[Entry] = facts.entries.last("settled_at", LOOKED_AT)
    like = [e.known for e in last if (e.agent, e.model, e.how) == (agent, model, "actual") and not e.is_unknown]
    dearest = max(like[-LIKE_IT:], default=0)
    return MARGIN * dearest or default


def holds(session: Session, day: str, budget: AgentBudget) -> list[Hold]:
    scopes = [f"task:{session.task}", f"run:{session.run}", f"day:{day}", "project"]
    return [Hold(scope, cap_of(scope, budget)) for scope in scopes]


def cap_of(scope: str, budget: AgentBudget) -> int | None:
    kind = scope.partition(":")[0]
    usd = {"task": budget.task_usd, "run": budget.run_usd, "day": budget.day_usd}.get(kind)
    return None if usd is None else micros_of(usd)


def room_in(scopes: Iterable[tuple[Purse, int | None]], amount: int) -> Room:
    tight = [(purse, cap) for purse, cap in scopes if not _fits(purse, cap, amount)]
    if not tight:
        return "fits"
    could = all(cap is not None and purse.spent + purse.live + amount <= cap for purse, cap in tight)
    return "waits" if could else "never"


def _fits(purse: Purse, cap: int | None, amount: int) -> bool:
    return cap is None or purse.charged + amount <= cap


def percent_of(used: int, cap: int) -> int:
    return 100 * used // cap if cap else 100


def cap_words(purse: Purse, cap: int) -> str:
    rest = f" and {dollars(purse.held - purse.live)} reserved" if purse.held > purse.live else ""
    return f"{scope_words(purse.scope)} used {dollars(purse.used)}{rest} of {dollars(cap)}"
