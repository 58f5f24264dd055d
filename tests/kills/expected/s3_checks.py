"""Which cases must notice the mutations of what S3 checks of a write."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import answers, rejections, signatures

_EACH_KIND = (
    *("checksum-crc*", "checksum-md5", "checksum-sha*"),
    "checksum-xxhash*",
)
WELL = "as if all were well"
CHECKS: Mapping[str, Expected] = {
    "compares-no-checksums": fails(
        rejections(
            "PutObject",
            "checksum-crc*-wrong",
            "checksum-sha*-wrong",
            "checksum-xxhash*-wrong",
            "checksum-md5-wrong",
            "checksum-wrong-md5-right",
            "checksum-too-short",
            "checksum-unknown-kind",
        ),
        rejections("UploadPart", "checksum-*-wrong"),
        signatures("PutObject", "chunks-unsigned-trailer-changed", "chunks-signed-trailer-wrong"),
        rejections("DeleteObjects", "checksum-wrong"),
        text=WELL,
    ),
    "ignores-odd-checksums": fails(
        rejections(
            "PutObject",
            "checksums-of-two-kinds",
            "checksum-of-another-kind",
            "checksum-missing",
            "checksum-no-base64",
            "checksum-empty",
        ),
        text=WELL,
    ),
    "takes-few-checksums": fails(answers("PutObject", *_EACH_KIND), text="refused with BadDigest"),
    "says-no-checksums": fails(answers("PutObject", *_EACH_KIND), text="Checksum"),
    "takes-empty-digests": fails(
        rejections("PutObject", "md5-empty", "md5-blank"),
        rejections("UploadPart", "md5-empty", "md5-blank"),
        text=WELL,
    ),
    "takes-odd-digests": fails(
        rejections("PutObject", "md5-*"),
        rejections("UploadPart", "md5-*"),
        rejections("DeleteObjects", "md5-*"),
        text="200",  # answered, with or without a document
    ),
    "stores-chunks": fails(
        answers("PutObject", "chunks-*"), answers("UploadPart", "chunks-*"), text="the data is"
    ),
    "keeps-aws-chunked": fails(answers("HeadObject", "chunks-*"), text="ContentEncoding is"),
    "loses-encodings-of-chunks": fails(
        answers(
            "HeadObject",
            "chunks-signed-encoding",
            "chunks-signed-trailer-encoding",
            "chunks-unsigned-trailer-encoding",
        ),
        text="ContentEncoding is",
    ),
    "takes-broken-chunks": fails(
        signatures(
            "PutObject",
            "chunks-longer",
            "chunks-shorter",
            "chunks-trailer-missing",
            "chunks-trailer-of-another-kind",
        ),
        text=WELL,
    ),
    "writes-on-no-condition": fails(
        rejections(
            "PutObject", "write-if-match-*", "write-if-none-match-taken", "if-none-match-any"
        ),
        text=WELL,
    ),
    "completes-on-no-condition": fails(
        rejections("CompleteMultipartUpload", "write-if-match-*", "write-if-none-match-taken"),
        text=WELL,
    ),
    "writes-on-every-condition": fails(
        answers("PutObject", "write-*"),
        answers("CompleteMultipartUpload", "write-*"),
        text="refused with PreconditionFailed",
    ),
    "wrong-etag-of-parts": fails(
        answers("CompleteMultipartUpload", "etag", "two-parts"), text="ETag is"
    ),
    "lists-whole-etags": fails(answers("CompleteMultipartUpload", "etag"), text="ETag is"),
}
