"""Orders to a deployment that is served elsewhere: what tests in its own process do by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from fixtures.cloud.cloudstack import CloudStackClient, CloudStackError
from fixtures.model import CloudFault, HarnessError
from fixtures.simulator.deployment import Deployment
from fixtures.targets.fault_injection import RemoteInjector

FAULT = CloudFault("listZones", 530, "on order")


@pytest.fixture
def orders(deployment: Deployment) -> Iterator[RemoteInjector]:
    """Who sends them."""
    with closing(RemoteInjector(deployment.control_url)) as sent:
        yield sent


@pytest.fixture
def alice(deployment: Deployment) -> Iterator[CloudStackClient]:
    """A user of the CloudStack API."""
    user = next(user for user in deployment.users if user.name == "alice")
    with closing(
        CloudStackClient(deployment.cloudstack_url, user.access_key, user.secret_key)
    ) as cloud:
        yield cloud


def test_a_call_fails_on_order(orders: RemoteInjector, alice: CloudStackClient) -> None:
    """The next call of that command by that account fails, the one after does not."""
    orders.fail_next(FAULT, "alice")
    with pytest.raises(CloudStackError, match="530: on order"):
        alice.call("listZones")
    assert alice.call("listZones")["count"] > 0


def test_an_order_is_forgotten(orders: RemoteInjector, alice: CloudStackClient) -> None:
    """What was ordered and taken back does not happen."""
    orders.fail_next(FAULT, "alice")
    orders.clear()
    assert alice.call("listZones")["count"] > 0


def test_it_is_later(orders: RemoteInjector, deployment: Deployment) -> None:
    """The deployment's clock is put forward, and back."""
    before = deployment.clock.seconds()
    orders.advance_clock(3600)
    assert 3600 <= deployment.clock.seconds() - before < 3660
    orders.advance_clock(-3600)
    assert 0 <= deployment.clock.seconds() - before < 60


def test_what_is_no_order(deployment: Deployment) -> None:
    """What cannot be understood is refused in one line; nobody there is said so."""
    answer = requests.post(deployment.control_url, data=b'{"explode": true}', timeout=5)
    assert (answer.status_code, "explode" in answer.text) == (400, True)
    with (
        closing(RemoteInjector(deployment.integration_url)) as lost,
        pytest.raises(HarnessError, match=r"rejects \['forget'\]: HTTP"),
    ):
        lost.clear()
    with (
        closing(RemoteInjector("http://127.0.0.1:9/orders")) as nowhere,
        pytest.raises(HarnessError, match=r"the control endpoint .* fails: "),
    ):
        nowhere.clear()
