"""Names: whatever a title holds, what becomes of it is safe in a branch, a path and a tmux target."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core.ids import ALPHABET, ID_LENGTH, SessionId, branch_for, id_from, slugify

HOSTILE = [
    "", "-", "--help", "-rf /", "..", "../../etc/passwd", ".", "/", "refs/heads/main", "@", "@{-1}", "HEAD", "a..b",
    "a.lock", "$(touch canary)", "`touch canary`", "; touch canary", "a\nb", "a\x00b", "a\x1b]0;x\x07b", "#(touch c)",
    "'\"", "a b\tc", "ünïcödé", "测试", "💥", "\u202eabc", "\udce9", "K" * 500, "a" * 39 + "-b", "%0A", "~^:?*[\\",
    "İ", "ß",
]  # fmt: skip


def safe(slug: str) -> bool:
    return re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", slug) is not None


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_becomes_a_safe_slug(title: str) -> None:
    assert safe(slugify(title))


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
@settings(max_examples=500)
def test_any_title_becomes_a_safe_slug(title: str) -> None:
    slug = slugify(title)
    assert safe(slug)
    assert slugify(slug) == slug


def test_a_slug_can_still_be_read() -> None:
    assert slugify("Fix the Login-Form (again)!") == "fix-the-login-form-again"
    assert slugify("Ünïcödé naïve") == "unicode-naive"


@pytest.mark.parametrize("title", HOSTILE)
def test_a_branch_is_the_slug_and_the_id_under_our_own_prefix(title: str) -> None:
    assert branch_for(title, SessionId("abcde")) == f"swarm/{slugify(title)}-abcde"


@given(st.binary(min_size=ID_LENGTH, max_size=32))
def test_an_id_is_short_and_starts_with_a_letter(entropy: bytes) -> None:
    name = id_from(entropy)
    assert len(name) == ID_LENGTH
    assert set(name) <= set(ALPHABET)
    assert name[0].isalpha()
