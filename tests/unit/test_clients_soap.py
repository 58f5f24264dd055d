"""The driver `soap`: how it says things, and what it makes of answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import etree

from fixtures.clients.ec2.soap_driver import SoapDriver
from fixtures.model import Ec2Request, ReplyKind, Timeouts
from fixtures.wsdl import VERSIONS, namespace
from fixtures.wsdl.document import schema_error
from tests.support.recording_server import http_response
from tests.support.soap_clients import (
    DELETE,
    GOOD,
    SECRET,
    RecordedSoapDrivers,
    envelope,
    recorded_soap_drivers,
    reply,
)
from tests.support.soap_messages import ENV, WSSE


@pytest.fixture
def client() -> Iterator[RecordedSoapDrivers]:
    """A driver with somebody to speak to."""
    with recorded_soap_drivers() as made:
        yield made


@pytest.mark.parametrize("version", VERSIONS)
def test_answers_are_read_as_botocore_reads_them(client: RecordedSoapDrivers, version: str) -> None:
    """The canonical body is the same as every driver's, with what `return` said."""
    good = client.call(DELETE, http_response(reply(GOOD, version)), api_version=version)
    assert (good.kind, good.body, good.http_status) == (ReplyKind.ANSWERED, {"Return": True}, 200)
    zones = (
        "<requestId>r</requestId><availabilityZoneInfo><item><zoneName>z</zoneName><zoneState>"
        "available</zoneState><regionName>r</regionName><messageSet/></item></availabilityZoneInfo>"
    )
    action = "DescribeAvailabilityZones"
    answer = http_response(reply(zones, version, action))
    told = client.call(Ec2Request(action), answer, api_version=version)
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
    client: RecordedSoapDrivers, content: str, named: str
) -> None:
    """A missing, misplaced, unknown or ill-typed element garbles the reply, and is named."""
    bad = client.call(DELETE, http_response(reply(content)))
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
    client: RecordedSoapDrivers, told: str, code: str, status: str
) -> None:
    """A fault is its code without SOAP's prefixes, and its text."""
    document = envelope(FAULT.format(told)).replace("<e:Fault>", '<e:Fault xmlns:x="urn:x">')
    fault = client.call(DELETE, http_response(document, status))
    assert (fault.kind, fault.code) == (ReplyKind.FAULT, code), fault.message
    assert (fault.message, fault.http_status) == ("no such thing", int(status[:3]))
    assert len(client.server.requests) == 1


RUBBISH: dict[str, bytes] = {
    "empty": http_response(""),
    "no XML": http_response("<a>"),
    "a DTD": http_response("<!DOCTYPE a><a/>"),
    "a Query reply": http_response(f"<DeleteVolumeResponse>{GOOD}</DeleteVolumeResponse>"),
    "SOAP 1.2": http_response(
        '<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>'
    ),
    "an empty Body": http_response(envelope("")),
    "two answers": http_response(envelope("<a/><b/>")),
    "another action's answer": http_response(reply(GOOD, action="DeleteSnapshot")),
    "another version's answer": http_response(reply(GOOD, VERSIONS[1])),
    "a fault as a success": http_response(envelope(FAULT.format("Client.AuthFailure"))),
    "a fault without code": http_response(envelope("<e:Fault/>"), "500 Oops"),
    "an answer as a failure": http_response(reply(GOOD), "500 Oops"),
    "a page": http_response("<html><body>Tomcat</body></html>", "500 Oops"),
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_garbled(client: RecordedSoapDrivers, name: str) -> None:
    """What no SOAP client can read is a failure of the target, in words."""
    garbled = client.call(DELETE, RUBBISH[name])
    assert garbled.kind is ReplyKind.GARBLED
    assert garbled.message


def test_silence_is_a_timeout(client: RecordedSoapDrivers) -> None:
    """The driver waits as long as it was told, not as long as zeep would."""

    def silent(_: socket.socket) -> None:
        client.server.ended.wait(5)

    said_nothing = client.call(DELETE, silent)
    assert said_nothing.kind is ReplyKind.TIMED_OUT
    assert 1.5 < said_nothing.elapsed < 3


def test_messages_are_signed_and_say_their_action(client: RecordedSoapDrivers) -> None:
    """SOAPAction and Body name the action; the Security header is to be understood unless told
    otherwise."""
    for must, text in ((True, "1"), (False, "0")):
        sent = client.sent_envelope(DELETE, must_understand=must)
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
        assert schema_error(VERSIONS[0], message) is None


def test_two_equal_messages_are_two(client: RecordedSoapDrivers) -> None:
    """Asking the same twice in one moment is no replay."""
    driver = client.driver()
    client.server.answers = [http_response(reply(GOOD))]
    for _ in range(2):
        driver.call(DELETE, Timeouts(1, 2))
    first, second = (request.body for request in client.server.requests)
    assert first != second
    driver.call(replace(DELETE, tampering={"replay": "last"}), Timeouts(1, 2))
    assert client.server.requests[-1].body == second


def test_signatures_do_not_reach_the_transcript(client: RecordedSoapDrivers) -> None:
    """What is written down of an exchange cannot be sent again, nor key or secret be read there."""
    answered = client.call(DELETE, http_response(reply(GOOD)))
    (exchange,) = answered.exchange
    assert "<SignatureValue>***</SignatureValue>" in exchange.request
    assert SECRET not in exchange.request
    assert "PRIVATE KEY" not in exchange.request


def test_a_call_may_be_in_another_version_s_words(client: RecordedSoapDrivers) -> None:
    """Told to, the driver speaks another version than the profile's, and reads the answer so."""
    later = replace(DELETE, tampering={"version": VERSIONS[1]})
    driver = client.driver()
    client.server.answers = [http_response(reply(GOOD, VERSIONS[1])), http_response(reply(GOOD))]
    assert driver.call(later, Timeouts(1, 2)).kind is ReplyKind.ANSWERED
    assert driver.call(DELETE, Timeouts(1, 2)).kind is ReplyKind.ANSWERED
    asked = [etree.fromstring(request.body.encode()) for request in client.server.requests]
    messages = [one.find(f"{{{ENV}}}Body/*") for one in asked]
    assert [etree.QName(one).namespace for one in messages if one is not None] == [
        namespace(VERSIONS[1]),
        namespace(VERSIONS[0]),
    ]
    unknown = replace(DELETE, tampering={"version": "1999-01-01"})
    assert SoapDriver.unsupported_reason(unknown) == "soap has no tampering version=1999-01-01"


def test_an_entity_that_stands_for_nothing_leaves_the_message_as_it_was_signed(
    client: RecordedSoapDrivers,
) -> None:
    """Who resolves entities finds the very message that was signed; who does not, one in it."""
    client.sent_envelope(replace(DELETE, tampering={"attack": "entity"}))
    text = client.server.requests[-1].body.encode()
    resolved = etree.fromstring(text, etree.XMLParser(resolve_entities=True))
    kept = etree.fromstring(text, etree.XMLParser(resolve_entities=False))
    bodies = [root.find(f"{{{ENV}}}Body") for root in (resolved, kept)]
    assert [len(body) for body in bodies if body is not None] == [1, 2]
