"""S3: a bucket's keys listed in order, page by page, by prefix and delimiter, in both versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Demand, Level, Shelf
from suites.s3 import (
    ISO,
    LETTER,
    LETTER_ETAG,
    RAW,
    SDKS,
    Stories,
    ask,
    delete,
    get,
    keys,
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


def _listed(step: Any, names: list[str], prefixes: list[str]) -> Any:
    names = sorted(names, key=lambda key: key.encode())
    return step.fields(
        {
            "Contents[].Key": [names] if names else {"absent": True},
            "CommonPrefixes[].Prefix": [prefixes] if prefixes else {"absent": True},
        }
    )


def _listings() -> Iterator[Demand]:
    for name, (arguments, names, prefixes) in LISTINGS.items():
        for operation in ("ListObjects", "ListObjectsV2"):
            step = ask(operation, **arguments).fields({"IsTruncated": False})
            yield tells(
                operation,
                name,
                f"The list has exactly the keys and common prefixes of its arguments ({name}).",
                _listed(step, names, prefixes),
                shelf=SHELF,
                level=Level.MUST if operation == "ListObjects" and not arguments else Level.SHOULD,
            )
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
        yield tells(
            operation,
            "encoding-url",
            "Keys and prefixes are percent-encoded if asked for.",
            ask(operation, EncodingType="url", Delimiter="/").fields(
                {
                    "EncodingType": "url",
                    "Contents[].Key": [["a%252Fb", "e%3Cf%3Eg", "h%22i", "j+k"]],
                    "CommonPrefixes[].Prefix": [["a+b/", "a%2Bb/"]],
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


MARKED: Mapping[str, tuple[str, list[str]]] = {
    "at-a-key": ("b/1", list(TREE[6:])),
    "between-keys": ("b", list(TREE[5:])),
    "before-all": ("A", list(TREE)),
    "after-all": ("zz", []),
    "last-key": ("z", []),
}


def _markers() -> Iterator[Demand]:
    for name, (marker, names) in MARKED.items():
        yield tells(
            "ListObjects",
            f"marker-{name}",
            f"The list goes on after the marker, which is not in it ({name}).",
            _listed(ask("ListObjects", Marker=marker).fields({"Marker": marker}), names, []),
            shelf=SHELF,
        )
        yield tells(
            "ListObjectsV2",
            f"start-after-{name}",
            f"The list goes on after the key to start after, which is not in it ({name}).",
            _listed(ask("ListObjectsV2", StartAfter=marker), names, []),
            shelf=SHELF,
        )
    yield tells(
        "ListObjects",
        "marker-and-prefix",
        "Marker and prefix count together.",
        _listed(ask("ListObjects", Marker="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shelf=SHELF,
    )
    yield tells(
        "ListObjects",
        "marker-is-a-common-prefix",
        "After a common prefix as a marker, nothing below it comes again.",
        _listed(ask("ListObjects", Marker="b/", Delimiter="/"), ["ba", "c", "z"], ["photos/"]),
        shelf=SHELF,
    )


def _pages(tree: Shelf) -> Iterator[Demand]:
    for size in (1, 2, 5, 11):
        first, second = list(TREE[:size]), list(TREE[size : 2 * size])
        more = 2 * size < len(TREE)
        yield tells(
            "ListObjects",
            f"pages-of-{size}",
            f"A list in pages of {size} goes on where it stopped: no key is lost or comes twice.",
            ask("ListObjects", MaxKeys=size).fields(
                {"Contents[].Key": [first], "IsTruncated": True, "MaxKeys": size}
            ),
            ask("ListObjects", MaxKeys=size, Marker=first[-1]).fields(
                {"Contents[].Key": [second], "IsTruncated": more}
            ),
            shelf=tree,
        )
        yield tells(
            "ListObjectsV2",
            f"pages-of-{size}",
            f"A list in pages of {size} goes on where it stopped: no key is lost or comes twice.",
            ask("ListObjectsV2", MaxKeys=size)
            .fields({"Contents[].Key": [first], "IsTruncated": True, "KeyCount": size})
            .saving(token="NextContinuationToken"),
            ask("ListObjectsV2", MaxKeys=size, ContinuationToken="{token}").fields(
                {
                    "Contents[].Key": [second],
                    "IsTruncated": more,
                    "KeyCount": len(second),
                    "ContinuationToken": "{token}",
                }
            ),
            shelf=tree,
        )


PAGES = (
    tells(
        "ListObjects",
        "next-marker",
        "A list with a delimiter that was cut tells where to go on.",
        ask("ListObjects", MaxKeys=2, Delimiter="/")
        .fields({"IsTruncated": True, "NextMarker": {"present": True}})
        .saving(next="NextMarker"),
        _listed(
            ask("ListObjects", MaxKeys=9, Delimiter="/", Marker="{next}"),
            ["ba", "c", "z"],
            ["b/", "photos/"],
        ),
        shelf=SHELF,
    ),
    tells(
        "ListObjects",
        "common-prefixes-count",
        "A common prefix counts once against max-keys, however much is below it.",
        _listed(ask("ListObjects", MaxKeys=3, Delimiter="/"), ["README"], ["a/", "b/"]),
        shelf=SHELF,
    ),
    tells(
        "ListObjects",
        "max-keys-all",
        "A list that has just room for all keys is not cut.",
        keys(*TREE, MaxKeys=12).fields({"IsTruncated": False}),
        shelf=SHELF,
    ),
    tells(
        "ListObjects",
        "max-keys-zero",
        "A list of no keys has none, and is not cut.",
        keys(MaxKeys=0).fields({"IsTruncated": False, "MaxKeys": 0}),
        shelf=SHELF,
        drivers=("boto3", "raw"),
    ),
    tells(
        "ListObjects",
        "max-keys-default",
        "A list has 1,000 keys at most unless fewer are asked for.",
        ask("ListObjects").fields({"MaxKeys": 1000}),
        shelf=SHELF,
    ),
    tells(
        "ListObjects",
        "owner",
        "An entry tells whose object it is.",
        ask("ListObjects", Prefix="z").fields({"Contents[0].Owner.ID": {"present": True}}),
        shelf=SHELF,
    ),
    tells(
        "ListObjectsV2",
        "no-owner",
        "Version 2 does not tell the owner unless asked.",
        ask("ListObjectsV2", Prefix="z").fields({"Contents[0].Owner": {"absent": True}}),
        shelf=SHELF,
    ),
    tells(
        "ListObjectsV2",
        "fetch-owner",
        "Version 2 tells the owner if asked.",
        ask("ListObjectsV2", Prefix="z", FetchOwner=True).fields(
            {"Contents[0].Owner.ID": {"present": True}}
        ),
        shelf=SHELF,
    ),
    tells(
        "ListObjectsV2",
        "key-count",
        "KeyCount counts keys and common prefixes.",
        ask("ListObjectsV2", Delimiter="/").fields({"KeyCount": 7}),
        shelf=SHELF,
    ),
    tells(
        "ListObjectsV2",
        "pages-with-delimiter",
        "Pages with a delimiter go on where they stopped, common prefixes included.",
        _listed(
            ask("ListObjectsV2", MaxKeys=3, Delimiter="/").saving(token="NextContinuationToken"),
            ["README"],
            ["a/", "b/"],
        ),
        _listed(
            ask("ListObjectsV2", MaxKeys=3, Delimiter="/", ContinuationToken="{token}"),
            ["ba", "c"],
            ["photos/"],
        ),
        shelf=SHELF,
    ),
    tells(
        "ListObjectsV2",
        "start-after-and-prefix",
        "The key to start after and the prefix count together.",
        _listed(ask("ListObjectsV2", StartAfter="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shelf=SHELF,
    ),
    tells(
        "ListObjectsV2",
        "token-beats-start-after",
        "The list goes on by its token, whatever the key to start after.",
        ask("ListObjectsV2", MaxKeys=2).saving(token="NextContinuationToken"),
        ask("ListObjectsV2", MaxKeys=2, ContinuationToken="{token}", StartAfter="z").fields(
            {"Contents[].Key": [list(TREE[2:4])]}
        ),
        shelf=SHELF,
    ),
    rejects(
        "ListObjectsV2",
        "forged-token",
        "A list does not go on by a token that it never gave.",
        refused(ask("ListObjectsV2", ContinuationToken="no such token!"), "InvalidArgument"),
        shelf=SHELF,
    ),
    rejects(
        "ListObjectsV2",
        "empty-token",
        "An empty token is none.",
        refused(ask("ListObjectsV2").tampered(query="continuation-token="), "InvalidArgument"),
        shelf=SHELF,
        drivers=RAW,
    ),
    tells(
        "ListObjects",
        "after-put",
        "An object is listed as soon as it was put.",
        put("new", "x"),
        keys("new"),
        level=Level.MUST,
    ),
    tells(
        "ListObjects",
        "after-delete",
        "An object is no longer listed as soon as it was removed.",
        delete("a"),
        keys("b"),
        given=(put("a"), put("b")),
    ),
    tells(
        "ListObjects",
        "after-overwrite",
        "An object that was overwritten is listed once, with its new size.",
        put("a", "longer than before"),
        ask("ListObjects").fields({"Contents[].[Key, Size]": [[["a", 18]]]}),
        given=(put("a", "short"),),
    ),
    tells(
        "GetObject",
        "after-overwrite-reads-new",
        "Nobody reads what an object was before.",
        get("a").gives("short"),
        put("a", "longer than before"),
        get("a").gives("longer than before"),
        given=(put("a", "short"),),
        drivers=(*SDKS, *RAW),
    ),
)


class TestListing(Stories):
    """Keys in order."""

    told = (*_listings(), *_markers(), *_pages(SHELF), *PAGES)
