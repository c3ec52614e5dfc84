"""What an agent definition says, as its YAML file has it. `start.py` says what follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import chain
from typing import Literal

from swarmctl.core.agent import PERMISSIONS, Answers, EventRule, Mode, Profile, TranscriptRules
from swarmctl.core.config import Fenced
from swarmctl.core.keyboard import Composer
from swarmctl.core.limits import LimitRule, ProviderRule
from swarmctl.core.screen import Manifest, doc
from swarmctl.core.troubles import Trouble
from swarmctl.core.usage import UsageRules
from swarmctl.core.values import dataclass

PromptChannel = Literal["argv", "stdin", "env", "typed"]
HookChannel = Literal["none", "spool"]
Output = Literal["text", "claude", "codex", "opencode", "gemini"]

PLACEHOLDERS = {
    "{prompt}": "the task's prompt",
    "{command}": "the command of `--exec`",
    "{id}": "the conversation; in `argv` one that swarmctl chose",
    "{permission}": "the words of `permissions` for the wanted mode",
    "{model}": "the words of `model`, when a model is named",
    "{effort}": "the words of `effort`, when one is named",
    "{folder}": "the session's own folder, where `files` are written",
    "{folder}/NAME": "one of `files` or `records`",
    "{port}": "a free port of the session's own",
    "{python}": "the interpreter that runs swarmctl",
    "{fake_agent}": "the scriptable agent that comes with swarmctl",
}
Channel = Literal["out", "err"]
Usual = Literal["auto", "headless"]
FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)?")
HIGHEST_LEVEL = 5
CHOICES = ("model", "effort")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of plain text by which an agent says something of itself."""

    name: str = field(metadata=doc("It is reported as the event `stream.NAME`, with the line as `text`."))
    match: str = field(metadata=doc("A regular expression; its named groups are fields of the event."))
    to: Channel = field(default="out", metadata=doc("Where it is printed: `out` or `err`."))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run an agent."""

    argv: tuple[str, ...] = field(metadata=doc("Program and arguments. A placeholder stands alone in its element."))
    resume: tuple[str, ...] = field(
        default=(), metadata=doc("The same, to go on with the conversation `{id}`; none when it cannot.")
    )
    prompt: PromptChannel = field(
        default="argv",
        metadata=doc("How the prompt arrives: in `argv`, on `stdin`, in `env` as `SWARM_PROMPT`, or `typed`."),
    )
    permissions: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict, metadata=doc("The words for each permission mode, where they are others than usual.")
    )
    output: Output = field(default="text", metadata=doc("What it prints: `text`, or the JSON lines of that agent."))
    lines: tuple[Printed, ...] = field(default=(), metadata=doc("Lines of its text that say how it fares."))
    before: str = field(
        default="", metadata=doc("Put before the prompt, for an agent that takes its first character for a command.")
    )


@dataclass(frozen=True, slots=True)
class Versions:
    """Which versions the definition was tested with."""

    argv: tuple[str, ...] = field(metadata=doc("What prints the version."))
    least: str = field(metadata=doc("The first that is known to work."))
    below: str = field(metadata=doc("The first that nobody tried."))
    unusable_below: str = field(
        default="", metadata=doc("Older ones than this cannot work and are refused; all others only warn.")
    )


@dataclass(frozen=True, slots=True)
class Conversations:
    """Where an agent keeps what it said and was told, so that one that a person began can be gone on with."""

    folder: str = field(metadata=doc("The field (`a.b`) that holds the directory of a conversation."))
    id: str = field(metadata=doc("The field that holds its id."))
    files: tuple[str, ...] = field(
        default=(),
        metadata=doc("Globs of its files of JSON lines; `~` and a leading `$NAME` stand for what they usually do."),
    )
    argv: tuple[str, ...] = field(
        default=(), metadata=doc("Or what prints them all as a list of JSON, the newest first.")
    )
    prompt: str = field(default="", metadata=doc("The field that holds what it was told, or the title."))
    when: Mapping[str, str] = field(
        default_factory=dict, metadata=doc("What fields of a line match that holds what it was told.")
    )
    at: str = field(default="", metadata=doc("Of a list: the field that says when it was used, in milliseconds."))


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """One agent, as its YAML file describes it."""

    name: str = field(metadata=doc("What `--agent` calls it: small letters, digits and dashes; the file's name."))
    description: str = field(metadata=doc("One line for people."))
    argv: tuple[str, ...] = field(
        default=(), metadata=doc("How it runs, when there is one way only; short for `headless: {argv: …}`.")
    )
    prompt: PromptChannel = field(default="argv", metadata=doc("How the prompt arrives, beside a short `argv`."))
    headless: Way | None = field(default=None, metadata=doc("How it runs to the end of one task."))
    interactive: Way | None = field(default=None, metadata=doc("How its own terminal interface runs."))
    usual: Usual = field(
        default="auto",
        metadata=doc("How it runs when nobody says; `auto`: its own interface, where its hooks tell of turns."),
    )
    versions: Versions | None = field(default=None, metadata=doc("Which versions the definition was tested with."))
    provider: str = field(
        default="", metadata=doc("Whose models it uses; agents of one provider share its rate limit.")
    )
    providers: tuple[ProviderRule, ...] = field(
        default=(), metadata=doc("Whose models it uses with which account, where that is not always the same.")
    )
    limits: tuple[LimitRule, ...] = field(
        default=(), metadata=doc("By which words a turn that failed says that the provider takes no more for now.")
    )
    level: int = field(
        default=1,
        metadata=doc(
            "How far it is supported: 1 starts, 2 prompt delivery proven, 3 state right, 4 resume and cost, "
            "5 permissions answered."
        ),
    )
    env: tuple[str, ...] = field(
        default=(), metadata=doc("Names or globs of the caller's variables it may see besides the base list.")
    )
    set: Mapping[str, str] = field(
        default_factory=dict, metadata=doc("Variables it always gets; a value is literal or one placeholder.")
    )
    permissions: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict, metadata=doc("The words for each of `plan`, `ask`, `edit` and `all` that it knows.")
    )
    model: tuple[str, ...] = field(
        default=(), metadata=doc('The words that choose a model, such as `["-m", "{model}"]`.')
    )
    effort: tuple[str, ...] = field(default=(), metadata=doc("The same for how hard the model should think."))
    files: Mapping[str, str] = field(
        default_factory=dict, metadata=doc("Files written into the session's own folder before the start.")
    )
    records: tuple[str, ...] = field(
        default=(), metadata=doc("Files in the session's own folder that it writes itself; a folder ends with a slash.")
    )
    leftovers: tuple[str, ...] = field(
        default=(), metadata=doc("What it leaves in the worktree that is no work: paths, without patterns.")
    )
    logins: tuple[str, ...] = field(
        default=(), metadata=doc("Variables and files of which one is there once it is logged in.")
    )
    hooks: HookChannel = field(
        default="none", metadata=doc("`spool` when its hooks call `swarmctl-hook`; `none` when it has none.")
    )
    events: tuple[EventRule, ...] = field(default=(), metadata=doc("What its hooks and its JSON output say."))
    transcript: TranscriptRules | None = field(
        default=None, metadata=doc("What its own file of a conversation says of the beginning and the end of turns.")
    )
    screen: Manifest | None = field(default=None, metadata=doc("What its screen and its title say."))
    composer: Composer | None = field(default=None, metadata=doc("Where its interface shows what is typed."))
    answers: Answers = field(default="none", metadata=doc("How a permission request is answered."))
    conversation: tuple[str, ...] = field(
        default=(), metadata=doc("The fields of its events that hold its own id of the conversation.")
    )
    history: Conversations | None = field(
        default=None, metadata=doc("Where it keeps its conversations by itself; `swarmctl adopt` looks there.")
    )
    memory: str = field(default="", metadata=doc("The file of instructions that it reads: `CLAUDE.md` and the like."))
    usage: UsageRules | None = field(
        default=None,
        metadata=doc("Where it says what it used. None: it costs nothing; `{}`: nobody can tell how much."),
    )
    troubles: tuple[Trouble, ...] = field(
        default=(), metadata=doc("By which words it says why it cannot work, and what to do then.")
    )
    sandbox: Fenced = field(
        default="untested",
        metadata=doc("`tested` when it is known to work inside the sandbox, `own` when it brings one of its own."),
    )
    homes: tuple[str, ...] = field(
        default=(), metadata=doc("Where it keeps settings and logins; hidden from every other agent in the sandbox.")
    )
    writes: tuple[str, ...] = field(
        default=(),
        metadata=doc(
            "What it has to write besides its worktree. `~` and a leading `$NAME` stand for what they usually do; a "
            "folder ends with a slash and is made when missing; `{folder}` is the session's own."
        ),
    )
    keeps: tuple[str, ...] = field(
        default=(), metadata=doc("What lies inside of `writes` and stays as it is: whatever programs are started from.")
    )
    memory_mb: int = field(
        default=0, metadata=doc("What one session of it needs, in MB, as long as none was measured.")
    )

    def way(self, mode: Mode) -> Way | None:
        if mode == "interactive":
            return self.interactive
        return self.headless or (Way(self.argv, prompt=self.prompt) if self.argv else None)

    @property
    def program(self) -> str:
        way = self.way("headless") or self.interactive
        return way.argv[0] if way else ""

    def profile(self) -> Profile:
        modes: tuple[Mode, ...] = ("interactive", "headless")
        ways = {mode: way for mode in modes if (way := self.way(mode)) is not None}
        return Profile(
            name=self.name,
            provider=self.provider,
            level=self.level,
            modes=tuple(ways),
            chooses=tuple(mode for mode, way in ways.items() if "{id}" in way.argv or _is_by_file(way)),
            resumable=tuple(mode for mode, way in ways.items() if way.resume),
            events=self.events,
            screen=self.screen,
            answers=self.answers,
            typed=tuple(mode for mode, way in ways.items() if way.prompt == "typed"),
            composer=self.composer,
            conversation=self.conversation,
            memory=self.memory,
            usage=self.usage,
            transcript=self.transcript,
            fenced=self.sandbox,
            roomy=tuple(mode for mode, way in ways.items() if way.prompt == "stdin"),
            troubles=self.troubles,
            homes=self.homes,
            writes=self.writes,
            keeps=self.keeps,
            memory_mb=self.memory_mb,
            providers=self.providers,
            limits=self.limits,
            leftovers=self.leftovers,
            rather_headless=self.usual == "headless",
            permissions={mode: tuple(self.permitted(way)) for mode, way in ways.items() if self.asks_permission(way)},
            takes=tuple(key for key in CHOICES if getattr(self, key)),
        )

    def permitted(self, way: Way) -> Mapping[str, tuple[str, ...]]:
        return way.permissions or self.permissions

    def asks_permission(self, way: Way) -> bool:
        """Whether the wanted mode changes anything about how it runs."""
        return "{permission}" in (*way.argv, *self.set.values())


def _is_by_file(way: Way) -> bool:
    """Its conversation is a file in the session's folder, so that any name for it will do."""
    return bool(way.resume) and "{id}" not in way.resume


def problem_with(spec: AgentSpec) -> tuple[str, str]:
    """(key, words) of what no type can say; empty when the definition makes sense."""
    return next(chain(_problems(spec), _problems_of_history(spec)), ("", ""))


def _problems(spec: AgentSpec) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", spec.name):
        yield "name", "must be 1 to 40 small letters, digits and inner dashes"
    if spec.argv and spec.headless:
        yield "argv", "is short for headless.argv: give one of them"
    if not (spec.argv or spec.headless or spec.interactive):
        yield "argv", "must start with a program"
    if not 1 <= spec.level <= HIGHEST_LEVEL:
        yield "level", f"must be 1 to {HIGHEST_LEVEL}"
    for name in sorted(_permission_names(spec) - set(PERMISSIONS)):
        yield "permissions", f"{name!r} must be one of {', '.join(PERMISSIONS)}"
    yield from _problems_of_names(spec)
    yield from _problems_of_ways(spec)
    for key in CHOICES:
        words = getattr(spec, key)
        if words and f"{{{key}}}" not in words:
            yield key, f"must hold {{{key}}}"
    for name, value in spec.set.items():
        if stray := _stray(value, spec):
            yield "set", f"{name}: {stray}"
    yield from _problems_of_composer(spec)
    yield from _problems_of_patterns(spec)


def _problems_of_names(spec: AgentSpec) -> Iterator[tuple[str, str]]:
    for key, names in (("files", spec.files), ("records", spec.records)):
        for name in names:
            if not FILE_NAME.fullmatch(name.removesuffix("/") if key == "records" else name):
                yield key, f"{name!r} must be a plain name, at most one folder deep"


def _permission_names(spec: AgentSpec) -> set[str]:
    ways = [way for way in (spec.headless, spec.interactive) if way is not None]
    return {*spec.permissions, *(name for way in ways for name in way.permissions)}


def _problems_of_ways(spec: AgentSpec) -> Iterator[tuple[str, str]]:
    for key, way in (
        ("headless" if spec.headless else "argv", spec.way("headless")),
        ("interactive", spec.interactive),
    ):
        for problem_key, words in _problems_of_way(spec, way) if way else ():
            yield problem_key or key, words


def _problems_of_way(spec: AgentSpec, way: Way) -> Iterator[tuple[str, str]]:
    for words in (way.argv, *([way.resume] if way.resume else [])):
        if not words or not words[0] or words[0] in ("{prompt}", "{command}"):
            yield "", "must start with a program"
        for element in words:
            if stray := _stray(element, spec):
                yield "", stray
        if way.prompt == "argv" and not {"{prompt}", "{command}"} & set(words):
            yield "", "must hold {prompt} or {command} when the prompt arrives by argv"
        if way.prompt != "argv" and "{prompt}" in words:
            yield "prompt", "must be argv when argv holds {prompt}"
    if way.resume and not {"{id}", *(f"{{folder}}/{name}" for name in spec.records)} & set(way.resume):
        yield "", "resume must hold {id}, or one of records"
    if way.lines and way.output != "text":
        yield "", "lines are for an output of text"
    for printed in way.lines:
        yield from _pattern("", printed.match)


def _stray(element: str, spec: AgentSpec) -> str:
    """What is wrong with a literal that looks as if it held a placeholder."""
    if element.startswith("{folder}/"):
        named = element.removeprefix("{folder}/") in (*spec.files, *spec.records)
        return "" if named else f"{element!r}: there is no such entry in files or records"
    if re.search(r"\{[a-z_]+\}", element) and element not in PLACEHOLDERS:
        known = ", ".join(name for name in PLACEHOLDERS if name != "{folder}/NAME")
        return f"{element!r}: a placeholder stands alone in its element and is one of {known}"
    return ""


def _problems_of_composer(spec: AgentSpec) -> Iterator[tuple[str, str]]:
    made = spec.composer
    for pattern in (made.text, made.empty, made.pasted, made.beside) if made else ():
        yield from _pattern("composer", pattern)


def _problems_of_patterns(spec: AgentSpec) -> Iterator[tuple[str, str]]:
    for key, rules in (("events", spec.events), ("transcript", spec.transcript.lines if spec.transcript else ())):
        for rule in rules:
            for pattern in rule.when.values():
                yield from _pattern(key, pattern)
    yield from chain.from_iterable(_pattern("troubles", trouble.match) for trouble in spec.troubles)
    for counted in (*spec.usage.events, *spec.usage.lines) if spec.usage else ():
        for pattern in counted.when.values():
            yield from _pattern("usage", pattern)
    if spec.screen is None:
        return
    for line in spec.screen.rules:
        if line.region not in spec.screen.regions:
            yield "screen", f"there is no region {line.region!r}"
        if not line.all and not line.any:
            yield "screen", "a rule needs all or any"
        for pattern in (*line.all, *line.any, *line.none):
            yield from _pattern("screen", pattern)
    for pattern in (
        *(part.below for part in spec.screen.regions.values()),
        *(title.match for title in spec.screen.titles),
    ):
        yield from _pattern("screen", pattern)


def _problems_of_history(spec: AgentSpec) -> Iterator[tuple[str, str]]:
    if spec.history is not None:
        if bool(spec.history.files) == bool(spec.history.argv):
            yield "history", "needs either files or argv"
        for pattern in spec.history.when.values():
            yield from _pattern("history", pattern)


def _pattern(key: str, pattern: str) -> Iterator[tuple[str, str]]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield key, f"{pattern!r} is no regular expression: {error}"
