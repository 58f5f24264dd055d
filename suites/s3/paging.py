"""S3: lists of keys that go on where they stopped: markers, tokens, pages; and that are true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Level, ProcedureRequirement
from suites.s3.dsl import S3Suite, answers, delete, get, list_keys, must_fail, put, rejects, request
from suites.s3.key_listing import TREE_BUCKET, TREE_KEYS, lists

MARKED: Mapping[str, tuple[str, list[str]]] = {
    "at-a-key": ("b/1", list(TREE_KEYS[6:])),
    "between-keys": ("b", list(TREE_KEYS[5:])),
    "before-all": ("A", list(TREE_KEYS)),
    "after-all": ("zz", []),
    "last-key": ("z", []),
}


def _markers() -> Iterator[ProcedureRequirement]:
    for name, (marker, names) in MARKED.items():
        yield answers(
            "ListObjects",
            f"marker-{name}",
            f"The list goes on after the marker, which is not in it ({name}).",
            lists(request("ListObjects", Marker=marker).with_fields({"Marker": marker}), names, []),
            shared_bucket=TREE_BUCKET,
        )
        yield answers(
            "ListObjectsV2",
            f"start-after-{name}",
            f"The list goes on after the key to start after, which is not in it ({name}).",
            lists(request("ListObjectsV2", StartAfter=marker), names, []),
            shared_bucket=TREE_BUCKET,
        )
    yield answers(
        "ListObjects",
        "marker-and-prefix",
        "Marker and prefix count together.",
        lists(request("ListObjects", Marker="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shared_bucket=TREE_BUCKET,
    )
    yield answers(
        "ListObjects",
        "marker-is-a-common-prefix",
        "After a common prefix as a marker, nothing below it comes again.",
        lists(request("ListObjects", Marker="b/", Delimiter="/"), ["ba", "c", "z"], ["photos/"]),
        shared_bucket=TREE_BUCKET,
    )


def _pages() -> Iterator[ProcedureRequirement]:
    for size in (1, 2, 5, 11):
        first, second = list(TREE_KEYS[:size]), list(TREE_KEYS[size : 2 * size])
        more = 2 * size < len(TREE_KEYS)
        yield answers(
            "ListObjects",
            f"pages-of-{size}",
            f"A list in pages of {size} goes on where it stopped: no key is lost or comes twice.",
            request("ListObjects", MaxKeys=size).with_fields(
                {"Contents[].Key": [first], "IsTruncated": True, "MaxKeys": size}
            ),
            request("ListObjects", MaxKeys=size, Marker=first[-1]).with_fields(
                {"Contents[].Key": [second], "IsTruncated": more}
            ),
            shared_bucket=TREE_BUCKET,
        )
        yield answers(
            "ListObjectsV2",
            f"pages-of-{size}",
            f"A list in pages of {size} goes on where it stopped: no key is lost or comes twice.",
            request("ListObjectsV2", MaxKeys=size)
            .with_fields({"Contents[].Key": [first], "IsTruncated": True, "KeyCount": size})
            .save(token="NextContinuationToken"),
            request("ListObjectsV2", MaxKeys=size, ContinuationToken="{token}").with_fields(
                {
                    "Contents[].Key": [second],
                    "IsTruncated": more,
                    "KeyCount": len(second),
                    "ContinuationToken": "{token}",
                }
            ),
            shared_bucket=TREE_BUCKET,
        )


PAGES = (
    answers(
        "ListObjects",
        "next-marker",
        "A list with a delimiter that was cut tells where to go on.",
        request("ListObjects", MaxKeys=2, Delimiter="/")
        .with_fields({"IsTruncated": True, "NextMarker": {"present": True}})
        .save(next="NextMarker"),
        lists(
            request("ListObjects", MaxKeys=9, Delimiter="/", Marker="{next}"),
            ["ba", "c", "z"],
            ["b/", "photos/"],
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "common-prefixes-count",
        "A common prefix counts once against max-keys, however much is below it.",
        lists(request("ListObjects", MaxKeys=3, Delimiter="/"), ["README"], ["a/", "b/"]),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "max-keys-all",
        "A list that has just room for all keys is not cut.",
        list_keys(*TREE_KEYS, MaxKeys=12).with_fields({"IsTruncated": False}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "max-keys-zero",
        "A list of no keys has none, and is not cut.",
        list_keys(MaxKeys=0).with_fields({"IsTruncated": False, "MaxKeys": 0}),
        shared_bucket=TREE_BUCKET,
        drivers=("boto3", "raw"),
    ),
    answers(
        "ListObjects",
        "max-keys-default",
        "A list has 1,000 keys at most unless fewer are asked for.",
        request("ListObjects").with_fields({"MaxKeys": 1000}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "owner",
        "An entry tells whose object it is.",
        request("ListObjects", Prefix="z").with_fields({"Contents[0].Owner.ID": {"present": True}}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "no-owner",
        "Version 2 does not tell the owner unless asked.",
        request("ListObjectsV2", Prefix="z").with_fields({"Contents[0].Owner": {"absent": True}}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "fetch-owner",
        "Version 2 tells the owner if asked.",
        request("ListObjectsV2", Prefix="z", FetchOwner=True).with_fields(
            {"Contents[0].Owner.ID": {"present": True}}
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "key-count",
        "KeyCount counts keys and common prefixes.",
        request("ListObjectsV2", Delimiter="/").with_fields({"KeyCount": 7}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "pages-with-delimiter",
        "Pages with a delimiter go on where they stopped, common prefixes included.",
        lists(
            request("ListObjectsV2", MaxKeys=3, Delimiter="/").save(token="NextContinuationToken"),
            ["README"],
            ["a/", "b/"],
        ),
        lists(
            request("ListObjectsV2", MaxKeys=3, Delimiter="/", ContinuationToken="{token}"),
            ["ba", "c"],
            ["photos/"],
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "start-after-and-prefix",
        "The key to start after and the prefix count together.",
        lists(request("ListObjectsV2", StartAfter="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "token-beats-start-after",
        "The list goes on by its token, whatever the key to start after.",
        request("ListObjectsV2", MaxKeys=2).save(token="NextContinuationToken"),
        request(
            "ListObjectsV2", MaxKeys=2, ContinuationToken="{token}", StartAfter="z"
        ).with_fields({"Contents[].Key": [list(TREE_KEYS[2:4])]}),
        shared_bucket=TREE_BUCKET,
    ),
    rejects(
        "ListObjectsV2",
        "forged-token",
        "A list does not go on by a token that it never gave.",
        must_fail(request("ListObjectsV2", ContinuationToken="no such token!"), "InvalidArgument"),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "after-put",
        "An object is listed as soon as it was put.",
        put("new", "x"),
        list_keys("new"),
        level=Level.MUST,
    ),
    answers(
        "ListObjects",
        "after-delete",
        "An object is no longer listed as soon as it was removed.",
        delete("a"),
        list_keys("b"),
        setup=(put("a"), put("b")),
    ),
    answers(
        "ListObjects",
        "after-overwrite",
        "An object that was overwritten is listed once, with its new size.",
        put("a", "longer than before"),
        request("ListObjects").with_fields({"Contents[].[Key, Size]": [[["a", 18]]]}),
        setup=(put("a", "short"),),
    ),
    answers(
        "GetObject",
        "after-overwrite-reads-new",
        "Nobody reads what an object was before.",
        get("a").returns("short"),
        put("a", "longer than before"),
        get("a").returns("longer than before"),
        setup=(put("a", "short"),),
    ),
)


class TestPaging(S3Suite):
    """Pages of keys."""

    requirements = (*_markers(), *_pages(), *PAGES)
