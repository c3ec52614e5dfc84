"""What a terminal sends, as text: a byte that is no UTF-8 ends nothing, and what is pasted is words, never keys.

The library's reading thread dies of a byte that it cannot decode, and takes an escape sequence in a paste for typed.
"""

from __future__ import annotations

import codecs
import re
from types import ModuleType

from textual.drivers import linux_driver

BEGIN, END = "\x1b[200~", "\x1b[201~"
"""Around a paste."""
CONTROL = re.compile(
    r"\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # titles, links and the like
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, moves of the cursor
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_UTF8 = codecs.getincrementaldecoder("utf-8")


def take_any_bytes(driver: ModuleType = linux_driver) -> None:
    """Its reading thread makes its decoder by this name."""
    driver.getincrementaldecoder = lambda _encoding: Terminal  # type: ignore[attr-defined]


def words_of(paste: str) -> str:
    """Without colours and other control characters than tabs and ends of lines."""
    return CONTROL.sub("", paste.replace("\r\n", "\n").replace("\r", "\n"))


class Terminal:
    """Decodes what comes in pieces of any length; a paste is handed on when it is whole."""

    def __init__(self) -> None:
        self._utf8 = _UTF8(errors="replace")
        self._before = ""
        """The last that was handed on: a paste may begin in it."""
        self._paste: str | None = None

    def decode(self, data: bytes, final: bool = False) -> str:
        rest, taken = self._utf8.decode(data, final), ""
        while rest:
            if self._paste is None:
                piece, rest = self._typed(rest)
            else:
                piece, rest = self._pasted(self._paste, rest)
            taken += piece
        return taken

    def _typed(self, text: str) -> tuple[str, str]:
        """As far as the beginning of a paste, and what follows it."""
        known = len(self._before)
        at = (self._before + text).find(BEGIN)
        if at < 0:
            self._before = (self._before + text)[1 - len(BEGIN) :]
            return text, ""
        self._before, self._paste = "", ""
        end = at + len(BEGIN) - known
        return text[:end], text[end:]

    def _pasted(self, begun: str, text: str) -> tuple[str, str]:
        """Nothing, or the whole, and what follows it."""
        whole = begun + text
        at = whole.find(END, max(0, len(begun) - len(END)))
        if at < 0:
            self._paste = whole
            return "", ""
        self._paste = None
        return words_of(whole[:at]) + END, whole[at + len(END) :]
