"""The faces: parse, ask app, show."""
