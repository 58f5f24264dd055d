"""SOAP 1.1 messages: requests, signed with the user's certificate (WS-Security 1.0), and answers.

Body and Timestamp are signed with RSA over SHA-1 under exclusive canonicalisation, as by the
original tools.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from tools.ec2.command_spec import CommandError, Elements, UsageError
from tools.ec2.http import NO_ANSWER, HttpResponse
from tools.ec2.message_format import MessageFormat

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = f"{_OASIS}wssecurity-secext-1.0.xsd", f"{_OASIS}wssecurity-utility-1.0.xsd"
X509 = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
VALID_FOR = timedelta(minutes=5)
MOST_TAGS = 1_000_000  # of an answer

# Characters that XML 1.0 cannot contain.
_INVALID_IN_XML = {*map(chr, range(32))} - {"\t", "\n", "\r"} | {"\ufffe", "\uffff"}


@dataclass(frozen=True, slots=True)
class Signer:
    """The user's certificate and private key."""

    token: str  # the certificate, DER in base64
    key: rsa.RSAPrivateKey


def load_signer(certificate_file: str, key_file: str) -> Signer:
    """The signer of two PEM files; `UsageError` names the file that cannot be used."""
    key = load_private_key(key_file)
    der = _certificate(certificate_file)
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    # A certificate holds its public key in this very encoding.
    if key.public_key().public_bytes(encoding, form) not in der:
        raise UsageError(
            f"the private key '{key_file}' does not belong to the certificate '{certificate_file}'"
        )
    return Signer(base64.b64encode(der).decode(), key)


def _certificate(file: str) -> bytes:
    """The DER of the first certificate in a PEM file, which is not checked further.

    Without `cryptography.x509`, which takes longer to load than a command takes to run.
    """
    match = re.search(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----", _read(file))
    try:
        der = base64.b64decode(b"".join(match[1].split()), validate=True) if match else b""
    except binascii.Error:
        der = b""
    if not der.startswith(b"\x30"):
        raise UsageError(f"'{file}' holds no X.509 certificate in PEM")
    return der


def load_private_key(file: str) -> rsa.RSAPrivateKey:
    """The RSA key of a PEM file; `UsageError` names the file that cannot be used."""
    try:
        # Checking the key's primes would take a fifth of a command's time; with an invalid key,
        # the service refuses the signature.
        key = serialization.load_pem_private_key(
            _read(file), password=None, unsafe_skip_rsa_key_validation=True
        )
    except TypeError as error:
        raise UsageError(f"the private key '{file}' is protected by a password") from error
    except (ValueError, _unsupported()) as error:
        raise UsageError(f"'{file}' holds no RSA private key in PEM") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UsageError(f"'{file}' holds no RSA private key in PEM")
    return key


def signed_envelope(
    action: str, elements: Elements, signer: Signer, message_format: MessageFormat
) -> bytes:
    """The whole request, signed now."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "wsu": WSU})
    security = _sub(_sub(root, SOAP, "Header"), WSSE, "Security", nsmap={"wsse": WSSE})
    security.set(f"{{{SOAP}}}mustUnderstand", str(int(message_format.must_understand)))
    token = _sub(security, WSSE, "BinarySecurityToken", signer.token)
    token.set("EncodingType", BASE64)
    token.set("ValueType", X509)
    token.set(f"{{{WSU}}}Id", token_id := _new_id("token"))
    timestamp = _sub(security, WSU, "Timestamp")
    timestamp.set(f"{{{WSU}}}Id", _new_id("timestamp"))
    now = datetime.now(UTC)
    _sub(timestamp, WSU, "Created", _timestamp(now))
    _sub(timestamp, WSU, "Expires", _timestamp(now + VALID_FOR))
    body = _sub(root, SOAP, "Body")
    body.set(f"{{{WSU}}}Id", _new_id("body"))
    namespace = message_format.namespace
    message = _sub(body, namespace, action, nsmap={None: namespace})
    _write(message, message_format.adapt(action, elements), f"{{{namespace}}}")
    _sign(security, (timestamp, body), signer, token_id)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def request_elements(action: str, message: Elements) -> etree._Element:
    """The request's elements without namespace, as records need them."""
    root = etree.Element(action)
    _write(root, message, "")
    return root


def read_answer(action: str, answer: HttpResponse) -> etree._Element:
    """The answer's element, without namespaces.

    Raises:
        CommandError: with the service's own code for a fault, or Client.UnreadableAnswer.
    """
    root = _parse(answer)
    body = root.find("Body") if root is not None and root.tag == "Envelope" else None
    if body is None:
        if answer.status != 200:
            text = f"Server returned error code = {answer.status}"
            raise CommandError("Client.UnreadableAnswer", text, NO_ANSWER)
        raise CommandError("Client.UnreadableAnswer", "the answer is no SOAP message", NO_ANSWER)
    content = next(body.iterchildren(tag=etree.Element), None)
    if content is not None and content.tag == "Fault":
        code = (content.findtext("faultcode") or "Server").strip().rpartition(":")[2]
        raise CommandError(code, " ".join((content.findtext("faultstring") or "").split()))
    if content is None or content.tag != f"{action}Response":
        name = "an empty Body" if content is None else f"<{content.tag}>"
        raise CommandError("Client.UnreadableAnswer", f"{name} for <{action}Response>", NO_ANSWER)
    returned = content.findtext("return")
    if returned is not None and returned.strip() not in ("true", "1"):
        raise CommandError(
            "Server", f"{action} was not carried out (the answer's return is {returned})"
        )
    return content


def _parse(answer: HttpResponse) -> etree._Element | None:
    """The document without its namespaces; None if it is no XML, has a DTD, or has more than
    `MOST_TAGS` tags, which would take much time and memory."""
    if answer.body.count(b"<") > MOST_TAGS:
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(answer.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    for node in root.iter(tag=etree.Element):
        node.tag = str(node.tag).rpartition("}")[2]
    return root


def _sign(
    security: etree._Element, parts: tuple[etree._Element, ...], signer: Signer, token_id: str
) -> None:
    signature = _sub(security, DS, "Signature", nsmap={"ds": DS})
    info = _sub(signature, DS, "SignedInfo")
    _sub(info, DS, "CanonicalizationMethod").set("Algorithm", EXCLUSIVE)
    _sub(info, DS, "SignatureMethod").set("Algorithm", f"{DS}rsa-sha1")
    for part in parts:
        reference = _sub(info, DS, "Reference")
        reference.set("URI", f"#{part.get(f'{{{WSU}}}Id')}")
        _sub(_sub(reference, DS, "Transforms"), DS, "Transform").set("Algorithm", EXCLUSIVE)
        _sub(reference, DS, "DigestMethod").set("Algorithm", f"{DS}sha1")
        digest = hashlib.sha1(_canonical(part), usedforsecurity=False).digest()
        _sub(reference, DS, "DigestValue", base64.b64encode(digest).decode())
    # The original tools and their servers support nothing better than SHA-1.
    signed = signer.key.sign(_canonical(info), padding.PKCS1v15(), hashes.SHA1())
    _sub(signature, DS, "SignatureValue", base64.b64encode(signed).decode())
    token_reference = _sub(_sub(signature, DS, "KeyInfo"), WSSE, "SecurityTokenReference")
    reference = _sub(token_reference, WSSE, "Reference")
    reference.set("URI", f"#{token_id}")
    reference.set("ValueType", X509)


def _canonical(node: etree._Element) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_tail=False)


def _write(parent: etree._Element, content: Any, namespace: str) -> None:
    """Write plain data as elements; a namespace includes its braces."""
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else (("item", c) for c in content)
        for name, value in pairs:
            if name.startswith("@"):
                parent.set(name[1:], value)
            else:
                _write(etree.SubElement(parent, namespace + name), value, namespace)
    else:
        parent.text = _check_characters(str(content))


def _check_characters(text: str) -> str:
    """The text; `UsageError` if XML cannot contain it."""
    surrogate = any("\ud800" <= character <= "\udfff" for character in text)
    if surrogate or not _INVALID_IN_XML.isdisjoint(text):
        raise UsageError(f"{text!r} has a character that no message can carry")
    return text


def _sub(
    parent: etree._Element,
    namespace: str,
    name: str,
    text: str | None = None,
    nsmap: dict[Any, str] | None = None,
) -> etree._Element:
    node = etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap=nsmap)
    node.text = text
    return node


def _new_id(kind: str) -> str:
    return f"{kind}-{os.urandom(8).hex()}"


def _timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _read(file: str) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            return opened.read(1024 * 1024)  # no key or certificate is larger
    except OSError as error:
        raise UsageError(f"cannot read '{file}': {error.strerror}") from error


def _unsupported() -> type[Exception]:
    from cryptography.exceptions import UnsupportedAlgorithm

    return UnsupportedAlgorithm
