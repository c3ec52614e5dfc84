"""What the words about limits take from the core without loading it."""

from __future__ import annotations

from swarmctl.core import limits as core
from swarmctl.surfaces.words import limits as words


def test_the_words_and_the_core_agree_on_the_name_of_a_provider() -> None:
    account = core.account_of(_Agent, "", {"KEY": "k"})

    assert account.startswith("anthropic#")
    assert words.waits_words(account, 0.0, True, "s1", 1.0) == f"waits for its turn with {core.provider_in(account)}"


class _Agent:
    name = provider = "anthropic"
    providers = (core.ProviderRule("anthropic", account=("KEY",)),)
