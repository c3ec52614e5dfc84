"""The user's own hooks: what runs at which moment of a session's life, and who may veto."""
