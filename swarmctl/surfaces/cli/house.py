"""Commands about the repository: init, doctor, gate, hooks, gc, demo."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from swarmctl.app import demo as demo_app, doctor as doctor_app, githooks, localgate, setup
from swarmctl.app.collect import collect
from swarmctl.app.here import here, here_to_read
from swarmctl.core.errors import UsageFault
from swarmctl.core.outcome import ExitCode
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.gateclock import gate_clock
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.cli.work import run
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()
hooks_app = typer.Typer(help="Put the commit and push gates into your own checkout; or take them out again.")
app.add_typer(hooks_app, name="hooks")

JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def init(
    commit: Annotated[bool, typer.Option("--commit", help="Commit swarm.toml, and nothing else.")] = False,
    as_json: JSON = False,
) -> None:
    """Write a swarm.toml with the gates that this repository seems to have; shows it first when one exists."""
    place = here()
    path, words, written = setup.propose(place, commit=commit)
    if as_json:
        out.data({"kind": "init", "path": str(path), "written": written, "text": words})
        return
    out.text(words)
    out.say(f"wrote {path}" if written else f"{path} exists and stays as it is; above is what would be proposed")
    if written and not commit:
        out.say("gates count from the commit that holds them: commit it, or swarmctl init --commit next time")


@app.command()
def doctor(as_json: JSON = False) -> None:
    """Say what works here, what is missing, and which settings hold."""
    checks = doctor_app.examine(Path.cwd())
    if as_json:
        out.data({"kind": "doctor", "checks": [_plain(check) for check in checks]})
    else:
        for check in checks:
            mark = {True: "ok ", False: "BAD", None: "-  "}[check.ok]
            out.hanging(f"{mark} {check.name:<12} ", one_line(check.words))
            if check.hint:
                out.hanging("    hint: ", one_line(check.hint))
    if any(check.ok is False for check in checks):
        raise typer.Exit(ExitCode.ENVIRONMENT)


def _plain(check: doctor_app.Check) -> dict[str, object]:
    more = {} if check.agent is None else {"agent": dict(check.agent)}
    return {"name": check.name, "ok": check.ok, "words": check.words, "hint": check.hint, **more}


@app.command()
def gate(
    stage: Annotated[str, typer.Option(metavar="STAGE", help="`commit` or `merge`.")] = "commit", as_json: JSON = False
) -> None:
    """Run the gates of a stage here and now, on what the worktree holds. Proves nothing: landings run their own."""
    if stage not in ("commit", "merge"):
        raise UsageFault(f"no stage `{stage}`", hint="--stage commit or --stage merge")
    results = []
    with gate_clock(as_json) as begins:
        for result in localgate.run(Path.cwd(), "commit" if stage == "commit" else "merge", begins):
            results.append(result)
            if not as_json:
                words = f"{result.verdict.value}, {result.words} ({result.duration_s:.1f} s)"
                out.say(one_line(f"gate {result.gate}: {words}"))
    if as_json:
        plain = [
            {"name": r.gate, "verdict": r.verdict.value, "words": r.words, "rc": r.rc, "tests": r.tests}
            for r in results
        ]
        out.data({"kind": "gate", "stage": stage, "gates": plain})
    elif not results:
        out.say(f"no gates at stage {stage}")
    if any(result.verdict.value != "pass" for result in results):
        raise typer.Exit(ExitCode.REFUSED)


@hooks_app.command("install")
def hooks_install(as_json: JSON = False) -> None:
    """Run the commit gates before your own commits and pushes; hooks that you have stay and run first."""
    made = githooks.install(here())
    out.data({"kind": "hooks", "installed": made}) if as_json else out.text(
        one_line("installed " + (", ".join(made) or "nothing; they are there already"))
    )


@hooks_app.command("uninstall")
def hooks_uninstall(as_json: JSON = False) -> None:
    """Take out what `hooks install` put in, and put back what was there."""
    gone = githooks.uninstall(here())
    out.data({"kind": "hooks", "removed": gone}) if as_json else out.text(
        one_line("removed " + (", ".join(gone) or "nothing"))
    )


@app.command()
def gc(as_json: JSON = False) -> None:
    """Delete old or too large trash, and say what the disk holds; [trash] days and max_gb decide."""
    answer = collect(here(), complain, time.time())
    if as_json:
        out.data({"kind": "gc", **answer})
        return
    for name, size in answer["disk"].items():
        out.text(f"{name:<12} {size / 1e6:10.1f} MB")
    out.text(f"deleted {len(answer['deleted'])} trashed worktrees; their checkpoints stay")


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the throwaway repository for a look.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="NDJSON on stdout, as `run --json` has it.")] = False,
) -> None:
    """See it work in a throwaway repository: one task lands, one is mended by its gate, one conflicts and is kept.

    Real git, real worktrees, real processes; no key, no model, no network.
    """
    with demo_app.stage(keep=keep) as (repository, plan):
        out.say(f"a throwaway repository in {repository}, three tasks at once, two gates: style and tests\n")
        try:
            run(plan=plan, as_json=as_json)
        except typer.Exit:
            pass
        place = here_to_read()
        with place.board() as board:
            outcomes = {task.title: task.outcome for task in board.facts.tasks.values()}
        if not as_json:
            out.text("\nwhat is on main now:")
            out.text(place.recent_commits())
        place.client(complain).down()
        if keep:
            out.say(f"kept: cd {repository}; export XDG_STATE_HOME={place.paths.root.parents[1]}; swarmctl ps")
    if outcomes != demo_app.EXPECTED:
        out.say("the demo did not go as it should; swarmctl doctor")
        raise typer.Exit(ExitCode.REFUSED)
