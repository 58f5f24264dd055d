"""S3: who signed a request, by header or beforehand, with version 2 or 4; and bucket names as
hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Level, ProcedureRequirement
from suites.s3 import (
    DESK,
    LETTER,
    RAW,
    Stories,
    ask,
    create,
    delete,
    get,
    head,
    keys,
    put,
    refused,
    signs,
    tells,
)

WRONG = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
SKEWED = "RequestTimeTooSkewed"
FORGED = "SignatureDoesNotMatch"

# What a request looks like that is not the user's: how it is done wrong, and the codes.
BY_HEADER: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "wrong-secret": ("signed with another key", {"secret_key": "wrong"}, (FORGED,)),
    "wrong-signature": ("with a signature of nothing", {"signature": WRONG}, (FORGED,)),
    "empty-signature": (
        "without a signature after the access key",
        {"signature": ""},
        (FORGED, "InvalidArgument"),
    ),
    "unknown-access-key": (
        "of an access key that nobody has",
        {"access_key": "AKNOBODY"},
        ("InvalidAccessKeyId",),
    ),
    "changed-header": (
        "whose x-amz-meta-colour was changed after it was signed",
        {"headers": "x-amz-meta-colour: blue", "late_headers": "x-amz-meta-colour: red"},
        (FORGED,),
    ),
    "added-header": (
        "to which an x-amz- header was added after it was signed",
        {"late_headers": "x-amz-acl: public-read"},
        (FORGED,),
    ),
    "added-subresource": (
        "to which a sub-resource was added after it was signed",
        {"late_query": "acl"},
        (FORGED,),
    ),
    "changed-type": (
        "whose Content-Type was changed after it was signed",
        {"headers": "Content-Type: text/plain", "late_headers": "Content-Type: text/html"},
        (FORGED,),
    ),
    "changed-date": (
        "whose Date was changed after it was signed",
        {"date": "-30", "late_headers": "Date: Sat, 05 May 2012 10:00:00 GMT"},
        (FORGED, SKEWED, "AccessDenied"),
    ),
    "old-date": ("made an hour ago", {"date": "-3600"}, (SKEWED,)),
    "future-date": ("made in an hour", {"date": "3600"}, (SKEWED,)),
    "no-date": (
        "without a date",
        {"omit": "Date"},
        ("AccessDenied", "MissingSecurityHeader"),
    ),
    "no-such-date": (
        "with a date that is none",
        {"date": "yesterday"},
        ("AccessDenied", FORGED, SKEWED),
    ),
    "not-amazons": (
        "with an Authorization that is not Amazon's",
        {"authorization": "Basic YTpi"},
        ("InvalidArgument", "AccessDenied"),
    ),
    "no-colon": (
        "with an Authorization without a signature",
        {"authorization": "AWS nothing"},
        ("InvalidArgument", "AccessDenied"),
    ),
    "other-algorithm": (
        "with an algorithm that there is not",
        {"authorization": "AWS9-HMAC-MD5 Credential=a/b/c/d/e, SignedHeaders=a, Signature=b"},
        ("InvalidArgument", "AccessDenied"),
    ),
}


def _by_header() -> Iterator[ProcedureRequirement]:
    for name, (what, tampering, codes) in BY_HEADER.items():
        step = put("letter", "forged") if "Content-Type" in str(tampering) else put("letter", "x")
        if name == "changed-header":
            step = put("letter", "forged")
        yield signs(
            "PutObject",
            f"v2-{name}",
            f"A request {what} is refused.",
            refused(step.tampered(**tampering), *codes),
            given=(put(),),
            then=(get().gives(LETTER),),
            drivers=RAW,
        )


GOOD = (
    signs(
        "GetObject",
        "v2-documented",
        "A request signed with version 2, the endpoint's path included, is the user's.",
        get().signed("v2").gives(LETTER),
        shelf=DESK,
        level=Level.MUST,
    ),
    signs(
        "GetObject",
        "v2-short-path",
        "A request signed with version 2 for /bucket/key is the user's, too.",
        get().tampered(signed_path="short").gives(LETTER),
        shelf=DESK,
        drivers=RAW,
    ),
    signs(
        "GetObject",
        "v2-clock-a-little-off",
        "A clock may be ten minutes slow.",
        get().tampered(date="-600").gives(LETTER),
        shelf=DESK,
        drivers=RAW,
    ),
    signs(
        "GetObject",
        "v2-amz-date",
        "x-amz-date takes the place of Date.",
        get().tampered(headers="x-amz-date: {now}").gives(LETTER),
        given=(head().saving(now="<date>"),),
        shelf=DESK,
        drivers=RAW,
    ),
    signs(
        "PutObject",
        "v2-all-signed",
        "Everything that version 2 signs may be there at once.",
        put(ContentType="text/plain", Metadata={"b": "2", "a": "1"}, ACL="private").signed("v2"),
        then=(get().gives(LETTER),),
    ),
    signs(
        "ListObjects",
        "v2-sub-resources",
        "Sub-resources are signed, other parameters are not.",
        ask("ListObjectVersions", Prefix="let", MaxKeys=5).signed("v2"),
        ask("GetBucketAcl").signed("v2"),
        ask("ListObjects", Prefix="let").signed("v2"),
        shelf=DESK,
        capabilities={"s3-acl", "s3-versioning"},
    ),
    signs(
        "GetObject",
        "v2-odd-key",
        "A key is signed as it is percent-encoded.",
        get("Grüße & mehr/100%+1?").signed("v2").gives("hi"),
        given=(put("Grüße & mehr/100%+1?", "hi"),),
    ),
    signs(
        "GetObject",
        "anonymous",
        "Who does not sign is nobody, and reads nothing that is private.",
        refused(get().by("nobody"), "AccessDenied"),
        shelf=DESK,
        level=Level.MUST,
    ),
    signs(
        "PutObject",
        "anonymous",
        "Who does not sign is nobody, and writes nothing.",
        refused(put("letter", "forged").by("nobody"), "AccessDenied"),
        given=(put(),),
        then=(get().gives(LETTER),),
        level=Level.MUST,
    ),
    signs(
        "DeleteObject",
        "anonymous",
        "Who does not sign is nobody, and removes nothing.",
        refused(delete().by("nobody"), "AccessDenied"),
        given=(put(),),
        then=(get().gives(LETTER),),
        level=Level.MUST,
    ),
)

V4 = {"s3-v4"}
V4_BROKEN: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "wrong-secret": ("signed with another key", {"secret_key": "wrong"}, (FORGED,)),
    "wrong-signature": ("with a signature of nothing", {"signature": "0" * 64}, (FORGED,)),
    "unknown-access-key": (
        "of an access key that nobody has",
        {"access_key": "AKNOBODY"},
        ("InvalidAccessKeyId",),
    ),
    "changed-body": (
        "whose data were changed after it was signed",
        {"late_body": "changed"},
        ("XAmzContentSHA256Mismatch", "BadDigest"),
    ),
    "wrong-digest": (
        "whose digest is of other data",
        {"payload": "0" * 64},
        ("XAmzContentSHA256Mismatch", "BadDigest"),
    ),
    "changed-header": (
        "one of whose signed headers was changed",
        {"headers": "x-amz-meta-colour: blue", "late_headers": "x-amz-meta-colour: red"},
        (FORGED,),
    ),
    "added-query": (
        "to which a parameter was added after it was signed",
        {"late_query": "acl"},
        (FORGED,),
    ),
    "old-date": ("made an hour ago", {"date": "-3600"}, (SKEWED,)),
    "future-date": ("made in an hour", {"date": "3600"}, (SKEWED,)),
    "other-service": (
        "signed for another service",
        {"service": "ec2"},
        ("AuthorizationHeaderMalformed", FORGED),
    ),
    "malformed": (
        "with an Authorization in parts",
        {"authorization": "AWS4-HMAC-SHA256 Credential=nothing"},
        ("AuthorizationHeaderMalformed", "InvalidArgument", "AccessDenied"),
    ),
}


def _v4() -> Iterator[ProcedureRequirement]:
    yield signs(
        "GetObject",
        "v4",
        "A request signed with version 4 is the user's.",
        get().signed("v4").gives(LETTER),
        shelf=DESK,
        capabilities=V4,
    )
    yield signs(
        "PutObject",
        "v4",
        "An object may be put by a request signed with version 4.",
        put(Metadata={"a": "1"}).signed("v4"),
        then=(get().gives(LETTER),),
        capabilities=V4,
    )
    yield signs(
        "PutObject",
        "v4-unsigned-payload",
        "Version 4 may leave the data out of what is signed.",
        put().signed("v4").tampered(payload="UNSIGNED-PAYLOAD"),
        then=(get().gives(LETTER),),
        capabilities=V4,
        drivers=RAW,
    )


def _v4_spelled() -> Iterator[ProcedureRequirement]:
    yield signs(
        "ListObjects",
        "v4-query",
        "Version 4 signs every parameter.",
        keys("letter", Prefix="let", Delimiter="/", MaxKeys=5).signed("v4"),
        shelf=DESK,
        capabilities=V4,
    )
    yield signs(
        "GetObject",
        "v4-odd-key",
        "Version 4 signs a key as it is percent-encoded.",
        get("Grüße & mehr/100%+1?").signed("v4").gives("hi"),
        given=(put("Grüße & mehr/100%+1?", "hi"),),
        capabilities=V4,
    )


def _v4_broken() -> Iterator[ProcedureRequirement]:
    for name, (what, tampering, codes) in V4_BROKEN.items():
        yield signs(
            "PutObject",
            f"v4-{name}",
            f"A version 4 request {what} is refused.",
            refused(put("letter", "forged").signed("v4").tampered(**tampering), *codes),
            given=(put(),),
            then=(get().gives(LETTER),),
            capabilities=V4,
            drivers=RAW,
        )


HOST = {"s3-virtual-host"}
HOSTS = (
    tells(
        "GetObject",
        "virtual-host",
        "A bucket may be named by the host instead of the path.",
        get().tampered(host="bucket").gives(LETTER),
        shelf=DESK,
        drivers=RAW,
        capabilities=HOST,
    ),
    tells(
        "ListObjects",
        "virtual-host",
        "The path / of a bucket's host is the bucket.",
        keys("letter").tampered(host="bucket"),
        shelf=DESK,
        drivers=RAW,
        capabilities=HOST,
    ),
    tells(
        "PutObject",
        "virtual-host",
        "An object may be put to a bucket's host.",
        put().tampered(host="bucket"),
        then=(get().gives(LETTER),),
        drivers=RAW,
        capabilities=HOST,
    ),
    tells(
        "CreateBucket",
        "virtual-host",
        "A bucket may be made by its host.",
        create().tampered(host="bucket"),
        then=(keys(),),
        bare=True,
        drivers=RAW,
        capabilities=HOST,
    ),
    tells(
        "DeleteBucket",
        "virtual-host",
        "A bucket may be removed by its host.",
        ask("DeleteBucket").tampered(host="bucket").status(204),
        drivers=RAW,
        capabilities=HOST,
    ),
    signs(
        "GetObject",
        "virtual-host-wrong-secret",
        "What is asked of a bucket's host is signed, too.",
        refused(get().tampered(host="bucket", secret_key="wrong"), FORGED),
        shelf=DESK,
        drivers=RAW,
        capabilities=HOST,
    ),
)


class TestSignatures(Stories):
    """Signed by header."""

    told = (*GOOD, *_by_header(), *_v4(), *_v4_spelled(), *_v4_broken(), *HOSTS)
