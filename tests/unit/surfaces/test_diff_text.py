"""Lines of a diff as a screen shows them, and where each stands."""

from __future__ import annotations

from swarmctl.app.looked import Comment
from swarmctl.core.patch import Change, Line, lines_of, partners, rows_of, runs, side_by_side
from swarmctl.surfaces.tui.diff_files import leaves, tree_of
from swarmctl.surfaces.tui.diff_layout import COMMENT, Layout
from swarmctl.surfaces.tui.diff_model import Opened
from swarmctl.surfaces.tui.diff_text import LONGEST, clean, differing, inked, language_of, pieces

PATCH = "@@ -1,4 +1,4 @@\n a\n-b\n-c\n+B\n+C\n d\n"


def change(new: str, old: str = "", status: str = "M") -> Change:
    return Change(status, old or new, new, 1, 1, "1" * 40, "2" * 40, ("100644", "100644"))


def opened(patch: str = PATCH) -> Opened:
    lines = lines_of(patch)
    pairs = side_by_side(lines)
    return Opened(change("f"), lines, pairs, rows_of(lines, pairs), partners(lines, pairs), runs(lines), 9, "")


def marked(line: str, spans: tuple[tuple[int, int], ...]) -> list[str]:
    return [line[begin:end] for begin, end in spans]


def test_nothing_in_a_line_acts_on_a_terminal() -> None:
    shown = clean("\x1b]0;title\x07\x1b[2J\u202eabc\u2066\x9b31m\x7f\ud800")
    assert shown.isprintable()
    assert "abc" in shown and "␛]0;title␇" in shown


def test_tabs_are_spaces_and_the_end_of_a_very_long_line_is_counted() -> None:
    assert clean("\tx\ty") == "    x   y"
    shown = clean("x" * 100_000)
    assert len(shown) < LONGEST + 50 and shown.endswith("… 98,000 more characters")


def test_words_that_differ_are_found_in_lines_that_are_alike() -> None:
    old, new = "    return find(session, strict)", "    return look(session, strict, True)"
    olds, news = differing(old, new)
    assert marked(old, olds) == ["find"]
    assert marked(new, news) == ["look", ", True"]
    assert differing("alpha beta gamma", "one two three four") == ((), ())
    assert differing("same", "same") == ((), ())


def test_words_of_a_line_with_very_many_are_found_by_what_is_between() -> None:
    old = "a " * 600
    new = "a " * 300 + "b " + "a " * 300
    olds, news = differing(old, new)
    assert marked(new, news) == ["b "] and marked(old, olds) == []


def test_a_line_falls_into_parts_by_colour_and_by_what_differs() -> None:
    parts = list(pieces("def f(x):", ((0, 3, "keyword"), (4, 5, "name")), ((4, 7),)))
    assert parts == [
        ("def", "keyword", False),
        (" ", "", False),
        ("f", "name", True),
        ("(x", "", True),
        ("):", "", False),
    ]
    assert "".join(text for text, _, _ in pieces("", (), ())) == ""


def test_code_has_the_colours_of_its_language_on_the_right_lines() -> None:
    assert language_of("a/b.py") == "python" and language_of("LICENSE.nobody-knows") == ""
    text = '"""two\nlines"""\n\n\tdef f():\n'
    lines = inked("python", text)
    assert [[ink for _, _, ink in line] for line in lines[:4]] == [["string"], ["string"], [], ["keyword", "name"]]
    assert lines[3][0][:2] == (4, 7)


def test_comments_stand_after_their_lines_and_everything_is_found_again() -> None:
    said = [
        Comment("f", 2, False, "B", "one\ntwo"),
        Comment("f", 9, False, "gone", "lost"),
        Comment("f", 2, True, "b", "-"),
    ]
    layout = Layout(opened(), False, said)
    rows = [layout[at] for at in range(len(layout))]
    assert rows == [
        (COMMENT, 0),
        (0, 0),
        (1, 1),
        (2, 2),
        (COMMENT, 1),
        (3, 3),
        (4, 4),
        (COMMENT, 2),
        (COMMENT, 3),
        (5, 5),
        (6, 6),
    ]
    assert [words for _, words in layout.remarks] == ["✎ lost", "✎ -", "✎ one", "  two"]
    for place in range(7):
        assert layout[layout.at(place)] == (place, place)
        assert layout.place(layout.at(place)) == place
    assert layout.place(7) == 4 and layout.place(0) == -1
    assert layout.seek(-1, 1) == 3 and layout.seek(3, 1) == -1 and layout.seek(10, -1) == 3
    assert layout.nearest(Line(" ", "d", 4, 4)) == 10


def test_beside_each_other_a_comment_stands_after_the_pair_of_its_line() -> None:
    layout = Layout(opened(), True, [Comment("f", 2, True, "b", "x")])
    assert [layout[at] for at in range(len(layout))] == [(0, 0), (1, 1), (2, 4), (COMMENT, 0), (3, 5), (6, 6)]
    assert layout.at(5) == 4 and layout.place(2) == 4
    assert (layout.change(1), layout.change(2), layout.change(5)) == (0, 1, 1)


def test_files_stand_in_their_folders_and_a_chain_of_folders_is_one_line() -> None:
    changes = tuple(change(path) for path in ("a/b/c/one", "a/b/c/two", "x/deep/y", "x/z", "top"))
    shown = [(leaf.depth, leaf.name) for leaf in leaves(tree_of(changes), changes, frozenset())]
    assert shown == [
        (0, "a/b/c"), (1, "one"), (1, "two"), (0, "x"), (1, "deep"), (2, "y"), (1, "z"), (0, "top")
    ]  # fmt: skip
    folded = [(leaf.depth, leaf.name) for leaf in leaves(tree_of(changes), changes, frozenset({"a/b/c/", "x/"}))]
    assert folded == [(0, "a/b/c"), (0, "x"), (0, "top")]


def test_a_path_of_a_thousand_folders_and_odd_signs_is_a_line() -> None:
    changes = (change("d/" * 1500 + "f\x1b[2J"), change("new/n", "old/o", "R"), change("d2/n", "d2/o", "R"))
    names = [leaf.name for leaf in leaves(tree_of(changes), changes, frozenset())]
    assert all(name.isprintable() for name in names)
    assert "n ← old/o" in names and "n ← o" in names
