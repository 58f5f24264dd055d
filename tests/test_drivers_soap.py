"""The driver `soap`: what it says, what it makes of answers, and what it cannot say."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from fixtures.drivers import DRIVERS, Endpoint
from fixtures.drivers.soap import Soap
from fixtures.model import Ec2Reply, Ec2Request, HarnessError, ReplyKind, Timeouts
from fixtures.simulator.identities import STEPS, identity, searched
from fixtures.wsdl import VERSIONS, namespace
from fixtures.wsdl.document import complaint
from tests.recording_server import Behaviour, Recorder, http, recording
from tests.soap_messages import ENV, WSSE

SECRET = "the-secret-key-of-the-user"
DELETE = Ec2Request("DeleteVolume", {"VolumeId": "v"})


class Client:
    """A driver and the server that writes down what it says."""

    def __init__(self, server: Recorder) -> None:
        self.server = server
        self.made: list[Soap] = []

    def driver(self, **further: Any) -> Soap:
        """A driver of its own."""
        alice = identity("alice")
        endpoint = Endpoint(
            self.server.url,
            "the-access-key",
            SECRET,
            certificate=alice.certificate,
            private_key=alice.private_key,
        )
        self.made.append(Soap(replace(endpoint, **further)))
        return self.made[-1]

    def answered(self, request: Ec2Request, answer: Behaviour, **further: Any) -> Ec2Reply:
        """What the driver makes of an answer."""
        self.server.answers = [answer]
        return self.driver(**further).call(request, Timeouts(1, 2))

    def said(self, request: Ec2Request, **further: Any) -> etree._Element:
        """The envelope that the driver sends."""
        self.answered(request, http(envelope("<e:Fault/>")), **further)
        return etree.fromstring(self.server.requests[-1].body.encode())


@pytest.fixture
def client() -> Iterator[Client]:
    """A driver with somebody to speak to."""
    with recording() as recorder:
        made = Client(recorder)
        yield made
        for driver in made.made:
            driver.close()


def envelope(content: str, header: str = "") -> str:
    """A SOAP document."""
    return (
        f"<?xml version='1.0'?><e:Envelope xmlns:e=\"{ENV}\">{header}"
        f"<e:Body>{content}</e:Body></e:Envelope>"
    )


def reply(content: str, version: str = VERSIONS[0], action: str = "DeleteVolume") -> str:
    """The answer to an action."""
    return envelope(f'<{action}Response xmlns="{namespace(version)}">{content}</{action}Response>')


GOOD = "<requestId>r</requestId><return>true</return>"


@pytest.mark.parametrize("version", VERSIONS)
def test_answers_are_read_as_botocore_reads_them(client: Client, version: str) -> None:
    """The canonical body is the same as every driver's, with what `return` said."""
    good = client.answered(DELETE, http(reply(GOOD, version)), api_version=version)
    assert (good.kind, good.body, good.http_status) == (ReplyKind.ANSWERED, {"Return": True}, 200)
    zones = (
        "<requestId>r</requestId><availabilityZoneInfo><item><zoneName>z</zoneName><zoneState>"
        "available</zoneState><regionName>r</regionName><messageSet/></item></availabilityZoneInfo>"
    )
    action = "DescribeAvailabilityZones"
    answer = http(reply(zones, version, action))
    told = client.answered(Ec2Request(action), answer, api_version=version)
    (zone,) = told.body["AvailabilityZones"]
    assert (zone["ZoneName"], zone["State"], zone["Messages"]) == ("z", "available", [])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("<return>true</return>", "return"),
        ("<requestId>r</requestId>", "return"),
        ("<return>true</return><requestId>r</requestId>", "return"),
        (GOOD + "<more/>", "more"),
        ("<requestId>r</requestId><return>perhaps</return>", "return"),
        ("<requestId>r</requestId><return xmlns=''>true</return>", "return"),
    ],
)
def test_a_reply_against_the_schema_is_the_target_s_failure(
    client: Client, content: str, named: str
) -> None:
    """A missing, misplaced, unknown or ill-typed element garbles the reply, and is named."""
    bad = client.answered(DELETE, http(reply(content)))
    assert bad.kind is ReplyKind.GARBLED
    assert bad.message.startswith("the reply is not by the schema of 2010-11-15: ")
    assert named in bad.message.removeprefix("the reply is not by the schema")


FAULT = "<e:Fault><faultcode>{}</faultcode><faultstring>no such thing</faultstring></e:Fault>"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("Client.InvalidVolume.NotFound", "InvalidVolume.NotFound"),
        ("Server.InternalError", "InternalError"),
        ("x:Client.AuthFailure", "AuthFailure"),
        ("e:MustUnderstand", "MustUnderstand"),
        ("AuthFailure", "AuthFailure"),
    ],
)
@pytest.mark.parametrize("status", ["500 Oops", "400 Bad Request"])
def test_faults_are_told_by_amazon_s_code(
    client: Client, told: str, code: str, status: str
) -> None:
    """A fault is its code without SOAP's prefixes, and its text."""
    document = envelope(FAULT.format(told)).replace("<e:Fault>", '<e:Fault xmlns:x="urn:x">')
    fault = client.answered(DELETE, http(document, status))
    assert (fault.kind, fault.code) == (ReplyKind.FAULT, code), fault.message
    assert (fault.message, fault.http_status) == ("no such thing", int(status[:3]))
    assert len(client.server.requests) == 1


RUBBISH: dict[str, bytes] = {
    "empty": http(""),
    "no XML": http("<a>"),
    "a DTD": http("<!DOCTYPE a><a/>"),
    "a Query reply": http(f"<DeleteVolumeResponse>{GOOD}</DeleteVolumeResponse>"),
    "SOAP 1.2": http(
        '<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>'
    ),
    "an empty Body": http(envelope("")),
    "two answers": http(envelope("<a/><b/>")),
    "another action's answer": http(reply(GOOD, action="DeleteSnapshot")),
    "another version's answer": http(reply(GOOD, VERSIONS[1])),
    "a fault as a success": http(envelope(FAULT.format("Client.AuthFailure"))),
    "a fault without code": http(envelope("<e:Fault/>"), "500 Oops"),
    "an answer as a failure": http(reply(GOOD), "500 Oops"),
    "a page": http("<html><body>Tomcat</body></html>", "500 Oops"),
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_garbled(client: Client, name: str) -> None:
    """What no SOAP client can read is a failure of the target, in words."""
    garbled = client.answered(DELETE, RUBBISH[name])
    assert garbled.kind is ReplyKind.GARBLED
    assert garbled.message


def test_silence_is_a_timeout(client: Client) -> None:
    """The driver waits as long as it was told, not as long as zeep would."""

    def silent(_: socket.socket) -> None:
        client.server.over.wait(5)

    said_nothing = client.answered(DELETE, silent)
    assert said_nothing.kind is ReplyKind.TIMED_OUT
    assert 1.5 < said_nothing.elapsed < 3


def test_messages_are_signed_and_say_their_action(client: Client) -> None:
    """SOAPAction and Body name the action; the Security header is to be understood unless told
    otherwise."""
    for must, text in ((True, "1"), (False, "0")):
        sent = client.said(DELETE, must_understand=must)
        request = client.server.requests[-1]
        assert request.line == "POST /awsapi HTTP/1.1"
        assert request.headers["soapaction"] == '"DeleteVolume"'
        assert request.headers["content-type"].startswith("text/xml")
        header = sent.find(f"{{{ENV}}}Header/{{{WSSE}}}Security")
        assert header is not None
        assert header.get(f"{{{ENV}}}mustUnderstand") == text
        assert [etree.QName(part).localname for part in header] == [
            "Signature",
            "BinarySecurityToken",
            "Timestamp",
        ]
        message = sent.find(f"{{{ENV}}}Body/*")
        assert message is not None
        assert complaint(VERSIONS[0], message) is None


def test_two_equal_messages_are_two(client: Client) -> None:
    """Asking the same twice in one moment is no replay."""
    driver = client.driver()
    client.server.answers = [http(reply(GOOD))]
    for _ in range(2):
        driver.call(DELETE, Timeouts(1, 2))
    first, second = (request.body for request in client.server.requests)
    assert first != second
    driver.call(replace(DELETE, tampering={"replay": "last"}), Timeouts(1, 2))
    assert client.server.requests[-1].body == second


def test_signatures_do_not_reach_the_transcript(client: Client) -> None:
    """What is written down of an exchange cannot be sent again, nor key or secret be read there."""
    answered = client.answered(DELETE, http(reply(GOOD)))
    (exchange,) = answered.exchange
    assert "<SignatureValue>***</SignatureValue>" in exchange.request
    assert SECRET not in exchange.request
    assert "PRIVATE KEY" not in exchange.request


# --- what it says, and what it has no words for ---------------------------------------------------

RULE = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
SAID: list[tuple[str, dict[str, Any], str]] = [
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


@pytest.mark.parametrize(("action", "arguments", "content"), SAID)
def test_requests_are_said_in_amazon_s_words(
    client: Client, action: str, arguments: dict[str, Any], content: str
) -> None:
    """botocore's arguments become the elements of the message, in the order of the schema."""
    message = client.said(Ec2Request(action, arguments)).find(f"{{{ENV}}}Body/*")
    wanted = etree.fromstring(f'<{action} xmlns="{namespace(VERSIONS[0])}">{content}</{action}>')
    assert message is not None
    for one in (message, wanted):
        etree.cleanup_namespaces(one)
    assert _plain(message) == _plain(wanted)


def _plain(node: etree._Element) -> tuple[Any, ...]:
    return (node.tag, node.text or "", dict(node.attrib), [_plain(child) for child in node])


GROUP = {"ImageId": "a", "MinCount": 1, "MaxCount": 1, "InstanceType": "t"}
OBJECTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("DeleteVolume", {}, "soap needs VolumeId"),
    ("DeleteKeyPair", {}, "soap needs keyName in DeleteKeyPair of 2010-11-15"),
    (
        "AllocateAddress",
        {"Domain": "vpc"},
        "soap has no element domain in AllocateAddress of 2010-11-15",
    ),
    ("RunInstances", {**GROUP, "SecurityGroupIds": ["i"]}, "soap knows groups by name only"),
    (
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "g", "IpPermissions": [{"IpProtocol": "-1"}]},
        "soap needs fromPort in ipPermissions",
    ),
    (
        "ModifyImageAttribute",
        {"ImageId": "a", "LaunchPermission": {"Add": [], "Remove": []}},
        "soap says exactly one of add, remove in launchPermission",
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
    ("RebootInstances", {"InstanceIds": []}, "soap says no empty instancesSet"),
    ("CreateVolume", {"AvailabilityZone": "z", "Size": "1"}, "soap takes int for Size, not '1'"),
]


@pytest.mark.parametrize(("action", "arguments", "expected"), OBJECTIONS)
def test_what_the_messages_have_no_words_for_is_objected(
    client: Client, action: str, arguments: dict[str, Any], expected: str
) -> None:
    """An objection names the element or argument in the way, and nothing is sent then."""
    request = Ec2Request(action, arguments)
    objection = Soap.objection(request)
    assert objection is not None
    assert objection.startswith(expected)
    with pytest.raises(HarnessError, match="soap "):
        client.answered(request, http(""))
    assert client.server.requests == []


def test_the_later_version_has_more_words(client: Client) -> None:
    """What 2010-11-15 cannot say, 2012-08-15 may: the driver speaks the endpoint's version."""
    sent = client.said(
        Ec2Request("RunInstances", {**GROUP, "SecurityGroupIds": ["i"]}), api_version=VERSIONS[1]
    )
    assert sent.find(f".//{{{namespace(VERSIONS[1])}}}groupId") is not None


def test_a_message_of_ours_against_the_schema_is_our_own_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If we made a message that Amazon would refuse, that is no verdict on the target."""
    monkeypatch.setattr("fixtures.drivers.soap.words_of", lambda *_: {"volumeId": ""})
    monkeypatch.setattr("fixtures.drivers.soap_security.complaint", lambda *_: "Element 'x'")
    with pytest.raises(HarnessError, match="not by its schema: Element 'x'"):
        client.answered(DELETE, http(reply(GOOD)))
    assert client.server.requests == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"api_version": "2016-11-15"}, "2010-11-15 and 2012-08-15, not in 2016-11-15"),
        ({"certificate": None}, "needs the user's certificate"),
        ({"private_key": None}, "needs the user's certificate and private_key"),
    ],
)
def test_what_the_driver_needs_is_named(
    client: Client, settings: dict[str, Any], words: str
) -> None:
    """Without certificate or key, or in a version without messages, there is no driver."""
    with pytest.raises(HarnessError, match=words):
        client.driver(**settings)


@pytest.mark.parametrize("tampering", [{"attack": "nonsense"}, {"verb": "GET"}])
def test_unknown_tampering_is_objected(tampering: dict[str, str]) -> None:
    """The driver does wrong only what it knows how to."""
    assert "tampering" in (Soap.objection(replace(DELETE, tampering=tampering)) or "")


def test_nothing_to_replay_is_our_own_error(client: Client) -> None:
    """A replay needs a message that went before and was answered."""
    with pytest.raises(HarnessError, match="nothing to replay"):
        client.answered(replace(DELETE, tampering={"replay": "last"}), http(reply(GOOD)))


def test_planning_loads_no_soap_library() -> None:
    """Objections can be asked for without loading zeep, xmlsec or cryptography."""
    code = (
        "import sys; from fixtures.drivers import DRIVERS; from fixtures.model import Ec2Request\n"
        "assert DRIVERS['soap'].objection(Ec2Request('AllocateAddress')) is None\n"
        "print(*{'zeep', 'xmlsec', 'cryptography', 'requests'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
    assert DRIVERS["soap"] is Soap


# --- the identities of simulated users ------------------------------------------------------------


@pytest.mark.parametrize("name", STEPS)
def test_identities_are_made_from_names(name: str) -> None:
    """A user's key pair is the same in every deployment, and what was noted of it is true."""
    assert searched(name) == STEPS[name]
    assert identity(name) == identity(name)


def test_other_names_have_identities_too() -> None:
    """A user who is not known beforehand gets a key pair and certificate of their own."""
    texts = {identity(name).certificate for name in ("alice", "bob", "carol")}
    assert len(texts) == 3
    assert "PRIVATE KEY" not in repr(identity("carol"))
