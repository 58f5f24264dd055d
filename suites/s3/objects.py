"""S3: objects put, read and removed; what is said about them; keys of all spellings."""

from __future__ import annotations

import hashlib

from fixtures.model import Level
from suites.s3 import (
    DESK,
    HTTP_DATE,
    LETTER,
    LETTER_ETAG,
    RAW,
    Stories,
    ask,
    delete,
    get,
    head,
    keys,
    put,
    refused,
    rejects,
    tells,
)

MUST = Level.MUST
ALL_BYTES = bytes(range(256)) * 16
MEBIBYTE = b"0123456789abcdef" * 65536


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


PUTTING = (
    tells(
        "PutObject",
        "documented-call",
        "set_contents_from_string stores what it is given, as the documentation's script does.",
        put("foobar", "This is my silly test").status(200),
        then=(get("foobar").gives("This is my silly test"),),
        level=MUST,
    ),
    tells(
        "PutObject",
        "etag",
        "The answer's ETag is the MD5 of the data, in quotes.",
        put().gives(ETag=LETTER_ETAG),
    ),
    tells(
        "PutObject",
        "empty",
        "An object may be empty.",
        put("empty", "").gives(ETag=_etag(b"")),
        then=(get("empty").gives("", ContentLength=0),),
    ),
    tells(
        "PutObject",
        "all-bytes",
        "Data are kept byte for byte, whatever the bytes.",
        put("bytes", ALL_BYTES).gives(ETag=_etag(ALL_BYTES)),
        then=(get("bytes").gives(ALL_BYTES, ContentLength=len(ALL_BYTES)),),
        level=MUST,
    ),
    tells(
        "PutObject",
        "a-mebibyte",
        "A larger object is kept byte for byte, too.",
        put("large", MEBIBYTE),
        then=(get("large").gives(MEBIBYTE),),
        level=MUST,
    ),
    tells(
        "PutObject",
        "overwrites",
        "Putting again replaces the object: what is read next is the new one.",
        put("letter", "second"),
        given=(put("letter", "first one"),),
        then=(get().gives("second", ContentLength=6), keys("letter")),
        level=MUST,
    ),
    tells(
        "PutObject",
        "overwrites-metadata",
        "Putting again replaces what is said about the object, too.",
        put("letter", "second", Metadata={"b": "2"}),
        given=(put("letter", "first", Metadata={"a": "1"}, ContentType="text/html"),),
        then=(
            head().fields(
                {"Metadata": [{"b": "2"}], "ContentType": {"matches": "(?!text/html).*"}}
            ),
        ),
    ),
    tells(
        "PutObject",
        "md5-right",
        "An object whose Content-MD5 fits is kept.",
        put(ContentMD5="YOTaDvmH59giOCs89Wz8Vg=="),
        then=(get().gives(LETTER),),
        drivers=("boto3", "raw"),
    ),
    tells(
        "ListObjects",
        "storage-class",
        "STANDARD is the storage class of an object of which nothing else was said.",
        ask("ListObjects").fields({"Contents[0].StorageClass": "STANDARD"}),
        shelf=DESK,
    ),
    tells(
        "PutObject",
        "folder",
        "A key that ends with a slash is an object like any other.",
        put("folder/", ""),
        then=(keys("folder/"), get("folder/").gives("")),
    ),
    tells(
        "PutObject",
        "beside-its-folder",
        "a and a/b may both be objects.",
        put("a/b", "inner"),
        given=(put("a", "outer"),),
        then=(get("a").gives("outer"), get("a/b").gives("inner"), keys("a", "a/b")),
    ),
    tells(
        "PutObject",
        "below-an-object",
        "a may be put after a/b.",
        put("a", "outer"),
        given=(put("a/b", "inner"),),
        then=(get("a").gives("outer"), get("a/b").gives("inner")),
    ),
    tells(
        "PutObject",
        "case-matters",
        "Keys that differ in the case of a letter are two objects.",
        put("Letter", "upper"),
        given=(put("letter", "lower"),),
        then=(get("Letter").gives("upper"), get("letter").gives("lower")),
    ),
)

READING = (
    tells(
        "GetObject",
        "documented-call",
        "get_contents_as_string gives what was stored.",
        get().gives(LETTER),
        shelf=DESK,
        level=MUST,
    ),
    tells(
        "GetObject",
        "headers",
        "An object comes with its length, type, ETag and date.",
        get()
        .gives(LETTER, ContentLength=len(LETTER), ContentType="text/plain", ETag=LETTER_ETAG)
        .headed({"Last-Modified": HTTP_DATE}),
        shelf=DESK,
    ),
    tells(
        "GetObject",
        "accept-ranges",
        "An object says that parts of it may be asked for.",
        get().headed({"Accept-Ranges": "bytes"}),
        shelf=DESK,
    ),
    tells(
        "GetObject",
        "metadata",
        "User metadata come with the object.",
        get().fields({"Metadata": [{"colour": "blue"}]}),
        shelf=DESK,
    ),
    tells(
        "HeadObject",
        "headers",
        "HEAD tells what GET tells, without the data.",
        head()
        .gives(ContentLength=len(LETTER), ContentType="text/plain", ETag=LETTER_ETAG)
        .headed({"Last-Modified": HTTP_DATE}),
        shelf=DESK,
    ),
    tells(
        "HeadObject",
        "metadata",
        "HEAD tells the user metadata.",
        head().fields({"Metadata": [{"colour": "blue"}]}),
        shelf=DESK,
    ),
    tells(
        "HeadObject",
        "request-id",
        "The answer carries an id by which it can be asked about.",
        head().headed({"x-amz-request-id": {"matches": "\\S+"}}),
        shelf=DESK,
    ),
    tells(
        "DeleteObject",
        "documented-call",
        "An object that was removed is gone.",
        delete().status(204),
        given=(put(),),
        then=(refused(get(), "NoSuchKey"), keys()),
    ),
    tells(
        "DeleteObject",
        "nothing-there",
        "Removing what is not there succeeds.",
        delete("nothing").status(204),
    ),
    tells(
        "DeleteObject",
        "twice",
        "Removing an object twice succeeds twice.",
        delete(),
        delete().status(204),
        given=(put(),),
    ),
    tells(
        "DeleteObject",
        "only-that-one",
        "Nothing else goes with an object.",
        delete("a/b"),
        given=(put("a"), put("a/b"), put("a/b/c"), put("a/bc")),
        then=(keys("a", "a/b/c", "a/bc"),),
    ),
)

REJECTIONS = (
    rejects(
        "GetObject",
        "missing-key",
        "A key that is not there is told as such.",
        refused(get("nothing"), "NoSuchKey").fields({"Key": "nothing"}),
        shelf=DESK,
        level=MUST,
    ),
    rejects(
        "HeadObject",
        "missing-key",
        "HEAD of a key that is not there is refused, without a body.",
        refused(head("nothing"), "NoSuchKey"),
        shelf=DESK,
    ),
    rejects(
        "GetObject",
        "removed-key",
        "A key that was removed is not there.",
        refused(get(), "NoSuchKey"),
        given=(put(), delete()),
    ),
    rejects(
        "PutObject",
        "wrong-md5",
        "An object whose data do not fit its Content-MD5 is not kept.",
        refused(put("letter", "new", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
        given=(put(),),
        then=(get().gives(LETTER),),
        drivers=("boto3", "raw"),
    ),
    rejects(
        "PutObject",
        "short-md5",
        "A Content-MD5 that is none is refused.",
        refused(put("letter", "new", ContentMD5="YWJyYWNhZGFicmE="), "InvalidDigest"),
        given=(put(),),
        drivers=("boto3", "raw"),
    ),
    rejects(
        "PutObject",
        "no-base64-md5",
        "A Content-MD5 that is no base64 is refused.",
        refused(put("letter", "new", ContentMD5="not a digest!"), "InvalidDigest"),
        drivers=RAW,
    ),
    rejects(
        "PutObject",
        "key-too-long",
        "A key has 1,024 bytes at most.",
        refused(put("k" * 1025), "KeyTooLongError"),
    ),
    rejects(
        "PutObject",
        "key-too-long-in-bytes",
        "It is bytes of UTF-8 that count, not characters.",
        refused(put("ü" * 513), "KeyTooLongError"),
    ),
    rejects(
        "PutObject",
        "metadata-too-large",
        "User metadata have 2 KiB at most.",
        refused(put(Metadata={"text": "x" * 2100}), "MetadataTooLarge"),
    ),
    rejects(
        "GetObject",
        "other-method",
        "An object knows no method that S3 has none of.",
        refused(get().tampered(method="PATCH"), "MethodNotAllowed"),
        shelf=DESK,
        drivers=RAW,
    ),
)


class TestObjects(Stories):
    """Put, read, removed; described; spelled."""

    told = (
        *PUTTING,
        *READING,
        *REJECTIONS,
    )
