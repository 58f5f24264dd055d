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
from suites.s3.values import KEYS, METADATA, NOT_BY_BOTO, NOT_IN_XML

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


def _spellings() -> Iterator[ProcedureRequirement]:
    for name, key in KEYS.items():
        listing = {"EncodingType": "url"} if name in NOT_IN_XML else {}
        listed = request("ListObjects", **listing)
        if name not in NOT_IN_XML:
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
            verify=(must_fail(head(key) if name in NOT_IN_XML else get(key), "NoSuchKey"),),
            drivers=RAW + (() if name in NOT_BY_BOTO else ("boto",)) + ("boto3",),
        )


class TestMetadataAndKeys(S3Suite):
    """Content headers, user metadata, keys."""

    requirements = (*_content_headers(), *_metadata(), *_spellings())
