"""From a plan to a running agent: provisioning, launching and reclaiming, each of which may be begun again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import Settings, WorktreeSettings
from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Launch, Started
from swarmctl.core.session import Exit, Stage
from swarmctl.flow.session.launch import launch, reclaim
from swarmctl.flow.session.provision import provision
from swarmctl.flow.session.surroundings import LONGEST_VALUE, base_env
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import PLACES, World


def planned(world: World) -> SessionId:
    (task,) = world.submit("one")
    world.go(Kind.PROVISION)
    return world.current(task)


def provisioned(world: World) -> SessionId:
    name = planned(world)
    world.go(Kind.LAUNCH)
    return name


def start(world: World, name: SessionId, until: int | None = None, mid_effect: bool = True) -> None:
    """The launching step alone."""
    session = world.session(name)
    stream = launch(session, world.facts, world.desk, world.shop.envs[session.run], world.shop.surround)
    world.drive(stream, until, mid_effect)


def test_of_two_sessions_in_one_conversation_the_second_does_not_start() -> None:
    world = World()
    first = world.running("one")
    world.log.append(e.ConversationKnown(first, "c0ffee"))
    second = provisioned(world)
    world.log.append(e.ConversationKnown(second, "c0ffee"))
    start(world, second)
    assert (world.session(second).stage, world.session(second).outcome) == (Stage.KEPT, Outcome.FAILED)
    assert f"its conversation goes on in {first} now" in world.session(second).reason
    assert f"swarmctl stop {first}" in world.session(second).reason


# --- provision --------------------------------------------------------------------------------------------------------


def test_a_worktree_stands_at_the_base_and_is_set_up_once() -> None:
    world = World()
    name = planned(world)
    world.drive(provision(world.session(name), world.facts, world.desk))
    assert world.session(name).stage is Stage.PROVISIONED
    assert world.bench(name).files == world.main()
    assert world.provisioner.calls == [world.session(name).worktree]


def test_a_worktree_from_the_pool_is_called_warm() -> None:
    world = World()
    world.repository.pool = 1
    planned(world)
    world.go(Kind.LAUNCH)
    assert [event.warm for event in world.events if isinstance(event, e.WorktreeReady)] == [True]


def test_provisioning_that_was_killed_is_begun_again() -> None:
    world = World()
    name = planned(world)
    for _ in range(2):
        world.drive(provision(world.session(name), world.facts, world.desk), until=0)
    world.go(Kind.LAUNCH)
    assert world.session(name).stage is Stage.PROVISIONED
    assert len(world.repository.worktrees) == 1


def test_a_failed_setup_is_a_kept_session_with_its_words() -> None:
    world = World()
    world.provisioner.words = "uv sync: exit code 2"
    name = planned(world)
    assert world.go() == []
    kept = world.session(name)
    assert (kept.stage, kept.outcome, kept.reason) == (Stage.KEPT, Outcome.FAILED, "setup: uv sync: exit code 2")
    assert world.outcomes() == [Outcome.FAILED]
    assert world.machine.agents == {}


def test_a_failed_setup_runs_again_when_the_session_is_resumed() -> None:
    world = World()
    world.provisioner.words = "no network"
    name = planned(world)
    world.go()
    world.provisioner.words = ""
    world.log.append(e.TaskReopened(world.session(name).task), e.SessionResumed(name, 2))
    world.go()
    assert len(world.provisioner.calls) == 2
    assert world.session(name).stage is Stage.RUNNING


def test_what_provisioning_made_is_never_counted_as_work() -> None:
    world = World()

    def copies(worktree: str, *rest: object) -> object:
        world.repository.worktrees[worktree].files["settings.local"] = b"mine\n"
        return replace(made, made=("settings.local",))

    made = world.provisioner.provision("/w", WorktreeSettings(), {}, "")
    world.provisioner.provision = copies  # type: ignore[method-assign,assignment]
    name = world.running()
    world.works(name, {"a": b"work\n"})
    world.go()
    assert world.main() == {"README": b"hello\n", "a": b"work\n"}


def test_what_an_agent_leaves_behind_is_never_counted_as_work() -> None:
    world = World()
    world.agents.leftovers = (".cache.db",)
    name = world.running()
    world.works(name, {"a": b"work\n", ".cache.db": b"its own\n"})
    world.go()
    assert world.main() == {"README": b"hello\n", "a": b"work\n"}


def test_setup_is_told_about_the_session() -> None:
    world = World(Settings(worktree=WorktreeSettings(ports=3)))
    told: dict[str, str] = {}
    plain = world.provisioner.provision

    def listens(worktree: str, settings: WorktreeSettings, env: dict[str, str], log: str) -> object:
        told.update(env, LOG=log)
        return plain(worktree, settings, env, log)

    world.provisioner.provision = listens  # type: ignore[method-assign,assignment]
    name = provisioned(world)
    first = world.session(name).port_base
    assert told["SWARM_SESSION"] == name and told["SWARM_PORT"] == str(first)
    assert {key for key in told if key.startswith("SWARM_PORT_")} == {"SWARM_PORT_1", "SWARM_PORT_2"}
    assert told["LOG"] == f"{PLACES.logs(name)}/setup.log"


def test_a_broken_world_during_provisioning_is_kept_with_its_words() -> None:
    world = World()

    def broken(path: str, branch: str, base: str) -> bool:
        raise EnvironmentFault("disk is full")

    world.worktrees.add = broken  # type: ignore[method-assign]
    name = planned(world)
    world.go()
    assert (world.session(name).stage, world.session(name).reason) == (Stage.KEPT, "disk is full")


def test_a_worktree_in_the_trash_is_not_provisioned_beside_itself() -> None:
    world = World()
    name = planned(world)
    trashed = replace(world.session(name), place="trashed")
    with pytest.raises(SwarmError, match="in the trash"):
        list(provision(trashed, world.facts, world.desk))


def test_a_resumed_session_keeps_its_files_and_is_not_set_up_again() -> None:
    world = World()
    name = world.running()
    world.works(name, {"a": b"half\n"}, Exit(1))
    world.go()
    world.log.append(e.TaskReopened(world.session(name).task), e.SessionResumed(name, 2))
    world.go()
    assert world.bench(name).files["a"] == b"half\n"
    assert len(world.provisioner.calls) == 1


def test_hooks_hear_of_the_worktree_and_of_the_start_and_their_failures_are_told() -> None:
    world = World()
    world.hooks.registered["session_created"] = [lambda facts: "no such printer"]
    name = world.running()
    heard = [event for event, facts in world.hooks.fired if facts["SWARM_SESSION"] == name]
    assert heard == ["session_created", "session_started"]
    assert e.HookRan(name, "session_created", "fake 1", 1, "no such printer") in world.events
    assert world.session(name).stage is Stage.RUNNING, "only a pre_ hook may stop something"


# --- launch -----------------------------------------------------------------------------------------------------------


def test_an_agent_sees_what_its_definition_allows_and_what_we_tell_it() -> None:
    world = World()
    name = world.running()
    env = world.machine.of(name).launch.env
    assert env["PATH"] == "/bin" and env["FAKE_KEY"] == "k"
    assert "HOME_SECRET" not in env
    assert env["SWARM_SPOOL"] == PLACES.spool(name)
    assert env.items() >= base_env(world.session(name), world.task_of(name), 4).items()


def test_a_caller_inside_a_session_does_not_pass_on_that_sessions_names() -> None:
    world = World()
    name = provisioned(world)
    world.shop.envs[world.session(name).run] = {"FAKE_X": "1", "SWARM_SESSION": "outer", "SWARM_TOKEN": "outer"}
    start(world, name)
    env = world.machine.of(name).launch.env
    assert env["SWARM_SESSION"] == name and "SWARM_TOKEN" not in env


def test_the_intent_is_in_the_log_before_a_process_may_exist() -> None:
    world = World()
    name = provisioned(world)
    start(world, name, until=1)
    assert world.session(name).stage is Stage.LAUNCHING
    session = world.session(name)
    stream = launch(session, world.facts, world.desk, {}, world.shop.surround)
    assert isinstance(next(stream), e.SessionStarted)


def test_nothing_is_started_by_asking_for_the_intent_alone() -> None:
    world = World()
    name = provisioned(world)
    session = world.session(name)
    stream = launch(session, world.facts, world.desk, world.shop.envs[session.run], world.shop.surround)
    assert next(stream) == e.LaunchIntended(name, "fake", 1, "headless", account="fake")
    assert world.machine.agents == {}


def test_however_often_a_launch_is_killed_there_is_one_process() -> None:
    world = World()
    name = provisioned(world)
    for until in (1, 0, 0, None):
        start(world, name, until)
    assert len(world.machine.agents) == 1
    assert world.session(name).process == world.machine.of(name).process


def test_a_host_that_cannot_start_it_leaves_a_kept_session() -> None:
    world = World()
    name = provisioned(world)
    world.machine.refuse = "tmux: no server"
    assert world.go() == []
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.FAILED)
    assert world.session(name).reason == "could not start: tmux: no server"


@pytest.mark.parametrize(("stubborn", "outcome"), [(False, Outcome.FAILED), (True, Outcome.UNKNOWN)])
def test_a_host_that_starts_the_agent_and_says_otherwise_leaves_nothing_running(
    stubborn: bool, outcome: Outcome
) -> None:
    world = World()
    name = provisioned(world)
    begin = world.host.start

    def start(launch: Launch) -> Started:
        begin(launch)
        world.machine.of(name).stubborn = stubborn
        raise EnvironmentFault("tmux: no answer")

    world.host.start = start  # type: ignore[method-assign]
    world.go()
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, outcome)
    assert world.machine.of(name).alive is stubborn


def test_an_agent_without_a_definition_leaves_a_kept_session() -> None:
    world = World()
    name = provisioned(world)
    session = replace(world.session(name), agent="gone")
    world.drive(launch(session, world.facts, world.desk, {}, world.shop.surround))
    assert "no agent 'gone'" in world.session(name).reason


# --- reclaim ----------------------------------------------------------------------------------------------------------


def launching(world: World, with_process: bool) -> SessionId:
    name = provisioned(world)
    start(world, name, until=1, mid_effect=with_process)
    world.restart()
    return name


@pytest.mark.parametrize("broken", ["setup", "host", "crash"])
def test_what_never_began_is_told_the_whole_task_when_it_is_resumed(broken: str) -> None:
    world = World()
    world.agents.resumable = ("headless",)
    if broken == "crash":
        name = launching(world, with_process=False)
        world.drive(reclaim(world.session(name), world.desk))
    else:
        world.provisioner.words = "no network" if broken == "setup" else ""
        world.machine.refuse = "tmux: no server" if broken == "host" else ""
        name = planned(world)
    world.go()
    assert world.session(name).stage is Stage.KEPT
    world.provisioner.words = world.machine.refuse = ""
    unused = world.session(name).talk.conversation
    again(world, name, 2)
    order = world.agents.orders[-1]
    assert (order.resume, order.prompt) == (False, "do one")
    assert order.conversation not in ("", unused), "the agent may have seen the other one"
    world.works(name, {}, Exit(1))
    world.go()
    again(world, name, 3)
    assert world.agents.orders[-1].resume and world.agents.orders[-1].conversation == order.conversation


def test_a_conversation_that_an_earlier_version_chose_goes_on() -> None:
    world = World()
    name = world.running()
    world.agents.resumable = ("headless",)
    world.log.append(e.ConversationKnown(name, "c"))
    world.works(name, {}, Exit(1))
    world.go()
    again(world, name, 2)
    assert world.agents.orders[-1].resume and world.agents.orders[-1].conversation == "c"


def again(world: World, name: SessionId, attempt: int) -> None:
    world.shop.envs[world.session(name).run] = {"PATH": "/bin"}
    world.log.append(e.TaskReopened(world.session(name).task), e.SessionResumed(name, attempt))
    world.go()
    assert world.session(name).stage is Stage.RUNNING


def test_a_process_from_before_a_crash_is_taken_over() -> None:
    world = World()
    name = launching(world, with_process=True)
    process = world.machine.of(name).process
    assert [step.kind for step in world.steps()] == [Kind.RECLAIM]
    world.go()
    assert (world.session(name).stage, world.session(name).process) == (Stage.RUNNING, process)
    assert len(world.machine.agents) == 1


@pytest.mark.parametrize("somebody_waits", [True, False])
def test_what_runs_is_taken_over_also_when_its_agent_has_no_definition_any_more(somebody_waits: bool) -> None:
    world = World()
    name = launching(world, with_process=True)
    world.agents.known = ()
    if somebody_waits:
        world.shop.envs[world.session(name).run] = {}
    world.go()
    assert world.session(name).stage is Stage.RUNNING
    assert world.machine.of(name).alive


def test_without_a_process_nothing_is_started_in_nobodys_name() -> None:
    world = World()
    name = launching(world, with_process=False)
    world.drive(reclaim(world.session(name), world.desk))
    assert (world.session(name).stage, world.session(name).outcome) == (Stage.KEPT, Outcome.INTERRUPTED)
    assert world.machine.agents == {}


@pytest.mark.parametrize("with_process", [True, False])
def test_a_stop_between_intent_and_start_never_starts_an_agent(with_process: bool) -> None:
    world = World()
    name = launching(world, with_process)
    world.shop.envs[world.session(name).run] = {}
    world.log.append(e.StopRequested(name, "stopped"))
    world.go()
    assert len(world.machine.agents) == int(with_process)
    assert not any(agent.alive for agent in world.machine.agents.values())
    assert world.session(name).outcome is Outcome.INTERRUPTED


# --- what it is told --------------------------------------------------------------------------------------------------


def test_a_prompt_that_no_variable_can_hold_is_left_to_the_agents_own_channel() -> None:
    world = World()
    name = provisioned(world)
    session, task = world.session(name), world.task_of(name)
    assert base_env(session, task, 4)["SWARM_PROMPT"] == "do one"
    assert "SWARM_PROMPT" not in base_env(session, replace(task, prompt="x" * LONGEST_VALUE), 4)


def test_values_of_the_environment_hold_no_nul_and_a_compose_name_is_one_that_compose_takes() -> None:
    world = World()
    session = replace(world.session(provisioned(world)), branch="swarm/Ünï code-x1", port_base=0)
    env = base_env(session, world.facts.tasks[TaskId(session.task)], 4)
    assert env["COMPOSE_PROJECT_NAME"].isascii() and " " not in env["COMPOSE_PROJECT_NAME"]
    assert "SWARM_PORT_1" not in env and env["SWARM_PORT"] == ""
