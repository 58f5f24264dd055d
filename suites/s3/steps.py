"""Steps of S3 cases: requests, and what each of them must return."""

from __future__ import annotations

from typing import Any

from fixtures.model import S3Request, SharedBucket, Step
from suites.s3.error_codes import HTTP_STATUS

LETTER = "Dear cloud, keep this.\n"
LETTER_MD5 = "60e4da0ef987e7d822382b3cf56cfc56"
LETTER_ETAG = f'"{LETTER_MD5}"'


def request(operation: str, /, **arguments: Any) -> Step:
    """An operation on the case's bucket, unless `Bucket` names another one."""
    where = {} if operation == "ListBuckets" else {"Bucket": "{bucket}"}
    return Step(S3Request(operation, {**where, **arguments}))


def must_fail(step: Step, *codes: str) -> Step:
    """The step, which must fail with one of these codes and its HTTP status."""
    return step.fails_with({code: HTTP_STATUS[code] for code in codes})


def may_fail(step: Step, *codes: str) -> Step:
    """The step, which may succeed as it must, or fail with one of these codes."""
    return step.may_fail_with({code: HTTP_STATUS[code] for code in codes})


def put(key: str = "letter", body: str | bytes = LETTER, /, **arguments: Any) -> Step:
    """PutObject."""
    return request("PutObject", Key=key, Body=body, **arguments)


def get(key: str = "letter", /, **arguments: Any) -> Step:
    """GetObject."""
    return request("GetObject", Key=key, **arguments)


def head(key: str = "letter", /, **arguments: Any) -> Step:
    """HeadObject."""
    return request("HeadObject", Key=key, **arguments)


def delete(key: str = "letter", /, **arguments: Any) -> Step:
    """DeleteObject."""
    return request("DeleteObject", Key=key, **arguments)


def copy(key: str = "copy", source: str = "{bucket}/letter", /, **arguments: Any) -> Step:
    """CopyObject."""
    return request("CopyObject", Key=key, CopySource=source, **arguments)


def list_keys(*names: str, **arguments: Any) -> Step:
    """ListObjects, which must list exactly these keys, in this order."""
    listed = list(names) or {"absent": True}
    return request("ListObjects", **arguments).with_fields({"Contents[].Key": _exactly(listed)})


def _exactly(listed: Any) -> Any:
    # As a pattern, a list allows any of its members: the whole list has to be one.
    return [listed] if isinstance(listed, list) else listed


def create_bucket(bucket: str = "{bucket}", /, **arguments: Any) -> Step:
    """CreateBucket."""
    return request("CreateBucket", Bucket=bucket, **arguments)


def set_versioning(status: str = "Enabled") -> Step:
    """PutBucketVersioning."""
    return request("PutBucketVersioning", VersioningConfiguration={"Status": status})


def bucket_with(name: str, *steps: Step) -> SharedBucket:
    """A bucket that is filled once, by these steps, and only read afterwards."""
    return SharedBucket(name, steps)


LETTER_BUCKET = bucket_with(
    "letter", put("letter", ContentType="text/plain", Metadata={"colour": "blue"})
)
