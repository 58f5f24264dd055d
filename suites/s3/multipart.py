"""S3: multipart uploads, objects assembled from parts."""

from __future__ import annotations

import hashlib
from typing import Any

from fixtures.model import Step
from suites.s3.dsl import (
    ISO,
    LETTER,
    LETTER_ETAG,
    Cases,
    S3Suite,
    create_bucket,
    get,
    head,
    list_keys,
    must_fail,
    put,
    request,
)

MULTIPART = Cases(frozenset({"s3-multipart"}))
SMALLEST_PART = 5 * 2**20  # bytes that every part but the last has at least
FIRST, LAST = b"1" * SMALLEST_PART, b"the end"
UNKNOWN = "no-such-upload"


def whole_etag(*parts: bytes) -> str:
    """The ETag of an object of these parts: the MD5 of their MD5s, and their number."""
    digests = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
    return f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"'


def begin_upload(key: str = "parts", **arguments: Any) -> Step:
    """CreateMultipartUpload; saves the upload's id as `upload`."""
    return request("CreateMultipartUpload", Key=key, **arguments).save(upload="UploadId")


def upload_part(number: int, body: bytes | str = LAST, **arguments: Any) -> Step:
    """UploadPart; saves its ETag under the part's number in words (`one`)."""
    step = request(
        "UploadPart",
        **{"Key": "parts", "UploadId": "{upload}", "PartNumber": number, "Body": body, **arguments},
    )
    return step.save(**{NUMBERS.get(number, "other"): "ETag"})


NUMBERS = {1: "one", 2: "two", 3: "three"}


def complete_upload(*parts: tuple[int, str], **arguments: Any) -> Step:
    """CompleteMultipartUpload."""
    listed = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
    return request(
        "CompleteMultipartUpload",
        **{
            "Key": "parts",
            "UploadId": "{upload}",
            "MultipartUpload": {"Parts": listed},
            **arguments,
        },
    )


def abort_upload(**arguments: Any) -> Step:
    """AbortMultipartUpload."""
    return request("AbortMultipartUpload", **{"Key": "parts", "UploadId": "{upload}", **arguments})


def list_parts(**arguments: Any) -> Step:
    """ListParts."""
    return request("ListParts", **{"Key": "parts", "UploadId": "{upload}", **arguments})


ONE, TWO, THREE = (1, "{one}"), (2, "{two}"), (3, "{three}")


LIFE = (
    MULTIPART.answers(
        "CreateMultipartUpload",
        "answer",
        "A new upload has an id, and no object yet.",
        begin_upload().returns(Bucket="{bucket}", Key="parts", UploadId={"matches": r"\S+"}),
        verify=(list_keys(),),
    ),
    MULTIPART.answers(
        "UploadPart",
        "etag",
        "The ETag of a part is the MD5 of its data.",
        upload_part(1, LETTER).returns(ETag=LETTER_ETAG),
        setup=(begin_upload(),),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "one-part",
        "An upload of a single small part becomes an object.",
        complete_upload(ONE).returns(
            Bucket="{bucket}", Key="parts", ETag={"matches": '"[0-9a-f]{32}-1"'}
        ),
        setup=(begin_upload(), upload_part(1, LETTER)),
        verify=(get("parts").returns(LETTER), list_keys("parts")),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "two-parts",
        "Parts are joined in the order of their numbers.",
        complete_upload(ONE, TWO).returns(ETag=whole_etag(FIRST, LAST)),
        setup=(begin_upload(), upload_part(2, LAST), upload_part(1, FIRST)),
        verify=(get("parts").returns(FIRST + LAST, ContentLength=SMALLEST_PART + len(LAST)),),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "etag",
        "The ETag of an object of parts is the MD5 of the parts' MD5s and their number, and the "
        "same in the reply, with the object and in lists.",
        complete_upload(TWO).returns(ETag=whole_etag(LETTER.encode())),
        head("parts").returns(ETag=whole_etag(LETTER.encode())),
        request("ListObjects").with_fields({"Contents[0].ETag": whole_etag(LETTER.encode())}),
        setup=(begin_upload(), upload_part(2, LETTER)),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "some-of-the-parts",
        "The object has only the parts that the request lists.",
        complete_upload(ONE, THREE),
        setup=(
            begin_upload(),
            upload_part(1, FIRST),
            upload_part(2, "left out"),
            upload_part(3, "last"),
        ),
        verify=(get("parts", Range="bytes=-8").returns("1111last"),),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "metadata",
        "The object has the metadata and content type that its upload was created with.",
        complete_upload(ONE),
        setup=(begin_upload(Metadata={"colour": "blue"}, ContentType="text/plain"), upload_part(1)),
        verify=(
            head("parts").with_fields({"Metadata.colour": "blue", "ContentType": "text/plain"}),
        ),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "overwrites",
        "An existing object is replaced when the upload is completed, not earlier.",
        get("parts").returns("old"),
        complete_upload(ONE),
        get("parts").returns(LAST),
        setup=(put("parts", "old"), begin_upload(), upload_part(1)),
    ),
    MULTIPART.answers(
        "UploadPart",
        "again",
        "A part that is sent again replaces the earlier one.",
        upload_part(1, "second"),
        setup=(begin_upload(), upload_part(1, "first")),
        verify=(complete_upload(ONE), get("parts").returns("second")),
    ),
    MULTIPART.answers(
        "UploadPart",
        "highest-number",
        "A part can have the number 10,000.",
        upload_part(10_000),
        setup=(begin_upload(),),
        verify=(list_parts().with_fields({"Parts[].PartNumber": [[10_000]]}),),
    ),
    MULTIPART.answers(
        "AbortMultipartUpload",
        "gone",
        "An aborted upload is gone, with its parts.",
        abort_upload().with_status(204),
        setup=(begin_upload(), upload_part(1)),
        verify=(must_fail(list_parts(), "NoSuchUpload"), list_keys()),
    ),
    MULTIPART.answers(
        "AbortMultipartUpload",
        "keeps-the-object",
        "Aborting an upload leaves an existing object with its key.",
        abort_upload(),
        setup=(put("parts", "old"), begin_upload(), upload_part(1)),
        verify=(get("parts").returns("old"),),
    ),
    MULTIPART.answers(
        "CreateMultipartUpload",
        "twice",
        "Two uploads to the same key are independent.",
        begin_upload().save(second="UploadId"),
        request("ListMultipartUploads").with_fields({"Uploads[].Key": [["parts", "parts"]]}),
        setup=(begin_upload(),),
    ),
)

LISTS = (
    MULTIPART.answers(
        "ListParts",
        "parts",
        "The parts of an upload are listed in order, with size, ETag and date.",
        list_parts().with_fields(
            {
                "Parts[].[PartNumber, Size]": [[[1, 23], [2, 7]]],
                "Parts[0].ETag": LETTER_ETAG,
                "Parts[0].LastModified": ISO,
                "Bucket": "{bucket}",
                "Key": "parts",
                "UploadId": "{upload}",
                "IsTruncated": False,
            }
        ),
        setup=(begin_upload(), upload_part(2), upload_part(1, LETTER)),
    ),
    MULTIPART.answers(
        "ListParts",
        "none",
        "An upload without parts lists none.",
        list_parts().returns(Parts={"absent": True}, IsTruncated=False),
        setup=(begin_upload(),),
    ),
    MULTIPART.answers(
        "ListParts",
        "owner",
        "The list of parts names the initiator and the owner.",
        list_parts().with_fields(
            {"Initiator.ID": {"present": True}, "Owner.ID": {"present": True}}
        ),
        setup=(begin_upload(),),
    ),
    MULTIPART.answers(
        "ListParts",
        "pages",
        "A second page of parts continues where the first one ended.",
        list_parts(MaxParts=2)
        .with_fields({"Parts[].PartNumber": [[1, 2]], "IsTruncated": True, "MaxParts": 2})
        .save(marker="NextPartNumberMarker"),
        list_parts(PartNumberMarker=2).with_fields(
            {"Parts[].PartNumber": [[3]], "IsTruncated": False}
        ),
        setup=(begin_upload(), upload_part(1), upload_part(2), upload_part(3)),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "uploads",
        "Uploads in progress are listed.",
        request("ListMultipartUploads").with_fields(
            {
                "Uploads[].[Key, UploadId]": [[["parts", "{upload}"]]],
                "Uploads[0].Initiated": ISO,
                "Bucket": "{bucket}",
            }
        ),
        setup=(begin_upload(), upload_part(1)),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "in-order",
        "Uploads are listed in the order of their keys.",
        request("ListMultipartUploads").with_fields({"Uploads[].Key": [["a", "b", "c"]]}),
        setup=(begin_upload("c"), begin_upload("a"), begin_upload("b")),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "prefix",
        "A prefix selects the uploads to keys that begin with it.",
        request("ListMultipartUploads", Prefix="a/").with_fields({"Uploads[].Key": [["a/1"]]}),
        setup=(begin_upload("a/1"), begin_upload("b/1")),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "delimiter",
        "Uploads to keys with a delimiter are grouped by common prefix.",
        request("ListMultipartUploads", Delimiter="/").with_fields(
            {"Uploads[].Key": [["c"]], "CommonPrefixes[].Prefix": [["a/", "b/"]]}
        ),
        setup=(begin_upload("a/1"), begin_upload("b/1"), begin_upload("c")),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "pages",
        "A second page of uploads continues where the first one ended.",
        request("ListMultipartUploads", MaxUploads=1)
        .with_fields({"Uploads[].Key": [["a"]], "IsTruncated": True})
        .save(key="NextKeyMarker", id="NextUploadIdMarker"),
        request("ListMultipartUploads", KeyMarker="{key}", UploadIdMarker="{id}").with_fields(
            {"Uploads[].Key": [["b"]], "IsTruncated": False}
        ),
        setup=(begin_upload("a"), begin_upload("b")),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "not-when-complete",
        "A completed upload is no longer listed.",
        request("ListMultipartUploads").returns(Uploads={"absent": True}),
        setup=(begin_upload(), upload_part(1), complete_upload(ONE)),
    ),
)

SOURCE = put("letter", "0123456789")


def copy_part(number: int = 1, source: str = "{bucket}/letter", **arguments: Any) -> Step:
    """UploadPartCopy."""
    return request(
        "UploadPartCopy",
        **{"Key": "parts", "UploadId": "{upload}", "PartNumber": number, "CopySource": source},
        **arguments,
    ).save(**{NUMBERS.get(number, "other"): "CopyPartResult.ETag"})


COPIES = (
    MULTIPART.answers(
        "UploadPartCopy",
        "whole",
        "A part can be copied from an object.",
        copy_part().with_fields({"CopyPartResult.ETag": '"781e5e245d69b566979b86e28d23f2c7"'}),
        setup=(SOURCE, begin_upload()),
        verify=(complete_upload(ONE), get("parts").returns("0123456789")),
    ),
    MULTIPART.answers(
        "UploadPartCopy",
        "range",
        "A part can be copied from a range of an object.",
        copy_part(CopySourceRange="bytes=2-5"),
        setup=(SOURCE, begin_upload()),
        verify=(complete_upload(ONE), get("parts").returns("2345")),
    ),
    MULTIPART.answers(
        "UploadPartCopy",
        "last-modified",
        "The reply has the time of the copy.",
        copy_part().with_fields({"CopyPartResult.LastModified": ISO}),
        setup=(SOURCE, begin_upload()),
    ),
    MULTIPART.answers(
        "UploadPartCopy",
        "from-another-bucket",
        "A part can be copied from another bucket.",
        copy_part(source="{second}/far"),
        setup=(create_bucket("{second}"), put("far", "away", Bucket="{second}"), begin_upload()),
        verify=(complete_upload(ONE), get("parts").returns("away")),
    ),
)


class TestMultipart(S3Suite):
    """Uploads created, completed, aborted and listed."""

    requirements = (*LIFE, *LISTS, *COPIES)
