"""S3: objects put, read and removed; what is said about them; keys of all spellings."""

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
        "set_contents_from_string stores what it is given, as the documentation's script does.",
        put("foobar", "This is my silly test").with_status(200),
        verify=(get("foobar").returns("This is my silly test"),),
        level=MUST,
    ),
    answers(
        "PutObject",
        "etag",
        "The answer's ETag is the MD5 of the data, in quotes.",
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
        "Data are kept byte for byte, whatever the bytes.",
        put("bytes", ALL_BYTES).returns(ETag=_etag(ALL_BYTES)),
        verify=(get("bytes").returns(ALL_BYTES, ContentLength=len(ALL_BYTES)),),
        level=MUST,
    ),
    answers(
        "PutObject",
        "a-mebibyte",
        "A larger object is kept byte for byte, too.",
        put("large", MEBIBYTE),
        verify=(get("large").returns(MEBIBYTE),),
        level=MUST,
    ),
    answers(
        "PutObject",
        "overwrites",
        "Putting again replaces the object: what is read next is the new one.",
        put("letter", "second"),
        setup=(put("letter", "first one"),),
        verify=(get().returns("second", ContentLength=6), list_keys("letter")),
        level=MUST,
    ),
    answers(
        "PutObject",
        "overwrites-metadata",
        "Putting again replaces what is said about the object, too.",
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
        "An object whose Content-MD5 fits is kept.",
        put(ContentMD5="YOTaDvmH59giOCs89Wz8Vg=="),
        verify=(get().returns(LETTER),),
        drivers=("boto3", "raw"),
    ),
    answers(
        "ListObjects",
        "storage-class",
        "STANDARD is the storage class of an object of which nothing else was said.",
        request("ListObjects").with_fields({"Contents[0].StorageClass": "STANDARD"}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "PutObject",
        "folder",
        "A key that ends with a slash is an object like any other.",
        put("folder/", ""),
        verify=(list_keys("folder/"), get("folder/").returns("")),
    ),
    answers(
        "PutObject",
        "beside-its-folder",
        "a and a/b may both be objects.",
        put("a/b", "inner"),
        setup=(put("a", "outer"),),
        verify=(get("a").returns("outer"), get("a/b").returns("inner"), list_keys("a", "a/b")),
    ),
    answers(
        "PutObject",
        "below-an-object",
        "a may be put after a/b.",
        put("a", "outer"),
        setup=(put("a/b", "inner"),),
        verify=(get("a").returns("outer"), get("a/b").returns("inner")),
    ),
    answers(
        "PutObject",
        "case-matters",
        "Keys that differ in the case of a letter are two objects.",
        put("Letter", "upper"),
        setup=(put("letter", "lower"),),
        verify=(get("Letter").returns("upper"), get("letter").returns("lower")),
    ),
)

READING = (
    answers(
        "GetObject",
        "documented-call",
        "get_contents_as_string gives what was stored.",
        get().returns(LETTER),
        shared_bucket=LETTER_BUCKET,
        level=MUST,
    ),
    answers(
        "GetObject",
        "headers",
        "An object comes with its length, type, ETag and date.",
        get()
        .returns(LETTER, ContentLength=len(LETTER), ContentType="text/plain", ETag=LETTER_ETAG)
        .with_headers({"Last-Modified": HTTP_DATE}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "GetObject",
        "accept-ranges",
        "An object says that parts of it may be asked for.",
        get().with_headers({"Accept-Ranges": "bytes"}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "GetObject",
        "metadata",
        "User metadata come with the object.",
        get().with_fields({"Metadata": [{"colour": "blue"}]}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "HeadObject",
        "headers",
        "HEAD tells what GET tells, without the data.",
        head()
        .returns(ContentLength=len(LETTER), ContentType="text/plain", ETag=LETTER_ETAG)
        .with_headers({"Last-Modified": HTTP_DATE}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "HeadObject",
        "metadata",
        "HEAD tells the user metadata.",
        head().with_fields({"Metadata": [{"colour": "blue"}]}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "HeadObject",
        "request-id",
        "The answer carries an id by which it can be asked about.",
        head().with_headers({"x-amz-request-id": {"matches": "\\S+"}}),
        shared_bucket=LETTER_BUCKET,
    ),
    answers(
        "DeleteObject",
        "documented-call",
        "An object that was removed is gone.",
        delete().with_status(204),
        setup=(put(),),
        verify=(must_fail(get(), "NoSuchKey"), list_keys()),
    ),
    answers(
        "DeleteObject",
        "nothing-there",
        "Removing what is not there succeeds.",
        delete("nothing").with_status(204),
    ),
    answers(
        "DeleteObject",
        "twice",
        "Removing an object twice succeeds twice.",
        delete(),
        delete().with_status(204),
        setup=(put(),),
    ),
    answers(
        "DeleteObject",
        "only-that-one",
        "Nothing else goes with an object.",
        delete("a/b"),
        setup=(put("a"), put("a/b"), put("a/b/c"), put("a/bc")),
        verify=(list_keys("a", "a/b/c", "a/bc"),),
    ),
)

REJECTIONS = (
    rejects(
        "GetObject",
        "missing-key",
        "A key that is not there is told as such.",
        must_fail(get("nothing"), "NoSuchKey").with_fields({"Key": "nothing"}),
        shared_bucket=LETTER_BUCKET,
        level=MUST,
    ),
    rejects(
        "HeadObject",
        "missing-key",
        "HEAD of a key that is not there is refused, without a body.",
        must_fail(head("nothing"), "NoSuchKey"),
        shared_bucket=LETTER_BUCKET,
    ),
    rejects(
        "GetObject",
        "removed-key",
        "A key that was removed is not there.",
        must_fail(get(), "NoSuchKey"),
        setup=(put(), delete()),
    ),
    rejects(
        "PutObject",
        "wrong-md5",
        "An object whose data do not fit its Content-MD5 is not kept.",
        must_fail(put("letter", "new", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        drivers=("boto3", "raw"),
    ),
    rejects(
        "PutObject",
        "short-md5",
        "A Content-MD5 that is none is refused.",
        must_fail(put("letter", "new", ContentMD5="YWJyYWNhZGFicmE="), "InvalidDigest"),
        setup=(put(),),
        drivers=("boto3", "raw"),
    ),
    rejects(
        "PutObject",
        "no-base64-md5",
        "A Content-MD5 that is no base64 is refused.",
        must_fail(put("letter", "new", ContentMD5="not a digest!"), "InvalidDigest"),
        drivers=RAW,
    ),
    rejects(
        "PutObject",
        "key-too-long",
        "A key has 1,024 bytes at most.",
        must_fail(put("k" * 1025), "KeyTooLongError"),
    ),
    rejects(
        "PutObject",
        "key-too-long-in-bytes",
        "It is bytes of UTF-8 that count, not characters.",
        must_fail(put("ü" * 513), "KeyTooLongError"),
    ),
    rejects(
        "PutObject",
        "metadata-too-large",
        "User metadata have 2 KiB at most.",
        must_fail(put(Metadata={"text": "x" * 2100}), "MetadataTooLarge"),
    ),
    rejects(
        "GetObject",
        "other-method",
        "An object knows no method that S3 has none of.",
        must_fail(get().tampered_with(method="PATCH"), "MethodNotAllowed"),
        shared_bucket=LETTER_BUCKET,
        drivers=RAW,
    ),
)


class TestObjects(S3Suite):
    """Put, read, removed; described; spelled."""

    requirements = (
        *PUTTING,
        *READING,
        *REJECTIONS,
    )
