"""Names for what a person must approve before it runs: one digest per subject and content.

The ledger of approvals is in the facts; here a set of digests becomes the question that the other edges ask.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container

from swarmctl.core.values import dataclass

Approved = Callable[[str, bytes], bool]
"""May what is called `subject`, with exactly this content, run?"""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that waits for `swarmctl approve`."""

    subject: str
    digest: str


def digest_of(subject: str, content: bytes | str) -> str:
    """SHA-256 over name and content: the same bytes under another name are another thing."""
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    return hashlib.sha256(subject.encode("utf-8", "surrogateescape") + b"\0" + raw).hexdigest()


def asker(digests: Container[str]) -> Approved:
    """The question over a live set of approved digests."""

    def approved(subject: str, content: bytes) -> bool:
        return digest_of(subject, content) in digests

    return approved


def pending(wanted: list[tuple[str, bytes]], digests: Container[str]) -> list[Request]:
    """Of everything the edges want to run, what nobody approved yet."""
    requests = [Request(subject, digest_of(subject, content)) for subject, content in wanted]
    return [request for request in dict.fromkeys(requests) if request.digest not in digests]
