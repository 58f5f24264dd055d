"""The messages of the driver `soap`, and the requests that it cannot send."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from fixtures.clients import DRIVERS
from fixtures.clients.ec2.soap_driver import SoapDriver
from fixtures.model import Ec2Request, HarnessError
from fixtures.wsdl import VERSIONS, namespace
from tests.support.recording_server import http_response
from tests.support.soap_clients import (
    DELETE,
    GOOD,
    RecordedSoapDrivers,
    reply,
)
from tests.support.soap_messages import ENV

RULE = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
MESSAGES: list[tuple[str, dict[str, Any], str]] = [
    ("AllocateAddress", {}, ""),
    ("DescribeAddresses", {}, "<publicIpsSet/>"),
    (
        "DescribeVolumes",
        {"VolumeIds": ["v", "w"], "Filters": [{"Name": "n", "Values": ["x", "y"]}]},
        "<volumeSet><item><volumeId>v</volumeId></item><item><volumeId>w</volumeId></item>"
        "</volumeSet><filterSet><item><name>n</name><valueSet><item><value>x</value></item><item>"
        "<value>y</value></item></valueSet></item></filterSet>",
    ),
    (
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "g", "IpPermissions": [RULE]},
        "<userId/><groupName>g</groupName><ipPermissions><item><ipProtocol>tcp</ipProtocol>"
        "<fromPort>1</fromPort><toPort>2</toPort><groups/><ipRanges><item><cidrIp>0.0.0.0/0"
        "</cidrIp></item></ipRanges></item></ipPermissions>",
    ),
    (
        "RunInstances",
        {
            "ImageId": "a",
            "MinCount": 1,
            "MaxCount": 2,
            "InstanceType": "m1.small",
            "SecurityGroups": ["g"],
            "UserData": "x",
            "Placement": {"AvailabilityZone": "z"},
            "Monitoring": {"Enabled": False},
        },
        "<imageId>a</imageId><minCount>1</minCount><maxCount>2</maxCount><groupSet><item><groupId>g"
        '</groupId></item></groupSet><userData version="1.0" encoding="base64"><data>eA==</data>'
        "</userData><instanceType>m1.small</instanceType><placement><availabilityZone>z"
        "</availabilityZone></placement><monitoring><enabled>false</enabled></monitoring>",
    ),
    (
        "ModifyImageAttribute",
        {"ImageId": "a", "LaunchPermission": {"Add": [{"UserId": "u"}, {"Group": "all"}]}},
        "<imageId>a</imageId><launchPermission><add><item><userId>u</userId></item><item><group>all"
        "</group></item></add></launchPermission>",
    ),
    (
        "DescribeImageAttribute",
        {"ImageId": "a", "Attribute": "launchPermission"},
        "<imageId>a</imageId><launchPermission/>",
    ),
    (
        "ImportKeyPair",
        {"KeyName": "k", "PublicKeyMaterial": b"x"},
        "<keyName>k</keyName><publicKeyMaterial>eA==</publicKeyMaterial>",
    ),
    (
        "CreateSecurityGroup",
        {"GroupName": "g", "Description": "d"},
        "<groupName>g</groupName><groupDescription>d</groupDescription>",
    ),
    (
        "CreateVolume",
        {"AvailabilityZone": "z", "Size": 3},
        "<size>3</size><availabilityZone>z</availabilityZone>",
    ),
    (
        "CreateTags",
        {"Resources": ["r"], "Tags": [{"Key": "k", "Value": ""}]},
        "<resourcesSet><item><resourceId>r</resourceId></item></resourcesSet><tagSet><item><key>k"
        "</key><value/></item></tagSet>",
    ),
]


@pytest.mark.parametrize(("action", "arguments", "content"), MESSAGES)
def test_requests_become_amazon_s_messages(
    soap_drivers: RecordedSoapDrivers, action: str, arguments: dict[str, Any], content: str
) -> None:
    """botocore's arguments become the elements of the message, in the order of the schema."""
    message = soap_drivers.sent_envelope(Ec2Request(action, arguments)).find(f"{{{ENV}}}Body/*")
    expected = etree.fromstring(f'<{action} xmlns="{namespace(VERSIONS[0])}">{content}</{action}>')
    assert message is not None
    for node in (message, expected):
        etree.cleanup_namespaces(node)
    assert _plain(message) == _plain(expected)


def _plain(node: etree._Element) -> tuple[Any, ...]:
    return (node.tag, node.text or "", dict(node.attrib), [_plain(child) for child in node])


GROUP = {"ImageId": "a", "MinCount": 1, "MaxCount": 1, "InstanceType": "t"}
UNSUPPORTED: list[tuple[str, dict[str, Any], str]] = [
    ("DeleteVolume", {}, "soap needs VolumeId"),
    ("DeleteKeyPair", {}, "soap needs keyName in DeleteKeyPair of 2010-11-15"),
    (
        "AllocateAddress",
        {"Domain": "vpc"},
        "soap has no element domain in AllocateAddress of 2010-11-15",
    ),
    ("RunInstances", {**GROUP, "SecurityGroupIds": ["i"]}, "soap takes groups only by name"),
    (
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "g", "IpPermissions": [{"IpProtocol": "-1"}]},
        "soap needs fromPort in ipPermissions",
    ),
    (
        "ModifyImageAttribute",
        {"ImageId": "a", "LaunchPermission": {"Add": [], "Remove": []}},
        "soap takes exactly one of add, remove in launchPermission",
    ),
    (
        "ModifyImageAttribute",
        {"ImageId": "a", "Attribute": "description", "Value": "d"},
        "soap names the attribute of ModifyImageAttribute by its element",
    ),
    (
        "DescribeImageAttribute",
        {"ImageId": "a", "Attribute": "colour"},
        "soap has no element colour in DescribeImageAttribute",
    ),
    ("RebootInstances", {"InstanceIds": []}, "soap takes no empty instancesSet"),
    ("CreateVolume", {"AvailabilityZone": "z", "Size": "1"}, "soap takes int for Size, not '1'"),
]


@pytest.mark.parametrize(("action", "arguments", "expected"), UNSUPPORTED)
def test_unsupported_requests(
    soap_drivers: RecordedSoapDrivers, action: str, arguments: dict[str, Any], expected: str
) -> None:
    """The reason names the element or argument at fault, and nothing is sent."""
    request = Ec2Request(action, arguments)
    reason = SoapDriver.unsupported_reason(request)
    assert reason is not None
    assert reason.startswith(expected)
    with pytest.raises(HarnessError, match="soap "):
        soap_drivers.call(request, http_response(""))
    assert soap_drivers.server.requests == []


def test_the_later_version_has_more_elements(soap_drivers: RecordedSoapDrivers) -> None:
    """2012-08-15 has elements that 2010-11-15 lacks: the driver uses the endpoint's version."""
    sent = soap_drivers.sent_envelope(
        Ec2Request("RunInstances", {**GROUP, "SecurityGroupIds": ["i"]}), api_version=VERSIONS[1]
    )
    assert sent.find(f".//{{{namespace(VERSIONS[1])}}}groupId") is not None


def test_an_invalid_message_of_ours_is_an_error_of_the_harness(
    soap_drivers: RecordedSoapDrivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that is invalid by Amazon's schema is not sent, and no verdict on the target."""
    monkeypatch.setattr(
        "fixtures.clients.ec2.soap_driver.encode_request", lambda *_: {"volumeId": ""}
    )
    monkeypatch.setattr("fixtures.clients.ec2.soap_security.schema_error", lambda *_: "Element 'x'")
    with pytest.raises(HarnessError, match="is invalid by its schema: Element 'x'"):
        soap_drivers.call(DELETE, http_response(reply(GOOD)))
    assert soap_drivers.server.requests == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"api_version": "2016-11-15"}, "2010-11-15 and 2012-08-15, not in 2016-11-15"),
        ({"certificate": None}, "needs the user's certificate"),
        ({"private_key": None}, "needs the user's certificate and private_key"),
    ],
)
def test_what_the_driver_needs_is_named(
    soap_drivers: RecordedSoapDrivers, settings: dict[str, Any], words: str
) -> None:
    """Without certificate or key, or in a version without messages, there is no driver."""
    with pytest.raises(HarnessError, match=words):
        soap_drivers.driver(**settings)


@pytest.mark.parametrize("tampering", [{"attack": "nonsense"}, {"verb": "GET"}])
def test_unknown_tampering_is_an_error(tampering: dict[str, str]) -> None:
    """Tampering that the driver does not support is an error of the harness."""
    assert "tampering" in (
        SoapDriver.unsupported_reason(replace(DELETE, tampering=tampering)) or ""
    )


def test_a_replay_without_a_previous_message_is_an_error(soap_drivers: RecordedSoapDrivers) -> None:
    """A replay needs a previous message that was answered."""
    with pytest.raises(HarnessError, match="nothing to replay"):
        soap_drivers.call(replace(DELETE, tampering={"replay": "last"}), http_response(reply(GOOD)))


def test_planning_loads_no_soap_library() -> None:
    """Reasons are found without loading zeep, xmlsec or cryptography."""
    code = (
        "import sys; from fixtures.clients import DRIVERS; from fixtures.model import Ec2Request\n"
        "assert DRIVERS['soap'].unsupported_reason(Ec2Request('AllocateAddress')) is None\n"
        "print(*{'zeep', 'xmlsec', 'cryptography', 'requests'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
    assert DRIVERS["soap"] is SoapDriver
