"""Which cases must notice the mutations of S3's lists and versions."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import answers, rejections

LISTS: Mapping[str, Expected] = {
    "drops-the-last-key": fails(
        answers(
            "ListObjects",
            "everything",
            "pages-of-*",
            "after-put",
            "prefix",
            "odd-keys",
            "max-keys-all",
            "prefix-of-one",
            "prefix-is-a-key",
            "prefix-inside-a-name",
            "prefix-empty",
            "not-under-marker",
            "order-of-bytes",
        ),
        answers(
            "ListObjectsV2",
            "everything",
            "pages-of-*",
            "prefix",
            "odd-keys",
            "prefix-of-one",
            "prefix-is-a-key",
            "prefix-inside-a-name",
            "prefix-empty",
            "order-of-bytes",
        ),
        text="Contents",
    ),
    "repeats-a-key": fails(
        answers("ListObjects", "pages-of-*", "marker-at-a-key", "marker-last-key"), text="Contents"
    ),
    "repeats-a-start": fails(
        answers("ListObjectsV2", "start-after-at-a-key", "start-after-last-key"), text="Contents"
    ),
    "lists-backwards": fails(
        answers("ListObjects", "order-of-bytes"),
        answers("ListObjectsV2", "order-of-bytes"),
        text="Contents",
    ),
    "ignores-delimiters": fails(
        answers(
            "ListObjects",
            "delimiter",
            "delimiter-letter",
            "delimiter-and-prefix",
            "delimiter-and-*er-prefix",
            "delimiter-and-open-prefix",
            "delimiter-of-two",
            "delimiter-with-dot",
            "common-prefixes-count",
            "marker-is-a-common-prefix",
            "next-marker",
        ),
        answers(
            "ListObjectsV2",
            "delimiter",
            "delimiter-letter",
            "delimiter-and-prefix",
            "delimiter-and-*er-prefix",
            "delimiter-and-open-prefix",
            "delimiter-of-two",
            "delimiter-with-dot",
            "pages-with-delimiter",
        ),
        answers("ListMultipartUploads", "delimiter"),
        answers("ListObjectVersions", "delimiter"),
    ),
    "ignores-prefixes": fails(
        answers("List*", "sign-*"),
        answers(
            "ListObjects",
            "prefix",
            "prefix-i*",
            "prefix-o*",
            "delimiter-and-*",
            "marker-and-prefix",
        ),
        answers(
            "ListObjectsV2",
            "prefix",
            "prefix-i*",
            "prefix-o*",
            "delimiter-and-*",
            "start-after-and-prefix",
        ),
        answers("ListMultipartUploads", "prefix"),
        answers("ListObjectVersions", "prefix"),
    ),
    "ignores-markers": fails(
        answers("ListObjects", "marker-a*", "marker-l*", "marker-between-keys"),
        answers("ListObjectsV2", "start-after-a*", "start-after-l*", "start-after-between-keys"),
        answers("ListObjectVersions", "key-marker"),
    ),
    "skips-at-markers": fails(
        answers("ListObjects", "marker-before-all"),
        answers("ListObjectsV2", "start-after-before-all"),
    ),
    "forgets-tokens": fails(
        answers("ListObjectsV2", "token-beats-start-after", "pages-with-delimiter")
    ),
    "fills-pages": fails(
        answers("ListObjectsV2", "max-keys-zero"),
        answers("ListObjectVersions", "max-keys-zero"),
        answers("ListObjects", "max-keys-zero", "pages-of-1", "pages-of-2", "pages-of-5"),
        answers("ListObjectsV2", "pages-of-1", "pages-of-2", "pages-of-5", "pages-with-delimiter"),
        answers("ListObjectVersions", "pages"),
        answers("ListMultipartUploads", "pages"),
        answers("ListParts", "pages"),
    ),
    "says-little-of-lists": fails(
        answers("ListObjects", "echo", "max-keys-default"), answers("ListObjectsV2", "echo")
    ),
    "encodes-nothing": fails(
        answers("ListObjects", "encoding-url"), answers("ListObjectsV2", "encoding-url")
    ),
    "says-little-of-keys": fails(
        answers("ListObjects", "entry", "storage-class"),
        answers("ListObjectsV2", "entry"),
        answers("ListObjectVersions", "entry"),
        answers("ListParts", "parts"),
    ),
    "disowns-everything": fails(
        answers("ListObjects", "owner"),
        answers("ListObjectsV2", "fetch-owner"),
        answers("ListParts", "owner"),
    ),
    "owns-everything": fails(answers("ListObjectsV2", "no-owner"), text="Owner"),
    "miscounts": fails(answers("ListObjectsV2", "key-count"), text="KeyCount"),
    "says-always-where-to-go-on": fails(
        answers("ListObjects", "next-marker-without-delimiter", "next-marker-after-the-end"),
        text="NextMarker is",
    ),
    "says-tokens-always": fails(
        answers("ListObjectsV2", "tokens-only-as-sent", "start-after-echo"),
        text="ContinuationToken is",
    ),
    "says-starts-always": fails(
        answers("ListObjectsV2", "tokens-only-as-sent"), text="StartAfter is"
    ),
    "says-starts-as-tokens": fails(
        answers("ListObjectsV2", "start-after-echo"), text="ContinuationToken is"
    ),
    "says-next-versions-always": fails(
        answers("ListObjectVersions", "next-markers-after-the-end"), text="NextKeyMarker is"
    ),
    "says-no-next-marker": fails(answers("ListObjects", "next-marker"), text="Marker"),
    "sums-up-everything": fails(
        answers("ListObjects", "delimiter-of-nothing"),
        answers("ListObjectsV2", "delimiter-of-nothing"),
    ),
    "lists-twice": fails(
        answers("PutObject", "key-underscore"),
        answers(
            "ListObjects",
            "prefix",
            "after-overwrite",
            "new-bucket",
            "after-delete",
            "prefix-of-nothing",
            "delimiter-and-prefix-of-one",
        ),
        answers("ListObjectsV2", "prefix-of-nothing", "delimiter-and-prefix-of-one"),
    ),
    "disowns-buckets": fails(answers("ListBuckets", "owner"), text="Owner"),
    "lists-no-buckets": fails(
        answers("ListBuckets", "lists-own", "several-in-order", "creation-date"), text="Buckets"
    ),
    "remembers-buckets": fails(
        answers("ListBuckets", "not-after-delete"),
        answers("DeleteBucket", "empty", "emptied"),
        answers("CreateBucket", "again-after-delete"),
    ),
    "begins-anew": fails(answers("GetObject", "null-version", "null-version-current")),
    "buries-objects": fails(answers("DeleteObject", "put-over-marker")),
    "deletes-for-good": fails(answers("DeleteObject", "keeps-versions")),
    "makes-markers-silently": fails(answers("DeleteObject", "makes-marker"), text="Marker"),
    "loses-versions": fails(
        answers("GetObject", "old-version", "null-version"),
        answers("HeadObject", "old-version"),
        answers("ListObjectVersions", "newest-first"),
        answers("DeleteObject", "removes-current"),
        answers("CopyObject", "of-a-version", "restores"),
    ),
    "hides-markers": fails(
        answers("DeleteObject", "marker-on-nothing", "suspended-removes-null"),
        answers("ListObjectVersions", "markers"),
    ),
    "says-no-markers": fails(
        answers("GetObject", "marker-told"), answers("HeadObject", "marker-told")
    ),
    "ignores-version-ids": fails(
        answers("GetObject", "old-version"),
        rejections("GetObject", "unknown-version", "delete-marker-by-version"),
        answers("HeadObject", "old-version"),
        rejections("HeadObject", "unknown-version"),
        answers("DeleteObject", "removes-*"),
    ),
    "says-no-versions": fails(
        answers("PutObject", "version-told"), answers("CopyObject", "version-told"), text="ersion"
    ),
    "says-versions-always": fails(answers("PutObject", "no-version-told"), text="ersion"),
    "suspends-nothing": fails(
        answers("PutObject", "suspended-*"),
        answers("DeleteObject", "suspended-removes-null"),
        answers("GetBucketVersioning", "never"),
        answers("PutBucketVersioning", "suspended"),
    ),
    "enables-nothing": fails(answers("PutBucketVersioning", "enabled", "enabled-again")),
    "lists-newest-only": fails(
        answers("ListObjectVersions", "newest-first", "markers", "pages", "key-*")
    ),
    "lists-old-for-new": fails(answers("ListObjectVersions", "without-versioning", "empty")),
}
