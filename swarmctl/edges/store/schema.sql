-- The ledger of one repository. `events` is what happened, in order, and is never changed. Every other table is what the
-- events add up to: written in the same transaction as the event, and rebuilt from the events when its shape changes.
--
-- Times are seconds since the epoch; the views show them as ISO 8601 in UTC. A nested value is JSON text.
-- Look around with:  sqlite3 -readonly -box swarm.db 'SELECT * FROM swarm_timeline ORDER BY seq DESC LIMIT 20'

-- What happened. `session` and `task` are copies out of `body`, for searching. `link` is the SHA-256 of the link before
-- and of this row, so that a row which was edited by hand is found at the next start.
CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,
    at      REAL NOT NULL,
    kind    TEXT NOT NULL,
    session TEXT,
    task    TEXT,
    body    TEXT NOT NULL,
    link    TEXT NOT NULL
);
CREATE INDEX events_of_session ON events (session, seq) WHERE session IS NOT NULL;
CREATE INDEX events_of_task ON events (task, seq) WHERE task IS NOT NULL;
CREATE INDEX events_of_run ON events (json_extract(body, '$.run'), seq)
WHERE kind IN ('RunSubmitted', 'RunLeft', 'RunJoined');

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
