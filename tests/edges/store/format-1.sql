BEGIN TRANSACTION;
CREATE TABLE answers (
    command     TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    answer      TEXT NOT NULL,
    answered_at REAL NOT NULL
);
INSERT INTO "answers" VALUES('c1','run','{"answer": {"run": "r1"}}',1005.0);
CREATE TABLE approvals (
    digest      TEXT PRIMARY KEY,
    subject     TEXT NOT NULL,
    approved_at REAL NOT NULL
);
INSERT INTO "approvals" VALUES('d1','gate',1014.0);
CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,
    at      REAL NOT NULL,
    kind    TEXT NOT NULL,
    session TEXT,
    task    TEXT,
    body    TEXT NOT NULL,
    link    TEXT NOT NULL
);
INSERT INTO "events" VALUES(1,1001.0,'SupervisorStarted',NULL,NULL,'{"pid": 1, "boot": "boot", "version": "0.1.0", "unclean": false}','ddc0d0ab74072764095374673b893df3b685f3eebea62522cd5f6d2cec7cbcf6');
INSERT INTO "events" VALUES(2,1002.0,'RunSubmitted',NULL,NULL,'{"run": "r1", "waits": true, "lands": "waited", "target": "main"}','b934f26fa0daf7097dfa11ed3343b37f2f824380784588ffa3474948d165674a');
INSERT INTO "events" VALUES(3,1003.0,'TaskAdded',NULL,'t1','{"task": "t1", "run": "r1", "number": 1, "title": "café", "prompt": "a prompt", "agent": "shell", "command": "true", "check": "", "after": []}','200b968b89df1d5d13b650a620567880677362798aca5ab86ac71025812fce21');
INSERT INTO "events" VALUES(4,1004.0,'TaskAdded',NULL,'t2','{"task": "t2", "run": "r1", "number": 2, "title": "second", "prompt": "p", "agent": "fake", "command": "", "check": "", "after": ["t1"]}','edc96b10646bebb78ee0e50891bc9cb2242bf41b8c6d84a45e72513be3cb452e');
INSERT INTO "events" VALUES(5,1005.0,'CommandDone',NULL,NULL,'{"command": "c1", "kind": "run", "answer": "{\"answer\": {\"run\": \"r1\"}}"}','6a1d64051afbd76e5bb5e93a7c971ed0debf8b3d8559beef18a15fa8c9b154ef');
INSERT INTO "events" VALUES(6,1006.0,'SessionPlanned','s1','t1','{"session": "s1", "task": "t1", "run": "r1", "agent": "shell", "branch": "swarm/a-s1", "target": "main", "base": "0000000000000000000000000000000000000000", "base_name": "main", "worktree": "/w/caf\udce9", "port_base": 41000}','60ed17b6b256cd09cd36494747d2262a95b3de629e7212d727c080e8e5ca446c');
INSERT INTO "events" VALUES(7,1007.0,'WorktreeReady','s1','t1','{"session": "s1", "warm": true}','9fdd0c4ec98b1f000bf7c83015564e8b82ad1a186fa46d8767de7f34af7889e4');
INSERT INTO "events" VALUES(8,1008.0,'LaunchIntended','s1','t1','{"session": "s1", "host": "tmux", "attempt": 1}','2abd0f92bf0d61b7a3a8245bf29ee3dfe635900e7b74c9a665f3eafd8f8e9117');
INSERT INTO "events" VALUES(9,1009.0,'SessionStarted','s1','t1','{"session": "s1", "process": {"pid": 7, "started": 8, "boot": "boot"}, "pane": "%1"}','b930e1e35396957960bb81afc393f49460714e131a8ecc4e8b5c22f81f9784f6');
INSERT INTO "events" VALUES(10,1010.0,'SessionEnded','s1','t1','{"session": "s1", "exit": {"code": 0, "signal": null}, "source": "exit file"}','fb830a9218bce349f84d1abdee8f4bd029e65e43d092be4f49880f93970ad301');
INSERT INTO "events" VALUES(11,1011.0,'Checkpointed','s1','t1','{"session": "s1", "commit": "1111111111111111111111111111111111111111", "why": "end of session"}','82534477749694b1d27edc7d2b10408c60c7e72ce08b0721178e1d9d9651ecf1');
INSERT INTO "events" VALUES(12,1012.0,'WorkCommitted','s1','t1','{"session": "s1", "head": "2222222222222222222222222222222222222222", "files": []}','b0592080dbd167da247b35b0ab78114351851f30756e603cbe86ec7bb7611f2a');
INSERT INTO "events" VALUES(13,1013.0,'SessionReady','s1','t1','{"session": "s1", "head": "2222222222222222222222222222222222222222"}','4cf1e4974340e05a6b48df57fecd848c8a91661f2dca2ad360339ad795750b07');
INSERT INTO "events" VALUES(14,1014.0,'Approved',NULL,NULL,'{"subject": "gate", "digest": "d1"}','dacbdd1e4b574d6104cf6d45abff5aa4295215e1180117d88f7a344a8acf1090');
INSERT INTO "events" VALUES(15,1015.0,'SupervisorStopped',NULL,NULL,'{"why": "idle"}','cd2ca5ca97d1abc08ede87098b0feade68ae7d31c7c7b3c9e14748971f35afa0');
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
CREATE TABLE runs (
    id         TEXT PRIMARY KEY,
    created_at REAL NOT NULL,
    waits      INTEGER NOT NULL,
    lands      TEXT NOT NULL,
    target     TEXT NOT NULL
);
INSERT INTO "runs" VALUES('r1',1002.0,1,'waited','main');
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
    reason        TEXT NOT NULL
);
INSERT INTO "sessions" VALUES('s1','t1','r1','shell','swarm/a-s1','main','0000000000000000000000000000000000000000','main',X'2F772F636166EDB3A9',41000,1006.0,1,'ready','exited',1010.0,'exit file','tmux','%1','{"pid": 7, "started": 8, "boot": "boot"}','{"code": 0, "signal": null}','2222222222222222222222222222222222222222','1111111111111111111111111111111111111111','present',0,'',0,NULL,0,'','','ready','');
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
    session     TEXT,
    outcome     TEXT,
    reason      TEXT NOT NULL,
    created_at  REAL NOT NULL,
    finished_at REAL
);
INSERT INTO "tasks" VALUES('t1','r1',1,'café','a prompt','shell','true','','[]','s1',NULL,'',1003.0,NULL);
INSERT INTO "tasks" VALUES('t2','r1',2,'second','p','fake','','','["t1"]',NULL,NULL,'',1004.0,NULL);
CREATE INDEX events_of_session ON events (session, seq) WHERE session IS NOT NULL;
CREATE INDEX events_of_task ON events (task, seq) WHERE task IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE VIEW swarm_tasks AS
SELECT t.id, t.number, t.run, t.title, t.agent, t.outcome, t.reason, t.created_at, t.finished_at,
       s.id AS session, s.branch, s.target, s.stage, s.state, s.state_since, s.state_why, s.place, s.worktree, s.attempt,
       s.queued_at, s.stop, s.outcome AS session_outcome, s.reason AS session_reason,
       json_extract(s.process, '$.pid') AS pid, s.pane, s.host,
       r.waits, r.lands
FROM tasks t
LEFT JOIN sessions s ON s.id = t.session
LEFT JOIN runs r ON r.id = t.run
ORDER BY t.rowid;
CREATE VIEW swarm_sessions AS
SELECT id, task, agent, stage, state, state_why, branch, place, worktree, outcome, reason,
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
CREATE VIEW swarm_timeline AS
SELECT seq, strftime('%Y-%m-%dT%H:%M:%fZ', at, 'unixepoch') AS time, kind, task, session, body
FROM events;
COMMIT;
PRAGMA user_version = 1;
