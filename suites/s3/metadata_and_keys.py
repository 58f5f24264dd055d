"""S3: content headers and user metadata of objects; and the characters that keys may have."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import ANONYMOUS, ProcedureRequirement
from suites.s3.dsl import (
    FUTURE_DATE,
    LETTER_BUCKET,
    RAW,
    S3Suite,
    answers,
    delete,
    get,
    head,
    must_fail,
    put,
    rejects,
    request,
)

CONTENT = {
    "ContentType": ("text/x-novel; charset=utf-8", "Content-Type"),
    "CacheControl": ("max-age=60, must-revalidate", "Cache-Control"),
    "ContentDisposition": ('attachment; filename="letter.txt"', "Content-Disposition"),
    "ContentEncoding": ("x-rot13", "Content-Encoding"),
    "ContentLanguage": ("de-CH, fr", "Content-Language"),
    "Expires": (FUTURE_DATE, "Expires"),
}


def _content_headers() -> Iterator[ProcedureRequirement]:
    for name, (value, header) in CONTENT.items():
        for read in ("GetObject", "HeadObject"):
            yield answers(
                read,
                f"content-header-{header}",
                f"The {header} that an object was put with is returned with it.",
                request(read, Key="letter").with_headers({header: value}),
                setup=(put(**{name: value}),),
            )
        yield answers(
            "GetObject",
            f"override-{header}",
            f"A signed request can set the {header} of its reply.",
            get(**{f"Response{name}": value}).with_headers({header: value}),
            shared_bucket=LETTER_BUCKET,
        )
        yield rejects(
            "GetObject",
            f"override-{header}-anonymously",
            f"An unsigned request cannot set the {header} of its reply.",
            must_fail(get(**{f"Response{name}": value}).by(ANONYMOUS), "InvalidRequest"),
            setup=(put(ACL="public-read"),),
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


def _metadata() -> Iterator[ProcedureRequirement]:
    for name, metadata in METADATA.items():
        fields = {f'Metadata."{key}"': value for key, value in metadata.items()}
        yield answers(
            "PutObject",
            f"metadata-{name}",
            f"User metadata are returned as they were put ({name}).",
            put(Metadata=metadata),
            get().with_fields({"length(Metadata)": len(metadata), **fields}),
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
CONTROL = frozenset({"control"})  # not allowed in XML: lists have to be asked for percent-encoded
NO_BOTO = frozenset({"newline", "tab", "control"})


def _spellings() -> Iterator[ProcedureRequirement]:
    for name, key in SPELLINGS.items():
        listing = {"EncodingType": "url"} if name in CONTROL else {}
        listed = request("ListObjects", **listing)
        if name not in CONTROL:
            listed = listed.with_fields({"Contents[].Key": [[key]]})
        yield answers(
            "PutObject",
            f"key-{name}",
            f"A key may have these characters, and is stored unchanged ({name}).",
            put(key, "kept").with_status(200),
            get(key).returns("kept"),
            listed,
            delete(key).with_status(204),
            # An error to GET could not name a key that XML cannot represent.
            verify=(must_fail(head(key) if name in CONTROL else get(key), "NoSuchKey"),),
            drivers=RAW + (() if name in NO_BOTO else ("boto",)) + ("boto3",),
        )


class TestMetadataAndKeys(S3Suite):
    """Content headers, user metadata, keys."""

    requirements = (*_content_headers(), *_metadata(), *_spellings())
