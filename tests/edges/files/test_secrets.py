"""Nothing secret and no terminal command leaves a log."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, strategies as st

from swarmctl.edges.files.secrets import MASK, clean_terminal, mask, secret_values

BODY = "Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4fGh7jKl0n"
PLANTED = [
    "AKIA" + "ABCDEFGH12345678",
    "ghp_" + BODY[:36],
    "github_pat_" + BODY + "_x",
    "glpat-" + BODY[:20],
    "xoxb-" + "123456789012-" + BODY[:24],
    "sk-ant-api03-" + BODY,
    "sk-proj-" + BODY,
    "sk_live_" + BODY[:24],
    "AIza" + BODY[:35],
    "npm_" + BODY[:36],
    "hf_" + BODY[:34],
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + BODY,
    f"-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\n{BODY}\n-----END OPENSSH PRIVATE KEY-----",
    f"-----BEGIN RSA PRIVATE KEY-----\n{BODY} and the log ends here",
]
SGR = re.compile(r"\x1b\[[0-9;:]*m")
HARMLESS = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*\Z")


@pytest.mark.parametrize("secret", PLANTED)
@pytest.mark.parametrize("around", ["{}", "export KEY={} # x", '{{"key": "{}"}}', "curl -H 'X: {}'\n"])
def test_a_token_of_a_common_kind_is_masked(secret: str, around: str) -> None:
    masked = mask(around.format(secret))
    assert MASK in masked
    assert secret[-20:] not in masked
    assert BODY[:16] not in masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://me:hunter2@db/x", f"postgres://me:{MASK}@db/x"),
        ("Authorization: Bearer abcdef0123456789abcdef", f"Authorization: Bearer {MASK}"),
        ("DB_PASSWORD=correct-horse", f"DB_PASSWORD={MASK}"),
        ('"client_secret": "correct horse"', f'"client_secret": {MASK}'),
    ],
)
def test_passwords_in_urls_headers_and_assignments_are_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    ["12 passed in 3.2s", "commit 1c12fd2c5d2b3a0f9e8d7c6b5a4f3e2d1c0b9a88", "the token is read", "https://host/a@b"],
)
def test_ordinary_output_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


def test_known_values_are_masked_wherever_they_stand() -> None:
    env = {"MY_API_KEY": "plain-word-value", "DEPLOY_TOKEN": "plain-word-value-longer", "PIN_TOKEN": "1234"}
    known = secret_values({**env, "PATH": "/usr/bin:/bin", "KEYBOARD": "a-long-layout", "SSH_AUTH_SOCK": "/tmp/agent"})
    assert known == {"plain-word-value", "plain-word-value-longer"}
    assert mask("<plain-word-value-longer|plain-word-value> 1234", known) == f"<{MASK}|{MASK}> 1234"


PIECES = (
    *("\x1b", "\x1b[", "\x1b]", "\x1b]52;c;x", "\x1b]8;;u\x1b\\", "\x1bP", "\x9b", "\x9d", "\x90", "\x9c", "\x07"),
    *("\x1b[31m", "\x1b[0m", "\x1b[2J", "\x1b[21t", "\x1b[?1049h", "\x1b(B", "\x1b[>4;1m", "\x1b[1 m"),
    *("m", "[", "]", ";", "1", "\r", "\n", "\u202e", "\x08", "\x7f", "é", "字"),
)
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


@given(HOSTILE)
@example("\x1b\x1b[31m\x1b]0;t\x1b[2J")
@example("\x1b]52;c;\x1b]52;c;aGk=\x07\x07")
def test_of_terminal_escapes_only_colours_survive(text: str) -> None:
    cleaned = clean_terminal(text)
    assert HARMLESS.match(SGR.sub("", cleaned))
    assert clean_terminal(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]) | st.sampled_from("\n\t"), max_size=60))
def test_plain_text_and_colours_are_kept(text: str) -> None:
    assert clean_terminal(text) == text
    assert clean_terminal(f"\x1b[1;31m{text}\x1b[0m") == f"\x1b[1;31m{text}\x1b[0m"


def test_what_a_title_or_a_link_carries_is_not_shown_and_what_follows_is() -> None:
    assert clean_terminal("a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\x1b]8;;\x1b\\d") == "abcd"
    assert clean_terminal("a\x1b]0;never ended\nb") == "a\nb"
    assert clean_terminal("10%\r20%\r\ndone") == "10%\n20%\ndone"
