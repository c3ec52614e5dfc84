"""What a terminal sends, in pieces of any length, as text."""

from __future__ import annotations

import pytest

from swarmctl.surfaces.tui.typed_bytes import BEGIN, END, Terminal


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("a\x1b[Aé\x1b".encode(), "a\x1b[Aé\x1b"),
        (b"a\x9bb\xe9", "a�b�"),
        (f"a{BEGIN}ls: \x1b[1mfoo \x1b[m bar{END}\x1b[Dz".encode(), f"a{BEGIN}ls: foo  bar{END}\x1b[Dz"),
        (f"{BEGIN}\x1b]0;title\x07to\x07uch\x1b]8;;http://a\x1b\\link\x1b[A{END}".encode(), f"{BEGIN}touchlink{END}"),
        (f"{BEGIN}one\r\n\ttwo\rthree\n\x85\x9b1m\x1b{END}b".encode(), f"{BEGIN}one\n\ttwo\nthree\n{END}b"),
        (f"{BEGIN}{END}{BEGIN}\x1b]not ended{END}".encode(), f"{BEGIN}{END}{BEGIN}]not ended{END}"),
        (f"{BEGIN}\xe9\U0001f468\u200d\U0001f469{END}".encode(), f"{BEGIN}é\U0001f468\u200d\U0001f469{END}"),
    ],
)
def test_a_paste_is_words_and_keys_stay_keys(sent: bytes, taken: str, size: int) -> None:
    terminal = Terminal()
    pieces = [terminal.decode(sent[at : at + size]) for at in range(0, len(sent), size)]
    assert "".join([*pieces, terminal.decode(b"", final=True)]) == taken


def test_keys_are_handed_on_as_soon_as_they_come() -> None:
    terminal = Terminal()
    assert [terminal.decode(bytes([byte])) for byte in b"\x1b[200"] == ["\x1b", "[", "2", "0", "0"]
