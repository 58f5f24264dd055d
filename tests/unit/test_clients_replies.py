"""Replies of the drivers to answers, refusals, garbage and silence."""

from __future__ import annotations

import importlib
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from fixtures.clients import DRIVERS, Ec2Endpoint
from fixtures.model import Ec2Request, ReplyKind, Timeouts
from tests.support.recorded_drivers import NAMES, SECRET, RecordedDrivers
from tests.support.recording_server import Behaviour, http_response

INSTANCES = (
    "<requestId>r</requestId><reservationSet><item><reservationId>r-1</reservationId><ownerId>1:bob"
    "</ownerId><groupSet/><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>16"
    "</code><name>running</name></instanceState><launchTime>2014-05-21T10:00:00.000+00:00"
    "</launchTime></item></instancesSet></item></reservationSet>"
)
ERROR = (
    "<Errors><Error><Code>{code}</Code><Message>no such thing</Message></Error></Errors>"
    "<RequestID>r</RequestID>"
)
DESCRIBE = Ec2Request("DescribeInstances", {"InstanceIds": ["i-1"]})


def document(root: str, content: str, namespace: str = "", prefix: str = "") -> str:
    """An XML document; with a prefix, all its elements have it."""
    declaration = ""
    if prefix:
        content = (
            content.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
        )
        declaration, prefix = f' xmlns:{prefix}="{namespace}"', f"{prefix}:"
    elif namespace:
        declaration = f' xmlns="{namespace}"'
    return f"<?xml version='1.0'?><{prefix}{root}{declaration}>{content}</{prefix}{root}>"


@pytest.mark.parametrize(
    "namespace",
    ["", "http://ec2.amazonaws.com/doc/2010-11-15/", "http://ec2.amazonaws.com/doc/2012-08-15/"],
)
@pytest.mark.parametrize("name", NAMES)
def test_answers_are_read_alike(name: str, namespace: str, drivers: RecordedDrivers) -> None:
    """An answer means the same to every client, under the namespace of any version or none."""
    answer = http_response(document("DescribeInstancesResponse", INSTANCES, namespace))
    reply = drivers.call(name, DESCRIBE, answer)
    assert reply.kind is ReplyKind.ANSWERED
    assert reply.http_status == 200
    assert reply.body == {
        "Reservations": [
            {
                "ReservationId": "r-1",
                "OwnerId": "1:bob",
                "Groups": [],
                "Instances": [
                    {
                        "InstanceId": "i-1",
                        "State": {"Code": 16, "Name": "running"},
                        "LaunchTime": datetime(2014, 5, 21, 10, tzinfo=UTC),
                    }
                ],
            }
        ]
    }


@pytest.mark.parametrize("name", NAMES)
def test_prefixes_are_no_difference(name: str, drivers: RecordedDrivers) -> None:
    """Element names with a prefix are correct XML, though boto's parser does not support them."""
    namespace = "http://ec2.amazonaws.com/doc/2012-08-15/"
    answer = http_response(document("DescribeInstancesResponse", INSTANCES, namespace, "ns1"))
    reply = drivers.call(name, DESCRIBE, answer)
    assert reply.kind is ReplyKind.ANSWERED
    assert reply.body["Reservations"][0]["Instances"][0]["InstanceId"] == "i-1"


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
@pytest.mark.parametrize("name", NAMES)
def test_return_is_in_the_reply(
    name: str, text: str, value: bool, drivers: RecordedDrivers
) -> None:
    """The answer's `return` is part of the reply of every client."""
    answer = http_response(document("DeleteVolumeResponse", f"<return>{text}</return>"))
    reply = drivers.call(name, Ec2Request("DeleteVolume", {"VolumeId": "v"}), answer)
    assert (reply.kind, reply.body) == (ReplyKind.ANSWERED, {"Return": value})


FAULTS = {
    "as Amazon": (document("Response", ERROR), "400 Bad Request"),
    "as a server's failure": (document("Response", ERROR), "500 Oops"),
    "as unavailable": (document("Response", ERROR), "503 Later"),
    "in a namespace": (
        document("Response", ERROR, "http://ec2.amazonaws.com/doc/2010-11-15/"),
        "401 No",
    ),
}


@pytest.mark.parametrize("form", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_refusals_are_faults(name: str, form: str, drivers: RecordedDrivers) -> None:
    """A refusal is a fault with its code and message, at once and without a retry."""
    text, status = FAULTS[form]
    answer = http_response(text.format(code="InvalidVolume.NotFound"), status)
    reply = drivers.call(name, DESCRIBE, answer)
    assert (reply.kind, reply.code) == (ReplyKind.FAULT, "InvalidVolume.NotFound")
    assert reply.message == "no such thing"
    assert reply.http_status == int(status[:3])
    assert reply.elapsed < 0.5
    assert len(drivers.server.requests) == 1


def test_another_form_of_refusal_is_lost_on_boto(drivers: RecordedDrivers) -> None:
    """The error document of Amazon's other services is a refusal, but boto finds no code in it."""
    error = "<Error><Code>AuthFailure</Code><Message>no</Message></Error>"
    answer = http_response(document("ErrorResponse", error), "401 No")
    for name in ("boto3", "raw"):
        reply = drivers.call(name, DESCRIBE, answer)
        assert (reply.kind, reply.code, reply.message) == (ReplyKind.FAULT, "AuthFailure", "no")
    reply = drivers.call("boto", DESCRIBE, answer)
    assert reply.kind is ReplyKind.GARBLED
    assert reply.message == "boto reads the error code None where the document says 'AuthFailure'"


@pytest.mark.parametrize("name", NAMES)
def test_soap_prefixes_of_codes_are_removed(name: str, drivers: RecordedDrivers) -> None:
    """A code with a prefix of SOAP's is read without it, and the message quotes it."""
    text = document("Response", ERROR.format(code="Client.AuthFailure"))
    reply = drivers.call(name, DESCRIBE, http_response(text, "401 No"))
    assert (reply.kind, reply.code) == (ReplyKind.FAULT, "AuthFailure")
    assert reply.message == "no such thing (sent as Client.AuthFailure)"


def close(_: socket.socket) -> None:
    """Close without an answer."""


def sends(content: bytes) -> Callable[[socket.socket], None]:
    """Send the bytes and close."""
    return lambda connection: connection.sendall(content)


GOOD = document("DescribeInstancesResponse", INSTANCES)
GARBAGE: dict[str, tuple[Behaviour, str]] = {
    "an HTML page": (http_response("<html><body>Sorry</body></html>", "500 Oops"), "<html>"),
    "broken HTML": (http_response("<html><br>", "500 Oops"), "no XML"),
    "plain text": (
        http_response("java.lang.NullPointerException", "500 Oops"),
        "NullPointerException",
    ),
    "nothing": (http_response(""), "HTTP 200 with an empty body"),
    "nothing, and an error": (http_response("", "500 Oops"), "HTTP 500 with an empty body"),
    "another action's answer": (
        http_response("<DescribeImagesResponse/>"),
        "<DescribeImagesResponse>",
    ),
    "an error with status 200": (
        http_response(document("Response", ERROR.format(code="X"))),
        "HTTP 200 with an error document: X: no such thing",
    ),
    "an error without code": (http_response("<Response/>", "400 Bad Request"), "without code"),
    "an answer with status 400": (http_response(GOOD, "400 Bad Request"), "no error document"),
    "half a document": (http_response(GOOD[:200]), "no XML"),
    "a document type": (http_response(f"<!DOCTYPE x>{GOOD.partition('?>')[2]}"), "document type"),
    "entities": (http_response(f'<!DOCTYPE x [<!ENTITY a "b">]>{GOOD[21:]}'), "document type"),
    "a redirect": (http_response("", "302 Found", "Location: http://127.0.0.1:9/\r\n"), "HTTP 302"),
    "less than announced": (
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<Desc"),
        "closed the connection in the middle of the answer",
    ),
    "more than the limit": (
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n<Desc"),
        "more than 16777216 bytes",
    ),
    "no HTTP": (sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "no HTTP answer"),
    "a bad chunk": (
        sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "closed the connection in the middle of the answer",
    ),
    "no word": (close, "closed the connection without"),
}


@pytest.mark.parametrize("what", GARBAGE)
@pytest.mark.parametrize("name", NAMES)
def test_garbage_is_garbled(name: str, what: str, drivers: RecordedDrivers) -> None:
    """What no client can read is a garbled reply that quotes it, and breaks nothing."""
    behaviour, message = GARBAGE[what]
    reply = drivers.call(name, DESCRIBE, behaviour)
    assert reply.kind is ReplyKind.GARBLED, reply
    assert message in reply.message
    assert len(drivers.server.requests) == len(reply.exchange) == 1
    assert reply.elapsed < 0.5


UNREADABLE = {  # a value of the answer, what is in its place, and how boto3's field is named
    "a number that is none": ("7", "seven", "amiLaunchIndex is 'seven', not an integer"),
    "a number that is empty": ("7", "", "amiLaunchIndex is '', not an integer"),
    "a time that is none": (
        "2014-05-21T10:00:00.000+00:00",
        "lately",
        "launchTime is 'lately', not a time",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_cannot_be_read_is_a_defect_for_who_cannot(
    name: str, what: str, drivers: RecordedDrivers
) -> None:
    """All other values are read; the field is named for the client whose parser fails on it."""
    good, bad, finding = UNREADABLE[what]
    text = GOOD.replace("</instanceId>", "</instanceId><amiLaunchIndex>7</amiLaunchIndex>")
    reply = drivers.call(name, DESCRIBE, http_response(text.replace(f">{good}<", f">{bad}<")))
    assert reply.kind is ReplyKind.ANSWERED, reply.message
    (instance,) = reply.body["Reservations"][0]["Instances"]
    assert instance["InstanceId"] == "i-1"
    assert bad in (instance["AmiLaunchIndex"], instance["LaunchTime"])
    assert instance["State"] == {"Code": 16, "Name": "running"}
    if name == "boto3":
        (defect,) = reply.defects
        place = f"reservationSet/item/instancesSet/item/{finding}"
        assert defect == f"boto3 cannot read the answer: {place}"
    else:
        assert reply.defects == ()


def test_boto_fails_on_other_values_than_boto3(drivers: RecordedDrivers) -> None:
    """boto converts the code of a state itself; the values that botocore would not read are named,
    since both fail on the same."""
    reply = drivers.call("boto", DESCRIBE, http_response(GOOD.replace(">16<", "><")))
    place = "reservationSet/item/instancesSet/item/instanceState/code"
    assert reply.defects == (f"boto cannot read the answer: {place} is '', not an integer",)
    assert reply.body["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"


NESTED = {
    "one level deeper": "<keySet><items><item><keyName>k</keyName></item></items></keySet>",
    "in an item": "<keySet><item><keyPair><keyName>k</keyName></keyPair></item></keySet>",
    "in a wrapper": "<result><keySet><item><keyName>k</keyName></item></keySet></result>",
    "with a prefix": "<a:keySet><a:item><a:keyName>k</a:keyName></a:item></a:keySet>",
}


@pytest.mark.parametrize("where", NESTED)
def test_boto_reads_what_stands_elsewhere(where: str, drivers: RecordedDrivers) -> None:
    """boto goes by names at any depth; what it reads is its reply, and boto3's is what that has."""
    text = f"<DescribeKeyPairsResponse xmlns:a='urn:a'>{NESTED[where]}</DescribeKeyPairsResponse>"
    describe = Ec2Request("DescribeKeyPairs")
    reply = drivers.call("boto", describe, http_response(text))
    assert (reply.kind, reply.defects) == (ReplyKind.ANSWERED, ()), reply.message
    assert [pair["KeyName"] for pair in reply.body["KeyPairs"]] == ["k"]
    other = drivers.call("boto3", describe, http_response(text))
    names = [pair.get("KeyName") for pair in other.body.get("KeyPairs", [])]
    assert (names == ["k"]) == (where == "with a prefix")


def test_an_error_that_boto_raises_in_reading_is_a_defect(
    drivers: RecordedDrivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever exception an SDK raises while it reads an answer, the target sent its cause."""

    class StrangeError(Exception):
        """An exception of no known type."""

    def fail(*_: object) -> None:
        raise StrangeError("no idea")

    drivers.driver("boto")
    reservation = importlib.import_module("boto.ec2.instance").Reservation
    parser = importlib.import_module("botocore.parsers").EC2QueryParser
    monkeypatch.setattr(reservation, "endElement", fail)
    monkeypatch.setattr(parser, "_handle_list", fail)
    for name in ("boto", "boto3"):
        reply = drivers.call(name, DESCRIBE, http_response(GOOD))
        assert reply.kind is ReplyKind.ANSWERED
        assert reply.defects[0].startswith(f"{name} cannot read the answer: ")
        assert "StrangeError: no idea" in reply.defects[0]


def test_endless_answers_are_cut_off(drivers: RecordedDrivers) -> None:
    """An answer without a length is read up to the limit only."""

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(64 * 1024))

    for name in NAMES:
        reply = drivers.call(name, DESCRIBE, endless)
        assert (reply.kind, reply.message) == (
            ReplyKind.GARBLED,
            "an answer of more than 16777216 bytes",
        )


def test_long_answers_are_read(drivers: RecordedDrivers) -> None:
    """An answer of megabytes is read whole, and its transcript is cut."""
    item = INSTANCES.partition("<reservationSet>")[2].partition("</reservationSet>")[0]
    many = f"<reservationSet>{item * 10_000}</reservationSet>"
    reply = drivers.call(
        "raw", DESCRIBE, http_response(document("DescribeInstancesResponse", many))
    )
    assert len(reply.body["Reservations"]) == 10_000
    assert len(reply.exchange[0].response) < 9_000
    assert "bytes in all]" in reply.exchange[0].response


@pytest.mark.parametrize("name", NAMES)
def test_silence_and_slow_bytes_time_out(name: str, drivers: RecordedDrivers) -> None:
    """A server that sends nothing, or a byte now and then, runs into the request timeout."""

    def silent(_: socket.socket) -> None:
        drivers.server.ended.wait(5)

    def dripping(connection: socket.socket) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + bytes(100):
            connection.sendall(bytes([letter]))
            if drivers.server.ended.wait(0.02):
                return

    for behaviour in (silent, dripping):
        drivers.server.answers = [behaviour]
        started = time.monotonic()
        reply = drivers.driver(name).call(DESCRIBE, Timeouts(connect=5, request=0.2))
        assert reply.kind is ReplyKind.TIMED_OUT
        assert reply.message.startswith("no complete answer within 0.2 s of the request")
        assert 0.2 <= time.monotonic() - started < 1
    assert len(drivers.server.requests) == 2


@pytest.mark.parametrize("name", NAMES)
def test_no_connection(name: str) -> None:
    """A port without a listener refuses, one with a full queue times out."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            waiting.append(filler)
        client = DRIVERS[name](Ec2Endpoint(f"http://127.0.0.1:{port}/awsapi", "access", SECRET))
        reply = client.call(DESCRIBE, Timeouts(connect=0.2, request=5))
        assert reply.kind is ReplyKind.TIMED_OUT
        assert reply.message == f"no connection to http://127.0.0.1:{port} within 0.2 s"
        for filler in waiting:
            filler.close()
    reply = client.call(DESCRIBE, Timeouts(connect=0.2, request=5))
    assert reply.kind is ReplyKind.REFUSED
    assert "Connection refused" in reply.message
    client.close()


def test_botos_second_call_may_be_refused(drivers: RecordedDrivers) -> None:
    """When boto's own call after CreateSnapshot is refused, boto returns no snapshot."""
    reply = drivers.call(
        "boto",
        Ec2Request("CreateSnapshot", {"VolumeId": "v"}),
        http_response(
            "<CreateSnapshotResponse><snapshotId>s</snapshotId></CreateSnapshotResponse>"
        ),
        http_response(document("Response", ERROR.format(code="InternalError")), "500 Oops"),
    )
    assert reply.kind is ReplyKind.GARBLED
    assert reply.message == (
        "boto follows CreateSnapshot with DescribeVolumes, which was refused: "
        "InternalError: no such thing"
    )
    assert len(reply.exchange) == 2
