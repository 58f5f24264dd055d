"""S3: parts of objects, and objects asked for on conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3 import (
    FAR_AHEAD,
    LETTER,
    LETTER_ETAG,
    LONG_AGO,
    RAW,
    Stories,
    ask,
    get,
    head,
    put,
    refused,
    rejects,
    shelf,
    tells,
)

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
LINE = shelf("line", put("line", ALPHABET, ContentType="text/plain"), put("empty", ""))
OTHER_ETAG = '"00000000000000000000000000000000"'

RANGES: Mapping[str, tuple[str, int, int]] = {  # what is asked, first byte, last byte
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
    for name, (asked, first, last) in RANGES.items():
        part = ALPHABET[first : last + 1]
        headers = {"Content-Range": f"bytes {first}-{last}/26", "Content-Type": "text/plain"}
        yield tells(
            "GetObject",
            f"range-{name}",
            f"{asked} gives the bytes {first} to {last} of 26, and says so.",
            get("line", Range=asked)
            .status(206)
            .gives(part, ContentLength=len(part))
            .headed(headers),
            shelf=LINE,
        )
        yield tells(
            "HeadObject",
            f"range-{name}",
            f"HEAD with {asked} tells the length of the bytes {first} to {last}.",
            head("line", Range=asked).status(206).gives(ContentLength=len(part)),
            shelf=LINE,
        )


IGNORED = {
    "unknown-unit": "lines=0-4",
    "no-numbers": "bytes=a-b",
    "backwards": "bytes=9-3",
    "no-equals": "bytes 0-4",
    "nothing": "bytes=-",
}


def _ignored() -> Iterator[ProcedureRequirement]:
    for name, asked in IGNORED.items():
        yield tells(
            "GetObject",
            f"range-ignored-{name}",
            f"{asked} is no range, and does not count: the whole object comes.",
            get("line", Range=asked).status(200).gives(ALPHABET),
            shelf=LINE,
            drivers=RAW,
        )


BEYOND = {"at-the-end": "bytes=26-26", "after-the-end": "bytes=100-200", "open": "bytes=26-"}


def _beyond() -> Iterator[ProcedureRequirement]:
    for name, asked in BEYOND.items():
        yield rejects(
            "GetObject",
            f"range-{name}",
            f"{asked} of 26 bytes cannot be had.",
            refused(get("line", Range=asked), "InvalidRange"),
            shelf=LINE,
        )
    yield rejects(
        "GetObject",
        "range-of-nothing",
        "An empty object has no first byte.",
        refused(get("empty", Range="bytes=0-0"), "InvalidRange"),
        shelf=LINE,
    )
    yield rejects(
        "GetObject",
        "range-suffix-of-zero",
        "The last zero bytes cannot be had.",
        refused(get("line", Range="bytes=-0"), "InvalidRange"),
        shelf=LINE,
    )


ETAG = '"c3fcd3d76192e4007dfb496cca67e13b"'  # of the alphabet

HOLDS: Mapping[str, dict[str, Any]] = {
    "if-match": {"IfMatch": ETAG},
    "if-match-unquoted": {"IfMatch": ETAG.strip('"')},
    "if-match-any": {"IfMatch": "*"},
    "if-none-match-other": {"IfNoneMatch": OTHER_ETAG},
    "if-modified-since-long-ago": {"IfModifiedSince": LONG_AGO},
    "if-unmodified-since-ahead": {"IfUnmodifiedSince": FAR_AHEAD},
    "if-match-beats-unmodified": {"IfMatch": ETAG, "IfUnmodifiedSince": LONG_AGO},
}
FAILS: Mapping[str, tuple[dict[str, Any], str]] = {
    "if-match-other": ({"IfMatch": OTHER_ETAG}, "PreconditionFailed"),
    "if-none-match": ({"IfNoneMatch": ETAG}, "304"),
    "if-none-match-any": ({"IfNoneMatch": "*"}, "304"),
    "if-modified-since-now": ({"IfModifiedSince": "{date}"}, "304"),
    "if-unmodified-since-long-ago": ({"IfUnmodifiedSince": LONG_AGO}, "PreconditionFailed"),
    "if-none-match-beats-modified": (
        {"IfNoneMatch": ETAG, "IfModifiedSince": LONG_AGO},
        "304",
    ),
}


def _conditions() -> Iterator[ProcedureRequirement]:
    for operation in ("GetObject", "HeadObject"):
        content = ALPHABET if operation == "GetObject" else None
        for name, conditions in HOLDS.items():
            yield tells(
                operation,
                name,
                f"The condition holds, so the object is answered with ({name}).",
                ask(operation, Key="line", **conditions).status(200).gives(content),
                shelf=LINE,
            )
        for name, (conditions, code) in FAILS.items():
            yield rejects(
                operation,
                name,
                f"The condition does not hold: {code} ({name}).",
                refused(ask(operation, Key="line", **conditions), code),
                given=(head("line").saving(date="<last-modified>"),),
                shelf=LINE,
            )


PUTS = (
    rejects(
        "PutObject",
        "if-none-match-any",
        "An object that must not be there yet is not overwritten.",
        refused(put("letter", "new", IfNoneMatch="*"), "PreconditionFailed"),
        given=(put(),),
        then=(get().gives(LETTER),),
        drivers=("boto3", "raw"),
    ),
    tells(
        "PutObject",
        "if-none-match-any",
        "An object that must not be there yet is put where there is none.",
        put("letter", LETTER, IfNoneMatch="*").gives(ETag=LETTER_ETAG),
        then=(get().gives(LETTER),),
        drivers=("boto3", "raw"),
    ),
    tells(
        "GetObject",
        "not-modified-tells-etag",
        "An answer that the object was not modified tells its ETag all the same.",
        refused(get("line", IfNoneMatch=ETAG), "304").headed({"ETag": ETAG}),
        shelf=LINE,
    ),
    tells(
        "GetObject",
        "range-and-condition",
        "A range may be asked for on a condition.",
        get("line", Range="bytes=2-3", IfMatch=ETAG).status(206).gives("cd"),
        shelf=LINE,
    ),
    rejects(
        "GetObject",
        "range-on-condition-that-fails",
        "The condition counts before the range.",
        refused(get("line", Range="bytes=2-3", IfMatch=OTHER_ETAG), "PreconditionFailed"),
        shelf=LINE,
    ),
)


class TestReading(Stories):
    """Ranges and conditions."""

    told = (*_ranges(), *_ignored(), *_beyond(), *_conditions(), *PUTS)
