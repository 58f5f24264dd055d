"""S3: every value of a reply is of its type, so that the SDKs can read all of it.

Cases about what a reply says judge its other values whether or not an SDK can read all of them.
"""

from __future__ import annotations

from typing import Unpack

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER_BUCKET,
    SDKS,
    CaseOptions,
    Cases,
    S3Suite,
    copy,
    get,
    head,
    put,
    request,
)
from suites.s3.multipart import MULTIPART, begin_upload, upload_part
from suites.s3.versions import VERSIONING, VERSIONS_BUCKET

BOTO3 = ("boto3",)  # boto takes times as texts
_PLAIN = Cases()


def _readable(
    what: str,
    step: Step,
    cases: Cases = _PLAIN,
    **options: Unpack[CaseOptions],
) -> ProcedureRequirement:
    text = f"Every number and time in {what} is one, so that an SDK can read it."
    options = {"drivers": SDKS, "well_formed": True, **options}
    return cases.answers(step.request.operation, "readable-values", text, step, **options)


class TestReadableValues(S3Suite):
    """Replies with numbers and times."""

    requirements = (
        _readable("the list of buckets", request("ListBuckets"), drivers=BOTO3),
        _readable("a list of keys", request("ListObjects"), shared_bucket=LETTER_BUCKET),
        _readable(
            "a list of keys by version 2", request("ListObjectsV2"), shared_bucket=LETTER_BUCKET
        ),
        _readable("an object's headers", get(), drivers=BOTO3, shared_bucket=LETTER_BUCKET),
        _readable("the headers alone", head(), drivers=BOTO3, shared_bucket=LETTER_BUCKET),
        _readable("the reply to a copy", copy(), drivers=BOTO3, setup=(put(),)),
        _readable(
            "a list of versions",
            request("ListObjectVersions"),
            VERSIONING,
            shared_bucket=VERSIONS_BUCKET,
        ),
        _readable(
            "a list of uploads", request("ListMultipartUploads"), MULTIPART, setup=(begin_upload(),)
        ),
        _readable(
            "a list of parts",
            request("ListParts", Key="parts", UploadId="{upload}"),
            MULTIPART,
            setup=(begin_upload(), upload_part(1)),
        ),
    )
