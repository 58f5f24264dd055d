"""S3: signatures of versions 2 and 4 in the Authorization header; bucket names in the host."""

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
    refusal_and_its_form,
    request,
)

WRONG = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
SKEWED = "RequestTimeTooSkewed"
FORGED = "SignatureDoesNotMatch"

# Requests that must not act as the user: the defect in words, what the client does wrong, codes.
BY_HEADER: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "wrong-secret": ("signed with another secret key", {"secret_key": "wrong"}, (FORGED,)),
    "wrong-signature": ("with a made-up signature", {"signature": WRONG}, (FORGED,)),
    "empty-signature": (
        "without a signature after the access key",
        {"signature": ""},
        (FORGED, "InvalidArgument"),
    ),
    "unknown-access-key": (
        "with an unknown access key",
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
    "old-date": ("dated an hour ago", {"date": "-3600"}, (SKEWED,)),
    "future-date": ("dated an hour ahead", {"date": "3600"}, (SKEWED,)),
    "no-date": (
        "without a date",
        {"omit": "Date"},
        ("AccessDenied", "MissingSecurityHeader"),
    ),
    "no-such-date": (
        "with a Date that is not a date",
        {"date": "yesterday"},
        ("AccessDenied", FORGED, SKEWED),
    ),
    "not-amazons": (
        "with HTTP Basic authentication",
        {"authorization": "Basic YTpi"},
        ("InvalidArgument", "AccessDenied"),
    ),
    "no-colon": (
        "with an Authorization without a signature",
        {"authorization": "AWS nothing"},
        ("InvalidArgument", "AccessDenied"),
    ),
    "other-algorithm": (
        "with an unknown signature algorithm",
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
        "A version 2 signature over the endpoint's path, bucket and key is accepted.",
        get().signed_with("v2").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        level=Level.MUST,
        capabilities=frozenset({"s3-signed-path-full"}),
    ),
    checks_signature(
        "GetObject",
        "v2-short-path",
        "A version 2 signature over /bucket/key is accepted.",
        get().tampered_with(signed_path="short").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
        capabilities=frozenset({"s3-signed-path-bucket"}),
    ),
    checks_signature(
        "GetObject",
        "v2-clock-a-little-off",
        "A request of a clock that is ten minutes slow is accepted.",
        get().tampered_with(date="-600").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
    checks_signature(
        "GetObject",
        "v2-amz-date",
        "x-amz-date can replace Date.",
        get().tampered_with(headers="x-amz-date: {now}").returns(LETTER),
        setup=(head().save(now="<date>"),),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
    checks_signature(
        "PutObject",
        "v2-all-signed",
        "A request with every header that version 2 signs is accepted.",
        put(ContentType="text/plain", Metadata={"b": "2", "a": "1"}, ACL="private").signed_with(
            "v2"
        ),
        verify=(get().returns(LETTER),),
    ),
    checks_signature(
        "ListObjects",
        "v2-sub-resources",
        "Version 2 signs sub-resources and no other query parameters.",
        request("ListObjectVersions", Prefix="let", MaxKeys=5).signed_with("v2"),
        request("GetBucketAcl").signed_with("v2"),
        request("ListObjects", Prefix="let").signed_with("v2"),
        shared_bucket=LETTER_BUCKET,
        capabilities={"s3-acl", "s3-versioning"},
    ),
    checks_signature(
        "GetObject",
        "v2-odd-key",
        "Version 2 signs the key as it is percent-encoded.",
        get("Grüße & mehr/100%+1?").signed_with("v2").returns("hi"),
        setup=(put("Grüße & mehr/100%+1?", "hi"),),
    ),
    *refusal_and_its_form(
        checks_signature(
            "GetObject",
            "anonymous",
            "An unsigned request cannot read a private object.",
            must_fail(get().by(ANONYMOUS), "AccessDenied"),
            shared_bucket=LETTER_BUCKET,
        )
    ),
    *refusal_and_its_form(
        checks_signature(
            "PutObject",
            "anonymous",
            "An unsigned request cannot write an object.",
            must_fail(put("letter", "forged").by(ANONYMOUS), "AccessDenied"),
            setup=(put(),),
            verify=(get().returns(LETTER),),
        )
    ),
    *refusal_and_its_form(
        checks_signature(
            "DeleteObject",
            "anonymous",
            "An unsigned request cannot delete an object.",
            must_fail(delete().by(ANONYMOUS), "AccessDenied"),
            setup=(put(),),
            verify=(get().returns(LETTER),),
        )
    ),
)

V4 = Cases(frozenset({"s3-v4"}))
V4_BROKEN: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "wrong-secret": ("signed with another secret key", {"secret_key": "wrong"}, (FORGED,)),
    "wrong-signature": ("with a made-up signature", {"signature": "0" * 64}, (FORGED,)),
    "unknown-access-key": (
        "with an unknown access key",
        {"access_key": "AKNOBODY"},
        ("InvalidAccessKeyId",),
    ),
    "changed-body": (
        "whose data were changed after it was signed",
        {"late_body": "changed"},
        ("XAmzContentSHA256Mismatch", "BadDigest"),
    ),
    "wrong-digest": (
        "whose signed digest is of other data",
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
    "unsigned-acl": (
        "with an x-amz-acl that its signature leaves out",
        {"late_headers": "x-amz-acl: public-read"},
        ("AccessDenied", FORGED),
    ),
    "unsigned-metadata": (
        "with an x-amz-meta- header that its signature leaves out",
        {"late_headers": "x-amz-meta-colour: red"},
        ("AccessDenied", FORGED),
    ),
    "unsigned-date": (
        "whose x-amz-date its signature leaves out",
        {"unsigned": "x-amz-date"},
        ("AccessDenied", FORGED),
    ),
    "unsigned-digest": (
        "whose x-amz-content-sha256 its signature leaves out",
        {"unsigned": "x-amz-content-sha256"},
        ("AccessDenied", FORGED),
    ),
    "unsigned-host": (
        "whose Host its signature leaves out",
        {"unsigned": "host"},
        ("AccessDenied", FORGED, "AuthorizationHeaderMalformed"),
    ),
    "old-date": ("dated an hour ago", {"date": "-3600"}, (SKEWED,)),
    "future-date": ("dated an hour ahead", {"date": "3600"}, (SKEWED,)),
    "other-service": (
        "signed for another service",
        {"service": "ec2"},
        ("AuthorizationHeaderMalformed", FORGED),
    ),
    "malformed": (
        "with an incomplete Authorization header",
        {"authorization": "AWS4-HMAC-SHA256 Credential=nothing"},
        ("AuthorizationHeaderMalformed", "InvalidArgument", "AccessDenied"),
    ),
}


def _v4() -> Iterator[ProcedureRequirement]:
    yield V4.checks_signature(
        "GetObject",
        "v4",
        "A GET with a version 4 signature is accepted.",
        get().signed_with("v4").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
    )
    yield V4.checks_signature(
        "PutObject",
        "v4",
        "A PUT with a version 4 signature is accepted.",
        put(Metadata={"a": "1"}).signed_with("v4"),
        verify=(get().returns(LETTER),),
    )
    yield V4.checks_signature(
        "PutObject",
        "v4-unsigned-payload",
        "A version 4 signature can leave the payload unsigned.",
        put().signed_with("v4").tampered_with(payload="UNSIGNED-PAYLOAD"),
        verify=(get().returns(LETTER),),
        drivers=RAW,
    )


def _v4_encoding() -> Iterator[ProcedureRequirement]:
    yield V4.checks_signature(
        "ListObjects",
        "v4-query",
        "A version 4 signature over all query parameters is accepted.",
        list_keys("letter", Prefix="let", Delimiter="/", MaxKeys=5).signed_with("v4"),
        shared_bucket=LETTER_BUCKET,
    )
    yield V4.checks_signature(
        "GetObject",
        "v4-odd-key",
        "Version 4 signs the key as it is percent-encoded.",
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
        "The host name can name the bucket in place of the path.",
        get().tampered_with(host="bucket").returns(LETTER),
        shared_bucket=LETTER_BUCKET,
    ),
    VIRTUAL_HOST.answers(
        "ListObjects",
        "virtual-host",
        "The path / of a bucket's host is the list of its keys.",
        list_keys("letter").tampered_with(host="bucket"),
        shared_bucket=LETTER_BUCKET,
    ),
    VIRTUAL_HOST.answers(
        "PutObject",
        "virtual-host",
        "An object can be put to the host of its bucket.",
        put().tampered_with(host="bucket"),
        verify=(get().returns(LETTER),),
    ),
    VIRTUAL_HOST.answers(
        "CreateBucket",
        "virtual-host",
        "A bucket can be created by its host.",
        create_bucket().tampered_with(host="bucket"),
        verify=(list_keys(),),
        without_bucket=True,
    ),
    VIRTUAL_HOST.answers(
        "DeleteBucket",
        "virtual-host",
        "A bucket can be deleted by its host.",
        request("DeleteBucket").tampered_with(host="bucket").with_status(204),
        verify=(must_fail(request("HeadBucket"), "NoSuchBucket"),),
    ),
    VIRTUAL_HOST.checks_signature(
        "GetObject",
        "virtual-host-wrong-secret",
        "A request to a bucket's host that is signed with another secret key is refused.",
        must_fail(get().tampered_with(host="bucket", secret_key="wrong"), FORGED),
        shared_bucket=LETTER_BUCKET,
    ),
)


class TestSignatures(S3Suite):
    """Signatures in headers, and bucket names in the host."""

    requirements = (*GOOD, *_by_header(), *_v4(), *_v4_encoding(), *_v4_broken(), *HOSTS)
