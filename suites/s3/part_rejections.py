"""S3: uploads in parts that are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3 import (
    LETTER_ETAG,
    RAW,
    Stories,
    ask,
    either,
    get,
    refused,
    rejects,
    rights,
)
from suites.s3.multipart import (
    FIRST,
    LAST,
    NEEDED,
    ONE,
    SOURCE,
    TWO,
    UNKNOWN,
    abort,
    begin,
    complete,
    listed,
    part,
    part_copy,
)

OPERATIONS: Mapping[str, Step] = {
    "UploadPart": part(1, UploadId=UNKNOWN),
    "CompleteMultipartUpload": complete((1, LETTER_ETAG), UploadId=UNKNOWN),
    "AbortMultipartUpload": abort(UploadId=UNKNOWN),
    "ListParts": listed(UploadId=UNKNOWN),
}


def _refuses(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    return rejects(*arguments, capabilities=NEEDED, **overlay)


def _unknown() -> Iterator[ProcedureRequirement]:
    for operation, step in OPERATIONS.items():
        yield _refuses(
            operation,
            "unknown-upload",
            f"{operation} of an upload that there is not is refused.",
            refused(step, "NoSuchUpload"),
        )
    for operation, step in {
        "UploadPart": part(1),
        "CompleteMultipartUpload": complete(ONE),
    }.items():
        yield _refuses(
            operation,
            "aborted-upload",
            f"{operation} of an upload that was aborted is refused.",
            refused(step, "NoSuchUpload"),
            given=(begin(), part(1), abort()),
        )


REJECTIONS = (
    *_unknown(),
    _refuses(
        "CompleteMultipartUpload",
        "too-small",
        "A part that is not the last has 5 MiB at least.",
        refused(complete(ONE, TWO), "EntityTooSmall"),
        given=(begin(), part(1, "small"), part(2)),
    ),
    _refuses(
        "CompleteMultipartUpload",
        "wrong-order",
        "Parts are named in the order of their numbers.",
        refused(complete(TWO, ONE), "InvalidPartOrder"),
        given=(begin(), part(1), part(2, FIRST)),
    ),
    _refuses(
        "CompleteMultipartUpload",
        "wrong-etag",
        "A part with another ETag is not the one that was sent.",
        refused(complete((1, '"00000000000000000000000000000000"')), "InvalidPart"),
        given=(begin(), part(1)),
    ),
    _refuses(
        "CompleteMultipartUpload",
        "missing-part",
        "A part that was not sent cannot be in the object.",
        refused(complete(ONE, (7, "{one}")), "InvalidPart"),
        given=(begin(), part(1, FIRST)),
    ),
    _refuses(
        "CompleteMultipartUpload",
        "no-parts",
        "An object is not made of no parts.",
        refused(complete(), "MalformedXML", "InvalidRequest"),
        given=(begin(),),
        drivers=RAW,
    ),
    _refuses(
        "CompleteMultipartUpload",
        "malformed-xml",
        "What is no XML names no parts.",
        refused(complete(ONE).tampered(body="<CompleteMultipartUpload><Part>"), "MalformedXML"),
        given=(begin(), part(1)),
        drivers=RAW,
    ),
    _refuses(
        "CompleteMultipartUpload",
        "twice",
        "An upload that is complete stays so.",
        complete(ONE),
        either(complete(ONE), "NoSuchUpload"),
        given=(begin(), part(1)),
        then=(get("parts").gives(LAST),),
    ),
    _refuses(
        "UploadPart",
        "number-zero",
        "Parts are numbered from 1.",
        refused(part(0), "InvalidArgument"),
        given=(begin(),),
        drivers=("boto3", "raw"),
    ),
    _refuses(
        "UploadPart",
        "number-too-high",
        "Parts are numbered up to 10,000.",
        refused(part(10_001), "InvalidArgument"),
        given=(begin(),),
    ),
    _refuses(
        "UploadPart",
        "wrong-md5",
        "A part that does not fit its Content-MD5 is not kept.",
        refused(part(1, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
        given=(begin(),),
        then=(listed().gives(Parts={"absent": True}),),
        drivers=("boto3", "raw"),
    ),
    _refuses(
        "UploadPartCopy",
        "range-too-far",
        "Bytes that an object does not have cannot be copied.",
        refused(part_copy(CopySourceRange="bytes=5-20"), "InvalidArgument", "InvalidRange"),
        given=(SOURCE, begin()),
    ),
    _refuses(
        "UploadPartCopy",
        "missing-source",
        "What is not there is not copied.",
        refused(part_copy(), "NoSuchKey"),
        given=(begin(),),
    ),
    rights(
        "UploadPart",
        "foreign",
        "Another account sends no part of our upload.",
        refused(part(1).by("other"), "AccessDenied"),
        given=(begin(),),
        then=(listed().gives(Parts={"absent": True}),),
        capabilities=NEEDED,
    ),
    rights(
        "CreateMultipartUpload",
        "foreign",
        "Another account begins no upload to our bucket.",
        refused(begin().by("other"), "AccessDenied"),
        then=(ask("ListMultipartUploads").gives(Uploads={"absent": True}),),
        capabilities=NEEDED,
    ),
    rights(
        "AbortMultipartUpload",
        "foreign",
        "Another account aborts no upload of ours.",
        refused(abort().by("other"), "AccessDenied"),
        given=(begin(), part(1)),
        then=(listed().fields({"Parts[].PartNumber": [[1]]}),),
        capabilities=NEEDED,
    ),
)


class TestPartRejections(Stories):
    """Parts and uploads refused."""

    told = REJECTIONS
