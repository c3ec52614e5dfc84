"""The always-on: read the facts, take one step, append what it yields."""
