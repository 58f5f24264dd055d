"""Parameters that clients of 2010 did not have: DryRun, and tags on created resources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.simulator.deployment import Deployment
from tests.support.simulated_deployments import Ec2TestClient

TAG = {"ResourceType": "instance", "Tag__1__Key": "Name", "Tag__1__Value": "web"}


@pytest.fixture(scope="module")
def newer(deployment: Deployment) -> Iterator[Ec2TestClient]:
    """Alice's client, with the API version 2016-11-15."""
    client = Ec2TestClient(deployment, version="2016-11-15")
    yield client
    client.close()


def _run_parameters(client: Ec2TestClient, **more: str) -> dict[str, str]:
    image = client.deployment.world.template_id
    return {"ImageId": image, "MinCount": "1", "MaxCount": "1", **more}


def _tag_specification(**parameters: str) -> dict[str, str]:
    return {f"TagSpecification__1__{name}": value for name, value in parameters.items()}


def test_a_dry_run_starts_nothing(newer: Ec2TestClient) -> None:
    """A request with DryRun is refused with DryRunOperation and sends no CloudStack call."""
    result = newer.attempt("RunInstances", **_run_parameters(newer, DryRun="true"))
    assert (result.status, result.code, result.calls) == (412, "DryRunOperation", ())
    assert newer.attempt("RunInstances", **_run_parameters(newer, DryRun="false")).status == 200


def test_an_instance_is_tagged_as_it_is_created(newer: Ec2TestClient) -> None:
    """The tags of RunInstances are set, and shown in the reply and afterwards."""
    result = newer.attempt("RunInstances", **_run_parameters(newer, **_tag_specification(**TAG)))
    assert result.changes == ["deployVirtualMachine", "createTags"]
    (instance,) = result.body["instancesSet"]
    assert instance["tagSet"] == [{"key": "Name", "value": "web"}]
    described = newer.attempt("DescribeInstances", InstanceId__1=instance["instanceId"])
    item = described.body["reservationSet"][0]["instancesSet"][0]["tagSet"]
    assert item == [{"key": "Name", "value": "web"}]


def test_a_volume_is_tagged_as_it_is_created(newer: Ec2TestClient) -> None:
    """The tags of CreateVolume are set."""
    tag = TAG | {"ResourceType": "volume"}
    zone = newer.deployment.world.zone_name
    result = newer.attempt(
        "CreateVolume", AvailabilityZone=zone, Size="1", **_tag_specification(**tag)
    )
    assert result.changes == ["createVolume", "createTags"]


@pytest.mark.parametrize("wrong", [{"ResourceType": "volume"}, {"Tag__1__Value": ""}])
def test_tags_that_cannot_be_set_start_nothing(newer: Ec2TestClient, wrong: dict[str, str]) -> None:
    """Tags for another resource, or without a value, are refused before anything is created."""
    result = newer.attempt(
        "RunInstances", **_run_parameters(newer, **_tag_specification(**TAG | wrong))
    )
    assert (result.code, result.changes) == ("InvalidParameterValue", [])
