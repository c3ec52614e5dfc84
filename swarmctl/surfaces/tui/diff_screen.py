"""What one session changed: its files, their lines, what a person says of them.

It looks again when the session's checkpoint moves.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from swarmctl.app.client import caller_env
from swarmctl.app.diffs import Comparison, compare
from swarmctl.app.editing import editor_argv
from swarmctl.app.here import Here
from swarmctl.app.looked import Comment, as_message, note_comments, note_look
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import SwarmError
from swarmctl.core.patch import Change
from swarmctl.core.rejection import Rejection, Run
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.diff_deeds import BOTH_SIDES, DIFF_DEEDS, Ground
from swarmctl.surfaces.tui.diff_model import Inks, Opened, coloured, opened, quote_of
from swarmctl.surfaces.tui.diff_remark import OnLine
from swarmctl.surfaces.tui.diff_tree import FileTree
from swarmctl.surfaces.tui.diff_view import DiffView
from swarmctl.surfaces.tui.diff_words import nothing_words, path_words, top_words
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line

BESIDE = 100
"""Columns from which on the tree stands beside the lines."""
BESIDE_BOTH = 170
"""The same while both sides are shown."""
TICK_S = 1.0
KEPT = 50_000
"""Lines of files that stay ready after they were looked at."""
READING_S = 0.1
"""A file that is shown so long is read as code, for its colours."""


class DiffScreen(DeedScreen[Ground]):
    CSS_PATH = "diff.tcss"
    NAME = "diff"
    DEEDS = DIFF_DEEDS

    def __init__(self, place: Here, session: Session, title: str = "") -> None:
        super().__init__()
        self._place, self._session, self._title = place, session, one_line(title)
        self._comparison: Comparison | None = None
        self._comments: tuple[Comment, ...] = ()
        self._since = False
        self._reading = False
        self._opened: dict[tuple[str, str, str, str], Opened] = {}
        self._inks: dict[tuple[str, str, str, str], Inks] = {}
        self._wanted: Change | None = None
        self._opening = False
        self._asking = False

    @property
    def tree_pane(self) -> FileTree:
        return self.query_one(FileTree)

    @property
    def view(self) -> DiffView:
        return self.query_one(DiffView)

    def compose(self) -> ComposeResult:
        yield Static(id="diff-top")
        with Container(id="diff-body"):
            yield FileTree(id="files")
            with Vertical(id="diff-pane"):
                yield Static(id="diff-path")
                yield DiffView(id="lines")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        self.view.say("reading …")
        self.tree_pane.focus()
        self.set_interval(TICK_S, self._tick)
        self._show_words()
        self._read()

    def on_unmount(self) -> None:
        """Also when the cockpit is left from here; the thread ends by itself, and nobody waits for it."""
        known = self._comparison
        if known is not None and known.after:
            look = partial(_remember, self._place, self._session, known.after, time.time())
            threading.Thread(target=look, name="looked").start()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange(event.size.width)
        self._show_words()

    def _arrange(self, width: int) -> None:
        if self.view.split and width < BOTH_SIDES:
            self.view.turn(False, self._comments_here())
        least = BESIDE_BOTH if self.view.split else BESIDE
        self.query_one("#diff-body").set_class(width >= least, "beside")

    def _tick(self) -> None:
        """The session as the ledger has it now."""
        name = self._session.id
        found = next((row.session for row in self.station.frame.rows if row.key == name), None)
        if found is None or found == self._session:
            return
        moved = _mark(found) != _mark(self._session)
        self._session = found
        if moved:
            self._read()
        self._show_words()

    def _read(self) -> None:
        if not self._reading:
            self._reading = True
            act = partial(compare, self._place, self._session, since=self._since)
            self.station.in_background(act, self._came, self._failed)

    def _failed(self, error: SwarmError) -> None:
        self._reading = False
        self.station.complain(error)
        if self.is_attached and self._comparison is None:
            self.view.say(one_line(error.message))

    def _came(self, found: Comparison) -> None:
        self._reading = False
        if not self.is_attached:
            return
        self._comparison, self._comments = found, found.looked.comments
        self._opened.clear()
        self._inks.clear()
        self.tree_pane.show(found.changes, found.fresh)
        self._note_comments(self._comments)
        if not found.changes:
            self.view.say(nothing_words(self._session, found, self.words["looked"]))
        elif len(found.changes) == 1:
            self.view.focus()
        self._show_words()

    def on_file_tree_pointed(self) -> None:
        change = self.tree_pane.change
        if change is not None and self._comparison is not None:
            self._wanted = change
            self._open()
        self._show_words()

    def _open(self) -> None:
        """The file that is wanted now; those that the cursor only passed are not read."""
        change, comparison = self._wanted, self._comparison
        if change is None or comparison is None:
            return
        if _key(change) in self._opened:
            self._show(change)
        elif not self._opening:
            self._opening = True
            act = partial(opened, self._place, comparison, change)
            self.station.in_background(act, partial(self._open_came, comparison), self._open_failed)

    def _open_failed(self, error: SwarmError) -> None:
        self._opening, self._wanted = False, None
        if self.is_attached:
            self.view.say(one_line(error.message))

    def _open_came(self, comparison: Comparison, found: Opened) -> None:
        self._opening = False
        if not self.is_attached:
            return
        if comparison is self._comparison:
            self._keep(found)
        self._open()

    def _keep(self, found: Opened) -> None:
        lines = len(found.lines) + sum(len(each.lines) for each in self._opened.values())
        while self._opened and lines > KEPT:
            gone = next(iter(self._opened))
            lines -= len(self._opened[gone].lines)
            del self._opened[gone]
            self._inks.pop(gone, None)
        self._opened[_key(found.change)] = found

    def _show(self, change: Change) -> None:
        found = self._opened[_key(change)]
        if self.view.opened is not found:
            self.view.show(found, self._comments_here(), found.note or "It has no lines that differ.")
            self._colour(found)
        self._show_words()

    def _colour(self, found: Opened) -> None:
        key = _key(found.change)
        if key in self._inks:
            self.view.colour(self._inks[key])
            return

        def came(inks: Inks) -> None:
            if key in self._opened:
                self._inks[key] = inks
            if self.is_attached and self.view.opened is found:
                self.view.colour(inks)

        def begin() -> None:
            if self.is_attached and self.view.opened is found:
                self.station.in_background(partial(coloured, self._place, found.change, found.lines), came)

        self.set_timer(READING_S, begin)

    def _comments_here(self) -> tuple[Comment, ...]:
        path = self._wanted.new if self._wanted else ""
        return tuple(each for each in self._comments if each.path == path)

    @property
    def ground(self) -> Ground:
        view = self.view
        change = view.opened.change if view.opened else None
        if change is not self.tree_pane.change:
            change = None
        width = self.size.width
        known, comments = self._comparison, self._comments
        return Ground(self._session, width, known, change, view.line, comments, view.remark)

    def _show_words(self) -> None:
        ground = self.ground
        self.show_keys()
        self.query_one("#diff-top", Static).update(top_words(ground, self._title))
        self.query_one("#diff-path", Static).update(path_words(self.view.opened, self.view.change))

    def on_diff_view_pointed(self) -> None:
        self._show_words()

    def on_file_tree_opened(self) -> None:
        self.view.focus()

    def do(self, name: str) -> None:
        """By the session as it is now."""
        self._tick()
        super().do(name)

    def do_looked(self) -> None:
        self._since = not self._since
        self._read()

    def do_sides(self) -> None:
        self.view.turn(not self.view.split, self._comments_here())
        self._arrange(self.size.width)

    def do_next(self) -> None:
        if not self.view.seek(1):
            self.tree_pane.step(1)

    def do_previous(self) -> None:
        if not self.view.seek(-1):
            self.tree_pane.step(-1)

    def do_next_file(self) -> None:
        self.tree_pane.step(1)

    def do_previous_file(self) -> None:
        self.tree_pane.step(-1)

    def do_again(self) -> None:
        self._read()

    def do_comment(self) -> None:
        ground = self.ground
        assert ground.line is not None and ground.change is not None
        line, old, path = ground.line, ground.remark, ground.change.new
        number = line.old if line.kind == "-" else line.new

        place, session = self._place, self._session

        def keep(words: str) -> Callable[[], object]:
            comment = Comment(path, number, line.kind == "-", quote_of(line), words)
            comments = note_comments(place.paths, session, put=(comment,), drop=(old,) if old else ())
            return lambda: self._note_comments(comments)

        where = f"{one_line(path)}:{number}"
        title = fit(f"{where}  {line.text.strip()}", max(20, min(100, self.size.width - 16))).rstrip()
        about, words = f"{session.id} {line.kind} {where}", old.words if old else ""
        self.app.push_screen(OnLine(title, about, self.words["send"], keep, words))

    def do_drop(self) -> None:
        remark = self.ground.remark
        if remark is not None:
            self._change_comments((), (remark,))

    def _change_comments(self, put: tuple[Comment, ...], drop: tuple[Comment, ...]) -> None:
        act = partial(note_comments, self._place.paths, self._session, put=put, drop=drop)
        self.station.in_background(act, self._note_comments)

    def _note_comments(self, comments: tuple[Comment, ...]) -> None:
        if not self.is_attached:
            return
        changed, self._comments = comments != self._comments, comments
        self.tree_pane.note(Counter(each.path for each in comments))
        if changed and self.view.opened is not None:
            self.view.show(self.view.opened, self._comments_here(), self.view.opened.note)
        self._show_words()

    def do_send(self) -> None:
        """They stay until the supervisor took them."""
        station, comments, name = self.station, self._comments, self._session.id

        def said(answer: dict[str, Any]) -> None:
            station.say(f"told {name}: {len(comments)} comment{'' if len(comments) == 1 else 's'}")
            act = partial(note_comments, self._place.paths, self._session, drop=comments)
            station.in_background(act, self._note_comments)

        self._ask("send", {"text": as_message(comments), "now": False, "env": caller_env()}, said)

    def do_reject(self) -> None:
        self._reject(None)

    def do_reject_lines(self) -> None:
        """Of a file that is new or gone there is no part."""
        ground = self.ground
        assert ground.change is not None
        self._reject(None if ground.change.status in "AD" else self.view.run)

    def _reject(self, run: Run | None) -> None:
        ground, station = self.ground, self.station
        assert ground.comparison is not None and ground.change is not None
        known, change = ground.comparison, ground.change
        what = Rejection(known.before, known.after, change.old, change.new, run)

        def said(answer: dict[str, Any]) -> None:
            lines = f"{what.lines} line{'' if what.lines == 1 else 's'} of " if run else ""
            back = f"git revert {answer['head'][:10]} in its worktree brings it back"
            station.say(f"rejected {lines}{change.new}; {back}")
            if self.is_attached:
                self._read()

        self._ask("reject", {"what": to_plain(what)}, said)

    def _ask(self, kind: str, args: dict[str, Any], said: Callable[[dict[str, Any]], object]) -> None:
        """One thing at a time: a key that is held down asks once."""
        if self._asking:
            self.station.say(f"{self._session.id}: the supervisor has not answered yet")
            return
        self._asking, station = True, self.station

        def answered(answer: dict[str, Any]) -> None:
            self._asking = False
            said(answer)

        def refused(error: SwarmError) -> None:
            self._asking = False
            station.complain(error)

        station.ask(kind, {"id": self._session.id, **args}, answered, refused)

    def do_edit(self) -> None:
        ground = self.ground
        assert ground.change is not None
        line = ground.line.new or ground.line.old if ground.line else 1
        act = partial(editor_argv, self._session, ground.change.new, max(1, line), dict(os.environ))
        self.station.in_background(act, self._lend)

    def _lend(self, argv: tuple[str, ...]) -> None:
        self.station.lend(argv)
        self.refresh(layout=True)
        self._read()


def _mark(session: Session) -> tuple[str, str, str, str]:
    return session.head, session.checkpoint, session.base, session.place


def _key(change: Change) -> tuple[str, str, str, str]:
    return change.old, change.new, change.before, change.after


def _remember(place: Here, session: Session, tree: str, at: float) -> None:
    """What cannot be written down is shown once more the next time."""
    with suppress(SwarmError):
        note_look(place.paths, session, tree, at)
