"""The simulated deployment that mutations are applied to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures import profile
from fixtures.targets.target import Target


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment, one for each module."""
    with Target(profile.load("simulated"), run="20261122T120000Z-kills") as target:
        yield target
