"""The user's hooks: order, veto, approval, and that values stay values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import swarmctl
from swarmctl.core.config import HookSpec
from swarmctl.core.errors import UsageFault
from swarmctl.edges.files.settings_keys import HOOK_EVENTS
from swarmctl.edges.hooks import table
from swarmctl.edges.hooks.events import EVENTS, FACTS
from swarmctl.edges.hooks.user_hooks import UserHooks
from tests.fakes.files import Approvals, PlainRunner

Install = Callable[..., Path]


@pytest.fixture
def approvals() -> Approvals:
    return Approvals(everything=True)


@pytest.fixture
def specs() -> list[HookSpec]:
    return []


@pytest.fixture
def hooks(tmp_path: Path, approvals: Approvals, specs: list[HookSpec]) -> UserHooks:
    (tmp_path / "repo").mkdir()
    return UserHooks(
        root=tmp_path / "repo",
        runner=PlainRunner(),
        logs=tmp_path / "logs",
        approved=approvals,
        specs=lambda: specs,
        own=lambda: frozenset({"post_merge"}),
    )


@pytest.fixture
def install(hooks: UserHooks) -> Install:
    def put(name: str, body: str, mode: int = 0o755) -> Path:
        path = hooks.root / ".swarm" / "hooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(mode)
        return path

    return put


def fire(hooks: UserHooks, event: str, facts: dict[str, str] | None = None) -> list[tuple[str, bool]]:
    return [(each.name, each.ok) for each in hooks.fire(event, facts or {}, str(hooks.root))]


def test_files_run_before_folders_and_folders_before_the_configuration(
    hooks: UserHooks, install: Install, specs: list[HookSpec]
) -> None:
    for name in ("post_merge.d/20-b", "post_merge.d/10-a", "post_merge", "post_merge.d/.hidden", "pre_merge"):
        install(name, "true")
    specs += [HookSpec("post_merge", "true"), HookSpec("pre_merge", "true"), HookSpec("post_merge", ("true",))]
    assert fire(hooks, "post_merge") == [
        (".swarm/hooks/post_merge", True),
        (".swarm/hooks/post_merge.d/10-a", True),
        (".swarm/hooks/post_merge.d/20-b", True),
        ("[hooks] post_merge 1", True),
        ("[hooks] post_merge 2", True),
    ]
    assert fire(hooks, "task_finished") == []


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_hook_is_told_what_the_docs_promise(hooks: UserHooks, install: Install, event: str) -> None:
    install(event, 'cat > "$SWARM_WORKTREE/stdin"; env -0 > "$SWARM_WORKTREE/env"')
    nasty = "$(touch canary) `x` ' \" \\ \n;é"
    facts = {**dict.fromkeys(FACTS, nasty), "SWARM_WORKTREE": str(hooks.root)}
    assert fire(hooks, event, facts) == [(f".swarm/hooks/{event}", True)]
    env = dict(pair.split("=", 1) for pair in (hooks.root / "env").read_text().split("\0") if pair)
    told = json.loads((hooks.root / "stdin").read_text())
    for name in FACTS:
        assert env[name] == facts[name]
        assert told[name.removeprefix("SWARM_").lower()] == facts[name]
    assert (env["SWARM_EVENT"], told["event"], told["v"]) == (event, event, 1)
    assert not (hooks.root / "canary").exists()


def test_an_unknown_fact_is_empty_and_not_absent(hooks: UserHooks, install: Install) -> None:
    install("post_merge", 'test "${SWARM_COMMIT-absent}" = ""')
    assert fire(hooks, "post_merge") == [(".swarm/hooks/post_merge", True)]


@pytest.mark.parametrize("event", [name for name, event in EVENTS.items() if event.blocking])
def test_a_veto_ends_the_list(hooks: UserHooks, install: Install, event: str) -> None:
    install(f"{event}.d/1", "true")
    install(f"{event}.d/2", "echo not today; exit 3")
    install(f"{event}.d/3", "touch ran")
    outcomes = hooks.fire(event, {}, str(hooks.root))
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert (outcomes[1].rc, outcomes[1].words) == (3, f".swarm/hooks/{event}.d/2: ended with 3: not today")
    assert not (hooks.root / "ran").exists()


@pytest.mark.parametrize("event", [name for name, event in EVENTS.items() if not event.blocking])
def test_other_hooks_fail_without_stopping_the_next(hooks: UserHooks, install: Install, event: str) -> None:
    install(f"{event}.d/1", "exit 1")
    install(f"{event}.d/2", "true")
    assert [ok for _, ok in fire(hooks, event)] == [False, True]


def test_what_comes_with_the_repository_runs_only_as_approved(
    hooks: UserHooks, install: Install, approvals: Approvals, specs: list[HookSpec]
) -> None:
    approvals.everything = False
    path = install("pre_merge", "touch ran")
    specs.append(HookSpec("session_started", "touch ran"))
    for event in ("pre_merge", "session_started"):
        [outcome] = hooks.fire(event, {}, str(hooks.root))
        assert (outcome.ok, outcome.rc) == (False, None)
        assert "nobody approved it (swarmctl approve)" in outcome.words
    assert not (hooks.root / "ran").exists()

    approvals.given = set(hooks.wanted())
    assert [ok for _, ok in fire(hooks, "pre_merge") + fire(hooks, "session_started")] == [True, True]

    path.write_text(path.read_text() + "touch more\n")
    specs[0] = HookSpec("session_started", "touch more")
    assert [ok for _, ok in fire(hooks, "pre_merge") + fire(hooks, "session_started")] == [False, False]
    assert not (hooks.root / "more").exists()


def test_the_users_own_commands_need_no_approval(hooks: UserHooks, approvals: Approvals, specs: list[HookSpec]) -> None:
    approvals.everything = False
    specs.append(HookSpec("post_merge", "true"))
    assert fire(hooks, "post_merge") == [("[hooks] post_merge 1", True)]
    assert hooks.wanted() == []


def test_a_string_goes_to_a_shell_and_an_array_does_not(hooks: UserHooks, specs: list[HookSpec]) -> None:
    specs += [HookSpec("post_merge", 'test "$(echo 1)" = 1'), HookSpec("post_merge", ("test", "$(echo 1)", "=", "1"))]
    assert [ok for _, ok in fire(hooks, "post_merge")] == [True, False]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (HookSpec("pre_merge", ("no-such-program",)), "command not found"),
        (HookSpec("pre_merge", "exec sleep 60", 0.05), "ran longer than 0.05 s"),
        (HookSpec("pre_merge", "kill -9 $$"), "was killed by signal 9"),
    ],
)
def test_what_cannot_end_well_is_a_veto_with_words(
    hooks: UserHooks, specs: list[HookSpec], spec: HookSpec, words: str
) -> None:
    specs.append(spec)
    [outcome] = hooks.fire("pre_merge", {}, str(hooks.root))
    assert not outcome.ok
    assert words in outcome.words


def test_a_file_that_cannot_run_is_not_passed_over_in_silence(hooks: UserHooks, install: Install) -> None:
    install("pre_merge", "true", mode=0o644)
    [outcome] = hooks.fire("pre_merge", {}, str(hooks.root))
    assert not outcome.ok
    assert outcome.words == ".swarm/hooks/pre_merge is not executable: chmod +x .swarm/hooks/pre_merge"


def test_a_link_out_of_the_repository_is_not_run(hooks: UserHooks, install: Install, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("#!/bin/sh\ntouch ran\n")
    outside.chmod(0o755)
    install("other", "true").with_name("pre_merge").symlink_to(outside)
    [outcome] = hooks.fire("pre_merge", {}, str(hooks.root))
    assert not outcome.ok
    assert "leads outside" in outcome.words


def test_git_and_tmux_of_the_caller_do_not_reach_a_hook(hooks: UserHooks, install: Install) -> None:
    install("post_merge", 'test -z "$GIT_DIR$TMUX$SWARM_OLD" && test -n "$PATH"')
    dirty = {"PATH": "/usr/bin:/bin", "GIT_DIR": "/x", "TMUX": "/y", "SWARM_OLD": "z"}
    scrubbed = UserHooks(hooks.root, hooks.runner, hooks.logs, hooks.approved, hooks.specs, hooks.own, dirty)
    assert fire(scrubbed, "post_merge") == [(".swarm/hooks/post_merge", True)]


def test_an_event_nobody_knows_is_a_usage_fault(hooks: UserHooks) -> None:
    with pytest.raises(UsageFault):
        hooks.fire("pre_coffee", {}, str(hooks.root))


def test_the_settings_know_the_same_events() -> None:
    assert tuple(EVENTS) == HOOK_EVENTS


def test_the_docs_hold_the_generated_tables() -> None:
    docs = Path(swarmctl.__file__).parent.parent / "docs" / "hooks.md"
    assert table.render() in docs.read_text(), "python -m swarmctl.edges.hooks.table shows the new tables"
