"""S3: keys listed in order, by prefix and delimiter, by both versions of the operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Level, ProcedureRequirement, Step
from suites.s3.dsl import (
    ISO,
    LETTER,
    LETTER_ETAG,
    RAW,
    S3Suite,
    answers,
    bucket_with,
    must_fail,
    put,
    rejects,
    request,
)

TREE_KEYS = (
    *("README", "a/1", "a/2", "a/b/1", "a/b/2", "b/1", "b/c/d/1"),
    *("ba", "c", "photos/2013/may.jpg", "photos/2014/june.jpg", "z"),
)
TREE_BUCKET = bucket_with("tree", *(put(key, key) for key in TREE_KEYS))
ORDER_KEYS = (
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
ORDER_BUCKET = bucket_with("signs", *(put(key, "") for key in reversed(ORDER_KEYS)))
ODD_KEYS = ("a b/c&d", "a+b/1", "a%2Fb", "e<f>g", 'h"i', "j k")
ODD_BUCKET = bucket_with("odd", *(put(key, "") for key in ODD_KEYS))
IN_BYTES = sorted(ORDER_KEYS, key=lambda key: key.encode())

# arguments, keys, common prefixes
LISTINGS: Mapping[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "everything": ({}, list(TREE_KEYS), []),
    "prefix": ({"Prefix": "a/"}, ["a/1", "a/2", "a/b/1", "a/b/2"], []),
    "prefix-inside-a-name": ({"Prefix": "b"}, ["b/1", "b/c/d/1", "ba"], []),
    "prefix-of-one": ({"Prefix": "photos/2014"}, ["photos/2014/june.jpg"], []),
    "prefix-is-a-key": ({"Prefix": "README"}, ["README"], []),
    "prefix-of-nothing": ({"Prefix": "nothing"}, [], []),
    "prefix-empty": ({"Prefix": ""}, list(TREE_KEYS), []),
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
        ["README", "a/1", "a/2", *TREE_KEYS[5:]],
        ["a/b"],
    ),
    "delimiter-of-nothing": ({"Delimiter": "$"}, list(TREE_KEYS), []),
    "delimiter-with-dot": (
        {"Delimiter": ".", "Prefix": "photos/"},
        [],
        ["photos/2013/may.", "photos/2014/june."],
    ),
}


def lists(step: Step, names: list[str], prefixes: list[str]) -> Step:
    """The step, whose reply must list exactly these keys and common prefixes, in order."""
    names = sorted(names, key=lambda key: key.encode())
    return step.with_fields(
        {
            "Contents[].Key": [names] if names else {"absent": True},
            "CommonPrefixes[].Prefix": [prefixes] if prefixes else {"absent": True},
        }
    )


def _listings() -> Iterator[ProcedureRequirement]:
    for name, (arguments, names, prefixes) in LISTINGS.items():
        for operation in ("ListObjects", "ListObjectsV2"):
            step = request(operation, **arguments).with_fields({"IsTruncated": False})
            yield answers(
                operation,
                name,
                f"The list has exactly the keys and prefixes that its arguments select ({name}).",
                lists(step, names, prefixes),
                shared_bucket=TREE_BUCKET,
                level=Level.MUST if operation == "ListObjects" and not arguments else Level.SHOULD,
            )


def _details() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield answers(
            operation,
            "order-of-bytes",
            "Keys are listed in the order of their UTF-8 bytes.",
            request(operation).with_fields({"Contents[].Key": [IN_BYTES]}),
            shared_bucket=ORDER_BUCKET,
        )
        yield answers(
            operation,
            "entry",
            "An entry has the size, ETag and date of its object.",
            request(operation, Prefix="letter").with_fields(
                {
                    "Contents[0].Key": "letter",
                    "Contents[0].Size": len(LETTER),
                    "Contents[0].ETag": LETTER_ETAG,
                    "Contents[0].LastModified": ISO,
                    "Contents[0].StorageClass": "STANDARD",
                }
            ),
            setup=(put(), put("another", "x")),
        )
        yield answers(
            operation,
            "echo",
            "The reply repeats the arguments of the request.",
            request(operation, Prefix="a/", Delimiter="/", MaxKeys=7).with_fields(
                {"Name": "{bucket}", "Prefix": "a/", "Delimiter": "/", "MaxKeys": 7}
            ),
            shared_bucket=TREE_BUCKET,
        )


def _encoded_keys() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield answers(
            operation,
            "encoding-url",
            "Keys and prefixes are percent-encoded if the request asks for it.",
            request(operation, EncodingType="url", Delimiter="/").with_fields(
                {
                    "EncodingType": "url",
                    "Contents[].Key": [
                        ["a%252Fb", "e%3Cf%3Eg", "h%22i", blank] for blank in ("j+k", "j%20k")
                    ],
                    "CommonPrefixes[].Prefix": [[blank, "a%2Bb/"] for blank in ("a+b/", "a%20b/")],
                }
            ),
            shared_bucket=ODD_BUCKET,
            drivers=RAW,
        )
        yield answers(
            operation,
            "odd-keys",
            "Keys with characters that are special in XML or URLs are listed unchanged.",
            request(operation).with_fields({"Contents[].Key": [sorted(ODD_KEYS)]}),
            shared_bucket=ODD_BUCKET,
        )


def _rejections() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield rejects(
            operation,
            "max-keys-text",
            "A max-keys that is not a number is refused.",
            must_fail(request(operation).tampered_with(query="max-keys=many"), "InvalidArgument"),
            shared_bucket=TREE_BUCKET,
            drivers=RAW,
        )
        yield rejects(
            operation,
            "max-keys-negative",
            "A negative max-keys is refused.",
            must_fail(request(operation).tampered_with(query="max-keys=-1"), "InvalidArgument"),
            shared_bucket=TREE_BUCKET,
            drivers=RAW,
        )
        yield rejects(
            operation,
            "unknown-encoding",
            "An encoding type other than url is refused.",
            must_fail(
                request(operation).tampered_with(query="encoding-type=rot13"), "InvalidArgument"
            ),
            shared_bucket=TREE_BUCKET,
            drivers=RAW,
        )


class TestKeyListing(S3Suite):
    """ListObjects and ListObjectsV2."""

    requirements = (*_listings(), *_details(), *_encoded_keys(), *_rejections())
