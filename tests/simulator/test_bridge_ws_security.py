"""WS-Security in the bridge: who may ask over SOAP, and every way to pretend."""

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
def deployment() -> Iterator[Deployment]:
    """A deployment with patience for half a second."""
    options = DeploymentOptions(bridge=BridgeOptions(body_timeout=0.5))
    with Deployment(options) as running:
        yield running


@pytest.fixture
def alice(deployment: Deployment) -> Signer:
    """A user whose certificate is registered."""
    return signer_of(deployment)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("path", ["", "/awsapi/services/AmazonEC2", "/awsapi/services/AmazonEC2/"])
def test_a_signed_message_is_carried_out(
    deployment: Deployment, alice: Signer, algorithm: str, path: str
) -> None:
    """RSA with SHA-1, as the old tools sign, and with SHA-256, at each of the service's places."""
    heard = post(deployment, replace(alice, algorithm=algorithm).message(), path)
    assert (heard.status, heard.reached_cloudstack) == (200, True)
    assert heard.body.tag.endswith("}DescribeAvailabilityZonesResponse")


def test_only_body_and_timestamp_as_signed_count(deployment: Deployment, alice: Signer) -> None:
    """Nothing signed, or only one of the two that must be, is refused by what is missing."""
    code, text = refusal(deployment, alice, signed=("t",))
    assert (code, text) == ("Client.InvalidSecurity", "The Body is not signed")
    code, text = refusal(deployment, alice, signed=("b",))
    assert (code, text) == ("Client.InvalidSecurity", "The Timestamp is not signed")
    code, text = refusal(deployment, alice, signed=())
    assert (code, text) == ("Client.InvalidSecurity", "The Body is not signed")


def test_a_body_changed_after_signing_is_refused(deployment: Deployment, alice: Signer) -> None:
    """What was signed is what is carried out: one more element in the Body, and it is refused."""
    added = "<availabilityZoneSet><item><zoneName>zone1</zoneName></item></availabilityZoneSet>"
    code, _ = refusal(deployment, alice, changes={"<availabilityZoneSet/>": added})
    assert code == "Client.SignatureDoesNotMatch"


def test_a_timestamp_changed_after_signing_is_refused(
    deployment: Deployment, alice: Signer
) -> None:
    """An old message cannot be made young again."""
    code, _ = refusal(deployment, alice, changes={"</u:Created>": "</u:Created><u:Expires/>"})
    assert code == "Client.SignatureDoesNotMatch"


def test_a_signature_over_another_element_is_refused(deployment: Deployment, alice: Signer) -> None:
    """The signed Body moved aside, or hidden under the same id, does not vouch for another one."""
    aside = f'<x:Aside xmlns:x="urn:x"><e:Body u:Id="old">{ZONES}</e:Body></x:Aside>'
    code, text = refusal(deployment, alice, header=aside, signed=("old", "t"))
    assert (code, text) == (
        "Client.InvalidSecurity",
        "The signature covers another element than the message's Body",
    )
    for attribute in ("u:Id", "Id", "ID", "xml:id"):
        twin = f'<x:Twin xmlns:x="urn:x" {attribute}="b"/>'
        twofold = replace(alice, changes={"</e:Header>": f"{twin}</e:Header>"})
        heard = post(deployment, twofold.message())
        assert (heard.code, heard.reached_cloudstack) == ("Client.InvalidSecurity", False)
        assert heard.text == "The id 'b' belongs to more than one element"


def test_two_bodies_are_refused(deployment: Deployment, alice: Signer) -> None:
    """An Envelope with a second Body, or anything else beside its one Body, is no message."""
    second = f"<e:Body>{ZONES}</e:Body>"
    for outside in (second, "<other/>"):
        code, _ = refusal(deployment, alice, outside=outside)
        assert code == "Client.MalformedMessage"
    code, _ = refusal(deployment, alice, changes={"</e:Body>": f"{ZONES}</e:Body>"})
    assert code == "Client.MalformedMessage"


def test_strangers_are_refused(deployment: Deployment) -> None:
    """A certificate that nobody registered says nothing, however well it signs."""
    code, text = refusal(deployment, self_signed("stranger"))
    assert (code, text) == (
        "Client.AuthFailure",
        "The certificate is not registered for any user",
    )


def test_a_copied_certificate_is_not_enough(deployment: Deployment, alice: Signer) -> None:
    """Certificates are public: without the private key they prove nothing."""
    thief = replace(alice, private_key=self_signed("thief").private_key)
    assert refusal(deployment, thief)[0] == "Client.SignatureDoesNotMatch"


def test_an_expired_certificate_is_refused(deployment: Deployment) -> None:
    """A certificate that was good when it was registered ends when it says."""
    access_key = next(one.access_key for one in deployment.users if one.name == "bob")
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
def test_messages_are_good_for_five_minutes(
    deployment: Deployment, alice: Signer, minutes: int
) -> None:
    """A Timestamp more than five minutes off, either way, is refused as expired."""
    assert refusal(deployment, alice, age=timedelta(minutes=minutes))[0] == STALE
    near = replace(alice, age=timedelta(minutes=4 if minutes > 0 else -4))
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
def test_a_message_says_when_it_was_made(
    deployment: Deployment, alice: Signer, timestamp: str, code: str
) -> None:
    """No Timestamp, two of them, one without a moment, or one that has expired: refused."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    moments = {
        "now": time.strftime(form, time.gmtime()),
        "past": time.strftime(form, time.gmtime(time.time() - 2)),
    }
    assert refusal(deployment, alice, timestamp=timestamp.format(**moments))[0] == code


def test_a_message_is_carried_out_once(deployment: Deployment, alice: Signer) -> None:
    """The same bytes again are refused, and so is the same signature in other bytes."""
    message = alice.message()
    assert post(deployment, message).status == 200
    for again in (message, message.replace(b"</e:Header>", b"\n</e:Header>")):
        heard = post(deployment, again)
        assert (heard.status, heard.code, heard.reached_cloudstack) == (
            500,
            "Client.InvalidSecurity",
            False,
        )
        assert "sent before" in heard.text


def test_signatures_are_forgotten_when_they_are_stale(
    deployment: Deployment, alice: Signer
) -> None:
    """What is kept against replays does not grow for ever."""
    now = [deployment.clock.seconds()]
    verifier = Verifier(deployment.bridge.certificates, lambda: now[0])
    for _ in range(3):
        verifier.identify(messages.parse_message(alice.message()))
    now[0] += WINDOW + 1
    verifier.identify(
        messages.parse_message(replace(alice, age=timedelta(seconds=-WINDOW)).message())
    )
    assert len(verifier._seen) == len(verifier._expiries) == 1


def test_two_security_headers_are_refused(deployment: Deployment, alice: Signer) -> None:
    """It must be clear which header is looked at."""
    other = '<o:Security xmlns:o="{}"/>'.format(
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    )
    code, text = refusal(deployment, alice, header=other)
    assert (code, text) == (
        "Client.InvalidSecurity",
        "The message has 2 Security headers, not one",
    )


@pytest.mark.parametrize(
    "otherwise",
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
    deployment: Deployment, alice: Signer, otherwise: dict[str, object]
) -> None:
    """Only one X.509 token, exclusive canonicalisation, RSA, and references within the message."""
    given = dict(otherwise)
    malformed = given.pop("broken", False)
    # The registered certificate under another type is itself still, and is taken for what it is.
    if given.get("token_type"):
        given["certificate"] = self_signed("stranger").certificate
    code, _ = refusal(deployment, alice, **given)
    assert code == ("Client.MalformedMessage" if malformed else "Client.InvalidSecurity")


@pytest.mark.parametrize("token", ["", "AAAA", "!!", "bm90IGEgY2VydGlmaWNhdGU="])
def test_a_token_that_is_no_certificate_is_refused(
    deployment: Deployment, alice: Signer, token: str
) -> None:
    """What stands in the token must be a certificate before anything else is looked at."""
    document = alice.message().decode()
    start = document.index(">", document.index("BinarySecurityToken")) + 1
    end = document.index("</o:BinarySecurityToken>")
    heard = post(deployment, (document[:start] + token + document[end:]).encode())
    assert (heard.status, heard.code, heard.reached_cloudstack) == (
        500,
        "Client.InvalidSecurity",
        False,
    )
    assert "not an X.509 v3 certificate" in heard.text


def test_comments_do_not_cut_a_signed_text(deployment: Deployment, alice: Signer) -> None:
    """Comments are not signed: one put into an id must not make another id of it."""
    volume = (
        '<DeleteVolume xmlns="http://ec2.amazonaws.com/doc/2010-11-15/">'
        "<volumeId>no-such-volume</volumeId></DeleteVolume>"
    )
    cut = {"no-such-volume": "no-such<!-- -->-volume"}
    heard = post(deployment, replace(alice, changes=cut).message(volume))
    assert heard.code == "Client.InvalidVolumeID.Malformed"
    assert "no-such-volume" in heard.text


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
    deployment: Deployment, alice: Signer, declaration: str
) -> None:
    """A DTD has no place in a message; nothing is fetched, nothing is expanded."""
    for message in (alice.message(), alice.message().replace(b"Set/>", b"Set>&more;</x>")):
        heard = post(deployment, declaration.encode() + message)
        assert (heard.status, heard.code, heard.reached_cloudstack) == (
            500,
            "Client.MalformedMessage",
            False,
        )


def test_deep_documents_are_refused(deployment: Deployment) -> None:
    """A document of ten thousand elements inside one another is refused, and breaks nothing."""
    heard = post(deployment, b"<a>" * 10_000 + b"</a>" * 10_000)
    assert (heard.status, heard.code) == (500, "Client.MalformedMessage")


def _conversation(deployment: Deployment, chunks: Iterator[bytes]) -> tuple[bytes, float]:
    """What the bridge says to a client that goes on and on, and after how many seconds."""
    url = urlsplit(deployment.ec2_url)
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: text/xml\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    started = time.monotonic()
    with socket.create_connection((str(url.hostname), url.port or 80), 10) as connection:
        connection.sendall(head.encode())
        heard = b""
        try:
            for chunk in chunks:
                connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        except OSError:
            pass  # the bridge has heard enough
        connection.settimeout(10)
        try:
            while piece := connection.recv(65536):
                heard += piece
        except ConnectionError:
            pass
    return heard, time.monotonic() - started


def test_a_document_that_never_ends_is_refused(deployment: Deployment) -> None:
    """More than a megabyte is refused while it still comes, however much more would follow."""

    def endless() -> Iterator[bytes]:
        yield f'<e:Envelope xmlns:e="{ENV}">'.encode()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            yield b" " * 65536

    heard, seconds = _conversation(deployment, endless())
    assert b"HTTP/1.1 500" in heard
    assert b"Client.RequestTooLarge" in heard
    assert seconds < 5


def test_a_document_that_drips_is_refused(deployment: Deployment) -> None:
    """A byte now and then does not hold the bridge for ever."""

    def dripping() -> Iterator[bytes]:
        yield b"<e:Envelope"
        end = time.monotonic() + 2
        while time.monotonic() < end:
            yield b" "
            time.sleep(0.05)  # the slowness is what the test is about

    heard, seconds = _conversation(deployment, dripping())
    assert b"HTTP/1.1 500" in heard
    assert b"Client.RequestTimeout" in heard
    assert seconds < 5


def test_three_hundred_messages_a_second(deployment: Deployment, alice: Signer) -> None:
    """Reading and verifying a signed message takes less than three milliseconds."""
    signed = [alice.message() for _ in range(100)]
    verifier = Verifier(deployment.bridge.certificates, deployment.clock.seconds)
    verifier.identify(messages.parse_message(alice.message()))
    started = time.process_time()
    for message in signed:
        verifier.identify(messages.parse_message(message))
    assert 100 / (time.process_time() - started) > 300
