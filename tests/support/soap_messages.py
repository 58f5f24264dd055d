"""SOAP messages signed with lxml's canonicalisation and cryptography, independently of zeep."""

from __future__ import annotations

import base64
import hashlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from fixtures.simulator.deployment import Deployment
from tests.support.seeded_users import seeded_user

ENV = "http://schemas.xmlsoap.org/soap/envelope/"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE, WSU = f"{_WSS}-wssecurity-secext-1.0.xsd", f"{_WSS}-wssecurity-utility-1.0.xsd"
DS, EXCLUSIVE = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/10/xml-exc-c14n#"
ALGORITHMS: Mapping[str, tuple[str, str, Any, Any]] = {
    "sha1": (f"{DS}rsa-sha1", f"{DS}sha1", hashes.SHA1(), hashlib.sha1),
    "sha256": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
        hashes.SHA256(),
        hashlib.sha256,
    ),
}
ZONES = (
    '<DescribeAvailabilityZones xmlns="http://ec2.amazonaws.com/doc/2010-11-15/">'
    "<availabilityZoneSet/></DescribeAvailabilityZones>"
)


@dataclass(frozen=True)
class Signer:
    """A private key, a certificate, and how messages are written and signed with them."""

    certificate: str
    private_key: str
    algorithm: str = "sha256"
    age: timedelta = timedelta()
    header: str = ""  # further header blocks
    outside: str = ""  # between Header and Body
    extra: str = ""  # further children of the Security header
    signed: tuple[str, ...] = ("b", "t")
    token_type: str = "X509v3"
    timestamp: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)  # in the finished document

    def message(self, content: str = ZONES) -> bytes:
        """The signed document with this content of the Body."""
        text = (
            f'<e:Envelope xmlns:e="{ENV}" xmlns:u="{WSU}"><e:Header>'
            f'<o:Security xmlns:o="{WSSE}" e:mustUnderstand="1">{self._token()}'
            f"{self.timestamp or self._timestamp()}{self.extra}</o:Security>{self.header}"
            f'</e:Header>{self.outside}<e:Body u:Id="b">{content}</e:Body></e:Envelope>'
        )
        root = etree.fromstring(text)
        root[0][0].append(etree.fromstring(self._signature(root)))
        document = etree.tostring(root).decode()
        for old, new in self.changes.items():
            assert old in document, old
            document = document.replace(old, new)
        return document.encode()

    def _token(self) -> str:
        der = x509.load_pem_x509_certificate(self.certificate.encode()).public_bytes(
            serialization.Encoding.DER
        )
        kind = f"{_WSS}-x509-token-profile-1.0#{self.token_type}"
        return (
            f'<o:BinarySecurityToken u:Id="k" ValueType="{kind}">'
            f"{base64.b64encode(der).decode()}</o:BinarySecurityToken>"
        )

    def _timestamp(self) -> str:
        created = datetime.now(UTC) - self.age
        moment = f"{created:%Y-%m-%dT%H:%M:%S.%fZ}"
        return f'<u:Timestamp u:Id="t"><u:Created>{moment}</u:Created></u:Timestamp>'

    def _signature(self, root: etree._Element) -> str:
        signature, digest, hashing, hasher = ALGORITHMS[self.algorithm]
        references = ""
        for name in self.signed:
            node = root.find(f".//*[@{{{WSU}}}Id='{name}']")
            assert node is not None
            value = base64.b64encode(hasher(_canonical(node)).digest()).decode()
            references += (
                f'<Reference URI="#{name}"><Transforms><Transform Algorithm="{EXCLUSIVE}"/>'
                f'</Transforms><DigestMethod Algorithm="{digest}"/>'
                f"<DigestValue>{value}</DigestValue></Reference>"
            )
        info = (
            f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
            f'<SignatureMethod Algorithm="{signature}"/>{references}</SignedInfo>'
        )
        signature_value = _load_key(self.private_key).sign(
            _canonical(etree.fromstring(info)), padding.PKCS1v15(), hashing
        )
        return (
            f'<Signature xmlns="{DS}">{info}'
            f"<SignatureValue>{base64.b64encode(signature_value).decode()}</SignatureValue>"
            f'<KeyInfo><o:SecurityTokenReference xmlns:o="{WSSE}"><o:Reference URI="#k"/>'
            "</o:SecurityTokenReference></KeyInfo></Signature>"
        )


def _canonical(node: etree._Element) -> bytes:
    return bytes(etree.tostring(node, method="c14n", exclusive=True, with_comments=False))


@cache
def _load_key(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def private_key(bits: int, name: str) -> rsa.RSAPrivateKey:
    """A private key, the same for the same name."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def self_signed(
    name: str,
    not_before: timedelta = timedelta(hours=-1),
    not_after: timedelta = timedelta(days=30),
) -> Signer:
    """A signer with a self-signed certificate, valid between these distances from now."""
    key = private_key(1024, name)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + not_before)
        .not_valid_after(now + not_after)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(certificate.public_bytes(pem).decode(), private.decode())


def signer_of(deployment: Deployment, name: str = "alice") -> Signer:
    """The signer of a seeded user of the deployment."""
    user = seeded_user(deployment, name)
    return Signer(user.certificate, user.private_key)


@dataclass(frozen=True)
class SoapReply:
    """A reply to a SOAP message."""

    status: int
    document: bytes
    reached_cloudstack: bool  # whether the bridge sent a CloudStack call

    @property
    def body(self) -> etree._Element:
        """The element in the Body."""
        root = etree.fromstring(self.document)
        assert root.tag == f"{{{ENV}}}Envelope"
        return root[-1][0]

    @property
    def code(self) -> str:
        """The faultcode, or an empty text."""
        return self.body.findtext("faultcode") or ""

    @property
    def text(self) -> str:
        """The faultstring, or an empty text."""
        return self.body.findtext("faultstring") or ""


def post(deployment: Deployment, document: bytes, path: str = "") -> SoapReply:
    """Send a document as it is."""
    url = urlsplit(deployment.ec2_url)
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=10)
    mark = deployment.management.journal.position()
    try:
        connection.request("POST", path or url.path, document, {"Content-Type": "text/xml"})
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    return SoapReply(response.status, content, bool(deployment.management.journal.since(mark)))


def refusal(deployment: Deployment, signer: Signer, **changes: Any) -> tuple[str, str]:
    """The faultcode and faultstring of a message that must be refused without a CloudStack call."""
    reply = post(deployment, replace(signer, **changes).message())
    assert (reply.status, reply.reached_cloudstack) == (500, False), reply.document
    return reply.code, reply.text
