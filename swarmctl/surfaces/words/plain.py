"""Untrusted text made fit for a line, and spans of time. Imports nothing: `ps` asks here."""


def one_line(words: str) -> str:
    """Control characters of untrusted text never reach the terminal."""
    return "".join(char if char.isprintable() else " " for char in words)


def age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"
