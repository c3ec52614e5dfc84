"""The question of `swarmctl ps`, asked with nothing but `sqlite3`, because its start-up is what people wait for."""

import sqlite3


def tasks(path: str) -> list[dict[str, str | int | float | None]]:
    """Every task with its latest session, in the order they were asked for; raises `sqlite3.Error`."""
    uri = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=5.0)
    try:
        cursor = connection.execute("SELECT * FROM swarm_tasks")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    finally:
        connection.close()
