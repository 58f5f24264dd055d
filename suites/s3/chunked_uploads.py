"""S3: uploads whose body is `aws-chunked`, as SDKs send what they cannot read twice."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement, Step
from suites.s3.checksums import OF_LETTER
from suites.s3.dsl import LETTER, RAW, Cases, S3Suite, get, head, must_fail, put
from suites.s3.multipart import ONE, begin_upload, complete_upload, upload_part

CHUNKED = Cases(frozenset({"s3-checksums", "s3-v4"}), RAW)
SIGNED, SIGNED_TRAILER, TRAILER = "signed", "signed-trailer", "unsigned-trailer"
CRC32 = "x-amz-checksum-crc32"
LONG = "Dear cloud, please keep every one of these lines.\n" * 400  # three chunks
CHANGED = LONG.replace("keep", "lose")


def _crc32(content: str) -> str:
    return base64.b64encode(zlib.crc32(content.encode()).to_bytes(4, "big")).decode()


KINDS: Mapping[str, dict[str, str]] = {
    SIGNED: {"chunks": SIGNED},
    SIGNED_TRAILER: {"chunks": SIGNED_TRAILER, "trailer": f"{CRC32}:{_crc32(LONG)}"},
    TRAILER: {"chunks": TRAILER, "trailer": f"{CRC32}:{_crc32(LONG)}"},
}
WORDS = {
    SIGNED: "in signed chunks",
    SIGNED_TRAILER: "in signed chunks, with a signed checksum after them",
    TRAILER: "in unsigned chunks, with a checksum after them",
}


def _in_chunks(step: Step, **tampering: str) -> Step:
    return step.signed_with("v4").tampered_with(**tampering)


def _meant() -> Iterator[ProcedureRequirement]:
    for kind, how in KINDS.items():
        yield CHUNKED.answers(
            "PutObject",
            f"chunks-{kind}",
            f"An object that is sent {WORDS[kind]} is stored as it was meant, without the chunks.",
            _in_chunks(put("letter", LONG), **how),
            get().returns(LONG, ContentLength=len(LONG)),
        )
        yield CHUNKED.answers(
            "HeadObject",
            f"chunks-{kind}-no-encoding",
            f"aws-chunked is no Content-Encoding of an object that was sent {WORDS[kind]}.",
            head().returns(ContentEncoding={"absent": True}),
            setup=(_in_chunks(put("letter", LONG), **how),),
        )
        yield CHUNKED.answers(
            "HeadObject",
            f"chunks-{kind}-encoding",
            f"An object that was sent {WORDS[kind]} keeps its own Content-Encoding.",
            head().returns(ContentEncoding="x-rot13"),
            setup=(_in_chunks(put("letter", LONG, ContentEncoding="x-rot13"), **how),),
        )
        yield CHUNKED.answers(
            "UploadPart",
            f"chunks-{kind}",
            f"A part that is sent {WORDS[kind]} is stored as it was meant.",
            _in_chunks(upload_part(1, LONG), **how),
            setup=(begin_upload(),),
            verify=(complete_upload(ONE), get("parts").returns(LONG)),
            capabilities={"s3-multipart"},
        )
    yield CHUNKED.answers(
        "PutObject",
        "chunks-of-nothing",
        "An empty object can be sent in chunks: the last one alone.",
        _in_chunks(put("letter", ""), chunks=SIGNED),
        get().returns("", ContentLength=0),
    )


OTHER = f"x-amz-checksum-sha256:{OF_LETTER['SHA256']}"
# What must not be stored: the defect in words, what the client does wrong, codes.
BROKEN: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "signed-changed": (
        "whose chunks were changed after they were signed",
        {**KINDS[SIGNED], "late_body": CHANGED},
        ("SignatureDoesNotMatch",),
    ),
    "signed-trailer-changed": (
        "whose chunks were changed after they were signed, with a checksum of the change",
        {
            **KINDS[SIGNED_TRAILER],
            "trailer": f"{CRC32}:{_crc32(CHANGED)}",
            "late_body": CHANGED,
        },
        ("SignatureDoesNotMatch",),
    ),
    "unsigned-trailer-changed": (
        "whose unsigned chunks do not match the checksum after them",
        {**KINDS[TRAILER], "late_body": CHANGED},
        ("BadDigest",),
    ),
    "signed-trailer-wrong": (
        "in signed chunks that do not match the signed checksum after them",
        {**KINDS[SIGNED_TRAILER], "trailer": OTHER},
        ("BadDigest",),
    ),
    "trailer-missing": (
        "in chunks without the checksum that was announced",
        {"chunks": TRAILER, "headers": f"x-amz-trailer: {CRC32}"},
        ("MalformedTrailerError", "InvalidRequest", "IncompleteBody"),
    ),
    "trailer-of-another-kind": (
        "in chunks with a checksum of another kind after them than was announced",
        {**KINDS[TRAILER], "headers": "x-amz-trailer: x-amz-checksum-sha1"},
        ("MalformedTrailerError", "InvalidRequest"),
    ),
    "shorter": (
        "in chunks that contain less than was announced",
        {**KINDS[SIGNED], "headers": f"x-amz-decoded-content-length: {len(LONG) + 1}"},
        ("IncompleteBody",),
    ),
    "longer": (
        "in chunks that contain more than was announced",
        {**KINDS[SIGNED], "headers": f"x-amz-decoded-content-length: {len(LONG) - 1}"},
        ("IncompleteBody", "InvalidRequest"),
    ),
}


def _broken() -> Iterator[ProcedureRequirement]:
    for name, (what, tampering, codes) in BROKEN.items():
        yield CHUNKED.checks_signature(
            "PutObject",
            f"chunks-{name}",
            f"An object {what} is not stored: the old one stays.",
            must_fail(_in_chunks(put("letter", LONG), **tampering), *codes),
            setup=(put(),),
            verify=(get().returns(LETTER),),
        )


class TestChunkedUploads(S3Suite):
    """Bodies in chunks."""

    requirements = (*_meant(), *_broken())
