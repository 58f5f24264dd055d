"""Fixtures that tests of the simulator share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.commands import Durations
from tests.support.management_client import Cloud, running_cloud
from tests.support.s3_clients import RawClient, UserClients
from tests.support.simulated_deployments import Ec2TestClient


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


@pytest.fixture
def database_url() -> str:
    """The URL of the database of `cloud`: one in memory."""
    return "sqlite://"


@pytest.fixture
def cloud(database_url: str) -> Iterator[Cloud]:
    """A management server whose jobs take no time."""
    with running_cloud(database=database_url) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def shared_cloud() -> Iterator[Cloud]:
    """A management server that the tests of a module share: none depends on what others create."""
    with running_cloud() as cloud:
        yield cloud


@pytest.fixture
def slow() -> Iterator[Cloud]:
    """A management server whose operations take ten seconds of its clock."""
    families = (field.name for field in fields(Durations))
    with running_cloud(Durations(**dict.fromkeys(families, 10.0))) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def clients(deployment: Deployment) -> Iterator[UserClients]:
    """S3 clients of the deployment's users."""
    clients = UserClients(deployment)
    yield clients
    clients.close()


@pytest.fixture(scope="module")
def alice(clients: UserClients) -> Any:
    """Alice's S3 client."""
    return clients()


@pytest.fixture(scope="module")
def shared_bucket(alice: Any, request: pytest.FixtureRequest) -> str:
    """A bucket of alice's for the tests of a module, with the name that its BUCKET is."""
    name: str = request.module.BUCKET
    alice.create_bucket(Bucket=name)
    return name


@pytest.fixture
def wire(clients: UserClients) -> Iterator[RawClient]:
    """Sends requests that no SDK would."""
    sender = RawClient(clients.deployment)
    yield sender
    sender.close()
