"""S3: requests of each operation beside which what another case sees has a meaning.

A store that refuses everything refuses what it must as well; one whose lists are always empty
leaves out what it must; and one that repeats an answer repeats right ones, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

from fixtures.model import ANONYMOUS, S3Control, Sender, Step
from suites.s3.steps import (
    LETTER,
    copy,
    create_bucket,
    delete,
    get,
    head,
    put,
    request,
    set_versioning,
)

_FOUND = "Buckets[?Name == '{bucket}'].Name"
_UPLOAD = {"Key": "parts", "UploadId": "{upload}"}
_BEGIN = request("CreateMultipartUpload", Key="parts").save(upload="UploadId")
_PART = request("UploadPart", **_UPLOAD, PartNumber=1, Body=LETTER).save(one="ETag")
_PARTS = {"Parts": [{"PartNumber": 1, "ETag": "{one}"}]}
_POLICY = request(
    "PutBucketPolicy",
    Policy=json.dumps(
        {
            "Version": "2008-10-17",
            "Statement": [
                {
                    "Sid": "one",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::{bucket}/*",
                }
            ],
        }
    ),
)

# Operation → the steps before its request in a new bucket, and the request.
_IN_BUCKET: Mapping[str, tuple[tuple[Step, ...], Step]] = {
    "AbortMultipartUpload": ((_BEGIN,), request("AbortMultipartUpload", **_UPLOAD)),
    "CompleteMultipartUpload": (
        (_BEGIN, _PART),
        request("CompleteMultipartUpload", **_UPLOAD, MultipartUpload=_PARTS),
    ),
    "CopyObject": ((put(),), copy()),
    "CreateMultipartUpload": ((), _BEGIN),
    "DeleteBucket": ((), request("DeleteBucket")),
    "DeleteBucketPolicy": ((_POLICY,), request("DeleteBucketPolicy")),
    "DeleteObject": ((put(),), delete()),
    "DeleteObjects": ((put(),), request("DeleteObjects", Delete={"Objects": [{"Key": "letter"}]})),
    "GetBucketAcl": ((), request("GetBucketAcl")),
    "GetBucketLocation": ((), request("GetBucketLocation")),
    "GetBucketPolicy": ((_POLICY,), request("GetBucketPolicy")),
    "GetBucketVersioning": ((), request("GetBucketVersioning")),
    "GetObject": ((put(),), get()),
    "GetObjectAcl": ((put(),), request("GetObjectAcl", Key="letter")),
    "HeadBucket": ((), request("HeadBucket")),
    "HeadObject": ((put(),), head()),
    "ListMultipartUploads": ((), request("ListMultipartUploads")),
    "ListObjectVersions": ((), request("ListObjectVersions")),
    "ListObjects": ((), request("ListObjects")),
    "ListObjectsV2": ((), request("ListObjectsV2")),
    "ListParts": ((_BEGIN,), request("ListParts", **_UPLOAD)),
    "PostObject": ((), request("PostObject", Fields={"key": "posted"}, File=LETTER)),
    "PutBucketAcl": ((), request("PutBucketAcl", ACL="private")),
    "PutBucketPolicy": ((), _POLICY),
    "PutBucketVersioning": ((), set_versioning()),
    "PutObject": ((), put()),
    "PutObjectAcl": ((put(),), request("PutObjectAcl", Key="letter", ACL="private")),
    "UploadPart": ((_BEGIN,), _PART),
    "UploadPartCopy": (
        (put(), _BEGIN),
        request("UploadPartCopy", **_UPLOAD, PartNumber=1, CopySource="{bucket}/letter"),
    ),
}
_CREATE = create_bucket()
_REQUESTS: Mapping[str, tuple[Step, ...]] = {
    **{name: (_CREATE, *setup, step) for name, (setup, step) in _IN_BUCKET.items()},
    "CreateBucket": (_CREATE,),
    "ListBuckets": (request("ListBuckets"),),
}
_ACL = frozenset({"s3-acl"})
# Whether an unsigned request may be answered at all.
_UNSIGNED = S3Control((_CREATE, put(ACL="public-read"), get().by(ANONYMOUS)), _ACL)

_BOTH = (_CREATE, put("a", "one"), put("b", "another"))
_OPEN_TO_ALL = {"Grants[?Grantee.URI].Permission": [["READ"]]}
_OPEN_TO_NONE: Mapping[str, Any] = {"Grants[?Grantee.URI].Permission": [[]]}
_STATUS = request("GetBucketVersioning")
_BUCKET_ACL, _OBJECT_ACL = request("GetBucketAcl"), request("GetObjectAcl", Key="letter")


def _grows(empty: Step, change: Step, field: str, entry: Any) -> tuple[Step, ...]:
    """Steps that find a list without a field before a change, and with one entry after it."""
    return (
        _CREATE,
        empty.with_fields({field: {"absent": True}}),
        change,
        empty.with_fields({field: [[entry]]}),
    )


# Operation → requests of it that must be answered differently.
_READINGS: Mapping[str, tuple[Step, ...]] = {
    "GetBucketAcl": (
        *(_CREATE, _BUCKET_ACL.with_fields(_OPEN_TO_NONE)),
        *(request("PutBucketAcl", ACL="public-read"), _BUCKET_ACL.with_fields(_OPEN_TO_ALL)),
    ),
    "GetBucketVersioning": (
        *(_CREATE, _STATUS.returns(Status={"absent": True})),
        *(set_versioning(), _STATUS.returns(Status="Enabled")),
    ),
    "GetObject": (*_BOTH, get("a").returns("one"), get("b").returns("another")),
    "GetObjectAcl": (
        *(_CREATE, put(), _OBJECT_ACL.with_fields(_OPEN_TO_NONE)),
        *(put(ACL="public-read"), _OBJECT_ACL.with_fields(_OPEN_TO_ALL)),
    ),
    "HeadObject": (*_BOTH, head("a").returns(ContentLength=3), head("b").returns(ContentLength=7)),
    "ListBuckets": (*(_CREATE, request("ListBuckets").with_fields({_FOUND: [["{bucket}"]]})),),
    "ListMultipartUploads": _grows(
        request("ListMultipartUploads"), _BEGIN, "Uploads[].Key", "parts"
    ),
    "ListObjectVersions": _grows(request("ListObjectVersions"), put(), "Versions[].Key", "letter"),
    "ListObjects": _grows(request("ListObjects"), put(), "Contents[].Key", "letter"),
    "ListObjectsV2": _grows(request("ListObjectsV2"), put(), "Contents[].Key", "letter"),
    "ListParts": (
        *(_CREATE, _BEGIN, request("ListParts", **_UPLOAD).returns(Parts={"absent": True})),
        *(_PART, request("ListParts", **_UPLOAD).with_fields({"Parts[].PartNumber": [[1]]})),
    ),
}
DISABLED = "disabled_user"
Controls: TypeAlias = Mapping[Sender, tuple[S3Control, ...]]


def controls(steps: Iterable[Step], allowed_after: tuple[Step, ...] = ()) -> Controls:
    """The controls of a case with these steps, for those that must fail: the same requests after
    the steps `allowed_after`, in a new bucket; without these, valid requests of the operation."""
    found = {}
    for step in steps:
        if step.expected.codes or step.expected.is_rejection:
            request = step.request
            found[request.sender] = (
                (S3Control((_CREATE, *allowed_after, Step(request))),)
                if allowed_after
                else _valid_requests(*request.sender)
            )
    return found


@cache
def _valid_requests(operation: str, user: str, signing: str) -> tuple[S3Control, ...]:
    """A valid request of an operation, in a bucket of the user's own. An unsigned one can be valid
    for few operations: another one unsigned, or the same signed. A disabled user has none: the
    same request of another user of the account is valid."""
    user = "me" if user == DISABLED else user
    if user == ANONYMOUS:
        return _UNSIGNED, *_valid_requests(operation, "me", "")
    *setup, step = (step.by(user) for step in _REQUESTS[operation])
    return (S3Control((*setup, step.signed_with(signing))),)


def readings(steps: Iterable[Step]) -> Mapping[Sender, S3Control]:
    """The controls of a case with these steps, for those that read: requests whose answers must
    differ, in a bucket of the user's own."""
    requests = (step.request for step in steps)
    return {
        request.sender: _differing_requests(request.operation, request.user)
        for request in requests
        if request.operation in _READINGS
    }


@cache
def _differing_requests(operation: str, user: str) -> S3Control:
    """Unsigned requests can be valid for few operations: they are sent by the user `me`."""
    user = "me" if user == ANONYMOUS else user
    needed = _ACL if operation.endswith("Acl") else frozenset[str]()
    return S3Control(tuple(step.by(user) for step in _READINGS[operation]), needed)
