"""Requests that fuzzing found to end in a defect."""

from __future__ import annotations

import base64

import pytest

from fixtures.simulator.bridge.ec2.certificates import is_certificate
from tests.support.seeded_users import seeded_user
from tests.support.simulated_deployments import Ec2TestClient


def test_tags_by_internal_numbers(ec2: Ec2TestClient) -> None:
    """A resource that is named by its internal number gets its tags as by its id."""
    volume = ec2.call("CreateVolume", AvailabilityZone=zone(ec2), Size="1").body["volumeId"]
    pair = {"Tag.1.Key": "role", "Tag.1.Value": "web"}
    status, text = ec2.send("CreateTags", {"ResourceId.1": "volume:1", **pair})
    assert status == 200, text
    assert [tag["resourceId"].rpartition(":")[2] for tag in tags(ec2)] == [volume]
    assert ec2.send("DeleteTags", {"ResourceId.1": "volume:1", "Tag.1.Key": "role"})[0] == 200
    assert tags(ec2) == []


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_certificates_with_a_changed_bit(ec2: Ec2TestClient) -> None:
    """Whatever bit of a certificate is changed, it is one, or is none: nothing else."""
    lines = seeded_user(ec2.deployment, "alice").certificate.splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    for place in range(60):
        for bit in range(8):
            der[place] ^= 1 << bit
            assert is_certificate(bytes(der)) in (True, False)
            der[place] ^= 1 << bit


def zone(ec2: Ec2TestClient) -> str:
    """The name of the only zone."""
    return str(ec2.call("DescribeAvailabilityZones").body["availabilityZoneInfo"][0]["zoneName"])


def tags(ec2: Ec2TestClient) -> list[dict[str, str]]:
    """All tags."""
    return list(ec2.call("DescribeTags").body["tagSet"] or [])
