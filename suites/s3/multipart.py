"""S3: objects put together from parts."""

from __future__ import annotations

from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3 import (
    ISO,
    LETTER,
    LETTER_ETAG,
    Stories,
    ask,
    create,
    get,
    head,
    keys,
    put,
    refused,
    tells,
)

NEEDED = {"s3-multipart"}
SMALLEST = 5 * 2**20  # bytes that every part but the last has at least
FIRST, LAST = b"1" * SMALLEST, b"the end"
WHOLE_ETAG = {"matches": '"[0-9a-f]{32}-2"'}
UNKNOWN = "no-such-upload"


def begin(key: str = "parts", **arguments: Any) -> Step:
    """CreateMultipartUpload; the upload is known as `upload`."""
    return ask("CreateMultipartUpload", Key=key, **arguments).saving(upload="UploadId")


def part(number: int, body: bytes | str = LAST, **arguments: Any) -> Step:
    """UploadPart; its ETag is known as the number in words."""
    step = ask(
        "UploadPart",
        **{"Key": "parts", "UploadId": "{upload}", "PartNumber": number, "Body": body, **arguments},
    )
    return step.saving(**{NUMBERS.get(number, "other"): "ETag"})


NUMBERS = {1: "one", 2: "two", 3: "three"}


def complete(*parts: tuple[int, str], **arguments: Any) -> Step:
    """CompleteMultipartUpload."""
    listed = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
    return ask(
        "CompleteMultipartUpload",
        **{
            "Key": "parts",
            "UploadId": "{upload}",
            "MultipartUpload": {"Parts": listed},
            **arguments,
        },
    )


def abort(**arguments: Any) -> Step:
    """AbortMultipartUpload."""
    return ask("AbortMultipartUpload", **{"Key": "parts", "UploadId": "{upload}", **arguments})


def listed(**arguments: Any) -> Step:
    """ListParts."""
    return ask("ListParts", **{"Key": "parts", "UploadId": "{upload}", **arguments})


ONE, TWO, THREE = (1, "{one}"), (2, "{two}"), (3, "{three}")


def told(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    """A case for targets that have parts."""
    return tells(*arguments, capabilities=NEEDED, **overlay)


LIFE = (
    told(
        "CreateMultipartUpload",
        "answer",
        "An upload is begun, and has an id.",
        begin().gives(Bucket="{bucket}", Key="parts", UploadId={"matches": r"\S+"}),
        then=(keys(),),
    ),
    told(
        "UploadPart",
        "etag",
        "A part's ETag is the MD5 of its data.",
        part(1, LETTER).gives(ETag=LETTER_ETAG),
        given=(begin(),),
    ),
    told(
        "CompleteMultipartUpload",
        "one-part",
        "An upload of a single small part is an object.",
        complete(ONE).gives(Bucket="{bucket}", Key="parts", ETag={"matches": '"[0-9a-f]{32}-1"'}),
        given=(begin(), part(1, LETTER)),
        then=(get("parts").gives(LETTER), keys("parts")),
    ),
    told(
        "CompleteMultipartUpload",
        "two-parts",
        "Parts are put together in the order of their numbers.",
        complete(ONE, TWO).gives(ETag=WHOLE_ETAG),
        given=(begin(), part(2, LAST), part(1, FIRST)),
        then=(get("parts").gives(FIRST + LAST, ContentLength=SMALLEST + len(LAST)),),
    ),
    told(
        "CompleteMultipartUpload",
        "some-of-the-parts",
        "Only the parts that are named are in the object.",
        complete(ONE, THREE),
        given=(begin(), part(1, FIRST), part(2, "left out"), part(3, "last")),
        then=(get("parts", Range="bytes=-8").gives("1111last"),),
    ),
    told(
        "CompleteMultipartUpload",
        "metadata",
        "The object says of itself what was said when the upload began.",
        complete(ONE),
        given=(begin(Metadata={"colour": "blue"}, ContentType="text/plain"), part(1)),
        then=(head("parts").fields({"Metadata.colour": "blue", "ContentType": "text/plain"}),),
    ),
    told(
        "CompleteMultipartUpload",
        "overwrites",
        "The object that had the key is replaced, and not before the upload is complete.",
        get("parts").gives("old"),
        complete(ONE),
        get("parts").gives(LAST),
        given=(put("parts", "old"), begin(), part(1)),
    ),
    told(
        "UploadPart",
        "again",
        "A part that is sent again replaces the first.",
        part(1, "second"),
        given=(begin(), part(1, "first")),
        then=(complete(ONE), get("parts").gives("second")),
    ),
    told(
        "UploadPart",
        "highest-number",
        "Parts have numbers up to 10,000.",
        part(10_000),
        given=(begin(),),
        then=(listed().fields({"Parts[].PartNumber": [[10_000]]}),),
    ),
    told(
        "AbortMultipartUpload",
        "gone",
        "An upload that was aborted is gone, with its parts.",
        abort().status(204),
        given=(begin(), part(1)),
        then=(refused(listed(), "NoSuchUpload"), keys()),
    ),
    told(
        "AbortMultipartUpload",
        "keeps-the-object",
        "Aborting leaves the object that has the key.",
        abort(),
        given=(put("parts", "old"), begin(), part(1)),
        then=(get("parts").gives("old"),),
    ),
    told(
        "CreateMultipartUpload",
        "twice",
        "Two uploads to one key are two.",
        begin().saving(second="UploadId"),
        ask("ListMultipartUploads").fields({"Uploads[].Key": [["parts", "parts"]]}),
        given=(begin(),),
    ),
)

LISTS = (
    told(
        "ListParts",
        "parts",
        "The parts of an upload are listed in order, with size, ETag and date.",
        listed().fields(
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
        given=(begin(), part(2), part(1, LETTER)),
    ),
    told(
        "ListParts",
        "none",
        "An upload without parts has none.",
        listed().gives(Parts={"absent": True}, IsTruncated=False),
        given=(begin(),),
    ),
    told(
        "ListParts",
        "owner",
        "The list says who began the upload, and whose the object will be.",
        listed().fields({"Initiator.ID": {"present": True}, "Owner.ID": {"present": True}}),
        given=(begin(),),
    ),
    told(
        "ListParts",
        "pages",
        "A list of parts in pages goes on where it stopped.",
        listed(MaxParts=2)
        .fields({"Parts[].PartNumber": [[1, 2]], "IsTruncated": True, "MaxParts": 2})
        .saving(marker="NextPartNumberMarker"),
        listed(PartNumberMarker=2).fields({"Parts[].PartNumber": [[3]], "IsTruncated": False}),
        given=(begin(), part(1), part(2), part(3)),
    ),
    told(
        "ListMultipartUploads",
        "uploads",
        "Uploads that are going on are listed.",
        ask("ListMultipartUploads").fields(
            {
                "Uploads[].[Key, UploadId]": [[["parts", "{upload}"]]],
                "Uploads[0].Initiated": ISO,
                "Bucket": "{bucket}",
            }
        ),
        given=(begin(), part(1)),
    ),
    told(
        "ListMultipartUploads",
        "in-order",
        "Uploads are listed in the order of their keys.",
        ask("ListMultipartUploads").fields({"Uploads[].Key": [["a", "b", "c"]]}),
        given=(begin("c"), begin("a"), begin("b")),
    ),
    told(
        "ListMultipartUploads",
        "prefix",
        "A prefix leaves only uploads to keys that begin with it.",
        ask("ListMultipartUploads", Prefix="a/").fields({"Uploads[].Key": [["a/1"]]}),
        given=(begin("a/1"), begin("b/1")),
    ),
    told(
        "ListMultipartUploads",
        "delimiter",
        "A delimiter rolls up what is below it.",
        ask("ListMultipartUploads", Delimiter="/").fields(
            {"Uploads[].Key": [["c"]], "CommonPrefixes[].Prefix": [["a/", "b/"]]}
        ),
        given=(begin("a/1"), begin("b/1"), begin("c")),
    ),
    told(
        "ListMultipartUploads",
        "pages",
        "A list of uploads in pages goes on where it stopped.",
        ask("ListMultipartUploads", MaxUploads=1)
        .fields({"Uploads[].Key": [["a"]], "IsTruncated": True})
        .saving(key="NextKeyMarker", id="NextUploadIdMarker"),
        ask("ListMultipartUploads", KeyMarker="{key}", UploadIdMarker="{id}").fields(
            {"Uploads[].Key": [["b"]], "IsTruncated": False}
        ),
        given=(begin("a"), begin("b")),
    ),
    told(
        "ListMultipartUploads",
        "not-when-complete",
        "A complete upload is no longer listed.",
        ask("ListMultipartUploads").gives(Uploads={"absent": True}),
        given=(begin(), part(1), complete(ONE)),
    ),
)

SOURCE = put("letter", "0123456789")


def part_copy(number: int = 1, source: str = "{bucket}/letter", **arguments: Any) -> Step:
    """UploadPartCopy."""
    return ask(
        "UploadPartCopy",
        **{"Key": "parts", "UploadId": "{upload}", "PartNumber": number, "CopySource": source},
        **arguments,
    ).saving(**{NUMBERS.get(number, "other"): "CopyPartResult.ETag"})


COPIES = (
    told(
        "UploadPartCopy",
        "whole",
        "A part may be a copy of an object.",
        part_copy().fields({"CopyPartResult.ETag": '"781e5e245d69b566979b86e28d23f2c7"'}),
        given=(SOURCE, begin()),
        then=(complete(ONE), get("parts").gives("0123456789")),
    ),
    told(
        "UploadPartCopy",
        "range",
        "A part may be a copy of some bytes of an object.",
        part_copy(CopySourceRange="bytes=2-5"),
        given=(SOURCE, begin()),
        then=(complete(ONE), get("parts").gives("2345")),
    ),
    told(
        "UploadPartCopy",
        "last-modified",
        "The answer tells when the part was made.",
        part_copy().fields({"CopyPartResult.LastModified": ISO}),
        given=(SOURCE, begin()),
    ),
    told(
        "UploadPartCopy",
        "from-another-bucket",
        "A part may be copied from another bucket.",
        part_copy(source="{second}/far"),
        given=(create("{second}"), put("far", "away", Bucket="{second}"), begin()),
        then=(complete(ONE), get("parts").gives("away")),
    ),
)


class TestMultipart(Stories):
    """Parts sent, put together, listed."""

    told = (*LIFE, *LISTS, *COPIES)
