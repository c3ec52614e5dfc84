"""Files by some of their letters: the likeliest first, each once, however many there are."""

from __future__ import annotations

from swarmctl.surfaces.tui.finder import PART, Finder

PATHS = ("src/app/parser.py", "src/parser/lexer.py", "tests/test_parser.py", "README.md", "docs/Über.md", "a\nb.py")


def test_a_name_that_begins_so_comes_before_one_that_has_it_and_a_folder() -> None:
    assert Finder(PATHS).find("pars") == ["src/app/parser.py", "tests/test_parser.py", "src/parser/lexer.py"]


def test_letters_in_order_are_enough() -> None:
    assert Finder(PATHS).find("sapar") == ["src/app/parser.py"]


def test_folder_and_name_may_both_be_short() -> None:
    assert Finder(PATHS).find("s/par")[0] == "src/app/parser.py"
    assert Finder(PATHS).find("s/le")[0] == "src/parser/lexer.py"


def test_large_and_small_letters_are_the_same_beyond_ascii_too() -> None:
    assert Finder(PATHS).find("über") == ["docs/Über.md"]
    assert Finder(PATHS).find("readme") == ["README.md"]


def test_nothing_written_yet_shows_what_stands_highest_and_odd_names_never() -> None:
    assert Finder(PATHS).find("", limit=2) == ["README.md", "docs/Über.md"]
    assert len(Finder(PATHS).find("", limit=99)) == len(PATHS) - 1


def test_a_hundred_thousand_files_are_searched_in_parts() -> None:
    paths = [f"src/module{number % 90}/file{number}.py" for number in range(100_000)]
    finder = Finder(paths)
    assert sum(map(len, paths)) > 4 * PART
    assert finder.find("file99999") == ["src/module9/file99999.py"]
    assert finder.find("m89f99989.p")[0] == "src/module89/file99989.py"
    assert finder.find("nowhere") == []
    assert Finder(()).find("x") == Finder(()).find("") == []
