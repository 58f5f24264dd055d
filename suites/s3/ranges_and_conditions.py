"""S3: ranges of objects, and requests with conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3.dsl import (
    FUTURE_DATE,
    LETTER,
    LETTER_ETAG,
    PAST_DATE,
    RAW,
    S3Suite,
    answers,
    bucket_with,
    get,
    head,
    must_fail,
    put,
    rejects,
    request,
)

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
ALPHABET_BUCKET = bucket_with(
    "line", put("line", ALPHABET, ContentType="text/plain"), put("empty", "")
)
OTHER_ETAG = '"00000000000000000000000000000000"'

RANGES: Mapping[str, tuple[str, int, int]] = {  # Range header, first byte, last byte
    "first-byte": ("bytes=0-0", 0, 0),
    "beginning": ("bytes=0-4", 0, 4),
    "middle": ("bytes=10-19", 10, 19),
    "last-byte": ("bytes=25-25", 25, 25),
    "whole": ("bytes=0-25", 0, 25),
    "open-end": ("bytes=20-", 20, 25),
    "from-the-start": ("bytes=0-", 0, 25),
    "suffix": ("bytes=-5", 21, 25),
    "suffix-of-one": ("bytes=-1", 25, 25),
    "suffix-too-long": ("bytes=-100", 0, 25),
    "end-too-far": ("bytes=20-99", 20, 25),
}


def _ranges() -> Iterator[ProcedureRequirement]:
    for name, (header, first, last) in RANGES.items():
        part = ALPHABET[first : last + 1]
        headers = {"Content-Range": f"bytes {first}-{last}/26", "Content-Type": "text/plain"}
        yield answers(
            "GetObject",
            f"range-{name}",
            f"Range {header} returns the bytes {first} to {last} of 26, and their Content-Range.",
            get("line", Range=header)
            .with_status(206)
            .returns(part, ContentLength=len(part))
            .with_headers(headers),
            shared_bucket=ALPHABET_BUCKET,
        )
        yield answers(
            "HeadObject",
            f"range-{name}",
            f"HEAD with Range {header} returns the length of the bytes {first} to {last}.",
            head("line", Range=header).with_status(206).returns(ContentLength=len(part)),
            shared_bucket=ALPHABET_BUCKET,
        )


IGNORED = {
    "unknown-unit": "lines=0-4",
    "no-numbers": "bytes=a-b",
    "backwards": "bytes=9-3",
    "no-equals": "bytes 0-4",
    "nothing": "bytes=-",
}


def _ignored_ranges() -> Iterator[ProcedureRequirement]:
    for name, header in IGNORED.items():
        yield answers(
            "GetObject",
            f"range-ignored-{name}",
            f"The invalid Range {header} is ignored: the whole object is returned.",
            get("line", Range=header).with_status(200).returns(ALPHABET),
            shared_bucket=ALPHABET_BUCKET,
            drivers=RAW,
        )


BEYOND = {"at-the-end": "bytes=26-26", "after-the-end": "bytes=100-200", "open": "bytes=26-"}


def _impossible_ranges() -> Iterator[ProcedureRequirement]:
    for name, header in BEYOND.items():
        yield rejects(
            "GetObject",
            f"range-{name}",
            f"Range {header} of an object of 26 bytes is refused.",
            must_fail(get("line", Range=header), "InvalidRange"),
            shared_bucket=ALPHABET_BUCKET,
        )
    yield rejects(
        "GetObject",
        "range-of-nothing",
        "A range of an empty object is refused.",
        must_fail(get("empty", Range="bytes=0-0"), "InvalidRange"),
        shared_bucket=ALPHABET_BUCKET,
    )
    yield rejects(
        "GetObject",
        "range-suffix-of-zero",
        "A range of the last 0 bytes is refused.",
        must_fail(get("line", Range="bytes=-0"), "InvalidRange"),
        shared_bucket=ALPHABET_BUCKET,
    )


ETAG = '"c3fcd3d76192e4007dfb496cca67e13b"'  # of ALPHABET

HOLDS: Mapping[str, dict[str, Any]] = {
    "if-match": {"IfMatch": ETAG},
    "if-match-unquoted": {"IfMatch": ETAG.strip('"')},
    "if-match-any": {"IfMatch": "*"},
    "if-none-match-other": {"IfNoneMatch": OTHER_ETAG},
    "if-modified-since-long-ago": {"IfModifiedSince": PAST_DATE},
    "if-unmodified-since-ahead": {"IfUnmodifiedSince": FUTURE_DATE},
    "if-match-beats-unmodified": {"IfMatch": ETAG, "IfUnmodifiedSince": PAST_DATE},
}
FAILS: Mapping[str, tuple[dict[str, Any], str]] = {
    "if-match-other": ({"IfMatch": OTHER_ETAG}, "PreconditionFailed"),
    "if-none-match": ({"IfNoneMatch": ETAG}, "304"),
    "if-none-match-any": ({"IfNoneMatch": "*"}, "304"),
    "if-modified-since-now": ({"IfModifiedSince": "{date}"}, "304"),
    "if-unmodified-since-long-ago": ({"IfUnmodifiedSince": PAST_DATE}, "PreconditionFailed"),
    "if-none-match-beats-modified": (
        {"IfNoneMatch": ETAG, "IfModifiedSince": PAST_DATE},
        "304",
    ),
}


def _conditions() -> Iterator[ProcedureRequirement]:
    for operation in ("GetObject", "HeadObject"):
        content = ALPHABET if operation == "GetObject" else None
        for name, conditions in HOLDS.items():
            yield answers(
                operation,
                name,
                f"A request whose condition holds returns the object ({name}).",
                request(operation, Key="line", **conditions)
                .with_status(200)
                .returns(content, ETag=ETAG),
                shared_bucket=ALPHABET_BUCKET,
            )
        for name, (conditions, code) in FAILS.items():
            yield rejects(
                operation,
                name,
                f"A request whose condition does not hold fails with {code} ({name}).",
                must_fail(request(operation, Key="line", **conditions), code),
                setup=(head("line").save(date="<last-modified>"),),
                shared_bucket=ALPHABET_BUCKET,
            )


PUTS = (
    rejects(
        "PutObject",
        "if-none-match-any",
        "With If-None-Match: *, an existing object is not overwritten.",
        must_fail(put("letter", "new", IfNoneMatch="*"), "PreconditionFailed"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        drivers=("boto3", "raw"),
    ),
    answers(
        "PutObject",
        "if-none-match-any",
        "With If-None-Match: *, a new object is stored.",
        put("letter", LETTER, IfNoneMatch="*").returns(ETag=LETTER_ETAG),
        verify=(get().returns(LETTER),),
        drivers=("boto3", "raw"),
    ),
    answers(
        "GetObject",
        "not-modified-tells-etag",
        "A reply 304 Not Modified has the ETag.",
        must_fail(get("line", IfNoneMatch=ETAG), "304").with_headers({"ETag": ETAG}),
        shared_bucket=ALPHABET_BUCKET,
    ),
    answers(
        "GetObject",
        "range-and-condition",
        "A request can have a range and a condition.",
        get("line", Range="bytes=2-3", IfMatch=ETAG).with_status(206).returns("cd"),
        shared_bucket=ALPHABET_BUCKET,
    ),
    rejects(
        "GetObject",
        "range-on-condition-that-fails",
        "A condition that does not hold takes precedence over the range.",
        must_fail(get("line", Range="bytes=2-3", IfMatch=OTHER_ETAG), "PreconditionFailed"),
        shared_bucket=ALPHABET_BUCKET,
    ),
)


class TestRangesAndConditions(S3Suite):
    """Ranges and conditions."""

    requirements = (*_ranges(), *_ignored_ranges(), *_impossible_ranges(), *_conditions(), *PUTS)
