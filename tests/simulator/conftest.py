"""Fixtures that tests of the simulator share; a module may define one of its own instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.simulator.deployment import Deployment
from tests.support.simulated_deployments import Ec2TestClient


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """A running deployment, shared by the tests of a module."""
    with Deployment() as running:
        yield running


@pytest.fixture
def ec2(deployment: Deployment) -> Iterator[Ec2TestClient]:
    """Alice's client, with the API version 2010-11-15."""
    client = Ec2TestClient(deployment)
    yield client
    client.close()


@pytest.fixture
def bob(deployment: Deployment) -> Iterator[Ec2TestClient]:
    """The client of another account, with the API version 2012-08-15."""
    client = Ec2TestClient(deployment, "bob", "2012-08-15")
    yield client
    client.close()
