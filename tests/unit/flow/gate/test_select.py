"""Which gates a change meets, what their set is called, and which files a branch may not change by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.core.config import Command, GateSpec
from swarmctl.flow.gate.select import applicable, gate_set_digest, matches, promised, skipped_words, touches_protected

TESTS = GateSpec(name="tests", run="pytest -q")
WEB = GateSpec(name="web", run="npm test", when=("web/**", "*.ts"))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a.py", True),
        ("*.py", "deep/down/a.py", True),
        ("*.py", "a.pyc", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/deep/a.py", False),
        ("src/**/*.py", "src/a.py", True),
        ("src/**/*.py", "src/deep/down/a.py", True),
        ("src/**", "src/a/b", True),
        ("src", "src/a/b", True),
        ("src/", "src/a/b", True),
        ("src", "lib/src/a", True),
        ("/src", "lib/src/a", False),
        ("./src/a.py", "src/a.py", True),
        ("src", "srcs/a", False),
        ("**/test_*.py", "test_a.py", True),
        ("**", "anything/at all", True),
        ("a?.txt", "ab.txt", True),
        ("a?.txt", "a/.txt", False),
        ("[ab].txt", "b.txt", True),
        ("[!ab].txt", "b.txt", False),
        ("[!ab].txt", "c.txt", True),
        ("a[.txt", "a[.txt", True),
        ("a.b", "aXb", False),
        ("a+(b).txt", "a+(b).txt", True),
        ("*.py", "new\nline.py", True),
    ],
)
def test_patterns_match_as_people_mean_them(pattern: str, path: str, expected: bool) -> None:
    assert matches((pattern,), path) is expected


def test_a_gate_without_when_always_applies_and_one_with_it_when_a_path_matches() -> None:
    specs = (TESTS, WEB)
    assert promised(specs, ("README.md",)) == ("tests",)
    assert promised(specs, ("README.md", "web/app/index.html")) == ("tests", "web")
    assert applicable(specs, ()) == (TESTS,)


def test_a_gate_that_is_left_out_is_said_to_be() -> None:
    assert skipped_words((TESTS, WEB), ("README.md",)) == "web not run: nothing matches web/**, *.ts"
    assert skipped_words((TESTS, WEB), ("a.ts",)) == ""


def test_the_digest_of_a_gate_set_changes_with_every_field() -> None:
    digest = gate_set_digest((TESTS, WEB))
    assert digest == gate_set_digest((replace(TESTS), replace(WEB)))
    others = [
        replace(TESTS, run="true"),
        replace(TESTS, run=("pytest", "-q")),
        replace(TESTS, timeout_s=1.0),
        replace(TESTS, min_tests=1),
        replace(TESTS, when=("x",)),
        replace(TESTS, protects=("x",)),
        replace(TESTS, env=("CI",)),
    ]
    digests = {gate_set_digest((other, WEB)) for other in others} | {gate_set_digest((WEB,)), gate_set_digest(())}
    assert len(digests) == len(others) + 2
    assert digest not in digests


TARGET = {"scripts/check", "web/check.sh", "tests/test_a.py", "conf.toml", "README.md", "a b.sh"}


@pytest.mark.parametrize(
    ("run", "path"),
    [
        ("scripts/check", "scripts/check"),
        ("./scripts/check --fast", "scripts/check"),
        (("./scripts/check", "--fast"), "scripts/check"),
        ("set -e; sh ./scripts/check|tee log", "scripts/check"),
        ("sh -c 'scripts/check && true'", "scripts/check"),
        (("sh", "-c", "exec scripts/check"), "scripts/check"),
        ("pytest tests/test_a.py::test_one", "tests/test_a.py"),
        ("ruff check --config=conf.toml .", "conf.toml"),
        ("cd web && ./check.sh", "web/check.sh"),
        (("sh", "a b.sh"), "a b.sh"),
        ("out=$(scripts/check) && test $out", "scripts/check"),
    ],
)
def test_a_file_named_in_a_command_is_protected(run: Command, path: str) -> None:
    spec = GateSpec(name="g", run=run)
    assert touches_protected([path, "README.md"], [spec], TARGET.__contains__) == (path,)


def test_settings_and_what_protects_names_are_protected_even_when_new() -> None:
    spec = GateSpec(name="g", run="pytest", protects=("tests/conftest.py", "ci/**"))
    changed = ["swarm.toml", "tests/conftest.py", "ci/new/file", "sub/swarm.toml", "src/a.py"]
    assert touches_protected(changed, [spec], TARGET.__contains__) == ("swarm.toml", "tests/conftest.py", "ci/new/file")
    assert touches_protected(["swarm.toml"], [], TARGET.__contains__) == ("swarm.toml",)


def test_a_word_of_the_command_that_is_no_file_of_the_target_protects_nothing() -> None:
    spec = GateSpec(name="g", run="pytest -q")
    assert touches_protected(["pytest", "-q"], [spec], TARGET.__contains__) == ()
