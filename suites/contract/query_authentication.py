"""Authentication of Query requests, by signature version 2 or 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fixtures.model import Level, Requirement, Row
from fixtures.model.documentation import USER_SETUP

SIGNING = "Amazon EC2 API 2010-11-15, Query request authentication"
SIGNING_4 = "Amazon, Signature Version 4 signing process"
VERSION_2, VERSION_4 = frozenset({"SignatureVersion2"}), frozenset({"SignatureVersion4"})
CREDENTIALS = USER_SETUP.cite()

BAD_SIGNATURE = frozenset({"SignatureDoesNotMatch", "AuthFailure"})
UNKNOWN_KEY = frozenset({"AuthFailure", "InvalidClientTokenId"})
# Expiry and version are checked as Amazon does; CloudStack's documentation does not mention them.
UNDOCUMENTED = frozenset(
    {
        *("old-timestamp", "future-timestamp", "expired", "wrong-version", "no-version"),
        *("no-SignatureMethod", "no-SignatureVersion", "no-Timestamp"),
    }
)
# Refused for their form: they are signed with the user's key all the same.
HARMLESS = frozenset({"wrong-version", "no-version", "no-SignatureMethod", "no-SignatureVersion"})
EXPIRED = frozenset({"RequestExpired", "InvalidSecurity.RequestHasExpired"})
UNSIGNED = frozenset(
    {"MissingParameter", "MissingAuthenticationToken", "AuthFailure", "IncompleteSignature"}
)
NO_VERSION = frozenset({"NoSuchVersion", "InvalidParameterValue"})

FULLY_TESTED = (
    "DescribeAvailabilityZones",
    "StopInstances",
)  # a read and a change: requests are authenticated before their action is looked at


def query_authentication(row: Row) -> Iterator[Requirement]:
    """The requests that must be refused, and those that must be accepted."""
    for name, text, codes, tampering in REFUSED:
        if row.action in FULLY_TESTED or name in ("unknown-key", "wrong-secret"):
            yield from _rejection(row, name, text, codes, tampering)
    if row.action in FULLY_TESTED:
        yield _replay(row)
        yield from (
            Requirement(
                row.action,
                "authentication",
                name,
                text,
                drivers=("raw",),
                capabilities=_signature_version(tampering),
                source=SIGNING_4 if "signing_version" in tampering else SIGNING,
                tampering=tampering,
            )
            for name, text, tampering in ACCEPTED
        )


REFUSED: tuple[tuple[str, str, frozenset[str], Mapping[str, str]], ...] = (
    (
        "unknown-key",
        "A request with an unknown access key is refused.",
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
        "A request with an unknown Version is refused.",
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
    *(
        (
            f"version-4-{name}",
            f"{text}, under signature version 4, is refused.",
            codes,
            {"signing_version": "4", **tampering},
        )
        for name, text, codes, tampering in (
            (
                "wrong-secret",
                "A request signed with another secret key",
                BAD_SIGNATURE,
                {"secret_key": "not-the-secret-key"},
            ),
            (
                "parameter-added",
                "A parameter added after signing",
                BAD_SIGNATURE,
                {"body_after_signing": "Filter.1.Name=x"},
            ),
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
    ("expires", "A request is accepted before its Expires.", {"expires": "300"}),
    (
        "version-4",
        "A request signed with signature version 4 is accepted.",
        {"signing_version": "4"},
    ),
)


def _signature_version(tampering: Mapping[str, str]) -> frozenset[str]:
    """The signature version that a request is about; none if it can be signed with any."""
    if "signing_version" in tampering:
        return VERSION_4
    of_version_2 = {"expires", "signature_method", "omit"} & tampering.keys()
    return VERSION_2 if of_version_2 and tampering.get("omit") != "Version" else frozenset()


def _rejection(
    row: Row, name: str, text: str, codes: frozenset[str], tampering: Mapping[str, str]
) -> Iterator[Requirement]:
    """A request that must be refused without any call to CloudStack."""
    requirement = Requirement(
        row.action,
        "authentication",
        name,
        text,
        drivers=("raw",),
        capabilities=_signature_version(tampering),
        source=SIGNING_4 if "signing_version" in tampering else SIGNING,
        codes=codes,
        no_calls=True,
        tampering=tampering,
        security=name not in HARMLESS,
    )
    if name in UNDOCUMENTED:
        yield requirement
    else:
        yield from refusal_and_its_form(requirement, CREDENTIALS)


def refusal_and_its_form(requirement: Requirement, documentation: str) -> Iterator[Requirement]:
    """A rejection as two requirements: that the request is refused without any call to CloudStack,
    which the documentation promises, and Amazon's error document and code, which it does not."""
    yield replace(
        requirement, level=Level.MUST, source=documentation, codes=frozenset(), refused=True
    )
    yield replace(
        requirement,
        name=f"{requirement.name}-code",
        text=f"{requirement.text.removesuffix('.')} with an error of Amazon's form and code.",
        no_calls=False,
        security=False,
    )


def _replay(row: Row) -> Requirement:
    return Requirement(
        row.action,
        "authentication",
        "replayed-after-expiry",
        "A request that was accepted is refused when it is sent again after its Expires.",
        drivers=("raw",),
        capabilities=VERSION_2,
        source=SIGNING,
        codes=EXPIRED,
        no_calls=True,
        own_resources=True,
        tampering={"expires": "2"},
        replay_after=3.0,
        security=True,
    )
