"""Untrusted text made fit for a line, and spans of time. Imports nothing: `ps` asks here."""


def one_line(words: str) -> str:
    """Control characters of untrusted text never reach the terminal."""
    return words if words.isprintable() else "".join(char if char.isprintable() else " " for char in words)


def hung(label: str, words: str, width: int) -> str:
    """Broken at spaces, under where the words begin; a word that is longer than the line stays whole."""
    import textwrap

    room = max(width - len(label), 1)
    lines = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False) or [""]
    return f"\n{' ' * len(label)}".join([f"{label}{lines[0]}", *lines[1:]])


def age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"
