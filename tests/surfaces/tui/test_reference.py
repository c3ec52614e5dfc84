"""docs/tui.md says what the tables of deeds say."""

from __future__ import annotations

from swarmctl.surfaces.tui import reference
from swarmctl.surfaces.tui.keymap import TAKEN
from swarmctl.surfaces.tui.rows import Group
from swarmctl.surfaces.tui.tables import TABLES


def test_the_docs_hold_the_keys_as_they_are() -> None:
    text = reference.TUI_MD.read_text()
    assert reference.page(text) == text, "python -m swarmctl.surfaces.tui.reference writes it anew"
    for screen, deeds in TABLES.items():
        for deed in deeds:
            assert f"`{screen}.{deed.name}`" in text if screen else f"`{deed.name}`" in text


def test_out_of_the_box_no_two_deeds_of_a_screen_have_one_key_and_none_a_fixed_one() -> None:
    for deeds in TABLES.values():
        keys = [deed.key for deed in deeds]
        assert len(set(keys)) == len(keys)
        assert not set(keys) & set(TAKEN)


def test_every_sign_is_explained() -> None:
    assert set(reference.MEANINGS) == set(Group)
