"""Which cases must notice what S3 wrongly refuses, or does not refuse."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import BASIC, answers, rejections, rights

REFUSALS: Mapping[str, Expected] = {
    "deletes-full-buckets": fails(
        rejections("DeleteBucket", "not-empty", "only-a-version"), text="as if all were well"
    ),
    "finds-every-bucket": fails(
        rejections("*", "missing-bucket*"), rejections("CopyObject", "missing-source-bucket")
    ),
    "finds-every-key": fails(
        rejections("*", "missing-key*"),
        rejections("GetObject", "removed-key"),
        rejections("CopyObject", "missing-key", "removed-source"),
        rights("GetObject", "missing-key-with-list"),
        rejections("UploadPartCopy", "missing-source"),
    ),
    "tells-keys-to-anybody": fails(
        rights("GetObject", "missing-key-without-list"), text="NoSuchKey"
    ),
    "finds-every-version": fails(rejections("*", "unknown-version")),
    "shows-markers": fails(
        rejections("GetObject", "delete-marker-by-version", "other-method"),
        text="as if all were well",
    ),
    "finds-every-upload": fails(rejections("*", "unknown-upload", "aborted-upload")),
    "finds-every-policy": fails(
        rejections("GetBucketPolicy", "none"), answers("DeleteBucketPolicy", "removed")
    ),
    "wants-policies": fails(
        answers("DeleteBucketPolicy", "nothing-there"), text="NoSuchBucketPolicy"
    ),
    "takes-any-name": fails(rejections("CreateBucket", "name-*"), text="as if all were well"),
    "takes-few-names": fails(
        answers("CreateBucket", "name-63-characters", "name-dash*", "name-digit-*", "name-dot*"),
        BASIC,
        text="InvalidBucketName",
    ),
    "gives-buckets-away": fails(
        rights("CreateBucket", "anothers-name"), text="as if all were well"
    ),
    "makes-buckets-anew": fails(answers("CreateBucket", "again-keeps-objects*")),
    "makes-no-buckets": fails(answers("CreateBucket", "location-header", "documented-call"), BASIC),
    "makes-buckets-for-anybody": fails(
        rights("CreateBucket", "anonymously"), text="as if all were well"
    ),
    "shows-others-buckets": fails(
        rights("ListBuckets", "not-others", "not-anonymously", "subdomain")
    ),
    "hides-buckets": fails(answers("HeadBucket", "found"), answers("DeleteBucket", "virtual-host")),
    "lies-elsewhere": fails(answers("GetBucketLocation", "default"), text="LocationConstraint"),
    "takes-any-document": fails(
        rejections("CreateBucket", "entity-bomb", "no-xml", "outside-entity", "un*"),
        rejections("DeleteObjects", "malformed-xml", "no-objects", "too-many"),
        rejections("PutBucketAcl", "malformed-xml"),
        rejections("PutBucketVersioning", "*"),
        rejections("CompleteMultipartUpload", "malformed-xml", "no-parts"),
    ),
    "takes-any-policy": fails(
        rejections("PutBucketPolicy", "malformed-*"), text="as if all were well"
    ),
    "takes-any-number": fails(
        rejections("ListObjects*", "max-keys-*", "unknown-encoding"),
        rejections("ListObjectsV2", "forged-token", "unknown-list-type"),
        rejections("UploadPart", "number-*"),
        rejections(
            "ListObjectVersions", "version-marker-without-key", "max-keys-*", "unknown-encoding"
        ),
        rejections("ListMultipartUploads", "max-uploads-*", "unknown-encoding"),
        rejections("ListParts", "max-parts-*", "part-number-marker-*"),
        rejections("CopyObject", "source-without-key", "unknown-directive"),
    ),
    "takes-any-key": fails(
        rejections("PutObject", "key-too-long", "key-too-long-in-bytes", "metadata-too-large"),
        text="as if all were well",
    ),
    "takes-any-part": fails(
        rejections(
            "CompleteMultipartUpload", "too-small", "missing-part", "wrong-etag", "wrong-order"
        )
    ),
    "needs-no-digest": fails(rejections("DeleteObjects", "without-md5", "wrong-md5")),
    "copies-without-rights": fails(
        rights("CopyObject", "policy-copy-without-read", "source-not-readable")
    ),
    "lets-strangers-settle": fails(
        rights("*", "policy-foreign"),
        rights("*Bucket*", "foreign"),
        rights("*Acl", "foreign"),
        rights("UploadPart", "foreign"),
        rights("*MultipartUpload", "foreign"),
        *(rights(row, "subdomain") for row in ("*Object*", "GetBucketLocation", "DeleteBucket")),
    ),
    "binds-owners-by-policies": fails(
        rights("PutBucketPolicy", "policy-owner-may-always-change"),
        answers("PutBucketPolicy", "replaced"),
        text="AccessDenied",
    ),
    "deletes-all-but-one": fails(
        answers("DeleteObjects", "several", "odd-keys", "versions", "makes-markers")
    ),
    "chatters": fails(answers("DeleteObjects", "quiet")),
    "deletes-quietly": fails(answers("DeleteObjects", "nothing-there", "several", "key-*")),
}
