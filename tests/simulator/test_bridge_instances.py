"""Instances, their attributes, images and tags over the simulated cloud: each action once, and what
it refuses."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import pytest

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.faults import ApiFault
from tests.support.simulated_deployments import Ec2TestClient

NOBODY = str(uuid4())


def run(client: Ec2TestClient, **more: str) -> Any:
    """The first instance of a new reservation."""
    image = client.deployment.world.template_id
    given = {"ImageId": image, "MinCount": "1", "MaxCount": "1", **more}
    return client.call("RunInstances", **given).body["instancesSet"][0]


def state(client: Ec2TestClient, instance: str) -> str:
    """The state that an instance is shown in."""
    body = client.call("DescribeInstances", InstanceId__1=instance).body
    return str(body["reservationSet"][0]["instancesSet"][0]["instanceState"]["name"])


def test_run_instances(ec2: Ec2TestClient) -> None:
    """One deployment for an instance, with the image, type, zone, key, groups and user data asked
    for."""
    world = ec2.deployment.world
    ec2.call("CreateKeyPair", KeyName="run-key")
    ec2.call("CreateSecurityGroup", GroupName="run-group", GroupDescription="d")
    data = base64.b64encode(b"hello").decode()
    called = ec2.call(
        "RunInstances",
        ImageId=world.template_id,
        MinCount="1",
        MaxCount="1",
        InstanceType="m1.large",
        Placement__AvailabilityZone=world.zone_name,
        KeyName="run-key",
        UserData=data,
        SecurityGroup__1="run-group",
    )
    assert called.only_change("deployVirtualMachine") == {
        "templateid": world.template_id,
        "serviceofferingid": world.service_offerings["m1.large"],
        "zoneid": world.zone_id,
        "keypair": "run-key",
        "userdata": data,
        "securitygroupnames": "run-group",
    }
    instance = called.body["instancesSet"][0]
    assert called.body["reservationId"].startswith("r-")
    assert called.body["groupSet"] == [{"groupId": "run-group"}]
    assert (instance["instanceType"], instance["keyName"]) == ("m1.large", "run-key")
    assert instance["placement"] == {"availabilityZone": world.zone_name}
    assert instance["imageId"] == world.template_id
    assert instance["launchTime"].endswith(".000Z")


def test_run_by_number(ec2: Ec2TestClient) -> None:
    """The documentation runs image 2: a number is CloudStack's own, and the answer has its UUID."""
    world = ec2.deployment.world
    assert run(ec2, ImageId="2")["imageId"] == world.password_template_id
    unknown = {"ImageId": "99", "MinCount": "1", "MaxCount": "1"}
    assert ec2.refusal_code("RunInstances", **unknown) == "InvalidAMIID.NotFound"


def test_run_several_instances(ec2: Ec2TestClient) -> None:
    """Several instances are one reservation, now and when they are described."""
    body = ec2.call(
        "RunInstances", ImageId=ec2.deployment.world.template_id, MinCount="2", MaxCount="3"
    ).body
    ids = [item["instanceId"] for item in body["instancesSet"]]
    assert len(ids) == 3
    asked = {f"InstanceId__{n}": one for n, one in enumerate(ids, 1)}
    (reservation,) = ec2.call("DescribeInstances", **asked).body["reservationSet"]
    assert reservation["reservationId"] == body["reservationId"]
    assert [item["amiLaunchIndex"] for item in reservation["instancesSet"]] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ImageId": NOBODY}, "InvalidAMIID.NotFound"),
        ({"ImageId": "ami-1"}, "InvalidAMIID.Malformed"),
        ({"MinCount": "0"}, "InvalidParameterValue"),
        ({"MinCount": "2"}, "InvalidParameterValue"),
        ({"MaxCount": "many"}, "InvalidParameterValue"),
        ({"InstanceType": "x9.huge"}, "InvalidParameterValue"),
        ({"Placement__AvailabilityZone": "nowhere"}, "InvalidParameterValue"),
        ({"KeyName": "absent"}, "InvalidKeyPair.NotFound"),
        ({"SecurityGroup__1": "absent"}, "InvalidGroup.NotFound"),
        ({"SecurityGroupId__1": NOBODY}, "InvalidGroup.NotFound"),
        ({"SecurityGroup__1": "a", "SecurityGroupId__1": NOBODY}, "InvalidParameterCombination"),
        ({"UserData": "%%%"}, "InvalidParameterValue"),
    ],
)
def test_run_instances_refused(ec2: Ec2TestClient, given: dict[str, str], code: str) -> None:
    """What cannot be deployed is refused before anything is deployed."""
    image = ec2.deployment.world.template_id
    asked = {"ImageId": image, "MinCount": "1", "MaxCount": "1", **given}
    assert ec2.refusal_code("RunInstances", **asked) == code


@pytest.mark.parametrize(("in_job", "code"), [(False, 533), (True, 533)])
def test_no_capacity(ec2: Ec2TestClient, in_job: bool, code: int) -> None:
    """A lack of capacity is told as such, whenever CloudStack notices it."""
    fault = ApiFault("deployVirtualMachine", code, "Unable to create a deployment", in_job)
    ec2.deployment.management.faults.add(fault, "alice")
    given = {"ImageId": ec2.deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
    called = ec2.attempt("RunInstances", **given)
    assert (called.status, called.code) == (500, "InsufficientInstanceCapacity")


def test_at_least_min_count_or_nothing(ec2: Ec2TestClient) -> None:
    """If fewer than MinCount can be had, those that came up are destroyed again; otherwise they are
    kept."""
    faults, image = ec2.deployment.management.faults, ec2.deployment.world.template_id
    fault = ApiFault("deployVirtualMachine", 533, "full", True)
    faults.add(fault, "alice")
    called = ec2.attempt("RunInstances", ImageId=image, MinCount="3", MaxCount="3")
    assert called.code == "InsufficientInstanceCapacity"
    assert sorted(called.changes) == ["deployVirtualMachine"] * 2 + ["destroyVirtualMachine"] * 2
    faults.add(fault, "alice")
    called = ec2.call("RunInstances", ImageId=image, MinCount="1", MaxCount="3")
    assert len(called.body["instancesSet"]) == 2


def test_the_limit_of_the_account(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """More instances than the account's limit are not started; with room for MinCount, as many as
    fit."""
    management, image = ec2.deployment.management, ec2.deployment.world.template_id
    total = len(bob.call("DescribeInstances").body["reservationSet"] or [])
    domain = ec2.deployment.world.domain_id
    limit = {"resourcetype": "0", "account": "bob", "domainid": domain, "max": str(total + 2)}
    management.execute("updateResourceLimit", limit, "admin")
    asked = {"ImageId": image, "MinCount": "3", "MaxCount": "3"}
    assert bob.refusal_code("RunInstances", **asked) == "InstanceLimitExceeded"
    called = bob.call("RunInstances", ImageId=image, MinCount="1", MaxCount="9")
    assert len(called.body["instancesSet"]) == 2
    asked = {"ImageId": image, "MinCount": "1", "MaxCount": "1"}
    assert bob.attempt("RunInstances", **asked).code == "InstanceLimitExceeded"


def test_client_tokens(ec2: Ec2TestClient) -> None:
    """The same token and request give the same instance; another request is a mismatch."""
    first = run(ec2, ClientToken="token-1")
    given = {"ImageId": first["imageId"], "MinCount": "1", "MaxCount": "1"}
    again = ec2.call("RunInstances", **given, ClientToken="token-1")
    assert again.body["instancesSet"][0]["instanceId"] == first["instanceId"]
    assert again.changes == []
    given["InstanceType"] = "m1.large"
    refused = ec2.refusal_code("RunInstances", **given, ClientToken="token-1")
    assert refused == "IdempotentParameterMismatch"
    ec2.call("TerminateInstances", InstanceId__1=first["instanceId"])
    given = {"ImageId": first["imageId"], "MinCount": "1", "MaxCount": "1"}
    refused = ec2.refusal_code("RunInstances", **given, ClientToken="token-1")
    assert refused == "IdempotentInstanceTerminated"


def test_the_life_of_an_instance(ec2: Ec2TestClient) -> None:
    """Each change is one CloudStack call; repeating it is no error and no call."""
    instance = run(ec2)["instanceId"]
    steps = [
        ("RebootInstances", "rebootVirtualMachine", "running", True),
        ("StopInstances", "stopVirtualMachine", "stopped", False),
        ("StartInstances", "startVirtualMachine", "running", False),
        ("TerminateInstances", "destroyVirtualMachine", "terminated", False),
    ]
    for action, command, after, repeats in steps:
        before = state(ec2, instance)
        called = ec2.call(action, InstanceId__1=instance)
        assert called.only_change(command)["id"] == instance
        if action != "RebootInstances":
            (change,) = called.body["instancesSet"]
            assert change["instanceId"] == instance
            assert change["previousState"]["name"] == before
            assert change["currentState"]["name"] == after
        assert state(ec2, instance) == after
        again = ec2.call(action, InstanceId__1=instance)
        assert again.changes == ([command] if repeats else [])


def test_wrong_states(ec2: Ec2TestClient) -> None:
    """What an instance cannot do from its state is refused without a call."""
    instance = run(ec2)["instanceId"]
    ec2.call("StopInstances", InstanceId__1=instance, Force="true").only_change(
        "stopVirtualMachine"
    )
    assert ec2.refusal_code("RebootInstances", InstanceId__1=instance) == "IncorrectInstanceState"
    ec2.call("TerminateInstances", InstanceId__1=instance)
    for action in ("StartInstances", "StopInstances"):
        assert ec2.refusal_code(action, InstanceId__1=instance) == "IncorrectInstanceState"
    assert ec2.call("RebootInstances", InstanceId__1=instance).changes == []


def test_forced_stops(ec2: Ec2TestClient) -> None:
    """Force reaches CloudStack."""
    instance = run(ec2)["instanceId"]
    called = ec2.call("StopInstances", InstanceId__1=instance, Force="true")
    assert called.only_change("stopVirtualMachine") == {"id": instance, "forced": "true"}


@pytest.mark.parametrize(
    "action",
    [
        "DescribeInstances",
        "RebootInstances",
        "StartInstances",
        "StopInstances",
        "TerminateInstances",
        "GetPasswordData",
    ],
)
def test_unknown_instances(ec2: Ec2TestClient, bob: Ec2TestClient, action: str) -> None:
    """An unknown id, a malformed one and another account's are refused, and with them the whole
    request."""
    name = "InstanceId" if action == "GetPasswordData" else "InstanceId__1"
    assert ec2.refusal_code(action, **{name: NOBODY}) == "InvalidInstanceID.NotFound"
    assert ec2.refusal_code(action, **{name: "i-0"}) == "InvalidInstanceID.Malformed"
    theirs = run(ec2)["instanceId"]
    assert bob.refusal_code(action, **{name: theirs}) == "InvalidInstanceID.NotFound"


def test_one_bad_id_fails_all(ec2: Ec2TestClient) -> None:
    """Nothing is stopped when one of the instances named does not exist."""
    instance = run(ec2)["instanceId"]
    refused = ec2.refusal_code("StopInstances", InstanceId__1=instance, InstanceId__2=NOBODY)
    assert refused == "InvalidInstanceID.NotFound"


def test_terminated_instances_are_seen_for_an_hour(
    deployment: Deployment, ec2: Ec2TestClient
) -> None:
    """A terminated instance is shown as such for an hour, though CloudStack hides it at once."""
    instance = run(ec2)["instanceId"]
    ec2.call("TerminateInstances", InstanceId__1=instance)
    given = {"Filter__1__Name": "instance-state-name", "Filter__1__Value__1": "terminated"}
    listed = ec2.call("DescribeInstances", **given).body["reservationSet"]
    assert instance in [one["instancesSet"][0]["instanceId"] for one in listed]
    memory = deployment.bridge.state
    assert memory.terminated_instance(instance, deployment.clock.seconds() + 3599) is not None
    assert memory.terminated_instance(instance, deployment.clock.seconds() + 3601) is None


def test_filters_of_instances(ec2: Ec2TestClient) -> None:
    """Filters look at what the reply shows, block devices included."""
    instance = run(ec2, InstanceType="t1.micro")["instanceId"]
    volume = ec2.call(
        "DescribeVolumes",
        Filter__1__Name="attachment.instance-id",
        Filter__1__Value__1=instance,
    ).body["volumeSet"][0]["volumeId"]
    for name, value in {
        "instance-type": "t1.*",
        "instance-state-code": "16",
        "group-id": "default",
        "block-device-mapping.volume-id": volume,
        "reservation-id": f"r-{instance[:8]}",
    }.items():
        found = ec2.call(
            "DescribeInstances",
            Filter__1__Name=name,
            Filter__1__Value__1=value,
            Filter__2__Name="instance-id",
            Filter__2__Value__1=instance,
        ).body["reservationSet"]
        assert [one["instancesSet"][0]["instanceId"] for one in found] == [instance], name
    assert ec2.refusal_code("DescribeInstances", Filter__1__Name="x", Filter__1__Value__1="y") == (
        "InvalidParameterValue"
    )


def test_instance_attributes(ec2: Ec2TestClient) -> None:
    """Attributes that CloudStack knows are told, and type and user data of a stopped instance are
    changed."""
    instance = run(ec2)["instanceId"]

    def attribute(name: str) -> Any:
        given = {"InstanceId": instance, "Attribute": name}
        return ec2.call("DescribeInstanceAttribute", **given).body[name]

    assert attribute("instanceType") == {"value": "m1.small"}
    assert attribute("disableApiTermination") == {"value": "false"}
    assert attribute("blockDeviceMapping")[0]["deviceName"] == "/dev/sda1"
    asked = {"InstanceId": instance, "Attribute": "colour"}
    assert ec2.refusal_code("DescribeInstanceAttribute", **asked) == "InvalidParameterValue"
    change = {"InstanceId": instance, "InstanceType__Value": "m1.large"}
    assert ec2.refusal_code("ModifyInstanceAttribute", **change) == "IncorrectInstanceState"
    ec2.call("StopInstances", InstanceId__1=instance)
    ec2.call("ModifyInstanceAttribute", **change).only_change("changeServiceForVirtualMachine")
    assert attribute("instanceType") == {"value": "m1.large"}
    called = ec2.call("ModifyInstanceAttribute", InstanceId=instance, UserData__Value="aGk=")
    assert called.only_change("updateVirtualMachine") == {"id": instance, "userdata": "aGk="}


def test_passwords(ec2: Ec2TestClient) -> None:
    """A password is told encrypted; as long as there is none, the answer is empty."""
    plain = run(ec2)["instanceId"]
    assert ec2.call("GetPasswordData", InstanceId=plain).body["passwordData"] == ""
    ec2.call("CreateKeyPair", KeyName="password-key")
    image = ec2.deployment.world.password_template_id
    windows = run(ec2, ImageId=image, KeyName="password-key")["instanceId"]
    called = ec2.call("GetPasswordData", InstanceId=windows)
    assert called.body["instanceId"] == windows
    assert len(base64.b64decode(called.body["passwordData"])) in (128, 256)  # an RSA ciphertext
    assert "getVMPassword" in [call.command for call in called.calls]


def test_later_versions_tell_more(bob: Ec2TestClient, ec2: Ec2TestClient) -> None:
    """Replies of 2012 carry group ids where those of 2010 carry names."""
    image = ec2.deployment.world.template_id
    later = Ec2TestClient(ec2.deployment, version="2016-11-15")
    body = later.call("RunInstances", ImageId=image, MinCount="1", MaxCount="1").body
    later.close()
    (group,) = body["groupSet"]
    assert group["groupName"] == "default"
    assert len(group["groupId"]) == 36
    assert bob.call("CreateSecurityGroup", GroupName="x", GroupDescription="d").body["groupId"]
