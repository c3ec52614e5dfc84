"""Lines of keys in TOML texts of every shape."""

from __future__ import annotations

from swarmctl.edges.files.toml_lines import lines_of

TEXT = '''# comment
top = 1
"quoted key" = 2
dotted.key = 3

[table] # note
list = [
  1, # one
  2,
]
text = """
[not.a.table]
key = 1
"""
inline = { a = 1, b = [ { c = 2 } ] }

[[gate]]
name = "a"

[[gate]]
name = "b"
[gate.inner]
x = 1
'''


def test_every_key_has_its_line() -> None:
    lines = lines_of(TEXT)
    assert lines["top",] == 2
    assert lines["quoted key",] == 3
    assert lines["dotted", "key"] == 4
    assert lines["table",] == 6
    assert lines["table", "list"] == 7
    assert lines["table", "text"] == 11
    assert lines["table", "inline", "b", 0, "c"] == 15
    assert (lines["gate", 0, "name"], lines["gate", 1], lines["gate", 1, "name"]) == (18, 20, 21)
    assert lines["gate", 1, "inner", "x"] == 23
    assert ("not",) not in lines
