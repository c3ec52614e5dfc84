"""What one session changed: its files, their lines, what a person says of them.

It looks again when the session's checkpoint moves.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
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
from swarmctl.app.looked import Comment, as_message, note_comments
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import SwarmError
from swarmctl.core.patch import Change
from swarmctl.core.rejection import Rejection, Run
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.diff_colours import colour_soon
from swarmctl.surfaces.tui.diff_deeds import BOTH_SIDES, DIFF_DEEDS, Ground
from swarmctl.surfaces.tui.diff_find import Find
from swarmctl.surfaces.tui.diff_model import Opened, opened, quote_of
from swarmctl.surfaces.tui.diff_remark import OnLine
from swarmctl.surfaces.tui.diff_seen import remember
from swarmctl.surfaces.tui.diff_tree import FileTree
from swarmctl.surfaces.tui.diff_view import DiffView
from swarmctl.surfaces.tui.diff_words import found_words, nothing_words, path_words, top_words
from swarmctl.surfaces.tui.newest import Newest
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line

BESIDE = 100
"""Columns from which on the tree stands beside the lines."""
BESIDE_BOTH = 170
"""The same while both sides are shown."""
TICK_S = 1.0
KEPT = 50_000
"""Lines of files that stay ready after they were looked at."""
Key = tuple[str, str, str, str]


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
        self._written = self._writing = 0
        """How often comments were written down here, and how many times that is under way."""
        self._opened: dict[Key, Opened] = {}
        self._wanted: Change | None = None
        self._asking = False
        self._reading = Newest[tuple[int, Comparison]](self, self._came, self._failed)
        self._opening = Newest[Opened](self, self._open_came, self._open_failed)

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
                view = DiffView(id="lines")
                yield view
                yield Find(view)
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        self.view.say("reading …")
        self.tree_pane.focus()
        self.set_interval(TICK_S, self._tick)
        self._show_words()
        self._read()

    def on_unmount(self) -> None:
        known = self._comparison
        if known is not None and known.after and not self.station.is_picture:
            remember(self._place, self._session, known.after)

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
        place, session, since = self._place, self._session, self._since

        def act() -> tuple[int, Comparison]:
            written = self._written
            return written, compare(place, session, since=since)

        self._reading.want(since, act, anew=True)

    def _failed(self, error: SwarmError) -> None:
        self.station.complain(error)
        if self._comparison is None:
            self.view.say(one_line(error.message))
        else:
            self._since = self._comparison.since

    def _came(self, read: tuple[int, Comparison]) -> None:
        """What it says of the comments is old when one was written or sent meanwhile."""
        written, found = read
        self._comparison, self._since = found, found.since
        self._opened.clear()
        self.tree_pane.show(found.changes, found.fresh)
        if written == self._written and not self._writing:
            self._note_comments(found.looked.comments)
        if not found.changes:
            self._wanted = None
            self._opening.drop()
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
            self._opening.drop()
            self._show(self._opened[_key(change)])
        else:
            key = comparison.before, comparison.after, _key(change)
            self._opening.want(key, partial(opened, self._place, comparison, change))

    def _open_failed(self, error: SwarmError) -> None:
        self._wanted = None
        self.view.say(one_line(error.message))
        self._show_words()

    def _open_came(self, found: Opened) -> None:
        self._keep(found)
        self._show(found)

    def _keep(self, found: Opened) -> None:
        lines = len(found.lines) + sum(len(each.lines) for each in self._opened.values())
        while self._opened and lines > KEPT:
            gone = next(iter(self._opened))
            lines -= len(self._opened[gone].lines)
            del self._opened[gone]
        self._opened[_key(found.change)] = found

    def _show(self, found: Opened) -> None:
        if self.view.opened is not found:
            self.view.show(found, self._comments_here(), found.note)
            colour_soon(self, self.view, self._place, found)
        self._show_words()

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
        return Ground(self._session, width, known, change, view.line, comments, view.remark, view.wanted)

    def _show_words(self) -> None:
        ground, view = self.ground, self.view
        found = found_words(view.wanted, view.hit)
        self.show_keys()
        self.query_one("#diff-top", Static).update(top_words(ground, self._title))
        self.query_one("#diff-path", Static).update(path_words(view.opened, view.change, found))

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

    def do_find(self) -> None:
        self.query_one(Find).begin()

    def action_back(self) -> None:
        if not self.query_one(Find).give_up():
            super().action_back()

    def do_next(self) -> None:
        if self.view.wanted:
            self._seek_hit(1)
        elif not self.view.seek(1):
            self.tree_pane.step(1)

    def do_found_before(self) -> None:
        self._seek_hit(-1)

    def _seek_hit(self, by: int) -> None:
        if not self.view.seek_hit(by):
            self.station.say(f"nothing in this file has {self.view.wanted}")

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
            return lambda: self._wrote(comments)

        where = f"{one_line(path)}:{number}"
        title = fit(f"{where}  {line.text.strip()}", max(20, min(100, self.size.width - 16))).rstrip()
        about, words = f"{session.id} {line.kind} {where}", old.words if old else ""
        self.app.push_screen(OnLine(title, about, self.words["send"], keep, words))

    def do_drop(self) -> None:
        remark = self.ground.remark
        if remark is not None:
            self._drop(self.station, (remark,))

    def _drop(self, station: Station, drop: tuple[Comment, ...]) -> None:
        """Here at once, so that no other key finds them."""

        def done(comments: tuple[Comment, ...]) -> None:
            self._writing -= 1
            self._wrote(comments)

        def failed(error: SwarmError) -> None:
            self._writing -= 1
            station.complain(error)
            if self.is_attached:
                self._read()

        self._writing += 1
        self._note_comments(tuple(each for each in self._comments if each not in drop))
        station.in_background(partial(note_comments, self._place.paths, self._session, drop=drop), done, failed)

    def _wrote(self, comments: tuple[Comment, ...]) -> None:
        self._written += 1
        self._note_comments(comments)

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
            self._drop(station, comments)

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


def _key(change: Change) -> Key:
    return change.old, change.new, change.before, change.after
