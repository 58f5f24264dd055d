"""The certificates of the simulated users."""

from __future__ import annotations

import pytest

from fixtures.simulator.identities import PRIME_STEPS, find_prime_steps, identity


@pytest.mark.parametrize("name", PRIME_STEPS)
def test_identities_are_derived_from_names(name: str) -> None:
    """A user's identity is always the same, and the recorded prime steps are those of a search."""
    assert find_prime_steps(name) == PRIME_STEPS[name]
    assert identity(name) == identity(name)


def test_other_names_have_identities_too() -> None:
    """A name without recorded steps gets an identity of its own."""
    texts = {identity(name).certificate for name in ("alice", "bob", "carol")}
    assert len(texts) == 3
    assert "PRIVATE KEY" not in repr(identity("carol"))
