-- What the events add up to. The columns are the fields of the dataclass of the same name.

-- One `swarmctl run`: some tasks, and whether somebody waits for their landing.
CREATE TABLE runs (
    id         TEXT PRIMARY KEY,
    created_at REAL NOT NULL,
    waits      INTEGER NOT NULL,
    lands      TEXT NOT NULL,
    target     TEXT NOT NULL
);

-- What somebody asked for, and what became of it. `session` is its latest attempt.
CREATE TABLE tasks (
    id          TEXT PRIMARY KEY,
    run         TEXT NOT NULL,
    number      INTEGER NOT NULL,
    title       TEXT NOT NULL,
    prompt      TEXT NOT NULL,
    agent       TEXT NOT NULL,
    command     TEXT NOT NULL,
    "check"     TEXT NOT NULL,
    after       TEXT NOT NULL, -- JSON: ids of the tasks that must land first
    terms       TEXT NOT NULL, -- JSON: mode, permission, model and effort that were asked for
    session     TEXT,
    outcome     TEXT,
    reason      TEXT NOT NULL,
    created_at  REAL NOT NULL,
    finished_at REAL,
    waits_for   TEXT NOT NULL, -- the account that takes no more; `!` when a person lets it go all the same
    contest     TEXT NOT NULL -- the group of entries of which a person picks one; empty when it stands alone
);

-- One attempt by one agent at one task. `stage` is the engine's place in its life; `state` is what the evidence says the
-- agent is doing; `place` is where its directory is.
CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    task          TEXT NOT NULL,
    run           TEXT NOT NULL,
    agent         TEXT NOT NULL,
    branch        TEXT NOT NULL,
    target        TEXT NOT NULL,
    base          TEXT NOT NULL,
    base_name     TEXT NOT NULL,
    worktree      TEXT NOT NULL,
    port_base     INTEGER NOT NULL,
    created_at    REAL NOT NULL,
    attempt       INTEGER NOT NULL,
    stage         TEXT NOT NULL,
    state         TEXT NOT NULL,
    state_since   REAL NOT NULL,
    state_why     TEXT NOT NULL,
    state_kind    TEXT NOT NULL,
    state_until   REAL,
    host          TEXT NOT NULL,
    pane          TEXT NOT NULL,
    process       TEXT, -- JSON: pid, start time in clock ticks, boot id
    exit          TEXT, -- JSON: code, signal
    head          TEXT NOT NULL,
    checkpoint    TEXT NOT NULL,
    place         TEXT NOT NULL,
    restored      INTEGER NOT NULL, -- a person asked for the directory back, and it stays
    stop          TEXT NOT NULL,
    asked_to_land INTEGER NOT NULL,
    queued_at     REAL,
    tries         INTEGER NOT NULL,
    staged        TEXT NOT NULL,
    landed        TEXT NOT NULL,
    outcome       TEXT,
    reason        TEXT NOT NULL,
    heard         TEXT NOT NULL, -- JSON: how far its hooks' words were read
    talk          TEXT NOT NULL, -- JSON: the agent's conversation, and what either side waits for
    abroad        TEXT NOT NULL, -- JSON: what is known of its branch on a remote
    adopted       TEXT -- JSON: what a person made by hand, the worktree and perhaps a running agent
);

-- Moves of a target branch, each with the proof that allowed it.
CREATE TABLE landings (
    session     TEXT PRIMARY KEY,
    target      TEXT NOT NULL,
    "commit"    TEXT NOT NULL,
    old         TEXT NOT NULL,
    proof       TEXT NOT NULL, -- JSON: base, head, tree, the promised gates, and the result of each
    intended_at REAL NOT NULL,
    landed_at   REAL,
    parked      TEXT NOT NULL
);

-- What a person approved, by the hash of its content.
CREATE TABLE approvals (
    digest      TEXT PRIMARY KEY,
    subject     TEXT NOT NULL,
    approved_at REAL NOT NULL
);

-- Replies to submitted commands, so that a repeated submission does nothing twice.
CREATE TABLE answers (
    command     TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    answer      TEXT NOT NULL,
    answered_at REAL NOT NULL
);

-- One start of an agent and what it cost, in millionths of a dollar: `amount` was reserved before it; `uses` is what each
-- model used; `how` says how the reservation ended. Money that nobody knows is null in `uses`, never 0.
CREATE TABLE entries (
    id           TEXT PRIMARY KEY,
    session      TEXT NOT NULL,
    task         TEXT NOT NULL,
    run          TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    agent        TEXT NOT NULL,
    model        TEXT NOT NULL,
    day          TEXT NOT NULL,
    amount       INTEGER NOT NULL,
    plan         INTEGER NOT NULL, -- a subscription pays
    scopes       TEXT NOT NULL, -- JSON: the purses in which it counts
    reserved_at  REAL NOT NULL,
    deadline     REAL NOT NULL,
    uses         TEXT NOT NULL, -- JSON: model, tokens, micros, plan, whose price
    conversation TEXT NOT NULL,
    how          TEXT NOT NULL,
    settled_at   REAL
);

-- What counts in one scope: a task, a run, a day, all of this repository. In millionths of a dollar.
CREATE TABLE purses (
    scope    TEXT PRIMARY KEY,
    held     INTEGER NOT NULL, -- by reservations that are open
    live     INTEGER NOT NULL, -- what these used already
    spent    INTEGER NOT NULL,
    told     INTEGER NOT NULL, -- the percentage of `told_cap` that a person was told of
    told_cap INTEGER NOT NULL
);

-- What is known of the limits of providers, by account.
CREATE TABLE limits (
    account  TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    until    REAL NOT NULL,
    said     INTEGER NOT NULL, -- its agent said until when; else it is a guess
    words    TEXT NOT NULL,
    session  TEXT NOT NULL, -- whose word it is
    since    REAL NOT NULL,
    strikes  INTEGER NOT NULL, -- how often it was met again when it was thought to be over
    tried    TEXT, -- who went last since then
    tried_at REAL,
    eased_at REAL -- when it worked again
);

-- Several sessions that do one task from one base, of which a person picks one.
CREATE TABLE contests (
    id         TEXT PRIMARY KEY,
    run        TEXT NOT NULL,
    created_at REAL NOT NULL,
    base       TEXT NOT NULL,
    base_name  TEXT NOT NULL,
    picked     TEXT,
    decided_at REAL, -- when what was picked landed
    aside      TEXT NOT NULL -- JSON: sessions that were put away because another was picked
);

-- What the gates said of a session's work, merged beside the target and not landed. Evidence for a choice, no proof.
CREATE TABLE rehearsals (
    session TEXT PRIMARY KEY,
    stage   TEXT NOT NULL,
    head    TEXT NOT NULL,
    base    TEXT NOT NULL,
    tree    TEXT NOT NULL,
    results TEXT NOT NULL, -- JSON: the result of each gate
    size    TEXT, -- JSON: files, lines added, lines removed
    reason  TEXT NOT NULL,
    at      REAL NOT NULL
);

CREATE INDEX entries_open ON entries (id) WHERE settled_at IS NULL;
CREATE INDEX entries_in_time ON entries (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX entries_of_session ON entries (session);

-- For what is not over, however long the history is, and for the questions that are asked of the rest.
CREATE INDEX sessions_live ON sessions (id)
WHERE NOT (place IN ('deleted', 'returned') AND stage IN ('kept', 'empty', 'landed') AND asked_to_land = 0);
CREATE INDEX tasks_unfinished ON tasks (run) WHERE outcome IS NULL;
CREATE INDEX tasks_of_run ON tasks (run);
CREATE INDEX tasks_of_contest ON tasks (contest) WHERE contest <> '';
CREATE INDEX contests_in_time ON contests (created_at);
CREATE INDEX runs_awaited ON runs (id) WHERE waits;
CREATE INDEX landings_in_time ON landings (landed_at) WHERE landed_at IS NOT NULL;

-- The last point up to which everything was verified: its event, that event's link, how many rows each table had (JSON),
-- and the SHA-256 of the three.
CREATE TABLE remembered (
    seq    INTEGER PRIMARY KEY,
    link   TEXT NOT NULL,
    counts TEXT NOT NULL,
    digest TEXT NOT NULL
);

-- Rows that changed since, as they were then: JSON, or NULL where there was none.
CREATE TABLE remembered_rows (
    "table" TEXT NOT NULL,
    key     TEXT NOT NULL,
    row     TEXT,
    PRIMARY KEY ("table", key)
) WITHOUT ROWID;

-- Tasks with their latest session, in the order they were asked for; the question that `swarmctl ps` asks.
CREATE VIEW swarm_tasks AS
SELECT t.id, t.number, t.run, t.title, t.agent, t.outcome, t.reason, t.created_at, t.finished_at,
       s.id AS session, s.branch, s.target, s.stage, s.state, s.state_since, s.state_why, s.state_kind,
       s.state_until, s.place, s.worktree, s.attempt, s.queued_at, s.stop,
       s.outcome AS session_outcome, s.reason AS session_reason,
       json_extract(s.process, '$.pid') AS pid, s.pane, s.host,
       r.waits, r.lands,
       CASE WHEN json_extract(s.abroad, '$.going') <> '' THEN 'pushing'
            WHEN json_extract(s.abroad, '$.request') <> '' THEN 'request'
            WHEN json_extract(s.abroad, '$.commit') <> '' THEN 'pushed' ELSE '' END AS abroad,
       l.account AS waits_for, l.until AS waits_until, l.said AS waits_said, l.session AS waits_by
FROM tasks t
LEFT JOIN sessions s ON s.id = t.session
LEFT JOIN limits l ON l.account = CASE WHEN s.id IS NULL THEN t.waits_for
                                       WHEN s.stage = 'limited' THEN json_extract(s.talk, '$.account') END
LEFT JOIN runs r ON r.id = t.run
ORDER BY t.rowid;

CREATE VIEW swarm_sessions AS
SELECT id, task, agent, stage, state, state_kind, state_until, state_why, branch, place, worktree, outcome, reason,
       strftime('%Y-%m-%dT%H:%M:%SZ', created_at, 'unixepoch') AS created,
       strftime('%Y-%m-%dT%H:%M:%SZ', state_since, 'unixepoch') AS since
FROM sessions
ORDER BY rowid;

CREATE VIEW swarm_landings AS
SELECT session, target, "commit", old,
       json_extract(proof, '$.tree') AS tree,
       CASE json_array_length(proof, '$.promised') WHEN 0 THEN 'ungated' ELSE 'gated' END AS proof,
       (SELECT group_concat(json_extract(value, '$.gate') || ': ' || json_extract(value, '$.words'), ', ')
        FROM json_each(proof, '$.results')) AS gates,
       strftime('%Y-%m-%dT%H:%M:%SZ', landed_at, 'unixepoch') AS landed,
       parked
FROM landings
ORDER BY rowid;

CREATE VIEW swarm_costs AS
SELECT e.id, e.session, e.task, e.run, e.agent, e.day, e.how,
       json_extract(u.value, '$.model') AS model,
       json_extract(u.value, '$.tokens.input') AS input,
       json_extract(u.value, '$.tokens.cache_write') AS cache_write,
       json_extract(u.value, '$.tokens.cache_read') AS cache_read,
       json_extract(u.value, '$.tokens.output') AS output,
       json_extract(u.value, '$.micros') / 1e6 AS usd,
       json_extract(u.value, '$.plan') AS plan,
       json_extract(u.value, '$.priced') AS priced
FROM entries e LEFT JOIN json_each(e.uses) u
ORDER BY e.rowid;

CREATE VIEW swarm_timeline AS
SELECT seq, strftime('%Y-%m-%dT%H:%M:%fZ', at, 'unixepoch') AS time, kind, task, session, body
FROM events;
