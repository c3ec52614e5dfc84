"""A terminal's bytes as lines for people, as they come: what moves the cursor becomes text, what redraws is said once.

Bytes may be cut anywhere. A line is given when it is complete, so that what must not show can be seen whole.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterable

from swarmctl.edges.files.secrets import mask

LONGEST = 16_384
"""Of a line; the rest of it is left out."""
PENDING = 65_536
SCREEN = 200
JUMPS = tuple("HfdBELMST")
OTHER_SCREEN = ("h?47", "l?47", "h?1047", "l?1047", "h?1049", "l?1049")
CUT = " … the rest of the line is left out …"
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?!.*-----END)", re.S)
_KEY_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"\s*[A-Za-z0-9+/=]*\s*|[A-Za-z-]+: .*")
_QUESTION = re.compile(r"""[^"'=]*[?:>$#\])]\s*""")
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]*")
_TOKEN = re.compile(
    r"""
      (?:\x1b\[|\x9b)(?P<args>[0-?]*)[ -/]*(?P<csi>[@-~]?)
    | (?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?
    | \x1b[ -/]*(?P<esc>[0-~]?)
    | (?P<control>[\x00-\x08\x0b-\x1f\x7f-\x9f])
    | [\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]
    | (?P<text>[^\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+)
    """,
    re.X,
)


class Transcript:
    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pending = ""
        self._recent: deque[str] = deque(maxlen=SCREEN)
        self._redrawn = 0
        """How many of the next lines may be there already, because the cursor went up."""
        self._skips = False

    def feed(self, data: bytes) -> list[str]:
        """The lines that these bytes complete."""
        *ended, self._pending = (self._pending + self._decode(data)).split("\n")
        if self._skips and ended:
            ended, self._skips = ended[1:], False
        lines = [line for raw in ended for line in self._lines(raw)]
        if len(self._pending) > PENDING:
            *more, (rest, jump) = rows(self._pending)
            lines += [line for row in more for line in self._said(*row)]
            self._redrawn = max(self._redrawn, jump)
            self._pending = rest[: LONGEST + 1]
        return lines

    def skip(self) -> None:
        """Output is missing here: the line around the gap is not to be trusted."""
        self._pending, self._skips = "", True

    def finish(self) -> list[str]:
        lines, self._pending = self._lines(self._pending) if self.unfinished else [], ""
        return lines

    @property
    def unfinished(self) -> str:
        return "" if self._skips else rows(self._pending)[-1][0]

    def _lines(self, raw: str) -> list[str]:
        return [line for row in rows(raw.removesuffix("\r")) for line in self._said(*row)]

    def _said(self, row: str, jump: int) -> list[str]:
        self._redrawn = max(self._redrawn, jump)
        line = shortened(row.rstrip())
        if self._redrawn > 0:
            self._redrawn -= 1
            if not line or line in self._recent:
                return []
        self._recent.append(line)
        return [line]


def as_lines(text: str) -> str:
    """The whole of what a terminal got, as it reads; text that only says something stays as it is."""
    if _PLAIN.fullmatch(text):
        return text
    transcript = Transcript()
    lines = [*transcript.feed(text.encode(errors="replace")), *transcript.finish()]
    return "".join(f"{line}\n" for line in lines)


def shortened(line: str) -> str:
    """Never in the middle of a word, which could be a secret that nobody would recognise any more."""
    return line if len(line) <= LONGEST else line[:LONGEST].rpartition(" ")[0] + CUT


def rows(raw: str) -> list[tuple[str, int]]:
    """What carriage returns and erasures leave of one line; more where it jumps, with how far back it may have gone."""
    if _PLAIN.fullmatch(raw):
        return [(raw, 0)]
    found: list[tuple[str, int]] = []
    row, back = Row(), 0
    for token in _TOKEN.finditer(raw):
        if token["text"]:
            row.write(token["text"])
        elif token["control"]:
            row.control(token["control"])
        elif jump := row.edit(token["csi"] or "", token["args"] or "") or SCREEN * (token["esc"] in ("M", "c")):
            if row.text.strip():
                found.append((row.text, back))
                back = 0
            back = min(SCREEN, max(back, 1) + jump)
            row = Row()
    return [*found, (row.text, back)]


class Row:
    def __init__(self) -> None:
        self.text = ""
        self.at = 0

    def write(self, text: str) -> None:
        if self.at >= len(self.text):
            self.text = self.text.ljust(self.at) + text
        else:
            self.text = self.text[: self.at] + text + self.text[self.at + len(text) :]
        self.at += len(text)

    def control(self, char: str) -> None:
        if char == "\r":
            self.at = 0
        elif char == "\b":
            self.at = max(0, self.at - 1)

    def edit(self, final: str, args: str) -> int:
        """How many lines a jump may have gone back; zero when the cursor stays in its line."""
        count = min(1000, int(args)) if args.isdigit() and len(args) < 6 else 0
        if final == "C":
            self.at = min(LONGEST, self.at + max(1, count))
        elif final == "D":
            self.at = max(0, self.at - max(1, count))
        elif final in ("G", "`"):
            self.at = max(1, count) - 1
        elif (final == "K" or (final == "J" and not args)) and count == 0:
            self.text = self.text[: self.at]
        elif final == "K":
            self.text = " " * min(self.at, len(self.text)) + self.text[self.at :] if count == 1 else ""
        elif final in ("A", "F"):
            return max(1, count)
        elif final in JUMPS or final + args in OTHER_SCREEN or (final == "J" and args):
            return SCREEN
        return 0


class Masked:
    """Masks line by line what `mask` would mask in the whole text: a key, a password on the line after its name."""

    def __init__(self, known: Iterable[str]) -> None:
        values = set(known)
        self._known = values | {line.strip() for value in values for line in value.splitlines()}
        self._before = ""
        self._in_key = False

    def lines(self, lines: list[str]) -> list[str]:
        lines = self._after_key(lines)
        if not lines:
            return []
        text = "\n".join(lines)
        before, self._before = self._before, lines[-1]
        self._in_key = bool(_KEY_BEGIN.search(text))
        whole, lead = mask(f"{before}\n{text}", self._known), f"{mask(before, self._known)}\n"
        shown = whole.removeprefix(lead) if before and whole.startswith(lead) else mask(text, self._known)
        return shown.split("\n")

    def question(self, line: str) -> str:
        """A line that waits for an answer, when nothing in it can be the beginning of what must not show."""
        if self._in_key or not _QUESTION.fullmatch(line) or mask(line, self._known) != line:
            return ""
        begins = any(line.rstrip().endswith(value[:size]) for value in self._known for size in range(3, len(value)))
        return "" if begins else line

    def _after_key(self, lines: list[str]) -> list[str]:
        while self._in_key and lines:
            line, lines = lines[0], lines[1:]
            if _KEY_END.search(line):
                self._in_key = False
            elif not _KEY_BODY.fullmatch(line):
                self._in_key = False
                return [line, *lines]
        return lines
