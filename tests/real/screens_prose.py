"""Prose that a model may write and that no rule about screens may take for a state."""

PROSE = """\
The server was running when the error came: "Error: connection lost", then it went on running.
Do you want to proceed? is what it asks, and `esc to interrupt` is what it shows while Working.
Action Required, Allow once, Retrying in 5s, Permission required: all of these are only words here.
Nobody is asked anything in this sentence.

"""
SHOWN = "Retrying in 5s"
