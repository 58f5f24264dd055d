"""S3: objects put, read and removed; what is said about them; keys of all spellings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from fixtures.model import Demand, Level
from suites.s3 import (
    DESK,
    FAR_AHEAD,
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

CONTENT = {
    "ContentType": ("text/x-novel; charset=utf-8", "Content-Type"),
    "CacheControl": ("max-age=60, must-revalidate", "Cache-Control"),
    "ContentDisposition": ('attachment; filename="letter.txt"', "Content-Disposition"),
    "ContentEncoding": ("x-rot13", "Content-Encoding"),
    "ContentLanguage": ("de-CH, fr", "Content-Language"),
    "Expires": (FAR_AHEAD, "Expires"),
}


def _content_headers() -> Iterator[Demand]:
    for name, (value, header) in CONTENT.items():
        for read in ("GetObject", "HeadObject"):
            yield tells(
                read,
                f"content-header-{header}",
                f"{header}, given with an object, comes back with it.",
                ask(read, Key="letter").headed({header: value}),
                given=(put(**{name: value}),),
            )
        yield tells(
            "GetObject",
            f"override-{header}",
            f"A signed request may have {header} answered as it says.",
            get(**{f"Response{name}": value}).headed({header: value}),
            shelf=DESK,
        )
        yield rejects(
            "GetObject",
            f"override-{header}-anonymously",
            f"Only a signed request may have {header} answered as it says.",
            refused(get(**{f"Response{name}": value}).by("nobody"), "InvalidRequest"),
            given=(put(ACL="public-read"),),
            capabilities={"s3-acl"},
            drivers=RAW,
        )


METADATA = {
    "one": {"colour": "blue"},
    "many": {f"name-{number}": f"value {number}" for number in range(20)},
    "inner-blanks": {"text": "a b  c"},
    "punctuation": {"text": 'a=b; c,d "e" <f> & 100%'},
    "long-value": {"text": "x" * 1500},
    "digits-and-dashes": {"a-1-b": "1"},
}


def _metadata() -> Iterator[Demand]:
    for name, metadata in METADATA.items():
        fields = {f'Metadata."{key}"': value for key, value in metadata.items()}
        yield tells(
            "PutObject",
            f"metadata-{name}",
            f"User metadata come back as they were given ({name}).",
            put(Metadata=metadata),
            get().fields({"length(Metadata)": len(metadata), **fields}),
        )


SPELLINGS = {
    "blank": "a b c",
    "plus": "a+b",
    "percent": "100%",
    "percent-encoded": "a%20b",
    "percent-slash": "a%2Fb",
    "encoded-dots": "%2e%2e/letter",
    "ampersand": "a&b=c",
    "question-mark": "what?",
    "hash": "a#b",
    "semicolon": "a;b=c",
    "colon": "a:b",
    "comma": "a,b",
    "quotes": "a'b\"c",
    "angle-brackets": "<a>&lt;b",
    "square-brackets": "a[0]",
    "backslash": "a\\b",
    "tilde": "~user/a~b",
    "at-and-dollar": "a@b$c!",
    "asterisk": "a*b(c)",
    "pipe-and-caret": "a|b^c`d",
    "umlauts": "Grüße/äöü",
    "chinese": "文档/测试",
    "emoji": "😀/🎉",
    "combining": "e\u0301",
    "composed": "\u00e9",
    "dot": "./a",
    "dots-inside": "a/../b",
    "dots-first": "../../letter",
    "dot-segment-inside": "a/./b",
    "only-dots": "...",
    "double-slash": "a//b",
    "slash-first": "/a",
    "slashes-last": "a//",
    "absolute": "/etc/conform",
    "hidden": ".hidden",
    "subresource-name": "acl",
    "long-ascii": "k" * 1024,
    "long-unicode": "ü" * 512,
    "long-segments": "/".join(["s" * 127] * 8),
    "tab": "a\tb",
    "newline": "a\nb",
    "control": "a\x07b",
    "upper-and-digits": "README.2014.TXT",
}
CONTROL = frozenset({"control"})  # what XML cannot say must be asked for encoded
NO_BOTO = frozenset({"newline", "tab", "control"})


def _spellings() -> Iterator[Demand]:
    for name, key in SPELLINGS.items():
        listing = {"EncodingType": "url"} if name in CONTROL else {}
        listed = ask("ListObjects", **listing)
        if name not in CONTROL:
            listed = listed.fields({"Contents[].Key": [[key]]})
        yield tells(
            "PutObject",
            f"key-{name}",
            f"A key may be spelled so, and is kept as it is ({name}).",
            put(key, "kept").status(200),
            get(key).gives("kept"),
            listed,
            delete(key).status(204),
            # An answer could not name a key that XML has no words for.
            then=(refused(head(key) if name in CONTROL else get(key), "NoSuchKey"),),
            drivers=RAW + (() if name in NO_BOTO else ("boto",)) + ("boto3",),
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
        *_content_headers(),
        *_metadata(),
        *_spellings(),
        *REJECTIONS,
    )
