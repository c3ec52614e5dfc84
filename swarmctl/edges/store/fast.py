"""The question of `swarmctl ps`, asked with nothing but `sqlite3`, because its start-up is what people wait for."""

import os
import sqlite3

FORMAT = 4
"""The newest format, as `shape.newest` has it; this question is the same in all before it."""


def tasks(path: str) -> "list[dict[str, str | int | float | None]] | None":
    """Every task with its latest session, in the order they were asked for; None when this way gives no answer."""
    try:
        connection = sqlite3.connect(uri(path), uri=True, timeout=5.0)
    except sqlite3.Error:
        return None
    try:
        if not 0 < connection.execute("PRAGMA user_version").fetchone()[0] <= FORMAT:
            return None
        cursor = connection.execute("SELECT * FROM swarm_tasks")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def uri(path: str) -> str:
    """Reading only. Where nothing can be written SQLite is told that nothing changes, or it could not open the file."""
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    still = not os.path.exists(path + "-wal") and not os.access(os.path.dirname(path) or ".", os.W_OK)  # noqa: PTH110, PTH120
    return f"file:{quoted}?mode=ro" + ("&immutable=1" if still else "")
