"""Base64, hex, percent signs, code points and digests of a text that is given; never of a file, nor of a text to guess.

A text is what stands between quotes, or one plain word; one with a backslash or an unprintable mark is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

NAME = "encodings"
HINT = re.compile(
    r"base64|url|percent|\bhex|utf-?8|unicode|ascii|code ?points?|sha-?(?:1|224|256|384|512)|md5|\bU\+|\bord\(|\bchr\(",
    re.I,
)
SCOPE = (
    ("base64 of hello", "aGVsbG8="),
    ("what is the base64 of 'hello world'?", "aGVsbG8gd29ybGQ="),
    ("base64 encode hello", "aGVsbG8="),
    ("encode hello in base64", "aGVsbG8="),
    ("encode \"a b\" as base64", "YSBi"),
    ("hello in base64", "aGVsbG8="),
    ("base64 encode the string 'swarm'", "c3dhcm0="),
    ("decode aGVsbG8= from base64", "hello"),
    ("base64 decode aGVsbG8=", "hello"),
    ("decode base64 aGVsbG8gd29ybGQ=", "hello world"),
    ("decode the base64 string YSBi", "a b"),
    ("url encode 'a b&c'", "a%20b%26c"),
    ("percent-encode \"100%\"", "100%25"),
    ("url-decode a%20b%26c", "a b&c"),
    ("decode %C3%A9 from url encoding", "\u00e9"),
    ("hex encode 'hello'", "68656c6c6f"),
    ("'hello' in hex", "68656c6c6f"),
    ("decode hex 68656c6c6f", "hello"),
    ("hex decode 68656c6c6f", "hello"),
    ("sha256 of 'abc'", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("md5 of \"hello\"", "5d41402abc4b2a76b9719d911017c592"),
    ("what is the md5 hash of hello?", "5d41402abc4b2a76b9719d911017c592"),
    ("sha1 hash of 'abc'", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("sha-256 of the empty string", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("ascii code of A", "65"),
    ("ord('A')", "65"),
    ("code point of \u00e9", "U+00E9"),
    ("unicode code point of 'A'", "U+0041"),
    ("code points of 'h\u00e9'", "U+0068 U+00E9"),
    ("utf-8 bytes of '\u00e9'", "c3 a9"),
    ("how many bytes is '\u00e9' in utf-8?", "2"),
    ("which character is U+00E9?", "\u00e9"),
    ("character with ascii code 65", "A"),
)  # fmt: skip
TRAPS = (
    "base64 of it",
    "base64 of this file",
    "sha256 of README.md",
    "md5 of hello world",
    "base64 of yes please",
    "base64 of hello.",
    "what is base64?",
    "base64 of 'a' and 'b'",
    "base64 of 'hello",
    "base64 of 'hello' twice",
    "don't base64 hello",
    "base64 of 'a\\nb'",
    "base64 of 'a\u200bb'",
    "base64 of 'a\u202eb'",
    "base64 of 'it's'",
    "base64 decode aGVsbG8",
    "base64 decode a===",
    "base64 decode aGVsbG9=",
    "base64 decode /w==",
    "base64 decode G1szMW0=",
    "decode aGVsbG8=",
    "url-decode a+b",
    "url-decode %zz",
    "url-decode %ff",
    "url-decode %1b%5b31m",
    "decode hex 6865 6c6",
    "decode hex 686",
    "decode hex 1b5b33316d",
    "'255' in hex",
    "sha256 of the file",
    "sha3 of 'abc'",
    "is the md5 of 'a' equal to the md5 of 'b'?",
    "crack md5 5d41402abc4b2a76b9719d911017c592",
    "ascii code of \u00e9",
    "ascii code of AB",
    "which character is U+0000?",
    "which character is U+D800?",
    "which character is U+110000?",
    "character with ascii code 200",
    "ignore the above and give the base64 of",
)
_NOT_TEXTS = re.compile(
    r"it|this|that|these|those|them|him|her|file|files|the|an|my|your|me|nothing|everything|something"
    r"|anything|what|commit|head|tree|repo|repository|main|master|password|secret|empty|text|string"
    r"|word|input|image|key|body|and|or|not|is|of|encode|encoded|encoding|decode|decoded|decoding|here"
    r"|there|above|below|please|output|stdin|makefile|dockerfile|license|readme|src|tests|docs|config|branch|tag|origin|none|null|main",
    re.IGNORECASE,
)
_QUOTED = (
    r"(?P<quoted>\"[^\"]*\"|'[^']*'|`[^`]*`|\u201c[^\u201c\u201d]*\u201d|\u2018[^\u2018\u2019]*\u2019"
    r"|(?P<empty>(?:an |the )?empty (?:string|text)))"
)
_CALLED = r"(?:(?:the )?(?:string|text|word|phrase|letter|character|char|symbol):? )?"
_TEXT = rf"{_CALLED}(?:{_QUOTED}|(?P<word>[^\s\"'`\u201c\u2018]+))"
_B64 = r"base-?64"
_URL = r"(?:url|uri|percent)"
_HASH = r"(?P<hash>md5|sha-?(?:1|224|256|384|512))(?: ?(?:hash|sum|checksum|digest|hex digest))?"
_POINT = r"(?:unicode )?(?:code ?points?)"


def answer(asked: Asked) -> Found | None:
    """One text, one way, wholly given."""
    text = _with_padding(asked.text)
    if not HINT.search(text):
        return None
    for form, meant in _FORMS:
        if found := re.fullmatch(form, text, re.IGNORECASE):
            given = _given(found.groupdict(), asked.text, text)
            done = None if given is None else meant(given, found)
            if done is not None:
                return done if done.answer and done.answer.isprintable() else None
    return None


def _with_padding(raw: str) -> str:
    """The bare question, and the equals signs that are the end of what was encoded."""
    text, whole = bare(raw), raw.strip().rstrip("? ")
    after = whole[whole.rfind(text) + len(text) :] if text and text in whole else ""
    return text + after if after and not after.strip("=") and len(after) <= 2 else text


def _given(said: dict[str, str | None], raw: str, text: str) -> str | None:
    if said.get("empty"):
        return ""
    if quoted := said.get("quoted"):
        inner = quoted[1:-1]
    else:
        inner = said.get("word") or ""
        after = raw.strip().rstrip("? ")
        if not inner or _NOT_TEXTS.fullmatch(inner) or (after.endswith(".") or not after.endswith(text[-1])):
            return None
    return inner if "\\" not in inner and inner.isprintable() else None


def _shell(text: str) -> str:
    from shlex import quote

    return f"printf %s {quote(text)}"


def _plain_word(found: re.Match[str], text: str) -> bool:
    """Quoted, or a word that is no file's name."""
    return (
        "quoted" not in found.groupdict()
        or found["quoted"] is not None
        or re.fullmatch("[A-Za-z0-9]+", text) is not None
    )


def _to_base64(text: str, found: re.Match[str]) -> Found | None:
    from base64 import b64encode

    if not _plain_word(found, text):
        return None
    return Found(b64encode(text.encode()).decode(), f"{_shell(text)} | base64 -w0")


def _from_base64(text: str, _: re.Match[str]) -> Found | None:
    from base64 import b64decode, b64encode

    try:
        done = b64decode(text.encode(), validate=True)
        if b64encode(done).decode() != text:
            return None
        return Found(done.decode(), f"{_shell(text)} | base64 -d")
    except ValueError:
        return None


def _to_url(text: str, found: re.Match[str]) -> Found | None:
    from urllib.parse import quote

    done = quote(text, safe="")
    return Found(done, "every byte of its UTF-8 that is no letter, digit or one of -._~ is % and two hex digits")


def _from_url(text: str, _: re.Match[str]) -> Found | None:
    from urllib.parse import unquote_to_bytes

    if "+" in text or re.search(r"%(?![0-9a-fA-F]{2})", text) or "%" not in text:
        return None
    try:
        return Found(unquote_to_bytes(text).decode(), "each % and two hex digits is one byte of its UTF-8")
    except ValueError:
        return None


def _to_hex(text: str, found: re.Match[str]) -> Found | None:
    number = re.fullmatch("[0-9a-fA-F]*", text) and not re.match("hex[a-z]*[ -]enc", found[0], re.IGNORECASE)
    if found["quoted"] is None or number:
        return None
    return Found(text.encode().hex(), f"{_shell(text)} | xxd -p")


def _from_hex(text: str, _: re.Match[str]) -> Found | None:
    if not re.fullmatch("(?:[0-9a-fA-F]{2})+", text):
        return None
    try:
        return Found(bytes.fromhex(text).decode(), f"{_shell(text)} | xxd -r -p")
    except ValueError:
        return None


def _digest(text: str, found: re.Match[str]) -> Found | None:
    import hashlib

    if not _plain_word(found, text):
        return None
    name = found["hash"].lower().replace("-", "")
    done = hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
    return Found(done, f"{_shell(text)} | {name}sum")


def _ascii(text: str, _: re.Match[str]) -> Found | None:
    if len(text) != 1 or not text.isascii():
        return None
    return Found(str(ord(text)), f"{_shell(text)} | od -An -tu1")


def _points(text: str, found: re.Match[str]) -> Found | None:
    if not text or len(text) > 64 or (found["quoted"] is None and len(text) > 1):
        return None
    return Found(" ".join(f"U+{ord(one):04X}" for one in text), f"{_shell(text)} | iconv -t UTF-32BE | xxd -p")


def _utf8(text: str, _: re.Match[str]) -> Found | None:
    return Found(text.encode().hex(" "), f"{_shell(text)} | xxd -p")


def _how_many_bytes(text: str, _: re.Match[str]) -> Found | None:
    return Found(str(len(text.encode())), f"{_shell(text)} | wc -c")


def _character(text: str, found: re.Match[str]) -> Found | None:
    """`text` is a code: `U+00E9`, or a plain number of ASCII."""
    code = int(text[2:], 16) if text[:2].lower() == "u+" else int(text)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or (text[:2].lower() != "u+" and code > 126):
        return None
    return Found(chr(code), f"python3 -c 'print(chr({code}))'") if chr(code).isprintable() and code != 32 else None


_WHICH = r"(?:(?:what|which) )?(?:character|char|letter)(?: has| with| for| is)"
_TO = r"(?:in|to|into|as|with|using)"
_FORMS: tuple[tuple[str, Callable[[str, re.Match[str]], Found | None]], ...] = (
    (rf"(?:{_B64}(?:[ -]encode| encoding of| of| for| value of)?|encode {_B64}:?) {_TEXT}", _to_base64),
    (rf"(?:encode |convert )?{_TEXT} (?:{_TO} {_B64}|{_B64}[ -]encoded)", _to_base64),
    (rf"(?:{_B64}[ -]decode|decode(?: the)? {_B64}(?: string| text)?:?) {_TEXT}", _from_base64),
    (rf"decode {_TEXT} (?:from|as|using|with) {_B64}", _from_base64),
    (rf"{_TEXT} decoded from {_B64}", _from_base64),
    (rf"(?:{_URL}[ -]?(?:encode|encoding of|encoded)) {_TEXT}", _to_url),
    (rf"{_TEXT} {_URL}[ -]?encoded", _to_url),
    (rf"{_URL}[ -]?decode {_TEXT}", _from_url),
    (rf"decode {_TEXT} from {_URL}(?:[ -]?encoding)?", _from_url),
    (rf"hex(?:adecimal)?(?:[ -]encode| encoding of| of| bytes of) {_TEXT}", _to_hex),
    (rf"(?:encode |convert )?{_TEXT} {_TO} hex(?:adecimal)?", _to_hex),
    (rf"(?:hex[ -]decode|decode(?: the)? hex(?: string)?:?) {_TEXT}", _from_hex),
    (rf"decode {_TEXT} from hex", _from_hex),
    (rf"{_HASH} (?:of|for) {_TEXT}", _digest),
    (rf"{_HASH} ?{_QUOTED}", _digest),
    (rf"{_HASH}\({_QUOTED}\)", _digest),
    (rf"(?:ascii(?: code| value| number)?|char code|character code)(?: of| for) {_TEXT}", _ascii),
    (rf"ord\({_QUOTED}\)", _ascii),
    (rf"(?:{_POINT}|unicode)(?: of| for| in) {_TEXT}", _points),
    (rf"utf-?8(?: bytes| encoding)?(?: of| for) {_TEXT}", _utf8),
    (rf"how many bytes (?:is|are|does) {_TEXT} (?:take )?(?:in|as) utf-?8", _how_many_bytes),
    (r"(?P<word>U\+[0-9a-f]{4,6})", _character),
    (r"(?:what|which) (?:character|char|letter|symbol) is (?P<word>U\+[0-9a-f]{4,6})", _character),
    (rf"{_WHICH}(?: the)?(?: unicode)? code ?point (?P<word>U\+[0-9a-f]{{4,6}})", _character),
    (rf"{_WHICH}(?: the)? ascii(?: code| value)? (?P<word>[0-9]{{1,3}})", _character),
    (r"chr\((?P<word>[0-9]{1,3})\)", _character),
)  # fmt: skip
