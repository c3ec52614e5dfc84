"""The small repository that the questions to the lookups are about, for `git fast-import`: always the same ids."""

from __future__ import annotations

from collections.abc import Iterator

ADA, BEN = "Ada Moor <ada@example.org>", "Ben Orr <ben@example.org>"
CART = '''"""The cart, and how it is read."""

from __future__ import annotations

import json

from shop.prices import Price, round_up

LIMIT = 20


class Cart:
    def __init__(self) -> None:
        self.items: list[Price] = []

    def add_item(self, price: Price) -> None:
        # TODO: refuse more than LIMIT
        self.items.append(price)

    def close(self) -> None:
        self.items.clear()


def load_cart(text: str) -> Cart:
    cart = Cart()
    for cents in json.loads(text):
        cart.add_item(Price(cents))
    return cart
'''
TOTAL = """
    def total(self) -> int:
        return sum(round_up(each.cents) for each in self.items)
"""
PRICES = '''from dataclasses import dataclass


@dataclass
class Price:
    cents: int


def round_up(cents: int) -> int:
    """To whole tens."""
    return -(-cents // 10) * 10


def unused_rule() -> None:
    pass
'''
TEST = """from shop import prices
from shop.cart import Cart, load_cart


def test_a_cart_is_empty_at_first() -> None:
    assert Cart().items == []


def test_what_is_loaded_is_there() -> None:
    assert load_cart("[5]").items == [prices.Price(5)]
    # FIXME: round_up is not tested
"""
PYPROJECT = """[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = [
  "rich>=14",
  "typing_extensions>=4.1; python_version < '3.12'",
]

[project.optional-dependencies]
dev = ["pytest~=8.3"]
"""
UV_LOCK = """version = 1

[[package]]
name = "rich"
version = "14.2.0"

[[package]]
name = "pygments"
version = "2.19.1"
"""
PACKAGE = """{
  "name": "shop",
  "dependencies": {"left-pad": "^1.3.0"},
  "devDependencies": {"@types/node": "22"}
}
"""
CARGO = """[package]
name = "shop"
version = "1.0.0"

[dependencies]
serde = { version = "1.0.200", features = ["derive"] }
"""
GO = "module example.org/shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/spf13/cobra v1.8.1\n)\n"
OWNERS = "/shop/ @shop/core\n*.md @writers ada@example.org\n/docs/drafts/\n"
COMMITS: tuple[tuple[str, int, str, dict[str, str]], ...] = (
    (
        ADA,
        1767261600,
        "Begin with prices",
        {
            "README.md": "# Shop\n\nSells things.\n",
            "shop/__init__.py": "",
            "shop/prices.py": PRICES,
            "pyproject.toml": PYPROJECT,
        },
    ),
    (
        BEN,
        1767866400,
        "Add a cart",
        {
            "shop/cart.py": CART,
            "tests/test_cart.py": TEST,
            "CODEOWNERS": OWNERS,
            "docs/guide.md": "# Guide\n\nTODO: say what round_up does.\n",
            "docs/drafts/plan.md": "soon\n",
        },
    ),
    (
        ADA,
        1768471200,
        "Sum up a cart",
        {
            "shop/cart.py": CART.replace("\n    def close", f"{TOTAL}\n    def close"),
            "uv.lock": UV_LOCK,
            "package.json": PACKAGE,
            "Cargo.toml": CARGO,
            "go.mod": GO,
        },
    ),
)
TAGS = {"v0.1": 1, "v1.0": 2}


def stream() -> bytes:
    """Three commits on `main`, with two tags."""
    return b"".join(_stream())


def _stream() -> Iterator[bytes]:
    for mark, (who, when, subject, files) in enumerate(COMMITS, 1):
        yield f"commit refs/heads/main\nmark :{mark}\n".encode()
        yield f"author {who} {when} +0100\ncommitter {who} {when} +0100\n".encode()
        yield _data(subject)
        if mark > 1:
            yield f"from :{mark - 1}\n".encode()
        for path, content in files.items():
            yield f"M 100644 inline {path}\n".encode() + _data(content)
        yield b"\n"
    for tag, mark in TAGS.items():
        yield f"reset refs/tags/{tag}\nfrom :{mark}\n\n".encode()


def _data(text: str) -> bytes:
    raw = text.encode()
    return b"data %d\n" % len(raw) + raw + b"\n"
