"""Zones of other kinds beside the one that a new cloud has."""

from __future__ import annotations

from contextlib import closing

from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.management.seeded_zones import (
    ADVANCED_ZONE,
    NETSCALER_ZONE,
    PLAIN_ZONE,
    SeededZone,
)
from tests.support.simulated_deployments import Ec2TestClient


def deployment_with(*zones: SeededZone) -> Deployment:
    """A deployment with these zones."""
    return Deployment(DeploymentOptions(zones=zones))


def test_an_advanced_zone_is_not_served() -> None:
    """A request that names it is refused; one that names none goes to the basic zone."""
    with (
        deployment_with(ADVANCED_ZONE, NETSCALER_ZONE) as deployment,
        closing(Ec2TestClient(deployment)) as client,
    ):
        image = {"ImageId": deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
        named = {"Placement.AvailabilityZone": ADVANCED_ZONE.name}
        assert client.refusal_code("RunInstances", **image, **named) == "Unsupported"
        calls = client.call("AllocateAddress").calls
        (allocated,) = [call for call in calls if call.command == "associateIpAddress"]
        assert allocated.parameters["zoneid"] == deployment.world.zone_id


def test_addresses_need_static_nat() -> None:
    """Without an offering that has it, CloudStack refuses to allocate an address."""
    with deployment_with(PLAIN_ZONE) as deployment, closing(Ec2TestClient(deployment)) as client:
        result = client.attempt("AllocateAddress")
        assert (result.status, result.code) == (400, "InvalidParameterValue")
        networks = deployment.management.execute("listNetworks", {}, "alice")["network"]
        assert [each["networkofferingname"] for each in networks] == [PLAIN_ZONE.offering.name]
        services = [service["name"] for service in networks[0]["service"]]
        assert "StaticNat" not in services
