"""What several tests of mutations share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.runners.session import Session
from fixtures.targets.target import Target


@pytest.fixture(scope="module")
def shared_session(target: Target) -> Iterator[Session]:
    """A session whose deployments all mutations are applied to, one after the other."""
    with Session(target) as running:
        yield running
