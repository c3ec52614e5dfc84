"""Patches of one file, line by line."""

from __future__ import annotations

from swarmctl.core.patch import Line, lines_of, partners, rows_of, runs, side_by_side

PATCH = """\
diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1,4 +1,5 @@ def before():
 one
--- two
-three
+++ TWO
+THREE
+more
 four
@@ -20 +21,0 @@
-last
\\ No newline at end of file
"""


def test_each_line_has_its_kind_its_text_and_its_numbers() -> None:
    assert lines_of(PATCH) == [
        Line("@", "def before():", 1, 1),
        Line(" ", "one", 1, 1),
        Line("-", "-- two", 2, 0),
        Line("-", "three", 3, 0),
        Line("+", "++ TWO", 0, 2),
        Line("+", "THREE", 0, 3),
        Line("+", "more", 0, 4),
        Line(" ", "four", 4, 5),
        Line("@", "", 20, 21),
        Line("-", "last", 20, 0),
        Line("\\", "No newline at end of file", 0, 0),
    ]


def test_what_was_removed_stands_beside_what_was_added_in_its_place() -> None:
    lines = lines_of(PATCH)
    pairs = side_by_side(lines)
    assert pairs == [(0, 0), (1, 1), (2, 4), (3, 5), (-1, 6), (7, 7), (8, 8), (9, -1), (10, -1)]
    assert list(partners(lines, pairs)) == [-1, -1, 4, 5, 2, 3, -1, -1, -1, -1, -1]
    assert list(rows_of(lines, pairs)) == [0, 1, 2, 3, 2, 3, 4, 5, 6, 7, 8]


def test_a_change_begins_where_lines_begin_to_differ() -> None:
    lines = lines_of(PATCH)
    assert runs(lines) == [2, 9]


def test_a_patch_without_lines_has_none() -> None:
    assert lines_of("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n") == []
    assert lines_of("") == []
    assert lines_of("Binary files a/x and b/x differ\n") == []


def test_a_line_that_looks_like_the_heading_of_a_hunk_is_a_line() -> None:
    lines = lines_of("@@ -1 +1 @@\n-@@ -9 +9 @@\n+@@ -8 +8 @@\n")
    assert [line.text for line in lines[1:]] == ["@@ -9 +9 @@", "@@ -8 +8 @@"]
    assert [line.old for line in lines[1:]] == [1, 0]
