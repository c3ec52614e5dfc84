"""Logs of gates as people read them: what redraws is said once, nothing acts on a terminal, and any size is shown."""

from __future__ import annotations

import pytest

from swarmctl.app.in_queue import log_end, log_mark, whole_log
from swarmctl.core.ids import SessionId
from swarmctl.edges.shell.pump import CappedLog
from tests.surfaces.tui.stage import Stage


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        (b"\rprogress  10%\rprogress  99%\rprogress 100%\ndone\n", ("progress 100%", "done")),
        (b"\x1b[?1049h\x1b[2J\x1b]0;title\x07\x1b]52;c;aGk=\x07red \x1b[31mred\x1b[0m\n", ("red red",)),
        ("wide 漢字 naïve\n".encode() + b"\xff\xfe bytes\n", ("wide 漢字 naïve", "\ufffd\ufffd bytes")),
        (b"", ()),
    ],
)
def test_a_log_is_shown_as_its_terminal_would(stage: Stage, printed: bytes, seen: tuple[str, ...]) -> None:
    stage.working("works")
    session = stage.log.facts.sessions[SessionId("works")]
    log = stage.place.paths.logs / "a.log"
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(printed)
    for read in (log_end, whole_log):
        assert (
            tuple(
                line.replace("\x1b[31m", "").replace("\x1b[0m", "")
                for line in read(stage.place.paths, session, str(log))
            )
            == seen
        )


def test_a_log_of_a_hundred_megabytes_costs_what_is_shown_of_it(stage: Stage) -> None:
    stage.working("works")
    session = stage.log.facts.sessions[SessionId("works")]
    log = stage.place.paths.logs / "big.log"
    log.parent.mkdir(exist_ok=True)
    printing = CappedLog(str(log), 4 << 20, 12 << 20)
    block = b"".join(b"sk-abcdefghijklmnopqrstuvwxyz%07d line\n" % number for number in range(25_000))
    for _ in range(100):
        printing.write(block)
    printing.write(b"the last line\n")
    assert sum(path.stat().st_size for path in log.parent.glob("big.log*")) < 17 << 20
    end, whole = log_end(stage.place.paths, session, str(log)), whole_log(stage.place.paths, session, str(log))
    assert end[-1] == whole[-1] == "the last line" and len(end) == 2000
    assert not [line for line in (*end, *whole) if "sk-" in line]
    assert any("left out" in line for line in whole) and len(whole) < 200_000
    mark = log_mark(str(log))
    printing.rotate()
    assert log_end(stage.place.paths, session, str(log)) == end, "a new part has begun, with nothing in it yet"
    assert log_mark(str(log)) != mark


def test_one_endless_line_is_no_wall(stage: Stage) -> None:
    stage.working("works")
    session = stage.log.facts.sessions[SessionId("works")]
    log = stage.place.paths.logs / "bar.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("".join(f"\r{number:>9} of 99999 done" for number in range(40_000)))
    assert log_end(stage.place.paths, session, str(log)) == ("    39999 of 99999 done",)
