"""The bridge at the door: paths, versions, documents and errors, before any CloudStack is asked."""

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
from tests.support.bridge_requests import NOW, RequestStyle, call_action, lookup, send
from tests.support.bridge_requests import BridgeReply as Reply

NOWHERE = "http://127.0.0.1:9/client/api"


class FixedCloudStack:
    """A CloudStack that answers every command with the same, through the hook for mutants."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = dict(answer)
        self.commands: list[str] = []

    async def call(
        self, _: Cloud, command: str, __: Mapping[str, str], ___: NextCommand
    ) -> CommandResult:
        """One command, without CloudStack."""
        self.commands.append(command)
        return self.answer


def bridge_over(cloudstack: FixedCloudStack, *hooks: Hooks) -> Bridge:
    """A bridge whose CloudStack is made up."""
    options = BridgeOptions(clock=lambda: NOW)
    return Bridge(NOWHERE, lookup, options, [Hooks(command=cloudstack.call), *hooks])


def reply(
    action: str,
    arguments: Mapping[str, str] | None = None,
    style: RequestStyle | None = None,
    cloudstack: FixedCloudStack | None = None,
) -> Reply:
    """What the bridge answers to a request."""
    return asyncio.run(
        call_action(bridge_over(cloudstack or FixedCloudStack({})), action, arguments, style)
    )


def test_all_documented_actions_are_there() -> None:
    """The 38 actions of the documentation's tables, and the five beside them."""
    assert len(ACTIONS) == 43
    assert "DescribeVolumes" in ACTIONS
    assert "DescribeVolume" not in ACTIONS


@pytest.mark.parametrize("version", ["2010-11-15", "2012-08-15", "2010-08-31", "2016-11-15"])
def test_the_namespace_is_that_of_the_version(version: str) -> None:
    """A reply is in the namespace of the version that the client sent, unprefixed, with the
    request's id first."""
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
    """A version that Amazon never published is refused."""
    answer = reply("DescribeKeyPairs", style=RequestStyle(common={"Version": version}))
    assert (answer.status, answer.code) == (400, "NoSuchVersion")


@pytest.mark.parametrize(
    "path", ["/awsapi", "/awsapi/", "/awsapi/rest/AmazonEC2", "/awsapi/rest/AmazonEC2/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paths_and_verbs(path: str, method: str) -> None:
    """The service answers at its front door and at its Query address, by GET and by POST."""
    assert reply("DescribeKeyPairs", style=RequestStyle(method, path=path)).status == 200


def test_other_paths_and_verbs() -> None:
    """Elsewhere is nothing, and other verbs are not allowed."""
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
    """An action that does not exist is refused by name; the documentation's misprint is one."""
    answer = reply(action)
    assert (answer.status, answer.code) == (400, "InvalidAction")
    assert f"The action {action} is not valid for this web service." in answer.text


def test_no_action() -> None:
    """A request without an action says so."""
    assert reply("").code == "MissingAction"
    assert (
        reply("DescribeKeyPairs", style=RequestStyle(common={"Version": ""})).code
        == "MissingParameter"
    )


@pytest.mark.parametrize(
    ("common", "code", "status"),
    [
        ({"AWSAccessKeyId": "nobody"}, "AuthFailure", 401),
        ({"Timestamp": "2001-01-01T00:00:00Z"}, "RequestExpired", 400),
        ({"SignatureVersion": "7"}, "InvalidParameterValue", 400),
    ],
)
def test_nothing_is_asked_for_strangers(common: dict[str, str], code: str, status: int) -> None:
    """Whoever cannot be identified is refused before CloudStack is asked anything."""
    made = FixedCloudStack({})
    answer = reply("DescribeInstances", style=RequestStyle(common=common), cloudstack=made)
    assert (answer.code, answer.status, made.commands) == (code, status, [])


def test_wrong_signature() -> None:
    """A wrong signature is 403, and CloudStack hears nothing of it."""
    made, wire = FixedCloudStack({}), RequestStyle()
    form = urlencode(wire.parameters("DescribeInstances") | {"Signature": "c2lnbmF0dXJl"})
    answer = asyncio.run(send(bridge_over(made), *wire.scope(form)))
    assert (answer.code, answer.status, made.commands) == ("SignatureDoesNotMatch", 403, [])


def test_error_documents() -> None:
    """An error is Amazon's document: no namespace, code and message, the request's id."""
    answer = reply("DescribeInstances", {"InstanceId.1": "i-12345678"})
    assert answer.status == 400
    assert [element.tag for element in answer.tree] == ["Errors", "RequestID"]
    assert answer.code == "InvalidInstanceID.Malformed"
    assert answer.tree.findtext("RequestID")


@pytest.mark.parametrize("nasty", ["<&>\"'", "]]>", "\x00\x0b\x1f", "\ufffe", "é中😀", "\r\n\t"])
def test_whatever_is_echoed_is_xml(nasty: str) -> None:
    """What a client sent comes back as text, never as markup, and what XML cannot hold is
    replaced."""
    answer = reply("DescribeInstances", {"InstanceId.1": nasty})
    message = answer.tree.findtext("Errors/Error/Message") or ""
    kept = "".join(c if c.isprintable() or c in "\r\n\t" else "\ufffd" for c in nasty)
    assert kept in message


def test_missing_and_malformed_parameters_reach_nothing() -> None:
    """A request that cannot be carried out is refused before CloudStack is asked anything."""
    made = FixedCloudStack({})
    refused = {
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
    for (action, form), code in refused.items():
        given = dict(pair.split("=") for pair in form.split("&") if pair)
        given = {name: value.replace("%20", " ") for name, value in given.items()}
        assert reply(action, given, cloudstack=made).code == code, (action, form)
    assert made.commands == []


def test_answers_that_lack_something() -> None:
    """If CloudStack's answer lacks what is needed, the client still gets an EC2 error document."""
    answer = reply("CreateKeyPair", {"KeyName": "k"}, cloudstack=FixedCloudStack({"keypair": {}}))
    assert (answer.status, answer.code) == (500, "InternalError")


def test_lies_about_replies() -> None:
    """A mutant may change the document of an action, also while the bridge runs."""
    bridge = bridge_over(FixedCloudStack({}))
    changed = Hooks(reply=lambda action, text: text.replace(f"{action}Response", "OOPS"))

    async def both() -> tuple[Reply, Reply]:
        before = await call_action(bridge, "DescribeKeyPairs")
        bridge.hooks = [*bridge.hooks, changed]
        return before, await call_action(bridge, "DescribeKeyPairs")

    before, after = asyncio.run(both())
    assert ("OOPS" in before.text, "OOPS" in after.text) == (False, True)


def test_long_bodies() -> None:
    """A request beyond any sense is refused."""
    answer = reply("DescribeKeyPairs", {"KeyName.1": "k" * 2_000_000})
    assert answer.status == 413


def test_trees_become_xml() -> None:
    """Nothing is left out but what is None; lists are items, truth is lower case."""
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
