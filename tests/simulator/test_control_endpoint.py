"""The control endpoint of a served deployment: faults and clock, set from another process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import requests

from fixtures.cloud.cloudstack import CloudStackClient, CloudStackError
from fixtures.model import CloudFault, HarnessError
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.copies import CopyOrder
from fixtures.targets.fault_injection import RemoteInjector
from tests.support.seeded_users import seeded_user

FAULT = CloudFault("listZones", 530, "on order")


@pytest.fixture
def injector(deployment: Deployment) -> Iterator[RemoteInjector]:
    """A client of the control endpoint."""
    with closing(RemoteInjector(deployment.control_url)) as injector:
        yield injector


@pytest.fixture
def cloudstack(deployment: Deployment) -> Iterator[CloudStackClient]:
    """Alice's client of CloudStack."""
    user = seeded_user(deployment)
    with closing(
        CloudStackClient(deployment.cloudstack_url, user.access_key, user.secret_key)
    ) as client:
        yield client


def test_an_injected_fault(injector: RemoteInjector, cloudstack: CloudStackClient) -> None:
    """The account's next call of the command fails, the one after does not."""
    injector.fail_next(FAULT, "alice")
    with pytest.raises(CloudStackError, match="530: on order"):
        cloudstack.call("listZones")
    assert cloudstack.call("listZones")["count"] > 0


def test_a_cleared_fault(injector: RemoteInjector, cloudstack: CloudStackClient) -> None:
    """After `clear`, an injected fault does not happen."""
    injector.fail_next(FAULT, "alice")
    injector.clear()
    assert cloudstack.call("listZones")["count"] > 0


def test_the_clock_can_be_moved(injector: RemoteInjector, deployment: Deployment) -> None:
    """The deployment's clock is moved forward, and back."""
    before = deployment.clock.seconds()
    injector.advance_clock(3600)
    assert 3600 <= deployment.clock.seconds() - before < 3660
    injector.advance_clock(-3600)
    assert 0 <= deployment.clock.seconds() - before < 60


def test_the_state_of_an_instance(injector: RemoteInjector, cloudstack: CloudStackClient) -> None:
    """An instance is put into a state that no command leads to; there must be such an instance."""
    world = {name: cloudstack.call(f"list{name}") for name in ("Zones", "ServiceOfferings")}
    template = cloudstack.call("listTemplates", templatefilter="executable")["template"][0]
    job = cloudstack.call(
        "deployVirtualMachine",
        zoneid=world["Zones"]["zone"][0]["id"],
        serviceofferingid=world["ServiceOfferings"]["serviceoffering"][0]["id"],
        templateid=template["id"],
    )
    (instance,) = cloudstack.list("listVirtualMachines", "virtualmachine", id=job["id"])
    injector.set_instance_state(instance["id"], "Error")
    (instance,) = cloudstack.list("listVirtualMachines", "virtualmachine", id=job["id"])
    assert instance["state"] == "Error"
    with pytest.raises(HarnessError, match="no instance none"):
        injector.set_instance_state("none", "Error")


def test_copies_of_a_resource(injector: RemoteInjector, cloudstack: CloudStackClient) -> None:
    """A list is longer than a page while there are copies, and as before when they are removed."""
    cloudstack.call("createSecurityGroup", name="original")
    (group,) = cloudstack.list("listSecurityGroups", "securitygroup", securitygroupname="original")
    before = cloudstack.call("listSecurityGroups")["count"]
    order = CopyOrder("group", group["id"], 500, "0b5f1e3c-0000-4000-8000-000000000000", "last")
    injector.add_copies(order)
    page = cloudstack.call("listSecurityGroups")
    assert (page["count"], len(page["securitygroup"])) == (before + 500, 500)
    (last,) = cloudstack.list("listSecurityGroups", "securitygroup", id=order.last_id)
    assert last["name"] == "last"
    injector.remove_copies(order)
    assert cloudstack.call("listSecurityGroups")["count"] == before
    with pytest.raises(HarnessError, match="no group none"):
        injector.add_copies(replace(order, identity="none"))


def test_invalid_requests(deployment: Deployment) -> None:
    """An invalid request is refused in one line; an absent endpoint is a HarnessError."""
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


def test_a_restart_cannot_be_ordered_of_any_deployment(deployment: Deployment) -> None:
    """Where no program restarts it, the order is refused, not ignored."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(deployment.control_url, json={"restart": True}, timeout=10)
    assert answer.status_code == 400
    assert answer.text == "only a deployment of conform serve restarts by an order"
