"""The console script that agents' hooks call."""
