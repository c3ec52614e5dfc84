"""What people type to ask: the answer is data, who gave it is narration, and what is not known is said so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

BIN = Path(sys.executable).parent / "swarmctl"


class Said(NamedTuple):
    rc: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


class Person:
    """Somebody with an own home, in a folder or a repository."""

    def __init__(self, home: Path, cwd: Path) -> None:
        self.home, self.cwd = home, cwd
        self.env = {
            **os.environ,
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "TZ": "Europe/Berlin",
        }

    def types(self, *words: str, stdin: str | None = None) -> Said:
        done = subprocess.run(
            [BIN, *words],
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL if stdin is None else None,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Outside of any repository."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return Person(tmp_path / "home", tmp_path / "work")


@pytest.fixture
def owner(tmp_path: Path, repo: Path) -> Person:
    """In a repository."""
    (tmp_path / "home").mkdir()
    return Person(tmp_path / "home", repo)


def follows(schema: str, told: dict[str, Any]) -> bool:
    text = (Path(__file__).parents[2] / "docs" / "schemas" / f"{schema}.json").read_text()
    return jsonschema.Draft202012Validator(json.loads(text)).is_valid(told)


def test_what_scripts_read_follows_its_schema(person: Person) -> None:
    assert person.types("ask", "what is 2+2?").rc == 0
    known, unknown = person.types("ask", "2+2", "--json").json, person.types("ask", "a bird", "--json").json
    assert follows("ask", known) and follows("ask", unknown)
    assert follows("route", person.types("route", "2+2", "--json").json)
    assert follows("council-why", person.types("council", "why", known["id"], "--json").json)
    assert follows("council-stats", person.types("council", "stats", "--json").json)
    assert follows("council-rules", person.types("council", "rules", "test", "--json").json)
    (person.cwd / "q.tsv").write_text("2+2\t4\n")
    assert follows("council-bench", person.types("council", "bench", "q.tsv", "--json").json)


KEYS = ["v", "status", "answer", "tier", "confidence", "proof", "cost_usd", "latency_ms", "id"]


def test_an_exact_answer_is_alone_on_stdout_and_its_proof_on_stderr(person: Person) -> None:
    said = person.types("ask", "what is 2+2?")
    assert (said.rc, said.out) == (0, "4\n")
    assert "exact · arithmetic · confidence 1 · $0" in said.err
    assert "2+2 = 4" in said.err


def test_its_json_has_these_keys_and_no_other(person: Person) -> None:
    said = person.types("ask", "what is 2+2?", "--json")
    assert list(said.json) == KEYS
    told = {key: said.json[key] for key in KEYS[:7]}
    assert told == {
        "v": 1, "status": "answered", "answer": "4", "tier": "exact", "confidence": 1.0, "proof": "2+2 = 4",
        "cost_usd": 0.0,
    }  # fmt: skip
    unknown = person.types("ask", "--json", "who is the best?")
    assert unknown.rc == 1
    assert list(unknown.json) == KEYS
    assert [unknown.json[key] for key in ("status", "answer", "tier", "confidence")] == ["abstained", "", None, 0.0]


def test_what_is_not_known_is_said_with_what_was_tried_and_what_to_type(person: Person) -> None:
    said = person.types("ask", 'make "it" cost $5')
    assert (said.rc, said.out) == (1, "")
    assert said.err.startswith("I don't know\nno exact tool understands every word of it")
    assert 'hint: swarmctl run "make \\"it\\" cost \\$5"' in said.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["ask", "what", "is", "2+2"], 'swarmctl ask "what is 2+2"'),
        (["ask"], 'swarmctl ask "QUESTION"'),
        (["ask", " "], 'swarmctl ask "QUESTION"'),
        (["ask", "2+2", "--tier", "memo"], "--tier rules or exact"),
        (["ask", "-c", "and 3"], 'swarmctl ask "QUESTION"'),
        (["ask", "-f", "nosuch"], "swarmctl ask -f FILE"),
        (["ask", "2+2", "--nosuch"], "swarmctl ask --help"),
        (["ask", "2+2", "-f"], "swarmctl --help"),
        (["council", "why", "nosuch"], "the id is in"),
        (["council", "rules", "test", "nosuch"], "swarmctl council rules test FILE"),
        (["council", "bench", "nosuch"], "swarmctl council bench FILE"),
    ],
)
def test_what_cannot_be_is_a_usage_error_with_a_hint(person: Person, words: list[str], hint: str) -> None:
    said = person.types(*words)
    assert said.rc == 2
    assert f"hint: {hint}" in said.err


@pytest.mark.parametrize(
    ("words", "stdin"),
    [(["ask"], "2+2\n"), (["ask", "-"], "2+2"), (["ask", "-f", "-"], "2+2"), (["ask", "--", "2+2"], None)],
)
def test_a_question_may_come_from_elsewhere(person: Person, words: list[str], stdin: str | None) -> None:
    assert person.types(*words, stdin=stdin).out == "4\n"


def test_a_file_holds_a_question(person: Person) -> None:
    (person.cwd / "question").write_text("what is 2+2?\n")
    assert person.types("ask", "-f", "question").out == "4\n"
    (person.cwd / "raw").write_bytes(b"\xff\xfe")
    assert person.types("ask", "-f", "raw").rc == 2


def test_a_question_that_begins_with_a_minus_is_no_option(person: Person) -> None:
    assert person.types("ask", "-2^2").out == "-4\n"
    assert person.types("ask", "-(1+2)").out == "-3\n"


def test_a_follow_up_is_answered_from_what_was_asked_before(person: Person) -> None:
    assert person.types("ask", "What's 2+2?").out == "4\n"
    assert person.types("ask", "-c", "now write that in Python").out == "print(2 + 2)\n"
    person.types("ask", "What's 2+2?")
    assert person.types("ask", "-c", "times 3").out == "12\n"
    assert person.types("ask", "--continue", "plus 1").out == "13\n"


def test_each_tier_explains_itself(person: Person) -> None:
    said = person.types("ask", "--explain", "what is 2+2?")
    assert "rules  rules: passed, class exact" in said.err
    assert "exact  arithmetic: answered, 4" in said.err
    limited = person.types("ask", "--tier", "rules", "--explain", "what is 2+2?")
    assert limited.rc == 1
    assert "no further than rules" in limited.err


def test_the_route_is_shown_without_an_answer(person: Person) -> None:
    said = person.types("route", "Delete all customers in production", "--json")
    assert said.rc == 0
    assert {key: said.json[key] for key in ("class", "risk", "tier")} == {
        "class": "repository", "risk": "high", "tier": "agent",
    }  # fmt: skip
    assert said.json["reasons"][1].startswith("risk high: ")
    assert person.types("route", "what is 2+2?").out.startswith("exact, risk low: rules → exact")


def test_own_rules_and_those_of_a_repository_hold(owner: Person) -> None:
    (owner.home / "config" / "swarmctl").mkdir(parents=True)
    own = owner.home / "config" / "swarmctl" / "rules.toml"
    own.write_text('[[class]]\nname = "birds"\nkind = "plan"\nwords = ["bird"]\n')
    (owner.cwd / ".swarm").mkdir()
    (owner.cwd / ".swarm" / "rules.toml").write_text('[[risk]]\nlevel = "medium"\nwords = ["blue"]\n')
    told = owner.types("route", "--json", "a blue bird").json
    assert (told["class"], told["risk"]) == ("plan", "medium")
    own.write_text("[[clas]]\n")
    broken = owner.types("route", "a blue bird")
    assert broken.rc == 2
    assert "no key `clas`" in broken.err


def test_rules_are_tested_by_their_examples(person: Person) -> None:
    assert person.types("council", "rules", "test").rc == 0
    rules = person.cwd / "rules.toml"
    rules.write_text('[[example]]\ntext = "a blue bird"\nkind = "plan"\n')
    said = person.types("council", "rules", "test", "rules.toml")
    assert said.rc == 1
    assert "a blue bird: other, low, should be plan, low" in said.out


def test_why_answers_the_question_again_with_its_clock(person: Person) -> None:
    name = person.types("ask", "--json", "what is 2+2?").json["id"]
    said = person.types("council", "why", name)
    assert said.rc == 0
    assert said.out.endswith("replayed: the same\n")
    told = person.types("council", "why", name, "--json").json
    assert (told["same"], told["replayed"]["answer"]) == (True, "4")


def test_why_replays_with_the_rules_of_then_and_says_that_the_repository_moved(owner: Person) -> None:
    name = owner.types("ask", "--json", "what is 2+2?").json["id"]
    (owner.home / "config" / "swarmctl").mkdir(parents=True)
    (owner.home / "config" / "swarmctl" / "rules.toml").write_text('[[class]]\nkind = "plan"\nhas = ["number"]\n')
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    subprocess.run(git, cwd=owner.cwd, check=True)
    told = owner.types("council", "why", name, "--json").json
    assert (told["same"], told["class"]) == (True, "exact")
    assert told["changed"][0].startswith("the repository moved from ")


def test_a_secret_is_not_kept_and_so_not_replayed(person: Person) -> None:
    token = "ghp_" + "a1B2" * 9
    name = person.types("ask", "--json", f"is {token} prime?").json["id"]
    said = person.types("council", "why", name)
    assert token not in said.out
    assert "not replayed" in said.out
    record = person.home / "state" / "swarmctl" / "council.db"
    assert all(token.encode() not in path.read_bytes() for path in record.parent.glob("council.db*"))


def test_stats_count_what_was_asked_here(person: Person) -> None:
    assert "nothing was asked here yet" in person.types("council", "stats").out
    for question in ("2+2", "what is 3+3?", "a blue bird"):
        person.types("ask", question)
    told = person.types("council", "stats", "--json").json
    assert told["asked"] == 3
    assert {kind: (each["answered"], each["abstained"]) for kind, each in told["classes"].items()} == {
        "exact": (2, 0), "other": (0, 1),
    }  # fmt: skip
    assert told["tools"] == {"arithmetic": 2}
    assert "3 questions since" in person.types("council", "stats").out


def test_a_repository_has_a_record_of_its_own(owner: Person, tmp_path: Path) -> None:
    owner.types("ask", "2+2")
    assert len(list((owner.home / "state" / "swarmctl").glob("*/council.db"))) == 1
    elsewhere = Person(owner.home, tmp_path)
    assert elsewhere.types("council", "stats", "--json").json["asked"] == 0


def test_an_answer_that_cannot_be_recorded_is_given_all_the_same(person: Person) -> None:
    (person.home / "state").write_text("no folder")
    said = person.types("ask", "--json", "2+2")
    assert (said.rc, said.json["answer"], said.json["id"]) == (0, "4", "")
    assert said.err.startswith("not recorded: ")


def test_bench_tells_four_numbers_for_each_class(person: Person) -> None:
    (person.cwd / "q.tsv").write_text("# mine\n# class: sums\n2+2\t4\n2+3\t6\na blue bird\tyes\n")
    (person.cwd / "traps.tsv").write_text("# class: sums\n2+2 apples that are not mine\t-\n1+1\t2\n")
    said = person.types("council", "bench", "q.tsv", "traps.tsv", "--json")
    assert said.rc == 1
    told = said.json["classes"]
    numbers = ("right", "wrong", "abstained", "error")
    assert [told["q, sums"][each] for each in numbers] == [1, 1, 1, 0]
    assert [told["traps, sums"][each] for each in numbers] == [1, 0, 1, 0]
    assert told["q, sums"]["bad"] == [["2+3", "5"], ["a blue bird", "abstained"]]


def test_rules_that_cannot_be_read_are_named(person: Person) -> None:
    folder = person.home / "config" / "swarmctl" / "rules.toml"
    folder.parent.mkdir(parents=True)
    folder.symlink_to(folder.name)
    assert person.types("route", "a blue bird").rc == 0
    folder.unlink()
    folder.write_bytes(b"\xff")
    said = person.types("route", "a blue bird")
    assert said.rc == 2
    assert "rules.toml is not UTF-8 text" in said.err


def test_a_folder_that_is_gone_is_no_repository(person: Person) -> None:
    lost = person.cwd / "lost"
    code = f"cd {lost} && rmdir {lost} && exec {BIN} ask 2+2"
    lost.mkdir()
    done = subprocess.run(["sh", "-c", code], env=person.env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "4\n")
