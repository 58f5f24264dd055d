"""The driver `soap`: its messages, and its replies to answers."""

from __future__ import annotations

import socket
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
    reply,
)
from tests.support.soap_messages import ENV, WSSE


@pytest.mark.parametrize("version", VERSIONS)
def test_answers_are_read_as_botocore_reads_them(
    soap_drivers: RecordedSoapDrivers, version: str
) -> None:
    """The canonical body is the same as with every driver, with `return`."""
    good = soap_drivers.call(DELETE, http_response(reply(GOOD, version)), api_version=version)
    assert (good.kind, good.body, good.http_status) == (ReplyKind.ANSWERED, {"Return": True}, 200)
    zones = (
        "<requestId>r</requestId><availabilityZoneInfo><item><zoneName>z</zoneName><zoneState>"
        "available</zoneState><regionName>r</regionName><messageSet/></item></availabilityZoneInfo>"
    )
    action = "DescribeAvailabilityZones"
    answer = http_response(reply(zones, version, action))
    described = soap_drivers.call(Ec2Request(action), answer, api_version=version)
    (zone,) = described.body["AvailabilityZones"]
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
    soap_drivers: RecordedSoapDrivers, content: str, named: str
) -> None:
    """A missing, misplaced, unknown or ill-typed element is a defect of the answer, and named."""
    bad = soap_drivers.call(DELETE, http_response(reply(content)))
    assert bad.kind is ReplyKind.ANSWERED
    (defect,) = bad.defects
    assert defect.startswith("the reply is not by the schema of 2010-11-15: ")
    assert named in defect.removeprefix("the reply is not by the schema")


def test_an_empty_time_leaves_the_rest_readable(soap_drivers: RecordedSoapDrivers) -> None:
    """The schema's finding names the element; all other fields are in the body."""
    attached = (
        "<requestId>r</requestId><volumeId>v</volumeId><instanceId>i</instanceId>"
        "<device>/dev/sdf</device><status>attached</status><attachTime></attachTime>"
    )
    arguments = {"VolumeId": "v", "InstanceId": "i", "Device": "/dev/sdf"}
    request = Ec2Request("AttachVolume", arguments)
    answer = soap_drivers.call(request, http_response(reply(attached, action="AttachVolume")))
    (defect,) = answer.defects
    assert "Element 'attachTime': '' is not a valid value" in defect
    assert (answer.body["VolumeId"], answer.body["AttachTime"]) == ("v", "")


def test_a_fault_under_200_keeps_its_code(soap_drivers: RecordedSoapDrivers) -> None:
    """It is garbled, since the status is wrong, and a refusal all the same."""
    document = envelope(FAULT.format("Client.AuthFailure"))
    fault = soap_drivers.call(DELETE, http_response(document))
    assert (fault.kind, fault.code) == (ReplyKind.GARBLED, "AuthFailure")


def test_another_version_s_answer_is_a_defect(soap_drivers: RecordedSoapDrivers) -> None:
    """The namespace is part of the schema."""
    answer = soap_drivers.call(DELETE, http_response(reply(GOOD, VERSIONS[1])))
    assert (answer.kind, answer.body) == (ReplyKind.ANSWERED, {"Return": True})
    (defect,) = answer.defects
    assert defect.endswith(
        "'http://ec2.amazonaws.com/doc/2012-08-15/', which is not that of 2010-11-15"
    )


FAULT = "<e:Fault><faultcode>{}</faultcode><faultstring>no such thing</faultstring></e:Fault>"


@pytest.mark.parametrize(
    ("faultcode", "code"),
    [
        ("Client.InvalidVolume.NotFound", "InvalidVolume.NotFound"),
        ("Server.InternalError", "InternalError"),
        ("x:Client.AuthFailure", "AuthFailure"),
        ("e:MustUnderstand", "MustUnderstand"),
        ("AuthFailure", "AuthFailure"),
    ],
)
@pytest.mark.parametrize("status", ["500 Oops", "400 Bad Request"])
def test_faults_have_amazon_s_code(
    soap_drivers: RecordedSoapDrivers, faultcode: str, code: str, status: str
) -> None:
    """A fault has its code without SOAP's prefixes, and its text."""
    document = envelope(FAULT.format(faultcode)).replace("<e:Fault>", '<e:Fault xmlns:x="urn:x">')
    fault = soap_drivers.call(DELETE, http_response(document, status))
    assert (fault.kind, fault.code) == (ReplyKind.FAULT, code), fault.message
    assert (fault.message, fault.http_status) == ("no such thing", int(status[:3]))
    assert len(soap_drivers.server.requests) == 1


GARBAGE: dict[str, bytes] = {
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
    "a fault as a success": http_response(envelope(FAULT.format("Client.AuthFailure"))),
    "a fault without code": http_response(envelope("<e:Fault/>"), "500 Oops"),
    "an answer as a failure": http_response(reply(GOOD), "500 Oops"),
    "a page": http_response("<html><body>Tomcat</body></html>", "500 Oops"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_garbled(soap_drivers: RecordedSoapDrivers, name: str) -> None:
    """What no SOAP client can read is a failure of the target, with a message."""
    garbled = soap_drivers.call(DELETE, GARBAGE[name])
    assert garbled.kind is ReplyKind.GARBLED
    assert garbled.message


def test_silence_is_a_timeout(soap_drivers: RecordedSoapDrivers) -> None:
    """The driver waits for its own timeout, not for zeep's."""

    def silent(_: socket.socket) -> None:
        soap_drivers.server.ended.wait(5)

    timed_out = soap_drivers.call(DELETE, silent)
    assert timed_out.kind is ReplyKind.TIMED_OUT
    assert 1.5 < timed_out.elapsed < 3


def test_messages_are_signed_and_name_their_action(soap_drivers: RecordedSoapDrivers) -> None:
    """SOAPAction and Body name the action; mustUnderstand is that of the profile."""
    for must, text in ((True, "1"), (False, "0")):
        sent = soap_drivers.sent_envelope(DELETE, must_understand=must)
        request = soap_drivers.server.requests[-1]
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


def test_equal_messages_differ(soap_drivers: RecordedSoapDrivers) -> None:
    """The same request twice in one moment is not a replay."""
    driver = soap_drivers.driver()
    soap_drivers.server.answers = [http_response(reply(GOOD))]
    for _ in range(2):
        driver.call(DELETE, Timeouts(1, 2))
    first, second = (request.body for request in soap_drivers.server.requests)
    assert first != second
    driver.call(replace(DELETE, tampering={"replay": "last"}), Timeouts(1, 2))
    assert soap_drivers.server.requests[-1].body == second


def test_signatures_do_not_reach_the_transcript(soap_drivers: RecordedSoapDrivers) -> None:
    """A transcript contains neither signature nor key nor secret, and cannot be replayed."""
    deleted = soap_drivers.call(DELETE, http_response(reply(GOOD)))
    (exchange,) = deleted.exchange
    assert "<SignatureValue>***</SignatureValue>" in exchange.request
    assert SECRET not in exchange.request
    assert "PRIVATE KEY" not in exchange.request


def test_a_call_may_have_another_version(soap_drivers: RecordedSoapDrivers) -> None:
    """On request, the driver uses another version than the profile's, for the answer too."""
    later = replace(DELETE, tampering={"version": VERSIONS[1]})
    driver = soap_drivers.driver()
    soap_drivers.server.answers = [
        http_response(reply(GOOD, VERSIONS[1])),
        http_response(reply(GOOD)),
    ]
    assert driver.call(later, Timeouts(1, 2)).kind is ReplyKind.ANSWERED
    assert driver.call(DELETE, Timeouts(1, 2)).kind is ReplyKind.ANSWERED
    sent = [etree.fromstring(request.body.encode()) for request in soap_drivers.server.requests]
    messages = [document.find(f"{{{ENV}}}Body/*") for document in sent]
    assert [etree.QName(message).namespace for message in messages if message is not None] == [
        namespace(VERSIONS[1]),
        namespace(VERSIONS[0]),
    ]
    unknown = replace(DELETE, tampering={"version": "1999-01-01"})
    assert SoapDriver.unsupported_reason(unknown) == "soap has no tampering version=1999-01-01"


def test_an_empty_entity_leaves_the_message_as_it_was_signed(
    soap_drivers: RecordedSoapDrivers,
) -> None:
    """A parser that expands entities gets the message as signed; another one, an entity in it."""
    soap_drivers.sent_envelope(replace(DELETE, tampering={"attack": "entity"}))
    text = soap_drivers.server.requests[-1].body.encode()
    resolved = etree.fromstring(text, etree.XMLParser(resolve_entities=True))
    kept = etree.fromstring(text, etree.XMLParser(resolve_entities=False))
    bodies = [root.find(f"{{{ENV}}}Body") for root in (resolved, kept)]
    assert [len(body) for body in bodies if body is not None] == [1, 2]
