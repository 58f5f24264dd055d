"""S3: lists of keys that go on where they stopped: markers, tokens, pages; and that are true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Level, ProcedureRequirement
from suites.s3 import Stories, ask, delete, get, keys, put, refused, rejects, tells
from suites.s3.listing import SHELF, TREE, listed

MARKED: Mapping[str, tuple[str, list[str]]] = {
    "at-a-key": ("b/1", list(TREE[6:])),
    "between-keys": ("b", list(TREE[5:])),
    "before-all": ("A", list(TREE)),
    "after-all": ("zz", []),
    "last-key": ("z", []),
}


def _markers() -> Iterator[ProcedureRequirement]:
    for name, (marker, names) in MARKED.items():
        yield tells(
            "ListObjects",
            f"marker-{name}",
            f"The list goes on after the marker, which is not in it ({name}).",
            listed(ask("ListObjects", Marker=marker).fields({"Marker": marker}), names, []),
            shelf=SHELF,
        )
        yield tells(
            "ListObjectsV2",
            f"start-after-{name}",
            f"The list goes on after the key to start after, which is not in it ({name}).",
            listed(ask("ListObjectsV2", StartAfter=marker), names, []),
            shelf=SHELF,
        )
    yield tells(
        "ListObjects",
        "marker-and-prefix",
        "Marker and prefix count together.",
        listed(ask("ListObjects", Marker="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shelf=SHELF,
    )
    yield tells(
        "ListObjects",
        "marker-is-a-common-prefix",
        "After a common prefix as a marker, nothing below it comes again.",
        listed(ask("ListObjects", Marker="b/", Delimiter="/"), ["ba", "c", "z"], ["photos/"]),
        shelf=SHELF,
    )


def _pages() -> Iterator[ProcedureRequirement]:
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
            shelf=SHELF,
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
            shelf=SHELF,
        )


PAGES = (
    tells(
        "ListObjects",
        "next-marker",
        "A list with a delimiter that was cut tells where to go on.",
        ask("ListObjects", MaxKeys=2, Delimiter="/")
        .fields({"IsTruncated": True, "NextMarker": {"present": True}})
        .saving(next="NextMarker"),
        listed(
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
        listed(ask("ListObjects", MaxKeys=3, Delimiter="/"), ["README"], ["a/", "b/"]),
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
        listed(
            ask("ListObjectsV2", MaxKeys=3, Delimiter="/").saving(token="NextContinuationToken"),
            ["README"],
            ["a/", "b/"],
        ),
        listed(
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
        listed(ask("ListObjectsV2", StartAfter="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
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
    ),
)


class TestPaging(Stories):
    """Pages of keys."""

    told = (*_markers(), *_pages(), *PAGES)
