"""The command line: parse, ask app, show."""
