"""Requests that a client cannot send, and checks of our tables against the SDKs."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import Any

import pytest

from fixtures.clients import DRIVERS
from fixtures.clients.ec2 import service_model
from fixtures.clients.ec2.actions import ACTIONS
from fixtures.clients.ec2.boto_methods import METHODS
from fixtures.clients.ec2.raw_driver import query_parameters
from fixtures.clients.sdk import boto_shim
from fixtures.clients.sdk.botocore_session import shared_loader
from fixtures.model import Ec2Request, HarnessError
from tests.support.recorded_drivers import RecordedDrivers

KINDS = {
    "text": "string",
    "int": "integer",
    "bool": "boolean",
    "bytes": "blob",
    "list": "list",
    "dict": "structure",
}
RULE = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.mark.parametrize("action", ACTIONS)
def test_the_table_of_actions_agrees_with_botocore(action: str) -> None:
    """The table of actions has the types and requirements of botocore's model."""
    shape = service_model.input_shape(action)
    members = shape.members
    required = set(shape.required_members)
    assert {name: (members[name].type_name, name in required) for name in ACTIONS[action]} == {
        name: (KINDS[argument.kind], argument.required)
        for name, argument in ACTIONS[action].items()
    }
    assert required <= ACTIONS[action].keys()


@pytest.mark.parametrize("action", ACTIONS)
def test_boto_has_the_methods_and_keywords(action: str) -> None:
    """boto's methods have the keywords that our table names."""
    boto_shim.prepare()
    connection = importlib.import_module("boto.ec2.connection").EC2Connection
    method = METHODS[action]
    parameters = inspect.signature(getattr(connection, method.name)).parameters
    assert {
        keyword for keyword in method.encodings.values() if isinstance(keyword, str)
    } <= parameters.keys()
    assert method.fixed.keys() <= parameters.keys()
    assert method.encodings.keys() <= ACTIONS[action].keys()


def test_every_action_has_a_method_of_boto() -> None:
    """The table of boto's methods has all actions."""
    assert METHODS.keys() == ACTIONS.keys()


UNSUPPORTED: list[tuple[str, str, dict[str, Any], str]] = [
    ("boto3", "DeleteVolume", {}, "boto3 needs VolumeId"),
    ("boto3", "CreateVolume", {"Size": "1"}, "boto3 takes int for Size, not '1'"),
    ("boto3", "CreateVolume", {"Size": True}, "boto3 takes int for Size, not True"),
    ("boto3", "DescribeVolumes", {"VolumeIds": "v"}, "boto3 takes list for VolumeIds, not 'v'"),
    ("boto3", "DescribeVolumes", {"VolumeIds": [1]}, "boto3 takes no 1 in VolumeIds"),
    (
        "boto3",
        "AuthorizeSecurityGroupIngress",
        {"IpPermissions": [{**RULE, "FromPort": "1"}]},
        "boto3 takes no FromPort='1' in IpPermissions",
    ),
    ("boto", "DeleteVolume", {}, "boto cannot leave out VolumeId"),
    ("boto", "RunInstances", {"ImageId": "a", "MinCount": 1}, "boto cannot leave out MaxCount"),
    ("boto", "DescribeVolumes", {"VolumeIds": []}, "boto leaves out an empty VolumeIds"),
    ("boto", "DescribeVolumes", {"VolumeIds": "v"}, "boto takes no str for VolumeIds"),
    (
        "boto",
        "ModifyImageAttribute",
        {"ImageId": "a", "Description": {"Value": "d"}},
        "boto cannot leave out LaunchPermission or Attribute",
    ),
    (
        "boto",
        "ModifyImageAttribute",
        {"ImageId": "a", "LaunchPermission": {"Add": [{"UserId": "u"}], "Remove": []}},
        "boto takes exactly one of Add and Remove a call",
    ),
    (
        "boto",
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "g", "IpPermissions": [RULE, RULE]},
        "boto takes exactly one permission a call",
    ),
    (
        "boto",
        "RevokeSecurityGroupIngress",
        {
            "GroupName": "g",
            "IpPermissions": [{**RULE, "IpRanges": [{"CidrIp": "a"}, {"CidrIp": "b"}]}],
        },
        "boto takes exactly one address range to revoke a call",
    ),
    (
        "boto",
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "g", "IpProtocol": "tcp"},
        "boto has no argument for IpProtocol in AuthorizeSecurityGroupIngress",
    ),
    (
        "boto",
        "DescribeVolumes",
        {"Filters": [{"Name": "a_b", "Values": ["x"]}]},
        "boto turns the underscores of the filter name a_b into hyphens",
    ),
    (
        "boto",
        "DescribeVolumes",
        {"Filters": [{"Name": "a", "Values": ["x"]}, {"Name": "a", "Values": ["y"]}]},
        "boto filters by each name once, with a value",
    ),
    (
        "boto",
        "DescribeInstances",
        {"Filters": [{"Name": "group-id", "Values": ["x", "y"]}]},
        "boto takes one group-id to filter by",
    ),
    ("boto", "DescribeVolumes", {"Filters": "x"}, "boto cannot encode Filters='x'"),
]


@pytest.mark.parametrize(("name", "action", "arguments", "expected"), UNSUPPORTED)
def test_unsupported_reasons(
    name: str, action: str, arguments: dict[str, Any], expected: str
) -> None:
    """The reason names what the client cannot send; the raw driver can send everything."""
    request = Ec2Request(action, arguments)
    assert DRIVERS[name].unsupported_reason(request) == expected
    assert DRIVERS["raw"].unsupported_reason(request) is None


def test_unsupported_requests_are_not_sent(drivers: RecordedDrivers) -> None:
    """A driver refuses a request that it cannot send, and sends nothing."""
    for name in ("boto", "boto3"):
        with pytest.raises(HarnessError, match="VolumeId"):
            drivers.call(name, Ec2Request("DeleteVolume"))
    assert drivers.server.requests == []


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_unknown_names_are_errors(name: str) -> None:
    """Unknown actions, arguments and tampering are errors of the harness, not excluded cases."""
    for request, error in (
        (Ec2Request("DescribeVolume"), "no action 'DescribeVolume'"),
        (Ec2Request("DeleteVolume", {"VolumeID": "v"}), "no argument 'VolumeID'; it has VolumeId"),
    ):
        with pytest.raises(HarnessError, match=error):
            DRIVERS[name].unsupported_reason(request)
    tampered = Ec2Request("DescribeVolumes", {}, {"verb": "GET"})
    assert (DRIVERS[name].unsupported_reason(tampered) is None) is (name == "raw")
    with pytest.raises(HarnessError, match="no tampering nonsense"):
        DRIVERS["raw"].unsupported_reason(Ec2Request("DescribeVolumes", {}, {"nonsense": ""}))


def test_planning_loads_no_sdk() -> None:
    """Reasons are found without loading boto, boto3 or botocore."""
    code = (
        "import sys; from fixtures.clients import DRIVERS; from fixtures.model import Ec2Request\n"
        "request = Ec2Request('RebootInstances', {'InstanceIds': ['i']})\n"
        "assert not any(driver.unsupported_reason(request) for driver in DRIVERS.values())\n"
        "print(*{'boto', 'boto3', 'botocore'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr


@pytest.mark.parametrize("action", ["RunInstances", "AuthorizeSecurityGroupIngress", "CreateTags"])
def test_raw_writes_as_botocore_does(action: str) -> None:
    """The raw driver names parameters as botocore's own serializer does."""
    arguments: dict[str, dict[str, Any]] = {
        "RunInstances": {
            "ImageId": "a",
            "MinCount": 1,
            "MaxCount": 2,
            "SecurityGroups": ["g", "h"],
            "SecurityGroupIds": ["1"],
            "Placement": {"AvailabilityZone": "z"},
            "Monitoring": {"Enabled": True},
            "DisableApiTermination": False,
        },
        "AuthorizeSecurityGroupIngress": {
            "GroupName": "g",
            "IpPermissions": [{**RULE, "UserIdGroupPairs": [{"UserId": "u", "GroupName": "h"}]}],
        },
        "CreateTags": {"Resources": ["r"], "Tags": [{"Key": "k", "Value": ""}]},
    }
    serializer = importlib.import_module("botocore.serialize").create_serializer("ec2", False)
    shapes = importlib.import_module("botocore.model")
    description = shared_loader().load_service_model("ec2", "service-2")
    operation = shapes.ServiceModel(description).operation_model(action)
    body = serializer.serialize_to_request(arguments[action], operation)["body"]
    del body["Action"], body["Version"]
    assert query_parameters(action, arguments[action]) == {k: str(v) for k, v in body.items()}
