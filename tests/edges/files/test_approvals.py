"""One approval, one name, one content."""

from __future__ import annotations

from swarmctl.edges.files.approvals import Request, asker, digest_of, pending


def test_a_digest_is_of_name_and_content() -> None:
    digests = {digest_of("hook a", "x"), digest_of("hook b", "x"), digest_of("hook a", "y"), digest_of("hook", "a\0x")}
    assert len(digests) == 4
    assert digest_of("hook a", "x") == digest_of("hook a", b"x")


def test_a_change_asks_again() -> None:
    digests: set[str] = set()
    approved = asker(digests)
    assert not approved("hook a", b"x")
    digests.add(digest_of("hook a", b"x"))
    assert approved("hook a", b"x")
    assert not approved("hook a", b"x ")


def test_pending_is_what_nobody_approved_each_once() -> None:
    wanted = [("a", b"1"), ("b", b"2"), ("b", b"2")]
    assert pending(wanted, {digest_of("a", b"1")}) == [Request("b", digest_of("b", b"2"))]
