"""Every lookup over the sample repository and over hostile ones: a whole answer to a whole question, or silence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact import lookups as lookups_module, table
from swarmctl.edges.exact.lookups import Lookup, lookups
from swarmctl.edges.exact.sample import stream
from swarmctl.edges.git.peek import peeker

LOOKUPS = lookups(peeker)
NOW, ZONE = 1772618550.0, "Europe/Berlin"


def git(where: Path, *args: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", "-C", str(where), *args], input=stdin, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sample")
    git(root, "init", "-q", "-b", "main")
    git(root, "fast-import", "--quiet", stdin=stream())
    git(root, "reset", "-q", "--hard")
    return root


def said(question: str, root: Path) -> dict[str, Found]:
    """By everybody who says something."""
    asked = Asked(question, NOW, ZONE, str(root))
    tools = [*LOOKUPS, *table.tools()]
    found = {tool.name: tool.answer(asked) for tool in tools if tool.may(asked)}
    return {name: each for name, each in found.items() if each is not None}


def answer(question: str, root: Path) -> str:
    """Empty for silence."""
    return next((found.answer for found in said(question, root).values()), "")


def commit(root: Path, **files: str) -> None:
    for name, content in files.items():
        (root / name.replace("__", ".")).write_text(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "More")


@pytest.mark.parametrize("lookup", LOOKUPS, ids=lambda lookup: lookup.name)
def test_a_lookup_answers_its_own_questions_alone_and_as_it_says(lookup: Lookup, sample: Path) -> None:
    assert len(set(lookup.scope)) >= 25
    for question, expected in lookup.scope:
        found = said(question, sample)
        assert {name: each.answer for name, each in found.items()} == {lookup.name: expected}, question
        assert all(each.proof.strip() and each.proof.isprintable() for each in found.values()), question
        assert all((sample / path).is_file() for each in found.values() for path in each.reads), question


@pytest.mark.parametrize("lookup", LOOKUPS, ids=lambda lookup: lookup.name)
def test_a_trap_of_a_lookup_is_answered_by_nobody(lookup: Lookup, sample: Path) -> None:
    assert len(set(lookup.traps)) >= 25
    for question in lookup.traps:
        assert said(question, sample) == {}, question


def test_every_lookup_of_the_folder_is_listed() -> None:
    folder = Path(lookups_module.__file__).parent
    assert {path.stem for path in folder.glob("lookup_*.py")} == set(lookups_module.NAMES)


def test_nobody_looks_where_there_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def answer(): ...\n")
    assert said("where is `answer` defined?", tmp_path) == {}
    assert not any(lookup.may(Asked("where is `answer` defined?", NOW, ZONE)) for lookup in LOOKUPS)


def test_a_question_longer_than_any_is_nobodys(repo: Path) -> None:
    assert said("where is answer defined" + " here" * 2000, repo) == {}
    assert said("where is " + "a" * 5000 + " defined?", repo) == {}


def test_a_repository_without_commits_has_a_branch_and_no_history(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "a.py").write_text("def one_thing(): ...\n")
    git(tmp_path, "add", "-A")
    assert answer("what branch am I on?", tmp_path) == "trunk, which has no commit yet"
    assert answer("what commit are we on?", tmp_path) == ""
    assert answer("when did a.py last change?", tmp_path) == ""
    assert answer("where is one_thing defined?", tmp_path) == "a.py:1 (def one_thing)"


def test_a_detached_head_is_on_no_branch(repo: Path) -> None:
    git(repo, "checkout", "-q", "--detach")
    assert answer("what branch am I on?", repo).startswith("no branch: HEAD is detached at ")


def test_a_linked_worktree_is_seen_with_its_own_branch_and_files(repo: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    git(repo, "worktree", "add", "-q", "-b", "side", str(there))
    (there / "app.py").write_text("\n\ndef answer() -> int:\n    return 42\n")
    assert answer("what branch am I on?", there) == "side"
    assert answer("where is `answer` defined?", there) == "app.py:3 (def answer)"


def test_a_shallow_clone_says_nothing_of_when(repo: Path, tmp_path: Path) -> None:
    commit(repo, other__py="x = 1\n")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repo}", "shallow")
    assert answer("when did app.py last change?", tmp_path / "shallow") == ""
    assert answer("who wrote most of app.py?", tmp_path / "shallow") == ""


def test_names_and_texts_that_a_terminal_would_obey_are_shown_as_escapes(repo: Path) -> None:
    (repo / "bad\x1b[31m.py").write_text("# TODO: \x1b]0;owned\x07 \u202ereversed\ndef evil_one(): ...\n")
    git(repo, "add", "-A")
    for question in ("any TODOs in this repo?", "where is evil_one defined?", "which files mention evil_one"):
        for found in said(question, repo).values():
            assert all(char.isprintable() or char == "\n" for char in found.answer + found.proof), question
            assert "\\x1b" in found.answer


def test_bytes_that_are_no_text_break_nothing(repo: Path) -> None:
    (repo / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\n# TODO caf\xe9\ndef latin_one(): ...\n")
    (repo / "blob.bin").write_bytes(b"\0\xff latin_one \n" * 50)
    (Path(os.fsdecode(bytes(repo) + b"/n\xe4me.py"))).write_text("def named_so(): ...\n")
    git(repo, "add", "-A")
    assert answer("where is latin_one defined?", repo) == "latin.py:3 (def latin_one)"
    assert answer("where is named_so defined?", repo) == "n\\xe4me.py:1 (def named_so)"
    assert answer("what is on line 2 of latin.py", repo) == "latin.py:2 # TODO caf\\xe9"


def test_a_link_out_of_the_tree_is_not_followed(repo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("def secret_thing(): ...\n")
    (repo / "inside").mkdir()
    (repo / "inside" / "secret.py").write_text("def harmless_thing(): ...\n")
    (repo / "linked.py").symlink_to(outside / "secret.py")
    git(repo, "add", "-A")
    (repo / "inside" / "secret.py").unlink()
    (repo / "inside").rmdir()
    (repo / "inside").symlink_to(outside)
    assert answer("what is on line 1 of linked.py", repo) == ""
    assert answer("what is on line 1 of inside/secret.py", repo) == ""
    assert "outside" not in answer("where is secret_thing defined?", repo)


def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(repo: Path) -> None:
    (repo / "app.py").unlink()
    os.mkfifo(repo / "app.py")
    assert answer("what is on line 1 of app.py", repo) == ""


def test_a_huge_file_is_left_alone(repo: Path) -> None:
    (repo / "huge.py").write_bytes(b"def huge_one(): ...\n" + b"#\n" * 3_000_000)
    git(repo, "add", "-A")
    assert answer("where is huge_one defined?", repo) == ""
    assert answer("how many lines does huge.py have?", repo) == ""


def test_a_file_that_is_no_python_silences_what_it_could_define(repo: Path) -> None:
    commit(repo, broken__py="def answer(:\n")
    assert answer("where is `answer` defined?", repo) == ""
    assert answer("who calls answer?", repo) == ""


def test_deeply_nested_python_breaks_nothing(repo: Path) -> None:
    commit(repo, deep__py="answer = " + "(" * 5000 + ")" * 5000 + "\n", minus__py="answer = " + "-" * 50_000 + "1\n")
    assert answer("where is `answer` defined?", repo) == ""


def test_another_language_that_may_define_it_too_silences(repo: Path) -> None:
    commit(repo, app__js="function answer() { return 42 }\n")
    assert answer("where is `answer` defined?", repo) == ""
    assert answer("when did answer last change?", repo) == ""


def test_every_definition_is_told(repo: Path) -> None:
    commit(
        repo,
        more__py="class Deep:\n    answer = 1\n    if True:\n        def answer(self): ...\n\nanswer, other = 1, 2\n",
    )
    lines = answer("where is `answer` defined?", repo).splitlines()
    assert lines == [
        "answer is defined 4 times:",
        "app.py:1 (def answer)",
        "more.py:2 (Deep.answer)",
        "more.py:4 (def Deep.answer)",
        "more.py:6 (answer)",
    ]


def test_a_parameter_is_not_said_to_be_defined_nowhere(repo: Path) -> None:
    commit(repo, more__py="from lib import only_there\n\ndef go(only_param): return only_param + only_there\n")
    assert answer("where is only_param defined?", repo) == ""
    assert "imported from lib" in answer("where is only_there defined?", repo)


def test_a_call_by_another_name_silences(repo: Path) -> None:
    commit(repo, more__py="from app import answer as known\n\nknown()\n")
    assert answer("who calls answer?", repo) == ""


def test_a_call_of_something_else_by_that_name_is_not_said_to_be_of_it(repo: Path) -> None:
    commit(repo, more__py="from elsewhere import answer\nimport other\n\nanswer()\nother.answer()\n")
    assert answer("who calls answer?", repo).startswith("2 calls of answer by that name, whatever it is called on:")
    commit(repo, more__py="import app\nfrom app import answer\n\nanswer()\napp.answer()\n")
    assert answer("who calls answer?", repo).startswith("2 calls of answer:")
    commit(repo, more__py="from app import answer\n\ndef go(answer): answer()\n")
    assert "whatever" in answer("who calls answer?", repo)


def test_scripts_without_an_ending_are_what_their_first_line_says(repo: Path) -> None:
    commit(repo, tool="#!/usr/bin/env python3\ndef tool_thing(): ...\n", other="#!/bin/sh\nanswer () { :; }\n")
    assert answer("where is tool_thing defined?", repo) == "tool:2 (def tool_thing)"
    assert answer("where is answer defined?", repo) == ""


def test_a_file_is_found_by_its_name(repo: Path) -> None:
    (repo / "docs").mkdir()
    commit(repo, **{"docs/app.py": "x = 1\n"})
    assert answer("where is README.md?", repo) == "README.md"
    assert answer("where is app.py?", repo) == "2 tracked files of that name:\napp.py\ndocs/app.py"
    assert answer("where is nothing.md?", repo) == ""


def test_a_method_that_others_have_too_is_nobodys(repo: Path) -> None:
    commit(repo, more__py="class A:\n    def go(self): ...\n\nclass B:\n    def go(self): ...\n\nA().go()\n")
    assert answer("who calls A.go?", repo) == ""
    assert "whatever it is called on" in answer("who calls go?", repo)


def test_a_list_says_how_much_of_it_is_shown(repo: Path) -> None:
    commit(repo, more__py="\n".join(["from app import answer", *["answer()"] * 57]))
    lines = answer("who calls answer?", repo).splitlines()
    assert lines[0] == "57 calls of answer (40 of 57 shown):"
    assert len(lines) == 41


def test_relative_imports_are_known_by_their_whole_name(repo: Path) -> None:
    (repo / "pkg" / "sub").mkdir(parents=True)
    (repo / "pkg" / "sub" / "one.py").write_text("from ..two import thing\nfrom . import three\n")
    git(repo, "add", "-A")
    assert "pkg/sub/one.py:1" in answer("which files import pkg.two?", repo)
    assert "pkg/sub/one.py:2" in answer("which files import pkg.sub.three?", repo)
    assert answer("which files import sub.two?", repo) == "no tracked Python file has an import of sub.two"


def test_an_import_over_several_lines_is_found(repo: Path) -> None:
    commit(repo, more__py="from app import (\n    answer,  # the one\n    other,\n)\n")
    assert answer("which files import answer?", repo) == "1 file imports answer:\nmore.py:1 from app import answer"


def test_programs_that_a_repository_names_do_not_run(repo: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    (repo / ".gitattributes").write_text("*.py filter=bad diff=bad\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "Attributes")
    for key in ("filter.bad.clean", "filter.bad.smudge", "diff.bad.textconv", "diff.bad.command", "core.fsmonitor"):
        git(repo, "config", key, str(program))
    git(repo, "config", "diff.external", str(program))
    git(repo, "config", "log.showSignature", "true")
    git(repo, "config", "gpg.program", str(program))
    (repo / "app.py").write_text("def answer() -> int:\n    return 43  # TODO\n")
    for question in (
        "where is `answer` defined?",
        "when did app.py last change?",
        "when did answer last change?",
        "who owns app.py?",
        "any TODOs in app.py?",
        "what changed between HEAD~1 and HEAD?",
        "what commit am I on?",
        "how many lines of Python are there?",
    ):
        assert answer(question, repo), question
    assert not mark.exists()


def test_nothing_is_written(sample: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sample.rglob("*")}
    for lookup in LOOKUPS:
        for question, _ in lookup.scope[:3]:
            said(question, sample)
    assert {path: path.stat().st_mtime_ns for path in sample.rglob("*")} == before


def test_a_name_that_means_two_commits_means_none(repo: Path) -> None:
    git(repo, "tag", "twice")
    commit(repo, more__py="x = 1\n")
    git(repo, "branch", "twice")
    assert answer("what changed between twice and HEAD?", repo) == ""


@pytest.mark.parametrize(
    ("rule", "path", "fits"),
    [
        ("*", "a/b.py", True),
        ("*.js", "a/b.js", True),
        ("/build/logs/", "build/logs/x", True),
        ("/build/logs/", "a/build/logs/x", False),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/a/b.md", False),
        ("apps/", "x/apps/y", True),
        ("apps/", "apps", False),
        ("/docs", "docs/a/b", True),
        ("**/logs", "a/logs/b", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("/a", "ab", False),
        ("a*c.py", "abc.py", True),
        ("a.py", "axpy", False),
    ],
)
def test_a_rule_of_owners_is_read_as_forges_read_it(rule: str, path: str, fits: bool, repo: Path) -> None:
    (repo / "CODEOWNERS").write_text(f"{rule} @team\n")
    (repo / path).parent.mkdir(parents=True, exist_ok=True)
    (repo / path).write_text("x\n")
    git(repo, "add", "-A")
    found = answer(f"who owns `{path}`?", repo)
    assert found == ("@team (CODEOWNERS:1)" if fits else f"nobody: no rule of CODEOWNERS fits {path}")


def test_owners_that_cannot_be_read_surely_are_not_told(repo: Path) -> None:
    for line in ("!app.py @x", "[Section]", "app.[pc]y @x", "app.py nobody"):
        (repo / "CODEOWNERS").write_text(f"{line}\n")
        git(repo, "add", "-A")
        assert answer("who owns app.py?", repo) == "", line


def test_a_manifest_that_cannot_be_understood_silences(repo: Path) -> None:
    commit(repo, pyproject__toml='[project]\ndependencies = ["rich>=14"]\n', uv__lock="not = [toml\n")
    assert answer("what version of rich do we need?", repo) == ""


def test_a_requirement_that_another_file_may_change_is_not_told(repo: Path) -> None:
    commit(repo, pyproject__toml='[project]\ndependencies = ["rich>=14"]\n')
    assert answer("what version of rich do we need?", repo) == "rich: required >=14 (pyproject.toml:2)"
    commit(repo, requirements__txt="rich==13\n")
    assert answer("what version of rich do we need?", repo) == ""
