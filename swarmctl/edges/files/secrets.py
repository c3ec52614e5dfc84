"""What may leave a log for a person's eyes: secrets masked, and of terminal escapes only colours.

Both work on whole texts at read and export; what is stored is not changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MASK = "[masked]"
SHORTEST = 8
"""A known value shorter than this is too common to be replaced everywhere."""

_SECRET_NAME = re.compile(
    r"(^|_)(KEY|APIKEY|TOKEN|SECRET|PASS|PASSWD|PASSWORD|PASSPHRASE|CREDENTIALS?|AUTH|COOKIE|PAT|DSN|PRIVATE)(_|$)",
    re.I,
)
_NOT_SECRET = ("SSH_AUTH_SOCK", "XAUTHORITY")

_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----.*?(?:-----END \1-----|\Z)", re.S)
_TOKENS = re.compile(
    r"""
    \b(?:
      (?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}                      # AWS
    | gh[pousr]_[A-Za-z0-9]{30,255} | github_pat_\w{40,255}    # GitHub
    | gl(?:pat|oas|rt|ptt|dt|cbt|ft|soat|agent)-[\w-]{20,}     # GitLab
    | xox[abeoprs]-[A-Za-z0-9-]{10,} | xapp-[A-Za-z0-9-]{10,}  # Slack
    | (?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,} | whsec_[A-Za-z0-9]{16,}   # Stripe
    | sk-[A-Za-z0-9_-]{20,}                                    # OpenAI, Anthropic, OpenRouter
    | AIza[\w-]{35} | ya29\.[\w-]{20,} | GOCSPX-[\w-]{20,}     # Google
    | npm_[A-Za-z0-9]{30,} | pypi-[\w-]{40,} | hf_[A-Za-z0-9]{30,} | dckr_pat_[\w-]{20,}
    | dop_v1_[a-f0-9]{40,} | SG\.[\w-]{16,}\.[\w-]{16,} | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}
    | eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*                       # JWT
    )
    """,
    re.X,
)
_BEARER = re.compile(r"\b(Bearer|Basic|token)(\s+)[A-Za-z0-9._~+/=-]{16,}", re.I)
_URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(@)", re.I)
_ASSIGNED = re.compile(
    r"""((?:[A-Z0-9]+[_-])*(?:API_?KEY|ACCESS_?KEY|SECRET(?:_?KEY)?|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PRIVATE_?KEY)
        (?:[_-][A-Z0-9]+)*["']?\s*[=:]\s*)("[^"\n]{6,}"|'[^'\n]{6,}'|[^\s"',;}]{6,})""",
    re.I | re.X,
)

_ASSIGNED_WORDS = ("key", "secret", "token", "pass")
_BEARER_WORDS = ("bearer", "basic", "token")
"""Nothing without one of these can match; most text has none, and the patterns are slow."""

_ESCAPE = re.compile(
    r"""
      (?P<colour>\x1b\[[0-9;:]*m)
    | (?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?   # OSC, DCS, SOS, PM, APC
    | (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?                                                # CSI
    | \x1b[ -/]*[0-~]?                                                                 # any other escape
    | (?P<line>\r\n?)
    | [\x00-\x08\x0b-\x1f\x7f-\x9f]                                                    # C0, DEL, C1
    | [\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]                       # reorders what is read
    """,
    re.X,
)


def secret_values(env: Mapping[str, str]) -> frozenset[str]:
    """Values of the variables whose names say that they hold secrets."""
    return frozenset(
        value
        for name, value in env.items()
        if len(value) >= SHORTEST and name not in _NOT_SECRET and _SECRET_NAME.search(name)
    )


def mask(text: str, known: Iterable[str] = ()) -> str:
    """`text` without the known values, tokens of common kinds, passwords in URLs and assignments, and private keys."""
    for value in sorted({value for value in known if len(value) >= SHORTEST}, key=len, reverse=True):
        text = text.replace(value, MASK)
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _TOKENS.sub(MASK, text)
    text = _URL_PASSWORD.sub(rf"\1{MASK}\2", text)
    plain = text.casefold()
    if any(word in plain for word in _ASSIGNED_WORDS):
        text = _ASSIGNED.sub(rf"\1{MASK}", text)
    return _BEARER.sub(rf"\1\2{MASK}", text) if any(word in plain for word in _BEARER_WORDS) else text


def clean_terminal(text: str) -> str:
    """`text` with colours, line ends and tabs; nothing that moves, asks, titles, links, copies or reorders."""
    return _ESCAPE.sub(_kept, text)


def _kept(found: re.Match[str]) -> str:
    if found["line"]:
        return "\n"
    return found["colour"] or ""
