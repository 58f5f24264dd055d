"""The bridge's HTTP interface: paths, versions, documents, and errors without CloudStack calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from lxml import etree

from fixtures.simulator.bridge.ec2.actions import ACTIONS
from fixtures.simulator.bridge.ec2.cloud import Cloud, CommandResult, NextCommand
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.server import Bridge, BridgeOptions
from fixtures.simulator.bridge.xml import render
from tests.support.bridge_requests import NOW, BridgeReply, RequestStyle, call_action, lookup, send

UNUSED_URL = "http://127.0.0.1:9/client/api"


class FixedCloudStack:
    """Replies to every CloudStack command with the same result, through a hook of the bridge."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = dict(answer)
        self.commands: list[str] = []

    async def call(
        self, _: Cloud, command: str, __: Mapping[str, str], ___: NextCommand
    ) -> CommandResult:
        """Record a command and return the result."""
        self.commands.append(command)
        return self.answer


def bridge_over(cloudstack: FixedCloudStack, *hooks: Hooks) -> Bridge:
    """A bridge whose CloudStack calls get fixed replies."""
    options = BridgeOptions(clock=lambda: NOW)
    return Bridge(UNUSED_URL, lookup, options, [Hooks(command=cloudstack.call), *hooks])


def reply(
    action: str,
    arguments: Mapping[str, str] | None = None,
    style: RequestStyle | None = None,
    cloudstack: FixedCloudStack | None = None,
) -> BridgeReply:
    """The bridge's reply to a signed request."""
    return asyncio.run(
        call_action(bridge_over(cloudstack or FixedCloudStack({})), action, arguments, style)
    )


def test_all_documented_actions_exist() -> None:
    """The bridge has the 38 actions of the documentation's tables and five more."""
    assert len(ACTIONS) == 43
    assert "DescribeVolumes" in ACTIONS
    assert "DescribeVolume" not in ACTIONS


@pytest.mark.parametrize("version", ["2010-11-15", "2012-08-15", "2010-08-31", "2016-11-15"])
def test_the_namespace_is_that_of_the_version(version: str) -> None:
    """A reply has the namespace of the request's version, unprefixed, and begins with the request's
    id."""
    answer = reply("DescribeKeyPairs", style=RequestStyle(common={"Version": version}))
    namespace = f"http://ec2.amazonaws.com/doc/{version}/"
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.tree.tag == f"{{{namespace}}}DescribeKeyPairsResponse"
    assert not answer.tree.prefix
    assert answer.tree[0].tag == f"{{{namespace}}}requestId"
    assert answer.tree[0].text


@pytest.mark.parametrize("version", ["2010-11-16", "2008-02-01", "2099-01-01", "latest"])
def test_unknown_versions(version: str) -> None:
    """A version that Amazon has not published is refused."""
    answer = reply("DescribeKeyPairs", style=RequestStyle(common={"Version": version}))
    assert (answer.status, answer.code) == (400, "NoSuchVersion")


@pytest.mark.parametrize(
    "path", ["/awsapi", "/awsapi/", "/awsapi/rest/AmazonEC2", "/awsapi/rest/AmazonEC2/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paths_and_methods(path: str, method: str) -> None:
    """The service has two paths, both for GET and POST."""
    assert reply("DescribeKeyPairs", style=RequestStyle(method, path=path)).status == 200


def test_other_paths_and_methods() -> None:
    """Other paths are not found, and other methods are not allowed."""
    assert (
        asyncio.run(
            call_action(bridge_over(FixedCloudStack({})), "X", style=RequestStyle(path="/other"))
        ).status
        == 404
    )
    assert (
        asyncio.run(
            call_action(bridge_over(FixedCloudStack({})), "X", style=RequestStyle("DELETE"))
        ).status
        == 405
    )


@pytest.mark.parametrize("action", ["DescribeVolume", "describeinstances", "Nonsense"])
def test_unknown_actions(action: str) -> None:
    """An unknown action is refused by name, the misprint in the documentation included."""
    answer = reply(action)
    assert (answer.status, answer.code) == (400, "InvalidAction")
    assert f"The action {action} is not valid for this web service." in answer.text


def test_no_action() -> None:
    """Requests without an action or a version are refused."""
    assert reply("").code == "MissingAction"
    assert (
        reply("DescribeKeyPairs", style=RequestStyle(common={"Version": ""})).code
        == "MissingParameter"
    )


@pytest.mark.parametrize(
    ("common", "code", "status"),
    [
        ({"AWSAccessKeyId": "unknown"}, "AuthFailure", 401),
        ({"Timestamp": "2001-01-01T00:00:00Z"}, "RequestExpired", 400),
        ({"SignatureVersion": "7"}, "InvalidParameterValue", 400),
    ],
)
def test_unauthenticated_requests_send_no_calls(
    common: dict[str, str], code: str, status: int
) -> None:
    """A request that fails authentication is refused without a CloudStack call."""
    cloudstack = FixedCloudStack({})
    answer = reply("DescribeInstances", style=RequestStyle(common=common), cloudstack=cloudstack)
    assert (answer.code, answer.status, cloudstack.commands) == (code, status, [])


def test_wrong_signature() -> None:
    """A wrong signature is refused with status 403, without a CloudStack call."""
    cloudstack, style = FixedCloudStack({}), RequestStyle()
    form = urlencode(style.parameters("DescribeInstances") | {"Signature": "c2lnbmF0dXJl"})
    answer = asyncio.run(send(bridge_over(cloudstack), *style.scope(form)))
    assert (answer.code, answer.status, cloudstack.commands) == ("SignatureDoesNotMatch", 403, [])


def test_error_documents() -> None:
    """An error is Amazon's document without a namespace: code, message, and the request's id."""
    answer = reply("DescribeInstances", {"InstanceId.1": "i-12345678"})
    assert answer.status == 400
    assert [element.tag for element in answer.tree] == ["Errors", "RequestID"]
    assert answer.code == "InvalidInstanceID.Malformed"
    assert answer.tree.findtext("RequestID")


@pytest.mark.parametrize("text", ["<&>\"'", "]]>", "\x00\x0b\x1f", "\ufffe", "é中😀", "\r\n\t"])
def test_echoed_text_is_escaped(text: str) -> None:
    """Text of the client is escaped in error messages; characters that XML does not allow are
    replaced."""
    answer = reply("DescribeInstances", {"InstanceId.1": text})
    message = answer.tree.findtext("Errors/Error/Message") or ""
    expected = "".join(c if c.isprintable() or c in "\r\n\t" else "\ufffd" for c in text)
    assert expected in message


def test_missing_and_malformed_parameters_send_no_calls() -> None:
    """A request with invalid parameters is refused without a CloudStack call."""
    cloudstack = FixedCloudStack({})
    refusals = {
        ("StopInstances", ""): "MissingParameter",
        ("StopInstances", "InstanceId.1=i-1"): "InvalidInstanceID.Malformed",
        ("RunInstances", "ImageId=x&MaxCount=1"): "MissingParameter",
        ("AttachVolume", "VolumeId=x"): "MissingParameter",
        ("DeleteVolume", "VolumeId=vol-1"): "InvalidVolumeID.Malformed",
        ("DeleteSnapshot", "SnapshotId=snap-1"): "InvalidSnapshotID.Malformed",
        ("DeregisterImage", "ImageId=ami-1"): "InvalidAMIID.Malformed",
        ("ReleaseAddress", "PublicIp=here"): "InvalidParameterValue",
        ("CreateVolume", "AvailabilityZone=z"): "MissingParameter",
        ("CreateVolume", "AvailabilityZone=z&Size=1025"): "InvalidParameterValue",
        ("CreateVolume", "AvailabilityZone=z&Size=much"): "InvalidParameterValue",
        ("CreateSecurityGroup", "GroupName=default&GroupDescription=d"): "InvalidGroup.Reserved",
        ("ImportKeyPair", "KeyName=k&PublicKeyMaterial=AAAA"): "InvalidKey.Format",
        ("DescribeImages", "Owner.1=not%20one"): "InvalidUserID.Malformed",
        ("DescribeVolumes", "Filter.1.Name=x&Filter.1.Value.1=y"): "InvalidParameterValue",
        ("DescribeTags", "Filter.1.Value.1=y"): "MissingParameter",
    }
    for (action, form), code in refusals.items():
        arguments = dict(pair.split("=") for pair in form.split("&") if pair)
        arguments = {name: value.replace("%20", " ") for name, value in arguments.items()}
        assert reply(action, arguments, cloudstack=cloudstack).code == code, (action, form)
    assert cloudstack.commands == []


def test_incomplete_cloudstack_replies() -> None:
    """If CloudStack's reply lacks a field that the action needs, the client gets an EC2 error."""
    answer = reply("CreateKeyPair", {"KeyName": "k"}, cloudstack=FixedCloudStack({"keypair": {}}))
    assert (answer.status, answer.code) == (500, "InternalError")


def test_hooks_edit_replies() -> None:
    """A hook can change the document of an action, and can be added while the bridge runs."""
    bridge = bridge_over(FixedCloudStack({}))
    changed = Hooks(reply=lambda action, text: text.replace(f"{action}Response", "OOPS"))

    async def both() -> tuple[BridgeReply, BridgeReply]:
        before = await call_action(bridge, "DescribeKeyPairs")
        bridge.hooks = [*bridge.hooks, changed]
        return before, await call_action(bridge, "DescribeKeyPairs")

    before, after = asyncio.run(both())
    assert ("OOPS" in before.text, "OOPS" in after.text) == (False, True)


def test_long_bodies() -> None:
    """A request of two megabytes is refused."""
    answer = reply("DescribeKeyPairs", {"KeyName.1": "k" * 2_000_000})
    assert answer.status == 413


def test_trees_become_xml() -> None:
    """Only None is left out; lists become items, booleans are lower case."""
    text = render(
        "R",
        "urn:x",
        {"a": "", "b": [], "c": None, "d": [{"e": 1}, {"e": True}], "f": {"g": "<"}, "h": {}},
        item="item",
    )
    assert text.endswith(
        '<R xmlns="urn:x"><a/><b/><d><item><e>1</e></item><item><e>true</e></item></d>'
        "<f><g>&lt;</g></f><h/></R>"
    )
    etree.fromstring(text.encode())
