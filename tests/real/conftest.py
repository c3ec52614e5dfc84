"""The local provider, and homes for the real CLIs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        yield server
