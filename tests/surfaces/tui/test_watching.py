"""What reads in threads: it reads no more than is new, notices what time alone changes, and ends when it is told to."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from swarmctl.app.archive import Archive
from swarmctl.app.preview import KEPT_BYTES, Preview
from swarmctl.app.sizes import Size
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.feed import Feed
from swarmctl.surfaces.tui.rows import Frame
from swarmctl.surfaces.tui.watching import Sizing, Watching
from tests.surfaces.tui.stage import Stage

PATIENCE_S = 20.0


def until(ready: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.01)


def session_of(stage: Stage, name: str) -> Session:
    return stage.log.facts.sessions[SessionId(name)]


def test_what_was_kept_of_a_session_is_read_once_until_it_is_another(stage: Stage) -> None:
    stage.ready("rests")
    session = session_of(stage, "rests")
    archive, preview = Archive(stage.place.paths), Preview(stage.place.paths)
    archive.keep(session.id, "one\ntwo\n")
    first = preview.look(session)
    assert first.lines == ("one", "two") and first.source == "kept"
    assert preview.look(session) is first
    archive.keep(session.id, "one\ntwo\nthree\n")
    assert preview.look(session).lines == ("one", "two", "three")


def test_of_a_long_record_the_whole_lines_at_its_end_are_shown(stage: Stage) -> None:
    stage.ready("rests")
    session = session_of(stage, "rests")
    lines = [f"{number:06} {'é' * 600}" for number in range(KEPT_BYTES // 600)]
    Archive(stage.place.paths).keep(session.id, "\n".join(lines))
    shown = Preview(stage.place.paths).look(session).lines
    assert 0 < len(shown) < len(lines)
    assert shown == tuple(lines[-len(shown) :])


def test_of_one_endless_line_the_whole_words_at_its_end_are_shown(stage: Stage) -> None:
    stage.ready("rests")
    session = session_of(stage, "rests")
    Archive(stage.place.paths).keep(session.id, "needless " * (KEPT_BYTES // 8))
    shown = Preview(stage.place.paths).look(session)
    assert shown.source == "kept"
    (line,) = shown.lines
    assert len(line) > KEPT_BYTES // 2 and set(line.split()) == {"needless"}


def test_money_of_today_is_none_once_the_day_is_over(stage: Stage) -> None:
    stage.working("works")
    stage.costs("works", 2_500_000)
    now, frames = [time.time()], list[Frame]()
    feed = Feed(stage.place, frames.append, lambda: now[0])
    feed.start()
    try:
        until(lambda: frames and frames[-1].totals.spent == 2_500_000, "what was spent today")
        now[0] += 86_400
        until(lambda: frames[-1].totals.spent == 0, "the next day")
    finally:
        feed.stop()
        feed.join(PATIENCE_S)
    assert not feed.is_alive()


class Blind(Watching):
    """Nobody looks, so it waits to be called."""

    def __init__(self) -> None:
        super().__init__("blind", 0.01)
        self._looked = False


class Hasty(threading.Event):
    """Forgets a call just after somebody else came with one."""

    def __init__(self, between: Callable[[], None]) -> None:
        super().__init__()
        self._between = between

    def clear(self) -> None:
        self._between()
        super().clear()


def test_a_watcher_that_is_told_to_stop_while_it_wakes_up_ends() -> None:
    watcher = Blind()
    watcher._wake = Hasty(watcher.stop)
    watcher.poke()
    watcher.start()
    watcher.join(PATIENCE_S)
    assert not watcher.is_alive()


def test_how_far_work_is_behind_is_known_again_when_its_target_moves(stage: Stage) -> None:
    root = stage.place.repository.root
    stage.ready("waits")
    head = git(root, "rev-parse", "HEAD")
    found: list[dict[str, Size]] = []
    sizing = Sizing(stage.place, lambda sizes: found.append(dict(sizes)))
    sizing.aim([replace(session_of(stage, "waits"), base=head, head=head)], "")
    sizing.look()
    assert found[-1]["waits"].behind == 0
    git(root, "commit", "--allow-empty", "-m", "another landing")
    sizing.look()
    assert found[-1]["waits"].behind == 1


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()
