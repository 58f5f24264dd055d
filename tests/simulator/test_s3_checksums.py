"""Checksums that headers and trailers announce: of every algorithm, missing, and contradicting."""

from __future__ import annotations

import base64

import pytest

from fixtures.simulator.bridge.s3.storage.integrity import ALGORITHMS, new_hash
from tests.support.s3_clients import RawClient, RawReply

pytestmark = pytest.mark.usefixtures("shared_bucket")

BUCKET = "things"
BODY = b"123456789"
CRC32, CRC32C = "y/Q5Jg==", "4waSgw=="


def checksum(algorithm: str, body: bytes = BODY) -> str:
    """The checksum of a body, in base 64."""
    digest = new_hash(algorithm)
    digest.update(body)
    return base64.b64encode(digest.digest()).decode()


def put_trailing(wire: RawClient, trailers: bytes, headers: dict[str, str]) -> RawReply:
    """A PUT of the body as an unsigned chunk, with trailers."""
    path = f"/{BUCKET}/trailed"
    announced = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(len(BODY)),
        **headers,
    }
    signed = wire.sign("PUT", path, headers=announced, trailing=True)
    body = b"9\r\n" + BODY + b"\r\n0\r\n" + trailers + b"\r\n"
    return wire.send("PUT", wire.url.path + path, body, signed)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(wire: RawClient, algorithm: str) -> None:
    """A checksum is checked in a header and in a trailer, and must have the algorithm's length."""
    name = f"x-amz-checksum-{algorithm.lower()}"
    named = {"x-amz-sdk-checksum-algorithm": algorithm}
    right, wrong = checksum(algorithm), checksum(algorithm, b"other")
    for value, code in ((right, b""), (wrong, b"BadDigest"), ("AAAA", b"InvalidRequest")):
        in_header = wire.send_signed("PUT", f"/{BUCKET}/summed", BODY, {name: value, **named})
        in_trailer = put_trailing(
            wire, f"{name}:{value}\r\n".encode(), {"x-amz-trailer": name, **named}
        )
        for answer in (in_header, in_trailer):
            assert answer.status == (400 if code else 200), answer.body
            assert code in answer.body


@pytest.mark.parametrize("algorithm", ["SHA512", "MD5", "XXHASH3", "XXHASH64", "XXHASH128"])
def test_uploads_in_parts(wire: RawClient, algorithm: str) -> None:
    """The checksum of an upload is that of its parts' checksums: these cannot be combined."""
    path, header = f"/{BUCKET}/parts-{algorithm}", {"x-amz-checksum-algorithm": algorithm}
    full = header | {"x-amz-checksum-type": "FULL_OBJECT"}
    assert wire.send_signed("POST", f"{path}?uploads", headers=full).status == 400
    begun = wire.send_signed("POST", f"{path}?uploads", headers=header)
    assert begun.headers["x-amz-checksum-type"] == "COMPOSITE"
    upload = begun.body.partition(b"<UploadId>")[2].partition(b"<")[0].decode()
    name = f"x-amz-checksum-{algorithm.lower()}"
    part = wire.send_signed(
        "PUT", f"{path}?partNumber=1&uploadId={upload}", BODY, {name: checksum(algorithm)}
    )
    assert part.headers[name] == checksum(algorithm)
    listed = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{part.headers['etag']}</ETag>"
        f"<Checksum{algorithm}>{checksum(algorithm)}</Checksum{algorithm}>"
        "</Part></CompleteMultipartUpload>"
    )
    done = wire.send_signed("POST", f"{path}?uploadId={upload}", listed.encode())
    whole = checksum(algorithm, base64.b64decode(checksum(algorithm)))
    assert f"<Checksum{algorithm}>{whole}-1</Checksum{algorithm}>".encode() in done.body
    shown = wire.send_signed("HEAD", path, headers={"x-amz-checksum-mode": "ENABLED"})
    assert shown.headers[name] == f"{whole}-1"


def test_checksum_of_a_completed_upload(wire: RawClient) -> None:
    """The checksum in the header of a completion is that of the object, not of the document."""
    path = f"/{BUCKET}/joined"
    begun = wire.send_signed(
        "POST", f"{path}?uploads", headers={"x-amz-checksum-algorithm": "CRC32"}
    )
    upload = begun.body.partition(b"<UploadId>")[2].partition(b"<")[0].decode()
    part = wire.send_signed("PUT", f"{path}?partNumber=1&uploadId={upload}", BODY)
    listed = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{part.headers['etag']}</ETag></Part></CompleteMultipartUpload>"
    ).encode()
    target = f"{path}?uploadId={upload}"
    wrong = wire.send_signed("POST", target, listed, {"x-amz-checksum-crc32": CRC32C})
    assert (wrong.status, b"BadDigest" in wrong.body) == (400, True)
    whole = checksum("CRC32", base64.b64decode(CRC32))
    right = wire.send_signed("POST", target, listed, {"x-amz-checksum-crc32": f"{whole}-1"})
    assert right.status == 200, right.body


@pytest.mark.parametrize(
    ("headers", "code", "text"),
    [
        ({"x-amz-sdk-checksum-algorithm": "CRC32"}, "InvalidRequest", "no corresponding"),
        (
            {"x-amz-sdk-checksum-algorithm": "SHA256", "x-amz-checksum-crc32": CRC32},
            "BadDigest",
            "The SHA256 you specified",
        ),
        (
            {"x-amz-sdk-checksum-algorithm": "MD4", "x-amz-checksum-crc32": CRC32},
            "InvalidRequest",
            "[CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]",
        ),
        (
            {"x-amz-checksum-crc32": CRC32, "x-amz-checksum-crc32c": CRC32C},
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header",
        ),
        ({"x-amz-checksum-crc16": CRC32}, "InvalidRequest", "unsupported"),
        ({"x-amz-trailer": "x-amz-checksum-crc32"}, "MalformedTrailerError", ""),
    ],
)
def test_headers_that_contradict(
    wire: RawClient, headers: dict[str, str], code: str, text: str
) -> None:
    """An algorithm needs its checksum, and there is one checksum; nothing is stored."""
    answer = wire.send_signed("PUT", f"/{BUCKET}/refused", BODY, headers)
    assert (answer.status, f"<Code>{code}</Code>" in answer.body.decode()) == (400, True)
    assert text in answer.body.decode()
    assert wire.send_signed("HEAD", f"/{BUCKET}/refused").status == 404


@pytest.mark.parametrize("name", ["crc32", "crc32c"])
def test_a_checksum_beside_a_trailer(wire: RawClient, name: str) -> None:
    """A header with a checksum and a trailer with one are two, even of the same algorithm."""
    headers = {"x-amz-trailer": "x-amz-checksum-crc32c", f"x-amz-checksum-{name}": CRC32}
    answer = put_trailing(wire, f"x-amz-checksum-crc32c:{CRC32C}\r\n".encode(), headers)
    assert (answer.status, b"Expecting a single x-amz-checksum- header" in answer.body) == (
        400,
        True,
    )


def test_an_algorithm_for_a_document(wire: RawClient) -> None:
    """What holds for objects holds for documents."""
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    headers = {"x-amz-sdk-checksum-algorithm": "CRC32"}
    answer = wire.send_signed("PUT", f"/{BUCKET}?versioning", body, headers)
    assert (answer.status, b"no corresponding" in answer.body) == (400, True)
