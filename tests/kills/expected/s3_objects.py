"""Which cases must notice the mutations of single S3 objects."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import answers, rejections

OBJECTS: Mapping[str, Expected] = {
    "wrong-etag": fails(
        answers("PutObject", "etag"),
        answers("GetObject", "headers"),
        answers("HeadObject", "headers"),
        answers("*Object", "if-match"),
        answers("UploadPart", "etag"),
        text="ETag",
    ),
    "changes-a-bit": fails(
        answers("GetObject", "documented-call"),
        answers("PutObject", "all-bytes", "a-mebibyte", "documented-call", "empty"),
        answers("CopyObject", "content", "empty"),
        text="the data is",
    ),
    "loses-metadata": fails(
        answers("GetObject", "metadata"),
        answers("HeadObject", "metadata"),
        answers("PutObject", "metadata-*", "overwrites-metadata"),
        answers("CopyObject", "directive-replace", "metadata-*"),
        answers("CompleteMultipartUpload", "metadata"),
        text="etadata",
    ),
    "forgets-content-types": fails(
        answers("GetObject", "content-header-Content-Type"),
        answers("HeadObject", "content-header-Content-Type"),
        answers("CopyObject", "content-header-Content-Type"),
        text="ontent",
    ),
    "forgets-content-headers": fails(
        *(
            answers(
                operation,
                *("content-header-Cache-Control", "content-header-Content-Disposition"),
                *("content-header-Content-Encoding", "content-header-Content-Language"),
                "content-header-Expires",
            )
            for operation in ("GetObject", "HeadObject", "CopyObject")
        ),
    ),
    "reads-stale-objects": fails(
        answers("GetObject", "after-overwrite-reads-new", "current-version"),
        answers("PutObject", "overwrites"),
        text="the data is",
    ),
    "never-replaces": fails(answers("PutObject", "overwrites", "overwrites-metadata")),
    "replaces-nothing-else": fails(answers("PutObject", "overwritten-is-private")),
    "mangles-keys": fails(
        answers(
            "PutObject",
            "folder",
            "key-a*",
            "key-b*",
            "key-c*",
            "key-d*",
            "key-e*",
            "key-h*",
            "key-l*",
            "key-n*",
            "key-o*",
            "key-p*",
            "key-q*",
            "key-t*",
            *("key-umlauts", "key-upper-and-digits"),
            "key-se*",
            "key-sl*",
            "key-sq*",
        ),
        answers("ListObjects", "prefix"),
    ),
    "takes-keys-for-parameters": fails(answers("PutObject", "key-subresource-name")),
    "lowers-keys": fails(answers("PutObject", "case-matters", "key-upper-and-digits")),
    "shortens-keys": fails(answers("PutObject", "key-long-*")),
    "range-off-by-one": fails(
        answers("GetObject", "range-first-byte"),
        answers(
            "*Object",
            "range-beginning",
            "range-middle",
            "range-open-end",
            "range-from-the-start",
            "range-suffix",
            "range-suffix-of-one",
        ),
        answers("HeadObject", "range-first-byte"),
    ),
    "ignores-ranges": fails(
        answers(
            "*Object",
            "range-first-byte",
            "range-middle",
            "range-last-byte",
            "range-whole",
            "range-end-too-far",
            "range-suffix-too-long",
        ),
        rejections(
            "GetObject",
            "range-at-the-end",
            "range-after-the-end",
            "range-of-nothing",
            "range-suffix-of-zero",
            "range-open",
        ),
    ),
    "insists-on-ranges": fails(answers("GetObject", "range-ignored-*"), text="InvalidRange"),
    "ignores-conditions": fails(
        rejections(
            "*Object",
            "if-match-other",
            "if-modified-since-now",
            "if-none-match",
            "if-none-match-*",
            "if-unmodified-since-long-ago",
            "if-unmodified-since-imf",
        ),
        rejections("GetObject", "range-on-condition-that-fails"),
        text="as if all were well",
    ),
    "meets-no-condition": fails(
        answers("*Object", "if-*"), answers("GetObject", "range-and-condition")
    ),
    "sends-again": fails(
        answers("GetObject", "not-modified-tells-etag"),
        rejections("*Object", "if-none-match", "if-modified-since-now"),
    ),
    "overrides-nothing": fails(answers("GetObject", "override-*", "link-v?-override")),
    "overrides-for-anybody": fails(
        rejections("GetObject", "override-*-anonymously"), text="as if all were well"
    ),
    "hides-headers": fails(answers("GetObject", "accept-ranges"), answers("*Object", "headers")),
    "numbers-no-requests": fails(
        answers("HeadObject", "request-id"), answers("HeadBucket", "request-id"), text="request"
    ),
    "has-no-date": fails(answers("HeadBucket", "date"), text="date"),
    "takes-any-digest": fails(
        rejections(
            "PutObject", "wrong-md5", "short-md5", "no-base64-md5", "checksum-right-md5-wrong"
        ),
        rejections("UploadPart", "wrong-md5"),
        text="as if all were well",
    ),
    "fears-digests": fails(answers("PutObject", "md5-right"), text="BadDigest"),
    "deletes-nothing": fails(
        answers("DeleteObject", "documented-call"),
        answers("ListObjects", "after-delete"),
        rejections("GetObject", "removed-key"),
        rejections("CopyObject", "removed-source"),
    ),
    "deletes-too-much": fails(answers("DeleteObject", "only-that-one")),
    "misses-what-is-deleted": fails(
        answers("DeleteObject", "nothing-there", "twice"), text="NoSuchKey"
    ),
    "folds-folders": fails(answers("PutObject", "folder")),
    "nests-nothing": fails(
        answers("PutObject", "below-an-object", "beside-its-folder"),
        answers("ListObjects", "prefix"),
    ),
}
