"""S3: what a reply must not say, since nothing was asked for that it could be about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3.checksums import MD5_OF_LETTER, OF_LETTER
from suites.s3.dsl import (
    LETTER,
    LETTER_BUCKET,
    S3Suite,
    answers,
    copy,
    get,
    head,
    put,
    request,
)
from suites.s3.multi_delete import delete_objects
from suites.s3.multipart import (
    MULTIPART,
    begin_upload,
    complete_upload,
    copy_part,
    list_parts,
    upload_part,
)
from suites.s3.versions import VERSIONING

# What no request and no bucket of these cases asks for: paying requesters, life cycles, archives,
# redirects, replication, keys of the customer's or of a key service, tags, object locks.
_ENCRYPTION = "x-amz-server-side-encryption"
_KEYS = (f"{_ENCRYPTION}-aws-kms-key-id", f"{_ENCRYPTION}-bucket-key-enabled")
_CUSTOMER = (f"{_ENCRYPTION}-customer-algorithm", f"{_ENCRYPTION}-customer-key-MD5")
_CONTEXT = (f"{_ENCRYPTION}-context",)
_ABORT = ("x-amz-abort-date", "x-amz-abort-rule-id")
_CHARGED = ("x-amz-request-charged",)
_VERSION = ("x-amz-version-id",)
_LOCK = "x-amz-object-lock"
_OBJECT = (
    *("x-amz-delete-marker", "x-amz-expiration", "x-amz-restore", "x-amz-missing-meta"),
    *("x-amz-website-redirect-location", "x-amz-replication-status", "x-amz-mp-parts-count"),
    *("x-amz-tagging-count", "x-amz-archive-status", f"{_LOCK}-mode"),
    *(f"{_LOCK}-retain-until-date", f"{_LOCK}-legal-hold", f"{_LOCK}-event-hold"),
    *(f"{_LOCK}-event-hold-duration-days", f"{_LOCK}-event-hold-duration-years"),
    *(*_KEYS, *_CUSTOMER, *_CHARGED, *_VERSION),
)
_CHECKSUMS = {
    **OF_LETTER,
    "SHA512": (
        "8HH/YRE896dRPnZMB7oM9fF3GrnQapsRZfYW7Y2kffNbY3I7N8vR478vHcKOap1koOGY6SxlagtsBa8mCfC0MA=="
    ),
    "MD5": MD5_OF_LETTER,
}
_LETTER_HEADERS = {
    **{
        f"x-amz-checksum-{kind.lower()}": {"optional": [value]}
        for kind, value in _CHECKSUMS.items()
    },
    "x-amz-checksum-type": {"optional": ["FULL_OBJECT"]},
}
_COMMON = {
    "Accept-Ranges": {"optional": ["bytes"]},
    _ENCRYPTION: {"optional": ["AES256"]},  # Amazon's default since 2023
    "x-amz-storage-class": {"optional": ["STANDARD"]},
}


def _unasked(step: Step, *names: str, **fields: Any) -> Step:
    """The step, whose reply must not have these headers, nor these fields other than so."""
    absent = {name: {"absent": True} for name in names}
    return step.with_headers({**absent, **_COMMON}).with_fields(fields)


def _checksum_fields(prefix: str) -> dict[str, Any]:
    """The checksums of a letter, if they are there."""
    return {f"{prefix}Checksum{kind}": {"optional": [value]} for kind, value in _CHECKSUMS.items()}


_TEXT = "The reply says nothing of what was not asked for, and a checksum only if it is right."
_PUT = ("x-amz-expiration", *_KEYS, *_CUSTOMER, *_CONTEXT, *_CHARGED, *_VERSION)
_PART = (*_KEYS, *_CUSTOMER, *_CHARGED, *_VERSION)
_RESTORE = ("RestoreStatus.IsRestoreInProgress", "RestoreStatus.RestoreExpiryDate")


def _listed(field: str) -> dict[str, Any]:
    """An entry of a letter: archives are not shown, and a checksum only where there is one."""
    return {
        **{f"{field}[0].{name}": {"absent": True} for name in _RESTORE},
        f"{field}[0].ChecksumType": {"optional": ["FULL_OBJECT"]},
        f"{field}[0].ChecksumAlgorithm[0]": {"optional": list(_CHECKSUMS)},
    }


_REPLIES = (
    *(
        answers(
            operation,
            "absent-parts",
            _TEXT,
            _unasked(step, *_OBJECT).with_headers(_LETTER_HEADERS),
            shared_bucket=LETTER_BUCKET,
        )
        for operation, step in (("GetObject", get()), ("HeadObject", head()))
    ),
    answers(
        "PutObject",
        "absent-parts",
        _TEXT,
        _unasked(put(), *_PUT).with_headers(
            {**_LETTER_HEADERS, "x-amz-object-size": {"optional": [len(LETTER)]}}
        ),
    ),
    answers(
        "CopyObject",
        "absent-parts",
        _TEXT,
        _unasked(
            copy(),
            *_PUT,
            **_checksum_fields("CopyObjectResult."),
            **{"CopyObjectResult.ChecksumType": {"optional": ["FULL_OBJECT"]}},
        ),
        setup=(put(),),
    ),
    answers(
        "CreateBucket",
        "absent-parts",
        _TEXT,
        _unasked(request("CreateBucket"), "x-amz-bucket-arn"),
        without_bucket=True,
    ),
    answers(
        "HeadBucket",
        "absent-parts",
        _TEXT,
        _unasked(
            request("HeadBucket"),
            *("x-amz-bucket-location-type", "x-amz-bucket-location-name"),
            *("x-amz-access-point-alias", "x-amz-bucket-arn"),
        ),
    ),
    answers(
        "DeleteObject",
        "absent-parts",
        _TEXT,
        _unasked(request("DeleteObject", Key="letter"), *_CHARGED, *_VERSION),
        setup=(put(),),
    ),
    answers(
        "DeleteObjects",
        "absent-parts",
        _TEXT,
        _unasked(delete_objects("letter"), *_CHARGED),
        setup=(put(),),
    ),
    answers(
        "PutObjectAcl",
        "absent-parts",
        _TEXT,
        _unasked(request("PutObjectAcl", Key="letter", ACL="private"), *_CHARGED),
        setup=(put(),),
        capabilities={"s3-acl"},
    ),
    answers(
        "GetObjectAcl",
        "absent-parts",
        _TEXT,
        _unasked(
            request("GetObjectAcl", Key="letter"),
            *_CHARGED,
            **{"Grants[0].Grantee.EmailAddress": {"absent": True}},
        ),
        shared_bucket=LETTER_BUCKET,
        capabilities={"s3-acl"},
    ),
    answers(
        "GetBucketAcl",
        "absent-parts",
        _TEXT,
        _unasked(request("GetBucketAcl"), **{"Grants[0].Grantee.EmailAddress": {"absent": True}}),
        capabilities={"s3-acl"},
    ),
    VERSIONING.answers(
        "GetBucketVersioning",
        "absent-parts",
        _TEXT,
        _unasked(request("GetBucketVersioning"), MFADelete={"optional": ["Disabled"]}),
    ),
)


def _listings() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjects", "ListObjectsV2"):
        yield answers(
            operation,
            "absent-parts",
            _TEXT,
            _unasked(request(operation), *_CHARGED, **_listed("Contents")),
            shared_bucket=LETTER_BUCKET,
        )
    yield VERSIONING.answers(
        "ListObjectVersions",
        "absent-parts",
        _TEXT,
        _unasked(request("ListObjectVersions"), *_CHARGED, **_listed("Versions")),
        shared_bucket=LETTER_BUCKET,
    )
    yield answers(
        "ListBuckets",
        "absent-parts",
        _TEXT,
        _unasked(
            request("ListBuckets"),
            ContinuationToken={"absent": True},
            Prefix={"absent": True},
            **{"Buckets[].BucketArn | [0]": {"absent": True}},
        ),
    )


_UPLOAD = (begin_upload(), upload_part(1, LETTER))  # an upload whose only part is the letter
_MULTIPART_REPLIES = (
    MULTIPART.answers(
        "CreateMultipartUpload",
        "absent-parts",
        _TEXT,
        _unasked(
            request("CreateMultipartUpload", Key="parts"),
            *(*_ABORT, *_KEYS, *_CUSTOMER, *_CONTEXT, *_CHARGED, *_VERSION),
        ),
    ),
    MULTIPART.answers(
        "UploadPart",
        "absent-parts",
        _TEXT,
        _unasked(upload_part(1, LETTER), *_PART).with_headers(
            {name: value for name, value in _LETTER_HEADERS.items() if "type" not in name}
        ),
        setup=(begin_upload(),),
    ),
    MULTIPART.answers(
        "UploadPartCopy",
        "absent-parts",
        _TEXT,
        _unasked(copy_part(), *_PART, **_checksum_fields("CopyPartResult.")),
        setup=(put(), begin_upload()),
    ),
    MULTIPART.answers(
        "ListParts",
        "absent-parts",
        _TEXT,
        _unasked(list_parts(), *_ABORT, *_CHARGED, *_VERSION, **_checksum_fields("Parts[0].")),
        setup=_UPLOAD,
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "absent-parts",
        _TEXT,
        _unasked(
            request("ListMultipartUploads"),
            *_CHARGED,
            **{"Uploads[0].VersionId": {"absent": True}},
        ),
        setup=_UPLOAD,
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "absent-parts",
        _TEXT,
        _unasked(complete_upload((1, "{one}")), "x-amz-expiration", *_KEYS, *_CHARGED, *_VERSION),
        setup=_UPLOAD,
    ),
    MULTIPART.answers(
        "AbortMultipartUpload",
        "absent-parts",
        _TEXT,
        _unasked(
            request("AbortMultipartUpload", Key="parts", UploadId="{upload}"),
            *_CHARGED,
            *_VERSION,
        ),
        setup=_UPLOAD,
    ),
)


class TestUnaskedParts(S3Suite):
    """Parts of replies that are about nothing in the request."""

    requirements = (*_REPLIES, *_listings(), *_MULTIPART_REPLIES)
