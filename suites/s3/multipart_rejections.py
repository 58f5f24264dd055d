"""S3: requests of multipart uploads that are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import LETTER_ETAG, RAW, S3Suite, get, may_fail, must_fail, request
from suites.s3.multipart import (
    FIRST,
    LAST,
    MULTIPART,
    ONE,
    SOURCE,
    TWO,
    UNKNOWN,
    abort_upload,
    begin_upload,
    complete_upload,
    copy_part,
    list_parts,
    upload_part,
)

OPERATIONS: Mapping[str, Step] = {
    "UploadPart": upload_part(1, UploadId=UNKNOWN),
    "CompleteMultipartUpload": complete_upload((1, LETTER_ETAG), UploadId=UNKNOWN),
    "AbortMultipartUpload": abort_upload(UploadId=UNKNOWN),
    "ListParts": list_parts(UploadId=UNKNOWN),
}


def _unknown_uploads() -> Iterator[ProcedureRequirement]:
    for operation, step in OPERATIONS.items():
        yield MULTIPART.rejects(
            operation,
            "unknown-upload",
            f"{operation} of an upload that does not exist is refused.",
            must_fail(step, "NoSuchUpload"),
        )
    for operation, step in {
        "UploadPart": upload_part(1),
        "CompleteMultipartUpload": complete_upload(ONE),
    }.items():
        yield MULTIPART.rejects(
            operation,
            "aborted-upload",
            f"{operation} of an aborted upload is refused.",
            must_fail(step, "NoSuchUpload"),
            setup=(begin_upload(), upload_part(1), abort_upload()),
        )


REJECTIONS = (
    *_unknown_uploads(),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "too-small",
        "A part of less than 5 MiB that is not the last one is refused.",
        must_fail(complete_upload(ONE, TWO), "EntityTooSmall"),
        setup=(begin_upload(), upload_part(1, "small"), upload_part(2)),
    ),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "wrong-order",
        "A list of parts that is not in the order of their numbers is refused.",
        must_fail(complete_upload(TWO, ONE), "InvalidPartOrder"),
        setup=(begin_upload(), upload_part(1), upload_part(2, FIRST)),
    ),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "wrong-etag",
        "A part with another ETag than that of the upload is refused.",
        must_fail(complete_upload((1, '"00000000000000000000000000000000"')), "InvalidPart"),
        setup=(begin_upload(), upload_part(1)),
    ),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "missing-part",
        "A part that was never uploaded is refused.",
        must_fail(complete_upload(ONE, (7, "{one}")), "InvalidPart"),
        setup=(begin_upload(), upload_part(1, FIRST)),
    ),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "no-parts",
        "An empty list of parts is refused.",
        must_fail(complete_upload(), "MalformedXML", "InvalidRequest"),
        setup=(begin_upload(),),
        drivers=RAW,
    ),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "malformed-xml",
        "A body that is not well-formed XML is refused.",
        must_fail(
            complete_upload(ONE).tampered_with(body="<CompleteMultipartUpload><Part>"),
            "MalformedXML",
        ),
        setup=(begin_upload(), upload_part(1)),
        drivers=RAW,
    ),
    MULTIPART.rejects(
        "CompleteMultipartUpload",
        "twice",
        "Completing an upload twice leaves the object as it is.",
        complete_upload(ONE),
        may_fail(complete_upload(ONE), "NoSuchUpload"),
        setup=(begin_upload(), upload_part(1)),
        verify=(get("parts").returns(LAST),),
    ),
    MULTIPART.rejects(
        "UploadPart",
        "number-zero",
        "The part number 0 is refused.",
        must_fail(upload_part(0), "InvalidArgument"),
        setup=(begin_upload(),),
        drivers=("boto3", "raw"),
    ),
    MULTIPART.rejects(
        "UploadPart",
        "number-too-high",
        "A part number above 10,000 is refused.",
        must_fail(upload_part(10_001), "InvalidArgument"),
        setup=(begin_upload(),),
    ),
    MULTIPART.rejects(
        "UploadPart",
        "wrong-md5",
        "A part that does not match its Content-MD5 is not stored.",
        must_fail(upload_part(1, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
        setup=(begin_upload(),),
        verify=(list_parts().returns(Parts={"absent": True}),),
        drivers=("boto3", "raw"),
    ),
    MULTIPART.rejects(
        "UploadPartCopy",
        "range-too-far",
        "A range beyond the end of the source cannot be copied.",
        must_fail(copy_part(CopySourceRange="bytes=5-20"), "InvalidArgument", "InvalidRange"),
        setup=(SOURCE, begin_upload()),
    ),
    MULTIPART.rejects(
        "UploadPartCopy",
        "missing-source",
        "A part cannot be copied from a key that does not exist.",
        must_fail(copy_part(), "NoSuchKey"),
        setup=(begin_upload(),),
    ),
    MULTIPART.checks_access(
        "UploadPart",
        "foreign",
        "Another account cannot upload a part to the owner's bucket.",
        must_fail(upload_part(1).by("other"), "AccessDenied"),
        setup=(begin_upload(),),
        verify=(list_parts().returns(Parts={"absent": True}),),
    ),
    MULTIPART.checks_access(
        "CreateMultipartUpload",
        "foreign",
        "Another account cannot create an upload in the owner's bucket.",
        must_fail(begin_upload().by("other"), "AccessDenied"),
        verify=(request("ListMultipartUploads").returns(Uploads={"absent": True}),),
    ),
    MULTIPART.checks_access(
        "AbortMultipartUpload",
        "foreign",
        "Another account cannot abort the owner's upload.",
        must_fail(abort_upload().by("other"), "AccessDenied"),
        setup=(begin_upload(), upload_part(1)),
        verify=(list_parts().with_fields({"Parts[].PartNumber": [[1]]}),),
    ),
)


class TestMultipartRejections(S3Suite):
    """Parts and uploads refused."""

    requirements = REJECTIONS
