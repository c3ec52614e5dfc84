"""What happens next, as a table: every stage under every surrounding that matters, and the order of the merge queue."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import RESTING, Delivery, Session, Stage
from swarmctl.core.task import Lands, Run, Task
from swarmctl.flow.session.deliver import GOES_ON_IN_S, may_go_on
from swarmctl.loops.engine.advance import Around, Kind, Step, advance, wants_to_land, why_hopeless
from tests.fakes.desk import World

RUN, TASK, SESSION = RunId("r"), TaskId("t"), SessionId("s")
BARE = Session(SESSION, TASK, RUN, "fake", "swarm/a-s", "main", "0" * 40, "main", "/w/a-s", 40000, created_at=1.0)
HERE = Around(
    max_running=2,
    has_env=lambda run: True,
    is_alive=lambda session: True,
    is_attended=lambda session: False,
    settled_in=True,
)
ALONE = replace(HERE, has_env=lambda run: False)
EARLY = replace(ALONE, settled_in=False)
DEAD = replace(HERE, is_alive=lambda session: False)
DRAINING = replace(HERE, draining=True)


def known(session: Session | None = None, lands: Lands = "waited", waits: bool = True) -> Facts:
    """One run of one task, and its session if there is one; the task has the session's outcome already."""
    facts = Facts()
    facts.put(Run(RUN, 0.0, waits, lands, "main"))
    task = Task(TASK, RUN, 1, "a title", "a prompt", "fake", session=session.id if session else None)
    facts.put(replace(task, outcome=session.outcome, reason=session.reason) if session else task)
    if session:
        facts.put(session)
    return facts


def next_kind(session: Session, around: Around, lands: Lands = "waited", waits: bool = True) -> Kind | None:
    steps = advance(known(session, lands, waits), around)
    assert len(steps) < 2
    return steps[0].kind if steps else None


TABLE: list[tuple[Stage, Around, str, Kind | None]] = [
    (Stage.PLANNED, HERE, "", Kind.PROVISION),
    (Stage.PLANNED, ALONE, "", Kind.PROVISION),
    (Stage.PLANNED, HERE, "stop", Kind.ABANDON),
    (Stage.PLANNED, DRAINING, "", Kind.ABANDON),
    (Stage.PROVISIONED, HERE, "", Kind.LAUNCH),
    (Stage.PROVISIONED, HERE, "stop", Kind.ABANDON),
    (Stage.PROVISIONED, DRAINING, "", Kind.ABANDON),
    (Stage.PROVISIONED, ALONE, "", Kind.ABANDON),
    (Stage.PROVISIONED, EARLY, "", None),
    (Stage.PROVISIONED, EARLY, "stop", Kind.ABANDON),
    (Stage.LAUNCHING, HERE, "", Kind.LAUNCH),
    (Stage.LAUNCHING, HERE, "stop", Kind.RECLAIM),
    (Stage.LAUNCHING, DRAINING, "", Kind.RECLAIM),
    (Stage.LAUNCHING, ALONE, "", Kind.RECLAIM),
    (Stage.LAUNCHING, EARLY, "", None),
    (Stage.RUNNING, HERE, "", None),
    (Stage.RUNNING, ALONE, "", None),
    (Stage.RUNNING, DEAD, "", Kind.END),
    (Stage.RUNNING, HERE, "stop", Kind.END),
    (Stage.ENDED, HERE, "", Kind.SETTLE),
    (Stage.ENDED, EARLY, "stop", Kind.SETTLE),
    (Stage.ENDED, DRAINING, "stop", Kind.SETTLE),
    (Stage.LIMITED, HERE, "", Kind.RESUME),
    (Stage.LIMITED, HERE, "stop", Kind.ABANDON),
    (Stage.LIMITED, ALONE, "", None),
    (Stage.LIMITED, DRAINING, "", None),
    (Stage.READY, HERE, "", Kind.ENQUEUE),
    (Stage.READY, DRAINING, "", None),
    (Stage.QUEUED, HERE, "", Kind.INTEGRATE),
    (Stage.QUEUED, DRAINING, "", None),
    (Stage.GATING, HERE, "", Kind.INTEGRATE),
    (Stage.GATING, DRAINING, "", None),
    (Stage.LANDING, HERE, "", Kind.LAND),
    (Stage.LANDING, DRAINING, "", None),
    (Stage.KEPT, HERE, "", None),
    (Stage.EMPTY, HERE, "", None),
    (Stage.LANDED, HERE, "", None),
    (Stage.PARKED, HERE, "", None),
]


@pytest.mark.parametrize(("stage", "around", "stop", "kind"), TABLE)
def test_the_next_step_of_a_session(stage: Stage, around: Around, stop: str, kind: Kind | None) -> None:
    assert next_kind(replace(BARE, stage=stage, stop=stop), around) is kind


def test_the_table_names_every_stage() -> None:
    assert {row[0] for row in TABLE} == set(Stage)


ALL_AROUND = [
    Around(2, lambda run, env=env: env, lambda session, alive=alive: alive, lambda session: False, settled, draining)  # type: ignore[misc]
    for env, alive, settled, draining in product([True, False], repeat=4)
]


@pytest.mark.parametrize("stage", Stage)
def test_every_surrounding_of_every_stage_gives_one_step_at_most(stage: Stage) -> None:
    for around, stop, asked, waits in product(ALL_AROUND, ["", "stop"], [True, False], [True, False]):
        for lands in ("no", "waited", "auto"):
            session = replace(BARE, stage=stage, stop=stop, asked_to_land=asked)
            kind = next_kind(session, around, lands, waits)
            if kind is None and not around.draining and around.settled_in and not around.is_alive(session):
                assert stage in RESTING, "a session that is under way has nothing to wait for"
            if around.draining:
                assert kind not in (Kind.PROVISION, Kind.LAUNCH, Kind.ENQUEUE, Kind.INTEGRATE, Kind.LAND)
            if stop:
                assert kind not in (Kind.PROVISION, Kind.LAUNCH)


@pytest.mark.parametrize(
    ("lands", "waits", "asked", "wanted"),
    [
        ("waited", True, False, True),
        ("waited", False, False, False),
        ("waited", False, True, True),
        ("auto", False, False, True),
        ("no", True, False, False),
        ("no", False, True, True),
    ],
)
def test_who_wants_a_landing(lands: Lands, waits: bool, asked: bool, wanted: bool) -> None:
    session = replace(BARE, stage=Stage.READY, asked_to_land=asked)
    assert wants_to_land(session, known(session, lands, waits)) is wanted
    assert next_kind(session, HERE, lands, waits) is (Kind.ENQUEUE if wanted else None)


@pytest.mark.parametrize(
    ("stage", "kind"), [(Stage.QUEUED, Kind.DEQUEUE), (Stage.GATING, Kind.DEQUEUE), (Stage.LANDING, Kind.RECOVER)]
)
def test_an_entry_that_nobody_waits_for_leaves_the_queue_once_everybody_had_time_to_come_back(
    stage: Stage, kind: Kind
) -> None:
    session = replace(BARE, stage=stage)
    assert next_kind(session, EARLY, waits=False) is None
    assert next_kind(session, ALONE, waits=False) is kind
    assert next_kind(session, replace(DRAINING), waits=False) is kind


def test_a_kept_session_goes_to_the_queue_only_when_somebody_asked() -> None:
    kept = replace(BARE, stage=Stage.KEPT, outcome=Outcome.REFUSED, reason="red")
    assert next_kind(kept, HERE, "auto") is None
    assert next_kind(replace(kept, asked_to_land=True), HERE) is Kind.ENQUEUE
    assert next_kind(replace(kept, asked_to_land=True), DRAINING) is None


def queue_of(*sessions: Session) -> Facts:
    facts = known()
    for session in sessions:
        facts.put(Task(session.task, RUN, 1, "a title", "a prompt", "fake", session=session.id))
        facts.put(session)
    return facts


def entry(name: str, stage: Stage, at: float, asked: bool = False) -> Session:
    return replace(
        BARE, id=SessionId(name), task=TaskId(f"t{name}"), stage=stage, queued_at=at, asked_to_land=asked, tries=2
    )


@pytest.mark.parametrize(
    ("entries", "step"),
    [
        ([entry("a", Stage.QUEUED, 2.0), entry("b", Stage.QUEUED, 1.0)], Step(Kind.INTEGRATE, "b", 3)),
        ([entry("b", Stage.QUEUED, 1.0), entry("a", Stage.QUEUED, 1.0)], Step(Kind.INTEGRATE, "a", 3)),
        ([entry("a", Stage.QUEUED, 1.0), entry("b", Stage.GATING, 2.0)], Step(Kind.INTEGRATE, "b", 3)),
        ([entry("a", Stage.QUEUED, 1.0), entry("b", Stage.LANDING, 2.0)], Step(Kind.LAND, "b", 3)),
    ],
)
def test_the_queue_takes_one_at_a_time_in_order_and_ends_what_it_began(entries: list[Session], step: Step) -> None:
    merging = [s for s in advance(queue_of(*entries), HERE) if s.kind in (Kind.INTEGRATE, Kind.LAND)]
    assert merging == [step]


def test_entries_that_nobody_waits_for_do_not_hold_up_those_behind_them() -> None:
    facts = queue_of(entry("a", Stage.QUEUED, 1.0), entry("b", Stage.QUEUED, 2.0, asked=True))
    facts.put(replace(facts.runs[RUN], waits=False))
    kinds = {(step.kind, step.subject) for step in advance(facts, HERE)} - {(Kind.PLAN, TASK)}
    assert kinds == {(Kind.DEQUEUE, "a"), (Kind.INTEGRATE, "b")}


def backlog_of(*tasks: Task) -> Facts:
    facts = Facts()
    facts.put(Run(RUN, 0.0, True, "waited", "main"))
    for task in tasks:
        facts.put(task)
    return facts


def waiting_task(name: str, number: int, *after: str, outcome: Outcome | None = None) -> Task:
    needs = tuple(TaskId(each) for each in after)
    return Task(TaskId(name), RUN, number, name, "a prompt", "fake", after=needs, outcome=outcome)


def test_no_more_start_than_may_run_and_the_first_come_first() -> None:
    facts = backlog_of(*(waiting_task(f"t{number}", number) for number in (3, 1, 2)))
    assert [step.subject for step in advance(facts, HERE)] == ["t1", "t2"]
    facts.put(replace(BARE, task=TaskId("other"), stage=Stage.RUNNING))
    assert [step for step in advance(facts, HERE) if step.kind is Kind.PLAN] == [Step(Kind.PLAN, "t1")]


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.LIMITED}))
def test_a_session_takes_a_slot_until_its_work_is_settled(stage: Stage) -> None:
    facts = backlog_of(waiting_task("t1", 1), waiting_task("other", 2, outcome=Outcome.READY))
    facts.put(replace(BARE, task=TaskId("other"), stage=stage))
    planned = [step for step in advance(facts, replace(HERE, max_running=1)) if step.kind is Kind.PLAN]
    active = stage in (Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING, Stage.RUNNING, Stage.ENDED)
    assert (planned == []) is active


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        (None, None),
        (Outcome.LANDED, Kind.PLAN),
        *((outcome, Kind.GIVE_UP) for outcome in Outcome if outcome is not Outcome.LANDED),
    ],
)
def test_a_dependent_task_starts_after_a_landing_and_gives_up_after_anything_else(
    before: Outcome | None, kind: Kind | None
) -> None:
    facts = backlog_of(waiting_task("first", 1, outcome=before), waiting_task("second", 2, "first"))
    steps = {step.subject: step.kind for step in advance(facts, HERE)}
    assert steps.get("second") is kind
    if kind is Kind.GIVE_UP and before is not None:
        assert why_hopeless(facts.tasks[TaskId("second")], facts) == (
            Outcome.BLOCKED,
            f"waits for task first, which ended as {before.value}",
        )


def test_a_task_without_an_environment_waits_for_its_caller_and_then_gives_up() -> None:
    facts = backlog_of(waiting_task("t1", 1))
    assert advance(facts, EARLY) == []
    assert advance(facts, ALONE) == [Step(Kind.GIVE_UP, "t1")]
    assert why_hopeless(facts.tasks[TaskId("t1")], facts)[0] is Outcome.INTERRUPTED


def test_without_room_on_the_disk_no_task_starts_and_none_is_given_up() -> None:
    assert advance(known(), replace(HERE, has_room=lambda agents: False)) == []
    assert advance(known(), HERE) == [Step(Kind.PLAN, TASK)]


def test_while_draining_no_task_starts_and_none_is_given_up() -> None:
    assert advance(backlog_of(waiting_task("t1", 1)), DRAINING) == []


def test_a_task_is_finished_only_when_its_outcome_or_reason_differs_from_its_sessions() -> None:
    kept = replace(BARE, stage=Stage.KEPT, outcome=Outcome.REFUSED, reason="red")
    facts = known(kept)
    assert advance(facts, HERE) == []
    for outcome, reason in ((None, ""), (Outcome.REFUSED, "other"), (Outcome.FAILED, "red")):
        facts.put(replace(facts.tasks[TASK], outcome=outcome, reason=reason))
        assert advance(facts, HERE) == [Step(Kind.FINISH, SESSION)]
    facts.put(replace(facts.tasks[TASK], session=SessionId("newer")))
    assert advance(facts, HERE) == [], "an older session does not speak for the task"


@pytest.mark.parametrize("stage", sorted(RESTING - {Stage.LIMITED}))
@pytest.mark.parametrize("place", ["none", "present", "trashed", "deleted"])
def test_only_the_worktree_of_a_landed_or_empty_session_is_tidied_up(stage: Stage, place: str) -> None:
    outcome = {Stage.LANDED: Outcome.LANDED, Stage.EMPTY: Outcome.NO_WORK}.get(stage, Outcome.READY)
    session = replace(BARE, stage=stage, outcome=outcome, place=place)  # type: ignore[arg-type]
    tidies = place == "present" and stage in (Stage.LANDED, Stage.EMPTY)
    assert next_kind(session, HERE, "no") is (Kind.TIDY if tidies else None)


def test_a_task_is_told_its_outcome_before_its_worktree_goes() -> None:
    landed = replace(BARE, stage=Stage.LANDED, outcome=Outcome.LANDED, place="present")
    facts = known(landed)
    facts.put(replace(facts.tasks[TASK], outcome=None))
    assert advance(facts, HERE) == [Step(Kind.FINISH, SESSION)]


def test_a_worktree_that_a_person_asked_back_stays() -> None:
    landed = replace(BARE, stage=Stage.LANDED, outcome=Outcome.LANDED, place="present", restored=True)
    assert advance(known(landed), HERE) == []


def test_as_many_begin_at_once_as_there_is_room_for() -> None:
    world = World()
    world.submit("one", "two", "three")
    around = replace(world.around, has_room=lambda agents: len(agents) <= 2)
    assert [step.kind for step in advance(world.facts, around)] == [Kind.PLAN, Kind.PLAN]


def typed(fate: str, ended: str = "") -> Session:
    delivery = Delivery(fate)  # type: ignore[arg-type]
    talk = replace(BARE.talk, mode="interactive", delivery=delivery, ended=ended)  # type: ignore[arg-type]
    return replace(BARE, stage=Stage.RUNNING, talk=talk)


def test_a_prompt_that_is_due_is_typed_once_and_only_while_its_agent_lives() -> None:
    assert next_kind(typed("due"), HERE) is Kind.TYPE
    assert next_kind(typed("due"), DEAD) is Kind.END
    assert next_kind(replace(typed("due"), stop="stop"), HERE) is Kind.END
    for fate in ("", "typing", "delivered", "queued", "unconfirmed"):
        assert next_kind(typed(fate), HERE) is None


def test_an_agent_that_takes_up_by_itself_what_was_typed_is_not_ended_before_it() -> None:
    goes_on = replace(HERE, goes_on=lambda session: may_go_on(session, session.state_since + GOES_ON_IN_S / 2))
    later = replace(HERE, goes_on=lambda session: may_go_on(session, session.state_since + GOES_ON_IN_S))
    assert next_kind(typed("queued", "ends"), goes_on) is None
    assert next_kind(typed("queued", "ends"), later) is Kind.END
    assert next_kind(typed("typing", "ends"), later) is None
    assert next_kind(typed("delivered", "ends"), goes_on) is Kind.END
    assert next_kind(replace(typed("typing", "ends"), stop="stop"), goes_on) is Kind.END
