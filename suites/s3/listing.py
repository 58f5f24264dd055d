"""S3: a bucket's keys listed in order, by prefix and delimiter, in both versions of the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Level, ProcedureRequirement, Step
from suites.s3 import (
    ISO,
    LETTER,
    LETTER_ETAG,
    RAW,
    Stories,
    ask,
    put,
    refused,
    rejects,
    shelf,
    tells,
)

TREE = (
    *("README", "a/1", "a/2", "a/b/1", "a/b/2", "b/1", "b/c/d/1"),
    *("ba", "c", "photos/2013/may.jpg", "photos/2014/june.jpg", "z"),
)
SHELF = shelf("tree", *(put(key, key) for key in TREE))
SIGNS = (
    "A",
    "B",
    "Z",
    "_",
    "a",
    "a b",
    "a!",
    "a-b",
    "a.b",
    "a/b",
    "a0",
    "aa",
    "a|b",
    "~",
    "é",
    "😀",
)
SIGN_SHELF = shelf("signs", *(put(key, "") for key in reversed(SIGNS)))
ODD = ("a b/c&d", "a+b/1", "a%2Fb", "e<f>g", 'h"i', "j k")
ODD_SHELF = shelf("odd", *(put(key, "") for key in ODD))
IN_BYTES = sorted(SIGNS, key=lambda key: key.encode())

# arguments, keys, common prefixes
LISTINGS: Mapping[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "everything": ({}, list(TREE), []),
    "prefix": ({"Prefix": "a/"}, ["a/1", "a/2", "a/b/1", "a/b/2"], []),
    "prefix-inside-a-name": ({"Prefix": "b"}, ["b/1", "b/c/d/1", "ba"], []),
    "prefix-of-one": ({"Prefix": "photos/2014"}, ["photos/2014/june.jpg"], []),
    "prefix-is-a-key": ({"Prefix": "README"}, ["README"], []),
    "prefix-of-nothing": ({"Prefix": "nothing"}, [], []),
    "prefix-empty": ({"Prefix": ""}, list(TREE), []),
    "delimiter": (
        {"Delimiter": "/"},
        ["README", "ba", "c", "z"],
        ["a/", "b/", "photos/"],
    ),
    "delimiter-and-prefix": ({"Delimiter": "/", "Prefix": "a/"}, ["a/1", "a/2"], ["a/b/"]),
    "delimiter-and-deeper-prefix": (
        {"Delimiter": "/", "Prefix": "photos/"},
        [],
        ["photos/2013/", "photos/2014/"],
    ),
    "delimiter-and-open-prefix": (
        {"Delimiter": "/", "Prefix": "a"},
        [],
        ["a/"],
    ),
    "delimiter-and-prefix-of-one": (
        {"Delimiter": "/", "Prefix": "b/c/d/1"},
        ["b/c/d/1"],
        [],
    ),
    "delimiter-letter": (
        {"Delimiter": "a"},
        ["b/1", "b/c/d/1", "c", "photos/2014/june.jpg", "z", "README"],
        ["a", "ba", "photos/2013/ma"],
    ),
    "delimiter-of-two": (
        {"Delimiter": "/b"},
        ["README", "a/1", "a/2", *TREE[5:]],
        ["a/b"],
    ),
    "delimiter-of-nothing": ({"Delimiter": "$"}, list(TREE), []),
    "delimiter-with-dot": (
        {"Delimiter": ".", "Prefix": "photos/"},
        [],
        ["photos/2013/may.", "photos/2014/june."],
    ),
}


def listed(step: Step, names: list[str], prefixes: list[str]) -> Step:
    """The step, whose answer must have exactly these keys and common prefixes, in order."""
    names = sorted(names, key=lambda key: key.encode())
    return step.fields(
        {
            "Contents[].Key": [names] if names else {"absent": True},
            "CommonPrefixes[].Prefix": [prefixes] if prefixes else {"absent": True},
        }
    )


def _listings() -> Iterator[ProcedureRequirement]:
    for name, (arguments, names, prefixes) in LISTINGS.items():
        for operation in ("ListObjects", "ListObjectsV2"):
            step = ask(operation, **arguments).fields({"IsTruncated": False})
            yield tells(
                operation,
                name,
                f"The list has exactly the keys and common prefixes of its arguments ({name}).",
                listed(step, names, prefixes),
                shelf=SHELF,
                level=Level.MUST if operation == "ListObjects" and not arguments else Level.SHOULD,
            )


def _details() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield tells(
            operation,
            "order-of-bytes",
            "Keys are in the order of their UTF-8 bytes.",
            ask(operation).fields({"Contents[].Key": [IN_BYTES]}),
            shelf=SIGN_SHELF,
        )
        yield tells(
            operation,
            "entry",
            "An entry tells size, ETag and date of its object.",
            ask(operation, Prefix="letter").fields(
                {
                    "Contents[0].Key": "letter",
                    "Contents[0].Size": len(LETTER),
                    "Contents[0].ETag": LETTER_ETAG,
                    "Contents[0].LastModified": ISO,
                    "Contents[0].StorageClass": "STANDARD",
                }
            ),
            given=(put(), put("another", "x")),
        )
        yield tells(
            operation,
            "echo",
            "The answer repeats what was asked.",
            ask(operation, Prefix="a/", Delimiter="/", MaxKeys=7).fields(
                {"Name": "{bucket}", "Prefix": "a/", "Delimiter": "/", "MaxKeys": 7}
            ),
            shelf=SHELF,
        )


def _spelled() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield tells(
            operation,
            "encoding-url",
            "Keys and prefixes are percent-encoded if asked for.",
            ask(operation, EncodingType="url", Delimiter="/").fields(
                {
                    "EncodingType": "url",
                    "Contents[].Key": [
                        ["a%252Fb", "e%3Cf%3Eg", "h%22i", blank] for blank in ("j+k", "j%20k")
                    ],
                    "CommonPrefixes[].Prefix": [[blank, "a%2Bb/"] for blank in ("a+b/", "a%20b/")],
                }
            ),
            shelf=ODD_SHELF,
            drivers=RAW,
        )
        yield tells(
            operation,
            "odd-keys",
            "Keys with signs that XML or URLs treat otherwise are listed as they are.",
            ask(operation).fields({"Contents[].Key": [sorted(ODD)]}),
            shelf=ODD_SHELF,
        )


def _rejected() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield rejects(
            operation,
            "max-keys-text",
            "max-keys is a number.",
            refused(ask(operation).tampered(query="max-keys=many"), "InvalidArgument"),
            shelf=SHELF,
            drivers=RAW,
        )
        yield rejects(
            operation,
            "max-keys-negative",
            "max-keys is not negative.",
            refused(ask(operation).tampered(query="max-keys=-1"), "InvalidArgument"),
            shelf=SHELF,
            drivers=RAW,
        )
        yield rejects(
            operation,
            "unknown-encoding",
            "There is no other encoding than url.",
            refused(ask(operation).tampered(query="encoding-type=rot13"), "InvalidArgument"),
            shelf=SHELF,
            drivers=RAW,
        )


class TestListing(Stories):
    """Keys in order."""

    told = (*_listings(), *_details(), *_spelled(), *_rejected())
