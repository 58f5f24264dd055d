"""Authentication of SOAP messages, by WS-Security with an X.509 certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Requirement, Row
from fixtures.wsdl import VERSIONS
from suites.contract.query_authentication import CREDENTIALS, FULLY_TESTED, refusal_and_its_form

SIGNING = "Amazon EC2 API 2010-11-15, SOAP request authentication; WS-Security 1.0"
SOAP = "SOAP 1.1: no document type declaration; a message has an end"

# The codes of Amazon and WS-Security for a message of an unknown sender, and those of CloudStack's
# bridges (`Blocked`, for an unknown certificate); the documentation names none.
UNKNOWN_CALLER = frozenset(
    {
        *("AuthFailure", "Blocked", "InvalidSecurity", "UnauthorizedOperation", "OptInRequired"),
        *("FailedAuthentication", "InvalidSecurityToken", "SecurityTokenUnavailable"),
    }
)
UNPROVEN_CALLER = UNKNOWN_CALLER | {
    *("SignatureDoesNotMatch", "FailedCheck", "MissingAuthenticationToken", "MissingParameter"),
    *("UnsupportedSecurityToken", "UnsupportedAlgorithm", "IncompleteSignature"),
}
STALE = UNPROVEN_CALLER | {"InvalidSecurity.RequestHasExpired", "RequestExpired", "MessageExpired"}
MALFORMED = UNPROVEN_CALLER | {
    *("MalformedMessage", "MalformedXML", "InvalidRequest", "RequestTooLarge", "EntityTooLarge"),
    *("Client", "Sender"),  # SOAP's own codes for a malformed message
}
AT_ONCE = 0.01  # seconds until the same message is sent again

RejectedMessage = tuple[str, str, frozenset[str]]  # attack, requirement, codes

ON_EVERY_ACTION: tuple[RejectedMessage, ...] = (
    ("no-security", "A message without a Security header is refused.", UNPROVEN_CALLER),
    (
        "unknown-certificate",
        "A message signed with an unknown certificate is refused.",
        UNKNOWN_CALLER,
    ),
)
FORGED: tuple[RejectedMessage, ...] = (
    ("no-signature", "A message without a signature is refused.", UNPROVEN_CALLER),
    ("unsigned-body", "A message whose Body is not signed is refused.", UNPROVEN_CALLER),
    ("changed-body", "A message whose Body was changed after signing is refused.", UNPROVEN_CALLER),
    (
        "wrapped-body",
        "A message whose signed Body was moved and replaced by another one is refused.",
        UNPROVEN_CALLER,
    ),
    (
        "doubled-id",
        "A message with a second Body that has the id of the signed one is refused.",
        UNPROVEN_CALLER,
    ),
)
UNSOUND: tuple[RejectedMessage, ...] = (
    ("garbage-token", "A message whose token is not a certificate is refused.", UNPROVEN_CALLER),
    ("two-headers", "A message with two Security headers is refused.", UNPROVEN_CALLER),
    ("no-timestamp", "A message without a Timestamp is refused.", STALE),
    ("unsigned-timestamp", "A message whose Timestamp is not signed is refused.", STALE),
    ("old-timestamp", "A message dated an hour ago is refused.", STALE),
    ("future-timestamp", "A message dated an hour ahead is refused.", STALE),
)
UNREADABLE: tuple[RejectedMessage, ...] = (
    ("dtd", "A message with a document type declaration is refused.", MALFORMED),
    ("entity", "A message that declares an XML entity is refused.", MALFORMED),
    ("oversized", "A message with 4 MiB after its end is refused.", MALFORMED),
)


def soap_authentication(row: Row) -> Iterator[Requirement]:
    """The messages that every action must refuse; for a read and a change, all requirements."""
    for message in ON_EVERY_ACTION:
        yield from refusal_and_its_form(_rejection(row, message, SIGNING), CREDENTIALS)
    if row.action not in FULLY_TESTED:
        return
    for message in FORGED:
        yield from refusal_and_its_form(_rejection(row, message, SIGNING), CREDENTIALS)
    for message in UNSOUND:
        yield _rejection(row, message, SIGNING)
    for message in UNREADABLE:
        yield _rejection(row, message, SOAP)
    yield _replay(row)
    yield from _acceptances(row)


def _rejection(row: Row, message: RejectedMessage, source: str) -> Requirement:
    attack, text, codes = message
    return Requirement(
        row.action,
        "authentication",
        attack,
        text,
        drivers=("soap",),
        source=source,
        codes=codes,
        no_calls=True,
        tampering={"attack": attack},
        security=True,
    )


def _replay(row: Row) -> Requirement:
    return Requirement(
        row.action,
        "authentication",
        "replayed",
        "A message that was carried out is refused when it is sent a second time.",
        drivers=("soap",),
        source=SIGNING,
        codes=STALE,
        no_calls=True,
        own_resources=True,
        replay_after=AT_ONCE,
        security=True,
    )


def _acceptances(row: Row) -> Iterator[Requirement]:
    def acceptance(
        name: str, text: str, tampering: Mapping[str, str], *capabilities: str
    ) -> Requirement:
        return Requirement(
            row.action,
            "authentication",
            name,
            text,
            drivers=("soap",),
            capabilities=frozenset(capabilities),
            source=SIGNING,
            tampering=tampering,
        )

    for method in ("rsa-sha1", "rsa-sha256"):
        text = f"A message signed with {method.upper()} is carried out."
        yield acceptance(method, text, {"signature": method})
    text = 'A message whose Security header has mustUnderstand="1" is carried out.'
    yield acceptance("must-understand", text, {"must_understand": "1"}, "mustUnderstand")
    for version in VERSIONS:
        text = f"A message of API version {version} is carried out, with a reply of that version."
        yield acceptance(f"version-{version}", text, {"version": version}, "both_versions")
