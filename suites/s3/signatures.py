"""S3: who signed a request, by header or beforehand, with version 2 or 4; and bucket names as
hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ANONYMOUS, Level, ProcedureRequirement
from suites.s3.dsl import (
    LETTER,
    LETTER_BUCKET,
    RAW,
    Cases,
    S3Suite,
    checks_signature,
    create_bucket,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    request,
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
        yield checks_signature(
            "PutObject",
            f"v2-{name}",
            f"A request {what} is refused.",
            must_fail(step.tampered_with(**tampering), *codes),
            setup=(put(),),
            verify=(get().returns(LETTER),),
            drivers=RAW,
        )


GOOD = (
    checks_signature(
        "GetObject",
        "v2-documented",
        "A request signed with version 2, the endpoint's path included, is the user's.",
        get().signed_with("v2").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        level=Level.MUST,
    ),
    checks_signature(
        "GetObject",
        "v2-short-path",
        "A request signed with version 2 for /bucket/key is the user's, too.",
        get().tampered_with(signed_path="short").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
    checks_signature(
        "GetObject",
        "v2-clock-a-little-off",
        "A clock may be ten minutes slow.",
        get().tampered_with(date="-600").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
    checks_signature(
        "GetObject",
        "v2-amz-date",
        "x-amz-date takes the place of Date.",
        get().tampered_with(headers="x-amz-date: {now}").returns(LETTER),
        setup=(head().save(now="<date>"),),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
    checks_signature(
        "PutObject",
        "v2-all-signed",
        "Everything that version 2 signs may be there at once.",
        put(ContentType="text/plain", Metadata={"b": "2", "a": "1"}, ACL="private").signed_with(
            "v2"
        ),
        verify=(get().returns(LETTER),),
    ),
    checks_signature(
        "ListObjects",
        "v2-sub-resources",
        "Sub-resources are signed, other parameters are not.",
        request("ListObjectVersions", Prefix="let", MaxKeys=5).signed_with("v2"),
        request("GetBucketAcl").signed_with("v2"),
        request("ListObjects", Prefix="let").signed_with("v2"),
        shared_bucket=LETTER_BUCKET,
        capabilities={"s3-acl", "s3-versioning"},
    ),
    checks_signature(
        "GetObject",
        "v2-odd-key",
        "A key is signed as it is percent-encoded.",
        get("Grüße & mehr/100%+1?").signed_with("v2").returns("hi"),
        setup=(put("Grüße & mehr/100%+1?", "hi"),),
    ),
    checks_signature(
        "GetObject",
        "anonymous",
        "Who does not sign is nobody, and reads nothing that is private.",
        must_fail(get().by(ANONYMOUS), "AccessDenied"),
        shared_bucket=LETTER_BUCKET,
        level=Level.MUST,
    ),
    checks_signature(
        "PutObject",
        "anonymous",
        "Who does not sign is nobody, and writes nothing.",
        must_fail(put("letter", "forged").by(ANONYMOUS), "AccessDenied"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        level=Level.MUST,
    ),
    checks_signature(
        "DeleteObject",
        "anonymous",
        "Who does not sign is nobody, and removes nothing.",
        must_fail(delete().by(ANONYMOUS), "AccessDenied"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        level=Level.MUST,
    ),
)

V4 = Cases(frozenset({"s3-v4"}))
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
    yield V4.checks_signature(
        "GetObject",
        "v4",
        "A request signed with version 4 is the user's.",
        get().signed_with("v4").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
    )
    yield V4.checks_signature(
        "PutObject",
        "v4",
        "An object may be put by a request signed with version 4.",
        put(Metadata={"a": "1"}).signed_with("v4"),
        verify=(get().returns(LETTER),),
    )
    yield V4.checks_signature(
        "PutObject",
        "v4-unsigned-payload",
        "Version 4 may leave the data out of what is signed.",
        put().signed_with("v4").tampered_with(payload="UNSIGNED-PAYLOAD"),
        verify=(get().returns(LETTER),),
        drivers=RAW,
    )


def _v4_spelled() -> Iterator[ProcedureRequirement]:
    yield V4.checks_signature(
        "ListObjects",
        "v4-query",
        "Version 4 signs every parameter.",
        list_keys("letter", Prefix="let", Delimiter="/", MaxKeys=5).signed_with("v4"),
        shared_bucket=LETTER_BUCKET,
    )
    yield V4.checks_signature(
        "GetObject",
        "v4-odd-key",
        "Version 4 signs a key as it is percent-encoded.",
        get("Grüße & mehr/100%+1?").signed_with("v4").returns("hi"),
        setup=(put("Grüße & mehr/100%+1?", "hi"),),
    )


def _v4_broken() -> Iterator[ProcedureRequirement]:
    for name, (what, tampering, codes) in V4_BROKEN.items():
        yield V4.checks_signature(
            "PutObject",
            f"v4-{name}",
            f"A version 4 request {what} is refused.",
            must_fail(put("letter", "forged").signed_with("v4").tampered_with(**tampering), *codes),
            setup=(put(),),
            verify=(get().returns(LETTER),),
            drivers=RAW,
        )


VIRTUAL_HOST = Cases(frozenset({"s3-virtual-host"}), RAW)
HOSTS = (
    VIRTUAL_HOST.answers(
        "GetObject",
        "virtual-host",
        "A bucket may be named by the host instead of the path.",
        get().tampered_with(host="bucket").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
    ),
    VIRTUAL_HOST.answers(
        "ListObjects",
        "virtual-host",
        "The path / of a bucket's host is the bucket.",
        list_keys("letter").tampered_with(host="bucket"),
        shared_bucket=LETTER_BUCKET,
    ),
    VIRTUAL_HOST.answers(
        "PutObject",
        "virtual-host",
        "An object may be put to a bucket's host.",
        put().tampered_with(host="bucket"),
        verify=(get().returns(LETTER),),
    ),
    VIRTUAL_HOST.answers(
        "CreateBucket",
        "virtual-host",
        "A bucket may be made by its host.",
        create_bucket().tampered_with(host="bucket"),
        verify=(list_keys(),),
        without_bucket=True,
    ),
    VIRTUAL_HOST.answers(
        "DeleteBucket",
        "virtual-host",
        "A bucket may be removed by its host.",
        request("DeleteBucket").tampered_with(host="bucket").with_status(204),
    ),
    VIRTUAL_HOST.checks_signature(
        "GetObject",
        "virtual-host-wrong-secret",
        "What is asked of a bucket's host is signed, too.",
        must_fail(get().tampered_with(host="bucket", secret_key="wrong"), FORGED),
        shared_bucket=LETTER_BUCKET,
    ),
)


class TestSignatures(S3Suite):
    """Signed by header."""

    requirements = (*GOOD, *_by_header(), *_v4(), *_v4_spelled(), *_v4_broken(), *HOSTS)
