"""S3: a key is the same for every operation, whatever characters it has."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    LETTER_ETAG,
    RAW,
    S3Suite,
    answers,
    copy,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    rejects,
    request,
    set_versioning,
)
from suites.s3.multi_delete import delete_objects
from suites.s3.multipart import ONE, begin_upload, complete_upload, list_parts, upload_part
from suites.s3.post_forms import post_form
from suites.s3.values import KEYS, NOT_IN_XML

# Those of the catalogue that are laid over all operations; every key is put, read and deleted.
ODD_KEYS = (
    *("blank", "leading-blank", "trailing-blank", "plus", "percent", "percent-encoded"),
    *("percent-slash", "ampersand", "question-mark", "hash", "quotes", "angle-brackets"),
    *("backslash", "umlauts", "emoji", "combining", "composed", "dots-first", "double-slash"),
    *("slash-first", "slashes-last", "long-unicode", "newline", "control", "non-character"),
)
LINES = frozenset({"newline"})  # a form's field is one line
NEIGHBOUR = put("neighbour", "another")


def _spelt(name: str) -> str:
    """The key as a list has it that is percent-encoded if XML cannot represent the key."""
    return quote(KEYS[name]) if name in NOT_IN_XML else KEYS[name]


def _listing(name: str, operation: str, path: str) -> Step:
    """A list that must have the key alone."""
    encoding = {"EncodingType": "url"} if name in NOT_IN_XML else {}
    return request(operation, **encoding).with_fields({path: [[_spelt(name)]]})


def _copies(name: str) -> ProcedureRequirement:
    key = KEYS[name]
    other = key if name == "long-unicode" else f"{key}/copy"
    bucket = "{second}" if name == "long-unicode" else "{bucket}"
    return answers(
        "CopyObject",
        f"key-{name}",
        f"A key can be that of a copy and of its source ({name}).",
        copy(other, f"{{bucket}}/{key}", Bucket=bucket),
        head(other, Bucket=bucket).returns(ContentLength=len(LETTER), ETag=LETTER_ETAG),
        copy("letter", f"{bucket}/{other}"),
        get().returns(LETTER),
        setup=(put(key), request("CreateBucket", Bucket="{second}")),
        drivers=RAW,
    )


def _uploads(name: str) -> ProcedureRequirement:
    key = KEYS[name]
    echoed = {} if name in NOT_IN_XML else {"Key": key}
    return answers(
        "CompleteMultipartUpload",
        f"key-{name}",
        f"A key can be that of an upload, which is listed and completed with it ({name}).",
        begin_upload(key).with_fields(echoed),
        upload_part(1, LETTER, Key=key),
        _listing(name, "ListMultipartUploads", "Uploads[].Key"),
        list_parts(Key=key).with_fields({**echoed, "Parts[].PartNumber": [[1]]}),
        complete_upload(ONE, Key=key).with_fields(echoed),
        get(key).returns(LETTER),
        drivers=RAW,
        capabilities={"s3-multipart"},
    )


def _versions(name: str) -> ProcedureRequirement:
    key = KEYS[name]
    return answers(
        "ListObjectVersions",
        f"key-{name}",
        f"A key can be that of versions and delete markers, which are listed with it ({name}).",
        put(key, "first").save(version="VersionId"),
        _listing(name, "ListObjectsV2", "Contents[].Key"),
        delete(key),
        _listing(name, "ListObjectVersions", "Versions[].Key"),
        _listing(name, "ListObjectVersions", "DeleteMarkers[].Key"),
        get(key, VersionId="{version}").returns("first"),
        setup=(set_versioning(),),
        drivers=RAW,
        capabilities={"s3-versioning"},
    )


def _forms(name: str) -> ProcedureRequirement:
    key = KEYS[name]
    return answers(
        "PostObject",
        f"key-{name}",
        f"A key can be that of a form's file ({name}).",
        post_form({"key": key}).with_status(204),
        verify=(get(key).returns(LETTER), _listing(name, "ListObjects", "Contents[].Key")),
        drivers=RAW,
        capabilities={"s3-post"},
    )


def _deletions(name: str) -> ProcedureRequirement:
    key = KEYS[name]
    return answers(
        "DeleteObjects",
        f"key-{name}",
        f"A key can be among those that are deleted together, and no other is deleted ({name}).",
        delete_objects(key).with_fields({"Deleted[].Key": [[key]], "Errors": {"absent": True}}),
        setup=(put(key), NEIGHBOUR),
        verify=(list_keys("neighbour"),),
        drivers=("boto3", "raw"),
    )


def _odd_keys() -> Iterator[ProcedureRequirement]:
    for name in ODD_KEYS:
        yield _copies(name)
        yield _uploads(name)
        yield _versions(name)
        if name not in LINES:
            yield _forms(name)
        if name not in NOT_IN_XML:  # the request is XML
            yield _deletions(name)


TOO_LONG = {"ascii": "k" * 1025, "unicode": "ü" * 512 + "k"}  # 1,025 bytes


def _long_keys() -> Iterator[ProcedureRequirement]:
    for name, key in TOO_LONG.items():
        writes = {
            "CopyObject": (copy(key), frozenset[str]()),
            "CreateMultipartUpload": (begin_upload(key), frozenset({"s3-multipart"})),
            "PostObject": (post_form({"key": key}), frozenset({"s3-post"})),
        }
        for operation, (step, needed) in writes.items():
            yield rejects(
                operation,
                f"key-1025-bytes-{name}",
                f"A key of 1,025 bytes is refused ({name}).",
                must_fail(step, "KeyTooLongError", "InvalidArgument"),
                setup=(put(),),
                verify=(list_keys("letter"),),
                drivers=RAW,
                capabilities=needed,
            )


class TestKeyValues(S3Suite):
    """Keys over all operations."""

    requirements = (*_odd_keys(), *_long_keys())
