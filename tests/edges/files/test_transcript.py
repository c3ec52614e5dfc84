"""Lines out of a terminal's bytes, wherever they are cut, and nothing in them that must not show."""

from __future__ import annotations

import pytest

from swarmctl.edges.files.transcript import CUT, LONGEST, Masked, Transcript, as_lines

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuv"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\nAAAA\n-----END OPENSSH PRIVATE KEY-----"


def lines(data: bytes, size: int = 1 << 20) -> list[str]:
    transcript = Transcript()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return [line for piece in pieces for line in transcript.feed(piece)] + transcript.finish()


CASES = {
    "plain": (b"one\r\ntwo\nthree", ["one", "two", "three"]),
    "colours": (b"\x1b[1;31mred\x1b[0m \x9b32mgreen\n".replace(b"\x9b", "\x9b".encode()), ["red green"]),
    "progress": (b"10%\r50%\r100%\r\n", ["100%"]),
    "erased": (b"working...\r\x1b[Kdone\n", ["done"]),
    "backspace": (b"| \b\b/ \b\bok\n", ["ok"]),
    "title": (b"\x1b]0;evil\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", ["alink"]),
    "columns": (b"\x1b[5Ca\x1b[1Gb\n", ["b    a"]),
    "reordering": ("a\u202eb\u2066c\n".encode(), ["abc"]),
    "unicode": ("é 猫\n".encode(), ["é 猫"]),
    "broken": (b"caf\xe9\n", ["caf\ufffd"]),
    "blank": (b"a\n\n\nb\n", ["a", "", "", "b"]),
    "same again": (b"a\na\n", ["a", "a"]),
    "redrawn": (b"a\nb 1\n\x1b[2A\x1b[2Ka\n\x1b[2Kb 2\n", ["a", "b 1", "b 2"]),
    "screen": (b"\x1b[?1049h\x1b[2J\x1b[1;1Htop\x1b[2;1Hone\x1b[1;1Htop\x1b[2;1Htwo\n", ["top", "one", "two"]),
    "nothing": (b"\x1b[2J\x1b[H", []),
}


@pytest.mark.parametrize(("data", "wanted"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_bytes_become_lines_wherever_they_are_cut(data: bytes, wanted: list[str], size: int) -> None:
    assert lines(data, size) == wanted


def test_a_line_without_end_takes_no_memory_and_is_cut_at_a_word() -> None:
    transcript = Transcript()
    for _ in range(100):
        assert transcript.feed(b"words " * 10_000) == []
        assert len(transcript.unfinished) < 200_000
    [line] = transcript.feed(b"\n")
    assert line.endswith("words" + CUT)
    assert len(line) <= LONGEST + len(CUT)


def test_a_gap_takes_the_line_around_it_along() -> None:
    transcript = Transcript()
    assert transcript.feed(b"one\ntwo ") == ["one"]
    transcript.skip()
    assert transcript.unfinished == ""
    assert transcript.feed(b"rest\nthree\n") == ["three"]


def masked(known: list[str], *batches: list[str]) -> list[str]:
    mask = Masked(known)
    return [line for batch in batches for line in mask.lines(batch)]


def test_masking_line_by_line_hides_what_masking_the_whole_hides() -> None:
    assert masked(["correct-horse"], ["a correct-horse", f"b {TOKEN}"]) == ["a [masked]", "b [masked]"]
    assert masked([], ["password:"], ["  hunter2000"]) == ["password:", "  [masked]"] or masked(
        [], ["password:"], ["  hunter2000"]
    ) == ["password:", "[masked]"]
    assert masked(["line-one-x\nline-two-x"], ["line-one-x"], ["line-two-x"]) == ["[masked]", "[masked]"]


def test_a_private_key_is_hidden_however_its_lines_come() -> None:
    batches = [[line] for line in ["before", *KEY.splitlines(), "after"]]
    for split in (batches, [["before", *KEY.splitlines(), "after"]]):
        shown = masked([], *split)
        assert (shown[0], shown[-1]) == ("before", "after")
        assert "b3BlbnNzaC1rZXk=" not in "\n".join(shown) and "AAAA" not in "\n".join(shown)


def test_words_about_a_key_hide_only_what_looks_like_one() -> None:
    shown = masked([], ["-----BEGIN PRIVATE KEY-----"], ["is how a key begins, they say."], ["more"])
    assert shown == ["[masked]", "is how a key begins, they say.", "more"]


@pytest.mark.parametrize("line", ["Go on? [y/N] ", "Password: ", "$ ", ">>>"])
def test_a_question_is_shown_before_its_line_ends(line: str) -> None:
    assert Masked(["correct-horse:x"]).question(line) == line


@pytest.mark.parametrize("line", ["half a word", "key correct-horse:", 'TOKEN="abc:', "", f"{TOKEN}:"])
def test_what_may_be_half_a_secret_is_no_question(line: str) -> None:
    assert Masked(["correct-horse:x"]).question(line) == ""


def test_a_whole_log_reads_as_it_was_seen() -> None:
    assert as_lines("plain\nwords\n") == "plain\nwords\n"
    assert as_lines("get 1 %\rget 99 %\r\x1b[Kgot it\r\n\x1b[31mred\x1b[0m\r\n$ ") == "got it\nred\n$\n"
