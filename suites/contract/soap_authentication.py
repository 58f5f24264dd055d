"""Who may ask over SOAP, and how a message proves it: by WS-Security with an X.509 certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Level, Requirement, Row
from fixtures.wsdl import VERSIONS
from suites.contract.query_authentication import CREDENTIALS, FULLY_TESTED

SIGNING = "Amazon EC2 API 2010-11-15, SOAP request authentication; WS-Security 1.0"
SOAP = "SOAP 1.1: no document type declaration, and no processing for ever"

# What Amazon and WS-Security call a message that proves nothing, and what bridges of CloudStack do
# (`Blocked`, of a certificate that nobody registered); the documentation leaves it open.
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
    *("Client", "Sender"),  # SOAP's own words for a message that cannot be read
}
AT_ONCE = 0.01  # seconds until the same message comes again

RejectedMessage = tuple[str, str, frozenset[str]]  # the attack, in words, codes

ON_EVERY_ACTION: tuple[RejectedMessage, ...] = (
    ("no-security", "A message without a Security header is refused.", UNPROVEN_CALLER),
    (
        "unknown-certificate",
        "A message signed with a certificate that nobody registered is refused.",
        UNKNOWN_CALLER,
    ),
)
FORGED: tuple[RejectedMessage, ...] = (
    ("no-signature", "A message without a signature is refused.", UNPROVEN_CALLER),
    ("unsigned-body", "A message whose Body is not signed is refused.", UNPROVEN_CALLER),
    ("changed-body", "A message whose Body was changed after signing is refused.", UNPROVEN_CALLER),
    (
        "wrapped-body",
        "A message is refused if the signed Body was moved aside and another stands in its place.",
        UNPROVEN_CALLER,
    ),
    (
        "doubled-id",
        "A message is refused if another Body bears the id of the signed one.",
        UNPROVEN_CALLER,
    ),
)
UNSOUND: tuple[RejectedMessage, ...] = (
    ("garbage-token", "A token that is no certificate is refused.", UNPROVEN_CALLER),
    ("two-headers", "A message with two Security headers is refused.", UNPROVEN_CALLER),
    ("no-timestamp", "A message without a Timestamp is refused.", STALE),
    ("unsigned-timestamp", "A message whose Timestamp is not signed is refused.", STALE),
    ("old-timestamp", "A message of an hour ago is refused.", STALE),
    ("future-timestamp", "A message dated an hour ahead is refused.", STALE),
)
UNREADABLE: tuple[RejectedMessage, ...] = (
    ("dtd", "A message with a document type declaration is refused.", MALFORMED),
    ("entity", "A message with an entity of its own making is refused.", MALFORMED),
    ("oversized", "A message that goes on for 4 MiB after its end is refused.", MALFORMED),
)


def soap_authentication(row: Row) -> Iterator[Requirement]:
    """What every action refuses, and, for a read and a change, all that is refused or accepted."""
    for refused in ON_EVERY_ACTION:
        yield _refused(row, refused, Level.MUST, CREDENTIALS)
    if row.action not in FULLY_TESTED:
        return
    for refused in FORGED:
        yield _refused(row, refused, Level.MUST, CREDENTIALS)
    for refused in UNSOUND:
        yield _refused(row, refused, Level.SHOULD, SIGNING)
    for refused in UNREADABLE:
        yield _refused(row, refused, Level.SHOULD, SOAP)
    yield _replayed(row)
    yield from _accepted(row)


def _refused(row: Row, refused: RejectedMessage, level: Level, source: str) -> Requirement:
    attack, text, codes = refused
    return Requirement(
        row.action,
        "authentication",
        attack,
        text,
        level=level,
        drivers=("soap",),
        source=source,
        codes=codes,
        silent=True,
        tampering={"attack": attack},
    )


def _replayed(row: Row) -> Requirement:
    return Requirement(
        row.action,
        "authentication",
        "replayed",
        "A message that was carried out is refused when the very same comes again.",
        drivers=("soap",),
        source=SIGNING,
        codes=STALE,
        silent=True,
        own=True,
        replay_after=AT_ONCE,
    )


def _accepted(row: Row) -> Iterator[Requirement]:
    def accepted(
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
        yield accepted(method, text, {"signature": method})
    for version in VERSIONS:
        text = f"A message in the words of {version} is carried out, and answered in them."
        yield accepted(f"version-{version}", text, {"version": version}, "both_versions")
