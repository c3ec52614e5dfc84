"""What left for a forge, in words."""

from __future__ import annotations

from swarmctl.core.session import Abroad


def in_words(abroad: Abroad) -> str:
    """Empty for a branch that never left."""
    parts = []
    if abroad.commit:
        parts.append(f"{abroad.commit[:10]} is on {abroad.remote}")
    if abroad.request:
        parts.append(abroad.request)
    if abroad.going:
        what = "pushing to" if abroad.going == "push" else "asking on"
        parts.append(f"{what} {abroad.remote}, and nobody saw yet how that ended")
    if abroad.trouble:
        parts.append(failed(abroad.trouble))
    return "; ".join(parts)


def failed(why: str) -> str:
    """Whoever stops it does not see whether it arrived."""
    return "stopped by you before anybody saw how that ended" if why == "interrupted" else f"refused: {why}"
