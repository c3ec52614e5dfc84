"""Agent definitions: what they may say, what is wrong with them, and what follows from them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

import swarmctl
from swarmctl.core.agent import EventRule, Mode, Order
from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.core.places import Places
from swarmctl.core.screen import TitleRule
from swarmctl.core.session import State
from swarmctl.edges.agents import docs
from swarmctl.edges.agents.found import find
from swarmctl.edges.agents.reader import read_agent
from swarmctl.edges.agents.spec import AgentSpec, Printed, Way, problem_with
from swarmctl.edges.agents.start import LONGEST_ARGUMENT, allowed_env, start_of, write_files

ROOT = Path(swarmctl.__file__).parent.parent
GOOD = """\
name: mine
description: d
argv: ["mine", "-p", "{prompt}"]
"""


def launch_argv(agent: AgentSpec, prompt: str, command: str) -> tuple[str, ...]:
    return start_of(agent, Order(prompt, command, "/folder")).argv


def spec(**changes: object) -> AgentSpec:
    values = {"name": "mine", "description": "d", "argv": ("mine", "{prompt}"), **changes}
    return AgentSpec(**values)  # type: ignore[arg-type]


def test_a_definition_is_read_with_its_defaults() -> None:
    assert read_agent(GOOD, "x") == AgentSpec("mine", "d", ("mine", "-p", "{prompt}"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "promt: argv\n", "mine.yaml:4: 'promt' is an unknown key; did you mean prompt?"),
        (GOOD + "name: again\n", "mine.yaml:4: 'name' is given twice"),
        (
            GOOD + "prompt: typd\n",
            "mine.yaml:4: prompt must be one of argv, stdin, env, typed, not 'typd'; did you mean",
        ),
        (GOOD + "level: yes\n", "mine.yaml:4: level must be a whole number, not True"),
        (GOOD + "level: 9\n", "mine.yaml:4: level must be 1 to 5"),
        (GOOD + "interactive: 1\n", "mine.yaml:4: interactive must be a mapping of keys to values"),
        (GOOD + "env: PATH\n", "mine.yaml:4: env must be a list of strings"),
        (GOOD + "env: [A, 1]\n", "mine.yaml:4: env must be a list of strings (put numbers in quotes)"),
        ("name: mine\nargv: [a]\n", "mine.yaml:1: needs the key 'description'"),
        ("- a\n", "mine.yaml:1: must be a mapping"),
        ("", "mine.yaml:1: must be a mapping"),
        ("a: [\n\nb: }", "mine.yaml:3: "),
        ("a: 1\n---\nb: 2", "mine.yaml:2: "),
        ("a: *b", "mine.yaml:1: found undefined alias"),
        ("name: !!python/object:os.system x", "mine.yaml:1: could not determine a constructor"),
        ("[" * 5000, "mine.yaml:1: "),
        ("x" * 70000, "mine.yaml:1: is longer than 64 kB"),
        (GOOD.replace("mine\n", "My Agent\n", 1), "mine.yaml:1: name must be 1 to 40 small letters"),
        (GOOD.replace('"{prompt}"', '"--p={prompt}"'), "mine.yaml:3: argv '--p={prompt}': a placeholder stands alone"),
        (GOOD.replace('"{prompt}"', '"{promt}"'), "mine.yaml:3: argv '{promt}'"),
        (GOOD.replace(', "{prompt}"', ""), "mine.yaml:3: argv must hold {prompt} or {command}"),
        (GOOD.replace('"mine", "-p", ', ""), "mine.yaml:3: argv must start with a program"),
        (GOOD + "prompt: typed\n", "mine.yaml:4: prompt must be argv when argv holds {prompt}"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageFault) as fault:
        read_agent(text, "mine.yaml")
    assert fault.value.message.startswith(words)
    assert "\n" not in fault.value.message
    assert fault.value.hint


def test_prompt_and_command_are_whole_arguments_whatever_they_hold() -> None:
    nasty = "$(touch canary) `x` '; rm -rf ~ #\n{command} -x"
    assert launch_argv(spec(), nasty, "") == ("mine", nasty)
    shell = spec(argv=("sh", "-c", "{command}"))
    assert launch_argv(shell, "{command}", nasty) == ("sh", "-c", nasty)


def test_a_first_character_that_would_be_a_command_is_hidden_behind_other_text() -> None:
    piped = Way(("agent",), prompt="stdin", before="\n")
    assert start_of(spec(argv=(), headless=piped), Order("!rm", "", "/session")).stdin == "\n!rm"
    told = Way(("agent", "{prompt}"), before=" ")
    assert start_of(spec(argv=(), headless=told), Order("/now", "", "/session")).argv == ("agent", " /now")


def test_an_agent_whose_conversation_is_a_file_goes_on_under_any_name(tmp_path: Path) -> None:
    way = Way(("agent", "--log", "{folder}/chat.md"), resume=("agent", "--again", "{folder}/chat.md"), prompt="env")
    agent = spec(argv=(), headless=way, records=("chat.md",))
    assert problem_with(agent) == ("", "")
    assert (agent.profile().chooses, agent.profile().resumable) == (("headless",), ("headless",))
    write_files(agent, tmp_path / "own")
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_lines_of_an_agents_text_are_told_to_the_relay() -> None:
    way = Way(("agent", "{prompt}"), lines=(Printed("limited", "^429", "err"),))
    argv = start_of(spec(argv=(), headless=way), Order("p", "", "/session")).argv
    assert argv[3:] == ("text", '[["limited", "^429", "err"]]', "agent", "p")


@pytest.mark.parametrize("prompt", ["$(x)\n%s\\n", "-\x1b[31m\r\u202e\udcff", "é" * 150_000, "/x", "!x", "\n"])
def test_a_prompt_on_stdin_comes_to_the_byte_from_a_file_of_its_users_alone(prompt: str, tmp_path: Path) -> None:
    piped = spec(argv=("mine", "-"), prompt="stdin")
    start = start_of(piped, Order(prompt, "", str(tmp_path / "own")))
    write_files(piped, tmp_path / "own", start.stdin)
    assert start.argv[-2:] == ("mine", "-")
    assert not any(prompt in element for element in start.argv if len(prompt) > 3)
    env = {"PATH": "/usr/bin:/bin", **start.env}
    done = subprocess.run([*start.argv[:-2], "sh", "-c", "cat; exit 3"], env=env, capture_output=True)
    assert (done.returncode, done.stdout) == (3, prompt.encode("utf-8", "surrogateescape"))
    assert Path(start.env["SWARM_PROMPT_FILE"]).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("prompt", ["a\0b", "é" * (LONGEST_ARGUMENT // 2 + 1)])
def test_what_no_argument_can_hold_is_a_usage_fault(prompt: str) -> None:
    for agent in (spec(), spec(argv=("mine",), prompt="env")):
        with pytest.raises(UsageFault):
            launch_argv(agent, prompt, "")
    with pytest.raises(UsageFault):
        launch_argv(spec(argv=("mine",), prompt="stdin"), "a\0b", "")


@pytest.mark.parametrize(
    ("mode", "headless", "hinted"),
    [
        ("interactive", Way(("mine",), prompt="stdin"), True),
        ("interactive", Way(("mine", "{prompt}")), False),
        ("headless", Way(("mine", "{prompt}")), False),
        ("headless", Way(("mine",), prompt="env"), False),
    ],
)
def test_a_prompt_that_is_too_long_is_sent_to_a_mode_that_takes_it_and_to_no_other(
    mode: Mode, headless: Way, hinted: bool
) -> None:
    agent = spec(argv=(), headless=headless, interactive=Way(("mine", "{prompt}")))
    with pytest.raises(UsageFault) as fault:
        start_of(agent, Order("x" * (LONGEST_ARGUMENT + 1), "", "/folder", mode=mode))
    assert ("--mode headless" in fault.value.hint) is hinted
    assert "a file of the repository" in fault.value.hint


def test_a_command_agent_without_a_command_says_how_to_give_one() -> None:
    with pytest.raises(UsageFault) as fault:
        launch_argv(spec(argv=("sh", "-c", "{command}")), "p", " ")
    assert "--exec" in fault.value.hint


RICH = """\
name: rich
description: d
provider: someone
level: 4
headless:
  argv: [rich, run, "{permission}", "{model}", "{prompt}"]
  resume: [rich, resume, "{id}", "{prompt}"]
  output: codex
interactive:
  argv: [rich, --session, "{id}", --settings, "{folder}/settings.json"]
  prompt: typed
permissions: {plan: [--look], edit: [--edit, --safe]}
model: [--model, "{model}"]
set: {RICH_HOME: "{folder}", RICH_UPDATE: "no"}
files:
  settings.json: '{"hooks": {}}'
events:
  - {event: Stop, state: idle, turn: ends, said: message}
  - {event: stream.error, when: {code: "^429$"}, state: rate_limited, until: resets}
screen:
  version: 1
  regions: {bottom: {last: 5}}
  rules: [{state: working, region: bottom, any: [esc to stop]}]
  titles: [{state: idle, match: "^ready"}]
answers: hook
memory: AGENTS.md
"""


def rich_order(**changes: object) -> Order:
    return Order("do it", "", "/session", **changes)  # type: ignore[arg-type]


def test_each_way_has_its_own_words_and_lists_stand_for_none_or_several() -> None:
    rich = read_agent(RICH, "rich.yaml")

    assert start_of(rich, rich_order()).argv[-5:] == ("rich", "run", "--edit", "--safe", "do it")
    chosen = start_of(rich, rich_order(permission="plan", model="big one"))
    assert chosen.argv[-6:] == ("rich", "run", "--look", "--model", "big one", "do it")
    again = start_of(rich, rich_order(resume=True, conversation="c-1"))
    assert again.argv[-4:] == ("rich", "resume", "c-1", "do it")
    assert (chosen.argv[0], chosen.argv[3]) == (sys.executable, "codex"), "JSON goes through the relay"
    shown = start_of(rich, rich_order(mode="interactive", conversation="c-2"))
    assert shown.argv == ("rich", "--session", "c-2", "--settings", "/session/settings.json")
    assert shown.typed == "do it"
    assert shown.env == {"RICH_HOME": "/session", "RICH_UPDATE": "no"}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (rich_order(permission="all"), "agent rich has no permission mode all"),
        (rich_order(mode="interactive", resume=True, conversation="c"), "agent rich cannot go on with a conversation"),
    ],
)
def test_what_an_agent_cannot_do_is_a_usage_fault_with_a_hint(order: Order, words: str) -> None:
    with pytest.raises(UsageFault) as fault:
        start_of(read_agent(RICH, "rich.yaml"), order)
    assert fault.value.message == words
    assert fault.value.hint


def test_what_the_rest_of_the_house_needs_is_in_the_profile() -> None:
    profile = read_agent(RICH, "rich.yaml").profile()

    assert (profile.provider, profile.level, profile.answers, profile.memory) == ("someone", 4, "hook", "AGENTS.md")
    assert (profile.modes, profile.resumable) == (("interactive", "headless"), ("headless",))
    assert profile.events[1] == EventRule(
        "stream.error", when={"code": "^429$"}, state=State.RATE_LIMITED, until="resets"
    )
    assert profile.screen is not None
    assert profile.screen.titles == (TitleRule(State.IDLE, "^ready"),)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("output: codex", "output: yaml", "rich.yaml:8: headless.output must be one of text, claude"),
        ("state: idle, turn", "state: idel, turn", "rich.yaml:18: events[1].state must be one of"),
        ("turn: ends", "turn: stops", "rich.yaml:18: events[1].turn must be one of '', begins"),
        ("regions: {bottom: {last: 5}}", "regions: {bottom: {lst: 5}}", "rich.yaml:22: screen.regions.bottom.'lst' is"),
        ("region: bottom", "region: top", "rich.yaml:20: screen there is no region 'top'"),
        ("any: [esc to stop]", "any: ['(']", "rich.yaml:20: screen '(' is no regular expression"),
        ("any: [esc to stop]", "any: []", "rich.yaml:20: screen a rule needs all or any"),
        ('resume, "{id}"', "resume", "rich.yaml:5: headless resume must hold {id}, or one of records"),
        (
            "output: codex",
            "output: codex\n  lines: [{name: n, match: m}]",
            "rich.yaml:5: headless lines are for an output",
        ),
        ("edit: [--edit", "edits: [--edit", "rich.yaml:12: permissions 'edits' must be one of plan, ask, edit, all"),
        ('[--model, "{model}"]', "[--model]", "rich.yaml:13: model must hold {model}"),
        (
            "{folder}/settings.json",
            "{folder}/other.json",
            "rich.yaml:9: interactive '{folder}/other.json': there is no",
        ),
        ("settings.json: '", "../settings.json: '", "rich.yaml:15: files '../settings.json' must be a plain name"),
        ('RICH_HOME: "{folder}"', 'RICH_HOME: "x{folder}"', "rich.yaml:14: set RICH_HOME: 'x{folder}'"),
    ],
)
def test_a_mistake_deep_inside_is_named_with_its_line(old: str, new: str, words: str) -> None:
    assert old in RICH
    text = RICH.replace(', "{folder}/settings.json"', "") if "../" in new else RICH
    with pytest.raises(UsageFault) as fault:
        read_agent(text.replace(old, new), "rich.yaml")
    assert fault.value.message.startswith(words)


def test_a_rich_definition_fits_the_schema() -> None:
    jsonschema.validate(yaml.safe_load(RICH), docs.schema())


def test_files_of_an_agent_are_whole_and_for_its_user_alone(tmp_path: Path) -> None:
    rich = read_agent(RICH, "rich.yaml")

    write_files(rich, tmp_path / "session")
    write_files(rich, tmp_path / "session")

    written = tmp_path / "session" / "settings.json"
    assert written.read_text() == '{"hooks": {}}'
    assert written.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "session").iterdir()] == ["settings.json"]


def test_a_folder_that_an_agent_keeps_is_made_before_the_start(tmp_path: Path) -> None:
    agent = spec(records=("tmp/",), set={"TMPDIR": "{folder}/tmp/"})
    assert problem_with(agent) == ("", "")
    write_files(agent, tmp_path / "own")
    assert Path(start_of(agent, Order("p", "", str(tmp_path / "own"))).env["TMPDIR"]).is_dir()
    assert problem_with(spec(records=("../",)))[0] == "records"


def test_no_command_of_codex_can_write_where_its_own_questions_are_answered() -> None:
    codex = read_agent((ROOT / "agents" / "codex.yaml").read_text(), "codex.yaml")
    places, name = Places("/state", "/worktrees"), SessionId("s1")
    order = Order("p", "", places.agent_files(name), permission="edit")
    writable = Path(start_of(codex, order).env["TMPDIR"])
    assert writable == Path(places.agent_files(name), "tmp")
    assert not Path(places.answers(name)).is_relative_to(places.agent_files(name))


def test_an_agent_sees_only_what_it_may() -> None:
    environ = {
        "PATH": "/bin", "LC_ALL": "C", "XDG_DATA_HOME": "/d", "HOME": "/h", "AWS_SECRET_ACCESS_KEY": "s", "MY_KEY": "k",
        "MY_MODEL": "m", "OTHER_TOKEN": "t", "TMUX": "x", "TMUX_PANE": "%1", "GIT_DIR": "/g", "SWARM_TOKEN": "old",
        "SWARMCTL__AGENT__DEFAULT": "x", "XDG_SESSION_TOKEN": "t",
    }  # fmt: skip
    base = {"PATH", "LC_ALL", "XDG_DATA_HOME", "HOME"}
    assert set(allowed_env(spec(), environ)) == base
    assert set(allowed_env(spec(env=("MY_*",)), environ)) == base | {"MY_MODEL"}
    assert set(allowed_env(spec(env=("MY_KEY", "*")), environ)) == base | {"MY_KEY", "MY_MODEL"}
    assert set(allowed_env(spec(env=("TMUX", "GIT_DIR", "SWARM_TOKEN")), environ)) == base


def test_every_packaged_definition_fits_the_schema_and_reads() -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / "agent.json").read_text())
    paths = sorted((ROOT / "agents").glob("*.yaml"))
    assert {path.stem for path in paths} >= {"fake", "shell"}
    for path in paths:
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)
        assert read_agent(path.read_text(), str(path)).name == path.stem


def test_the_schema_refuses_an_unknown_key() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**yaml.safe_load(GOOD), "promt": "argv"}, docs.schema())


def test_the_docs_and_the_schema_are_those_of_the_code() -> None:
    assert docs.render() in (ROOT / "docs" / "agents.md").read_text(), "python -m swarmctl.edges.agents.docs"
    written = json.loads((ROOT / "docs" / "schemas" / "agent.json").read_text())
    assert written == json.loads(json.dumps(docs.schema())), "python -m swarmctl.edges.agents.docs --schema"


def test_the_fake_agent_runs_in_the_interpreter_of_swarmctl() -> None:
    fake = read_agent((ROOT / "agents" / "fake.yaml").read_text(), "fake.yaml")
    argv = launch_argv(fake, "say hi", "")
    assert (argv[0], argv[1], argv[3]) == (sys.executable, "-I", "say hi")
    assert Path(argv[2]).is_file()


def test_the_interpreter_of_swarmctl_needs_no_path() -> None:
    own = read_agent('name: own\ndescription: x\nargv: ["{python}", "-c", "{prompt}"]\n', "own.yaml")
    assert find(own, {"PATH": ""}).program == sys.executable
    assert not find(read_agent(GOOD, "good.yaml"), {"PATH": ""}).usable


def test_the_docs_publish_the_level_of_every_agent_that_has_a_provider_or_versions() -> None:
    text = (ROOT / "docs" / "agents.md").read_text()
    published = dict(re.findall(r"^\| `([a-z-]+)` \| (\d) \|", text, re.MULTILINE))
    specs = [read_agent(path.read_text(), str(path)) for path in sorted((ROOT / "agents").glob("*.yaml"))]
    assert published == {spec.name: str(spec.level) for spec in specs if spec.versions is not None}
