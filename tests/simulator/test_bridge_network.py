"""Actions on addresses, zones, key pairs and security groups, against the simulated cloud."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.simulated_deployments import Ec2TestClient

UNKNOWN_ID = str(uuid4())
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
    parameters = {"ImageId": client.deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
    return str(client.call("RunInstances", **parameters).body["instancesSet"][0]["instanceId"])


def public_key() -> str:
    """A new public key in OpenSSH's format."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def permissions(client: Ec2TestClient, group: str) -> Any:
    """The ingress permissions of a group."""
    body = client.call("DescribeSecurityGroups", GroupName__1=group).body
    return body["securityGroupInfo"][0]["ipPermissions"]


def test_addresses(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """Allocating, associating, moving, disassociating and releasing an address is one call each."""
    result = ec2.call("AllocateAddress")
    world = ec2.deployment.world
    assert result.only_change("associateIpAddress") == {"zoneid": world.zone_id}
    ip = result.body["publicIp"]
    (item,) = ec2.call("DescribeAddresses", PublicIp__1=ip).body["addressesSet"]
    assert item == {"publicIp": ip, "instanceId": ""}
    first, second = run(ec2), run(ec2)
    result = ec2.call("AssociateAddress", PublicIp=ip, InstanceId=first)
    assert result.only_change("enableStaticNat")["virtualmachineid"] == first
    assert ec2.call("AssociateAddress", PublicIp=ip, InstanceId=first).changes == []
    (item,) = ec2.call("DescribeAddresses", PublicIp__1=ip).body["addressesSet"]
    assert item["instanceId"] == first
    result = ec2.call("AssociateAddress", PublicIp=ip, InstanceId=second)
    assert result.changes == ["disableStaticNat", "enableStaticNat"]
    other = ec2.call("AllocateAddress").body["publicIp"]
    result = ec2.call("AssociateAddress", PublicIp=other, InstanceId=second)
    assert result.changes == ["disableStaticNat", "enableStaticNat"]
    assert ec2.call("DisassociateAddress", PublicIp=ip).changes == []
    result = ec2.call("DisassociateAddress", PublicIp=other)
    assert result.changes == ["disableStaticNat"]
    assert bob.refusal_code("ReleaseAddress", PublicIp=ip) == "AuthFailure"
    assert bob.refusal_code("AssociateAddress", PublicIp=ip, InstanceId=run(bob)) == "AuthFailure"
    result = ec2.call("ReleaseAddress", PublicIp=ip)
    assert result.changes == ["disassociateIpAddress"]
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
    """Invalid addresses, instances that are not running and parameters of VPCs are refused."""
    ip, instance = ec2.call("AllocateAddress").body["publicIp"], run(ec2)
    parameters = {"PublicIp": ip, "InstanceId": instance}
    assert ec2.refusal_code("AssociateAddress", PublicIp=ip) == "MissingParameter"
    unknown = {"PublicIp": ip, "InstanceId": UNKNOWN_ID}
    assert ec2.refusal_code("AssociateAddress", **unknown) == "InvalidInstanceID.NotFound"
    ec2.call("StopInstances", InstanceId__1=instance)
    assert ec2.refusal_code("AssociateAddress", **parameters) == "InvalidInstanceID"
    assert ec2.refusal_code("DescribeAddresses", PublicIp__1="x") == "InvalidParameterValue"
    assert ec2.refusal_code("AllocateAddress", Domain="moon") == "InvalidParameterValue"
    both = {"PublicIp": ip, "AllocationId": "eipalloc-1"}
    assert bob.refusal_code("ReleaseAddress", **both) == "InvalidParameterCombination"
    ec2.call("ReleaseAddress", PublicIp=ip)


def test_later_addresses(bob: Ec2TestClient) -> None:
    """Since 2011 an address has a domain."""
    body = bob.call("AllocateAddress").body
    assert body["domain"] == "standard"
    (item,) = bob.call("DescribeAddresses", PublicIp__1=body["publicIp"]).body["addressesSet"]
    assert list(item) == ["publicIp", "domain", "instanceId"]
    bob.call("ReleaseAddress", PublicIp=body["publicIp"])


def test_zones_and_regions(ec2: Ec2TestClient) -> None:
    """Zones are listed by name and filter, and the region that they belong to."""
    name = ec2.deployment.world.zone_name
    result = ec2.call("DescribeAvailabilityZones", ZoneName__1=name)
    (zone,) = result.body["availabilityZoneInfo"]
    assert (zone["zoneName"], zone["zoneState"]) == (name, "available")
    assert [call.command for call in result.calls] == ["listZones"]
    code = ec2.refusal_code("DescribeAvailabilityZones", ZoneName__1="nowhere")
    assert code == "InvalidParameterValue"
    parameters = {"Filter__1__Name": "state", "Filter__1__Value__1": "broken"}
    assert ec2.call("DescribeAvailabilityZones", **parameters).body["availabilityZoneInfo"] == ""
    result = ec2.call("DescribeRegions")
    (region,) = result.body["regionInfo"]
    assert region == {"regionName": zone["regionName"], "regionEndpoint": ec2.url.netloc}
    assert result.calls == ()


def test_key_pairs(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """Key pairs are created, imported, listed and deleted; names are unique in an account."""
    result = ec2.call("CreateKeyPair", KeyName="made")
    assert result.only_change("createSSHKeyPair") == {"name": "made"}
    assert "PRIVATE KEY" in result.body["keyMaterial"]
    (item,) = ec2.call("DescribeKeyPairs", KeyName__1="made").body["keySet"]
    assert item == {"keyName": "made", "keyFingerprint": result.body["keyFingerprint"]}
    assert ec2.refusal_code("CreateKeyPair", KeyName="made") == "InvalidKeyPair.Duplicate"
    text = f"{public_key()} me@here"
    material = base64.b64encode(text.encode()).decode()
    result = ec2.call("ImportKeyPair", KeyName="imported", PublicKeyMaterial=material)
    assert result.only_change("registerSSHKeyPair") == {"name": "imported", "publickey": text}
    taken = {"KeyName": "made", "PublicKeyMaterial": material}
    assert ec2.refusal_code("ImportKeyPair", **taken) == "InvalidKeyPair.Duplicate"
    dsa = base64.b64encode(b"ssh-dss AAAAB3NzaC1kc3M= me").decode()
    bad = {"KeyName": "dsa", "PublicKeyMaterial": dsa}
    assert ec2.refusal_code("ImportKeyPair", **bad) == "InvalidKey.Format"
    for name in ("clé", "k" * 256, "a\tb"):
        assert ec2.refusal_code("CreateKeyPair", KeyName=name) == "InvalidParameterValue"
        wish = {"KeyName": name, "PublicKeyMaterial": material}
        assert ec2.refusal_code("ImportKeyPair", **wish) == "InvalidParameterValue"
    names = [pair["keyName"] for pair in ec2.call("DescribeKeyPairs").body["keySet"]]
    assert sorted(names) == ["imported", "made"]
    assert bob.refusal_code("DescribeKeyPairs", KeyName__1="made") == "InvalidKeyPair.NotFound"
    result = ec2.call("DeleteKeyPair", KeyName="made")
    assert result.only_change("deleteSSHKeyPair") == {"name": "made"}
    assert ec2.call("DeleteKeyPair", KeyName="made").changes == []


def test_security_groups(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """Groups are created, listed and deleted by name and, since 2011, by id."""
    result = ec2.call("CreateSecurityGroup", GroupName="web", GroupDescription="the web")
    assert result.only_change("createSecurityGroup") == {"name": "web", "description": "the web"}
    assert result.body["return"] == "true"
    assert "groupId" not in result.body
    again = {"GroupName": "web", "GroupDescription": "again"}
    assert ec2.refusal_code("CreateSecurityGroup", **again) == "InvalidGroup.Duplicate"
    (item,) = ec2.call("DescribeSecurityGroups", GroupName__1="web").body["securityGroupInfo"]
    assert (item["groupName"], item["groupDescription"]) == ("web", "the web")
    assert bob.refusal_code("DescribeSecurityGroups", GroupName__1="web") == "InvalidGroup.NotFound"
    result = ec2.call("DeleteSecurityGroup", GroupName="web")
    assert result.only_change("deleteSecurityGroup") == {"name": "web"}
    assert ec2.refusal_code("DeleteSecurityGroup", GroupName="web") == "InvalidGroup.NotFound"
    assert ec2.refusal_code("DeleteSecurityGroup", GroupName="default") == "InvalidGroup.Reserved"
    identifier = bob.call("CreateSecurityGroup", GroupName="by id", GroupDescription="d").body[
        "groupId"
    ]
    result = bob.call("DeleteSecurityGroup", GroupId=identifier)
    assert result.only_change("deleteSecurityGroup") == {"id": identifier}
    assert bob.refusal_code("DeleteSecurityGroup", GroupId="sg-1") == "InvalidGroupId.Malformed"


def test_a_group_in_use(ec2: Ec2TestClient) -> None:
    """A group that an instance is in cannot be deleted."""
    ec2.call("CreateSecurityGroup", GroupName="used", GroupDescription="d")
    image = ec2.deployment.world.template_id
    parameters = {"ImageId": image, "MinCount": "1", "MaxCount": "1", "SecurityGroup__1": "used"}
    ec2.call("RunInstances", **parameters)
    assert ec2.refusal_code("DeleteSecurityGroup", GroupName="used") == "InvalidGroup.InUse"


def test_authorize_and_revoke(ec2: Ec2TestClient, group: str) -> None:
    """A permission is one CloudStack call; revoking finds its rule by exact match."""
    result = ec2.call("AuthorizeSecurityGroupIngress", GroupName=group, **RULE)
    assert result.only_change("authorizeSecurityGroupIngress") == {
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
    code = ec2.refusal_code("AuthorizeSecurityGroupIngress", GroupName=group, **RULE)
    assert code == "InvalidPermission.Duplicate"
    other = RULE | {"IpPermissions__1__IpRanges__1__CidrIp": "10.0.0.0/9"}
    assert ec2.call("RevokeSecurityGroupIngress", GroupName=group, **other).changes == []
    other = RULE | {"IpPermissions__1__ToPort": "23"}
    assert ec2.call("RevokeSecurityGroupIngress", GroupName=group, **other).changes == []
    result = ec2.call("RevokeSecurityGroupIngress", GroupName=group, **RULE)
    assert result.changes == ["revokeSecurityGroupIngress"]
    assert permissions(ec2, group) == ""


def test_the_flat_form(ec2: Ec2TestClient, group: str) -> None:
    """The older, flat parameters mean the same, for addresses, ICMP and whole groups."""
    flat = {"GroupName": group, "IpProtocol": "icmp", "FromPort": "-1", "ToPort": "-1"}
    flat["CidrIp"] = "0.0.0.0/0"
    result = ec2.call("AuthorizeSecurityGroupIngress", **flat)
    request = result.only_change("authorizeSecurityGroupIngress")
    assert (request["icmptype"], request["icmpcode"]) == ("-1", "-1")
    source = {"GroupName": group, "SourceSecurityGroupName": "default"}
    result = ec2.call("AuthorizeSecurityGroupIngress", **source)
    request = result.only_change("authorizeSecurityGroupIngress")
    assert request["usersecuritygrouplist[0].group"] == "default"
    assert request["usersecuritygrouplist[0].account"] == "alice"
    item = permissions(ec2, group)
    assert [entry["ipProtocol"] for entry in item] == ["icmp", "-1"]
    assert item[1]["groups"] == [{"userId": "alice", "groupName": "default"}]
    mixed = {**RULE, "GroupName": group, "CidrIp": "10.0.0.0/8"}
    code = ec2.refusal_code("AuthorizeSecurityGroupIngress", **mixed)
    assert code == "InvalidParameterCombination"
    for parameters in (flat, source):
        result = ec2.call("RevokeSecurityGroupIngress", **parameters)
        assert result.changes == ["revokeSecurityGroupIngress"]


def test_several_permissions_at_once(ec2: Ec2TestClient, group: str) -> None:
    """Each permission of a request is one call; each of its rules is revoked by its own call."""
    parameters = {"GroupName": group, **RULE, "IpPermissions__1__IpRanges__2__CidrIp": "11.0.0.0/8"}
    parameters |= {name.replace("__1__", "__2__", 1): value for name, value in RULE.items()}
    parameters |= {"IpPermissions__2__FromPort": "80", "IpPermissions__2__ToPort": "81"}
    result = ec2.call("AuthorizeSecurityGroupIngress", **parameters)
    assert result.changes == ["authorizeSecurityGroupIngress"] * 2
    result = ec2.call("RevokeSecurityGroupIngress", **parameters)
    assert result.changes == ["revokeSecurityGroupIngress"] * 3


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
    """Invalid permissions are refused without a call."""
    parameters = {"GroupName": group, **RULE, **change}
    assert ec2.refusal_code("AuthorizeSecurityGroupIngress", **parameters) == code
    assert ec2.refusal_code("RevokeSecurityGroupIngress", **parameters) == code


def test_groups_of_other_accounts(ec2: Ec2TestClient, bob: Ec2TestClient, group: str) -> None:
    """Another account's group may be a source, by account and name."""
    source = {"GroupName": group, "SourceSecurityGroupName": "default"}
    source["SourceSecurityGroupOwnerId"] = "bob"
    result = ec2.call("AuthorizeSecurityGroupIngress", **source)
    request = result.only_change("authorizeSecurityGroupIngress")
    assert request["usersecuritygrouplist[0].account"] == "bob"
    ec2.call("RevokeSecurityGroupIngress", **source)
    source["SourceSecurityGroupName"] = "absent"
    result = ec2.attempt("AuthorizeSecurityGroupIngress", **source)
    assert result.code == "InvalidGroup.NotFound"
    filtered = {"Filter__1__Name": "ip-permission.user-id", "Filter__1__Value__1": "alice"}
    assert bob.call("DescribeSecurityGroups", **filtered).body["securityGroupInfo"] == ""
