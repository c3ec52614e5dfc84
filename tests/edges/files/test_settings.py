"""Settings: three sources, and no mistake that stays unsaid."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

import swarmctl
from swarmctl.core.config import (
    AgentSettings,
    GateSpec,
    HookSpec,
    MergeSettings,
    Settings,
    TrashSettings,
    TuiSettings,
    WorktreeSettings,
)
from swarmctl.core.errors import UsageFault
from swarmctl.edges.files import settings_doc
from swarmctl.edges.files.settings import line_in, load, load_all, load_at, parse

EVERY_KEY = """
[merge]
target = "trunk"
strategy = "rebase"
auto = true

[worktree]
root = "worktrees"
copy = [".env"]
link = ["node_modules"]
setup = ["uv", "sync"]
setup_timeout = "5m"
ports = 8
pool = 0

[agent]
default = "shell"
host = "tmux"
max_running = 9
time_limit = "1h30m"
checkpoint_every_s = 20
repair_rounds = 5

[trash]
days = 3
max_gb = 1.5

[[gate]]
name = "tests"
run = "run-tests"
stage = "commit"
when = ["src/**"]
timeout_s = 30
min_tests = 2
count = "tap"
env = ["CI"]
autofix = ["fix", "it"]
protects = ["Makefile"]

[hooks]
pre_merge = "look"
task_finished = [{ run = ["say", "done"], timeout = "5s" }, { run = "again" }]
"""


def refused(text: str) -> str:
    with pytest.raises(UsageFault) as fault:
        parse(text, "swarm.toml")
    assert fault.value.hint
    return fault.value.message


def test_every_key_can_be_set() -> None:
    assert parse(EVERY_KEY, "swarm.toml") == Settings(
        merge=MergeSettings("trunk", "rebase", True),
        worktree=WorktreeSettings("worktrees", (".env",), ("node_modules",), ("uv", "sync"), 300.0, 8, 0),
        agent=AgentSettings("shell", "tmux", 9, 5400.0, 20.0, 5),
        trash=TrashSettings(3.0, 1.5),
        gates=(
            GateSpec(
                "tests", "run-tests", "commit", ("src/**",), 30.0, 2, "tap", ("CI",), ("fix", "it"), ("Makefile",)
            ),
        ),
        hooks=(
            HookSpec("pre_merge", "look"),
            HookSpec("task_finished", ("say", "done"), 5.0),
            HookSpec("task_finished", "again"),
        ),
    )


@pytest.mark.parametrize("kind", [MergeSettings, WorktreeSettings, AgentSettings, TrashSettings, GateSpec, HookSpec])
def test_the_text_above_leaves_no_key_at_its_default(kind: type) -> None:
    settings = parse(EVERY_KEY, "swarm.toml")
    values = [settings.merge, settings.worktree, settings.agent, settings.trash, settings.gates[0], settings.hooks[1]]
    value = next(value for value in values if isinstance(value, kind))
    for field in dataclasses.fields(kind):
        assert getattr(value, field.name) != field.default, field.name


def test_an_empty_text_is_the_defaults() -> None:
    assert parse("", "swarm.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[worktree]\n\ncpoy = []", "swarm.toml:3: [worktree] cpoy is an unknown key; did you mean copy?"),
        ("[wroktree]\n", "swarm.toml:1: [wroktree] is an unknown section; did you mean worktree?"),
        ("\n\nmerge = 3", "swarm.toml:3: [merge] must be a table, not 3"),
        ("[merge]\nstrategy = 'squish'", "must be one of squash, merge, rebase, not 'squish'; did you mean squash?"),
        ("[merge]\nauto = 'yes'", "swarm.toml:2: [merge] auto must be true or false, not 'yes'"),
        ("[worktree]\nports = true", "ports must be a whole number, not true"),
        ("[worktree]\nports = 1.5", "ports must be a whole number, not 1.5"),
        ("[worktree]\npool = -1", "pool must be 0 or more"),
        ("[agent]\nmax_running = 0", "max_running must be at least 1"),
        ("[agent]\ntime_limit = 7200", "time_limit must be a duration"),
        ("[agent]\ntime_limit = '2 hours'", "time_limit must be a duration"),
        ("[agent]\ntime_limit = '2h'\ntime_limit_s = 7", "swarm.toml:3: [agent] time_limit_s is given twice"),
        ("[worktree]\ncopy = [\n  'a',\n  3,\n]", "swarm.toml:2: [worktree] copy must be a list of strings; entry 2"),
        ("[worktree]\nsetup = []", "setup must name a program"),
        ("[worktree]\nsetup = ''", "setup must not be empty"),
        ("[[gate]]\nrun = 'x'", "swarm.toml:1: [[gate]] needs `name`"),
        ("[[gate]]\nname = 'x'", "swarm.toml:1: [[gate]] needs `run`"),
        ("[gate]\nname = 'x'", "swarm.toml:1: [[gate]] must be written as [[gate]]"),
        ("[[gate]]\nname = 'a'\nrun = 'a'\n[[gate]]\nrun = 'b'\nname = 'a'", "swarm.toml:6: [[gate]] name there is"),
        ("[[gate]]\nname = 'a'\nrun = 'make'\nmin_tests = 1", "swarm.toml:4: [[gate]] min_tests needs a way to count"),
        ("[[gate]]\nname = 'a'\nrun = 'make'\nmin_tests = 0", "min_tests must be at least 1"),
        ("[[gate]]\nname = 'a'\nrun = 'make'\ncount = '('", "swarm.toml:4: [[gate]] count is no regular expression"),
        ("[[gate]]\nname = 'a'\nrun = 'make'\ncount = 'no group'", "or a pattern with one group"),
        ("[[gate]]\nname = 'a'\nrun = 'a'\n\n[[gate]]\nname = 'b'\nrnu = 'b'", "swarm.toml:7: [[gate]] rnu is an"),
        ("[hooks]\npre_mrege = 'x'", "swarm.toml:2: [hooks] pre_mrege is an unknown event; did you mean pre_merge?"),
        ("[hooks]\npre_merge = [{ timeout = '5s' }]", "swarm.toml:2: [hooks] pre_merge needs a command"),
        ("[hooks]\npre_merge = [{ run = 'x', event = 'y' }]", "is an unknown key"),
        ("[budget.consult]\nday_usd = 1", "swarm.toml:1: [budget.consult] belongs to a later version of swarmctl"),
        ("[budget.agents]\nday_usd = -1", "swarm.toml:2: [budget.agents] day_usd must be 0 or more"),
        (
            "[budget.agents]\ndya_usd = 1",
            "swarm.toml:2: [budget.agents] dya_usd is an unknown key; did you mean day_usd?",
        ),
        ("[budget.agent]\nday_usd = 1", "swarm.toml:1: [budget.agent] is an unknown section; did you mean agents?"),
        ("budget = 3", "swarm.toml:1: [budget] must be a table"),
        ("[council]\nvoices = []", "swarm.toml:1: [council] belongs to a later version"),
        ("a = \n", "swarm.toml:1: "),
        ("[merge]\ntarget = 'open", "swarm.toml:2: "),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, words: str) -> None:
    assert words in refused(text)


def test_pytest_needs_no_other_way_to_count() -> None:
    for run in ("'python -m pytest -q'", "['.venv/bin/pytest']"):
        assert parse(f"[[gate]]\nname='a'\nrun={run}\nmin_tests=1", "x").gates[0].min_tests == 1


def test_later_sources_win_key_by_key_and_lists_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "swarm.toml").write_text(EVERY_KEY)
    user = tmp_path / "user.toml"
    user.write_text("[worktree]\ncopy = ['mine']\n[agent]\nmax_running = 2\n[hooks]\npre_merge = 'own'\n")
    environ = {"SWARMCTL__AGENT__MAX_RUNNING": "7", "SWARMCTL__AGENT__TIME_LIMIT": "9m", "SWARMCTL__MERGE__TARGET": "5"}
    loaded = load_all(tmp_path, user, environ)
    settings = loaded.settings
    assert settings.worktree.copy == ("mine",)
    assert settings.worktree.link == ("node_modules",)
    assert (settings.agent.max_running, settings.agent.time_limit_s, settings.merge.target) == (7, 540.0, "5")
    assert [spec.run for spec in settings.hooks] == ["own", ("say", "done"), "again"]
    assert loaded.origins["agent.max_running"] == "SWARMCTL__AGENT__MAX_RUNNING"
    assert loaded.from_repository("worktree.setup")
    assert not loaded.from_repository("worktree.copy")
    assert loaded.own_hooks == {"pre_merge"}


def test_no_file_and_no_variable_is_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, tmp_path / "none", {"PATH": "/bin"}) == Settings()
    assert load(None, tmp_path / "none", {}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SWARMCTL__AGENT__MAXRUNNING", "1", "did you mean max_running?"),
        ("SWARMCTL__AGENT__MAX_RUNNING", "many", "must be a whole number, not 'many'"),
        ("SWARMCTL__GATE__NAME", "x", "gates are set in a file"),
        ("SWARMCTL__AGENT", "x", "must be SWARMCTL__SECTION__KEY"),
        ("SWARMCTL__CONSULT__MODEL", "x", "belongs to a later version"),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(UsageFault) as fault:
        load(None, tmp_path / "none", {name: value})
    assert fault.value.message.startswith(f"{name}: ")
    assert words in fault.value.message


def test_a_list_and_a_command_can_come_from_variables(tmp_path: Path) -> None:
    environ = {"SWARMCTL__WORKTREE__COPY": '["a", "b"]', "SWARMCTL__HOOKS__POST_MERGE": "echo 1"}
    settings = load(None, tmp_path / "none", environ)
    assert settings.worktree.copy == ("a", "b")
    assert settings.hooks == (HookSpec("post_merge", "echo 1"),)


def test_a_file_that_is_no_text_is_a_usage_fault(tmp_path: Path) -> None:
    (tmp_path / "swarm.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageFault, match="UTF-8"):
        load(tmp_path, tmp_path / "none", {})


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        (MergeSettings, "merge"),
        (WorktreeSettings, "worktree"),
        (AgentSettings, "agent"),
        (TrashSettings, "trash"),
        (GateSpec, "gate"),
        (HookSpec, "hooks"),
        (TuiSettings, "tui"),
    ],
)
def test_every_setting_is_read_somewhere(kind: type, section: str) -> None:
    """By an attribute of its name, in a file that speaks of its section; writing it down is not reading it."""
    package = Path(swarmctl.__file__).parent
    writers = {package / "core" / "config.py", *(package / "edges" / "files").glob("settings*.py")}
    writers.add(package / "edges" / "files" / "detect.py")
    read: set[str] = set()
    for path in set(package.rglob("*.py")) - writers:
        text = path.read_text()
        if kind.__name__ in text or f".{section}" in text:
            nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
            read |= {node.attr for node in nodes if isinstance(node.ctx, ast.Load)}
    assert {field.name for field in dataclasses.fields(kind)} - read == set()


def test_the_docs_hold_the_generated_table() -> None:
    docs = Path(swarmctl.__file__).parent.parent / "docs" / "config.md"
    assert settings_doc.render() in docs.read_text(), "python -m swarmctl.edges.files.settings_doc shows the new table"


def test_every_setting_is_explained() -> None:
    rows = settings_doc.render().splitlines()
    assert len(rows) == 2 + len(settings_doc.WORDS)


def test_what_a_person_is_told_is_that_persons_own_to_set(tmp_path: Path) -> None:
    user, text = tmp_path / "user.toml", '[notify]\non = ["blocked"]\nwebhook = "https://h.example/x"\n'
    user.write_text(text)
    assert load(None, user, {}).notify.on == ("blocked",)
    assert load(None, user, {"SWARMCTL__NOTIFY__DESKTOP": "bell"}).notify.desktop == "bell"

    root = tmp_path / "repo"
    root.mkdir()
    (root / "swarm.toml").write_text(f"# theirs\n{text}")
    ways: tuple[Callable[[], Settings], ...] = (
        lambda: load(root, tmp_path / "none.toml", {}),
        lambda: parse(text, "swarm.toml"),
        lambda: load_at(text, "swarm.toml at abc", user, {}),
    )
    for read in ways:
        with pytest.raises(UsageFault, match=r"swarm.toml.*:\d: \[notify\] is yours to set"):
            read()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('on = ["blokced"]', "did you mean blocked"),
        ('desktop = "popup"', "must be one of auto, notify-send, bell, none"),
        ('webhook = "file:///etc/passwd"', "must be an address"),
        ('webhook = "https://"', "must be an address"),
        ('ntfy = "ntfy.sh/topic"', "must be an address"),
        ('ntfy = "https://h/a b"', "must be an address"),
    ],
)
def test_a_way_to_be_told_that_cannot_be_is_refused(tmp_path: Path, line: str, words: str) -> None:
    user = tmp_path / "user.toml"
    user.write_text(f"[notify]\n{line}\n")
    with pytest.raises(UsageFault, match=words):
        load(None, user, {})


def test_the_cockpit_is_set_up_by_whoever_looks_at_it(tmp_path: Path) -> None:
    user, text = (
        tmp_path / "user.toml",
        '[tui]\ntheme = "nord"\nback = "Ctrl+G"\n[tui.keys]\nmerge = "M"\ndiff.next = "J"\n',
    )
    user.write_text(text)
    assert load(None, user, {}).tui == TuiSettings("nord", {"merge": "M", "diff.next": "J"}, "ctrl+g")
    loaded = load_all(None, user, {"SWARMCTL__TUI__KEYS": '{stop = "X"}'})
    assert loaded.settings.tui.keys == {"merge": "M", "diff.next": "J", "stop": "X"}
    assert loaded.origins["tui.keys.merge"] == str(user) and loaded.origins["tui.keys.stop"] == "SWARMCTL__TUI__KEYS"
    assert line_in(user, "tui.keys.diff.next") == 6 and line_in(user, "tui.keys.stop") == 4
    assert "is yours to set" in refused(text)


@pytest.mark.parametrize("back", ["q", "enter", "ctrl+b", "ctrl+c", "f13", "F0", "ctrl+;", ""])
def test_the_key_that_leaves_a_terminal_writes_nothing_there(tmp_path: Path, back: str) -> None:
    user = tmp_path / "user.toml"
    user.write_text(f'[tui]\nback = "{back}"\n')
    with pytest.raises(UsageFault, match=r"user\.toml:2: \[tui\] back must be a key that writes nothing"):
        load(None, user, {})


def test_a_key_must_be_words(tmp_path: Path) -> None:
    user = tmp_path / "user.toml"
    user.write_text("[tui.keys]\n\ndiff.next = 3\n")
    with pytest.raises(UsageFault, match=r"user\.toml:3: \[tui\] keys must be a string, not 3"):
        load(None, user, {})
