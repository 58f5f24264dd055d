"""S3: lists of keys in pages, by markers and tokens; and lists after changes."""

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
            f"The list begins after the marker ({name}).",
            lists(request("ListObjects", Marker=marker).with_fields({"Marker": marker}), names, []),
            shared_bucket=TREE_BUCKET,
        )
        yield answers(
            "ListObjectsV2",
            f"start-after-{name}",
            f"The list begins after the key in start-after ({name}).",
            lists(request("ListObjectsV2", StartAfter=marker), names, []),
            shared_bucket=TREE_BUCKET,
        )
    yield answers(
        "ListObjects",
        "marker-and-prefix",
        "The list begins after the marker and has only keys with the prefix.",
        lists(request("ListObjects", Marker="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shared_bucket=TREE_BUCKET,
    )
    yield answers(
        "ListObjects",
        "marker-is-a-common-prefix",
        "A common prefix as the marker leaves out every key that begins with it.",
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
            f"The second page of {size} continues where the first one ended: "
            "no key is missing or listed twice.",
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
            f"The second page of {size} continues where the first one ended: "
            "no key is missing or listed twice.",
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
        "A truncated list with a delimiter has the marker of the next page.",
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
        "next-marker-without-delimiter",
        "A truncated list without a delimiter has no NextMarker: its last key is the marker.",
        request("ListObjects", MaxKeys=2).with_fields(
            {"IsTruncated": True, "NextMarker": {"missing": True}}
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "next-marker-after-the-end",
        "A list that is not truncated has no NextMarker.",
        request("ListObjects", Delimiter="/").with_fields(
            {"IsTruncated": False, "NextMarker": {"missing": True}}
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "tokens-only-as-sent",
        "A list has ContinuationToken, StartAfter and NextContinuationToken only where a token "
        "or a start was sent, or a page follows.",
        request("ListObjectsV2").with_fields(
            {
                "IsTruncated": False,
                "ContinuationToken": {"missing": True},
                "StartAfter": {"missing": True},
                "NextContinuationToken": {"absent": True},
            }
        ),
        request("ListObjectsV2", MaxKeys=2).with_fields(
            {
                "NextContinuationToken": {"present": True},
                "ContinuationToken": {"missing": True},
                "StartAfter": {"missing": True},
            }
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "start-after-echo",
        "A list repeats StartAfter where it was sent, and has no ContinuationToken for it.",
        request("ListObjectsV2", StartAfter="b/1").with_fields(
            {"StartAfter": "b/1", "ContinuationToken": {"missing": True}}
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "common-prefixes-count",
        "A common prefix counts once against max-keys, however many keys it stands for.",
        lists(request("ListObjects", MaxKeys=3, Delimiter="/"), ["README"], ["a/", "b/"]),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "max-keys-all",
        "A list with room for exactly all keys is not truncated.",
        list_keys(*TREE_KEYS, MaxKeys=12).with_fields({"IsTruncated": False}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "max-keys-zero",
        "With max-keys 0 the list is empty and not truncated.",
        list_keys(MaxKeys=0).with_fields({"IsTruncated": False, "MaxKeys": 0}),
        shared_bucket=TREE_BUCKET,
        drivers=("boto3", "raw"),
    ),
    answers(
        "ListObjects",
        "max-keys-default",
        "The default of max-keys is 1,000.",
        request("ListObjects").with_fields({"MaxKeys": 1000}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "owner",
        "An entry has the owner of its object.",
        request("ListObjects", Prefix="z").with_fields({"Contents[0].Owner.ID": {"present": True}}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "no-owner",
        "Version 2 of the list has no owners by default.",
        request("ListObjectsV2", Prefix="z").with_fields(
            {"Contents[0].Key": "z", "Contents[0].Owner": {"absent": True}}
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "fetch-owner",
        "Version 2 of the list has the owners if the request asks for them.",
        request("ListObjectsV2", Prefix="z", FetchOwner=True).with_fields(
            {"Contents[0].Owner.ID": {"present": True}}
        ),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "key-count",
        "KeyCount is the number of keys and common prefixes.",
        request("ListObjectsV2", Delimiter="/").with_fields({"KeyCount": 7}),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "pages-with-delimiter",
        "A second page continues after the keys and common prefixes of the first one.",
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
        "The list begins after start-after and has only keys with the prefix.",
        lists(request("ListObjectsV2", StartAfter="a/2", Prefix="a/"), ["a/b/1", "a/b/2"], []),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjectsV2",
        "token-beats-start-after",
        "The continuation token takes precedence over start-after.",
        request("ListObjectsV2", MaxKeys=2).save(token="NextContinuationToken"),
        request(
            "ListObjectsV2", MaxKeys=2, ContinuationToken="{token}", StartAfter="z"
        ).with_fields({"Contents[].Key": [list(TREE_KEYS[2:4])]}),
        shared_bucket=TREE_BUCKET,
    ),
    rejects(
        "ListObjectsV2",
        "forged-token",
        "A continuation token that no list returned is refused.",
        must_fail(request("ListObjectsV2", ContinuationToken="no such token!"), "InvalidArgument"),
        shared_bucket=TREE_BUCKET,
    ),
    answers(
        "ListObjects",
        "after-put",
        "An object is listed as soon as it has been put.",
        put("new", "x"),
        list_keys("new"),
        level=Level.MUST,
    ),
    answers(
        "ListObjects",
        "after-delete",
        "An object is no longer listed as soon as it has been deleted.",
        delete("a"),
        list_keys("b"),
        setup=(put("a"), put("b")),
    ),
    answers(
        "ListObjects",
        "after-overwrite",
        "An overwritten object is listed once, with its new size.",
        put("a", "longer than before"),
        request("ListObjects").with_fields({"Contents[].[Key, Size]": [[["a", 18]]]}),
        setup=(put("a", "short"),),
    ),
    answers(
        "GetObject",
        "after-overwrite-reads-new",
        "A read after an overwrite returns the new data.",
        get("a").returns("short"),
        put("a", "longer than before"),
        get("a").returns("longer than before"),
        setup=(put("a", "short"),),
    ),
)


class TestPaging(S3Suite):
    """Pages, and lists after changes."""

    requirements = (*_markers(), *_pages(), *PAGES)
