"""The ledger on disk: SQLite, append-only events, and the rows they project to; the only home of `sqlite3`."""
