"""The texts of errors, by which bridges tell them apart: those of 4.4, or of a later line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.management import schema
from tests.support.management_client import Cloud, running_cloud
from tests.support.simulated_deployments import Ec2TestClient

AUTHORIZE = "authorizeSecurityGroupIngress"


@pytest.fixture
def later() -> Iterator[Cloud]:
    """A server of a later line."""
    with running_cloud(line="4.11") as cloud:
        yield cloud


def group_text(cloud: Cloud) -> str:
    """Why a second group of the same name is refused."""
    cloud.call("createSecurityGroup", name="web")
    return cloud.refusal("createSecurityGroup", name="web")[1]


def limit_text(cloud: Cloud) -> str:
    """Why a second volume is refused where one is allowed."""
    limit = {"account": "alice", "domainid": cloud.world.domain_id, "resourcetype": "2"}
    cloud.call("updateResourceLimit", by="admin", max="1", **limit)
    cloud.volume()
    wish = {"name": "v", "zoneid": cloud.world.zone_id, "size": "1"}
    return cloud.refusal("createVolume", diskofferingid=cloud.world.disk_offering_id, **wish)[1]


def snapshot_text(cloud: Cloud) -> str:
    """Why an unfinished snapshot cannot be deleted."""
    volume, vm = cloud.volume(), cloud.deploy()
    cloud.job_result("attachVolume", id=volume, virtualmachineid=vm)
    snapshot = cloud.call("createSnapshot", volumeid=volume)["id"]
    cloud.job_result("deleteSnapshot", id=snapshot)
    with cloud.management.processor.writing() as rows:
        row = rows.find(schema.snapshots, uuid=snapshot)
        assert row is not None
        rows.change(schema.snapshots, row.id, state="Error", removed=None)
    return cloud.job_error("deleteSnapshot", id=snapshot)[1]


def device_texts(cloud: Cloud) -> list[str]:
    """Why device numbers are refused: one in use, and one beyond the last."""
    vm = cloud.deploy()
    cloud.job_result("attachVolume", id=cloud.volume(), virtualmachineid=vm, deviceid="5")
    wish = {"id": cloud.volume(), "virtualmachineid": vm}
    return [cloud.job_error("attachVolume", deviceid=number, **wish)[1] for number in ("5", "16")]


def test_texts_of_4_4(cloud: Cloud) -> None:
    """The default line's texts, its typing errors included."""
    assert group_text(cloud) == (
        "Unable to create security group, a group with name web already exisits."
    )
    assert snapshot_text(cloud) == (
        "Can't delete snapshotshot 1 due to it is not in BackedUp Status"
    )
    assert device_texts(cloud) == ["deviceId 5 is used by vm2", "deviceId should be 1,2,4-15"]
    assert cloud.call("listCapabilities")["capability"]["cloudstackversion"] == "4.4.0"


def test_limit_of_4_4(cloud: Cloud) -> None:
    """A limit that is reached is named with the account."""
    assert limit_text(cloud) == (
        "Maximum number of resources of type 'volume' for account name=alice in domain id=1 has"
        " been exceeded."
    )


def test_texts_of_a_later_line(later: Cloud) -> None:
    """The texts that have changed since, and the version."""
    assert group_text(later) == (
        "Unable to create security group, a group with name web already exists."
    )
    assert snapshot_text(later) == "Can't delete snapshot 1 due to it is in Error Status"
    assert device_texts(later) == ["deviceId 5 is used by vm 2", "deviceId should be 1,2,4-14"]
    assert later.call("listCapabilities")["capability"]["cloudstackversion"] == "4.11.3.0"
    assert 'cloud-stack-version="4.11.3.0"' in later.reply("listZones", response="xml").text
    assert (
        'cloud-stack-version="4.11.3.0"' in later.reply("stopVirtualMachine", response="xml").text
    )


def test_limit_of_a_later_line(later: Cloud) -> None:
    """It says how much there is."""
    assert limit_text(later) == (
        "Maximum amount of resources of Type = 'volume' for Account Name = alice in Domain Id = 1"
        " is exceeded: Account Resource Limit = 1, Current Account Resource Amount = 1, Requested"
        " Resource Amount = 1."
    )


def test_an_unknown_line() -> None:
    """Only the lines whose texts are known can be simulated."""
    with pytest.raises(ConfigurationError, match=r"the lines are 4\.4, 4\.11"):
        Deployment(DeploymentOptions(cloudstack_line="5"))


@pytest.mark.parametrize(
    ("command", "parameters", "text"),
    [
        ("listZones", {"page": "x", "pagesize": "1"}, "invalid value x for parameter page"),
        ("listVolumes", {"keyword": "x" * 256}, "max allowed length 255 for param: keyword"),
        ("listEvents", {"startdate": "soon"}, "Unable to parse date soon for command listevents,"),
        ("listZones", {"name": "a\x01"}, "is invalid, contains illegal ASCII non-printable"),
        ("deleteSecurityGroup", {}, "Either id or name parameter is required"),
        ("deleteSecurityGroup", {"name": "x"}, "Unable to find security group by name x"),
        ("createSSHKeyPair", {}, "due to missing parameter name"),
    ],
)
def test_refused_parameters(
    shared_cloud: Cloud, command: str, parameters: dict[str, str], text: str
) -> None:
    """Parameters that cannot be decoded, or name nothing."""
    code, refusal = shared_cloud.refusal(command, **parameters)
    assert code == 431
    assert text in refusal


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"startport": "90"}, "Invalid port range 90:80"),
        ({"startport": "-2"}, "Invalid port numbers -2:80"),
        ({"startport": "-1"}, "Invalid port range -1:80"),
        ({"endport": ""}, "Invalid port range specified, startPort = 80, endPort = null"),
        ({"cidrlist": "10.0.0.0"}, "Invalid cidr 10.0.0.0"),
        ({"protocol": "icmp"}, "Invalid ICMP type/code specified, icmpType = null, icmpCode"),
        ({"protocol": "tcpp"}, "Invalid protocol tcpp"),
    ],
)
def test_refused_rules(shared_cloud: Cloud, changed: dict[str, str], text: str) -> None:
    """What is wrong with a security group's rule."""
    rule = {"securitygroupname": "default", "protocol": "tcp", "startport": "80", "endport": "80"}
    code, refusal = shared_cloud.job_error(AUTHORIZE, **rule | {"cidrlist": "10.0.0.0/8"} | changed)
    assert code == 530
    assert refusal.startswith(text)


def test_other_accounts_are_named(cloud: Cloud) -> None:
    """A permission error names the caller as CloudStack prints accounts."""
    volume = cloud.volume("bob")
    code, text = cloud.refusal("deleteVolume", id=volume)
    assert code == 531
    assert re.match(r"Acct\[[0-9a-f-]{36}-alice\] does not have permission to operate with", text)


@pytest.mark.parametrize("line", ["4.4", "4.11"])
def test_the_bridge_knows_both(line: str) -> None:
    """EC2's codes are the same whichever line is behind the bridge."""
    with Deployment(DeploymentOptions(cloudstack_line=line)) as deployment:
        client = Ec2TestClient(deployment)
        group = {"GroupName": "web", "GroupDescription": "d"}
        client.call("CreateSecurityGroup", **group)
        assert client.refusal_code("CreateSecurityGroup", **group) == "InvalidGroup.Duplicate"
        limit = {"account": "alice", "domainid": deployment.world.domain_id}
        deployment.management.execute(
            "updateResourceLimit", limit | {"resourcetype": "2", "max": "0"}, "admin"
        )
        wish = {"AvailabilityZone": deployment.world.zone_name, "Size": "1"}
        assert client.refusal_code("CreateVolume", **wish) == "VolumeLimitExceeded"
        client.close()
