"""The questions of `ps` and `statusline`, asked with `sqlite3` alone: their start-up is what people wait for."""

import os
import sqlite3

FORMAT = 10
"""The newest format, as `shape.newest` has it; these questions are the same in all before it."""
ACTIVE = ("planned", "provisioned", "launching", "running", "ended")
"""The stages of `session.ACTIVE`."""


def tasks(path: str, boot: str = "", since: float = 0.0) -> "list[dict[str, str | int | float | None]] | None":
    """Tasks with their latest session, in the order they were asked for; None when this way gives no answer.

    Those that finished before `since` are left out, but for the last ones and those whose work still lies there.
    """
    rows = _ask(path, _TASKS, since)
    gated = [each["session"] for each in _ask(path, _GATED) or ()]  # Older formats know of none.
    for row in rows or ():
        was = row.pop("boot")
        row["rehearsal"] = "begun" if row["session"] in gated and row["stage"] in ("ready", "kept") else ""
        if boot and was and was != boot and row["stage"] == "running":
            row |= {
                "state": "lost",
                "state_why": "the machine was restarted since",
                "state_kind": "",
                "state_until": None,
            }
        elif row["state"] == "starting" and row["stage"] not in ACTIVE:
            row |= {"state": "exited", "state_why": "nothing was started"}
    return rows


_GATED = "SELECT session FROM rehearsals WHERE stage = 'begun'"


def count(path: str) -> int:
    """How many tasks there ever were."""
    rows = _ask(path, "SELECT count(*) AS count FROM tasks")
    return int(rows[0]["count"] or 0) if rows else 0


_TASKS = """
SELECT v.*, json_extract(s.process, '$.boot') AS boot
FROM swarm_tasks v JOIN tasks t ON t.id = v.id LEFT JOIN sessions s ON s.id = v.session
WHERE v.outcome IS NULL OR v.finished_at >= ? OR v.place = 'present'
OR v.id IN (SELECT id FROM tasks WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 20)
ORDER BY t.rowid
"""


def standing(path: str) -> "list[dict[str, str | int | float | None]] | None":
    """How everything stands that is not over: a row for each unfinished task and each session that is left."""
    return _ask(path, _STANDING)


_STANDING = """
SELECT t.outcome, s.stage, s.state, s.place, s.stop FROM tasks t LEFT JOIN sessions s ON s.id = t.session
WHERE t.outcome IS NULL
UNION ALL
SELECT t.outcome, s.stage, s.state, s.place, s.stop FROM sessions s JOIN tasks t ON t.id = s.task AND t.session = s.id
WHERE NOT (s.place IN ('deleted', 'returned') AND s.stage IN ('kept', 'empty', 'landed') AND s.asked_to_land = 0)
AND t.outcome IS NOT NULL
"""


def _ask(path: str, question: str, *values: float) -> "list[dict[str, str | int | float | None]] | None":
    try:
        connection = sqlite3.connect(uri(path), uri=True, timeout=5.0)
    except sqlite3.Error:
        return None
    try:
        if not 0 < connection.execute("PRAGMA user_version").fetchone()[0] <= FORMAT:
            return None
        cursor = connection.execute(question, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def uri(path: str) -> str:
    """Reading only. Where nothing can be written SQLite is told that nothing changes, or it could not open the file."""
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    still = _nobody_wrote(path + "-wal") and not _is_writable(os.path.dirname(path) or ".")  # noqa: PTH120
    return f"file:{quoted}?mode=ro" + ("&immutable=1" if still else "")


def _nobody_wrote(wal: str) -> bool:
    try:
        return os.stat(wal).st_size == 0  # noqa: PTH116
    except OSError:
        return True


def _is_writable(folder: str) -> bool:
    try:
        return os.access(folder, os.W_OK) and os.statvfs(folder).f_bavail > 0
    except OSError:
        return True
