"""Who may ask over the Query API, and how a request proves it: by Signature Version 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Level, Requirement, Row

SIGNING = "Amazon EC2 API 2010-11-15, Query request authentication"
CREDENTIALS = "CloudStack documentation, AWS API用户安装"

BAD_SIGNATURE = frozenset({"SignatureDoesNotMatch", "AuthFailure"})
UNKNOWN_KEY = frozenset({"AuthFailure", "InvalidClientTokenId"})
EXPIRED = frozenset({"RequestExpired", "InvalidSecurity.RequestHasExpired"})
UNSIGNED = frozenset(
    {"MissingParameter", "MissingAuthenticationToken", "AuthFailure", "IncompleteSignature"}
)
NO_VERSION = frozenset({"NoSuchVersion", "InvalidParameterValue"})

FULLY_TESTED = (
    "DescribeAvailabilityZones",
    "StopInstances",
)  # a read and a change: the check comes before the action


def query_authentication(row: Row) -> Iterator[Requirement]:
    """Who may ask, and how the request proves it."""
    for name, text, codes, tampering in REFUSED:
        if row.action in FULLY_TESTED or name in ("unknown-key", "wrong-secret"):
            yield _refused(row, name, text, codes, tampering)
    if row.action in FULLY_TESTED:
        yield _replayed(row)
        yield from (
            Requirement(
                row.action,
                "authentication",
                name,
                text,
                drivers=("raw",),
                source=SIGNING,
                tampering=tampering,
            )
            for name, text, tampering in ACCEPTED
        )


REFUSED: tuple[tuple[str, str, frozenset[str], Mapping[str, str]], ...] = (
    (
        "unknown-key",
        "An access key that nobody registered is refused.",
        UNKNOWN_KEY,
        {"access_key": "AKUNREGISTERED"},
    ),
    (
        "wrong-secret",
        "A request signed with another secret key is refused.",
        BAD_SIGNATURE,
        {"secret_key": "not-the-secret-key"},
    ),
    (
        "made-up-signature",
        "A made-up signature is refused.",
        BAD_SIGNATURE,
        {"signature": "c2lnbmF0dXJlIG9mIG5vYm9keQ=="},
    ),
    (
        "body-changed",
        "A parameter changed after signing is refused.",
        BAD_SIGNATURE,
        {"body_after_signing": "Timestamp=5"},
    ),
    (
        "parameter-added",
        "A parameter added after signing is refused.",
        BAD_SIGNATURE,
        {"body_after_signing": "Filter.1.Name=x"},
    ),
    ("old-timestamp", "A request signed an hour ago is refused.", EXPIRED, {"timestamp": "-3600"}),
    (
        "future-timestamp",
        "A request signed for an hour ahead is refused.",
        EXPIRED,
        {"timestamp": "3600"},
    ),
    ("expired", "A request past its Expires is refused.", EXPIRED, {"expires": "-60"}),
    (
        "wrong-version",
        "A version that does not exist is refused.",
        NO_VERSION,
        {"version": "1999-01-01"},
    ),
    (
        "no-version",
        "A request without Version is refused.",
        UNSIGNED | NO_VERSION,
        {"omit": "Version"},
    ),
    *(
        (
            f"no-{name}",
            f"A request without {name} is refused.",
            UNSIGNED | BAD_SIGNATURE,
            {"omit": name},
        )
        for name in (
            "AWSAccessKeyId",
            "Signature",
            "SignatureMethod",
            "SignatureVersion",
            "Timestamp",
        )
    ),
)

ACCEPTED: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("hmac-sha1", "A request signed with HmacSHA1 is accepted.", {"signature_method": "HmacSHA1"}),
    (
        "hmac-sha256",
        "A request signed with HmacSHA256 is accepted.",
        {"signature_method": "HmacSHA256"},
    ),
    ("get", "A request sent by GET is accepted.", {"verb": "GET"}),
    ("post", "A request sent by POST is accepted.", {"verb": "POST"}),
    ("expires", "A request that says when it expires is accepted before.", {"expires": "300"}),
)


def _refused(
    row: Row, name: str, text: str, codes: frozenset[str], tampering: Mapping[str, str]
) -> Requirement:
    """A request that must be refused before CloudStack hears of it."""
    return Requirement(
        row.action,
        "authentication",
        name,
        text,
        level=Level.MUST,
        drivers=("raw",),
        source=CREDENTIALS,
        codes=codes,
        silent=True,
        tampering=tampering,
    )


def _replayed(row: Row) -> Requirement:
    return Requirement(
        row.action,
        "authentication",
        "replayed-after-expiry",
        "A request that was good once is refused when it is sent again after it expired.",
        drivers=("raw",),
        source=SIGNING,
        codes=EXPIRED,
        silent=True,
        own=True,
        tampering={"expires": "2"},
        replay_after=3.0,
    )
