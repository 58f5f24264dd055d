"""S3: presigned URLs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ANONYMOUS, ProcedureRequirement
from suites.s3.dsl import (
    LETTER,
    LETTER_BUCKET,
    RAW,
    Cases,
    S3Suite,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    request,
)

PRESIGNED = Cases(frozenset({"s3-presigned"}))
FORGED = "SignatureDoesNotMatch"


def _requests(signing: str, needed: set[str]) -> Iterator[ProcedureRequirement]:
    version = signing.partition("-")[0]
    yield PRESIGNED.answers(
        "GetObject",
        f"link-{version}",
        "A presigned URL lets its holder read the object.",
        get().signed_with(signing).returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        capabilities=needed,
    )
    yield PRESIGNED.answers(
        "HeadObject",
        f"link-{version}",
        "A presigned URL can be for HEAD.",
        head().signed_with(signing).returns(ContentLength=len(LETTER)),
        shared_bucket=LETTER_BUCKET,
        capabilities=needed,
    )
    yield PRESIGNED.answers(
        "PutObject",
        f"link-{version}",
        "A presigned URL lets its holder put the object.",
        put().signed_with(signing),
        verify=(get().returns(LETTER),),
        capabilities=needed,
    )
    yield PRESIGNED.answers(
        "DeleteObject",
        f"link-{version}",
        "A presigned URL lets its holder delete the object.",
        delete().signed_with(signing).with_status(204),
        setup=(put(),),
        verify=(list_keys(),),
        capabilities=needed,
    )


def _further_requests(signing: str, needed: set[str]) -> Iterator[ProcedureRequirement]:
    version = signing.partition("-")[0]
    yield PRESIGNED.answers(
        "ListObjects",
        f"link-{version}",
        "A presigned URL can be for a list of keys.",
        list_keys("letter").signed_with(signing),
        shared_bucket=LETTER_BUCKET,
        capabilities=needed,
    )
    yield PRESIGNED.answers(
        "GetObject",
        f"link-{version}-odd-key",
        "A presigned URL can be for a key with any characters.",
        get("Grüße & mehr/100%+1?").signed_with(signing).returns("hi"),
        setup=(put("Grüße & mehr/100%+1?", "hi"),),
        capabilities=needed,
    )
    yield PRESIGNED.answers(
        "GetObject",
        f"link-{version}-override",
        "A presigned URL can set the content type of the reply.",
        get(ResponseContentType="text/x-other")
        .signed_with(signing)
        .with_headers({"Content-Type": "text/x-other"}),
        shared_bucket=LETTER_BUCKET,
        capabilities=needed,
    )


BROKEN: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "expired": ("has expired", {"expires": "-60"}, ("AccessDenied",)),
    "wrong-secret": ("was signed with another secret key", {"secret_key": "wrong"}, (FORGED,)),
    "unknown-access-key": (
        "has an unknown access key",
        {"access_key": "AKNOBODY"},
        ("InvalidAccessKeyId",),
    ),
    "other-key": (
        "got a versionId after it was signed",
        {"late_query": "versionId=null"},
        (FORGED,),
    ),
    "other-method": (
        "got the sub-resource acl after it was signed",
        {"late_query": "acl"},
        (FORGED,),
    ),
}


def _broken() -> Iterator[ProcedureRequirement]:
    for name, (what, tampering, codes) in BROKEN.items():
        yield PRESIGNED.checks_signature(
            "GetObject",
            f"link-v2-{name}",
            f"A presigned URL that {what} is refused.",
            must_fail(get().signed_with("v2-query").tampered_with(**tampering), *codes),
            shared_bucket=LETTER_BUCKET,
            drivers=RAW,
        )


def _broken_v4() -> Iterator[ProcedureRequirement]:
    for name in ("wrong-secret", "unknown-access-key", "other-method"):
        what, tampering, codes = BROKEN[name]
        yield PRESIGNED.checks_signature(
            "GetObject",
            f"link-v4-{name}",
            f"A presigned URL of version 4 that {what} is refused.",
            must_fail(get().signed_with("v4-query").tampered_with(**tampering), *codes),
            shared_bucket=LETTER_BUCKET,
            capabilities={"s3-v4"},
            drivers=RAW,
        )
    odd: Mapping[str, tuple[str, dict[str, str]]] = {
        "expired": ("has expired", {"date": "-1200", "expires": "600"}),
        "not-yet": ("is dated in the future", {"date": "3600"}),
    }
    for name, (what, tampering) in odd.items():
        yield PRESIGNED.checks_signature(
            "GetObject",
            f"link-v4-{name}",
            f"A presigned URL of version 4 that {what} is refused.",
            must_fail(get().signed_with("v4-query").tampered_with(**tampering), "AccessDenied"),
            shared_bucket=LETTER_BUCKET,
            capabilities={"s3-v4"},
            drivers=RAW,
        )
    for name, seconds in {"eight-days": "691200", "negative": "-1", "no-number": "soon"}.items():
        yield PRESIGNED.checks_signature(
            "GetObject",
            f"link-v4-{name}",
            "A presigned URL of version 4 needs a lifetime of between 1 second and 7 days.",
            must_fail(
                get().signed_with("v4-query").tampered_with(expires=seconds),
                *("AuthorizationQueryParametersError", "AccessDenied"),
            ),
            shared_bucket=LETTER_BUCKET,
            capabilities={"s3-v4"},
            drivers=RAW,
        )


PUTS = (
    PRESIGNED.checks_signature(
        "PutObject",
        "link-v4-unsigned-acl",
        "A presigned URL writes nothing if it comes with an x-amz-acl that it does not sign.",
        must_fail(
            put("letter", "new")
            .signed_with("v4-query")
            .tampered_with(late_headers="x-amz-acl: public-read"),
            *("AccessDenied", FORGED),
        ),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        capabilities={"s3-v4"},
        drivers=RAW,
    ),
    PRESIGNED.checks_signature(
        "GetObject",
        "link-v4-unsigned-host",
        "A presigned URL of version 4 that does not sign the host is refused.",
        must_fail(
            get()
            .signed_with("v4-query")
            .tampered_with(headers="Range: bytes=0-3", unsigned="host"),
            *("AccessDenied", FORGED, "AuthorizationQueryParametersError"),
        ),
        shared_bucket=LETTER_BUCKET,
        capabilities={"s3-v4"},
        drivers=RAW,
    ),
    PRESIGNED.checks_signature(
        "PutObject",
        "link-v2-expired",
        "An expired presigned URL writes nothing.",
        must_fail(
            put("letter", "new").signed_with("v2-query").tampered_with(expires="-60"),
            "AccessDenied",
        ),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        drivers=RAW,
    ),
    PRESIGNED.checks_signature(
        "PutObject",
        "link-v2-of-a-get",
        "A presigned URL for GET writes nothing.",
        must_fail(
            request("PutObject", Key="letter", Body="new")
            .by(ANONYMOUS)
            .tampered_with(late_query="AWSAccessKeyId=x&Expires=1&Signature=x"),
            *("AccessDenied", "InvalidAccessKeyId", FORGED),
        ),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        drivers=RAW,
    ),
    PRESIGNED.checks_signature(
        "GetObject",
        "link-v2-half",
        "A presigned URL without a signature is refused.",
        must_fail(
            get().by(ANONYMOUS).tampered_with(late_query="AWSAccessKeyId=x&Expires=4000000000"),
            *("AccessDenied", "InvalidArgument"),
        ),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
)


class TestPresignedUrls(S3Suite):
    """Presigned URLs of versions 2 and 4."""

    requirements = (
        *_requests("v2-query", set()),
        *_further_requests("v2-query", set()),
        *_requests("v4-query", {"s3-v4"}),
        *_further_requests("v4-query", {"s3-v4"}),
        *_broken(),
        *_broken_v4(),
        *PUTS,
    )
