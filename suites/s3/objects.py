"""S3: objects put, read and deleted."""

from __future__ import annotations

import hashlib

from fixtures.model import Level
from suites.s3.dsl import (
    HTTP_DATE,
    LETTER,
    LETTER_BUCKET,
    LETTER_ETAG,
    RAW,
    S3Suite,
    answers,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    refusal_and_its_form,
    rejects,
    request,
)

MUST = Level.MUST
ALL_BYTES = bytes(range(256)) * 16
MEBIBYTE = b"0123456789abcdef" * 65536


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


PUTTING = (
    answers(
        "PutObject",
        "documented-call",
        "set_contents_from_string stores its string, as in the documentation's script.",
        put("foobar", "This is my silly test").with_status(200),
        verify=(get("foobar").returns("This is my silly test"),),
        level=MUST,
    ),
    answers(
        "PutObject",
        "etag",
        "The ETag of the reply is the MD5 of the data, in quotes.",
        put().returns(ETag=LETTER_ETAG),
    ),
    answers(
        "PutObject",
        "empty",
        "An object may be empty.",
        put("empty", "").returns(ETag=_etag(b"")),
        verify=(get("empty").returns("", ContentLength=0),),
    ),
    answers(
        "PutObject",
        "all-bytes",
        "Data with all byte values are stored byte for byte.",
        put("bytes", ALL_BYTES).returns(ETag=_etag(ALL_BYTES)),
        verify=(get("bytes").returns(ALL_BYTES, ContentLength=len(ALL_BYTES)),),
        level=MUST,
    ),
    answers(
        "PutObject",
        "a-mebibyte",
        "An object of 1 MiB is stored byte for byte.",
        put("large", MEBIBYTE),
        verify=(get("large").returns(MEBIBYTE),),
        level=MUST,
    ),
    answers(
        "PutObject",
        "overwrites",
        "Putting to an existing key replaces the object, and the next read returns the new data.",
        put("letter", "second"),
        setup=(put("letter", "first one"),),
        verify=(get().returns("second", ContentLength=6), list_keys("letter")),
        level=MUST,
    ),
    answers(
        "PutObject",
        "overwrites-metadata",
        "Putting to an existing key replaces the metadata and content type.",
        put("letter", "second", Metadata={"b": "2"}),
        setup=(put("letter", "first", Metadata={"a": "1"}, ContentType="text/html"),),
        verify=(
            head().with_fields(
                {"Metadata": [{"b": "2"}], "ContentType": {"matches": "(?!text/html).*"}}
            ),
        ),
    ),
    answers(
        "PutObject",
        "md5-right",
        "An object that matches its Content-MD5 is stored.",
        put(ContentMD5="YOTaDvmH59giOCs89Wz8Vg=="),
        verify=(get().returns(LETTER),),
        drivers=("boto3", "raw"),
    ),
    answers(
        "ListObjects",
        "storage-class",
        "The default storage class is STANDARD.",
        request("ListObjects").with_fields({"Contents[0].StorageClass": "STANDARD"}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "PutObject",
        "folder",
        "A key can end with a slash.",
        put("folder/", ""),
        verify=(list_keys("folder/"), get("folder/").returns("")),
    ),
    answers(
        "PutObject",
        "beside-its-folder",
        "An object a/b can be put beside an object a.",
        put("a/b", "inner"),
        setup=(put("a", "outer"),),
        verify=(get("a").returns("outer"), get("a/b").returns("inner"), list_keys("a", "a/b")),
    ),
    answers(
        "PutObject",
        "below-an-object",
        "An object a can be put beside an object a/b.",
        put("a", "outer"),
        setup=(put("a/b", "inner"),),
        verify=(get("a").returns("outer"), get("a/b").returns("inner")),
    ),
    answers(
        "PutObject",
        "case-matters",
        "Keys that differ only in the case of a letter are different objects.",
        put("Letter", "upper"),
        setup=(put("letter", "lower"),),
        verify=(get("Letter").returns("upper"), get("letter").returns("lower")),
    ),
)

READING = (
    answers(
        "GetObject",
        "documented-call",
        "get_contents_as_string returns the stored data.",
        get().returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        level=MUST,
    ),
    answers(
        "GetObject",
        "headers",
        "An object is returned with its length, type, ETag and date.",
        get()
        .returns(LETTER, ContentLength=len(LETTER), ContentType="text/plain", ETag=LETTER_ETAG)
        .with_headers({"Last-Modified": HTTP_DATE}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "GetObject",
        "accept-ranges",
        "The reply announces support of byte ranges.",
        get().with_headers({"Accept-Ranges": "bytes"}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "GetObject",
        "metadata",
        "An object is returned with its user metadata.",
        get().with_fields({"Metadata": [{"colour": "blue"}]}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "HeadObject",
        "headers",
        "HEAD returns the headers of GET.",
        head()
        .returns(ContentLength=len(LETTER), ContentType="text/plain", ETag=LETTER_ETAG)
        .with_headers({"Last-Modified": HTTP_DATE}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "HeadObject",
        "metadata",
        "HEAD returns the user metadata.",
        head().with_fields({"Metadata": [{"colour": "blue"}]}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "HeadObject",
        "request-id",
        "Every reply has a request id.",
        head().with_headers({"x-amz-request-id": {"matches": "\\S+"}}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "DeleteObject",
        "documented-call",
        "A deleted object is gone.",
        delete().with_status(204),
        setup=(put(),),
        verify=(must_fail(get(), "NoSuchKey"), list_keys()),
    ),
    answers(
        "DeleteObject",
        "nothing-there",
        "Deleting a key that does not exist succeeds.",
        delete("nothing").with_status(204),
    ),
    answers(
        "DeleteObject",
        "twice",
        "Deleting an object a second time succeeds.",
        delete(),
        delete().with_status(204),
        setup=(put(),),
    ),
    answers(
        "DeleteObject",
        "only-that-one",
        "Deleting an object leaves objects with similar keys.",
        delete("a/b"),
        setup=(put("a"), put("a/b"), put("a/b/c"), put("a/bc")),
        verify=(list_keys("a", "a/b/c", "a/bc"),),
    ),
)

REJECTIONS = (
    *refusal_and_its_form(
        rejects(
            "GetObject",
            "missing-key",
            "Reading a key that does not exist fails.",
            must_fail(get("nothing"), "NoSuchKey").with_fields({"Key": "nothing"}),
            shared_bucket=LETTER_BUCKET,
        )
    ),
    rejects(
        "HeadObject",
        "missing-key",
        "HEAD of a key that does not exist is refused, without a body.",
        must_fail(head("nothing"), "NoSuchKey"),
        shared_bucket=LETTER_BUCKET,
    ),
    rejects(
        "GetObject",
        "removed-key",
        "Reading a deleted key fails.",
        must_fail(get(), "NoSuchKey"),
        setup=(put(), delete()),
    ),
    rejects(
        "PutObject",
        "wrong-md5",
        "An object that does not match its Content-MD5 is not stored.",
        must_fail(put("letter", "new", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        drivers=("boto3", "raw"),
    ),
    rejects(
        "PutObject",
        "short-md5",
        "A Content-MD5 of another length than an MD5 is refused.",
        must_fail(put("letter", "new", ContentMD5="YWJyYWNhZGFicmE="), "InvalidDigest"),
        setup=(put(),),
        drivers=("boto3", "raw"),
    ),
    rejects(
        "PutObject",
        "no-base64-md5",
        "A Content-MD5 that is not base64 is refused.",
        must_fail(put("letter", "new", ContentMD5="not a digest!"), "InvalidDigest"),
        drivers=RAW,
    ),
    rejects(
        "PutObject",
        "key-too-long",
        "A key of more than 1,024 characters is refused.",
        must_fail(put("k" * 1025), "KeyTooLongError"),
    ),
    rejects(
        "PutObject",
        "key-too-long-in-bytes",
        "A key of more than 1,024 bytes of UTF-8 is refused.",
        must_fail(put("ü" * 513), "KeyTooLongError"),
    ),
    rejects(
        "PutObject",
        "metadata-too-large",
        "User metadata of more than 2 KiB are refused.",
        must_fail(put(Metadata={"text": "x" * 2100}), "MetadataTooLarge"),
    ),
    rejects(
        "GetObject",
        "other-method",
        "An HTTP method that S3 does not have is refused.",
        must_fail(get().tampered_with(method="PATCH"), "MethodNotAllowed"),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
)


class TestObjects(S3Suite):
    """Objects put, read and deleted."""

    requirements = (
        *PUTTING,
        *READING,
        *REJECTIONS,
    )
