"""The requests that each driver sends, byte by byte where it matters."""

from __future__ import annotations

import base64
import socket

import pytest

from fixtures.clients import DRIVERS, Ec2Endpoint
from fixtures.clients.ec2.signature_v2 import signature, string_to_sign
from fixtures.model import Ec2Request, HarnessError, ReplyKind, Timeouts
from tests.support.recorded_drivers import (
    ACCESS,
    NAMES,
    SECRET,
    SIGNED,
    RecordedDrivers,
)
from tests.support.recording_server import http_response


@pytest.mark.parametrize("name", NAMES)
def test_requests_are_signed_with_version_2(name: str, drivers: RecordedDrivers) -> None:
    """Each client signs with version 2 and the profile's API version, and the signature is right.

    boto omits the port from the Host header and from what it signs, and appends a slash to the
    path.
    """
    request = Ec2Request("DescribeInstances", {"InstanceIds": ["i-1 ~*", "i-2"]})
    sent = drivers.sent_parameters(name, request)
    assert sent == {
        "Action": "DescribeInstances",
        "Version": "2010-11-15",
        "InstanceId.1": "i-1 ~*",
        "InstanceId.2": "i-2",
    }
    (received,) = drivers.server.requests
    path = "/awsapi/" if name == "boto" else "/awsapi"
    host = "127.0.0.1" if name == "boto" else f"127.0.0.1:{drivers.server.port}"
    assert received.line == f"POST {path} HTTP/1.1"
    assert received.headers["host"] == host
    parameters = received.parameters
    signed = parameters.pop("Signature")
    assert parameters["AWSAccessKeyId"] == ACCESS
    assert (parameters["SignatureVersion"], parameters["SignatureMethod"]) == ("2", "HmacSHA256")
    assert signature(SECRET, string_to_sign("POST", host, path, parameters)) == signed


def test_the_profile_names_the_version(drivers: RecordedDrivers) -> None:
    """The API version that is sent is the profile's, even where the SDK would send another."""
    drivers.server.answers = [http_response("<DescribeRegionsResponse/>")]
    for name in NAMES:
        drivers.driver(name, api_version="2012-08-15").call(
            Ec2Request("DescribeRegions"), Timeouts(1, 5)
        )
    assert [r.parameters["Version"] for r in drivers.server.requests] == ["2012-08-15"] * 3


REQUESTS: dict[str, tuple[Ec2Request, dict[str, str]]] = {
    "filters": (
        Ec2Request("DescribeVolumes", {"Filters": [{"Name": "status", "Values": ["a", "b*"]}]}),
        {"Filter.1.Name": "status", "Filter.1.Value.1": "a", "Filter.1.Value.2": "b*"},
    ),
    "a group id to filter by": (
        Ec2Request("DescribeInstances", {"Filters": [{"Name": "group-id", "Values": ["12"]}]}),
        {"Filter.1.Name": "group-id", "Filter.1.Value.1": "12"},
    ),
    "instances to run": (
        Ec2Request(
            "RunInstances",
            {
                "ImageId": "ami",
                "MinCount": 1,
                "MaxCount": 2,
                "InstanceType": "m1.small",
                "KeyName": "k",
                "SecurityGroups": ["web", "db"],
                "UserData": "hello",
                "Placement": {"AvailabilityZone": "zone 1"},
                "ClientToken": "t",
            },
        ),
        {
            "ImageId": "ami",
            "MinCount": "1",
            "MaxCount": "2",
            "InstanceType": "m1.small",
            "KeyName": "k",
            "SecurityGroup.1": "web",
            "SecurityGroup.2": "db",
            "UserData": base64.b64encode(b"hello").decode(),
            "Placement.AvailabilityZone": "zone 1",
            "ClientToken": "t",
        },
    ),
    "a rule": (
        Ec2Request(
            "AuthorizeSecurityGroupIngress",
            {
                "GroupName": "g",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 0,
                        "ToPort": 80,
                        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                        "UserIdGroupPairs": [{"UserId": "u", "GroupName": "other"}],
                    }
                ],
            },
        ),
        {
            "GroupName": "g",
            "IpPermissions.1.IpProtocol": "tcp",
            "IpPermissions.1.FromPort": "0",
            "IpPermissions.1.ToPort": "80",
            "IpPermissions.1.IpRanges.1.CidrIp": "10.0.0.0/8",
            "IpPermissions.1.Groups.1.UserId": "u",
            "IpPermissions.1.Groups.1.GroupName": "other",
        },
    ),
    "a public key": (
        Ec2Request("ImportKeyPair", {"KeyName": "k", "PublicKeyMaterial": "ssh-rsa AAAA"}),
        {"KeyName": "k", "PublicKeyMaterial": base64.b64encode(b"ssh-rsa AAAA").decode()},
    ),
    "a volume of a size": (
        Ec2Request("CreateVolume", {"AvailabilityZone": "z", "Size": 3, "SnapshotId": "s"}),
        {"AvailabilityZone": "z", "Size": "3", "SnapshotId": "s"},
    ),
    "a forced stop": (
        Ec2Request("StopInstances", {"InstanceIds": ["i"], "Force": True}),
        {"InstanceId.1": "i", "Force": "true"},
    ),
    "tags": (
        Ec2Request("CreateTags", {"Resources": ["r"], "Tags": [{"Key": "k", "Value": "v"}]}),
        {"ResourceId.1": "r", "Tag.1.Key": "k", "Tag.1.Value": "v"},
    ),
    "an instance's new user data": (
        Ec2Request("ModifyInstanceAttribute", {"InstanceId": "i", "UserData": {"Value": "d"}}),
        {"InstanceId": "i", "UserData.Value": base64.b64encode(b"d").decode()},
    ),
    "old launch permissions": (
        Ec2Request(
            "ModifyImageAttribute",
            {
                "ImageId": "ami",
                "Attribute": "launchPermission",
                "OperationType": "add",
                "UserIds": ["u"],
            },
        ),
        {
            "ImageId": "ami",
            "Attribute": "launchPermission",
            "OperationType": "add",
            "UserId.1": "u",
        },
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_client_sends_the_same_parameters(
    name: str, case: str, drivers: RecordedDrivers
) -> None:
    """A request has the same parameters, whichever client sends it."""
    request, expected = REQUESTS[case]
    sent = drivers.sent_parameters(name, request)
    del sent["Action"], sent["Version"]
    if name == "boto3" and request.action == "CreateVolume":
        assert sent.pop("ClientToken")  # boto3 generates one for idempotency
    assert sent == expected


def test_launch_permissions_in_both_spellings(drivers: RecordedDrivers) -> None:
    """Launch permissions are sent in boto's flat form and in the current nested one."""
    request = Ec2Request(
        "ModifyImageAttribute",
        {"ImageId": "ami", "LaunchPermission": {"Add": [{"UserId": "u"}, {"Group": "all"}]}},
    )
    nested = {"LaunchPermission.Add.1.UserId": "u", "LaunchPermission.Add.2.Group": "all"}
    for name in ("boto3", "raw"):
        assert nested.items() <= drivers.sent_parameters(name, request).items()
    assert drivers.sent_parameters("boto", request) == {
        "Action": "ModifyImageAttribute",
        "Version": "2010-11-15",
        "ImageId": "ami",
        "Attribute": "launchPermission",
        "OperationType": "add",
        "UserId.1": "u",
        "UserGroup.1": "all",
    }


def test_boto_sends_reboots_by_get(drivers: RecordedDrivers) -> None:
    """boto sends RebootInstances by GET, which a bridge must answer like the rest."""
    sent = drivers.sent_parameters("boto", Ec2Request("RebootInstances", {"InstanceIds": ["i"]}))
    assert sent["InstanceId.1"] == "i"
    assert drivers.server.requests[0].line.startswith("GET /awsapi/?AWSAccessKeyId=")


def test_boto_describes_the_volume_of_a_new_snapshot(drivers: RecordedDrivers) -> None:
    """After CreateSnapshot boto describes the volume by itself: the transcript has both calls."""
    drivers.server.answers = [
        http_response(
            "<CreateSnapshotResponse><snapshotId>s-1</snapshotId></CreateSnapshotResponse>"
        ),
        http_response(
            "<DescribeVolumesResponse><volumeSet><item><volumeId>v-1</volumeId></item></volumeSet>"
            "</DescribeVolumesResponse>"
        ),
    ]
    reply = drivers.driver("boto").call(
        Ec2Request("CreateSnapshot", {"VolumeId": "v-1"}), Timeouts(1, 5)
    )
    assert reply.body == {"SnapshotId": "s-1"}
    assert [r.parameters["Action"] for r in drivers.server.requests] == [
        "CreateSnapshot",
        "DescribeVolumes",
    ]
    assert len(reply.exchange) == 2


@pytest.mark.parametrize("name", NAMES)
def test_one_connection_is_kept(name: str, drivers: RecordedDrivers) -> None:
    """Calls share a connection, and one that the server closed in between is not used again."""
    answer = http_response("<DescribeRegionsResponse/>")

    def last(connection: socket.socket) -> None:
        connection.sendall(answer)

    drivers.server.answers = [answer, last, answer]
    client = drivers.driver(name)
    replies = [client.call(Ec2Request("DescribeRegions"), Timeouts(1, 5)) for _ in range(2)]
    assert drivers.server.connection_closed.wait(5)
    assert drivers.server.connections == 1
    replies.append(client.call(Ec2Request("DescribeRegions"), Timeouts(1, 5)))
    assert [reply.kind for reply in replies] == [ReplyKind.ANSWERED] * 3
    assert drivers.server.connections == 2


@pytest.mark.parametrize("name", NAMES)
def test_home_and_environment_do_not_matter(
    name: str, drivers: RecordedDrivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies, tokens and regions of the user's environment do not change what is sent."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "a-token")
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    monkeypatch.setenv("EC2_USE_SIGV4", "true")
    drivers.server.answers = [b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"]
    client = drivers.driver(name)
    client.call(Ec2Request("DescribeRegions"), Timeouts(1, 5))
    (received,) = drivers.server.requests
    assert received.parameters.keys() == SIGNED | {"Action", "Version"}


TAMPERING: dict[str, tuple[dict[str, str], dict[str, str | None]]] = {
    "another key": ({"access_key": "AKX"}, {"AWSAccessKeyId": "AKX"}),
    "made up": ({"signature": "x=="}, {"Signature": "x=="}),
    "left out": ({"omit": "Version, InstanceId.*"}, {"Version": None, "InstanceId.1": None}),
    "unsigned": ({"omit": "Signature"}, {"Signature": None}),
    "another version": ({"version": "1999-01-01"}, {"Version": "1999-01-01"}),
    "its own time": ({"timestamp": "yesterday"}, {"Timestamp": "yesterday"}),
    "its own form of now": ({"timestamp": "%% of 20:15"}, {"Timestamp": "% of 20:15"}),
    "seconds since 1970": ({"timestamp": "1400666400"}, {"Timestamp": "1400666400"}),
    "expiry": (
        {"expires": "2014-01-01T00:00:00Z"},
        {"Timestamp": None, "Expires": "2014-01-01T00:00:00Z"},
    ),
    "version 1": ({"signature_version": "1"}, {"SignatureVersion": "1"}),
    "changed": ({"body_after_signing": "InstanceId.1=j"}, {"InstanceId.1": "j"}),
    "another action": ({"action": "Nonsense"}, {"Action": "Nonsense"}),
    "more": ({"parameters": "A=1&B=a%20b"}, {"A": "1", "B": "a b"}),
}


@pytest.mark.parametrize("case", TAMPERING)
def test_raw_requests_can_be_tampered_with(case: str, drivers: RecordedDrivers) -> None:
    """The raw driver sends what no SDK would: exactly the requested deviation."""
    tampering, expected = TAMPERING[case]
    drivers.server.answers = [http_response("<DescribeInstancesResponse/>")]
    client = drivers.driver("raw")
    client.call(Ec2Request("DescribeInstances", {"InstanceIds": ["i"]}, tampering), Timeouts(1, 5))
    parameters = drivers.server.requests[0].parameters
    assert {name: parameters.get(name) for name in expected} == expected
    sent = parameters.pop("Signature", "")
    correct = signature(
        SECRET, string_to_sign("POST", f"127.0.0.1:{drivers.server.port}", "/awsapi", parameters)
    )
    assert (sent == correct) is (case not in ("made up", "unsigned", "changed"))


def test_raw_requests_by_get_elsewhere_and_with_another_hash(drivers: RecordedDrivers) -> None:
    """Verb, path and HMAC can be chosen, and the signature stays correct."""
    drivers.server.answers = [http_response("<DescribeInstancesResponse/>")]
    tampering = {"verb": "GET", "path": "/rest", "signature_method": "HmacSHA1"}
    drivers.driver("raw").call(Ec2Request("DescribeInstances", {}, tampering), Timeouts(1, 5))
    (received,) = drivers.server.requests
    assert received.line.startswith("GET /awsapi/rest?AWSAccessKeyId=")
    parameters = received.parameters
    sent = parameters.pop("Signature")
    text = string_to_sign("GET", f"127.0.0.1:{drivers.server.port}", "/awsapi/rest", parameters)
    assert signature(SECRET, text, "HmacSHA1") == sent


def test_raw_replays_the_same_bytes(drivers: RecordedDrivers) -> None:
    """A replay sends the last call's bytes again, and is garbled if that had been refused."""
    request = Ec2Request("DescribeInstances", {}, {"expires": "2"})
    drivers.server.answers = [
        http_response("<DescribeInstancesResponse/>"),
        http_response("nonsense"),
        http_response("<x/>"),
    ]
    client = drivers.driver("raw")
    client.call(request, Timeouts(1, 5))
    again = Ec2Request("DescribeInstances", {}, {"replay": "last"})
    assert "no XML" in client.call(again, Timeouts(1, 5)).message
    assert drivers.server.requests[0] == drivers.server.requests[1]
    assert "had not been answered the first time" in client.call(again, Timeouts(1, 5)).message
    with pytest.raises(HarnessError, match="nothing to replay"):
        drivers.driver("raw").call(again, Timeouts(1, 5))


def test_raw_sends_what_sdks_refuse(drivers: RecordedDrivers) -> None:
    """The raw driver sends missing, empty and mistyped arguments as they are."""
    wrong = Ec2Request("RunInstances", {"MinCount": "many", "ImageId": "", "SecurityGroups": "g"})
    sent = drivers.sent_parameters("raw", wrong)
    assert sent == {
        "Action": "RunInstances",
        "Version": "2010-11-15",
        "MinCount": "many",
        "ImageId": "",
        "SecurityGroup": "g",
    }


@pytest.mark.parametrize(
    ("url", "ca_file", "error"),
    [
        ("127.0.0.1:7080/awsapi", None, "is not the http or https URL"),
        ("ftp://127.0.0.1/", None, "is not the http or https URL"),
        ("https://127.0.0.1/", "nowhere.pem", "the CA file 'nowhere.pem' cannot be used"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_invalid_endpoints(name: str, url: str, ca_file: str | None, error: str) -> None:
    """An unusable endpoint or CA file is named before anything is sent."""
    with pytest.raises(HarnessError, match=error):
        DRIVERS[name](Ec2Endpoint(url, ACCESS, SECRET, ca_file=ca_file))
