"""The one place where the merge stage meets the gate stage: build, check out, gate, fix at most once a gate, prove.

Starts from the beginning after a crash. Moves no branch: it ends with an intent that carries a complete `Proof`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace

from swarmctl.core.config import GateSpec, Settings, WorktreeSettings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import (
    Event,
    GateBegun,
    GateFinished,
    HookRan,
    LandIntended,
    MergeStaged,
    MessageQueued,
    Noticed,
    SessionKept,
)
from swarmctl.core.gate import GateResult, Staged, Verdict
from swarmctl.core.listing import in_short
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk, known_profile
from swarmctl.core.session import Session
from swarmctl.core.task import Task
from swarmctl.flow.gate.judge import prove
from swarmctl.flow.gate.run import gate_env, log_name, run_gates
from swarmctl.flow.gate.select import applicable, gate_set_digest, promised, skipped_words, touches_protected
from swarmctl.flow.merge.build import build, pin_and_seal, queue_ref
from swarmctl.flow.merge.land import lost
from swarmctl.flow.merge.message import evidence
from swarmctl.flow.session.surroundings import base_env, hook_facts

LOCKFILES = frozenset((
    "uv.lock", "poetry.lock", "requirements.txt", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "Cargo.lock",
    "go.sum", "Gemfile.lock",
))  # fmt: skip


@dataclass(slots=True)
class Warmth:
    """For which commit and settings each integration worktree is provisioned; a restart provisions them again."""

    made: dict[str, tuple[str, WorktreeSettings]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merging:
    """One entry on its way through the gates."""

    session: Session
    task: Task
    facts: Facts
    desk: Desk
    environ: Mapping[str, str]
    still_wanted: Callable[[], bool]
    warmth: Warmth

    @property
    def bench(self) -> str:
        return self.desk.places.integration(self.session.target)

    @property
    def told(self) -> dict[str, str]:
        return base_env(self.session, self.task, self.desk.settings().worktree.ports)

    @property
    def env(self) -> dict[str, str]:
        """The caller's and ours; each gate and each fix sees a part of it."""
        return {**self.environ, **self.told}

    @property
    def log_dir(self) -> str:
        return f"{self.desk.places.logs(self.session.id)}/gates"


def integrate(merging: Merging) -> Iterator[Event]:
    session, desk = merging.session, merging.desk
    tip = desk.integration.tip(session.target).commit
    settings = desk.settings_at(tip)
    staged: Staged | None = None
    for event in build(session, merging.task, desk, tip, settings.merge.strategy):
        staged = event.staged if isinstance(event, MergeStaged) else None
        yield event
    if staged is None:
        return
    attempt = Attempt(merging, settings, gates_of(settings, merging.task), staged, queue_ref(session))
    blocked = attempt.needs_approval()
    if blocked:
        yield SessionKept(session.id, Outcome.BLOCKED, blocked)
        return
    yield from attempt.gate()
    if merging.still_wanted():
        yield from attempt.repair()
        yield attempt.conclusion()


def gates_of(settings: Settings, task: Task) -> tuple[GateSpec, ...]:
    own = (GateSpec(name="task check", run=task.check),) if task.check else ()
    return settings.gates_at("merge") + own


@dataclass(slots=True)
class Attempt:
    """The gates of one staged merge; a fix makes a new tree, for which every gate starts anew."""

    merging: Merging
    settings: Settings
    specs: tuple[GateSpec, ...]
    staged: Staged
    ref: str
    """Pins what is staged."""
    results: list[GateResult] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)
    overreach: str = ""
    """Why a person must look at what a fix did; a fix runs the branch's own code."""
    unusable: str = ""
    """Why the gates' worktree could not be set up when that was last tried."""

    def needs_approval(self) -> str:
        """Why a person must look first: the branch changes what its own gates rely on."""
        touched = self._protected(self.changed())
        if not touched or self.staged.head in self.merging.facts.approvals:
            return ""
        names, name = in_short(touched), self.merging.session.id
        return f"changes {names}, which its gates rely on; look at it, then swarmctl approve {name} and merge it"

    def _protected(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        base, read = self.staged.base, self.merging.desk.integration.read
        return touches_protected(paths, self.specs, lambda path: read(base, path) is not None)

    def changed(self) -> tuple[str, ...]:
        return self.merging.desk.integration.changed(self.staged.base, self.staged.commit)

    def gate(self) -> Iterator[Event]:
        """Every gate on a clean checkout of the staged tree, up to the first that is not green."""
        if words := skipped_words(self.specs, self.changed()):
            yield Noticed(self.merging.session.id, words)
        while True:
            self.results.clear()
            yield from self._hooks()
            red = yield from self._until_red()
            if red is None or not red.autofix or red.name in self.fixed:
                return
            self.fixed.add(red.name)
            better = self._autofix(red)
            if better.tree == self.staged.tree:
                yield Noticed(self.merging.session.id, f"autofix of {red.name} changed nothing")
                return
            touched = self._protected(self.merging.desk.integration.changed(self.staged.commit, better.commit))
            if touched:
                self.overreach = (
                    f"autofix of {red.name} changed {in_short(touched)}, which its gates rely on; do that on its branch"
                )
                return
            self.staged = better
            yield Noticed(self.merging.session.id, f"autofix of {red.name} mended it, as a commit of its own")
            yield MergeStaged(self.merging.session.id, better)

    def _until_red(self) -> Generator[Event, None, GateSpec | None]:
        for spec in applicable(self.specs, self.changed()):
            if self.results and self.results[-1].verdict is not Verdict.PASS:
                return None
            if not (yield from self._run(spec)):
                return None
            if self.results[-1].verdict is not Verdict.PASS:
                return spec
            if not self.merging.still_wanted():
                return None
        return None

    def the_rest(self) -> Iterator[Event]:
        """The gates that a red one before them kept from running."""
        ran = {result.gate for result in self.results}
        for spec in applicable(self.specs, self.changed()):
            if self.unusable or not self.merging.still_wanted():
                return
            if spec.name not in ran:
                yield from self._run(spec)

    def _run(self, spec: GateSpec) -> Generator[Event, None, bool]:
        """One gate on a clean checkout; False when there is none that it could run in."""
        words = self._clean_checkout()
        if words:
            result = GateResult(spec.name, self.staged.tree, Verdict.ERROR, words)
            self.results.append(result)
            yield GateFinished(self.merging.session.id, result)
            return False
        yield GateBegun(self.merging.session.id, spec.name)
        for result in run_gates(
            self.merging.desk.runner,
            (spec,),
            tree=self.staged.tree,
            worktree=self.merging.bench,
            env=self.merging.env,
            log_dir=self.merging.log_dir,
        ):
            self.results.append(result)
            yield GateFinished(self.merging.session.id, result)
        return True

    def _clean_checkout(self) -> str:
        """The bench holds exactly the staged tree and is provisioned for its lockfiles; otherwise why not."""
        self.unusable = self._make_ready()
        return self.unusable

    def _make_ready(self) -> str:
        desk, bench = self.merging.desk, self.merging.bench
        made = desk.integration.check_out(bench, self.staged.commit)
        if not made and self._is_provisioned():
            return ""
        log = f"{self.merging.log_dir}/setup.log"
        done = desk.provisioner.provision(bench, self.settings.worktree, self.merging.told, log)
        if not done.ok:
            return f"the gates' worktree could not be set up: {done.words}"
        desk.integration.exclude(bench, done.made)
        if desk.integration.check_out(bench, self.staged.commit):
            return "the setup left no worktree that gates can run in"
        self.merging.warmth.made[bench] = (self.staged.commit, self.settings.worktree)
        return ""

    def _is_provisioned(self) -> bool:
        """With these settings, and for a commit with the same lockfiles, as far as git still has that commit."""
        commit, settings = self.merging.warmth.made.get(self.merging.bench, ("", None))
        if not commit or settings != self.settings.worktree:
            return False
        try:
            return LOCKFILES.isdisjoint(self.merging.desk.integration.changed(commit, self.staged.commit))
        except EnvironmentFault:
            return False

    def _autofix(self, spec: GateSpec) -> Staged:
        desk, bench = self.merging.desk, self.merging.bench
        desk.integration.check_out(bench, self.staged.commit)
        log = f"{self.merging.log_dir}/{log_name(spec.name)}-autofix.log"
        env = gate_env(spec, self.merging.env)
        desk.runner.run(spec.autofix or (), cwd=bench, env=env, timeout_s=spec.timeout_s, log=log)
        message = f"Fix what {spec.name} found\n\nMade by the gate's autofix on the merged tree.\n"
        better = desk.integration.commit_fix(bench, self.staged, message)
        desk.integration.pin(self.ref, better.commit)
        return better

    def _hooks(self) -> Iterator[Event]:
        """`pre_merge` hooks are rows of the proof: one that fails is a gate that is red."""
        session, desk = self.merging.session, self.merging.desk
        if not desk.hooks.any_for("pre_merge"):
            return
        words = self._clean_checkout()
        if words:
            result = GateResult("hook pre_merge", self.staged.tree, Verdict.ERROR, words)
            self.results.append(result)
            yield GateFinished(session.id, result)
            return
        for ran in desk.hooks.fire("pre_merge", hook_facts(session, self.merging.task), self.merging.bench):
            verdict = Verdict.PASS if ran.ok else Verdict.FAIL
            words = ran.words or ("passed" if ran.ok else "vetoed")
            result = GateResult(f"hook {ran.name}", self.staged.tree, verdict, words, rc=ran.rc)
            self.results.append(result)
            yield GateFinished(session.id, result)
            if not ran.ok:
                yield HookRan(session.id, ran.hook, ran.name, ran.rc, ran.words)

    def repair(self) -> Iterator[Event]:
        """A red gate goes back to the agent whose work it is, as long as that can go on and may."""
        session, desk = self.merging.session, self.merging.desk
        red = next((result for result in self.results if result.verdict is Verdict.FAIL), None)
        spec = next((spec for spec in self.specs if red is not None and spec.name == red.gate), None)
        if red is None or spec is None or self.overreach or not self._can_repair():
            return
        command = spec.run if isinstance(spec.run, str) else " ".join(spec.run)
        output = desk.tail(session.id, red.log) or red.words
        fields = {"gate": red.gate, "verdict": red.words, "command": command, "output": output}
        yield MessageQueued(session.id, desk.prompt("repair", fields), repair=True)

    def _can_repair(self) -> bool:
        session, desk = self.merging.session, self.merging.desk
        if not session.talk.conversation or session.talk.repairs >= desk.settings().agent.repair_rounds:
            return False
        profile = known_profile(desk.agents, session.agent)
        return profile is not None and bool(profile.resumable)

    def names(self) -> tuple[str, ...]:
        """What has to be green."""
        hooks = tuple(result.gate for result in self.results if result.gate.startswith("hook "))
        return hooks + promised(self.specs, self.changed())

    def conclusion(self) -> Event:
        session, desk = self.merging.session, self.merging.desk
        if self.overreach:
            return SessionKept(session.id, Outcome.BLOCKED, self.overreach)
        results = tuple(self.results)
        proven = prove(self.staged, self.names(), gate_set_digest(self.specs), results)
        if isinstance(proven, str):
            return SessionKept(session.id, Outcome.REFUSED, proven)
        found = desk.integration.tip(session.target).commit
        if found != self.staged.base:
            return lost(session, found)
        sealed = pin_and_seal(session, self.staged, evidence(results, self.staged.tree), desk)
        return LandIntended(session.id, replace(proven, commit=sealed.commit), session.target, sealed.base)
