"""Actions on instances and their attributes, against the simulated cloud."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import pytest

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.faults import ApiFault
from tests.support.simulated_deployments import Ec2TestClient

UNKNOWN_ID = str(uuid4())


def run(client: Ec2TestClient, **more: str) -> Any:
    """The first instance of a new reservation."""
    image = client.deployment.world.template_id
    parameters = {"ImageId": image, "MinCount": "1", "MaxCount": "1", **more}
    return client.call("RunInstances", **parameters).body["instancesSet"][0]


def state(client: Ec2TestClient, instance: str) -> str:
    """The state of an instance in DescribeInstances."""
    body = client.call("DescribeInstances", InstanceId__1=instance).body
    return str(body["reservationSet"][0]["instancesSet"][0]["instanceState"]["name"])


def test_run_instances(ec2: Ec2TestClient) -> None:
    """An instance is one deployVirtualMachine with the request's image, type, zone, key, groups and
    user data."""
    world = ec2.deployment.world
    ec2.call("CreateKeyPair", KeyName="run-key")
    ec2.call("CreateSecurityGroup", GroupName="run-group", GroupDescription="d")
    data = base64.b64encode(b"hello").decode()
    result = ec2.call(
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
    assert result.only_change("deployVirtualMachine") == {
        "templateid": world.template_id,
        "serviceofferingid": world.service_offerings["m1.large"],
        "zoneid": world.zone_id,
        "keypair": "run-key",
        "userdata": data,
        "securitygroupnames": "run-group",
    }
    instance = result.body["instancesSet"][0]
    assert result.body["reservationId"].startswith("r-")
    assert result.body["groupSet"] == [{"groupId": "run-group"}]
    assert (instance["instanceType"], instance["keyName"]) == ("m1.large", "run-key")
    assert instance["placement"] == {"availabilityZone": world.zone_name}
    assert instance["imageId"] == world.template_id
    assert instance["launchTime"].endswith(".000Z")


def test_run_in_a_group_whose_name_has_a_comma(ec2: Ec2TestClient) -> None:
    """CloudStack ends a name in a list at a comma: such a group is named by its id."""
    names = ("a,b", "c")
    for name in names:
        ec2.call("CreateSecurityGroup", GroupName=name, GroupDescription="d")
    groups = {f"SecurityGroup__{number}": name for number, name in enumerate(names, 1)}
    image = ec2.deployment.world.template_id
    result = ec2.call("RunInstances", ImageId=image, MinCount="1", MaxCount="1", **groups)
    deployed = result.only_change("deployVirtualMachine")
    assert "securitygroupnames" not in deployed
    assert len(deployed["securitygroupids"].split(",")) == len(names)
    shown = result.body["instancesSet"][0]["instanceId"]
    described = ec2.call("DescribeInstances", InstanceId__1=shown).body["reservationSet"][0]
    assert sorted(group["groupId"] for group in described["groupSet"]) == ["a,b", "c"]


def test_run_by_number(ec2: Ec2TestClient) -> None:
    """The documentation's example runs image 2: an internal number is accepted, the reply has the
    UUID."""
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
    request = {f"InstanceId__{n}": id_ for n, id_ in enumerate(ids, 1)}
    (reservation,) = ec2.call("DescribeInstances", **request).body["reservationSet"]
    assert reservation["reservationId"] == body["reservationId"]
    assert [item["amiLaunchIndex"] for item in reservation["instancesSet"]] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"ImageId": UNKNOWN_ID}, "InvalidAMIID.NotFound"),
        ({"ImageId": "ami-1"}, "InvalidAMIID.Malformed"),
        ({"MinCount": "0"}, "InvalidParameterValue"),
        ({"MinCount": "2"}, "InvalidParameterValue"),
        ({"MaxCount": "many"}, "InvalidParameterValue"),
        ({"InstanceType": "x9.huge"}, "InvalidParameterValue"),
        ({"Placement__AvailabilityZone": "nowhere"}, "InvalidParameterValue"),
        ({"KeyName": "absent"}, "InvalidKeyPair.NotFound"),
        ({"SecurityGroup__1": "absent"}, "InvalidGroup.NotFound"),
        ({"SecurityGroupId__1": UNKNOWN_ID}, "InvalidGroup.NotFound"),
        (
            {"SecurityGroup__1": "a", "SecurityGroupId__1": UNKNOWN_ID},
            "InvalidParameterCombination",
        ),
        ({"UserData": "%%%"}, "InvalidParameterValue"),
    ],
)
def test_run_instances_refused(ec2: Ec2TestClient, parameters: dict[str, str], code: str) -> None:
    """What cannot be deployed is refused before anything is deployed."""
    image = ec2.deployment.world.template_id
    request = {"ImageId": image, "MinCount": "1", "MaxCount": "1", **parameters}
    assert ec2.refusal_code("RunInstances", **request) == code


@pytest.mark.parametrize(("in_job", "code"), [(False, 533), (True, 533)])
def test_no_capacity(ec2: Ec2TestClient, in_job: bool, code: int) -> None:
    """A lack of capacity has its own error, whether CloudStack fails at once or in the job."""
    fault = ApiFault("deployVirtualMachine", code, "Unable to create a deployment", in_job)
    ec2.deployment.management.faults.add(fault, "alice")
    parameters = {"ImageId": ec2.deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
    result = ec2.attempt("RunInstances", **parameters)
    assert (result.status, result.code) == (500, "InsufficientInstanceCapacity")


def test_at_least_min_count_or_nothing(ec2: Ec2TestClient) -> None:
    """If fewer than MinCount instances start, they are destroyed; otherwise they are kept."""
    faults, image = ec2.deployment.management.faults, ec2.deployment.world.template_id
    fault = ApiFault("deployVirtualMachine", 533, "full", True)
    faults.add(fault, "alice")
    result = ec2.attempt("RunInstances", ImageId=image, MinCount="3", MaxCount="3")
    assert result.code == "InsufficientInstanceCapacity"
    assert sorted(result.changes) == ["deployVirtualMachine"] * 2 + ["destroyVirtualMachine"] * 2
    faults.add(fault, "alice")
    result = ec2.call("RunInstances", ImageId=image, MinCount="1", MaxCount="3")
    assert len(result.body["instancesSet"]) == 2


def test_the_limit_of_the_account(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """No more instances are started than the account's limit allows, and none if that is fewer than
    MinCount."""
    management, image = ec2.deployment.management, ec2.deployment.world.template_id
    total = len(bob.call("DescribeInstances").body["reservationSet"] or [])
    domain = ec2.deployment.world.domain_id
    limit = {"resourcetype": "0", "account": "bob", "domainid": domain, "max": str(total + 2)}
    management.execute("updateResourceLimit", limit, "admin")
    request = {"ImageId": image, "MinCount": "3", "MaxCount": "3"}
    assert bob.refusal_code("RunInstances", **request) == "InstanceLimitExceeded"
    result = bob.call("RunInstances", ImageId=image, MinCount="1", MaxCount="9")
    assert len(result.body["instancesSet"]) == 2
    request = {"ImageId": image, "MinCount": "1", "MaxCount": "1"}
    assert bob.attempt("RunInstances", **request).code == "InstanceLimitExceeded"


def test_client_tokens(ec2: Ec2TestClient) -> None:
    """The same token and request return the same instance; another request is a mismatch."""
    first = run(ec2, ClientToken="token-1")
    parameters = {"ImageId": first["imageId"], "MinCount": "1", "MaxCount": "1"}
    again = ec2.call("RunInstances", **parameters, ClientToken="token-1")
    assert again.body["instancesSet"][0]["instanceId"] == first["instanceId"]
    assert again.changes == []
    parameters["InstanceType"] = "m1.large"
    code = ec2.refusal_code("RunInstances", **parameters, ClientToken="token-1")
    assert code == "IdempotentParameterMismatch"
    ec2.call("TerminateInstances", InstanceId__1=first["instanceId"])
    parameters = {"ImageId": first["imageId"], "MinCount": "1", "MaxCount": "1"}
    code = ec2.refusal_code("RunInstances", **parameters, ClientToken="token-1")
    assert code == "IdempotentInstanceTerminated"


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
        result = ec2.call(action, InstanceId__1=instance)
        assert result.only_change(command)["id"] == instance
        if action != "RebootInstances":
            (change,) = result.body["instancesSet"]
            assert change["instanceId"] == instance
            assert change["previousState"]["name"] == before
            assert change["currentState"]["name"] == after
        assert state(ec2, instance) == after
        again = ec2.call(action, InstanceId__1=instance)
        assert again.changes == ([command] if repeats else [])


def test_wrong_states(ec2: Ec2TestClient) -> None:
    """An action that the instance's state does not allow is refused without a call."""
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
    result = ec2.call("StopInstances", InstanceId__1=instance, Force="true")
    assert result.only_change("stopVirtualMachine") == {"id": instance, "forced": "true"}


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
    """An unknown id, a malformed one and another account's are refused."""
    name = "InstanceId" if action == "GetPasswordData" else "InstanceId__1"
    assert ec2.refusal_code(action, **{name: UNKNOWN_ID}) == "InvalidInstanceID.NotFound"
    assert ec2.refusal_code(action, **{name: "i-0"}) == "InvalidInstanceID.Malformed"
    theirs = run(ec2)["instanceId"]
    assert bob.refusal_code(action, **{name: theirs}) == "InvalidInstanceID.NotFound"


def test_one_bad_id_fails_all(ec2: Ec2TestClient) -> None:
    """No instance is stopped if one of the request's does not exist."""
    instance = run(ec2)["instanceId"]
    code = ec2.refusal_code("StopInstances", InstanceId__1=instance, InstanceId__2=UNKNOWN_ID)
    assert code == "InvalidInstanceID.NotFound"


def test_terminated_instances_are_seen_for_an_hour(
    deployment: Deployment, ec2: Ec2TestClient
) -> None:
    """A terminated instance is listed for an hour, though CloudStack hides it at once."""
    instance = run(ec2)["instanceId"]
    ec2.call("TerminateInstances", InstanceId__1=instance)
    parameters = {"Filter__1__Name": "instance-state-name", "Filter__1__Value__1": "terminated"}
    listed = ec2.call("DescribeInstances", **parameters).body["reservationSet"]
    assert instance in [entry["instancesSet"][0]["instanceId"] for entry in listed]
    bridge_state = deployment.bridge.state
    assert bridge_state.terminated_instance(instance, deployment.clock.seconds() + 3599) is not None
    assert bridge_state.terminated_instance(instance, deployment.clock.seconds() + 3601) is None


def test_filters_of_instances(ec2: Ec2TestClient) -> None:
    """Filters apply to all that the reply can show, block devices included."""
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
        listed = ec2.call(
            "DescribeInstances",
            Filter__1__Name=name,
            Filter__1__Value__1=value,
            Filter__2__Name="instance-id",
            Filter__2__Value__1=instance,
        ).body["reservationSet"]
        assert [entry["instancesSet"][0]["instanceId"] for entry in listed] == [instance], name
    assert ec2.refusal_code("DescribeInstances", Filter__1__Name="x", Filter__1__Value__1="y") == (
        "InvalidParameterValue"
    )


def test_instance_attributes(ec2: Ec2TestClient) -> None:
    """Attributes are described; type and user data of a stopped instance can be changed."""
    instance = run(ec2)["instanceId"]

    def attribute(name: str) -> Any:
        parameters = {"InstanceId": instance, "Attribute": name}
        return ec2.call("DescribeInstanceAttribute", **parameters).body[name]

    assert attribute("instanceType") == {"value": "m1.small"}
    assert attribute("disableApiTermination") == {"value": "false"}
    assert attribute("blockDeviceMapping")[0]["deviceName"] == "/dev/sda1"
    request = {"InstanceId": instance, "Attribute": "colour"}
    assert ec2.refusal_code("DescribeInstanceAttribute", **request) == "InvalidParameterValue"
    change = {"InstanceId": instance, "InstanceType__Value": "m1.large"}
    assert ec2.refusal_code("ModifyInstanceAttribute", **change) == "IncorrectInstanceState"
    ec2.call("StopInstances", InstanceId__1=instance)
    ec2.call("ModifyInstanceAttribute", **change).only_change("changeServiceForVirtualMachine")
    assert attribute("instanceType") == {"value": "m1.large"}
    result = ec2.call("ModifyInstanceAttribute", InstanceId=instance, UserData__Value="aGk=")
    assert result.only_change("updateVirtualMachine") == {"id": instance, "userdata": "aGk="}


def test_passwords(ec2: Ec2TestClient) -> None:
    """A password is encrypted in the reply; as long as there is none, it is empty."""
    plain = run(ec2)["instanceId"]
    assert ec2.call("GetPasswordData", InstanceId=plain).body["passwordData"] == ""
    ec2.call("CreateKeyPair", KeyName="password-key")
    image = ec2.deployment.world.password_template_id
    windows = run(ec2, ImageId=image, KeyName="password-key")["instanceId"]
    result = ec2.call("GetPasswordData", InstanceId=windows)
    assert result.body["instanceId"] == windows
    assert len(base64.b64decode(result.body["passwordData"])) in (128, 256)  # an RSA ciphertext
    assert "getVMPassword" in [call.command for call in result.calls]


def test_later_versions_have_group_ids(bob: Ec2TestClient, ec2: Ec2TestClient) -> None:
    """Replies of 2012 have group ids where those of 2010 have names."""
    image = ec2.deployment.world.template_id
    later = Ec2TestClient(ec2.deployment, version="2016-11-15")
    body = later.call("RunInstances", ImageId=image, MinCount="1", MaxCount="1").body
    later.close()
    (group,) = body["groupSet"]
    assert group["groupName"] == "default"
    assert len(group["groupId"]) == 36
    assert bob.call("CreateSecurityGroup", GroupName="x", GroupDescription="d").body["groupId"]
