from __future__ import annotations

import os
from pathlib import Path

from swarmctl.core.config import TrashSettings
from swarmctl.core.ids import SessionId
from swarmctl.edges.files.trash import DAY_S, DOOMED, discard, expired, size_of


def thrown(place: Path, name: str, size: int) -> tuple[SessionId, Path]:
    folder = place / name
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_bytes(os.urandom(size))
    return SessionId(name), folder


def test_old_trash_expires_and_young_trash_stays(tmp_path: Path) -> None:
    trashed = dict([thrown(tmp_path, "one", 10)])
    now = trashed[SessionId("one")].lstat().st_ctime
    limits = TrashSettings(days=14, max_gb=1)
    assert expired(trashed, limits, now + 13 * DAY_S) == []
    assert expired(trashed, limits, now + 15 * DAY_S) == ["one"]


def test_too_much_trash_loses_its_oldest_first(tmp_path: Path) -> None:
    trashed = dict([thrown(tmp_path, "first", 600_000), thrown(tmp_path, "second", 600_000)])
    ages = sorted(trashed, key=lambda name: trashed[name].lstat().st_ctime_ns)
    now = max(folder.lstat().st_ctime for folder in trashed.values())
    assert expired(trashed, TrashSettings(days=14, max_gb=0.001), now) == ages[:1]
    assert expired(trashed, TrashSettings(days=14, max_gb=0.0001), now) == ages


def test_a_folder_that_is_gone_counts_as_expired(tmp_path: Path) -> None:
    assert expired({SessionId("gone"): tmp_path / "gone"}, TrashSettings(), 10 * 365 * DAY_S) == ["gone"]


def test_what_is_discarded_leaves_the_trash_whole_before_any_file_of_it_goes(tmp_path: Path) -> None:
    _, folder = thrown(tmp_path / "trash", "one", 10)
    _, left_over = thrown(tmp_path / "trash", f"{DOOMED}cut-short", 10)
    _, other = thrown(tmp_path / "trash", "other", 10)
    discard(folder)
    assert not folder.exists() and not left_over.exists()
    discard(folder)
    assert list((tmp_path / "trash").iterdir()) == [other]


def test_size_counts_what_is_below_and_not_what_links_lead_to(tmp_path: Path) -> None:
    _, folder = thrown(tmp_path, "one", 200_000)
    (tmp_path / "big").write_bytes(os.urandom(900_000))
    (folder / "link").symlink_to(tmp_path / "big")
    assert 200_000 <= size_of(folder) < 500_000
    assert size_of(tmp_path / "nothing") == 0
