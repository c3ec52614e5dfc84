"""A person's own keys and theme: what they may be, where a mistake is, and that they hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from textual.widget import Widget

from swarmctl.app.own import Own, own_settings
from swarmctl.core.config import TuiSettings
from swarmctl.core.errors import UsageFault
from swarmctl.core.gate import Verdict
from swarmctl.surfaces.tui import compare_deeds, deeds, diff_deeds, screen_deeds
from swarmctl.surfaces.tui.compare_entries import Entries
from swarmctl.surfaces.tui.deed import NAMED, key_words
from swarmctl.surfaces.tui.diff_tree import FileTree
from swarmctl.surfaces.tui.diff_view import DiffView
from swarmctl.surfaces.tui.keymap import TAKEN, TAKEN_AT, keys_of
from swarmctl.surfaces.tui.line_list import LineList
from swarmctl.surfaces.tui.log_screen import LogScreen
from swarmctl.surfaces.tui.preview_pane import PreviewPane
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.tui.swarm_list import SwarmList
from swarmctl.surfaces.tui.tables import TABLES
from swarmctl.surfaces.tui.themes import theme_of
from tests.surfaces.tui.rivals import attempt, gated
from tests.surfaces.tui.stage import Scene, Stage, play


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "config" / "swarmctl" / "config.toml"
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('mrge = "M"', "[tui.keys] mrge is an unknown deed; did you mean merge?"),
        ('gates = "M"', "[tui.keys] gates is an unknown deed; did you mean queue?"),
        ('merge = "ctrl+"', "[tui.keys] merge has an unknown key 'ctrl+'; did you mean ctrl+y?"),
        ('merge = "spcae"', "[tui.keys] merge has an unknown key 'spcae'; did you mean space?"),
        ('merge = "x"', "[tui.keys] merge is on 'x', where stop is"),
        ('merge = "J"', ""),
        ('merge = "j"', "[tui.keys] merge cannot have 'j', which moves in lists and lines"),
        ('merge = "Left"', "[tui.keys] merge cannot have 'Left', which moves in lists and lines"),
        ('merge = "ctrl+d"', "[tui.keys] merge cannot have 'ctrl+d', which moves in lists and lines"),
        ('merge = "ctrl+z"', "[tui.keys] merge cannot have 'ctrl+z', which goes to the shell"),
        ('merge = "ctrl+m"', "[tui.keys] merge cannot have 'ctrl+m', which is Enter to a terminal"),
        ('diff.comment = "g"', "[tui.keys] diff.comment cannot have 'g', which goes to the first line"),
        ('diff.send = "enter"', "[tui.keys] diff.send cannot have 'enter', which opens the file"),
        ('compare.pick = "G"', "[tui.keys] compare.pick cannot have 'G', which goes to the last line"),
    ],
)
def test_a_key_that_cannot_be_is_said_with_file_line_and_nearest_name(
    stage: Stage, file: Path, line: str, words: str
) -> None:
    file.write_text(f'[tui]\ntheme = "nord"\n\n[tui.keys]\nnew = "I"\n{line}\n')
    if not words:
        assert keys_of(own_settings(stage.place)) == {"new": "I", "merge": "J"}
        return
    with pytest.raises(UsageFault) as fault:
        keys_of(own_settings(stage.place))
    assert fault.value.message == f"{file}:6: {words}"
    assert fault.value.hint


def test_two_deeds_may_change_places(stage: Stage, file: Path) -> None:
    file.write_text(
        '[tui.keys]\nmerge = "x"\nstop = "m"\nfilter = "ctrl+F"\nhelp = "F1"\nundo = "."\n'
        'send = "shift+s"\ncompare.gate = "g"\n'
    )
    assert keys_of(own_settings(stage.place)) == {
        "merge": "x",
        "stop": "m",
        "filter": "ctrl+f",
        "help": "f1",
        "undo": "full_stop",
        "send": "S",
        "compare.gate": "g",
    }


WIDGETS: dict[str, tuple[type[Widget], ...]] = {
    "": (SwarmList, PreviewPane),
    "diff": (FileTree, DiffView),
    "compare": (Entries, LineList, DiffView),
    "queue": (LineList, PreviewPane),
    "log": (PreviewPane,),
    "money": (LineList,),
    "timeline": (LineList, PreviewPane),
    "why": (LineList,),
}


@pytest.mark.parametrize("screen", sorted(TABLES))
def test_no_deed_can_get_a_key_that_moves_something_on_its_screen(screen: str) -> None:
    bound = {key for widget in WIDGETS[screen] for key in widget._merge_bindings().key_to_bindings}
    assert bound <= {*TAKEN, *TAKEN_AT.get(screen, ()), *(deed.key for deed in TABLES[screen])}


def test_a_key_of_ones_own_does_it_and_is_shown(stage: Stage, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWARMCTL__TUI__KEYS", '{help = "f1"}')
    file.write_text('[tui]\nback = "ctrl+g"\n[tui.keys]\nnew = "ctrl+t"\n')
    own = own_settings(stage.place)

    async def act(scene: Scene) -> None:
        await scene.shows("^t new", "F1 help", "Ctrl+g comes back".replace("Ctrl+g", "^g"))
        await scene.press("n")
        assert scene.app.screen is scene.app.home
        await scene.press("ctrl+t")
        await scene.shows("New task")

    play(stage, act, own=own)


OTHERS = {
    "new": "f1",
    "merge": "f2",
    "up": "f3",
    "land": "f4",
    "stop": "f5",
    "undo": "f6",
    "resume": "f7",
    "attach": "f8",
    "diff.comment": "f1",
    "diff.send": "f2",
    "log.find": "f9",
    "compare.pick": "f9",
    "compare.undo": "f10",
}
GREEN = (Verdict.PASS, "12 tests", 12)
BY_ITSELF = re.compile(r"(?:^|[:,;(→] |\n|and |until )[b-zB-HJ-Z$/] (?:on |in |\w+s\b)")
"""A key that is spelt out, and does something."""


def test_words_name_the_keys_that_the_person_has(stage: Stage) -> None:
    stage.queued("waits")
    stage.parked("parkd", "main", "a.txt")
    stage.ready("redy1")

    async def act(scene: Scene) -> None:
        rows = scene.app.home.query_one(SwarmList)
        await scene.shows("Task redy1", "F3 starts it.")
        rows.go_to("redy1")
        await scene.shows("→ F2 lands it")
        await scene.press("f7")
        await scene.shows("redy1 is ready: F2 lands it, s gives it more to do")
        await scene.press("p")
        await scene.shows("redy1 is the only attempt at its task: F2")
        await scene.press("c")
        await scene.shows("nothing was tried several times yet: F1")
        rows.go_to("parkd")
        await scene.press("f2")
        await scene.shows("parkd is parked: free the path that blocks, then F4")
        rows.go_to("waits")
        await scene.press("f2")
        await scene.shows("waits is in the merge queue already, but", "runs: F3 starts it")
        await scene.press("s")
        await scene.shows("waits is in the merge queue: F5 takes it out")
        await scene.press("question_mark")
        await scene.shows("not now: waits is in the merge queue already, but no supervisor runs: F3 starts it")

    play(stage, act, (200, 60), own=Own(TuiSettings(keys=OTHERS)))


def test_words_of_another_screen_name_its_keys_and_those_of_the_list(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.queued("waits")
    monkeypatch.setattr(Station, "ask", lambda self, kind, args, then: then({}))

    async def act(scene: Scene) -> None:
        await scene.shows("Task waits")
        await scene.press("d")
        await scene.shows("unseen")
        await scene.press("f2")
        await scene.shows("no comment is written yet: F1 writes one")
        await scene.press("q", "g")
        await scene.shows("Merge queue", "Task waits")
        await scene.press("x")
        await scene.shows("waits is out of the queue; F2 in the list puts it back")

    play(stage, act, own=Own(TuiSettings(keys=OTHERS)))


def test_words_where_attempts_are_compared_name_the_keys_of_that_screen(stage: Stage) -> None:
    for name, number in (("small", "43"), ("large", "44\n    # fresh")):
        attempt(stage, name, {"app.py": f"def answer() -> int:\n    return {number}\n"})
        gated(stage, name, tests=GREEN)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("c")
        await scene.shows("F9 lands small")
        await scene.press("f9")
        await scene.shows("Pick small?", "F10 brings one")

    play(stage, act, (160, 40), own=Own(TuiSettings(keys=OTHERS)))


def test_a_log_names_the_key_that_searches_in_it(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.shows("Nothing runs here yet.", "F1     give an agent a task")
        await scene.app.push_screen(LogScreen("a log", lambda: ("one",)))
        await scene.press("n")
        await scene.shows("nothing is searched for: F9")

    play(stage, act, own=Own(TuiSettings(keys=OTHERS)))


def test_no_key_of_a_deed_is_spelt_out_in_words() -> None:
    found = {
        (file.name, node.value)
        for file in Path(str(deeds.__file__)).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and BY_ITSELF.search(node.value)
    }
    assert not found


def test_every_deed_that_is_named_in_words_is_one() -> None:
    known = {deed.name for deeds in TABLES.values() for deed in deeds} | {"back"}
    named = set()
    for file in (deeds, screen_deeds, diff_deeds, compare_deeds):
        parsed = ast.parse(Path(str(file.__file__)).read_text())
        words = [node.value for node in ast.walk(parsed) if isinstance(node, ast.Constant)]
        named |= {name for said in words for name in NAMED.findall(str(said))}
    assert {"back", "new", "up", "land"} < named <= known


def test_a_theme_is_ours_one_of_textuals_or_what_the_terminal_says(stage: Stage, file: Path) -> None:
    assert theme_of(Own(TuiSettings()), {}) == "swarm-dark"
    assert theme_of(Own(TuiSettings()), {"COLORFGBG": "0;15"}) == "swarm-light"
    assert theme_of(Own(TuiSettings()), {"COLORFGBG": "15;0"}) == "swarm-dark"
    assert theme_of(Own(TuiSettings(theme="nord")), {"COLORFGBG": "0;15"}) == "nord"
    file.write_text('[tui]\ntheme = "swarm-drak"\n')
    with pytest.raises(UsageFault, match=r"config\.toml:2: .* did you mean swarm-dark\?"):
        theme_of(own_settings(stage.place), {})


def test_without_colour_nothing_is_coloured(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage.asks("block")
    stage.ready("redy1")

    async def act(scene: Scene) -> None:
        await scene.shows("Task block", "▲", "◆")
        for strip in scene.app.screen._compositor.render_strips():
            for segment in strip.apply_filter(scene.app._filters[-1], scene.app.screen.background_colors[1]):
                for color in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert color is None or color.triplet is None or len(set(color.triplet)) == 1

    play(stage, act)


def test_keys_are_named_as_on_a_keyboard() -> None:
    assert [key_words(key) for key in ("question_mark", "ctrl+t", "f12", "M", "comma", "delete")] == [
        "?",
        "^t",
        "F12",
        "M",
        ",",
        "del",
    ]
