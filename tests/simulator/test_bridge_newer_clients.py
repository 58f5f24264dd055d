"""What today's clients send besides: a dry run, and tags on what is created."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.simulator.deployment import Deployment
from tests.support.simulated_deployments import Ec2TestClient

TAG = {"ResourceType": "instance", "Tag__1__Key": "Name", "Tag__1__Value": "web"}


@pytest.fixture(scope="module")
def ec2() -> Iterator[Ec2TestClient]:
    """A client of today."""
    with Deployment() as running:
        client = Ec2TestClient(running, version="2016-11-15")
        yield client
        client.close()


def _order(client: Ec2TestClient, **more: str) -> dict[str, str]:
    image = client.deployment.world.template_id
    return {"ImageId": image, "MinCount": "1", "MaxCount": "1", **more}


def _specified(**given: str) -> dict[str, str]:
    return {f"TagSpecification__1__{name}": value for name, value in given.items()}


def test_a_dry_run_starts_nothing(ec2: Ec2TestClient) -> None:
    """A request with DryRun is answered as such and asks CloudStack for nothing."""
    called = ec2.attempt("RunInstances", **_order(ec2, DryRun="true"))
    assert (called.status, called.code, called.calls) == (412, "DryRunOperation", ())
    assert ec2.attempt("RunInstances", **_order(ec2, DryRun="false")).status == 200


def test_an_instance_is_tagged_as_it_is_created(ec2: Ec2TestClient) -> None:
    """Tags that come with RunInstances are set, and shown in the answer and afterwards."""
    called = ec2.attempt("RunInstances", **_order(ec2, **_specified(**TAG)))
    assert called.changes == ["deployVirtualMachine", "createTags"]
    (instance,) = called.body["instancesSet"]
    assert instance["tagSet"] == [{"key": "Name", "value": "web"}]
    described = ec2.attempt("DescribeInstances", InstanceId__1=instance["instanceId"])
    shown = described.body["reservationSet"][0]["instancesSet"][0]["tagSet"]
    assert shown == [{"key": "Name", "value": "web"}]


def test_a_volume_is_tagged_as_it_is_created(ec2: Ec2TestClient) -> None:
    """Tags that come with CreateVolume are set."""
    tag = TAG | {"ResourceType": "volume"}
    zone = ec2.deployment.world.zone_name
    called = ec2.attempt("CreateVolume", AvailabilityZone=zone, Size="1", **_specified(**tag))
    assert called.changes == ["createVolume", "createTags"]


@pytest.mark.parametrize("wrong", [{"ResourceType": "volume"}, {"Tag__1__Value": ""}])
def test_tags_that_cannot_be_set_start_nothing(ec2: Ec2TestClient, wrong: dict[str, str]) -> None:
    """Tags for another resource, or without a value, are refused before anything is created."""
    called = ec2.attempt("RunInstances", **_order(ec2, **_specified(**TAG | wrong)))
    assert (called.code, called.changes) == ("InvalidParameterValue", [])
