"""Commands about the council itself: why, stats, rules test, bench."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from swarmctl.app import asking, council_bench, council_rules
from swarmctl.core.outcome import ExitCode
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.work import JSON
from swarmctl.surfaces.words.plain import age, one_line

council_app = typer.Typer(help="Look into the council: why it said something, how it does, what its rules say.")
rules_app = typer.Typer(help="The router's rules.")
council_app.add_typer(rules_app, name="rules")
app = typer.Typer()
app.add_typer(council_app, name="council")

WORST = 20
"""Questions that went wrong and are shown."""


@council_app.command()
def why(name: Annotated[str, typer.Argument(metavar="ID")], as_json: JSON = False) -> None:
    """Show how a question was answered, and answer it again: same rules, same clock, and the tools as they are now.

    Says when the repository or the tools have changed since. Ends with 1 when the replay says something else.
    """
    replay = asking.look_back(name, asking.place_here())
    if as_json:
        out.data({"kind": "council-why", **_plain(replay)})
    else:
        _tell(replay)
    if replay.again is not None and not replay.same:
        raise typer.Exit(ExitCode.REFUSED)


def _plain(replay: asking.Replay) -> dict[str, Any]:
    row = {"class" if key == "kind" else key: value for key, value in replay.row.items() if key != "whole"}
    again = replay.again.reply if replay.again else None
    said = None if again is None else {"status": again.status.value, "answer": again.answer, "proof": again.proof}
    return {**row, "replayed": said, "same": replay.same if said else None, "changed": list(replay.changed)}


def _tell(replay: asking.Replay) -> None:
    row = replay.row
    out.text(f"{row['id']}, {age(time.time() - row['at'])} ago: {out.visible(row['question'])}")
    if row["read_as"] != row["question"]:
        out.text(f"read as: {out.visible(row['read_as'])}")
    for question, answer in row["before"]:
        out.text(f"after: {one_line(question)} → {one_line(answer)}")
    out.text(f"class {row['kind']}, risk {row['risk']}, tiers {', '.join(row['tiers'])}")
    for reason in row["reasons"]:
        out.text(f"  {one_line(reason)}")
    for tier, who, verdict, words, took, _ in row["steps"]:
        out.text(f"{tier:<6} {one_line(f'{who}: {verdict}, {words}')} ({took / 1000:.1f} ms)")
    said = f"confidence {row['confidence']:g}, ${row['cost_micro'] / 1e6:g}, {row['latency_us'] / 1000:.1f} ms"
    out.text(f"{row['status']}, {said}" + (f": {out.visible(row['answer'])}" if row["answer"] else ""))
    if row["proof"]:
        out.text(f"  {one_line(row['proof'])}")
    for line in replay.changed:
        out.text(f"since then {one_line(line)}")
    if replay.again is None:
        out.text("not replayed: the question was not kept whole, because it holds a secret or is long")
    elif replay.same:
        out.text("replayed: the same")
    else:
        reply = replay.again.reply
        out.text(f"replayed: not the same: {reply.status.value} {out.visible(reply.answer)}".rstrip())
        out.text(f"  {one_line(reply.proof)}")


@council_app.command()
def stats(as_json: JSON = False) -> None:
    """Show what was asked here: by class how many were answered, not known or failed, and how long it took."""
    found = asking.recorded(asking.place_here())
    classes: dict[str, list[Any]] = {}
    for row in found:
        classes.setdefault(row[1], []).append(row)
    if as_json:
        tables = {kind: _figures(rows) for kind, rows in sorted(classes.items())}
        out.data({"kind": "council-stats", "asked": len(found), "classes": tables, "tools": _tools(found)})
        return
    if not found:
        out.text('nothing was asked here yet; swarmctl ask "QUESTION"')
        return
    out.text(f"{len(found)} questions since {age(time.time() - found[0][0])} ago")
    head = ("CLASS", "ASKED", "ANSWERED", "ABSTAINED", "ERROR", "P50", "P95", "P99", "COST")
    lines = [head]
    for kind, rows in sorted(classes.items()):
        f = _figures(rows)
        times = [f"{f[name]:.1f} ms" for name in ("p50_ms", "p95_ms", "p99_ms")]
        counts = [str(f[name]) for name in ("asked", "answered", "abstained", "error")]
        lines.append((kind, *counts, *times, f"${f['cost_usd']:g}"))  # type: ignore[arg-type]
    _table(lines)
    for name, count in _tools(found).items():
        out.text(f"  {one_line(name)}: {count} answers")


def _figures(rows: Sequence[Any]) -> dict[str, Any]:
    count = {status: sum(row[2] == status for row in rows) for status in ("answered", "abstained", "error")}
    times = [row[4] / 1000 for row in rows]
    return {"asked": len(rows), **count, **_percentiles(times), "cost_usd": sum(row[5] for row in rows) / 1e6}


def _tools(rows: Sequence[Any]) -> dict[str, int]:
    """By tool, how often it answered."""
    found: dict[str, int] = {}
    for row in rows:
        if row[2] == "answered":
            for who in {step[1] for step in asking.steps_of(row) if step[2] == "answered"}:
                found[who] = found.get(who, 0) + 1
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    """Of milliseconds."""
    ordered = sorted(times)
    ranks = {f"p{each}_ms": math.ceil(len(ordered) * each / 100) - 1 for each in (50, 95, 99)}
    return {name: round(ordered[max(0, rank)], 3) if ordered else 0.0 for name, rank in ranks.items()}


def _table(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        rest = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        out.text("  ".join([line[0].ljust(widths[0]), *rest]).rstrip())


@rules_app.command("test")
def rules_test(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="Default: your own rules, before ours.")] = "",
    as_json: JSON = False,
) -> None:
    """Route the examples of the rules, and say which go elsewhere than they should; ends with 1 when one does."""
    names, results = council_rules.examined(file, asking.place_here())
    wrong = [each for each in results if not each.right]
    if as_json:
        plain = [{"text": each.text, "wanted": each.wanted, "got": each.got, "right": each.right} for each in results]
        out.data({"kind": "council-rules", "files": names, "examples": plain})
    else:
        for each in wrong:
            out.text(f"{one_line(each.text[:100])}: {each.got}, should be {each.wanted} ({one_line(each.reasons)})")
        out.text(
            f"{len(results) - len(wrong)} of {len(results)} examples go where they should: {one_line(', '.join(names))}"
        )
    if wrong:
        raise typer.Exit(ExitCode.REFUSED)


@council_app.command()
def bench(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]…", help="QUESTION, tab, ANSWER in each line; `-` is silence."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Put questions with known answers to the exact tools: right, wrong accepted, abstained, error, and the times.

    Without FILE the questions are those that the tools declare of themselves. Ends with 1 when a wrong answer came.
    """
    cases = [case for file in files or () for case in council_bench.cases_of(Path(file))]
    scores = council_bench.measure(cases if files else council_bench.own_cases())
    if as_json:
        plain = {name: {**_counts(score), **_times(score), "bad": score.bad} for name, score in scores.items()}
        out.data({"kind": "council-bench", "cost_usd": 0.0, "classes": plain})
    else:
        _tell_scores(scores)
    if any(score.wrong for score in scores.values()):
        raise typer.Exit(ExitCode.REFUSED)


def _counts(score: council_bench.Score) -> dict[str, int]:
    return {"right": score.right, "wrong": score.wrong, "abstained": score.abstained, "error": score.error}


def _times(score: council_bench.Score) -> dict[str, float]:
    return _percentiles([each * 1000 for each in score.seconds])


def _tell_scores(scores: dict[str, council_bench.Score]) -> None:
    total = council_bench.Score()
    for score in scores.values():
        total.right, total.wrong = total.right + score.right, total.wrong + score.wrong
        total.abstained, total.error = total.abstained + score.abstained, total.error + score.error
        total.seconds += score.seconds
    lines: list[Sequence[str]] = [("CLASS", "N", "RIGHT", "WRONG", "ABSTAINED", "ERROR", "P50", "P95", "P99")]
    for name, score in [*scores.items(), ("all", total)]:
        times = [f"{each:.2f} ms" for each in _times(score).values()]
        lines.append((name, str(score.count), *map(str, _counts(score).values()), *times))
    _table(lines)
    bad = [(name, *each) for name, score in scores.items() for each in score.bad]
    for name, question, said in bad[:WORST]:
        out.text(f"{name}: {one_line(question[:120])} → {one_line(said[:120])}")
    if len(bad) > WORST:
        out.text(f"and {len(bad) - WORST} more: --json")
