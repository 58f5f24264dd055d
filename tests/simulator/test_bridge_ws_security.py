"""WS-Security in the bridge: authentication of SOAP messages, and attacks on it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from fixtures.simulator.bridge.server import BridgeOptions
from fixtures.simulator.bridge.soap import messages
from fixtures.simulator.bridge.soap.ws_security import WINDOW, Verifier
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from tests.support.seeded_users import seeded_user
from tests.support.soap_messages import (
    ENV,
    EXCLUSIVE,
    ZONES,
    Signer,
    post,
    refusal,
    self_signed,
    signer_of,
)

STALE = "Client.InvalidSecurity.RequestHasExpired"


@pytest.fixture(scope="module")
def deployment_options() -> DeploymentOptions:
    """A bridge that waits half a second for a body."""
    return DeploymentOptions(bridge=BridgeOptions(body_timeout=0.5))


@pytest.fixture
def signer(deployment: Deployment) -> Signer:
    """The signer of a registered user."""
    return signer_of(deployment)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("path", ["", "/awsapi/services/AmazonEC2", "/awsapi/services/AmazonEC2/"])
def test_a_signed_message_is_carried_out(
    deployment: Deployment, signer: Signer, algorithm: str, path: str
) -> None:
    """RSA with SHA-1, which the old tools use, and with SHA-256, at each of the service's paths."""
    reply = post(deployment, replace(signer, algorithm=algorithm).message(), path)
    assert (reply.status, reply.reached_cloudstack) == (200, True)
    assert reply.body.tag.endswith("}DescribeAvailabilityZonesResponse")


def test_body_and_timestamp_must_be_signed(deployment: Deployment, signer: Signer) -> None:
    """A message with nothing signed, or only one of the two, is refused; the fault names it."""
    code, text = refusal(deployment, signer, signed=("t",))
    assert (code, text) == ("Client.InvalidSecurity", "The Body is not signed")
    code, text = refusal(deployment, signer, signed=("b",))
    assert (code, text) == ("Client.InvalidSecurity", "The Timestamp is not signed")
    code, text = refusal(deployment, signer, signed=())
    assert (code, text) == ("Client.InvalidSecurity", "The Body is not signed")


def test_a_body_changed_after_signing_is_refused(deployment: Deployment, signer: Signer) -> None:
    """A message is refused if an element was added to its Body after signing."""
    added = "<availabilityZoneSet><item><zoneName>zone1</zoneName></item></availabilityZoneSet>"
    code, _ = refusal(deployment, signer, changes={"<availabilityZoneSet/>": added})
    assert code == "Client.SignatureDoesNotMatch"


def test_a_timestamp_changed_after_signing_is_refused(
    deployment: Deployment, signer: Signer
) -> None:
    """The Timestamp of an old message cannot be changed."""
    code, _ = refusal(deployment, signer, changes={"</u:Created>": "</u:Created><u:Expires/>"})
    assert code == "Client.SignatureDoesNotMatch"


def test_a_signature_over_another_element_is_refused(
    deployment: Deployment, signer: Signer
) -> None:
    """Signature wrapping: a moved Body, or another element with its id, authenticates no Body."""
    aside = f'<x:Aside xmlns:x="urn:x"><e:Body u:Id="old">{ZONES}</e:Body></x:Aside>'
    code, text = refusal(deployment, signer, header=aside, signed=("old", "t"))
    assert (code, text) == (
        "Client.InvalidSecurity",
        "The signature covers another element than the message's Body",
    )
    for attribute in ("u:Id", "Id", "ID", "xml:id"):
        twin = f'<x:Twin xmlns:x="urn:x" {attribute}="b"/>'
        twofold = replace(signer, changes={"</e:Header>": f"{twin}</e:Header>"})
        reply = post(deployment, twofold.message())
        assert (reply.code, reply.reached_cloudstack) == ("Client.InvalidSecurity", False)
        assert reply.text == "The id 'b' belongs to more than one element"


def test_two_bodies_are_refused(deployment: Deployment, signer: Signer) -> None:
    """An Envelope with a second Body, or with another element beside its Body, is refused."""
    second = f"<e:Body>{ZONES}</e:Body>"
    for outside in (second, "<other/>"):
        code, _ = refusal(deployment, signer, outside=outside)
        assert code == "Client.MalformedMessage"
    code, _ = refusal(deployment, signer, changes={"</e:Body>": f"{ZONES}</e:Body>"})
    assert code == "Client.MalformedMessage"


def test_unregistered_certificates_are_refused(deployment: Deployment) -> None:
    """A valid signature with an unregistered certificate is refused."""
    code, text = refusal(deployment, self_signed("stranger"))
    assert (code, text) == (
        "Client.AuthFailure",
        "The certificate is not registered for any user",
    )


def test_a_copied_certificate_is_not_enough(deployment: Deployment, signer: Signer) -> None:
    """A registered certificate without its private key is refused."""
    thief = replace(signer, private_key=self_signed("thief").private_key)
    assert refusal(deployment, thief)[0] == "Client.SignatureDoesNotMatch"


def test_an_expired_certificate_is_refused(deployment: Deployment) -> None:
    """A registered certificate is refused after its end."""
    access_key = seeded_user(deployment, "bob").access_key
    own = self_signed("bob", not_after=timedelta(minutes=30))
    bridge = deployment.bridge
    bridge.certificates.register(access_key, own.certificate, deployment.clock.seconds())
    try:
        assert post(deployment, own.message()).status == 200
        deployment.clock.advance(3600)
        code, text = refusal(deployment, own, age=timedelta(seconds=-3600))
        assert (code, text) == (
            "Client.AuthFailure",
            "The certificate is not valid at this time",
        )
    finally:
        deployment.clock.advance(-3600)
        bridge.certificates.register(
            access_key, signer_of(deployment, "bob").certificate, deployment.clock.seconds()
        )


@pytest.mark.parametrize("minutes", [6, 60, -6, -60])
def test_messages_are_valid_for_five_minutes(
    deployment: Deployment, signer: Signer, minutes: int
) -> None:
    """A Timestamp that is more than five minutes off, either way, is refused as expired."""
    assert refusal(deployment, signer, age=timedelta(minutes=minutes))[0] == STALE
    near = replace(signer, age=timedelta(minutes=4 if minutes > 0 else -4))
    assert post(deployment, near.message()).status == 200


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [
        ('<x u:Id="t"/>', "Client.InvalidSecurity"),
        ('<u:Timestamp u:Id="t"/>', "Client.InvalidSecurity"),
        (
            '<u:Timestamp u:Id="t"><u:Created>today</u:Created></u:Timestamp>',
            "Client.InvalidSecurity",
        ),
        (
            '<u:Timestamp u:Id="t"><u:Created>{now}</u:Created><u:Expires>{past}</u:Expires>'
            "</u:Timestamp>",
            STALE,
        ),
        (
            '<u:Timestamp u:Id="t"><u:Created>{now}</u:Created></u:Timestamp>'
            '<u:Timestamp u:Id="t2"><u:Created>{now}</u:Created></u:Timestamp>',
            "Client.InvalidSecurity",
        ),
    ],
)
def test_invalid_timestamps_are_refused(
    deployment: Deployment, signer: Signer, timestamp: str, code: str
) -> None:
    """No Timestamp, two of them, one without a time, or one that has expired, is refused."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    moments = {
        "now": time.strftime(form, time.gmtime()),
        "past": time.strftime(form, time.gmtime(time.time() - 2)),
    }
    assert refusal(deployment, signer, timestamp=timestamp.format(**moments))[0] == code


def test_a_message_is_carried_out_once(deployment: Deployment, signer: Signer) -> None:
    """A replay is refused, also if the same signature comes in another document."""
    message = signer.message()
    assert post(deployment, message).status == 200
    for again in (message, message.replace(b"</e:Header>", b"\n</e:Header>")):
        reply = post(deployment, again)
        assert (reply.status, reply.code, reply.reached_cloudstack) == (
            500,
            "Client.InvalidSecurity",
            False,
        )
        assert "sent before" in reply.text


def test_signatures_are_dropped_after_expiry(deployment: Deployment, signer: Signer) -> None:
    """The signatures that are kept against replays do not accumulate."""
    now = [deployment.clock.seconds()]
    verifier = Verifier(deployment.bridge.certificates, lambda: now[0])
    for _ in range(3):
        verifier.identify(messages.parse_message(signer.message()))
    now[0] += WINDOW + 1
    verifier.identify(
        messages.parse_message(replace(signer, age=timedelta(seconds=-WINDOW)).message())
    )
    assert len(verifier._seen) == len(verifier._expiries) == 1


def test_two_security_headers_are_refused(deployment: Deployment, signer: Signer) -> None:
    """A message with two Security headers is refused."""
    other = '<o:Security xmlns:o="{}"/>'.format(
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    )
    code, text = refusal(deployment, signer, header=other)
    assert (code, text) == (
        "Client.InvalidSecurity",
        "The message has 2 Security headers, not one",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"changes": {'u:Id="k"': 'u:Id="k" x="'}, "broken": True},
        {"token_type": "X509PKIPathv1"},
        {"extra": '<o:BinarySecurityToken u:Id="k2">AAAA</o:BinarySecurityToken>'},
        {"changes": {'URI="#k"': 'URI="#b"'}},
        {"changes": {f'<Transform Algorithm="{EXCLUSIVE}"/>': ""}},
        {
            "changes": {
                f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>': "<CanonicalizationMethod "
                'Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
            }
        },
        {
            "changes": {
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "http://www.w3.org/2000/09/"
                "xmldsig#hmac-sha1"
            }
        },
        {"changes": {'URI="#t"': 'URI=""'}},
        {"changes": {'URI="#t"': 'URI="http://127.0.0.1/"'}},
        {"changes": {'URI="#t"': 'URI="#nothing"'}},
    ],
)
def test_other_tokens_and_algorithms_are_refused(
    deployment: Deployment, signer: Signer, changes: dict[str, object]
) -> None:
    """Only a single X.509 token, exclusive canonicalisation, RSA and local references pass."""
    fields = dict(changes)
    malformed = fields.pop("broken", False)
    # A registered certificate is accepted under any token type: the type needs another one.
    if fields.get("token_type"):
        fields["certificate"] = self_signed("stranger").certificate
    code, _ = refusal(deployment, signer, **fields)
    assert code == ("Client.MalformedMessage" if malformed else "Client.InvalidSecurity")


@pytest.mark.parametrize("token", ["", "AAAA", "!!", "bm90IGEgY2VydGlmaWNhdGU="])
def test_a_token_that_is_no_certificate_is_refused(
    deployment: Deployment, signer: Signer, token: str
) -> None:
    """A token that is not a certificate is refused."""
    document = signer.message().decode()
    start = document.index(">", document.index("BinarySecurityToken")) + 1
    end = document.index("</o:BinarySecurityToken>")
    reply = post(deployment, (document[:start] + token + document[end:]).encode())
    assert (reply.status, reply.code, reply.reached_cloudstack) == (
        500,
        "Client.InvalidSecurity",
        False,
    )
    assert "not an X.509 v3 certificate" in reply.text


def test_comments_do_not_cut_a_signed_text(deployment: Deployment, signer: Signer) -> None:
    """A comment, which is not signed, does not change the id that it is inserted into."""
    volume = (
        '<DeleteVolume xmlns="http://ec2.amazonaws.com/doc/2010-11-15/">'
        "<volumeId>no-such-volume</volumeId></DeleteVolume>"
    )
    cut = {"no-such-volume": "no-such<!-- -->-volume"}
    reply = post(deployment, replace(signer, changes=cut).message(volume))
    assert reply.code == "Client.InvalidVolumeID.Malformed"
    assert "no-such-volume" in reply.text


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE e:Envelope>",
        '<!DOCTYPE e:Envelope [<!ENTITY more "more">]>',
        '<!DOCTYPE e:Envelope SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE e:Envelope [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_document_types_and_entities_are_refused(
    deployment: Deployment, signer: Signer, declaration: str
) -> None:
    """A message with a DTD is refused; no entity is fetched or expanded."""
    for message in (signer.message(), signer.message().replace(b"Set/>", b"Set>&more;</x>")):
        reply = post(deployment, declaration.encode() + message)
        assert (reply.status, reply.code, reply.reached_cloudstack) == (
            500,
            "Client.MalformedMessage",
            False,
        )


def test_deep_documents_are_refused(deployment: Deployment) -> None:
    """A document of ten thousand nested elements is refused."""
    reply = post(deployment, b"<a>" * 10_000 + b"</a>" * 10_000)
    assert (reply.status, reply.code) == (500, "Client.MalformedMessage")


def _send_chunks(deployment: Deployment, chunks: Iterator[bytes]) -> tuple[bytes, float]:
    """The bridge's reply to a client that sends these chunks, and the seconds that it took."""
    url = urlsplit(deployment.ec2_url)
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: text/xml\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    started = time.monotonic()
    with socket.create_connection((str(url.hostname), url.port or 80), 10) as connection:
        connection.sendall(head.encode())
        received = b""
        try:
            for chunk in chunks:
                connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        except OSError:
            pass  # the bridge has closed the connection
        connection.settimeout(10)
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionError:
            pass
    return received, time.monotonic() - started


def test_a_document_that_never_ends_is_refused(deployment: Deployment) -> None:
    """A document is refused as soon as it is larger than a megabyte."""

    def endless() -> Iterator[bytes]:
        yield f'<e:Envelope xmlns:e="{ENV}">'.encode()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            yield b" " * 65536

    reply, seconds = _send_chunks(deployment, endless())
    assert b"HTTP/1.1 500" in reply
    assert b"Client.RequestTooLarge" in reply
    assert seconds < 5


def test_a_document_that_drips_is_refused(deployment: Deployment) -> None:
    """A document that comes a byte at a time is refused after the body timeout."""

    def drips() -> Iterator[bytes]:
        yield b"<e:Envelope"
        end = time.monotonic() + 2
        while time.monotonic() < end:
            yield b" "
            time.sleep(0.05)  # the slowness is what the test is about

    reply, seconds = _send_chunks(deployment, drips())
    assert b"HTTP/1.1 500" in reply
    assert b"Client.RequestTimeout" in reply
    assert seconds < 5


def test_three_hundred_messages_a_second(deployment: Deployment, signer: Signer) -> None:
    """Reading and verifying a signed message takes less than three milliseconds."""
    signed = [signer.message() for _ in range(100)]
    verifier = Verifier(deployment.bridge.certificates, deployment.clock.seconds)
    verifier.identify(messages.parse_message(signer.message()))
    started = time.process_time()
    for message in signed:
        verifier.identify(messages.parse_message(message))
    assert 100 / (time.process_time() - started) > 300
