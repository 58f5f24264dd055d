"""Addresses, zones, key pairs and security groups over the simulated cloud: each action once, and
refusals."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.simulated_deployments import Ec2TestClient

NOBODY = str(uuid4())
RULE = {
    "IpPermissions__1__IpProtocol": "tcp",
    "IpPermissions__1__FromPort": "22",
    "IpPermissions__1__ToPort": "22",
    "IpPermissions__1__IpRanges__1__CidrIp": "10.0.0.0/8",
}


@pytest.fixture
def group(ec2: Ec2TestClient) -> Iterator[str]:
    """A security group without rules."""
    name = f"group {uuid4()}"
    ec2.call("CreateSecurityGroup", GroupName=name, GroupDescription="for a test")
    yield name
    ec2.call("DeleteSecurityGroup", GroupName=name)


def run(client: Ec2TestClient) -> str:
    """A running instance."""
    given = {"ImageId": client.deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
    return str(client.call("RunInstances", **given).body["instancesSet"][0]["instanceId"])


def public_key() -> str:
    """A new public key in OpenSSH's form."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def permissions(client: Ec2TestClient, group: str) -> Any:
    """What a group lets in."""
    body = client.call("DescribeSecurityGroups", GroupName__1=group).body
    return body["securityGroupInfo"][0]["ipPermissions"]


def test_addresses(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """An address is allocated, associated, moved, let go and released, with one call for each
    step."""
    called = ec2.call("AllocateAddress")
    world = ec2.deployment.world
    assert called.only_change("associateIpAddress") == {"zoneid": world.zone_id}
    ip = called.body["publicIp"]
    (shown,) = ec2.call("DescribeAddresses", PublicIp__1=ip).body["addressesSet"]
    assert shown == {"publicIp": ip, "instanceId": ""}
    first, second = run(ec2), run(ec2)
    called = ec2.call("AssociateAddress", PublicIp=ip, InstanceId=first)
    assert called.only_change("enableStaticNat")["virtualmachineid"] == first
    assert ec2.call("AssociateAddress", PublicIp=ip, InstanceId=first).changes == []
    (shown,) = ec2.call("DescribeAddresses", PublicIp__1=ip).body["addressesSet"]
    assert shown["instanceId"] == first
    called = ec2.call("AssociateAddress", PublicIp=ip, InstanceId=second)
    assert called.changes == ["disableStaticNat", "enableStaticNat"]
    other = ec2.call("AllocateAddress").body["publicIp"]
    called = ec2.call("AssociateAddress", PublicIp=other, InstanceId=second)
    assert called.changes == ["disableStaticNat", "enableStaticNat"]
    assert ec2.call("DisassociateAddress", PublicIp=ip).changes == []
    called = ec2.call("DisassociateAddress", PublicIp=other)
    assert called.changes == ["disableStaticNat"]
    assert bob.refusal_code("ReleaseAddress", PublicIp=ip) == "AuthFailure"
    assert bob.refusal_code("AssociateAddress", PublicIp=ip, InstanceId=run(bob)) == "AuthFailure"
    called = ec2.call("ReleaseAddress", PublicIp=ip)
    assert called.changes == ["disassociateIpAddress"]
    assert ec2.refusal_code("ReleaseAddress", PublicIp=ip) == "AuthFailure"
    assert ec2.refusal_code("DescribeAddresses", PublicIp__1=ip) == "InvalidAddress.NotFound"


def test_releasing_an_associated_address(ec2: Ec2TestClient) -> None:
    """An address that is still associated is released all the same."""
    ip, instance = ec2.call("AllocateAddress").body["publicIp"], run(ec2)
    ec2.call("AssociateAddress", PublicIp=ip, InstanceId=instance)
    assert ec2.call("ReleaseAddress", PublicIp=ip).changes == ["disassociateIpAddress"]
    body = ec2.call("DescribeInstances", InstanceId__1=instance).body
    assert "ipAddress" not in body["reservationSet"][0]["instancesSet"][0]


def test_addresses_refused(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """Addresses that are none, instances that are not running and forms for other clouds are
    refused."""
    ip, instance = ec2.call("AllocateAddress").body["publicIp"], run(ec2)
    given = {"PublicIp": ip, "InstanceId": instance}
    assert ec2.refusal_code("AssociateAddress", PublicIp=ip) == "MissingParameter"
    unknown = {"PublicIp": ip, "InstanceId": NOBODY}
    assert ec2.refusal_code("AssociateAddress", **unknown) == "InvalidInstanceID.NotFound"
    ec2.call("StopInstances", InstanceId__1=instance)
    assert ec2.refusal_code("AssociateAddress", **given) == "InvalidInstanceID"
    assert ec2.refusal_code("DescribeAddresses", PublicIp__1="x") == "InvalidParameterValue"
    assert ec2.refusal_code("AllocateAddress", Domain="moon") == "InvalidParameterValue"
    both = {"PublicIp": ip, "AllocationId": "eipalloc-1"}
    assert bob.refusal_code("ReleaseAddress", **both) == "InvalidParameterCombination"
    ec2.call("ReleaseAddress", PublicIp=ip)


def test_later_addresses(bob: Ec2TestClient) -> None:
    """Since 2011 an address has a domain."""
    body = bob.call("AllocateAddress").body
    assert body["domain"] == "standard"
    (shown,) = bob.call("DescribeAddresses", PublicIp__1=body["publicIp"]).body["addressesSet"]
    assert list(shown) == ["publicIp", "domain", "instanceId"]
    bob.call("ReleaseAddress", PublicIp=body["publicIp"])


def test_zones_and_regions(ec2: Ec2TestClient) -> None:
    """Zones by name and filter, and the region that they are in."""
    name = ec2.deployment.world.zone_name
    called = ec2.call("DescribeAvailabilityZones", ZoneName__1=name)
    (zone,) = called.body["availabilityZoneInfo"]
    assert (zone["zoneName"], zone["zoneState"]) == (name, "available")
    assert [call.command for call in called.calls] == ["listZones"]
    refused = ec2.refusal_code("DescribeAvailabilityZones", ZoneName__1="nowhere")
    assert refused == "InvalidParameterValue"
    given = {"Filter__1__Name": "state", "Filter__1__Value__1": "broken"}
    assert ec2.call("DescribeAvailabilityZones", **given).body["availabilityZoneInfo"] == ""
    called = ec2.call("DescribeRegions")
    (region,) = called.body["regionInfo"]
    assert region == {"regionName": zone["regionName"], "regionEndpoint": ec2.url.netloc}
    assert called.calls == ()


def test_key_pairs(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """Pairs are made, imported, listed and deleted; a name is taken once only in an account."""
    called = ec2.call("CreateKeyPair", KeyName="made")
    assert called.only_change("createSSHKeyPair") == {"name": "made"}
    assert "PRIVATE KEY" in called.body["keyMaterial"]
    (shown,) = ec2.call("DescribeKeyPairs", KeyName__1="made").body["keySet"]
    assert shown == {"keyName": "made", "keyFingerprint": called.body["keyFingerprint"]}
    assert ec2.refusal_code("CreateKeyPair", KeyName="made") == "InvalidKeyPair.Duplicate"
    text = f"{public_key()} me@here"
    material = base64.b64encode(text.encode()).decode()
    called = ec2.call("ImportKeyPair", KeyName="imported", PublicKeyMaterial=material)
    assert called.only_change("registerSSHKeyPair") == {"name": "imported", "publickey": text}
    taken = {"KeyName": "made", "PublicKeyMaterial": material}
    assert ec2.refusal_code("ImportKeyPair", **taken) == "InvalidKeyPair.Duplicate"
    dsa = base64.b64encode(b"ssh-dss AAAAB3NzaC1kc3M= me").decode()
    bad = {"KeyName": "dsa", "PublicKeyMaterial": dsa}
    assert ec2.refusal_code("ImportKeyPair", **bad) == "InvalidKey.Format"
    names = [pair["keyName"] for pair in ec2.call("DescribeKeyPairs").body["keySet"]]
    assert sorted(names) == ["imported", "made"]
    assert bob.refusal_code("DescribeKeyPairs", KeyName__1="made") == "InvalidKeyPair.NotFound"
    called = ec2.call("DeleteKeyPair", KeyName="made")
    assert called.only_change("deleteSSHKeyPair") == {"name": "made"}
    assert ec2.call("DeleteKeyPair", KeyName="made").changes == []


def test_security_groups(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """Groups are made, listed and deleted, by name and, since 2011, by id."""
    called = ec2.call("CreateSecurityGroup", GroupName="web", GroupDescription="the web")
    assert called.only_change("createSecurityGroup") == {"name": "web", "description": "the web"}
    assert called.body["return"] == "true"
    assert "groupId" not in called.body
    again = {"GroupName": "web", "GroupDescription": "again"}
    assert ec2.refusal_code("CreateSecurityGroup", **again) == "InvalidGroup.Duplicate"
    (shown,) = ec2.call("DescribeSecurityGroups", GroupName__1="web").body["securityGroupInfo"]
    assert (shown["groupName"], shown["groupDescription"]) == ("web", "the web")
    assert bob.refusal_code("DescribeSecurityGroups", GroupName__1="web") == "InvalidGroup.NotFound"
    called = ec2.call("DeleteSecurityGroup", GroupName="web")
    assert called.only_change("deleteSecurityGroup") == {"name": "web"}
    assert ec2.refusal_code("DeleteSecurityGroup", GroupName="web") == "InvalidGroup.NotFound"
    assert ec2.refusal_code("DeleteSecurityGroup", GroupName="default") == "InvalidGroup.Reserved"
    made = bob.call("CreateSecurityGroup", GroupName="by id", GroupDescription="d")
    called = bob.call("DeleteSecurityGroup", GroupId=made.body["groupId"])
    assert called.only_change("deleteSecurityGroup") == {"id": made.body["groupId"]}
    assert bob.refusal_code("DeleteSecurityGroup", GroupId="sg-1") == "InvalidGroupId.Malformed"


def test_a_group_in_use(ec2: Ec2TestClient) -> None:
    """A group that an instance is in cannot be deleted."""
    ec2.call("CreateSecurityGroup", GroupName="used", GroupDescription="d")
    image = ec2.deployment.world.template_id
    given = {"ImageId": image, "MinCount": "1", "MaxCount": "1", "SecurityGroup__1": "used"}
    ec2.call("RunInstances", **given)
    assert ec2.refusal_code("DeleteSecurityGroup", GroupName="used") == "InvalidGroup.InUse"


def test_authorize_and_revoke(ec2: Ec2TestClient, group: str) -> None:
    """A permission is one CloudStack call; its rule is found again by exact match and taken
    away."""
    called = ec2.call("AuthorizeSecurityGroupIngress", GroupName=group, **RULE)
    assert called.only_change("authorizeSecurityGroupIngress") == {
        "securitygroupname": group,
        "protocol": "tcp",
        "startport": "22",
        "endport": "22",
        "cidrlist": "10.0.0.0/8",
    }
    assert permissions(ec2, group) == [
        {
            "ipProtocol": "tcp",
            "fromPort": "22",
            "toPort": "22",
            "groups": "",
            "ipRanges": [{"cidrIp": "10.0.0.0/8"}],
        }
    ]
    refused = ec2.refusal_code("AuthorizeSecurityGroupIngress", GroupName=group, **RULE)
    assert refused == "InvalidPermission.Duplicate"
    other = RULE | {"IpPermissions__1__IpRanges__1__CidrIp": "10.0.0.0/9"}
    assert ec2.call("RevokeSecurityGroupIngress", GroupName=group, **other).changes == []
    other = RULE | {"IpPermissions__1__ToPort": "23"}
    assert ec2.call("RevokeSecurityGroupIngress", GroupName=group, **other).changes == []
    called = ec2.call("RevokeSecurityGroupIngress", GroupName=group, **RULE)
    assert called.changes == ["revokeSecurityGroupIngress"]
    assert permissions(ec2, group) == ""


def test_the_flat_form(ec2: Ec2TestClient, group: str) -> None:
    """The older, flat form says the same, for addresses, ICMP and whole groups."""
    flat = {"GroupName": group, "IpProtocol": "icmp", "FromPort": "-1", "ToPort": "-1"}
    flat["CidrIp"] = "0.0.0.0/0"
    called = ec2.call("AuthorizeSecurityGroupIngress", **flat)
    asked = called.only_change("authorizeSecurityGroupIngress")
    assert (asked["icmptype"], asked["icmpcode"]) == ("-1", "-1")
    source = {"GroupName": group, "SourceSecurityGroupName": "default"}
    called = ec2.call("AuthorizeSecurityGroupIngress", **source)
    asked = called.only_change("authorizeSecurityGroupIngress")
    assert asked["usersecuritygrouplist[0].group"] == "default"
    assert asked["usersecuritygrouplist[0].account"] == "alice"
    shown = permissions(ec2, group)
    assert [entry["ipProtocol"] for entry in shown] == ["icmp", "-1"]
    assert shown[1]["groups"] == [{"userId": "alice", "groupName": "default"}]
    mixed = {**RULE, "GroupName": group, "CidrIp": "10.0.0.0/8"}
    refused = ec2.refusal_code("AuthorizeSecurityGroupIngress", **mixed)
    assert refused == "InvalidParameterCombination"
    for given in (flat, source):
        called = ec2.call("RevokeSecurityGroupIngress", **given)
        assert called.changes == ["revokeSecurityGroupIngress"]


def test_several_permissions_at_once(ec2: Ec2TestClient, group: str) -> None:
    """Each permission of a request is one call, each of its rules is revoked by itself."""
    given = {"GroupName": group, **RULE, "IpPermissions__1__IpRanges__2__CidrIp": "11.0.0.0/8"}
    given |= {name.replace("__1__", "__2__", 1): value for name, value in RULE.items()}
    given |= {"IpPermissions__2__FromPort": "80", "IpPermissions__2__ToPort": "81"}
    called = ec2.call("AuthorizeSecurityGroupIngress", **given)
    assert called.changes == ["authorizeSecurityGroupIngress"] * 2
    called = ec2.call("RevokeSecurityGroupIngress", **given)
    assert called.changes == ["revokeSecurityGroupIngress"] * 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"IpPermissions__1__IpProtocol": "carrier-pigeon"}, "InvalidParameterValue"),
        ({"IpPermissions__1__IpProtocol": ""}, "MissingParameter"),
        ({"IpPermissions__1__FromPort": "23"}, "InvalidParameterValue"),
        ({"IpPermissions__1__FromPort": "65536"}, "InvalidParameterValue"),
        ({"IpPermissions__1__FromPort": "ssh"}, "InvalidParameterValue"),
        ({"IpPermissions__1__IpRanges__1__CidrIp": "10.0.0.0/99"}, "InvalidParameterValue"),
        ({"IpPermissions__1__Groups__1__GroupName": "absent"}, "InvalidGroup.NotFound"),
        ({"IpPermissions__1__Groups__1__UserId": "bob"}, "MissingParameter"),
        ({"GroupName": "absent"}, "InvalidGroup.NotFound"),
        ({"GroupName": ""}, "MissingParameter"),
    ],
)
def test_permissions_refused(
    ec2: Ec2TestClient, group: str, change: dict[str, str], code: str
) -> None:
    """Permissions that make no sense are refused without a call."""
    given = {"GroupName": group, **RULE, **change}
    assert ec2.refusal_code("AuthorizeSecurityGroupIngress", **given) == code
    assert ec2.refusal_code("RevokeSecurityGroupIngress", **given) == code


def test_groups_of_other_accounts(ec2: Ec2TestClient, bob: Ec2TestClient, group: str) -> None:
    """Another account's group may be a source, by account and name."""
    source = {"GroupName": group, "SourceSecurityGroupName": "default"}
    source["SourceSecurityGroupOwnerId"] = "bob"
    called = ec2.call("AuthorizeSecurityGroupIngress", **source)
    asked = called.only_change("authorizeSecurityGroupIngress")
    assert asked["usersecuritygrouplist[0].account"] == "bob"
    ec2.call("RevokeSecurityGroupIngress", **source)
    source["SourceSecurityGroupName"] = "absent"
    refused = ec2.attempt("AuthorizeSecurityGroupIngress", **source)
    assert refused.code == "InvalidGroup.NotFound"
    filtered = {"Filter__1__Name": "ip-permission.user-id", "Filter__1__Value__1": "alice"}
    assert bob.call("DescribeSecurityGroups", **filtered).body["securityGroupInfo"] == ""
